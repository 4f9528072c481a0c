# SPDX-License-Identifier: AGPL-3.0-or-later
"""Idempotency-Key: the same request again makes no second job."""
import concurrent.futures
import uuid

import pytest

from harness import expect_error, make_pdf

PDF = make_pdf(["Once"])
DIRECT, URL = "/api/v1/ocr/uploads/direct", "/api/v1/ocr/uploads/url"


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def jobs(server):
    with server.database() as db:
        return db.execute("SELECT count(*) FROM job").fetchone()[0]


@pytest.mark.parametrize("path,body", [
    (DIRECT, {"file_name": "a.pdf", "file_size": 1000}), (DIRECT, {"file_name": "big.pdf", "file_size": 100_000_000}),
    (URL, {"url": "https://example.invalid/a.pdf"})])
def test_same_again(api, server, path, body):
    headers, before = key(), jobs(server)
    first = api.call("POST", path, json=body, headers=headers)
    again = api.call("POST", path, json=dict(reversed(body.items())), headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()  # upload URLs and times included
    assert "Idempotent-Replayed" not in first.headers and again.headers["Idempotent-Replayed"] == "true"
    assert jobs(server) == before + 1
    other = api.call("POST", path, json={**body, "file_name": "b.pdf"}, headers=headers)
    expect_error(other, 409, "CONFLICT", "Idempotency-Key")
    assert api.call("POST", path, json=body, headers=key()).json()["job_id"] != first.json()["job_id"]
    assert api.call("POST", path, json=body).json()["job_id"] != first.json()["job_id"]


def test_path_counts(api):
    headers = key()
    body = {"file_name": "a.pdf", "url": "https://example.invalid/a.pdf"}
    assert api.call("POST", DIRECT, json=body, headers=headers).status_code == 200
    expect_error(api.call("POST", URL, json=body, headers=headers), 409, "CONFLICT")


def test_form(api, server):
    headers, before = key(), jobs(server)
    def send(content):
        return api.call("POST", DIRECT, files={"file": ("a.pdf", content)}, headers=headers)
    first = send(PDF)
    assert first.status_code == 200
    again = send(PDF)
    assert again.json()["job_id"] == first.json()["job_id"] and again.headers["Idempotent-Replayed"] == "true"
    assert api.wait(first.json()["job_id"])["status"] == "completed"
    assert jobs(server) == before + 1
    organization, team = server.own_team()
    entries = api.call("GET", f"/organizations/{organization}/teams/{team}/audit?limit=100").json()["data"]
    assert [e["target"] for e in entries].count(first.json()["job_id"]) == 1 and None not in [e["target"] for e in entries], "a replay changes nothing"
    expect_error(send(PDF + b"%"), 409, "CONFLICT")
    assert not list((server.data / "tmp").iterdir())


def test_at_the_same_time(api, server):
    headers, before = key(), jobs(server)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: api.call("POST", DIRECT, json={"file_name": "a.pdf"}, headers=headers), range(16)))
    assert {a.status_code for a in answers} == {200} and len({a.json()["job_id"] for a in answers}) == 1
    assert jobs(server) == before + 1


def test_whose_key(api, other):
    headers, body = key(), {"file_name": "a.pdf"}
    mine = api.call("POST", DIRECT, json=body, headers=headers).json()
    theirs = other[0].call("POST", DIRECT, json=body, headers=headers).json()
    assert mine["job_id"] != theirs["job_id"]


def test_refused_requests_leave_nothing(server):
    poor, _, team = server.other_team(credits=1)
    headers = key()
    poor.call("POST", DIRECT, json={"file_name": "a.pdf"})
    body = {"file_name": "b.pdf"}
    expect_error(poor.call("POST", DIRECT, json=body, headers=headers), 402, "LESS_CREDITS")
    with server.database() as db:
        db.execute("UPDATE credit_account SET granted = granted + 5 WHERE team_id = ?", (team,))
    assert poor.call("POST", DIRECT, json=body, headers=headers).status_code == 200


def test_after_a_day_and_after_deletion(api, server):
    headers, body = key(), {"file_name": "a.pdf"}
    first = api.call("POST", DIRECT, json=body, headers=headers).json()
    assert api.call("DELETE", f"/ocr/delete/{first['job_id']}").status_code == 200
    expect_error(api.call("POST", DIRECT, json=body, headers=headers), 409, "CONFLICT", "deleted")
    with server.database() as db:
        db.execute("UPDATE idempotency SET created_ms = created_ms - 86400000")
    assert api.call("POST", DIRECT, json=body, headers=headers).json()["job_id"] != first["job_id"]


@pytest.mark.parametrize("value", ["", "x" * 256, "with space"])
def test_bad_keys(api, value):
    answer = api.call("POST", DIRECT, json={"file_name": "a.pdf"}, headers={"Idempotency-Key": value})
    expect_error(answer, 400, "VALIDATION_ERROR", "Idempotency-Key")
