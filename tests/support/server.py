# SPDX-License-Identifier: AGPL-3.0-or-later
"""Starts and stops the real server for tests and benchmarks, and speaks its API plainly.

    with Server(binary, data_dir) as s:
        job = s.upload(Path("a.pdf"))
        s.wait(job)
        s.result(job)
"""
import json
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import requests

import ports

ROOT = Path(__file__).resolve().parents[2]


KEY_PATTERN = re.compile(r"\blo_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}\b")
READY_PATTERN = re.compile(r"ready at (http://\S+)")


def binary():
    return os.environ.get("LEAPOCR_BIN", str(ROOT / "build/src/cmd/leapocr"))


class Process:
    """`leapocr serve` on a data folder and a free loopback port, started and stopped at will.

    output: its lines, of all starts. key: of the first start, kept beside the data folder."""

    keeps_port = True        # the same one at each start, for clients that go on
    start_new_session = False  # then kill_all ends the whole group

    def __init__(self, data, program=None, options=(), env=None):
        self.data = Path(data)
        self.program = program or binary()
        self.options = list(options)
        self.env = {**os.environ, **(env or {})}
        self.process = None
        self.reader = None
        self.output = []
        self.url = None
        self.key = None
        self.ready_ms = None
        self.port = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.stop()

    def start(self, timeout=90):
        self.ready_ms = None
        if not self.keeps_port:
            self.port = 0
        elif self.port == 0:
            self.port = ports.free()
        told = threading.Event()
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [self.program, "serve", "--listen", f"127.0.0.1:{self.port}",
             "--data", str(self.data), *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.env, text=True, errors="replace",
            start_new_session=self.start_new_session)
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout, begun, told), daemon=True)
        self.reader.start()
        told.wait(timeout)
        if self.ready_ms is None:
            self.kill_all()
            raise RuntimeError("the server did not start:\n" + self.log_tail())
        key_file = Path(str(self.data) + ".key")
        if self.key is not None:
            key_file.write_text(self.key)
        elif key_file.exists():
            self.key = key_file.read_text()
        return self

    def _read(self, lines, begun, told):
        """The first start prints the key; each start ends with the line that says where."""
        for line in lines:
            self.output.append(line)
            found = KEY_PATTERN.search(line)
            if found and self.key is None:
                self.key = found.group()
            found = READY_PATTERN.search(line)
            if found:
                self.url = found.group(1)
                self.port = int(self.url.rsplit(":", 1)[1])
                self.ready_ms = (time.monotonic() - begun) * 1000
                told.set()
        told.set()

    def log_tail(self, lines=40):
        return "".join(self.output[-lines:])

    def stop(self, timeout=120):
        """SIGTERM; returns the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise
        self.reader.join(10)
        return self.process.returncode

    def kill(self):
        """Kills the supervisor alone: the others have to notice."""
        self.process.kill()
        self.process.wait()

    def kill_all(self):
        if self.start_new_session and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.kill()

    def pids(self):
        """{pid: command line} of every process of the service."""
        found = {self.process.pid: "serve"}
        grown = True
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                except (OSError, IndexError):
                    continue
        while grown:
            grown = False
            for pid, parent in parents.items():
                if parent in found and pid not in found:
                    try:
                        found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                    except OSError:
                        continue
                    grown = True
        return found


class Server(Process):
    """The service with a plain client: no answer is checked here."""

    base = property(lambda self: self.url)

    def headers(self, **more):
        return {"X-API-Key": self.key, **more}

    def call(self, method, path, session=requests, **kw):
        kw.setdefault("timeout", 30)
        kw["headers"] = {**self.headers(), **kw.get("headers", {})}
        return session.request(method, self.base + "/api/v1" + path, **kw)

    def initiate(self, name, size, session=requests, **options):
        answer = self.call("POST", "/ocr/uploads/direct", session,
                           json={"file_name": name, "content_type": "application/pdf", "file_size": size, **options})
        answer.raise_for_status()
        return answer.json()

    def upload(self, source, session=requests, name=None, **options):
        """Initiates, puts every part, completes; returns the job's id."""
        body = source if isinstance(source, bytes) else Path(source).read_bytes()
        begun = self.initiate(name or (Path(source).name if not isinstance(source, bytes) else "document.pdf"),
                              len(body), session, **options)
        parts = []
        for part in begun["parts"]:
            put = session.put(part["upload_url"], data=body[part["start_byte"]:part["end_byte"] + 1], timeout=60)
            put.raise_for_status()
            parts.append({"part_number": part["part_number"], "etag": put.headers["ETag"]})
        done = self.call("POST", f"/ocr/uploads/{begun['job_id']}/complete", session, json={"parts": parts})
        done.raise_for_status()
        return begun["job_id"]

    def status(self, job, session=requests):
        answer = self.call("GET", f"/ocr/status/{job}", session)
        answer.raise_for_status()
        return answer.json()

    def wait(self, job, timeout=240, session=requests):
        deadline = time.monotonic() + timeout
        pause = 0.005
        while True:
            state = self.status(job, session)
            if state["status"] in ("completed", "failed", "partially_done"):
                return state
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job} is still {json.dumps(state)}")
            time.sleep(pause)
            pause = min(pause * 1.3, 0.25)

    def result(self, job, session=requests, **query):
        return self.call("GET", f"/ocr/result/{job}", session, params=query)
