# SPDX-License-Identifier: AGPL-3.0-or-later
"""Clients that submit jobs while things break, and an account of their own of what they were promised.

Every call is noted as invoke, ok, fail or unknown (the connection broke: it may have been either). A careful client repeats each step
until it is acknowledged; keys of idempotency make the repetition harmless, so that at the end every job is known.
"""
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

import requests

import postgres
import s3server

TERMINAL = ("completed", "partially_done", "failed")
CALL_SECONDS = 10


@dataclass
class Job:
    document: str
    way: str
    short: bool = False          # to be deleted once it is done
    id: str = ""
    acknowledged: bool = False   # the complete, or what stands for it
    terminal: str = ""           # the first one that was seen
    changed: list = field(default_factory=list)  # terminal states that were others later
    delete_asked: bool = False
    deleted: bool = False        # acknowledged
    given_up: str = ""


class Ledger:
    def __init__(self, file):
        self.lock = threading.Lock()
        self.jobs = []
        self.file = open(file, "w")
        self.counts = {"invoke": 0, "ok": 0, "fail": 0, "unknown": 0}

    def note(self, what, call, **more):
        with self.lock:
            self.counts[what] += 1
            self.file.write(json.dumps({"at": time.time(), "what": what, "call": call, **more}) + "\n")

    def add(self, job):
        with self.lock:
            self.jobs.append(job)

    def seen(self, job, status):
        if status in TERMINAL:
            with self.lock:
                if not job.terminal:
                    job.terminal = status
                elif job.terminal != status:
                    job.changed.append(status)

    def count(self):
        with self.lock:
            return len(self.jobs)


class Client:
    """Speaks to any of the gates, each time to another one by chance."""

    def __init__(self, world, ledger, seed):
        self.world, self.ledger = world, ledger
        self.random = random.Random(seed)
        self.session = requests.Session()

    def once(self, name, method, path, **how):
        """The answer, or None where nothing came or the service is not there."""
        gate = self.random.choice(self.world.gates)
        self.ledger.note("invoke", name, path=path)
        try:
            answer = self.session.request(method, f"{gate.url}/api/v1{path}", timeout=CALL_SECONDS, **{
                **how, "headers": {"X-API-Key": self.world.key, **how.get("headers", {})}})
        except requests.RequestException as why:
            self.ledger.note("unknown", name, path=path, why=type(why).__name__)
            return None
        if answer.status_code >= 500 or answer.status_code == 429:
            self.ledger.note("unknown", name, path=path, status=answer.status_code)
            return None
        self.ledger.note("ok" if answer.ok else "fail", name, path=path, status=answer.status_code)
        return answer

    def until_told(self, name, method, path, deadline, **how):
        while time.monotonic() < deadline:
            answer = self.once(name, method, path, **how)
            if answer is not None:
                return answer
            time.sleep(self.random.uniform(0.05, 0.3))
        return None

    # --- the ways a document comes in ---

    def submit(self, job, document, patience):
        """True once it is acknowledged."""
        deadline = time.monotonic() + patience
        answer = getattr(self, "by_" + job.way)(job, document, deadline)
        if answer is None or not answer.ok:
            job.given_up = "no answer" if answer is None else f"{answer.status_code} {answer.text[:200]}"
            return False
        job.id = job.id or answer.json()["job_id"]
        job.acknowledged = True
        return True

    def by_parts(self, job, document, deadline):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        begun = self.until_told("begin", "POST", "/ocr/uploads/direct", deadline, headers=key,
                                json={"file_name": "a.pdf", "file_size": len(document.body), **document.options})
        if begun is None or not begun.ok:
            return begun
        job.id = begun.json()["job_id"]
        url = begun.json()["parts"][0]["upload_url"]
        while time.monotonic() < deadline:
            try:
                put = self.session.put(url, data=document.body, timeout=CALL_SECONDS)
            except requests.RequestException:
                put = None
            if put is not None and put.status_code == 200:
                break
            time.sleep(0.1)
        else:
            return None
        parts = {"parts": [{"part_number": 1, "etag": put.headers["ETag"]}]}
        return self.until_told("complete", "POST", f"/ocr/uploads/{job.id}/complete", deadline, json=parts)

    def by_form(self, job, document, deadline):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        data = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in document.options.items()}
        return self.until_told("form", "POST", "/ocr/uploads/direct", deadline, headers=key, data=data,
                               files={"file": ("a.pdf", document.body, "application/pdf")})

    def by_url(self, job, document, deadline):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return self.until_told("url", "POST", "/ocr/uploads/url", deadline, headers=key,
                               json={"url": f"{self.world.receiver.url}/{document.name}.pdf", **document.options})

    # --- afterwards ---

    def look(self, job):
        answer = self.once("status", "GET", f"/ocr/status/{job.id}")
        if answer is not None and answer.ok:
            self.ledger.seen(job, answer.json()["status"])
        return answer

    def delete(self, job, patience):
        job.delete_asked = True
        answer = self.until_told("delete", "DELETE", f"/ocr/delete/{job.id}", time.monotonic() + patience)
        job.deleted = answer is not None and answer.status_code in (200, 404)
        return job.deleted

    def pages(self, job_id):
        """What a reader of the result gets, without what differs from job to job."""
        answer = self.until_told("result", "GET", f"/ocr/result/{job_id}", time.monotonic() + 60)
        if answer is None or not answer.ok:
            return None
        body = answer.json()
        for page in body["pages"]:
            page.pop("id")
        return json.dumps([body["status"], body["total_pages"], body["credits_used"], body["pages"]], sort_keys=True)


