# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may do what: keys, tenants, wrong keys."""
import time

import pytest

from harness import expect_error

NEED_A_KEY = [
    ("POST", "/ocr/uploads/direct"), ("POST", "/ocr/uploads/x/complete"), ("GET", "/ocr/status/x"),
    ("GET", "/ocr/result/x"), ("DELETE", "/ocr/delete/x"), ("DELETE", "/ocr/jobs/x"),
    ("DELETE", "/jobs/x"), ("DELETE", "/organizations/o/teams/t/jobs/x"), ("GET", "/ocr/models")]


@pytest.mark.parametrize("method,path", NEED_A_KEY)
def test_no_key(api, method, path):
    answer = api.call(method, "/api/v1" + path, key=False)
    expect_error(answer, 401, "AUTHENTICATION_ERROR", "X-API-Key")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", ["X-API-Key", "X-API-KEY", "x-api-key"])
def test_spellings(api, name):
    assert api.call("GET", "/ocr/models", key=False, headers={name: api.key}).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_bearer(api, scheme):
    answer = api.call("GET", "/ocr/models", key=False,
                      headers={"Authorization": f"{scheme} {api.key}"})
    assert answer.status_code == 200


def test_wrong_keys(own_server):
    """The twenty-first wrong key in a minute is told to wait; a right one passes all the time."""
    server = own_server()
    api = server.client
    key = api.key
    wrong = ["", "x", key[:-1], key + "x", key.upper(), key[:11] + "_" + "x" * 43, "lo_" + "0" * 52,
             "é" * 10, key[:20] + ("0" if key[20] != "0" else "1") + key[21:], "null"]
    texts = set()
    for i in range(20):
        answer = api.call("GET", "/ocr/models", key=False,
                          headers={"X-API-Key": wrong[i % len(wrong)].encode()})
        expect_error(answer, 401, "AUTHENTICATION_ERROR")
        texts.add(answer.text)
    assert len(texts) == 1, "a wrong key learns nothing about what is wrong with it"
    answer = api.call("GET", "/ocr/models", key=False, headers={"X-API-Key": wrong[3]})
    expect_error(answer, 429, "TOO_MANY_REQUESTS")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert api.call("GET", "/ocr/models").status_code == 200
    expect_error(api.call("GET", "/ocr/models", key=False), 401, "AUTHENTICATION_ERROR")


@pytest.mark.parametrize("value", ["Basic eDp5", "Bearer", "Bearer ", "Token x"])
def test_other_schemes(own_server, value):
    answer = own_server().client.call("GET", "/ocr/models", key=False,
                                      headers={"Authorization": value})
    expect_error(answer, 401, "AUTHENTICATION_ERROR")


def test_revoked_key_on_an_open_connection(own_server):
    server = own_server()
    client, _, _ = server.other_team()
    assert client.call("GET", "/ocr/models").status_code == 200
    with server.database() as db:
        db.execute("UPDATE api_key SET revoked_ms = 1 WHERE prefix = ?", (client.key[3:11],))
    db.close()
    time.sleep(1.1)
    expect_error(client.call("GET", "/ocr/models"), 401, "AUTHENTICATION_ERROR")
    assert server.client.call("GET", "/ocr/models").status_code == 200


def test_use_of_a_key_is_noted(own_server):
    server = own_server()
    server.client.call("GET", "/ocr/models")
    for _ in range(600):
        with server.database() as db:
            noted = db.execute("SELECT last_used_ms FROM api_key").fetchone()[0]
        db.close()
        if noted:
            break
        time.sleep(0.1)
    assert abs(noted / 1000 - time.time()) < 60


def test_another_team_sees_nothing(server, api, other, done_job, open_upload):
    """Its ids answer as unknown ones do, byte for byte."""
    stranger, organization, team = other
    unknown = "00000000-0000-7000-8000-000000000000"
    upload, parts = open_upload
    own_organization, own_team = server.own_team()
    for method, path, body in (
            ("GET", "/ocr/status/%s", None), ("GET", "/ocr/result/%s", None),
            ("GET", "/ocr/result/%s?page=1&limit=1", None),
            ("POST", "/ocr/uploads/%s/complete", {"parts": parts}),
            ("DELETE", "/ocr/delete/%s", None), ("DELETE", "/ocr/jobs/%s", None),
            ("DELETE", "/jobs/%s", None),
            ("DELETE", f"/organizations/{organization}/teams/{team}/jobs/%s", None),
            ("DELETE", f"/organizations/{own_organization}/teams/{own_team}/jobs/%s", None)):
        for job_id in (done_job, upload["job_id"]):
            theirs = stranger.call(method, path % job_id, json=body)
            nobodys = stranger.call(method, path % unknown, json=body)
            expect_error(theirs, 404, "NOT_FOUND")
            assert theirs.text.replace(job_id, unknown) == nobodys.text
    assert api.status(done_job)["status"] == "completed"
    assert api.complete(upload["job_id"], parts).status_code == 200


def test_path_of_another_team(server, api, other):
    """A key's own job, through the path of somebody else."""
    _, organization, team = other
    own_organization, own_team = server.own_team()
    job_id = api.begin(10)["job_id"]
    for o, t in ((organization, team), (own_organization, team), (organization, own_team),
                 ("x", "y"), ("%00", own_team)):
        answer = api.call("DELETE", f"/organizations/{o}/teams/{t}/jobs/{job_id}")
        expect_error(answer, 404, "NOT_FOUND")
    assert api.status(job_id)["status"] == "pending"


def test_no_secret_in_the_log(own_server, pdf):
    server = own_server("--log-level", "debug")
    job_id = server.client.upload(pdf)
    server.client.wait(job_id)
    signature = server.client.begin(10)["parts"][0]["upload_url"].split("X-Amz-Signature=")[1]
    server.client.call("GET", "/ocr/models", key=False, headers={"X-API-Key": server.key + "x"})
    assert server.stop() == 0
    log = "".join(line for line in server.output if " msg=" in line)
    assert "replied" in log, "the access log is there"
    for secret in (server.key, signature, (server.data / "secrets/presign").read_text().strip(),
                   "apples"):
        assert secret not in log
