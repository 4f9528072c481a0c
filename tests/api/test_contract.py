# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public API's paths, methods and fields (contract.json: what its specification names) against the description of this
server. That the server keeps to its description is checked by every other test; test_zz_coverage sees to it that all was called.
"""
import json
import pathlib
import re

import pytest

from harness import OPENAPI

CONTRACT = json.loads((pathlib.Path(__file__).parent / "contract.json").read_text())
# Where published sources disagree, another status serves all of them.
OTHER_STATUS = {"DELETE /ocr/delete/{job_id}": "200"}


def shape(path):
    return re.sub(r"{\w+}", "{}", path)


PATHS = {shape(path): methods for path, methods in OPENAPI["paths"].items()}


def resolve(schema):
    while "$ref" in schema:
        schema = OPENAPI["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def types_of(schema):
    schema = resolve(schema)
    if "anyOf" in schema or "oneOf" in schema:
        return set().union(*(types_of(s) for s in schema.get("anyOf", schema.get("oneOf"))))
    if "const" in schema:
        return {{bool: "boolean", str: "string", int: "integer", type(None): "null"}[type(schema["const"])]}
    if "enum" in schema and "type" not in schema:
        return {"string"}
    kind = schema.get("type")
    return {"any"} if kind is None else {kind} if isinstance(kind, str) else set(kind)


def part(schema, name):
    """The schema of objects or arrays among the alternatives."""
    schema = resolve(schema)
    for one in [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]:
        one = resolve(one)
        if name in one:
            return one[name]
    return None


def compare(want, have, where):
    """Problems of the schema `have` with the contract's type `want`."""
    kinds = types_of(have)
    name = want.split("(")[0].strip()
    if "any" in kinds or name in ("any", ""):
        return []
    if name.startswith("["):
        if "array" not in kinds:
            return [f"{where}: an array is wanted, {kinds} described"]
        items = part(have, "items")
        return compare(name.strip("[]"), items, where + "[]") if items is not None else []
    if name in CONTRACT["schemas"]:
        fields = CONTRACT["schemas"][name]
        if "enum" in fields:
            return [] if "string" in kinds else [f"{where}: a word is wanted, {kinds} described"]
        if "object" not in kinds:
            return [f"{where}: an object is wanted, {kinds} described"]
        properties = part(have, "properties") or {}
        problems = []
        for field, kind in fields.items():
            if field not in properties:
                problems.append(f"{where}.{field} is missing")
            else:
                problems += compare(kind, properties[field], f"{where}.{field}")
        return problems
    fitting = {"number": {"number", "integer"}, "integer": {"integer"}, "string": {"string"}, "boolean": {"boolean"},
               "object": {"object"}}[name]
    return [] if kinds & fitting and not kinds - fitting - {"null"} else [f"{where}: {name} is wanted, {kinds} described"]


@pytest.mark.parametrize("operation", CONTRACT["operations"])
def test_operation_is_there_in_its_shape(operation):
    method, path = operation.split()
    described = PATHS.get(shape(path), {}).get(method.lower())
    assert described is not None, "not described"
    problems = []
    for status, want in CONTRACT["operations"][operation].items():
        status = OTHER_STATUS.get(operation, status)
        reply = described["responses"].get(status)
        if reply is None:
            problems.append(f"{status} is not described")
        elif want is not None:
            problems += compare(want, reply["content"]["application/json"]["schema"], status)
    assert problems == []
