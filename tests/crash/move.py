#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""An installation moves to PostgreSQL and another store while clients go on; move and server are killed on the way.

usage: tests/crash/move.py [--jobs 10000] [--kills 2] [--store folder|s3] [--back] [--seed N] [--keep]
JOBS documents are read on SQLite and a folder. Then clients send more, look and delete, all the time: before `leapocr admin move`, while it
copies, is killed (SIGKILL, once with the old server) and goes on, while nothing can be written, and after the new server has taken the old
one's address. --back: then it moves once more, from PostgreSQL to SQLite. Afterwards:
  1 every job whose `complete` was acknowledged is there, completed, with its page; every one whose deletion was acknowledged is not;
  2 each row of the old ledger is in the new one; it adds up, no job is charged twice or for nothing;
  3 every object that a row names is in the new store, and has its bytes;
  4 a new process on the old database is refused, and told where it moved; the old one writes nothing more;
  5 the longest time in which no write was answered is below --pause, 40 s (a killed move holds up the old server for 20 s); 0: only told.
Ends with "N passed, N failed", a line for each promise.
"""
import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import nodes  # noqa: E402
import postgres  # noqa: E402
from server import ROOT, Server, binary  # noqa: E402

SAMPLES = {"invoice.pdf": 1, "article.pdf": 2, "rotated.pdf": 1}
KEPT = ("credit_entry", "audit")  # rows that only come


class History:
    def __init__(self):
        self.lock = threading.Lock()
        self.jobs, self.deleted = {}, set()
        self.stop, self.last, self.longest = False, None, 0.0

    def written(self):
        """A write was acknowledged."""
        with self.lock:
            now = time.monotonic()
            if self.last is not None:
                self.longest = max(self.longest, now - self.last)
            self.last = now


def careful(history, call, patience=120):
    """As a client that asks again after 503 and lost connections; None if the test ends first."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            answer = call()
            if answer.status_code < 500:
                return answer
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise AssertionError("no answer in time")


def send(server, history, session, sample, body, seed):
    begun = careful(history, lambda: server.call(
        "POST", "/ocr/uploads/direct", session, json={"file_name": sample, "content_type": "application/pdf", "file_size": len(body)})).json()
    parts = []
    for part in begun["parts"]:
        put = careful(history, lambda: session.put(part["upload_url"], data=body[part["start_byte"]:part["end_byte"] + 1], timeout=30))
        assert put.status_code == 200, put.text
        parts.append({"part_number": part["part_number"], "etag": put.headers["ETag"]})
    done = careful(history, lambda: server.call("POST", f"/ocr/uploads/{begun['job_id']}/complete", session, json={"parts": parts}))
    assert done.status_code in (200, 202), done.text
    history.written()
    with history.lock:
        history.jobs[begun["job_id"]] = sample
    return begun["job_id"]


def client(server, history, count, seed, failures):
    """count documents, or until the end of the test (None), and now and then one that goes again."""
    rng, session, mine = random.Random(seed), requests.Session(), []
    try:
        while (count is None and not history.stop) or (count is not None and len(mine) < count):
            sample = rng.choice(list(SAMPLES))
            mine.append(send(server, history, session, sample, (ROOT / "tests/samples" / sample).read_bytes(), seed))
            if count is None:
                time.sleep(rng.uniform(0, 0.2))
            if count is None and len(mine) > 3 and rng.random() < 0.2:
                job = mine.pop(rng.randrange(len(mine) - 3))
                careful(history, lambda: server.call("DELETE", f"/ocr/delete/{job}", session))
                with history.lock:
                    history.deleted.add(job)
    except Exception as e:  # noqa: BLE001 - told at the end
        failures.append(f"client: {type(e).__name__} {e}")


def wait_idle(place, seconds):
    """Until there is nothing to do."""
    until = time.monotonic() + seconds
    while rows_of(place, "SELECT COUNT(*) FROM task")[0][0] + rows_of(place, "SELECT COUNT(*) FROM job WHERE status IN (1, 2)")[0][0] > 0:
        assert time.monotonic() < until, "jobs are still in work"
        time.sleep(0.3)


