# SPDX-License-Identifier: AGPL-3.0-or-later
"""Documents that are fetched from URLs."""
import time

import pytest

from harness import expect_error, make_pdf
from receiver import Answer, Receiver, until

PDF = make_pdf(["Fetched from afar"])


@pytest.fixture(scope="module")
def origin():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def inside():
    """A server that may fetch from this machine."""
    import harness
    server = harness.Server("--allow-private-urls", "127.0.0.0/8", "--fetch-time", "5", "--file-max", "2000000")
    yield server
    server.close()


def submit(client, url, **fields):
    return client.call("POST", "/api/v1/ocr/uploads/url", json={"url": url, **fields})


def fetched(client, url, **fields):
    answer = submit(client, url, **fields)
    assert answer.status_code == 200, answer.text
    return client.wait(answer.json()["job_id"])


def test_fetch(inside, origin):
    origin.answer = lambda request: Answer(body=PDF)
    answer = submit(inside.client, origin.url + "/some/My%20report.pdf?key=1#top")
    body = answer.json()
    assert body["status"] == "pending"
    assert body["source_url"] == origin.url + "/some/My%20report.pdf?key=1"
    status = inside.client.wait(body["job_id"])
    assert status["status"] == "completed" and status["file_name"] == "My report.pdf"
    assert status["created_at"] == body["created_at"]
    result = inside.client.result(body["job_id"])
    assert "Fetched from afar" in result["pages"][0]["result"]
    request = origin.requests[-1]
    assert request.path == "/some/My%20report.pdf?key=1"
    assert request.headers["user-agent"].startswith("LeapOCR-Fetch/")
    assert "accept-encoding" not in request.headers and "authorization" not in request.headers


def test_name_given(inside, origin):
    origin.answer = lambda request: Answer(body=PDF)
    assert fetched(inside.client, origin.url, file_name="given.pdf")["file_name"] == "given.pdf"
    assert fetched(inside.client, origin.url + "/")["file_name"] == "document"


def test_php(inside, origin):
    origin.answer = lambda request: Answer(body=PDF)
    answer = submit(inside.client.as_agent("leapocr-php/2.0.1"), origin.url)
    assert "created_at" not in answer.json()


def test_large_document(inside, origin):
    """More than a pipe holds."""
    large = make_pdf(["Large"], padding=1_500_000)
    origin.answer = lambda request: Answer(body=large)
    assert fetched(inside.client, origin.url + "/large.pdf")["status"] == "completed"


def test_redirects(inside, origin):
    def answer(request):
        hop = int(request.path[1:] or 0)
        return Answer(body=PDF) if hop == 4 else Answer(302, {"Location": f"/{hop + 1}"}, b"moved")

    origin.answer = answer
    assert fetched(inside.client, origin.url + "/0")["status"] == "completed"


@pytest.mark.parametrize("reason,answer,text", [
    ("url_refused", Answer(404), "404"),
    ("url_refused", Answer(204, {"Content-Length": None}, b""), "204"),
    ("too_large", Answer(body=b"x" * 2000001), "larger"),
    ("too_large", Answer(headers={"Content-Length": None, "Connection": "close"}, body=b"x" * 2000001), "larger"),
    ("url_refused", Answer(headers={"Content-Encoding": "gzip"}, body=b"x"), "compressed"),
    ("url_refused", Answer(headers={"X-Big": "x" * 60000, "X-More": "x" * 60000}), "headers"),
    ("url_refused", Answer(302, {"Location": "/again"}), "redirected"),
    ("url_not_allowed", Answer(302, {"Location": "file:///etc/passwd"}), "redirected"),
    ("url_not_allowed", Answer(302, {"Location": "http://user:pw@127.0.0.1/"}), "credentials"),
    ("url_not_allowed", Answer(302, {"Location": "http://10.1.2.3/"}), "not a public one"),
    ("unsupported_type", Answer(body=b"no document at all"), ""),
    ("unreadable_document", Answer(body=b""), "empty"),
], ids=lambda v: str(v)[:40])
def test_refusals(inside, origin, reason, answer, text):
    origin.answer = lambda request: answer
    job_id = submit(inside.client, origin.url + "/x.pdf").json()["job_id"]
    status = inside.client.wait(job_id)
    assert status["status"] == "failed"
    with inside.database() as db:
        assert db.execute("SELECT reason FROM job WHERE id = ?", (job_id,)).fetchone() == (reason,)
        assert db.execute("SELECT reserved FROM credit_account").fetchone() == (0,)
    assert text in status["error_message"]
    assert until(lambda: not list((inside.data / "tmp").iterdir()))