# --- what is looked at afterwards; each gives [(promise, list of violations)] ---

def check_jobs(ledger, client, calm):
    """calm: {document: what pages() gave before anything broke}."""
    lost, unended, moved, other, back = [], [], [], [], []
    for job in ledger.jobs:
        if not job.acknowledged:
            lost.append((job.way, job.id, job.given_up))
            continue
        answer = client.until_told("status", "GET", f"/ocr/status/{job.id}", time.monotonic() + 60)
        if job.deleted:
            if answer is None or answer.status_code != 404:
                back.append(job.id)
            continue
        if answer is None or answer.status_code != 200:
            lost.append((job.way, job.id, "status " + str(answer and answer.status_code)))
            continue
        state = answer.json()["status"]
        ledger.seen(job, state)
        if state != "completed":
            unended.append((job.way, job.id, state, answer.json().get("error_message")))
        elif client.pages(job.id) != calm[job.document]:
            other.append((job.document, job.id))
        if job.changed:
            moved.append((job.id, job.terminal, job.changed))
    return [("what was acknowledged is there (I1, I7)", lost), ("every job that was acknowledged is completed (I2)", unended),
            ("an end stays as it was (I3)", moved), ("every result is byte for byte that of a calm run (I5, I8)", other),
            ("what was deleted stays deleted (I9)", back)]


def check_money(world, ledger, credits):
    """credits: {document: what a calm run cost}."""
    wrong, sums = [], []
    entries = dict(world.query("SELECT job_id, SUM(amount) FROM credit_entry WHERE target = 'consumed' GROUP BY job_id"))
    twice = world.query("SELECT job_id, COUNT(*) FROM credit_entry WHERE target = 'consumed' GROUP BY job_id HAVING COUNT(*) > 1")
    for job in ledger.jobs:
        if job.acknowledged and entries.get(job.id) != credits[job.document]:
            wrong.append((job.id, job.document, "charged", entries.get(job.id), "due", credits[job.document]))
    for team, granted, consumed, reserved in world.query("SELECT team_id, granted, consumed, reserved FROM credit_account"):
        booked = world.query("SELECT COALESCE(SUM(CASE WHEN target = 'consumed' THEN amount ELSE 0 END), 0) FROM credit_entry WHERE team_id = ?",
                             (team,))[0][0]
        if reserved != 0 or consumed != booked:
            sums.append((team, "granted", granted, "consumed", consumed, "booked", booked, "reserved", reserved))
    return [("every job is charged once, what it costs (I4)", wrong + twice), ("the ledger adds up, nothing stays reserved (I4)", sums)]


def check_webhooks(world, ledger, seconds=240):
    """Every event of every job, at least once and always under one id."""
    wanted = {(job.id, kind) for job in ledger.jobs if job.acknowledged
              for kind in ("job.created", "job.completed") + (("job.deleted",) if job.deleted else ())}
    until = time.monotonic() + seconds
    while True:
        told = {}
        for request in list(world.receiver.requests):
            if request.method == "POST":
                body = json.loads(request.body)
                told.setdefault((body.get("job_id"), body["event_type"]), set()).add(body["event_id"])
        missing = wanted - set(told)
        if not missing or time.monotonic() > until:
            break
        time.sleep(0.5)
    several = [(key, sorted(ids)) for key, ids in told.items() if len(ids) > 1]
    return [("every event is told at least once (I6)", sorted(missing)), ("and always under the same id (I6)", several)]


OBJECTS = ("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND "
           "column_name IN ('object_id', 'document_id') AND table_name <> 'upload_gone'")


def check_store(world):
    """After all nodes have stopped and the garbage is collected."""
    removed = world.admin("objects", "collect", "minutes=0")
    rows = set()
    for table, column in world.query(OBJECTS):
        rows |= {value for value, in world.query(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")}
    keys = set(world.s3.keys(world.PREFIX))
    open_uploads = [key for key, _ in world.s3.uploads(world.PREFIX) if key[len(world.PREFIX):] not in rows]
    waiting = [(table, n) for table in ("task", "fetch_task", "upload_gone") for n, in world.query(f"SELECT COUNT(*) FROM {table}") if n]
    return removed, [("no object is missing (I7)", sorted(rows - keys)), ("no object belongs to nothing (I10)", sorted(keys - rows)),
                     ("no upload is left open (I10)", open_uploads), ("no task is left (I10)", waiting),
                     ("no process is left (I10)", world.processes())]


def plant(world, ledger, credits):
    """Makes mistakes of our own, at the end; what the checks overlook is returned."""
    job = next(j for j in ledger.jobs if j.acknowledged and not j.deleted)
    page, = world.query("SELECT object_id FROM job_page WHERE job_id = ?", (job.id,))[0]
    bucket = dict(Bucket=s3server.BUCKET)
    world.s3.client().delete_object(**bucket, Key=world.PREFIX + page)
    with postgres.Connection(world.url) as link:
        link.execute("UPDATE credit_entry SET amount = amount + 1 WHERE job_id = ? AND target = 'consumed'", (job.id,))
    link.close()
    found = dict(check_store(world)[1] + check_money(world, ledger, credits))
    wanted = ("no object is missing (I7)", "every job is charged once, what it costs (I4)", "the ledger adds up, nothing stays reserved (I4)")
    return [promise for promise in wanted if not found[promise]]
