#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The n-th call of a system call kills the server, or fails, for n = 1, 2, ...; then the promises are checked.

usage: tests/crash/sweep.py [--most 12]
The flow submit, PUT, complete runs against a server under `strace -f -e inject=...`. A client that saw an answer
holds the server to it: after a clean restart the job must exist and end completed, and an acknowledged PUT must
still be there (its ETag is accepted by complete). A failed fsync must never have been acknowledged.
"""
import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from server import ROOT, Server  # noqa: E402

CALLS = ["fdatasync", "fsync", "pwrite64", "rename,renameat,renameat2"]
FAULTS = ["signal=KILL", "error=EIO", "error=ENOSPC"]


class Traced(Server):
    """role-api alone runs under strace: attached once it is up, so that start-up is not counted."""

    def attach(self, call, fault, n):
        api = next(pid for pid, line in self.pids().items() if "role-api" in line)
        self.tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(api), "-e", f"trace={call}", "-e",
                                        f"inject={call}:{fault}:when={n}"], stderr=subprocess.DEVNULL)
        time.sleep(0.15)
        return api

    def detach(self):
        self.tracer.send_signal(signal.SIGINT)
        try:
            self.tracer.wait(2)
        except subprocess.TimeoutExpired:
            self.tracer.kill()
            self.tracer.wait()


def flow(server, body):
    """What was acknowledged: job id, ETag, completed."""
    job = etag = None
    completed = False
    try:
        begun = server.initiate("invoice.pdf", len(body))
        job = begun["job_id"]
        put = requests.put(begun["parts"][0]["upload_url"], data=body, timeout=5)
        if put.status_code == 200:
            etag = put.headers["ETag"]
            done = server.call("POST", f"/ocr/uploads/{job}/complete", json={"parts": [{"part_number": 1, "etag": etag}]}, timeout=5)
            completed = done.status_code == 200
    except (requests.RequestException, KeyError, ValueError):
        pass
    return job, etag, completed


def hold_to_it(server, job, etag, completed):
    """None, or the broken promise."""
    if job is None:
        return None
    answer = server.call("GET", f"/ocr/status/{job}")
    if answer.status_code != 200:
        return f"acknowledged submit is gone: {answer.status_code}"
    if etag and not completed:
        done = server.call("POST", f"/ocr/uploads/{job}/complete", json={"parts": [{"part_number": 1, "etag": etag}]})
        if done.status_code != 200:
            return f"acknowledged part is gone: {done.text}"
        completed = True
    if completed:
        state = server.wait(job, 60)
        if state["status"] != "completed":
            return f"acknowledged complete ended {state['status']}: {state.get('error_message')}"
    return None


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--most", type=int, default=12)
    a = p.parse_args()
    body = (ROOT / "tests/samples/invoice.pdf").read_bytes()
    work = Path(tempfile.mkdtemp(prefix="leapocr-sweep-"))
    server = Traced(work / "data", options=["--lease", "5"]).start()
    points, violations = 0, []
    for call in CALLS:
        for fault in FAULTS:
            for n in range(1, a.most + 1):
                api = server.attach(call, fault, n)
                seen = flow(server, body)
                server.detach()
                points += 1
                survived = Path(f"/proc/{api}").exists()
                server.kill()
                server.start()
                broken = hold_to_it(server, *seen)
                if broken:
                    violations.append((call, fault, n, broken))
                if seen[2] and survived:
                    break  # the whole flow ran without reaching the n-th call
    server.stop()
    shutil.rmtree(work)
    print(f"{points} fault points")
    for v in violations:
        print("FAIL", *v)
    print(f"sweep: {points - len(violations)} passed, {len(violations)} failed")
    sys.exit(1 if violations else 0)


main()