def test_transient_failures_are_tried_again(inside, origin):
    seen = []

    def answer(request):
        seen.append(request)
        return [Answer(503), Answer(body=PDF, cut=100)][len(seen) - 1] if len(seen) < 3 else Answer(body=PDF)

    origin.answer = answer
    assert fetched(inside.client, origin.url + "/flaky.pdf")["status"] == "completed"
    assert len(seen) == 3


def test_slow_server(inside, origin):
    """Ends at the time limit, not with the server; then the job is deleted, and nobody asks again."""
    origin.answer = lambda request: Answer(body=b"x" * 100, pace=0.5)
    before = len(origin.requests)
    job_id = submit(inside.client, origin.url + "/slow.pdf").json()["job_id"]
    until(lambda: len(origin.requests) > before)
    until(lambda: inside.database().execute("SELECT attempt FROM fetch_task WHERE job_id = ? AND state = 0",
                                            (job_id,)).fetchone(), 40)  # the server would take 50 s
    assert inside.client.call("DELETE", f"/ocr/delete/{job_id}").status_code == 200
    assert inside.database().execute("SELECT count(*) FROM fetch_task").fetchone() == (0,)


def test_deletion_while_fetching(inside, origin):
    origin.answer = lambda request: Answer(body=PDF, before=2)
    before, objects = len(origin.requests), set(inside.objects())
    job_id = submit(inside.client, origin.url + "/late.pdf").json()["job_id"]
    until(lambda: len(origin.requests) > before)
    assert inside.client.call("DELETE", f"/ocr/delete/{job_id}").status_code == 200
    time.sleep(2.5)
    expect_error(inside.client.call("GET", f"/ocr/status/{job_id}"), 404, "NOT_FOUND")
    assert until(lambda: set(inside.objects()) <= objects)
    with inside.database() as db:
        assert db.execute("SELECT source_url FROM job WHERE id = ?", (job_id,)).fetchone() == (None,)


@pytest.mark.parametrize("url,text", [
    (None, "missing"), (5, "string"), ("not-a-url", "begin with"), ("ftp://example.org/x", "begin with"),
    ("file:///etc/passwd", "begin with"), ("http://", "host"), ("http:///x", "host"),
    ("https://user:secret@example.org/", "credentials"), ("https://example.org\\@127.0.0.1/", ""),
    ("http://exa mple.org/", "space"), ("http://example.org/\n", "control"), ("https://example.org:99999/", "port"),
    ("https://example.org:22/", "port 22"), ("http://127.0.0.1/", "public"), ("http://localhost/", "public"),
    ("http://[::1]/", "public"), ("http://2130706433/", "number"), ("http://ex%61mple.org/", "host may"),
    ("https://example.org/" + "x" * 1981, "longer"), ("http://bücher.example/", "letters"),
])
def test_refused_at_once(api, url, text):
    body = {} if url is None else {"url": url}
    answer = api.call("POST", "/ocr/uploads/url", json=body)
    expect_error(answer, 400, "VALIDATION_ERROR", text)


def test_unknown_host_fails_later(api):
    """What cannot be known at once becomes the job's reason; money goes back."""
    answer = submit(api, "https://www.w3.org/WAI/ER/tests/xhtml/testfiles/resources/pdf/dummy.pdf")
    assert answer.status_code == 200 and answer.json()["status"] == "pending"
    job_id = answer.json()["job_id"]
    assert api.status(job_id)["status"] in ("pending", "processing", "completed", "failed")
    assert api.call("DELETE", f"/ocr/delete/{job_id}").status_code == 200


def test_completing_is_not_for_urls(inside, origin):
    origin.answer = lambda request: Answer(body=PDF)
    job_id = submit(inside.client, origin.url).json()["job_id"]
    answer = inside.client.complete(job_id, [{"part_number": 1, "etag": "0" * 32}])
    expect_error(answer, 409, "CONFLICT", "URL")


def test_runner_killed_while_fetching(own_server, origin):
    server = own_server("--allow-private-urls", "127.0.0.0/8")
    origin.answer = lambda request: Answer(body=PDF, before=1)
    before = len(origin.requests)
    job_id = submit(server.client, origin.url + "/k.pdf").json()["job_id"]
    until(lambda: len(origin.requests) > before)
    import os
    import signal
    for role in ("role-runner", "role-courier"):
        for pid, line in server.pids().items():
            if role in line:
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
    assert server.client.wait(job_id)["status"] == "completed"
