# SPDX-License-Identifier: AGPL-3.0-or-later
"""An outside model proposes values of structured data; nothing that it makes up gets through."""
import json
import os
import signal
import socket
import subprocess
import time

import pytest

import harness
from harness import make_pdf
from receiver import Answer, Receiver, until

KEY = "sk-test-0123456789"
LINES = ["Invoice number: 2024-0117", "Total amount: 1,234.50 EUR",
         "Under the flag of old Ahab the bark Albatross sailed on with 77 hands"]
SCHEMA = {"type": "object", "required": ["skipper"], "properties": {
    "invoice_number": {"type": "string"}, "total_amount": {"type": "number"},
    "skipper": {"type": "string"}, "crew": {"type": "integer"},
    "nested": {"type": "object", "properties": {"ship": {"type": "string"}}}}}
OWN = {"invoice_number": "2024-0117", "total_amount": 1234.5}


def chat(content):
    return Answer(headers={"Content-Type": "application/json"}, body=json.dumps(
        {"choices": [{"message": {"role": "assistant", "content": content}}]}).encode())


@pytest.fixture(scope="module")
def model():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def asking(model, tmp_path_factory):
    """A server that asks the model, with no other way inside."""
    key = tmp_path_factory.mktemp("key") / "key"
    key.write_text(KEY + "\n")
    server = harness.Server("--model-endpoint", model.url + "/v1", "--model-name", "little",
                            "--model-key-file", str(key), "--model-time", "1")
    yield server
    server.close()
    assert KEY not in "".join(server.output)


def extracted(server, stand_in, answer, **fields):
    """(result of page 1, its page, warnings, requests that came)"""
    stand_in.answer = answer
    before = len(stand_in.requests)
    pdf = make_pdf([") Tj 0 -24 Td (".join(LINES)])
    job = server.client.upload(pdf, **{"model": "pro-v2", "schema": SCHEMA, **fields})
    assert server.client.wait(job)["status"] == "completed"
    result = server.client.result(job)
    page = result["pages"][0]
    return page["result"], page, result["warnings"], stand_in.requests[before:]


def test_it_helps(asking, model):
    proposed = {"skipper": "old Ahab", "crew": 77, "nested": {"ship": "Albatross"},
                "invoice_number": "77", "total_amount": 77}
    result, page, warnings, requests = extracted(
        asking, model, lambda _: chat("Here it is:\n```json\n" + json.dumps(proposed) + "\n```"),
        instructions="null if missing")
    # What the page proves stands against a proposal.
    assert result == {**OWN, "skipper": "old Ahab", "crew": 77, "nested": {"ship": "Albatross"}}
    evidence = page["evidence"]["/skipper"]
    assert evidence["words"] and evidence["boxes"] and evidence["confidence"] <= 0.75
    assert not any("model" in w or "propos" in w for w in warnings)
    request, = requests
    assert request.path == "/v1/chat/completions" and request.method == "POST"
    assert request.headers["authorization"] == "Bearer " + KEY
    body = json.loads(request.body)
    assert body["model"] == "little" and body["stream"] is False
    question = body["messages"][-1]["content"]
    assert "Albatross" in question and '"skipper"' in question and "null if missing" in question


def test_it_lies(asking, model):
    lies = {"skipper": "Nemo", "crew": 12345, "nested": {"ship": "Nautilus"},
            "invoice_number": "2024-9999", "total_amount": 9.99, "more": "Extra"}
    result, page, warnings, _ = extracted(asking, model, lambda _: chat(json.dumps(lies)))
    # What the built-in way finds is all there is.
    said = json.dumps([result, page["evidence"], page["review"]])
    for lie in ("Nemo", "12345", "Nautilus", "2024-9999", "9.99", "Extra"):
        assert lie not in said
    assert {k: result[k] for k in OWN} == OWN and result["skipper"] is None
    for field in ("skipper", "crew", "ship"):
        assert any(f"'{field}'" in w and "not on the pages" in w for w in warnings), field


@pytest.mark.parametrize("answer,says", [
    (Answer(body=b"no JSON at all"), "no JSON object"),
    (Answer(body=b"\xff\x00\xfe"), "no text"),
    (Answer(body=b""), "0 bytes"),
    (Answer(body=b"x" * (2 << 20)), "larger"),
    (chat("I would rather not."), "no JSON object"),
    (chat("{\"skipper\": "), "no JSON object"),
    (chat(json.dumps(["old Ahab"])), "no JSON object"),
    (Answer(body=b'{"choices": [7]}'), "no JSON object"),
    (Answer(body=b'{"choices": [{"message": {"content": null}}]}'), "no JSON object"),
    (Answer(401, body=b"no"), "status 401"),
    (Answer(302, headers={"Location": "http://127.0.0.1:1/"}), "status 302"),
], ids=lambda a: str(a)[:40])
def test_garbage(asking, model, answer, says):
    result, _, warnings, requests = extracted(asking, model, lambda _: answer)
    assert {k: result[k] for k in OWN} == OWN and result["skipper"] is None
    assert any(says in w for w in warnings), warnings
    assert len(requests) == 1


def test_it_is_asked_twice(asking, model):
    answers = [Answer(503, body=b"busy"), chat('{"skipper": "old Ahab"}')]
    result, _, warnings, requests = extracted(asking, model, lambda _: answers.pop(0))
    assert result["skipper"] == "old Ahab" and len(requests) == 2 and not warnings


