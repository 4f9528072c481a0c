#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Joins the files of src/api/openapi/ into one OpenAPI document: merge_openapi.py OUTPUT INPUT...

Objects are merged key by key; the same key with two values is an error that names it, so that each
path and schema has one home.
"""
import json
import sys
from pathlib import Path


def merge(target, source, where, name):
    for key, value in source.items():
        if key not in target:
            target[key] = value
        elif isinstance(value, dict) and isinstance(target[key], dict):
            merge(target[key], value, f"{where}/{key}", name)
        else:
            sys.exit(f"{name}: {where}/{key} is there already")


def merged(paths):
    document = {}
    # core.json first: it says what the document is.
    for path in sorted(map(Path, paths), key=lambda p: (p.name != "core.json", p.name)):
        merge(document, json.loads(path.read_text("utf-8")), "", path.name)
    return document


def main():
    output, *inputs = sys.argv[1:]
    Path(output).write_text(json.dumps(merged(inputs), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