class Place:
    """A database and a store: how they are named, served, read."""

    def __init__(self, folder, kind, s3=None):
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o700)
        self.s3, self.prefix = s3, self.folder.name + "/"
        self.sqlite = kind == "sqlite"
        if not self.sqlite:
            postgres.create(self.folder)
        self.database = f"sqlite://{self.folder}/leapocr.db" if self.sqlite else postgres.url_of(self.folder)
        self.store = f"s3://documents/{self.prefix}" if s3 else f"file://{self.folder}"

    def options(self, secrets):
        out = [] if self.sqlite else ["--database", self.database]
        if self.s3:
            out += self.s3.flags(self.prefix)
        elif not self.sqlite:
            out += ["--store", self.store]
        return [*out, "--secrets", str(secrets), "--readers", "2"]

    def link(self):
        if not self.sqlite:
            return postgres.Connection(self.database)
        return sqlite3.connect(self.folder / "leapocr.db", timeout=30)

    def objects(self):
        if self.s3:
            return set(self.s3.keys(self.prefix))
        return {p.name for p in self.folder.glob("objects/*/*/*")}


class Mover:
    def __init__(self, old, new, secrets, to_secrets, data, env):
        flags = ["--from", old.database, "--from-store", old.store, "--to", new.database, "--to-store", new.store, "--data", str(data),
                 "--secrets", str(secrets), "--to-secrets", str(to_secrets)]
        for place in (old, new):
            if place.s3 and "--s3-endpoint" not in flags:
                flags += ["--s3-endpoint", place.s3.url]
        self.command, self.env, self.lines = [binary(), "admin", "move", *flags], env, []

    def run(self, kill_at=None, kill_after=None):
        """The exit status; None where it was killed: when it has said a line with kill_at, where it stands still for that, or so many
        seconds after its start."""
        env = self.env if kill_at is None else {**self.env, "LD_PRELOAD": str(nodes.FAKES / "libstops.so"), "LEAPOCR_TEST_STOP_AT": kill_at}
        process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)
        if kill_after is not None:
            threading.Timer(kill_after, process.kill).start()
        for line in process.stdout:
            self.lines.append(line.rstrip())
            if kill_at is not None and kill_at in line:
                process.send_signal(signal.SIGKILL)
        return None if process.wait() == -signal.SIGKILL else process.returncode


def move(rng, mover, kills, old_server):
    """Killed so often: in the middle of the copy, while nothing can be written, then whenever."""
    points = ["copied credit_entry", "nothing can be written"]
    killed = 0
    for i in range(kills):
        status = mover.run(points[i]) if i < len(points) else mover.run(kill_after=0.5 * rng.random())
        if status is None:
            killed += 1
        elif status == 0:
            return killed, status
        if i == 0 and old_server is not None:  # and the old server, all of it
            old_server.kill_all()
            time.sleep(0.2)
            old_server.start()
    return killed, mover.run()


def rows_of(place, sql):
    link = place.link()
    try:
        return [tuple(row) for row in link.execute(sql).fetchall()]
    finally:
        link.close()


def check_kept(new, old_rows, report):
    for table in KEPT:
        have = set(rows_of(new, f"SELECT * FROM {table}"))
        lost = [row for row in old_rows[table] if row not in have]
        report(f"each of {len(old_rows[table])} rows of the old {table} is there", not lost, str(lost[:2]))


