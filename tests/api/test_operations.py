# SPDX-License-Identifier: AGPL-3.0-or-later
"""What operators and front ends look at: probes, metrics, limits, origins, logs, audit, settings."""
import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from harness import expect_error, make_pdf
from receiver import Answer, Receiver, until


def metrics(server):
    """name{labels} -> value, after a look at the form."""
    token = (server.data / "secrets/metrics").read_text().strip()
    answer = server.client.call("GET", "/metrics", key=False,
                                headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200 and "version=0.0.4" in answer.headers["Content-Type"]
    found, typed = {}, set()
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        if line.startswith("#"):
            continue
        name, value = line.rsplit(" ", 1)
        assert re.fullmatch(r'leapocr_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})?', name), name
        assert re.sub(r"_(bucket|sum|count)$", "", name.split("{")[0]) in typed or (
            name.split("{")[0] in typed), name
        assert name not in found, name
        found[name] = float(value)
    return found


def test_probes(api):
    assert api.call("GET", "/livez", key=False).json() == {"status": "ok"}
    ready = api.call("GET", "/api/v1/readyz", key=False)
    assert ready.json() == {"status": "ok", "database": True, "storage": True, "readers": True}
    until(lambda: api.call("GET", "/health", key=False).json()["checks"]["readers"]["status"] == "healthy", 60)
    assert set(api.call("GET", "/health", key=False).json()["checks"]) == {"database", "storage", "readers", "outside"}


def test_without_a_reader_nothing_is_ready(own_server, tmp_path):
    """Readers that end and cannot be started again: probes name the part, and hear of it when they are back."""
    places = [Path(p) for p in ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tessdata") if Path(p, "eng.traineddata").exists()]
    models = tmp_path / "models"
    models.mkdir()
    for name in ("eng", "osd"):
        shutil.copy(places[0] / f"{name}.traineddata", models)
    server = own_server("--models", str(models), "--languages", "eng", "--readers", "1")
    assert server.client.call("GET", "/readyz", key=False).status_code == 200
    until(lambda: metrics(server)['leapocr_readers{state="ready"}'] == 1, 60)
    models.rename(tmp_path / "gone")
    for pid, line in server.pids().items():
        if line.split()[1:2] == ["reader"]:
            os.kill(pid, signal.SIGKILL)
    until(lambda: server.client.call("GET", "/readyz", key=False).status_code == 503, 60)
    assert server.client.call("GET", "/readyz", key=False).json() == {"status": "unavailable", "database": True, "storage": True, "readers": False}
    health = server.client.call("GET", "/health", key=False)
    assert health.status_code == 503 and health.json()["checks"]["readers"]["status"] == "down"
    assert metrics(server)['leapocr_readers{state="missing"}'] == 1
    (tmp_path / "gone").rename(models)
    until(lambda: server.client.call("GET", "/readyz", key=False).status_code == 200, 60)


def test_metrics_tell_what_happened(own_server):
    server = own_server()
    before = metrics(server)
    job = server.client.upload(make_pdf(["one", "two"]), format="markdown")
    assert server.client.wait(job)["status"] == "completed"
    after = until(lambda: (seen := metrics(server)).get('leapocr_stage_seconds_count{stage="batch"}', 0) >= 1 and seen)  # it is counted last

    def grown(name):
        return after.get(name, 0) - before.get(name, 0)

    assert grown('leapocr_pages_total{kind="read",engine="layer"}') == 2
    assert grown('leapocr_stage_seconds_count{stage="probe"}') == 1
    assert grown('leapocr_stage_seconds_count{stage="page_cpu"}') == 2
    assert grown('leapocr_stage_seconds_count{stage="batch"}') >= 1
    assert grown('leapocr_credits{account="consumed"}') == 2
    assert grown('leapocr_http_requests_total{method="POST",route="/ocr/uploads/{job_id}/complete"'
                 ',body="1",status="200"}') == 1
    assert after['leapocr_queue_tasks{state="waiting"}'] == 0
    assert after['leapocr_webhook_deliveries{state="waiting"}'] == 0
    assert after['leapocr_webhook_oldest_seconds'] == 0
    memory = {re.search('role="([^"]*)"', n)[1]: v for n, v in after.items()
              if n.startswith("leapocr_process_resident_bytes")}
    assert {"serve", "role-api", "role-runner", "reader"} <= set(memory)
    assert all(v > 100000 for v in memory.values())


def test_metrics_tell_of_what_goes_out(own_server):
    server = own_server("--allow-private-urls", "127.0.0.0/8")
    with Receiver() as origin:
        origin.answer = lambda request: Answer(body=make_pdf(["one"]) if request.path == "/a.pdf" else b"",
                                               status=404 if request.path == "/none" else 200)
        ends = []
        for path in ("a.pdf", "none"):
            job = server.client.call("POST", "/ocr/uploads/url", json={"url": f"{origin.url}/{path}"}).json()["job_id"]
            ends.append(server.client.wait(job)["status"])
        assert ends == ["completed", "failed"]
        seen = until(lambda: (seen := metrics(server))['leapocr_stage_seconds_count{stage="url_fetch"}'] == 2 and seen)  # counted after its end
    assert seen['leapocr_url_fetches_total{end="done"}'] == 1 and seen['leapocr_url_fetches_total{end="failed"}'] == 1
    assert seen['leapocr_url_fetches{state="waiting"}'] == seen['leapocr_url_fetches{state="running"}'] == 0
    assert seen['leapocr_url_fetch_oldest_seconds'] == 0 and seen['leapocr_stage_seconds_count{stage="url_fetch"}'] == 2
    assert seen['leapocr_webhook_attempts_total{end="done"}'] == 0
    assert seen['leapocr_readers{state="ready"}'] >= 1


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}])
def test_metrics_are_not_for_everybody(own_server, header):
    server = own_server()
    expect_error(server.client.call("GET", "/metrics", key=False, headers=header), 401,
                 "AUTHENTICATION_ERROR")
    key = {"Authorization": f"Bearer {server.key}"}
    expect_error(server.client.call("GET", "/metrics", key=False, headers=key), 401,
                 "AUTHENTICATION_ERROR")


