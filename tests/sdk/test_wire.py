# SPDX-License-Identifier: AGPL-3.0-or-later
"""The official clients of JavaScript, Go (2.0.0) and PHP as they are on the wire, quirks included: no registry that a test may use has
them, so what they were seen to send is sent here, and what they need of an answer is asked of it.

Each client is a class: base path, headers, bodies, how it cuts parts, what it reads.
"""
import hashlib
import http.client
import json
import math
import time
from urllib.parse import urlsplit

import pytest

STATUSES = {"pending", "processing", "completed", "partially_done", "failed"}
CODES = {"VALIDATION_ERROR", "NOT_FOUND", "AUTHENTICATION_ERROR", "FORBIDDEN", "SYSTEM_ERROR", "BAD_REQUEST", "CONFLICT",
         "TOO_MANY_REQUESTS", "LESS_CREDITS"}


def no_fractions(text):
    """Go decodes into int32: a fraction anywhere but in these fields fails the whole answer."""
    def check(value, name=None):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key not in ("result", "evidence"):  # the document's own numbers
                    check(inner, key)
        elif isinstance(value, list):
            for inner in value:
                check(inner, name)
        elif name in ("total_pages", "processed_pages", "credits_used", "processing_time", "page", "limit", "total", "page_number",
                      "width", "height", "x", "y", "part_number", "chunk_size", "total_chunks"):
            assert isinstance(value, int) and not isinstance(value, bool), (name, value)
    check(json.loads(text))


class Wire:
    base = "/api/v1"
    agent = ""
    headers = {}
    put_headers = {}
    always = {}         # what each request has, whether it needs it or not
    delete_body = None
    result_query = "?page=1&limit=100"

    def __init__(self, server):
        self.server = server
        self.connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)

    def close(self):
        self.connection.close()

    def connection_to(self, netloc):
        """The one that there is, unless parts go elsewhere."""
        return self.connection if netloc == urlsplit(self.server.url).netloc else http.client.HTTPConnection(netloc, timeout=60)

    def send(self, method, path, body=None, key=None):
        headers = {"User-Agent": self.agent, "X-API-KEY": key or self.server.key, **self.headers, **self.always}
        data = None
        if body is not None:
            data = json.dumps(body, separators=(",", ":")).encode()
            headers["Content-Type"] = "application/json"
        self.connection.request(method, self.base + path, body=data, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.headers["Content-Type"] == "application/json" or answer.status == 204
        no_fractions(text)
        return answer.status, json.loads(text)

    def cut(self, data, parts):
        """The bytes of each part as the initiate answer says."""
        return [data[p["start_byte"]:p["end_byte"] + 1] for p in parts]

    def etag(self, header):
        return header.replace('"', "")

    def put(self, url, piece):
        parts = urlsplit(url)
        target = parts.path + "?" + parts.query
        connection = self.connection_to(parts.netloc)
        connection.putrequest("PUT", target, skip_accept_encoding=True)
        for name, value in {**self.put_headers, "Content-Length": str(len(piece))}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(piece)
        answer = connection.getresponse()
        answer.read()
        assert 200 <= answer.status < 300 and answer.headers["ETag"] == f'"{hashlib.md5(piece).hexdigest()}"'
        return answer.headers["ETag"]

    def upload(self, data, body):
        status, made = self.send("POST", "/ocr/uploads/direct", body)
        assert status == 200, made
        self.check_made(made, len(data))
        parts = []
        for part, piece in zip(made["parts"], self.cut(data, made["parts"])):
            parts.append({"part_number": part["part_number"], "etag": self.etag(self.put(part["upload_url"], piece))})
        status, done = self.send("POST", f"/ocr/uploads/{made['job_id']}/complete", {"parts": parts})
        assert status == 200, done
        self.check_complete(done)
        again, same = self.send("POST", f"/ocr/uploads/{made['job_id']}/complete", {"parts": parts})
        assert (again, same) == (200, done)
        return made["job_id"]

    def check_made(self, made, size):
        assert made["upload_type"] == "multipart" and isinstance(made["job_id"], str)
        at = 0
        for i, part in enumerate(made["parts"]):
            assert part["part_number"] == i + 1 and part["upload_url"].startswith("http")
            assert part["start_byte"] == at and part["end_byte"] >= at
            at = part["end_byte"] + 1
        assert at == size

    def check_complete(self, done):
        assert done["status"] in STATUSES

    def wait(self, job_id, seconds=240):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status, body = self.send("GET", f"/ocr/status/{job_id}")
            assert status == 200 and body["status"] in STATUSES and 0 <= body["progress"] <= 100
            assert body["id"] == body["job_id"] == job_id and body["created_at"] and body["updated_at"]
            if body["status"] in ("completed", "failed", "partially_done"):
                return body
            time.sleep(0.05)
        raise AssertionError("not done in time")

    def result(self, job_id):
        status, body = self.send("GET", f"/ocr/result/{job_id}{self.result_query}")
        assert status == 200
        assert set(body) >= {"job_id", "status", "file_name", "model", "result_format", "total_pages", "processed_pages",
                             "credits_used", "completed_at", "pages", "pagination"}
        assert set(body["pagination"]) == {"page", "limit", "total", "total_pages"}
        return body

    def delete(self, job_id):
        return self.send("DELETE", f"/ocr/delete/{job_id}", self.delete_body)


class JavaScript(Wire):
    agent = "leapocr-sdk-js/2.0.1"
    headers = {"Accept": "application/json, text/plain, */*", "Accept-Encoding": "gzip, compress, deflate, br"}
    put_headers = {"User-Agent": "node", "Content-Type": "application/octet-stream", "Accept": "*/*"}

    def body(self, name, size):
        return {"file_name": name, "file_size": size, "content_type": "application/pdf"}

    def cut(self, data, parts):
        """Equal pieces by the number of parts, whatever ranges were given."""
        size = math.ceil(len(data) / len(parts))
        return [data[i * size:(i + 1) * size] for i in range(len(parts))]


class OldJavaScript(JavaScript):
    agent = "leapocr-sdk-js/0.0.5"
    delete_body = {}


class Go(Wire):
    base = ""  # the bare host
    agent = "leapocr-go/2.0.0"
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
    put_headers = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}
    result_query = ""

    def body(self, name, size):
        return {"content_type": "application/pdf", "file_name": name, "file_size": size, "format": "markdown"}

    def check_complete(self, done):
        super().check_complete(done)
        assert done["created_at"].endswith("Z")