def test_it_is_too_slow(asking, model):
    result, _, warnings, requests = extracted(
        asking, model, lambda _: Answer(body=b"late", before=3))
    assert {k: result[k] for k in OWN} == OWN and result["skipper"] is None
    assert any("the model did not answer" in w and "slow" in w for w in warnings)
    assert len(requests) == 2


@pytest.mark.parametrize("fields", [
    {"model": "standard-v2"}, {"format": "per_page_structured"},
    {"schema": None, "format": "structured"}], ids=str)
def test_it_is_not_asked(asking, model, fields):
    _, _, warnings, requests = extracted(
        asking, model, lambda _: chat('{"skipper": "old Ahab"}'), **fields)
    assert not requests and not any("model" in w for w in warnings)


def test_a_job_that_is_deleted_is_not_waited_for(asking, model):
    model.answer = lambda _: Answer(body=b"late", before=2)
    pdf = make_pdf([") Tj 0 -24 Td (".join(LINES)])
    before = len(model.requests)
    job = asking.client.upload(pdf, model="pro-v2", schema=SCHEMA)
    until(lambda: len(model.requests) > before)
    assert asking.client.call("DELETE", f"/api/v1/ocr/delete/{job}").status_code == 200
    assert extracted(asking, model, lambda _: chat('{"crew": 77}'))[0]["crew"] == 77


def test_a_long_document_is_cut(asking, model):
    lines = ["word " * 12] * 4
    model.answer = lambda _: chat("{}")
    pdf = make_pdf([") Tj 0 -24 Td (".join(LINES)]
                   + [") Tj 0 -12 Td (".join(lines * 15)] * 60)
    before = len(model.requests)
    job = asking.client.upload(pdf, model="pro-v2", schema=SCHEMA)
    asking.client.wait(job)
    assert any("first 200000 bytes" in w for w in asking.client.result(job)["warnings"])
    question = json.loads(model.requests[before].body)["messages"][-1]["content"]
    assert 190000 < len(question) < 202000


def test_it_is_down(own_server, model):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # nobody listens there
        port = free.getsockname()[1]
        server = own_server("--model-endpoint", f"http://127.0.0.1:{port}/v1/chat/completions",
                            "--model-name", "little", "--model-for", "standard-v2,pro-v2")
        result, _, warnings, _ = extracted(server, model, None)
        assert {k: result[k] for k in OWN} == OWN and result["skipper"] is None
        assert any("the model did not answer" in w for w in warnings)


def test_a_template_may_ask_it(own_server, model):
    server = own_server("--model-endpoint", model.url, "--model-name", "little", "--model-for", "template:receipt-*")
    model.answer = lambda _: chat("{}")
    before = len(model.requests)
    for fields in ({"model": "pro-v2", "schema": SCHEMA}, {"template_slug": "invoice-template"},
                   {"template_slug": "receipt-template"}):
        job = server.client.upload(make_pdf([") Tj 0 -24 Td (".join(LINES)]), **fields)
        assert server.client.wait(job)["status"] == "completed"
    assert len(model.requests) == before + 1


@pytest.mark.parametrize("flags,says", [
    (["--model-endpoint", "ftp://127.0.0.1", "--model-name", "m"], "--model-endpoint"),
    (["--model-endpoint", "http://127.0.0.1"], "--model-name"),
    (["--model-endpoint", "http://127.0.0.1", "--model-name", "m", "--model-key-file", "/nonexistent"],
     "--model-key-file")], ids=str)
def test_settings_that_are_refused(flags, says, tmp_path):
    done = subprocess.run([os.environ["LEAPOCR_BIN"], "serve", "--listen", "127.0.0.1:0", "--data",
                           str(tmp_path / "data"), *flags], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and says in done.stderr


def test_a_question_to_a_courier_that_is_gone_is_asked_once(own_server, model):
    """Its supervisor stands still, so that what is sent meanwhile waits for the next courier, which is not to take it up: the
    runner asks again when it hears of that one."""
    server = own_server("--model-endpoint", model.url, "--model-name", "little", "--model-time", "60")
    model.answer = lambda _: chat('{"skipper": "old Ahab"}')
    before = len(model.requests)
    (courier,) = [pid for pid, line in server.pids().items() if "role-courier" in line]
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        os.kill(courier, signal.SIGKILL)
        job = server.client.upload(make_pdf([") Tj 0 -24 Td (".join(LINES)]), model="pro-v2", schema=SCHEMA)
        until(lambda: server.client.status(job)["processed_pages"] == 1)
        time.sleep(1)  # now it is sent
        assert len(model.requests) == before
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    assert server.client.wait(job)["status"] == "completed"
    assert server.client.result(job)["pages"][0]["result"]["skipper"] == "old Ahab"
    assert len(model.requests) == before + 1


def test_a_stop_gives_the_task_back(model, tmp_path):
    """The next start asks again, once."""
    flags = ["--model-endpoint", model.url, "--model-name", "little", "--model-time", "60"]
    server = harness.Server(*flags, data=tmp_path)
    model.answer = lambda _: Answer(body=b"late", before=20)
    before = len(model.requests)
    job = server.client.upload(make_pdf([") Tj 0 -24 Td (".join(LINES)]), model="pro-v2", schema=SCHEMA)
    until(lambda: len(model.requests) > before)
    server.close()
    model.answer = lambda _: chat('{"skipper": "old Ahab"}')
    server = harness.Server(*flags, data=tmp_path)
    assert server.client.wait(job)["status"] == "completed"
    assert server.client.result(job)["pages"][0]["result"]["skipper"] == "old Ahab"
    assert len(model.requests) == before + 2
    server.close()
