#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""kill -9 of random processes while jobs run; then the promises are checked.

usage: tests/crash/kill.py [--jobs 300] [--kills 60] [--seed N] [--keep]
Clients log every call as invoke/ok/fail/unknown (a cut connection may have been either). Afterwards:
  1 every job whose submit was acknowledged exists;
  2 every job whose `complete` was acknowledged is completed, with the right pages;
  3 no job is charged twice, none that failed is charged, and the ledger's sum is the balance;
  4 no task is left, no process either;
  5 each result, and the tree of each page, is that of a server which nobody disturbed, byte by byte.
Ends with "N passed, N failed", a line for each promise.
"""
import argparse
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from processes import left_of  # noqa: E402
from server import ROOT, Server  # noqa: E402

SAMPLES = {"invoice.pdf": 1, "article.pdf": 2, "rotated.pdf": 1, "note.bmp": 1, "two-sheets.tiff": 2}
SCHEMA = {"schema": {"number": "string", "total": "number"}}


class History:
    def __init__(self):
        self.lock = threading.Lock()
        self.jobs = {}       # id -> [sample, "submitted" | "completed"]
        self.structured = set()  # ids
        self.unknown = 0

    def note(self, job, sample, what):
        with self.lock:
            self.jobs[job] = [sample, what]

    def ask_for_values(self, job):
        with self.lock:
            self.structured.add(job)

    def cut(self):
        with self.lock:
            self.unknown += 1


def client(server, history, count, seed, seconds):
    """Submits its share of the jobs, spread over the time that the kills take."""
    rng = random.Random(seed)
    for _ in range(count):
        time.sleep(rng.uniform(0, 1.6 * seconds / count))
        sample = rng.choice(list(SAMPLES))
        body = (ROOT / "tests/samples" / sample).read_bytes()
        begun = parts = None
        deadline = time.monotonic() + 120
        # Each step is repeated until it is acknowledged, as a careful client does.
        while time.monotonic() < deadline:
            try:
                if begun is None:
                    # Every third one for structured data, which is one more task of the job.
                    wanted = SCHEMA if rng.random() < 0.33 else {}
                    begun = server.initiate(sample, len(body), **wanted)
                    history.note(begun["job_id"], sample, "submitted")
                    if wanted:
                        history.ask_for_values(begun["job_id"])
                if parts is None:
                    put = requests.put(begun["parts"][0]["upload_url"], data=body, timeout=10)
                    if put.status_code != 200:
                        raise requests.ConnectionError(put.text)
                    parts = [{"part_number": 1, "etag": put.headers["ETag"]}]
                done = server.call("POST", f"/ocr/uploads/{begun['job_id']}/complete", json={"parts": parts}, timeout=10)
                if done.status_code == 200:
                    history.note(begun["job_id"], sample, "completed")
                    break
                if done.status_code < 500:
                    print("complete refused:", done.status_code, done.text)
                    break
            except requests.RequestException:
                history.cut()
            time.sleep(0.05)


def has_lost_two(data):
    """Whether a task has lost its reader twice: at the third time its page would be given up, as it should be."""
    db = sqlite3.connect(f"file:{data}/leapocr.db?mode=ro", uri=True, timeout=30)
    try:
        return db.execute("SELECT COUNT(*) FROM task WHERE attempt > 2 OR (attempt = 2 AND state = 0)").fetchone()[0] > 0
    finally:
        db.close()


def storm(server, kills, seed, done, tally):
    """Kills a random process of the service at random times; the supervisor's death is mended here."""
    rng = random.Random(seed)
    for _ in range(kills):
        time.sleep(rng.uniform(0.05, 0.45))
        try:
            pids = server.pids()
            kinds = {"serve": [], "role-api": [], "role-runner": [], "reader --fd": []}
            for pid, line in pids.items():
                for kind in kinds:
                    if kind in line:
                        kinds[kind].append(pid)
            kind = rng.choice(["role-api", "role-runner", "reader --fd", "reader --fd", "serve"])
            if kind == "reader --fd" and has_lost_two(server.data):
                kind = "role-runner"
            victim = rng.choice(kinds[kind]) if kinds[kind] else server.process.pid
            if victim == server.process.pid:
                kind = "serve"
                server.kill()
                server.start()
            else:
                os.kill(victim, 9)
            tally[kind] = tally.get(kind, 0) + 1
        except ProcessLookupError:
            continue
    done.set()


def wait_until_it_answers(server, seconds=60):
    """The last kill may have been of the one that answers."""
    until = time.monotonic() + seconds
    while True:
        try:
            if server.call("GET", "/health", timeout=5).status_code == 200:
                return
        except requests.RequestException:
            pass
        if time.monotonic() > until:
            raise TimeoutError("the server does not answer after the last kill")
        time.sleep(0.05)


def has_result(result, page):
    return isinstance(page["result"], dict) if result["result_format"] == "structured" else bool(page["result"])


