# SPDX-License-Identifier: AGPL-3.0-or-later
"""Templates: made, listed, changed, deleted; presets."""
import json

import pytest

from harness import expect_error

FULL = {"name": "Invoice, monthly", "format": "structured", "model": "pro-v2", "description": "For March",
        "instructions": "Totals only", "schema": {"type": "object", "properties": {"total": {"type": "number"}}},
        "tags": ["finance", "März"], "color": "#A0b1C2", "extract_bounding_boxes": True, "favorite": True,
        "enabled": False}


@pytest.fixture(scope="module")
def team(own_module_server):
    organization, team = own_module_server.own_team()
    return own_module_server.client, f"/organizations/{organization}/teams/{team}/templates"


def test_from_made_to_gone(team):
    client, path = team
    answer = client.call("POST", path, json=FULL)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert {k: made[k] for k in FULL} == FULL
    assert made["slug"] == "invoice-monthly" and not made["internal"] and not made["ephemeral"]
    assert made["usage_count"] == 0 and "last_used" not in made
    for where in (path, "/templates", "/api/v1/templates"):
        for name in (made["id"], made["slug"]):
            assert client.call("GET", f"{where}/{name}").json() == made
    changed = client.call("PUT", f"{path}/{made['id']}", json={
        "name": "Other", "format": "markdown", "schema": None, "tags": None, "color": "", "favorite": False}).json()
    assert changed["slug"] == made["slug"] and changed["name"] == "Other" and changed["format"] == "markdown"
    assert changed["model"] == "pro-v2" and changed["description"] == "For March" and changed["tags"] == []
    assert "schema" not in changed and "color" not in changed and not changed["favorite"]
    assert changed["checksum"] != made["checksum"] and changed["updated_at"] >= made["updated_at"]
    assert client.call("POST", f"{path}/{made['id']}/favorite").json()["favorite"]
    assert not client.call("POST", f"/templates/{made['slug']}/favorite").json()["favorite"]
    answer = client.call("DELETE", f"{path}/{made['id']}")
    assert answer.status_code == 204 and answer.content == b""
    for method in ("GET", "DELETE"):
        expect_error(client.call(method, f"{path}/{made['id']}"), 404, "NOT_FOUND")
    expect_error(client.call("PUT", f"{path}/{made['id']}", json=FULL), 404, "NOT_FOUND")
    expect_error(client.call("POST", f"{path}/{made['id']}/favorite"), 404, "NOT_FOUND")


def test_lists(team):
    client, path = team
    made = [client.call("POST", "/templates", json={
        "name": f"List {i}", "format": ["markdown", "structured"][i % 2], "model": "standard-v2",
        "favorite": i % 3 == 0}).json() for i in range(7)]
    seen, cursor = [], ""
    while cursor is not None:
        body = client.call("GET", f"{path}?search=LIST%20&limit=3&cursor={cursor}").json()
        seen += body["data"]
        cursor = body["next_cursor"]
        assert body["total_count"] == 7 and body["total_pages"] == 3 and body["has_more"] == (cursor is not None)
    assert seen == made[::-1]

    def found(query):
        return [t["slug"] for t in client.call("GET", f"{path}?search=list&limit=100&{query}").json()["data"]]

    assert found("format=markdown") == ["list-6", "list-4", "list-2", "list-0"]
    assert found("favorite=true") == ["list-6", "list-3", "list-0"]
    assert found("favorite=false&format=structured") == ["list-5", "list-1"]
    everything = client.call("GET", path + "?limit=100").json()
    presets = [t for t in everything["data"] if t["internal"]]
    assert {"invoice-extraction"} <= {t["slug"] for t in presets}
    stats = client.call("GET", path + "/stats").json()
    assert stats == client.call("GET", "/templates/stats").json()
    assert stats["total_templates"] == everything["total_count"] == len(everything["data"])
    assert stats["markdown_templates"] + stats["structured_templates"] == stats["total_templates"]
    assert stats["favorite_templates"] == 3 and stats["min_usage"] == 0


