# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a job gets on: long polls and server-sent events."""
import http.client
import json
import select
import socket
import threading
import time

import pytest

import nodes
from harness import Client, check_reply, check_schema, expect_error, make_pdf

PAGE = {"$ref": "#/components/schemas/ResultPage"}
STATUS = {"$ref": "#/components/schemas/StatusReply"}


class Events:
    """A stream as a browser reads it; each event's data is checked against openapi.json."""

    def __init__(self, client, job_id, last_id=None, path="/api/v1/ocr/jobs/{}/events"):
        self.path = path.format(job_id)
        headers = {"X-API-Key": client.key, "Accept": "text/event-stream"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.answer = client.session.get(client.url + self.path, headers=headers, stream=True, timeout=60)
        assert self.answer.status_code == 200, self.answer.text
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        check_reply("GET", self.path, self.answer)
        self.lines = self.answer.iter_lines(chunk_size=1)
        self.last_id = None

    def __iter__(self):
        event = {}
        for line in self.lines:
            line = line.decode()
            if line.startswith(":"):
                yield "comment", line
            elif line:
                name, value = line.split(": ", 1)
                event[name] = value
            elif "event" in event:
                data = json.loads(event["data"])
                self.last_id = event.get("id", self.last_id)
                if event["event"] != "error":
                    check_schema(data, PAGE if event["event"] == "page" else STATUS)
                yield event["event"], data
                event = {}
            else:
                assert event in ({}, {"retry": "2000"}), event
                event = {}


def test_events_of_a_job(api):
    words = [f"Word{i}" for i in range(70)]
    job_id = api.upload(make_pdf(words), extract_bounding_boxes=True)
    events = list(Events(api, job_id))
    assert events[-1][0] == "end" and events[-1][1]["status"] == "completed"
    pages = [data for name, data in events if name == "page"]
    assert sorted(p["page_number"] for p in pages) == list(range(1, 71))
    assert sorted(pages, key=lambda p: p["page_number"]) == api.result(job_id)["pages"]
    states = [data for name, data in events if name == "status"]
    assert [s["processed_pages"] for s in states] == sorted(s["processed_pages"] for s in states)
    assert states[-1]["progress"] == 100 and {name for name, _ in events} == {"status", "page", "end"}


@pytest.mark.parametrize("format", ["structured", "per_page_structured"])
def test_events_of_a_structured_job(api, format):
    """Its pages come when it has ended, as the result shows them."""
    schema = {"invoice_number": "string", "total": "number"}
    job_id = api.upload(make_pdf(["Invoice number: A-17", "Total: 12.50"]), format=format, schema=schema)
    events = list(Events(api, job_id))
    assert events[-1][0] == "end" and events[-1][1]["status"] == "completed"
    pages = [data for name, data in events if name == "page"]
    assert sorted(pages, key=lambda p: p["page_number"]) == api.result(job_id)["pages"]
    assert all(isinstance(p["result"], dict) for p in pages)
    first = next(i for i, (name, _) in enumerate(events) if name == "page")
    assert all(name in ("page", "end") for name, _ in events[first:])


def test_events_come_as_pages_are_done(slow_reader):
    """A page is told while others are still being read, with an estimate of the end."""
    server = slow_reader
    job_id = server.client.upload(nodes.fake_document(40, 2000))
    stream = iter(Events(server.client, job_id))
    for name, data in stream:
        if name == "status" and data["status"] == "processing" and 0 < data["processed_pages"] < 40:
            assert data["eta_seconds"] > 0 and data["estimated_completion"] > data["updated_at"]
        if name == "page":
            break
    assert server.client.status(job_id)["status"] == "processing"
    assert server.client.call("POST", f"/jobs/{job_id}/cancel").status_code == 200
    rest = list(stream)
    assert rest[-1][0] == "end" and rest[-1][1]["error"]["reason"] == "cancelled"


def test_resuming(api, done_job):
    """Last-Event-ID goes on behind that page; what is no id of ours begins at the beginning."""
    first = Events(api, done_job)
    seen = []
    for name, data in first:
        if name == "page":
            seen.append((first.last_id, data["page_number"]))
    assert len({i for i, _ in seen}) == 3
    for k in range(3):
        rest = [d["page_number"] for n, d in Events(api, done_job, seen[k][0]) if n == "page"]
        assert rest == [n for _, n in seen[k + 1:]]
    assert [d["page_number"] for n, d in Events(api, done_job, path="/ocr/jobs/{}/events?last_event_id=" + seen[1][0])
            if n == "page"] == [seen[2][1]]
    for other in ("x", "7-1", "-1", "0-", "99999999999999999999999999", "1" * 200):
        assert len([1 for n, _ in Events(api, done_job, other) if n == "page"]) == 3, other


def test_events_of_no_job(api):
    expect_error(api.call("GET", "/ocr/jobs/none/events"), 404, "NOT_FOUND")
    expect_error(api.call("GET", "/ocr/jobs/none/events", key=False), 401, "AUTHENTICATION_ERROR")


def test_head_of_events(api, done_job):
    answer = api.call("HEAD", f"/ocr/jobs/{done_job}/events")
    assert answer.status_code == 200 and answer.content == b""


def test_events_of_a_deleted_job(api, open_upload):
    upload, _ = open_upload
    stream = iter(Events(api, upload["job_id"]))
    assert next(stream)[0] == "status"
    api.call("DELETE", f"/ocr/delete/{upload['job_id']}")
    name, data = next(stream)
    assert (name, data["code"]) == ("error", "NOT_FOUND")
    assert list(stream) == []


def test_a_stream_ends_with_the_server(own_server):
    server = own_server()
    job_id = server.client.begin(10)["job_id"]
    stream = iter(Events(server.client, job_id))
    assert next(stream)[0] == "status"
    poll = http.client.HTTPConnection(server.url.split("//")[1], timeout=60)
    poll.request("GET", f"/ocr/status/{job_id}?wait=60", headers={"X-API-Key": server.key})
    for _ in range(5):  # whose answers come after the other has been read
        server.client.status(job_id)
    begun = time.monotonic()
    assert server.stop() == 0
    assert list(stream) == []
    answer = poll.getresponse()
    assert answer.status == 200
    body = json.loads(answer.read())
    check_schema(body, STATUS)
    assert body["status"] == "pending"
    assert time.monotonic() - begun < 60, "it was to be told before its time was up"
    server.start()


def test_a_slow_reader_of_events_costs_little(own_server):
    """A client that takes nothing delays nobody, and the server keeps no more than a piece for it."""
    server = own_server()
    text = "A line of words that is long enough to be worth reading. " * 12
    job_id = server.client.upload(make_pdf([text] * 600), extract_bounding_boxes=True)
    server.client.wait(job_id)
    host, port = server.url.split("//")[1].split(":")
    idle = []
    for _ in range(30):
        s = socket.create_connection((host, int(port)))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(f"GET /ocr/jobs/{job_id}/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {server.key}\r\n\r\n".encode())
        idle.append(s)
    for _ in range(20):  # while none of them is read from
        assert server.client.status(job_id)["status"] == "completed"
    # One that reads gets all of it meanwhile.
    assert len([1 for n, _ in Events(server.client, job_id) if n == "page"]) == 600
    api_pid = next(pid for pid, command in server.pids().items() if "role-api" in command)
    with open(f"/proc/{api_pid}/status") as f:
        peak_kib = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
    assert peak_kib < 400 * 1024
    for s in idle:
        s.close()


# --- long polls ---

def test_wait_until_the_end(api):
    job_id = api.upload(make_pdf(["soon done"] * 3))
    answer = api.call("GET", f"/ocr/status/{job_id}?wait=50")
    assert answer.status_code == 200 and answer.json()["status"] == "completed"
    assert api.call("GET", f"/ocr/status/{job_id}?wait=50").json()["status"] == "completed"


def test_wait_until_the_time_is_over(api):
    job_id = api.begin(10)["job_id"]
    begun = time.monotonic()
    assert api.call("GET", f"/ocr/status/{job_id}?wait=1").json()["status"] == "pending"
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("wait", ["-1", "61", "x", "1.5", ""])
def test_wrong_waits(api, done_job, wait):
    expect_error(api.call("GET", f"/ocr/status/{done_job}?wait={wait}"), 400, "VALIDATION_ERROR", "wait")


def test_who_waits_learns_of_cancel_and_delete(api):
    for method, path, status in (("POST", "/jobs/{}/cancel", 200), ("DELETE", "/jobs/{}", 404)):
        job_id = api.begin(10)["job_id"]
        client, told = Client(api.url, api.key), []
        poll = threading.Thread(target=lambda: told.append(client.call("GET", f"/ocr/status/{job_id}?wait=60")))
        poll.start()
        time.sleep(0.1)
        api.call(method, path.format(job_id))
        poll.join(60)
        assert told and told[0].status_code == status


def test_too_many_wait(own_server):
    server = own_server()
    job_id = server.client.begin(10)["job_id"]
    host, port = server.url.split("//")[1].split(":")
    waiting = []
    request = f"GET /ocr/status/{job_id}?wait=60 HTTP/1.1\r\nHost: x\r\nX-API-Key: {server.key}\r\n\r\n".encode()
    for _ in range(300):  # past the limit of a team, 256
        s = socket.create_connection((host, int(port)))
        s.sendall(request)
        waiting.append(s)
    for _ in range(300 - 256):
        ready, _, _ = select.select(waiting, [], [], 30)
        assert ready[0].recv(12) == b"HTTP/1.1 429"
        waiting.remove(ready[0])
        ready[0].close()
    assert select.select(waiting, [], [], 0.3)[0] == []
    for s in waiting:
        s.close()
