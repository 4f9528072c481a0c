# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server that speaks as much of the API as a client sees, and fails on demand.

What a document does is written in its name: "failed.pdf" ends failed, "partial.pdf" in part,
"slow.pdf" never ends, "pages250.pdf" has 250 pages, others have one page.
"""

import hashlib
import json
import re
import socket
import struct
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "test-key"


class Job:
    def __init__(self, body):
        self.id = str(uuid.uuid4())
        self.body = body
        self.parts = {}
        self.status = "uploading"
        self.polls = 0
        digits = re.search(r"pages(\d+)", body["file_name"])
        self.pages = int(digits.group(1)) if digits else 1


class FakeServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.jobs = {}
        self.requests = []  # (method, path)
        self.lock = threading.Lock()
        self.part_bytes = 5 << 20
        self.failures = []  # (method, path pattern, what): status, (status, headers) or "reset"
        self.polls_needed = 2
        self.files = {}  # path -> (content type, bytes), for downloads
        self.result_format = None
        self.no_etag = False
        self.uploads_now = 0
        self.uploads_most = 0
        self.barrier = None  # PUTs wait for one another here
        self.status_seconds = 0  # each answer about a job takes so long
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/api/v1"

    def job_of(self, name):
        return next(job for job in self.jobs.values() if job.body["file_name"] == name)

    def handle_error(self, request, client_address):
        pass  # clients that go away are part of the tests


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def log_message(self, *args):
        pass

    def setup(self):
        super().setup()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # --- answers ---

    def answer(self, status, body=None, headers=()):
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if body is not None and not isinstance(body, bytes):
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, code, message, headers=()):
        self.answer(status, {"code": code, "details": None, "error": {"message": message}}, headers)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def fails(self, path):
        """Takes the first failure that is meant for this request."""
        with self.server.lock:
            for i, (method, pattern, what) in enumerate(self.server.failures):
                if method == self.command and re.search(pattern, path):
                    del self.server.failures[i]
                    break
            else:
                return False
        if what == "reset":
            self.reset()
        elif isinstance(what, tuple):
            self.refuse(what[0], "SYSTEM_ERROR", "on demand", what[1])
        else:
            self.refuse(what, "SYSTEM_ERROR", "on demand")
        return True

    # --- requests ---

    def do(self):
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        with self.server.lock:
            self.server.requests.append((self.command, self.path))
        if parts.path.startswith("/put/"):
            if self.fails(self.path):
                return
            self.put_part(parts.path, length)
            return
        body = self.rfile.read(length)
        if self.fails(self.path):
            return
        if parts.path in self.server.files:
            self.give_file(parts.path)
            return
        if self.headers.get("X-API-KEY") != KEY:
            self.refuse(401, "AUTHENTICATION_ERROR", "no valid API key")
            return
        path = parts.path.removeprefix("/api/v1")
        if path == "/ocr/uploads/direct":
            self.initiate(json.loads(body))
        elif match := re.fullmatch("/ocr/uploads/([^/]+)/complete", path):
            self.complete(match.group(1), json.loads(body))
        elif match := re.fullmatch("/ocr/status/([^/]+)", path):
            self.with_job(match.group(1), self.status)
        elif match := re.fullmatch("/ocr/result/([^/]+)", path):
            self.with_job(match.group(1), self.result, parse_qs(parts.query))
        elif match := re.fullmatch("/ocr/delete/([^/]+)", path):
            self.with_job(match.group(1), self.delete)
        else:
            self.refuse(404, "NOT_FOUND", "no such route")

    do_GET = do_POST = do_PUT = do_DELETE = do

    def give_file(self, path):
        kind, data = self.server.files[path]
        if kind == "redirect":
            self.answer(302, b"", [("Location", data)])
        else:
            self.answer(200, data, [("Content-Type", kind)])

    def with_job(self, job_id, call, *args):
        job = self.server.jobs.get(job_id)
        if job is None:
            self.refuse(404, "NOT_FOUND", "no such job")
        else:
            call(job, *args)

    def initiate(self, body):
        if "credits" in body["file_name"]:
            self.refuse(402, "LESS_CREDITS", "1 credit is needed, 0 are left")
            return
        job = Job(body)
        with self.server.lock:
            self.server.jobs[job.id] = job
        size, step = body["file_size"], self.server.part_bytes
        parts = []
        for number, start in enumerate(range(0, size, step), 1):
            host = self.headers["Host"]
            parts.append({"part_number": number, "start_byte": start,
                          "end_byte": min(start + step, size) - 1,
                          "upload_url": f"http://{host}/put/{job.id}/{number}?signature=abc"})
        job.expected = len(parts)
        self.answer(200, {"job_id": job.id, "upload_id": "u", "upload_type": "multipart",
                          "parts": parts, "chunk_size": step, "total_chunks": len(parts)})

    def put_part(self, path, length):
        _, _, job_id, number = path.split("/")
        with self.server.lock:
            self.server.uploads_now += 1
            self.server.uploads_most = max(self.server.uploads_most, self.server.uploads_now)
        if self.server.barrier:
            self.server.barrier.wait(60)
        digest, size = hashlib.md5(), 0
        while size < length:
            piece = self.rfile.read(min(65536, length - size))
            if not piece:
                return
            digest.update(piece)
            size += len(piece)
        with self.server.lock:
            self.server.uploads_now -= 1
            self.server.jobs[job_id].parts[int(number)] = digest.hexdigest()
        etag = [] if self.server.no_etag else [("ETag", f'"{digest.hexdigest()}"')]
        assert "X-API-KEY" not in self.headers
        self.answer(200, b"", etag)

    def complete(self, job_id, body):
        job = self.server.jobs[job_id]
        given = [(part["part_number"], part["etag"].strip('"')) for part in body["parts"]]
        if given != sorted(job.parts.items()) or len(given) != job.expected:
            self.refuse(400, "VALIDATION_ERROR", "the parts are not those that came")
            return
        job.status = "pending"
        self.answer(200, {"job_id": job.id, "status": "pending"})

    def status(self, job):
        job.polls += 1
        time.sleep(self.server.status_seconds)
        name = job.body["file_name"]
        if job.polls > self.server.polls_needed and "slow" not in name:
            job.status = ("failed" if "failed" in name else
                          "partially_done" if "partial" in name else "completed")
        elif job.polls > 1:
            job.status = "processing"
        done = job.pages if job.status == "completed" else 0
        self.answer(200, {"id": job.id, "job_id": job.id, "status": job.status,
                          "processed_pages": done, "total_pages": job.pages,
                          "error_message": "the document is encrypted\x1b[31m"
                          if job.status == "failed" else None})

    def result(self, job, query):
        if job.status not in ("completed", "partially_done"):
            self.answer(202, {"job_id": job.id, "status": job.status})
            return
        form = self.server.result_format or job.body.get("format") or "markdown"
        page, limit = int(query["page"][0]), int(query["limit"][0])
        numbers = range(1, job.pages + 1)[(page - 1) * limit:page * limit]
        pages = []
        for number in numbers:
            text = f"# {job.body['file_name']}\n\nPage {number}: ä€\n"
            result = text if form == "markdown" else {"number": number, "amount": 0.97}
            if job.status == "partially_done" and number == job.pages:
                result = None
            pages.append({"page_number": number, "result": result, "confidence": 0.97})
        self.answer(200, {"job_id": job.id, "status": job.status, "result_format": form,
                          "file_name": job.body["file_name"], "total_pages": job.pages,
                          "pages": pages,
                          "pagination": {"page": page, "limit": limit, "total": job.pages,
                                         "total_pages": -(-job.pages // limit)}})

    def delete(self, job):
        del self.server.jobs[job.id]
        self.answer(200, {"job_id": job.id, "message": "Job deleted successfully"})