def test_rates(own_server):
    server = own_server("--key-requests", "60", "--team-requests", "6000")
    begun, answers = time.monotonic(), []
    while not answers or answers[-1].status_code == 200 and len(answers) < 200:
        answers.append(server.client.call("GET", "/ocr/models"))
    assert 10 <= len(answers) - 1 <= 10 + time.monotonic() - begun, "ten at once, then one a second"
    first, refused = answers[0], answers[-1]
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("10", "9")
    assert first.headers["RateLimit-Policy"] == "60;w=60"
    expect_error(refused, 429, "TOO_MANY_REQUESTS", "limit 60 a minute")
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["RateLimit-Remaining"] == "0"
    time.sleep(1.1)
    assert server.client.call("GET", "/ocr/models").status_code == 200
    assert server.client.call("GET", "/health").status_code == 200, "probes have no key to count by"


def test_a_team_has_limits_of_its_own(own_server, pdf):
    server = own_server()
    client, _, team = server.other_team()
    with server.database() as db:
        db.execute("INSERT INTO team_limit (team_id, requests_per_minute, jobs_max, bytes_max,"
                   " pages_max) VALUES (?, 0, 2, 5000, 2)", (team,))
    db.close()
    job = client.upload(pdf, format="markdown")
    status = client.wait(job)
    assert status["status"] == "failed" and "limit is 2" in status["error_message"]
    client.begin(1000), client.begin(1000)
    again = client.call("POST", "/ocr/uploads/direct", json={"file_name": "a", "file_size": 1})
    expect_error(again, 429, "TOO_MANY_REQUESTS", "2 jobs")
    assert int(again.headers["Retry-After"]) >= 1


def test_bytes_in_work(own_server):
    server = own_server("--team-bytes-max", "3000", "--team-jobs-max", "10")
    server.client.begin(2000)
    expect_error(server.client.call("POST", "/ocr/uploads/direct", json={
        "file_name": "a", "file_size": 1001}), 429, "TOO_MANY_REQUESTS", "limit of 3000")
    server.client.begin(1000)


@pytest.mark.parametrize("flag,origin,allowed", [
    ("https://a.example,https://b.example", "https://b.example", "https://b.example"),
    ("https://a.example", "https://evil.example", None), ("none", "https://a.example", None)])