def check_ledger(new, report):
    twice = rows_of(new, "SELECT COUNT(*) FROM (SELECT job_id FROM credit_entry WHERE kind = 'consumed' GROUP BY job_id HAVING COUNT(*) > 1) AS t")
    used = rows_of(new, "SELECT CAST(SUM(consumed) AS BIGINT), CAST(SUM(reserved) AS BIGINT) FROM credit_account")[0]
    entries = rows_of(new, "SELECT CAST(SUM(amount) AS BIGINT) FROM credit_entry WHERE kind = 'consumed'")[0]
    jobs = rows_of(new, "SELECT CAST(SUM(credits_used) AS BIGINT) FROM job")[0]
    begun = rows_of(new, "SELECT COUNT(*) FROM job WHERE status = 0")[0][0]  # the answer was lost, so the client began another; a page is held
    report("the ledger adds up, no job is charged twice", twice[0][0] == 0 and used[0] == entries[0] == jobs[0] and used[1] == begun,
           f"{twice} {used} {entries} {jobs} {begun}")


def check_jobs(server, history, report):
    wrong, session = [], requests.Session()
    for job, sample in history.jobs.items():
        status = server.call("GET", f"/ocr/status/{job}", session)
        if job in history.deleted:
            wrong += [] if status.status_code in (404, 410) else [(job, "deleted", status.status_code)]
            continue
        state = status.json()
        if state.get("status") != "completed" or state.get("processed_pages") != SAMPLES[sample]:
            wrong.append((job, sample, state))
            continue
    report(f"{len(history.jobs)} acknowledged jobs are there and completed, or deleted ({len(history.deleted)})", not wrong, str(wrong[:2]))
    alive = [j for j in history.jobs if j not in history.deleted]
    few = random.Random(1).sample(alive, min(300, len(alive)))
    empty = [j for j in few if not server.result(j, session).json()["pages"][0]["result"].strip()]
    report(f"the pages of {len(few)} of them can be read", not empty, str(empty[:2]))


def check_objects(new, report):
    named = {row[0] for sql in ("SELECT document_id FROM job WHERE document_id IS NOT NULL", "SELECT object_id FROM job_page WHERE object_id IS NOT NULL",
                                "SELECT object_id FROM upload_part WHERE object_id IS NOT NULL") for row in rows_of(new, sql)}
    lost = named - new.objects()
    report(f"{len(named)} objects that rows name are in the new store", not lost, str(sorted(lost)[:2]))


def team_of(server):
    who = server.call("GET", "/auth/verify").json()["user"]
    return f"/organizations/{who['organization_id']}/teams/{who['team_id']}"


def subscribe(server):
    """What a team has besides documents: the secret of a webhook is sealed by a key that is in no database."""
    hook = server.call("POST", team_of(server) + "/webhooks", json={"url": "https://example.com/x", "events": ["job.completed"]}).json()
    template = server.call("POST", team_of(server) + "/templates", json={
        "name": "moved", "format": "structured", "model": "standard-v2", "schema": {"type": "object", "properties": {"a": {"type": "string"}}}}).json()
    return hook, template


def check_kept_things(server, hook, template, report):
    now = server.call("GET", team_of(server) + f"/webhooks/{hook['id']}")
    report("the webhook is there, its secret can be read", now.status_code == 200 and now.json()["secret"] == hook["secret"], now.text)
    now = server.call("GET", team_of(server) + f"/templates/{template['id']}")
    report("the template is there", now.status_code == 200 and now.json() == template, now.text)


def check_old(old, old_server, before, report):
    refused, old_server.port = "", 0
    try:
        old_server.start()
        old_server.stop()
    except RuntimeError as e:
        refused = str(e)
    report("a new process on the old database is refused", "has moved to" in refused, refused[-300:])
    after = rows_of(old, "SELECT COUNT(*), MAX(updated_ms) FROM job")
    report("the old database stays as it was", after == before, f"{before} {after}")


