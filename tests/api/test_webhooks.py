# SPDX-License-Identifier: AGPL-3.0-or-later
"""Webhooks: subscriptions, what is sent, and what becomes of receivers that do not answer.

The clock is moved by moving what is stored: every time that decides about a delivery stands in the
database, so taking an hour off all of them is an hour that has passed."""
import hashlib
import hmac
import json
import os
import signal
import threading
import time
import uuid

import pytest

import harness
from harness import expect_error, make_pdf
from receiver import Answer, Receiver, until

PDF = make_pdf(["Told about"])
ALL = ["job.created", "job.started", "job.completed", "job.failed", "job.deleted"]
HOUR = 3600_000


@pytest.fixture(scope="module")
def inside():
    server = harness.Server("--allow-private-urls", "127.0.0.0/8", "--webhook-time", "5")
    yield server
    server.close()


@pytest.fixture
def receiver():
    with Receiver() as r:
        yield r


class Team:
    """The webhooks of the server's own team."""

    def __init__(self, server):
        self.server = server
        organization, team = server.own_team()
        self.base = f"/api/v1/organizations/{organization}/teams/{team}/webhooks"

    def call(self, method, path="", **how):
        return self.server.client.call(method, self.base + path, **how)

    def create(self, url, events=ALL, **fields):
        answer = self.call("POST", json={"url": url, "events": events, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def log(self, hook, **query):
        query = "&".join(f"{k}={v}" for k, v in {"subscription_id": hook["id"], **query}.items())
        answer = self.call("GET", f"/events?{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def waiting(self, hook):
        """By those that came to their end, because others go from pending to processing and back between two questions."""
        return self.log(hook)["total_count"] - sum(self.log(hook, processing_status=end)["total_count"] for end in ("processed", "failed"))

    def health(self, hook):
        return self.call("GET", f"/{hook['id']}/health").json()


@pytest.fixture
def team(inside):
    team = Team(inside)
    yield team
    for hook in team.call("GET", "?limit=100").json()["data"]:
        assert team.call("DELETE", f"/{hook['id']}").status_code == 204


def pass_time(server, ms):
    with server.database() as db:
        db.execute("UPDATE webhook_delivery SET due_ms = due_ms - ?, give_up_ms = give_up_ms - ?", (ms, ms))
        db.execute("UPDATE webhook_subscription SET head_ms = head_ms - ?, failing_since_ms ="
                   " CASE WHEN failing_since_ms > 0 THEN failing_since_ms - ? ELSE 0 END", (ms, ms))
    db.close()


def verify(request, secret):
    """As the official client libraries do, by both schemes."""
    def sign(message):
        return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()

    h = request.headers
    assert h["x-webhook-signature"] == sign(h["x-webhook-timestamp"].encode() + b"." + request.body)
    assert h["x-r2-signature"] == sign(request.body)
    assert abs(int(h["x-webhook-timestamp"]) - request.at) < 300


def of_job(receiver, job_id):
    bodies = [json.loads(r.body) for r in receiver.requests]
    return [b for b in bodies if b.get("job_id") == job_id]


def test_vector():
    """The one of the public documentation, so that verify() above is what it should be."""
    body = b'{"event_type":"webhook.test","event_id":"evt_123","timestamp":"2024-01-01T00:00:00Z",' \
           b'"message":"This is a test webhook event"}'
    mac = hmac.new(b"my-secret-key", b"1704067200." + body, hashlib.sha256).hexdigest()
    assert mac == "51033b9251a1db2003caf73152dc990d20c3efd8c97d176603de1dc034aa1bc1"


# --- subscriptions ---

def test_crud(team, receiver):
    hook = team.create(receiver.url, ["job.failed", "job.completed", "job.failed"], description="näme")
    assert hook["events"] == ["job.completed", "job.failed"] and hook["enabled"]
    assert hook["url"] == receiver.url + "/" and hook["description"] == "näme"
    assert len(hook["secret"]) >= 40 and hook["failure_count"] == 0
    assert team.call("GET", f"/{hook['id']}").json() == hook
    changed = team.call("PUT", f"/{hook['id']}", json={
        "events": ["job.created"], "enabled": False, "description": ""}).json()
    assert changed["events"] == ["job.created"] and not changed["enabled"]
    assert changed["secret"] == hook["secret"] and changed["url"] == hook["url"]
    rotated = team.call("POST", f"/{hook['id']}/regenerate-secret").json()
    assert rotated["secret"] != hook["secret"]
    assert team.call("GET", f"/{hook['id']}").json()["secret"] == rotated["secret"]
    answer = team.call("DELETE", f"/{hook['id']}")
    assert answer.status_code == 204 and answer.content == b""
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/health"), ("POST", "/test"),
                         ("POST", "/regenerate-secret")):
        expect_error(team.call(method, f"/{hook['id']}{path}"), 404, "NOT_FOUND")


def test_list(team, receiver):
    hooks = [team.create(receiver.url + f"/{i}", enabled=i % 2 == 0) for i in range(5)]
    first = team.call("GET", "?limit=2").json()
    second = team.call("GET", f"?limit=2&cursor={first['next_cursor']}").json()
    third = team.call("GET", f"?limit=2&cursor={second['next_cursor']}").json()
    listed = first["data"] + second["data"] + third["data"]
    assert [h["id"] for h in listed] == [h["id"] for h in reversed(hooks)]
    assert first["total_count"] == 5 and first["total_pages"] == 3
    assert not third["has_more"] and third["next_cursor"] is None
    assert len(team.call("GET", "?enabled=true").json()["data"]) == 3
    assert len(team.call("GET", "?enabled=false").json()["data"]) == 2


@pytest.mark.parametrize("fields,text", [
    ({"events": ["job.created"]}, "'url' is missing"), ({"url": "https://example.org/"}, "'events' is missing"),
    ({"url": 1, "events": ALL}, "'url'"), ({"url": "https://example.org/", "events": []}, "1 to 10"),
    ({"url": "https://example.org/", "events": ["job.created"] * 11}, "1 to 10"),
    ({"url": "https://example.org/", "events": ["job.exploded"]}, "events[0]"),
    ({"url": "https://example.org/", "events": ["webhook.test"]}, "events[0]"),
    ({"url": "https://example.org/", "events": "job.created"}, "'events'"),
    ({"url": "https://example.org/", "events": ALL, "description": "x" * 501}, "500"),
    ({"url": "https://example.org/", "events": ALL, "enabled": "yes"}, "'enabled'"),
    ({"url": "http://example.org/", "events": ALL}, "https"), ({"url": "https://localhost/", "events": ALL}, "public"),
    ({"url": "https://127.0.0.1/", "events": ALL}, "public"), ({"url": "https://93.184.215.14/", "events": ALL}, "name"),
    ({"url": "https://example.org:25/", "events": ALL}, "port"), ({"url": "https://u:p@example.org/", "events": ALL}, "cred"),
    ({"url": "https://example.org/" + "x" * 2000, "events": ALL}, "2000"), ({"url": "javascript:1", "events": ALL}, "http"),
])
def test_refused(api, server, fields, text):
    expect_error(Team(server).call("POST", json=fields), 400, "VALIDATION_ERROR", text)


def test_tenants(team, receiver, inside):
    other, organization, team_id = inside.other_team()
    hook = team.create(receiver.url)
    random = str(uuid.uuid4())
    for base in (team.base, f"/api/v1/organizations/{organization}/teams/{team_id}/webhooks"):
        for method, path in (("GET", "/{}"), ("PUT", "/{}"), ("DELETE", "/{}"), ("GET", "/{}/health"),
                             ("POST", "/{}/test"), ("POST", "/{}/regenerate-secret"), ("GET", "/events/{}/payload"),
                             ("POST", "/events/{}/resend"), ("GET", "/events?subscription_id={}")):
            body = {"json": {"events": ALL}} if method == "PUT" else {}
            answers = [other.call(method, base + path.format(i), **body) for i in (hook["id"], random)]
            assert {a.status_code for a in answers} == {404}
            assert answers[0].content == answers[1].content
    assert team.call("GET", f"/{hook['id']}").json() == hook


def test_event_types(api):
    body = api.call("GET", "/api/v1/webhooks/event-types").json()
    assert {"job.created", "job.started", "job.completed", "job.failed"} <= set(body["event_types"])


def test_too_many(team, receiver):
    for i in range(50):
        team.create(receiver.url, enabled=False)
    expect_error(team.call("POST", json={"url": receiver.url, "events": ALL}), 409, "CONFLICT", "50")


# --- what is sent ---

def test_life_of_a_job(team, receiver, inside):
    hook = team.create(receiver.url)
    job_id = inside.client.upload(PDF, file_name="told.pdf")
    assert inside.client.wait(job_id)["status"] == "completed"
    assert inside.client.call("DELETE", f"/ocr/delete/{job_id}").status_code == 200
    told = until(lambda: len(of_job(receiver, job_id)) >= 4 and of_job(receiver, job_id))
    by_type = {b["event_type"]: b for b in told}
    assert set(by_type) == {"job.created", "job.started", "job.completed", "job.deleted"}
    assert len({b["event_id"] for b in told}) == 4
    done = by_type["job.completed"]
    status = {"job_id": job_id, "status": "completed", "file_name": "told.pdf", "model": "standard-v2",
              "result_format": "markdown", "total_pages": 1, "processed_pages": 1, "credits_used": 1,
              "team_id": hook["team_id"], "organization_id": hook["organization_id"], "error_message": None}
    if "redacted" not in done:  # the deletion may have been quicker
        assert {k: done[k] for k in status} == status and done["user_id"]
    for request in receiver.requests:
        assert request.method == "POST" and request.headers["content-type"] == "application/json"
        assert request.headers["user-agent"] == "LeapOCR-Webhook/1.0"
        verify(request, hook["secret"])
    until(lambda: team.waiting(hook) == 0)
    log = team.log(hook)
    assert {e["processing_status"] for e in log["data"]} == {"processed"}
    assert {e["http_status"] for e in log["data"]} == {200} and log["total_count"] == 4
    assert "told.pdf" not in json.dumps(log)  # deleted is deleted


def test_failed_job_and_selection(team, receiver, inside):
    failed = team.create(receiver.url + "/failed", ["job.failed"])
    job_id = inside.client.upload(b"no document", file_name="bad.pdf")
    assert inside.client.wait(job_id)["status"] == "failed"
    told = until(lambda: of_job(receiver, job_id))
    assert [b["event_type"] for b in told] == ["job.failed"]
    assert told[0]["status"] == "failed" and told[0]["error_message"] and told[0]["error_code"] == "unsupported_type"
    entry = team.log(failed, event_type="job.failed")["data"][0]
    assert entry["payload"] == told[0] and entry["webhook_url"] == receiver.url + "/failed"
    assert team.call("GET", f"/events/{entry['event_id']}/payload").json()["payload"] == told[0]
    assert team.log(failed, event_type="job.created")["data"] == []
    for query in ("event_type=x", "processing_status=x", "limit=0"):
        expect_error(team.call("GET", f"/events?subscription_id={failed['id']}&{query}"), 400, "VALIDATION_ERROR")
    expect_error(team.call("GET", "/events"), 400, "VALIDATION_ERROR", "subscription_id")


def test_disabled_hears_nothing(team, receiver, inside):
    hook = team.create(receiver.url, enabled=False)
    inside.client.wait(inside.client.upload(PDF))
    assert team.log(hook)["data"] == [] and receiver.requests == []
    expect_error(team.call("POST", f"/{hook['id']}/test"), 409, "CONFLICT", "disabled")


def test_test_event_and_rotation(team, receiver):
    hook = team.create(receiver.url, ["job.failed"])
    answer = team.call("POST", f"/{hook['id']}/test").json()
    until(lambda: receiver.requests)
    body = json.loads(receiver.requests[0].body)
    assert list(body) == ["event_type", "event_id", "timestamp", "message"]
    assert body["event_type"] == "webhook.test" and body["event_id"] == answer["event_id"]
    verify(receiver.requests[0], hook["secret"])
    rotated = team.call("POST", f"/{hook['id']}/regenerate-secret").json()
    team.call("POST", f"/{hook['id']}/test")
    until(lambda: len(receiver.requests) == 2)
    verify(receiver.requests[1], rotated["secret"])
    until(lambda: team.health(hook)["processed"] == 2)
    health = team.health(hook)
    assert health["status"] == "healthy" and health["reachable"] and health["last_http_status"] == 200


def test_hundred_signatures(team, receiver):
    hook = team.create(receiver.url, ["job.failed"])
    for _ in range(100):
        assert team.call("POST", f"/{hook['id']}/test").status_code == 200
    until(lambda: len(receiver.requests) >= 100)
    for request in receiver.requests:
        verify(request, hook["secret"])
    assert len({json.loads(r.body)["event_id"] for r in receiver.requests}) == 100


def test_resend(team, receiver):
    hook = team.create(receiver.url, ["job.failed"])
    event_id = team.call("POST", f"/{hook['id']}/test").json()["event_id"]
    until(lambda: team.log(hook, processing_status="processed")["total_count"] == 1)
    answer = team.call("POST", f"/events/{event_id}/resend").json()
    assert answer == {"success": True, "event_id": event_id, "deliveries": 1}
    until(lambda: len(receiver.requests) == 2)
    assert receiver.requests[0].body == receiver.requests[1].body


def test_secrets_lie_sealed(team, receiver, inside):
    hook = team.create(receiver.url)
    team.call("POST", f"/{hook['id']}/test")
    until(lambda: receiver.requests)
    for path in inside.data.rglob("*"):
        if path.is_file():
            assert hook["secret"].encode() not in path.read_bytes(), path
    assert hook["secret"] not in "".join(inside.output)
    assert oct((inside.data / "secrets/webhooks").stat().st_mode & 0o777) == "0o600"


# --- receivers that fail ---

def test_receiver_down_for_an_hour(team, inside, receiver):
    """500, then nothing listens, then resets; an hour later all is delivered, with the ids it had."""
    hook = team.create(receiver.url, ["job.failed"])
    receiver.answer = lambda request: Answer(500)
    ids = {team.call("POST", f"/{hook['id']}/test").json()["event_id"] for _ in range(20)}
    until(lambda: team.health(hook)["failure_count"] >= 1)
    health = team.health(hook)
    assert health["status"] == "failing" and not health["reachable"] and health["last_http_status"] == 500
    for answer in (Answer(302, {"Location": "/x"}), Answer(cut=1), Answer(body=b"x" * 100, pace=1), Answer(503)):
        receiver.answer = lambda request, answer=answer: answer
        before, failures = len(receiver.requests), team.health(hook)["failure_count"]
        pass_time(inside, 20 * 60_000)
        until(lambda: len(receiver.requests) > before)
        until(lambda: team.health(hook)["failure_count"] > failures)  # for an attempt under way no time passes
    receiver.answer = lambda request: Answer()
    pass_time(inside, HOUR)
    until(lambda: team.waiting(hook) == 0, 60)
    log = team.log(hook, limit=100)["data"]
    assert {e["processing_status"] for e in log} == {"processed"} and {e["event_id"] for e in log} == ids
    seen = [json.loads(r.body)["event_id"] for r in receiver.requests]
    assert set(seen) == ids
    health = team.health(hook)
    assert health["status"] == "healthy" and health["failure_count"] == 0 and health["processed"] == 20
    for request in receiver.requests:
        verify(request, hook["secret"])


def test_given_up_and_disabled_after_three_days(team, inside, receiver):
    hook = team.create(receiver.url, ["job.failed"])
    receiver.answer = lambda request: Answer(500)
    team.call("POST", f"/{hook['id']}/test")
    attempts = 0
    for hours in (0, 30, 30):
        pass_time(inside, hours * HOUR)
        until(lambda: team.log(hook)["data"][0]["processing_attempts"] > attempts and
              team.log(hook)["data"][0]["processing_status"] == "pending")
        attempts = team.log(hook)["data"][0]["processing_attempts"]
    assert team.call("GET", f"/{hook['id']}").json()["enabled"]
    pass_time(inside, 13 * HOUR)  # the last attempt there is; and nothing but failures for three days
    until(lambda: not team.call("GET", f"/{hook['id']}").json()["enabled"])
    entry = team.log(hook)["data"][0]
    assert entry["processing_status"] == "failed" and entry["processing_attempts"] >= 4
    assert entry["processing_error"] == "the server answered with status 500" and entry["http_status"] == 500
    hook = team.call("GET", f"/{hook['id']}").json()
    assert hook["disabled_at"] and team.health(hook)["status"] == "disabled"
    receiver.answer = lambda request: Answer()
    again = team.call("PUT", f"/{hook['id']}", json={"events": hook["events"], "enabled": True}).json()
    assert again["enabled"] and again["failure_count"] == 0 and again["disabled_at"] is None
    until(lambda: team.waiting(hook) == 0)  # what waited while it was off
    before = len(receiver.requests)
    team.call("POST", f"/events/{entry['event_id']}/resend")
    until(lambda: len(receiver.requests) > before)


def test_one_that_never_answers_delays_nobody(own_server, receiver):
    server = own_server("--allow-private-urls", "127.0.0.0/8", "--webhook-time", "30")
    team = Team(server)
    with Receiver("127.0.0.2") as slow:  # a host of its own: each gets so many at once
        over = threading.Event()

        def answer(request):
            over.wait(60)
            return Answer()

        slow.answer = answer
        stuck = [team.create(slow.url + f"/{i}", ["job.failed"]) for i in range(8)]
        good = team.create(receiver.url, ["job.failed"])
        for hook in stuck:
            for _ in range(10):
                team.call("POST", f"/{hook['id']}/test")
        until(lambda: len(slow.requests) >= 8)
        for _ in range(20):
            team.call("POST", f"/{good['id']}/test")
        until(lambda: len(receiver.requests) == 20)
        assert team.health(good)["status"] == "healthy"
        assert sum(team.waiting(h) for h in stuck) == 80  # not one of those has ended meanwhile
        assert all(team.health(h)["failure_count"] == 0 for h in stuck)
        over.set()


def test_sender_killed(own_server, receiver):
    """Every event at least once with one id, whoever dies."""
    server = own_server("--allow-private-urls", "127.0.0.0/8")
    team = Team(server)
    hook = team.create(receiver.url, ["job.failed", "job.created"])
    receiver.answer = lambda request: Answer(before=0.05)
    ids = set()
    for kill in range(4):
        for _ in range(10):
            ids.add(team.call("POST", f"/{hook['id']}/test").json()["event_id"])
        roles = [pid for pid, line in server.pids().items() if ("role-runner", "role-courier")[kill % 2] in line]
        for pid in roles:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.3)

    def seen():
        return {json.loads(r.body)["event_id"] for r in list(receiver.requests)}

    until(lambda: seen() == ids, 120)
    pass_time(server, HOUR)  # what the courier had when it died waits for its turn
    until(lambda: team.waiting(hook) == 0, 60)
    assert {e["processing_status"] for e in team.log(hook, limit=100)["data"]} == {"processed"}


def test_courier_holds_nothing(inside):
    """No database, no key, no document: only its socket, and what it opened itself."""
    (pid,) = [pid for pid, line in inside.pids().items() if "role-courier" in line]
    try:
        places = [os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd")]
    except PermissionError:
        pytest.skip("another user's process, as it should be: only root can look")
    assert not [p for p in places if str(inside.data) in p]
    status = open(f"/proc/{pid}/status").read()
    assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status