class GoWithSlash(Go):
    base = "//api/v1/"  # a base URL that ends in a slash keeps it


class Php(Wire):
    agent = "leapocr-php/2.0.1"
    headers = {"Accept": "application/json"}
    always = {"Content-Type": "application/json"}  # on GET and DELETE, too
    put_headers = {"User-Agent": "GuzzleHttp/7", "Content-Type": "application/octet-stream"}

    def body(self, name, size):
        return {"content_type": "application/pdf", "extract_bounding_boxes": True, "file_name": name, "file_size": size,
                "format": "markdown", "model": "standard-v2", "save_as_template": False}

    def put(self, url, piece):
        """Guzzle waits for the server's word before a body of more than a mebibyte."""
        if len(piece) <= 1 << 20:
            return super().put(url, piece)
        parts = urlsplit(url)
        import socket
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as s:
            s.sendall(f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: GuzzleHttp/7\r\n"
                      f"Content-Type: application/octet-stream\r\nContent-Length: {len(piece)}\r\nExpect: 100-continue\r\n\r\n".encode())
            reader = s.makefile("rb")
            assert reader.readline().startswith(b"HTTP/1.1 100 ") and reader.readline() == b"\r\n"
            s.sendall(piece)
            assert reader.readline().startswith(b"HTTP/1.1 200 ")
            fields = {}
            while (line := reader.readline()) != b"\r\n":
                name, value = line.decode().split(":", 1)
                fields[name.lower()] = value.strip()
            return fields["etag"]

    def check_complete(self, done):
        super().check_complete(done)
        assert done.get("created_at") is None

    def result(self, job_id):
        body = super().result(job_id)
        assert all(p["bounding_boxes"] == [] for p in body["pages"])
        return body


CLIENTS = [JavaScript, OldJavaScript, Go, GoWithSlash, Php]


@pytest.fixture(params=CLIENTS, ids=lambda c: c.__name__)
def wire(request, server):
    wire = request.param(server)
    yield wire
    wire.close()


def test_whole_flow(wire, documents):
    data = (documents / "short.pdf").read_bytes()
    job_id = wire.upload(data, wire.body("short.pdf", len(data)))
    assert wire.wait(job_id)["status"] == "completed"
    result = wire.result(job_id)
    assert [p["page_number"] for p in result["pages"]] == [1, 2, 3]
    assert all(isinstance(p["result"], str) for p in result["pages"])
    status, body = wire.delete(job_id)
    assert status == 200 and body["message"] and body["id"] == body["job_id"] == job_id
    status, body = wire.send("GET", f"/ocr/status/{job_id}")
    assert status == 404 and body["code"] == "NOT_FOUND"


def test_several_parts(wire, documents):
    data = (documents / "big.pdf").read_bytes()
    job_id = wire.upload(data, wire.body("big.pdf", len(data)))
    assert wire.wait(job_id)["status"] == "completed"
    assert "padded" in wire.result(job_id)["pages"][0]["result"]