def test_origins(own_server, flag, origin, allowed):
    client = own_server("--cors-origins", flag).client
    for method in ("GET", "OPTIONS"):
        answer = client.call(method, "/ocr/models", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert ("Vary" in answer.headers) == (flag != "none")


TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_logs_are_json_with_request_and_trace(own_server):
    server = own_server("--log-format", "json", "--log-level", "debug")
    answer = server.client.call("GET", "/ocr/models", headers={
        "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    server.client.call("GET", "/ocr/models", headers={"traceparent": "00-zz-1-01"})
    job = server.client.call("POST", "/ocr/uploads/direct", json={"file_name": "a"}, headers={
        "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}).json()["job_id"]
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.output if line.startswith("{")]
    assert lines and all({"time", "level", "process", "msg"} <= set(line) for line in lines)
    told = [line for line in lines if line.get("request") == answer.headers["X-Request-Id"]]
    assert told and told[0]["trace"] == TRACE and told[0]["status"] == "200"
    assert {line.get("trace") for line in lines} == {TRACE, None}
    made = [line for line in lines if line["msg"] == "job submitted"]
    assert [(line["job"], line["trace"]) for line in made] == [(job, TRACE)]


def test_a_trace_goes_with_its_job(own_server):
    """From the request to the lines of runner and courier, and with the webhook."""
    server = own_server("--log-format", "json", "--log-level", "debug", "--allow-private-urls", "127.0.0.0/8")
    organization, team = server.own_team()
    with Receiver() as world:
        world.answer = lambda request: Answer(body=make_pdf(["one"]) if request.path == "/a.pdf" else b"")
        server.client.call("POST", f"/organizations/{organization}/teams/{team}/webhooks",
                           json={"url": f"{world.url}/hook", "events": ["job.completed"]})
        for flags, headers in (("00", {"traceparent": f"00-{TRACE}-b7ad6b7169203331-00"}), (None, {})):
            job = server.client.call("POST", "/ocr/uploads/url", json={"url": f"{world.url}/a.pdf"}, headers=headers).json()["job_id"]
            assert server.client.wait(job)["status"] == "completed"
            told = until(lambda job=job: [r for r in world.requests if r.method == "POST" and job.encode() in r.body])[0]
            if flags:
                version, trace, span, seen = told.headers["traceparent"].split("-")
                assert (version, trace, seen) == ("00", TRACE, flags) and span != "b7ad6b7169203331" and int(span, 16) > 0
                traced = job
            else:
                assert "traceparent" not in told.headers
        assert "traceparent" not in [r for r in world.requests if r.path == "/a.pdf"][0].headers, "of origins nobody is told"
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.output if line.startswith("{")]
    with_trace = {(line["process"], line["msg"]) for line in lines if line.get("trace") == TRACE}
    assert {("api", "job submitted"), ("runner", "document fetched"), ("runner", "run ended"), ("runner", "delivery ended"),
            ("courier", "errand ended")} <= with_trace, with_trace
    assert {line["job"] for line in lines if line.get("trace") == TRACE and "job" in line} == {traced}


def test_what_was_made_is_audited(server):
    """By the id that it got, where the path has none."""
    client, organization, team = server.other_team()
    prefix = f"/organizations/{organization}/teams/{team}"
    template = client.call("POST", f"{prefix}/templates", json={
        "name": "a", "format": "markdown", "model": "standard-v2"}).json()["id"]
    hook = client.call("POST", f"{prefix}/webhooks", json={
        "url": "https://example.org/x", "events": ["job.completed"]}).json()["id"]
    client.call("POST", "/onboarding", json={"external_id": "e", "entity_type": "t"})
    entries = client.call("GET", f"{prefix}/audit").json()["data"]
    assert [e["target"] for e in entries] == ["e", hook, template]


def test_changes_are_audited(server, pdf):
    client, organization, team = server.other_team()
    prefix = f"/organizations/{organization}/teams/{team}"
    job = client.upload(pdf)
    changed = client.call("PUT", f"{prefix}/settings", json={"retention_period_days": 30})
    assert changed.json()["config"] == {"auto_delete_enabled": True, "retention_period_days": 30}
    client.call("PUT", f"{prefix}/settings", json={"retention_period_days": 400})
    client.call("GET", f"{prefix}/settings")
    client.call("DELETE", f"/jobs/{job}")
    entries = client.call("GET", f"{prefix}/audit").json()["data"]
    assert [e["action"] for e in entries] == [
        "DELETE /jobs/{job_id}",
        "PUT /organizations/{organization_id}/teams/{team_id}/settings",
        "POST /ocr/uploads/{job_id}/complete", "POST /ocr/uploads/direct"]
    assert [e["target"] for e in entries] == [job, None, job, job]
    assert entries[1]["request_id"] == changed.headers["X-Request-Id"]
    assert {e["origin"] for e in entries} == {"127.0.0.1"}
    assert all(e["actor"].startswith("key:") for e in entries)


def test_settings_that_are_none(server):
    """Named in the answer beside some that are; alone they are a mistake."""
    client, organization, team = server.other_team()
    path = f"/organizations/{organization}/teams/{team}/settings"
    expect_error(client.call("PUT", path, json={"retention_days": 9}), 400, "VALIDATION_ERROR", "'retention_days'")
    both = client.call("PUT", path, json={"retention_period_days": 9, "retention_days": 8})
    assert both.status_code == 200 and both.json()["ignored"] == ["retention_days"]
    back = client.call("PUT", path, json={**client.call("GET", path).json()}).json()
    assert "ignored" not in back and back["config"]["retention_period_days"] == 9


@pytest.mark.parametrize("body", [{"retention_period_days": -1}, {"retention_period_days": 366},
                                  {"retention_period_days": "7"}, {"auto_delete_enabled": 1}, []])
def test_wrong_settings(server, api, body):
    organization, team = server.own_team()
    path = f"/organizations/{organization}/teams/{team}/settings"
    expect_error(api.call("PUT", path, json=body), 400, "VALIDATION_ERROR")


def test_scopes(server, api):
    organization, team = server.own_team()
    prefix = f"/organizations/{organization}/teams/{team}"
    client, o, t = server.other_team()
    with server.database() as db:
        db.execute("UPDATE api_key SET scopes = 1 WHERE team_id = ?", (t,))
    db.close()
    own = f"/organizations/{o}/teams/{t}"
    verified = client.call("GET", "/auth/verify").json()["user"]
    assert verified["scopes"] == ["read"] and verified["team_id"] == t
    assert client.call("GET", f"{own}/settings").status_code == 200
    for method, path in (("POST", "/ocr/uploads/direct"), ("PUT", f"{own}/settings"),
                         ("GET", f"{own}/audit"), ("DELETE", "/jobs/x")):
        expect_error(client.call(method, path, json={}), 403, "FORBIDDEN", "scope")
    expect_error(client.call("PUT", f"{prefix}/settings", json={}), 404, "NOT_FOUND")
    assert api.call("GET", "/auth/verify").json()["user"]["email"] == "admin@localhost"


def test_onboarding(server):
    client, _, _ = server.other_team()
    made = client.call("POST", "/onboarding", json={
        "external_id": "user 1", "entity_type": "user", "steps_completed": ["a"],
        "metadata": {"k": [1]}})
    assert made.status_code == 201 and made.json()["completed_at"] is None
    expect_error(client.call("POST", "/onboarding", json={
        "external_id": "user 1", "entity_type": "user"}), 409, "CONFLICT")
    path = "/onboarding/user%201"
    changed = client.call("PUT", path, json={"steps_completed": ["a", "b"],
                                             "completed_at": "2026-01-01T00:00:00Z"}).json()
    assert changed["steps_completed"] == ["a", "b"] and changed["metadata"] == {"k": [1]}
    assert client.call("GET", path).json() == changed
    assert client.call("DELETE", path).status_code == 204
    for method in ("GET", "DELETE"):
        expect_error(client.call(method, path), 404, "NOT_FOUND")
    expect_error(client.call("PUT", path, json={}), 404, "NOT_FOUND")


@pytest.mark.parametrize("body", [
    {}, [], {"external_id": "x"}, {"external_id": "", "entity_type": "t"},
    {"external_id": "x" * 256, "entity_type": "t"}, {"external_id": 1, "entity_type": "t"},
    {"external_id": "x", "entity_type": "t", "steps_completed": "a"},
    {"external_id": "x", "entity_type": "t", "steps_completed": [1]},
    {"external_id": "x", "entity_type": "t", "metadata": "m" * 20000},
    {"external_id": "x", "entity_type": "t", "completed_at": "soon"}])
def test_wrong_onboarding(api, body):
    expect_error(api.call("POST", "/onboarding", json=body), 400, "VALIDATION_ERROR")
