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

ROOT = Path(__file__).resolve().parents[2]


def binary():
    return os.environ.get("LEAPOCR_BIN", str(ROOT / "build/src/cmd/leapocr"))


class Server:
    """The service on a free loopback port. key: of the first start, kept beside the data folder."""

    def __init__(self, data, program=None, options=(), env=None, log=None):
        self.data = Path(data)
        self.program = program or binary()
        self.options = list(options)
        self.env = {**os.environ, **(env or {})}
        self.log_path = Path(log or str(self.data) + ".log")
        self.process = None
        self.base = None
        self.key = None
        self.ready_ms = None
        self.port = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.stop()

    def start(self, timeout=30):
        begun = time.monotonic()
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [self.program, "serve", "--listen", f"127.0.0.1:{self.port}", "--data", str(self.data), *self.options],
            stdout=subprocess.PIPE, stderr=log, env=self.env, text=True)
        log.close()
        key_file = Path(str(self.data) + ".key")
        lines = []
        watchdog = threading.Timer(timeout, self.process.kill)
        watchdog.start()
        for line in self.process.stdout:
            lines.append(line)
            found = re.fullmatch(r"\s*(lo_\w+)\s*", line)
            if found:
                key_file.write_text(found.group(1))
            found = re.search(r"is ready at (http://\S+)", line)
            if found:
                self.ready_ms = (time.monotonic() - begun) * 1000
                self.base = found.group(1)
                self.port = int(self.base.rsplit(":", 1)[1])
                break
        watchdog.cancel()
        if self.base is None or self.process.poll() is not None:
            raise RuntimeError("the server did not start: " + "".join(lines) + self.log_tail())
        self.key = key_file.read_text()
        threading.Thread(target=lambda: [None for _ in self.process.stdout], daemon=True).start()
        return self

    def log_tail(self, lines=40):
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, timeout=60):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return self.process.returncode if self.process else None

    def kill(self):
        self.process.kill()
        self.process.wait()

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

    # --- the API ---
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

    def wait(self, job, timeout=120, session=requests):
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
