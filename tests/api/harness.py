# SPDX-License-Identifier: AGPL-3.0-or-later
"""Starts the real server on a free port and speaks to it.

Every answer that goes through Client.call is checked against the server's own openapi.json: the
status must be one that the operation lists, the body must fit its schema. What was called is noted,
so that the suite can tell when a route was never tried.
"""
import hashlib
import json
import os
import pathlib
import secrets
import sqlite3
import string
import sys
import tempfile
import time
import uuid

import jsonschema
import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tools")]
from merge_openapi import merged  # noqa: E402
import s3server  # noqa: E402
from server import Process, binary  # noqa: E402
import postgres  # noqa: E402

# LEAPOCR_TEST_BACKEND=postgres runs all of these tests on a private PostgreSQL, LEAPOCR_TEST_STORE=s3 with the objects on
# a private S3 service; both together is what several nodes have.
postgres.begin()
ON_S3 = os.environ.get("LEAPOCR_TEST_STORE", "folder") == "s3"
urls_here = pytest.mark.skipif(ON_S3, reason="upload URLs are then the S3 service's own")
OPENAPI = merged((ROOT / "src/api/openapi").glob("*.json"))
CALLED = set()  # (method, path of openapi.json)


# --- the server ---

class Server(Process):
    """One server on a data folder of its own, or on one that is there already."""

    keeps_port = False
    start_new_session = True

    def __init__(self, *flags, data=None, env=None):
        self.folder = tempfile.TemporaryDirectory(prefix="leapocr-test-") if data is None else None
        place = pathlib.Path(data or self.folder.name) / "data"
        self.prefix = None  # of the objects in the bucket; None: they lie in the data folder
        if ON_S3 and "--store" not in flags:
            # The same for the same folder, so that a server that is started again finds its objects.
            self.prefix = hashlib.sha256(str(place).encode()).hexdigest()[:12] + "/"
            flags = (*flags, *s3server.shared().flags(self.prefix))
            env = {**s3server.shared().env, **(env or {})}
        super().__init__(place, options=flags, env=env)
        self.start()

    def start(self, timeout=90):
        super().start(timeout)
        self.client = Client(self.url, self.key)
        return self

    def close(self):
        try:
            status = self.stop()
            assert status == 0, f"exit status {status}"
        finally:
            print("".join(self.output))
            if self.folder:
                self.folder.cleanup()
                if postgres.base():
                    postgres.drop(self.data)

    def database(self):
        if postgres.base():
            return postgres.Connection(postgres.url_of(self.data))
        return sqlite3.connect(self.data / "leapocr.db", timeout=10)

    def objects(self):
        """All objects of the store, and what is being written."""
        if self.prefix is not None:
            return ([pathlib.PurePath("objects", key) for key in s3server.shared().keys(self.prefix)]
                    + [p for p in (self.data / "tmp").rglob("*") if p.is_file()])
        return [p for folder in ("objects", "tmp") for p in (self.data / folder).rglob("*")
                if p.is_file()]

    def other_team(self, credits=1000):
        """A second tenant with a key of its own: (client, organization_id, team_id)."""
        letters = string.ascii_letters + string.digits
        prefix = "".join(secrets.choice(letters) for _ in range(8))
        key = f"lo_{prefix}_" + "".join(secrets.choice(letters) for _ in range(43))
        organization, team, key_id = (str(uuid.uuid4()) for _ in range(3))
        now = int(time.time() * 1000)
        with self.database() as db:
            db.execute("INSERT INTO organization (id, name, created_ms) VALUES (?, ?, ?)",
                       (organization, "other", now))
            db.execute("INSERT INTO team (id, organization_id, name, created_ms)"
                       " VALUES (?, ?, ?, ?)", (team, organization, "other", now))
            db.execute("INSERT INTO credit_account (team_id, granted, sequence, shown)"
                       " VALUES (?, ?, 1, 1)", (team, credits))
            db.execute("INSERT INTO credit_entry (id, team_id, kind, source, target, amount,"
                       " balance_after, sequence, created_ms, description)"
                       " VALUES (?, ?, 'granted', 'issued', 'available', ?, ?, 1, ?, '')",
                       (f"test_{team}", team, credits, credits, now))
            db.execute("INSERT INTO credit_grant (id, team_id, remaining, expires_ms)"
                       " VALUES (?, ?, ?, ?)", (f"test_{team}", team, credits, 2**63 - 1))
            db.execute("INSERT INTO api_key (id, prefix, digest, team_id, name, created_ms)"
                       " VALUES (?, ?, ?, ?, 'test', ?)",
                       (key_id, prefix, hashlib.sha256(key.encode()).digest(), team, now))
        db.close()
        return Client(self.url, key), organization, team

    def own_team(self):
        """(organization_id, team_id) of the first start."""
        with self.database() as db:
            row = db.execute("SELECT organization_id, id FROM team ORDER BY created_ms LIMIT 1"
                             ).fetchone()
        db.close()
        return row


# --- openapi.json ---

def template_of(path):
    """The path of openapi.json that this path is one of; None if there is none."""
    segments = [s for s in path.split("?")[0].split("/") if s]
    if segments[:2] == ["api", "v1"]:
        segments = segments[2:]
    fitting = []
    for template in OPENAPI["paths"]:
        wanted = [s for s in template.split("/") if s]
        if len(wanted) == len(segments) and all(
                w.startswith("{") or w == s for w, s in zip(wanted, segments)):
            fitting.append(template)
    return min(fitting, key=lambda t: t.count("{"), default=None)