def leg(old, new, server, history, args, rng, folder, env, report, failures, number):
    """One move. Returns the server on the new place, which has the old one's address."""
    mover = Mover(old, new, folder / f"secrets{number}", folder / f"secrets{number + 1}", old.folder, env)
    begun = time.monotonic()
    killed, status = move(rng, mover, args.kills, server if number == 0 else None)
    said = [line for line in mover.lines if not line.startswith("copied")]
    print(f"move: {time.monotonic() - begun:.1f} s, killed {killed} times; " + "; ".join(said[-5:-1]), flush=True)
    report(f"the move ended, killed {killed} times", status == 0 and killed >= min(args.kills, 2), "\n".join(mover.lines[-20:]))
    if status != 0:
        raise AssertionError("the move failed")
    old_rows = {table: rows_of(old, f"SELECT * FROM {table}") for table in KEPT}
    before = rows_of(old, "SELECT COUNT(*), MAX(updated_ms) FROM job")
    server.stop()
    successor = Server(new.folder, options=[*new.options(folder / f"secrets{number + 1}")], env=env)
    successor.key, successor.port = server.key, server.port
    successor.start()
    time.sleep(args.after)
    return successor, old_rows, before


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10000)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--store", choices=("folder", "s3"), default="folder")
    parser.add_argument("--back", action="store_true")
    parser.add_argument("--after", type=float, default=1.0, help="seconds of further work on the new server")
    parser.add_argument("--pause", type=float, default=40, help="seconds without an acknowledged write that are allowed; 0: any")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    results, failures, servers = [], [], []

    def report(name, ok, detail=""):
        results.append(ok)
        print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": {detail}"), flush=True)

    folder = Path(tempfile.mkdtemp(prefix="leapocr-move-"))
    cluster, s3 = postgres.Cluster(), None
    os.environ["LEAPOCR_TEST_POSTGRES"] = cluster.base()
    try:
        if args.store == "s3":
            import s3server
            s3 = s3server.shared()
        env = {**os.environ, **(s3.env if s3 else {})}
        print(f"seed {args.seed}", flush=True)
        rng, history = random.Random(args.seed), History()
        old = Place(folder / "old", "sqlite")
        (folder / "secrets0").mkdir(mode=0o700)
        server = Server(old.folder, options=old.options(folder / "secrets0"), env=env)
        servers.append(server.start())
        begun = time.monotonic()
        senders = [threading.Thread(target=client, args=(server, history, args.jobs // 8, args.seed + i, failures)) for i in range(8)]
        for t in senders:
            t.start()
        for t in senders:
            t.join()
        wait_idle(old, 900)
        print(f"{len(history.jobs)} jobs read in {time.monotonic() - begun:.0f} s", flush=True)
        kept = subscribe(server)
        history.last = None
        arrivals = [threading.Thread(target=client, args=(server, history, None, args.seed + 100 + i, failures)) for i in range(4)]
        for t in arrivals:
            t.start()
        time.sleep(0.5)
        new = Place(folder / "new", "postgres", s3)
        successor, old_rows, before = leg(old, new, server, history, args, rng, folder, env, report, failures, 0)
        servers.append(successor)
        check_old(old, server, before, report)
        if args.back:
            third = Place(folder / "third", "sqlite")
            successor, more_rows, before = leg(new, third, successor, history, args, rng, folder, env, report, failures, 1)
            servers.append(successor)
            check_kept(third, old_rows, report)
            old_rows, new = more_rows, third
        history.stop = True
        for t in arrivals:
            t.join()
        report("no client gave up", not failures, str(failures[:2]))
        wait_idle(new, 120)
        check_jobs(successor, history, report)
        check_kept_things(successor, *kept, report)
        check_kept(new, old_rows, report)
        check_ledger(new, report)
        check_objects(new, report)
        report(f"the longest time without an acknowledged write: {history.longest:.1f} s", args.pause == 0 or history.longest < args.pause)
        successor.stop()
    except Exception as e:  # noqa: BLE001
        report("the run came to its end", False, f"{type(e).__name__}: {e}")
        history.stop = True
    finally:
        for s in servers:
            if s.process and s.process.poll() is None:
                s.kill_all()
        cluster.close()
        print(f"{results.count(True)} passed, {results.count(False)} failed", flush=True)
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if all(results) else 1)


main()
