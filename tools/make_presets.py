#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes the preset templates as C: make_presets.py OUTPUT FILE...

A file is a template: slug, name, description, format, tags, perhaps instructions and schema, and
aliases, an object of further slugs under which it is there, each with the name it has there.
"""
import json
import sys
from pathlib import Path

FORMATS = ["markdown", "structured", "per_page_structured"]  # enum job_format
NEEDED = {"slug", "name", "description", "format", "tags"}


def quoted(text):
    if text is None:
        return "NULL"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    assert "\n" not in escaped and "?" * 2 not in escaped
    return f'"{escaped}"'


def compact(value):
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main(output, files):
    rows, seen = [], set()
    for file in sorted(files):
        preset = json.loads(Path(file).read_text())
        if not NEEDED <= set(preset) <= NEEDED | {"instructions", "schema", "aliases"}:
            sys.exit(f"{file}: has the members {sorted(preset)}")
        for slug, name in {preset["slug"]: preset["name"], **preset.get("aliases", {})}.items():
            if slug in seen:
                sys.exit(f"{file}: the slug {slug} stands twice")
            seen.add(slug)
            rows.append("    {" + ", ".join([
                quoted(slug), quoted(name), quoted(preset["description"]), str(FORMATS.index(preset["format"])),
                quoted(compact(preset["tags"])), quoted(compact(preset.get("schema"))),
                quoted(preset.get("instructions"))]) + "},\n")
    Path(output).write_text('#include "template/preset.h"\n\nconst struct preset presets[] = {\n' + "".join(rows) +
                            "};\nconst size_t preset_count = sizeof(presets) / sizeof(presets[0]);\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