def test_errors(wire, poor_key):
    """Codes of the enum alone, the message where each client looks for it, the standard phrase in the status line."""
    body = wire.body("a.pdf", 10)
    for status, code, path, send, key in (
            (401, "AUTHENTICATION_ERROR", "/ocr/uploads/direct", body, "lo_nobody00_" + "0" * 43),
            (402, "LESS_CREDITS", "/ocr/uploads/direct", {**body, "model": "pro-v2"}, poor_key),
            (400, "VALIDATION_ERROR", "/ocr/uploads/direct", {**body, "file_size": 0}, None),
            (400, "VALIDATION_ERROR", "/ocr/uploads/direct", {**body, "format": "nonsense"}, None),
            (404, "NOT_FOUND", "/ocr/uploads/fake-job-id/complete", {"parts": [{"part_number": 1, "etag": "x"}]}, None)):
        got, answer = wire.send("POST", path, send, key)
        assert (got, answer["code"]) == (status, code) and answer["code"] in CODES, answer
        assert isinstance(answer["error"]["message"], str) and "details" in answer
    for method, path in (("GET", "/ocr/status/non-existent-job-id-12345"), ("GET", "/ocr/result/fake-job-id"),
                         ("DELETE", "/ocr/delete/fake-job-id")):
        got, answer = wire.send(method, path, wire.delete_body if method == "DELETE" else None)
        assert (got, answer["code"]) == (404, "NOT_FOUND")


def test_failed_job(wire):
    data = b"this is no document"
    job_id = wire.upload(data, wire.body("text.pdf", len(data)))
    body = wire.wait(job_id)
    assert body["status"] == "failed" and body["error_message"] and body["error"]["message"] == body["error_message"]
    assert body["error"]["code"] in CODES


def test_result_before_the_end(wire):
    status, made = wire.send("POST", "/ocr/uploads/direct", wire.body("a.pdf", 10))
    status, body = wire.send("GET", f"/ocr/result/{made['job_id']}{wire.result_query}")
    assert status == 202 and body["status"] == "pending" and body["job_id"] == made["job_id"]


def test_old_go_takes_bearer_and_page_text(server, documents):
    """Go 0.0.4: Authorization: Bearer, template_id, the page's text in `text`."""
    class OldGo(Go):
        agent = "leapocr-go/0.0.4"
    wire = OldGo(server)
    wire.headers = {**Go.headers, "Authorization": "Bearer " + server.key, "X-API-KEY": server.key}
    data = (documents / "other.pdf").read_bytes()
    job_id = wire.upload(data, {**wire.body("other.pdf", len(data)), "tier": "core"})
    wire.wait(job_id)
    assert "A-17" in wire.result(job_id)["pages"][0]["text"]
    wire.close()


SCHEMA = {"type": "object", "properties": {"invoice_number": {"type": "string"}, "total": {"type": "number"}}}


def test_structured(wire, documents):
    """Format, schema and instructions as each client sends them; pages' results are objects."""
    data = (documents / "other.pdf").read_bytes()
    body = {**wire.body("other.pdf", len(data)), "model": "standard-v2", "format": "structured", "schema": SCHEMA,
            "instructions": "Take the number"}
    job_id = wire.upload(data, body)
    assert wire.wait(job_id)["status"] == "completed"
    result = wire.result(job_id)
    assert result["result_format"] == "structured" and result["pages"][0]["result"]["invoice_number"] == "A-17"


def test_template(wire, documents):
    """With a template there is nothing else; Python alone sends the format beside it."""
    data = (documents / "other.pdf").read_bytes()
    body = wire.body("other.pdf", len(data))
    body.pop("format", None)
    body.pop("model", None)
    job_id = wire.upload(data, {**body, "template_slug": "invoice-extraction"})
    status = wire.wait(job_id)
    assert status["status"] == "completed" and status["template_name"] and status["template_internal"]
    assert isinstance(wire.result(job_id)["pages"][0]["result"], dict)
    got, answer = wire.send("POST", "/ocr/uploads/direct", {**body, "template_slug": "no-such-template"})
    assert got in (400, 404) and answer["code"] in CODES


def test_empty_schema_of_php(server, documents):
    """PHP cannot tell an empty object from an empty list."""
    wire = Php(server)
    data = (documents / "other.pdf").read_bytes()
    job_id = wire.upload(data, {**wire.body("other.pdf", len(data)), "format": "structured", "schema": {"type": "object", "properties": []}})
    assert wire.wait(job_id)["status"] == "completed"
    wire.close()


def test_url(wire, origin):
    status, made = wire.send("POST", "/ocr/uploads/url", {"url": origin.url + "/short.pdf", "format": "markdown", "model": "standard-v2"})
    assert status == 200 and made["status"] == "pending" and made["source_url"] == origin.url + "/short.pdf"
    assert (made.get("created_at") is None) == isinstance(wire, Php)
    assert wire.wait(made["job_id"])["status"] == "completed"
    assert wire.send("POST", "/ocr/uploads/url", {"url": "not-a-url"})[0] == 400
