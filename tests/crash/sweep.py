#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The n-th call of a system call kills a role of the server, or fails, for n = 1, 2, ...; then the promises are checked.

usage: tests/crash/sweep.py [--most 8] [--seconds 220] [--role api] [--call fsync] [--fault error=EIO]
The flow submit, PUT, complete, read runs against a server one role of which is traced by
`strace -f -e inject=...` (n counts the calls of each thread). Promises:
  - a client that saw an answer holds the server to it: after kill -9 of everything and a start the job must
    exist and end completed, and the ETag of an acknowledged PUT is accepted by complete;
  - a role whose database could not be synchronised ends by itself, non-zero, and is started again;
  - the next request after a fault that nobody died of is served.
A role, call and fault are done when a flow ran through without the n-th call being reached.
"""
import argparse
import re
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

CALLS = ["fdatasync", "fsync", "pwrite64", "write", "renameat,renameat2", "linkat,unlinkat", "ftruncate"]
FAULTS = ["signal=KILL", "error=EIO", "error=ENOSPC"]
# Not made to fail: most writes are wake-ups between threads, which cannot fail on a real machine.
KILL_ONLY = ("write",)
SYNCS = ("fdatasync", "fsync")


class Tracer:
    """strace on one role, attached once it is up, so that its start is not counted."""

    def __init__(self, server, role, call, fault, n, out):
        self.server, self.role = server, role
        self.pid = self.find()
        self.out = out
        self.out.write_text("")
        self.process = subprocess.Popen(
            ["strace", "-f", "-q", "-y", "-o", str(out), "-p", str(self.pid), "-e", f"trace={call}", "-e", "signal=none",
             "-e", f"inject={call}:{fault}:when={n}"], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 5
        while not self.is_attached():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"strace could not attach to the {role} role")
            time.sleep(0.005)

    def find(self):
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            for pid, line in self.server.pids().items():
                if f"role-{self.role}" in line and " serve" not in line:
                    return pid
            time.sleep(0.02)
        raise RuntimeError(f"there is no {self.role} role")

    def is_attached(self):
        tasks = list(Path(f"/proc/{self.pid}/task").iterdir())
        return all("TracerPid:\t0" not in (t / "status").read_text() for t in tasks)

    def hit(self):
        """The file of the call that was made to fail ("" if it has none), or None."""
        for line in self.out.read_text(errors="replace").splitlines():
            if "INJECTED" in line:
                found = re.search(r"\(\d+<([^>]*)>", line)
                return found.group(1) if found else ""
        return None

    def alive(self):
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    def ends_within(self, seconds):
        deadline = time.monotonic() + seconds
        while self.alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        return not self.alive()

    def detach(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def flow(server, body):
    """What was acknowledged: job id, ETag, completed."""
    job = etag = None
    completed = False
    try:
        begun = server.initiate("invoice.pdf", len(body))
        job = begun["job_id"]
        put = requests.put(begun["parts"][0]["upload_url"], data=body, timeout=10)
        if put.status_code == 200:
            etag = put.headers["ETag"]
            done = server.call("POST", f"/ocr/uploads/{job}/complete", json={"parts": [{"part_number": 1, "etag": etag}]}, timeout=10)
            completed = done.status_code == 200
    except requests.RequestException:
        pass
    return job, etag, completed


def wait_until_read(server, job, tracer, seconds):
    """The traced runner has read the job, or has met its fault."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and tracer.hit() is None:
        if server.status(job)["status"] in ("completed", "partially_done", "failed"):
            return
        time.sleep(0.02)


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
        pages = server.result(job).json()["pages"]
        if len(pages) != 1 or not pages[0]["result"]:
            return "a completed job has no text"
    return None


def serves_again(server):
    """Whether a new submit is taken soon, without a start of the server."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            server.initiate("after.pdf", 10)
            return True
        except requests.RequestException:
            time.sleep(0.05)
    return False


def try_point(server, body, role, call, fault, n, out):
    """(whether the n-th call was reached, the broken promise or None)"""
    tracer = Tracer(server, role, call, fault, n, out)
    broken = None
    seen = flow(server, body)
    if role == "runner" and seen[2]:
        wait_until_read(server, seen[0], tracer, 20)
    hit = tracer.hit()
    if hit is not None and fault.startswith("error") and call in SYNCS and "leapocr.db" in hit:
        if not tracer.ends_within(5):
            broken = f"the role lives on after a failed {call} of {Path(hit).name}"
    gone = not tracer.alive()
    tracer.detach()
    if hit is None and not gone and tracer.hit() is None:
        broken = broken or hold_to_it(server, *seen)
        return False, broken
    if not serves_again(server):
        broken = broken or "no request is served after the fault"
    server.kill()
    server.start()
    return True, broken or hold_to_it(server, *seen)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--most", type=int, default=8)
    p.add_argument("--seconds", type=int, default=220, help="no new point after this")
    p.add_argument("--role", choices=["api", "runner"])
    p.add_argument("--call", choices=CALLS)
    p.add_argument("--fault", choices=FAULTS)
    a = p.parse_args()
    body = (ROOT / "tests/samples/invoice.pdf").read_bytes()
    work = Path(tempfile.mkdtemp(prefix="leapocr-sweep-"))
    server = Server(work / "data", options=["--lease", "5", "--initial-credits", "1000000", "--readers", "1"]).start()
    begun = time.monotonic()
    points, left_out, violations, reached = 0, 0, [], {}
    # All first calls before all second ones, so that the time's end cuts the deepest.
    sweeps = [(role, call, fault) for role in ["api", "runner"] for call in CALLS for fault in FAULTS
              if not (call in KILL_ONLY and fault.startswith("error")) and role == (a.role or role) and call == (a.call or call) and fault == (a.fault or fault)]
    for n in range(1, a.most + 1):
        for sweep in list(sweeps):
            if time.monotonic() - begun > a.seconds:
                left_out += 1
                continue
            hit, broken = try_point(server, body, *sweep, n, work / "trace")
            points += hit
            if hit:
                reached[sweep[:2]] = n
            else:
                sweeps.remove(sweep)
            if broken:
                violations.append((*sweep, n, broken))
                print("FAIL", *violations[-1], flush=True)
    server.stop()
    print(f"{points} faults in {time.monotonic() - begun:.0f} s, {left_out} left out for want of time; the deepest: "
          + ", ".join(f"{role} {call} {n}" for (role, call), n in reached.items()))
    if violations:
        print(server.log_tail(60))
    else:
        shutil.rmtree(work)
    failed = len(violations) + (points == 0)
    print(f"sweep: {points - len(violations)} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