def check_schema(body, schema):
    whole = {**schema, "components": OPENAPI["components"]}
    validator = jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    problems = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"
                for e in validator.iter_errors(body)]
    assert not problems, problems


def described_reply(method, template, status):
    """What openapi.json says about this reply; errors of unknown routes have the common shape."""
    operation = OPENAPI["paths"].get(template, {}).get(method.lower()) if template else None
    if operation is None:
        assert status in (400, 404, 405), (method, template, status)
        return OPENAPI["components"]["responses"][f"Error{status}"]
    reply = operation["responses"].get(str(status))
    assert reply is not None, f"{method} {template}: {status} is not in openapi.json"
    if "$ref" in reply:
        reply = OPENAPI["components"]["responses"][reply["$ref"].split("/")[-1]]
    return reply


def check_reply(method, path, answer):
    template = template_of(path)
    if method == "OPTIONS":
        return
    wanted = "GET" if method == "HEAD" else method
    if template and wanted.lower() in OPENAPI["paths"][template]:
        CALLED.add((wanted, template))
    if path.split("?")[0].startswith("/store/"):
        return
    reply = described_reply(wanted, template, answer.status_code)
    media = answer.headers.get("Content-Type", "").split(";")[0]
    if "content" in reply:
        assert media in reply["content"], (media, list(reply["content"]))
    else:
        assert answer.content == b"" and not media
    if "X-Request-Id" not in answer.headers:
        # Refused before it was a request: broken framing, or a body past its limit.
        assert answer.status_code in (400, 413) and answer.headers["Connection"] == "close"
    else:
        assert not media or answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    if method != "HEAD" and media == "application/json":
        check_schema(answer.json(), reply["content"][media]["schema"])


# --- the client ---

class Client:
    def __init__(self, url, key, agent=None):
        self.url = url
        self.key = key
        self.session = requests.Session()
        if agent:
            self.session.headers["User-Agent"] = agent

    def call(self, method, path, *, key=True, headers=None, **how):
        """The answer as requests gives it, checked against openapi.json."""
        sent = dict(headers or {})
        if key:
            sent.setdefault("X-API-Key", self.key)
        answer = self.session.request(method, self.url + path, headers=sent, timeout=60, **how)
        check_reply(method, path, answer)
        return answer

    def as_agent(self, agent):
        return Client(self.url, self.key, agent)

    def begin(self, size, **fields):
        body = {"file_name": "a.pdf", "content_type": "application/pdf", "file_size": size,
                **fields}
        answer = self.call("POST", "/api/v1/ocr/uploads/direct", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, url, data, **how):
        answer = self.session.put(url, data=data, timeout=120, **how)
        if url.startswith(self.url):
            check_reply("PUT", url[len(self.url):], answer)
        return answer

    def send_parts(self, upload, data):
        """Each part as its range says; the list for complete."""
        done = []
        for part in upload["parts"]:
            piece = data[part["start_byte"]:part["end_byte"] + 1]
            answer = self.put(part["upload_url"], piece)
            assert answer.status_code == 200, answer.text
            assert answer.headers["ETag"] == f'"{hashlib.md5(piece).hexdigest()}"'
            done.append({"part_number": part["part_number"], "etag": answer.headers["ETag"]})
        return done

    def complete(self, job_id, parts):
        return self.call("POST", f"/api/v1/ocr/uploads/{job_id}/complete", json={"parts": parts})

    def upload(self, data, **fields):
        """From the first call to complete; the job's id."""
        made = self.begin(len(data), **fields)
        answer = self.complete(made["job_id"], self.send_parts(made, data))
        assert answer.status_code == 200, answer.text
        return made["job_id"]

    def status(self, job_id):
        answer = self.call("GET", f"/api/v1/ocr/status/{job_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def result(self, job_id, query=""):
        answer = self.call("GET", f"/api/v1/ocr/result/{job_id}{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait(self, job_id, seconds=240):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status = self.status(job_id)
            if status["status"] in ("completed", "partially_done", "failed"):
                return status
            time.sleep(0.05)
        raise AssertionError(f"job {job_id} did not end: {status}")


def expect_error(answer, status, code, text=None):
    """The API's error shape (its schema has been checked by the call)."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["code"] == code, body
    if text:
        assert text in body["error"]["message"], body


def s3_code(answer):
    """The code of an XML error, with the elements that every one has."""
    import xml.etree.ElementTree as xml
    assert answer.headers["Content-Type"] == "application/xml"
    root = xml.fromstring(answer.content)
    assert root.tag == "Error"
    assert root.findtext("Message") and root.findtext("RequestId") == answer.headers["X-Request-Id"]
    assert root.findtext("Resource")
    return root.findtext("Code")


# --- documents ---

def make_pdf(pages, padding=0):
    """A PDF with one line of text on each page; padding: bytes of an object nobody shows."""
    objects = []
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for i, text in enumerate(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * i}"
                       " 0 R /Resources << /Font << /F1 3 0 R >> >> >>".encode())
        stream = f"BT /F1 14 Tf 72 700 Td ({text}) Tj ET".encode()
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    if padding:
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (padding, b"\0" * padding))
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for i, body in enumerate(objects):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % p for p in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1,
                                                                           start)
    return bytes(out)