def made_of(server, job):
    """What a job gave: its pages as the API tells them, and their trees. Of all that, only a page's id is the job's own."""
    pages = server.result(job).json()["pages"]
    for page in pages:
        page["id"] = None
    return json.dumps(pages, sort_keys=True), server.result(job, **{"as": "json"}).content


def difference(made, calm):
    """Where two of made_of part: "" nowhere."""
    for name, one, other in zip(("pages", "trees"), made, calm):
        if one != other:
            at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
            return f"{name} from {at} on: {one[at - 40:at + 40]!r} in place of {other[at - 40:at + 40]!r}"
    return ""


def undisturbed(data):
    """{(sample, whether values were asked for): what it gives}, of a server of its own."""
    with Server(data) as server:
        jobs = {(sample, bool(wanted)): server.upload(ROOT / "tests/samples" / sample, **wanted)
                for sample in SAMPLES for wanted in ({}, SCHEMA)}
        for job in jobs.values():
            server.wait(job, 180)
        return {what: made_of(server, job) for what, job in jobs.items()}


def check(server, history, calm):
    """[(promise, list of violations)]"""
    lost, wrong, unread, other = [], [], [], []
    for job, (sample, what) in history.jobs.items():
        answer = server.call("GET", f"/ocr/status/{job}")
        if answer.status_code != 200:
            lost.append(job)
            continue
        if what != "completed":
            continue
        state = server.wait(job, 180)
        if state["status"] != "completed":
            wrong.append((job, sample, state["status"], state.get("error_message")))
            continue
        result = server.result(job).json()
        if len(result["pages"]) != SAMPLES[sample] or not all(has_result(result, p) for p in result["pages"]):
            unread.append((job, sample))
        else:
            differs = difference(made_of(server, job), calm[sample, job in history.structured])
            if differs:
                other.append((job, sample, differs))
    return [("every acknowledged submit exists", lost), ("every acknowledged complete ends completed", wrong),
            ("every result has its pages", unread), ("every result is that of an undisturbed server", other)]


def check_money(data, history):
    db = sqlite3.connect(f"file:{data}/leapocr.db?mode=ro", uri=True)
    bad = db.execute("PRAGMA integrity_check").fetchone()[0]
    # A row's id is its idempotency key, so that a second charge has no place; the sums have to agree with the jobs.
    charged = dict(db.execute("SELECT job_id, amount FROM credit_entry WHERE target = 'consumed'"))
    pages = dict(db.execute("SELECT id, credits_used FROM job"))
    problems = [f"job {job} used {pages.get(job)}, was charged {amount}" for job, amount in charged.items()
                if pages.get(job) != amount]
    unpaid = [job for job, (_, what) in history.jobs.items() if what == "completed" and job not in charged]
    (consumed,) = db.execute("SELECT sum(consumed) FROM credit_account").fetchone()
    if consumed != sum(charged.values()):
        problems.append(f"the balance says {consumed} consumed, the ledger {sum(charged.values())}")
    tasks = db.execute("SELECT count(*) FROM task").fetchone()[0]
    return [("the database is sound", [] if bad == "ok" else [bad]), ("nobody is charged twice", problems),
            ("every completed job is charged", unpaid),
            ("no task is left", [tasks] if tasks else [])]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--jobs", type=int, default=300)
    p.add_argument("--kills", type=int, default=60)
    p.add_argument("--clients", type=int, default=6)
    p.add_argument("--seed", type=int, default=int(time.time()))
    p.add_argument("--keep", action="store_true", help="leave the data folder for inspection")
    a = p.parse_args()
    print(f"seed {a.seed}")
    work = Path(tempfile.mkdtemp(prefix="leapocr-crash-"))
    calm = undisturbed(work / "calm")
    server = Server(work / "data", options=["--lease", "5"]).start()
    history, done, tally = History(), threading.Event(), {}
    clients = [threading.Thread(target=client, args=(server, history, a.jobs // a.clients + (i < a.jobs % a.clients), a.seed + i,
                                                       a.kills * 0.35))
               for i in range(a.clients)]
    begun = time.monotonic()
    killer = threading.Thread(target=storm, args=(server, a.kills, a.seed, done, tally))
    killer.start()
    for c in clients:
        c.start()
    for c in clients:
        c.join()
    killer.join()
    wait_until_it_answers(server)
    verdicts = check(server, history, calm)
    pids = list(server.pids())
    server.stop()
    left = left_of(pids)
    verdicts += check_money(work / "data", history) + [("no process is left", left)]
    print(f"{len(history.jobs)} jobs acknowledged, {sum(w == 'completed' for _, w in history.jobs.values())} completes, "
          f"{history.unknown} calls cut, kills {tally}, {time.monotonic() - begun:.0f} s")
    for promise, violations in verdicts:
        print("ok  " if not violations else "FAIL", promise, violations[:5] if violations else "")
    failed = sum(bool(v) for _, v in verdicts)
    if failed:
        print(server.log_tail(60))
    if not a.keep and not failed:
        shutil.rmtree(work)
    else:
        print("data kept in", work)
    print(f"crash: {len(verdicts) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
