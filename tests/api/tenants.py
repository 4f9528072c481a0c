# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two tenants with something of everything, made from openapi.json alone: what the document describes
is there for test_tenancy.py to be tried across the border, also what is described later."""
import re
import uuid

from harness import OPENAPI, make_pdf

TENANT = {"organization_id", "team_id"}
EMPTY_SCHEMA = {"type": "object"}


def resolve(schema):
    while "$ref" in schema:
        schema = OPENAPI["components"]["schemas"][schema["$ref"].split("/")[-1]]
    return schema


def sample(schema, tag, name=""):
    """A value that fits the schema: required members alone, texts with the tenant's tag in them."""
    schema = resolve(schema)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return next(v for v in schema["enum"] if v is not None)
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            return sample(schema[key][0], tag, name)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next(k for k in kind if k != "null")
    if kind == "object":
        return {k: sample(v, tag, k) for k, v in schema.get("properties", {}).items()
                if k in schema.get("required", ())}
    if kind == "array":
        return [sample(schema.get("items", {}), tag, name)] * max(1, schema.get("minItems", 0))
    if kind == "boolean":
        return False
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if schema.get("format") in ("uri", "url") or name.endswith("url"):
        return f"https://example.org/{tag}"
    if schema.get("format") == "date-time" or name.endswith(("_at", "timestamp")):
        return "2026-01-01T00:00:00Z"
    if "pattern" in schema:
        assert schema["pattern"] == "^#[0-9A-Fa-f]{6}$", f"no sample for {schema['pattern']}"
        return "#102030"
    return f"{name}-{tag}"[:schema.get("maxLength", 100)]


def body_of(operation, tag):
    """A sample of the JSON body; None where there is none."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    body = sample(content["application/json"]["schema"], tag)
    if "file_name" in body:
        body["file_name"] = f"{tag}.pdf"
    return body


def own_params(path):
    """Names of the parameters that are no tenant."""
    return [n for n in re.findall(r"\{(\w+)\}", path) if n not in TENANT]


class Tenant:
    """A client with resources of its own; tag stands in everything that it made."""

    def __init__(self, client, organization_id, team_id, tag):
        self.client = client
        self.ids = {"organization_id": organization_id, "team_id": team_id}
        self.tag = tag
        self.made = {}
        document = make_pdf([f"Page of {tag}"])
        done = client.upload(document, file_name=f"{tag}.pdf", format="markdown")
        client.wait(done)
        self.jobs = {"done": done, "open": client.begin(1000, file_name=f"{tag}.pdf")["job_id"]}

    def collection(self, path):
        """The path whose POST makes what the last parameter of path names; None."""
        parent = path[:path.index("/{" + own_params(path)[-1] + "}")]
        return parent if "post" in OPENAPI["paths"].get(parent, {}) else None

    def make(self, path):
        """The id of something of mine that fits the path's own parameter."""
        name = own_params(path)[-1]
        if name == "job_id":
            return self.jobs["open" if path.endswith("/complete") else "done"]
        if name == "event_id":
            return self.make_event(path)
        parent = self.collection(path)
        if parent is None:
            return None
        if parent not in self.made:
            operation = OPENAPI["paths"][parent]["post"]
            answer = self.client.call("POST", self.fill(parent, self.ids),
                                      json=body_of(operation, self.tag))
            assert answer.status_code in (200, 201), (parent, answer.text)
            self.made[parent] = answer.json()
        made = self.made[parent]
        return made.get(name) or made["id"]

    def make_event(self, path):
        """What a webhook was sent, or is to be sent."""
        if "event" not in self.made:
            hook = path[:path.index("/events/")] + "/{id}"
            ids = {**self.ids, "id": self.make(hook)}
            answer = self.client.call("POST", self.fill(hook + "/test", ids))
            assert answer.status_code == 200, answer.text
            self.made["event"] = {"id": answer.json()["event_id"]}
        return self.made["event"]["id"]

    @staticmethod
    def fill(path, ids):
        return re.sub(r"\{(\w+)\}", lambda m: ids[m.group(1)], path)

    def everything(self):
        """Ids that nobody else may be told."""
        found = set(self.ids.values()) | set(self.jobs.values())
        for made in self.made.values():
            found.add(str(made.get("id") or made.get("external_id")))
        return found


def two_tenants(server):
    first = Tenant(server.client, *server.own_team(), f"tag{uuid.uuid4().hex[:12]}")
    second = Tenant(*server.other_team(), f"tag{uuid.uuid4().hex[:12]}")
    return first, second