def test_presets(team):
    client, path = team
    preset = client.call("GET", f"{path}/invoice-extraction").json()
    assert preset["internal"] and preset["schema"] and preset["format"] == "structured"
    expect_error(client.call("PUT", f"{path}/{preset['id']}", json=FULL), 403, "FORBIDDEN")
    expect_error(client.call("DELETE", f"{path}/{preset['id']}"), 403, "FORBIDDEN")
    assert client.call("POST", f"{path}/{preset['id']}/favorite").json()["favorite"]
    assert not client.call("POST", f"{path}/{preset['id']}/favorite").json()["favorite"]


@pytest.mark.parametrize("change,words", [
    ({"name": None}, "'name'"), ({"name": ""}, "'name'"), ({"name": 5}, "'name'"),
    ({"name": "x" * 256}, "limit 255"), ({"format": None}, "'format'"), ({"format": "pdf"}, "per_page_structured"),
    ({"model": None}, "'model'"), ({"model": "m" * 101}, "limit 100"), ({"description": "d" * 1001}, "limit 1000"),
    ({"instructions": "i" * 2001}, "limit 2000"), ({"tags": "a"}, "'tags'"), ({"tags": [1]}, "tags[]"),
    ({"tags": ["t" * 51]}, "limit 50"), ({"tags": ["t"] * 21}, "limit 20"), ({"tags": [""]}, "empty"),
    ({"color": "red"}, "#RRGGBB"), ({"color": "#12345"}, "#RRGGBB"), ({"color": "#12345g"}, "#RRGGBB"),
    ({"favorite": "yes"}, "'favorite'"), ({"enabled": 1}, "'enabled'"),
    ({"extract_bounding_boxes": "no"}, "'extract_bounding_boxes'"), ({"schema": "text"}, "'schema'"),
    ({"schema": {"type": "object", "properties": {"a": {"type": "nonsense"}}}}, "/properties/a"),
    ({"schema": {"a": {"type": "string", "description": "d" * 70000}}}, "65536")])
def test_wrong_templates(team, change, words):
    client, path = team
    expect_error(client.call("POST", path, json={**FULL, **change}), 400, "VALIDATION_ERROR", words)


def test_no_json(team):
    client, path = team
    expect_error(client.call("POST", path, data="{", headers={"Content-Type": "application/json"}), 400, "BAD_REQUEST")
    expect_error(client.call("POST", path, json=[]), 400, "VALIDATION_ERROR", "object")
    expect_error(client.call("POST", path, data="x", headers={"Content-Type": "text/plain"}), 415, "VALIDATION_ERROR")
    for query in ("format=x", "favorite=maybe", "limit=0", "cursor=x", "search=" + "s" * 401):
        expect_error(client.call("GET", f"{path}?{query}"), 400, "VALIDATION_ERROR", query.split("=")[0])


def test_of_another_team(api, other, server):
    client, organization, team_id = other
    mine = api.call("POST", "/templates", json=FULL).json()
    theirs = f"/organizations/{organization}/teams/{team_id}/templates"
    assert mine["id"] not in json.dumps(client.call("GET", theirs + "?limit=100").json())
    for name in (mine["id"], mine["slug"]):
        unknown = client.call("GET", f"{theirs}/{'0' * len(name)}")
        answer = client.call("GET", f"{theirs}/{name}")
        assert (answer.status_code, answer.content) == (404, unknown.content)
        expect_error(client.call("PUT", f"/templates/{name}", json=FULL), 404, "NOT_FOUND")
        expect_error(client.call("DELETE", f"/templates/{name}"), 404, "NOT_FOUND")
    _, own_team = server.own_team()
    expect_error(client.call("GET", f"/templates?team_id={own_team}"), 404, "NOT_FOUND")
    assert client.call("GET", f"/templates?team_id={team_id}").status_code == 200
    # The same name in two teams is two templates with one slug.
    assert client.call("POST", "/templates", json={**FULL, "name": mine["name"]}).json()["slug"] == "invoice-monthly"
