#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes the bytes of a file as a C array: embed_file.py INPUT OUTPUT HEADER NAME [INPUT...].

Further files are appended to the first.

HEADER is the header that declares NAME[] and NAME_size, included so that both agree.
"""
import sys


def main():
    source, target, header, name = sys.argv[1:5]
    data = b""
    for path in [source, *sys.argv[5:]]:
        with open(path, "rb") as f:
            data += f.read()
    rows = [", ".join(str(b) for b in data[i:i + 16]) for i in range(0, len(data), 16)]
    with open(target, "w", encoding="ascii") as f:
        f.write(f'#include "{header}"\n\nconst uint8_t {name}[] = {{\n    ')
        f.write(",\n    ".join(rows))
        f.write(f"}};\nconst size_t {name}_size = sizeof({name});\n")


main()
