#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes the migrations as a C table: embed_sql.py OUTPUT.c NNNN_name.sql ...

The numbers must be 0001, 0002, ... without gaps; comments are left out of the text. A line
"-- least: N" says that programs that know schema N, or a later one, may go on working on the new
one; without it only those that know the migration may.
"""
import pathlib
import re
import sys


def literal(text):
    lines = []
    for line in text.splitlines():
        line = re.sub(r"\s*--.*$", "", line).rstrip()
        if line:
            escaped = line.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'        "{escaped}\\n"')
    return "\n".join(lines)


def main():
    output, *names = sys.argv[1:]
    rows = []
    for wanted, path in enumerate(sorted(map(pathlib.Path, names), key=lambda p: p.name), start=1):
        match = re.fullmatch(r"(\d{4})_[a-z0-9_]+", path.stem)
        if match is None or int(match.group(1)) != wanted:
            sys.exit(f"{path.name}: expected a migration named {wanted:04}_name.sql")
        text = path.read_text("utf-8")
        least = re.search(r"^-- least: (\d+)$", text, re.M)
        least = int(least.group(1)) if least else wanted
        if not 1 <= least <= wanted:
            sys.exit(f"{path.name}: least: {least} is not from 1 to {wanted}")
        rows.append(f'    {{{wanted}, {least}, "{path.stem}",\n{literal(text)}}},\n')
    pathlib.Path(output).write_text(
        "/* Made by tools/embed_sql.py. */\n"
        '#include "db/db_internal.h"\n\n'
        "const struct db_migration db_migrations[] = {\n" + "".join(rows) + "};\n"
        f"const size_t db_migration_count = {len(rows)};\n", "utf-8")


main()
