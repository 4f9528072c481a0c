#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Breaks everything that nodes stand on while jobs run, one thing after the other; then the promises are checked.

usage: tests/cluster/faults.py [--jobs 2000] [--faults 200] [--seed N] [--ready 10] [--only KIND] [--keep]

Two api nodes, three runners and a courier over PostgreSQL (one of each behind PgBouncer) and an S3 service; clients submit by parts, by
form and by URL, read, delete, and keep an account of their own (tests/support/ledger.py). After each fault it is measured how long it
takes, from its end, until every api node says it is ready, and until a job that is submitted then is done: --ready seconds at most (0:
only told). Ends with "N passed, N failed", a line for each promise.
"""
import argparse
import random
import signal
import statistics
import sys
import threading
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/api")]
import harness  # noqa: E402
import ledger as ledgers  # noqa: E402
import world as worlds  # noqa: E402
from receiver import Answer  # noqa: E402

Document = namedtuple("Document", "name body options")
Measured = namedtuple("Measured", "kind what ready done")
WAYS = ("by_parts", "by_parts", "by_form", "by_url")


def documents():
    made = [Document(f"text{n}", harness.make_pdf([f"Document {n}, page {i + 1}: apples, pears and plums" for i in range(n)]), {"format": "markdown"})
            for n in (1, 2, 3)]
    made.append(Document("invoice", harness.make_pdf(["Invoice number: A-17   total: 12.50"]),
                         {"format": "structured", "schema": {"number": "string", "total": "number"}}))
    made.append(Document("large", harness.make_pdf(["A padded document"], padding=300000), {"format": "markdown"}))
    return {d.name: d for d in made}


# --- faults: each breaks, holds and mends, and says what it did ---

def hold(rng, least=0.5, most=2.0):
    seconds = rng.uniform(least, most)
    time.sleep(seconds)
    return f"{seconds:.1f} s"


def kill_node(world, rng, role):
    node = rng.choice([n for n in world.nodes.nodes if n.role == role])
    node.kill_node()
    world.mended = time.monotonic()  # its own start counts
    node.start()
    return node.name


def kill_role(world, rng):
    """A process of a node dies, its supervisor starts it again."""
    victims = []
    while not victims:  # a node that has none is starting them again
        node = rng.choice(world.nodes.nodes)
        victims = [(pid, line) for pid, line in node.pids().items() if "role-" in line or "reader" in line]
    pid, line = rng.choice(victims)
    worlds.send([pid], 9)
    return f"{node.name}: {line.split()[1] if len(line.split()) > 1 else line}"


def kill_database(world, rng):
    world.cluster.kill()
    what = hold(rng, 0.1, 1.0)
    world.cluster.start()
    return f"away {what}"


def restart_database(world, rng):
    world.cluster.stop(rng.choice(["immediate", "fast"]))
    world.cluster.start()
    return "restarted"


def end_sessions(world, rng):
    world.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'faults' AND pid <> pg_backend_pid()")
    return "all"


def freeze_database(world, rng):
    pids = world.cluster.pids()
    worlds.send(pids, worlds.STOP)
    what = hold(rng, 1, 3)
    worlds.send(pids, worlds.GO_ON)
    return what


def freeze_runner(world, rng):
    """Longer than its lease: another does its work, and what it brings then is refused."""
    node = rng.choice([n for n in world.nodes.nodes if n.role == "runner"])
    node.freeze()
    what = hold(rng, 5, 6)
    node.freeze(False)
    return f"{node.name} {what}"


def restart_pooler(world, rng):
    world.pooler.kill()
    what = hold(rng, 0.1, 1.0)
    world.pooler.start()
    return what


def cut(world, rng, cables):
    """One node's cable, or all of them at once."""
    names = list(cables) if rng.random() < 0.3 else [rng.choice(list(cables))]
    for name in names:
        cables[name].cut()
    try:
        with Patience(world, [n for n in world.gates if n.name in names and cables is world.to_database]):
            what = hold(rng, 1, 4)
    finally:
        for name in names:
            cables[name].mend()
    return f"{'+'.join(names) if len(names) < 3 else 'all'} {what}"


def cut_for_long(world, rng):
    """Longer than any lease, and than the fate of a COMMIT is asked for: roles give up, and are started again."""
    for cable in world.to_database.values():
        cable.cut()
    what = hold(rng, 12, 25)
    for cable in world.to_database.values():
        cable.mend()
    return what


def database_away_for_long(world, rng):
    world.cluster.kill()
    kill_role(world, rng)  # which finds no database when it starts again
    what = hold(rng, 8, 12)
    world.cluster.start()
    return what


def break_store(world, rng, how, method="*", **extra):
    world.proxy.plan(method, how, 1000000, world.PREFIX, **extra)
    what = hold(rng)
    world.proxy.clear()
    return f"{method} {what}"


def freeze_store(world, rng):
    world.s3.pause()
    what = hold(rng, 1, 3)
    world.s3.go_on()
    return what


class Patience:
    """Asks nodes whose database is cut off, and notes how long they take to say so."""
    waits = []

    def __init__(self, world, gates):
        self.world, self.gates, self.over = world, gates, threading.Event()

    def _ask(self, gate):
        while not self.over.is_set():
            begun = time.monotonic()
            try:
                requests.get(f"{gate.url}/api/v1/ocr/status/00000000-0000-4000-8000-000000000000", headers={"X-API-Key": self.world.key}, timeout=30)
            except requests.RequestException:
                pass
            self.waits.append(time.monotonic() - begun)
            self.over.wait(0.1)

    def __enter__(self):
        self.threads = [threading.Thread(target=self._ask, args=(gate,)) for gate in self.gates]
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


# kind: (weight, what to do, whether it needs cables)
FAULTS = {
    "kill api": (8, lambda w, r: kill_node(w, r, "api"), False),
    "kill runner": (10, lambda w, r: kill_node(w, r, "runner"), False),
    "kill courier": (4, lambda w, r: kill_node(w, r, "courier"), False),
    "kill a process": (10, kill_role, False),
    "kill database": (6, kill_database, False),
    "restart database": (4, restart_database, False),
    "end sessions": (5, end_sessions, False),
    "freeze database": (3, freeze_database, False),
    "restart pooler": (4, restart_pooler, False),
    "freeze runner": (2, freeze_runner, False),
    "cut database": (12, lambda w, r: cut(w, r, w.to_database), True),
    "cut database for long": (1, cut_for_long, True),
    "database away for long": (1, database_away_for_long, False),
    "cut store": (8, lambda w, r: cut(w, r, w.to_store), True),
    "store 503": (6, lambda w, r: break_store(w, r, "fail", code="SlowDown"), False),
    "store slow": (4, lambda w, r: break_store(w, r, "delay", seconds=0.7), False),
    "store refuses": (3, lambda w, r: break_store(w, r, "refuse"), False),
    "store cuts bodies": (3, lambda w, r: break_store(w, r, "cut", "GET"), False),
    "store loses answers": (3, lambda w, r: break_store(w, r, "lose", r.choice(["PUT", "POST"])), False),
    "store gives wrong bytes": (3, lambda w, r: break_store(w, r, "flip", "GET"), False),
    "freeze store": (2, freeze_store, False),
}


def schedule(rng, count, cables, only):
    """Every kind at least once where there is room, then by weight."""
    kinds = [k for k, (_, _, wants) in FAULTS.items() if (cables or not wants) and only in k and (count >= 50 or only or "for long" not in k)]
    first = kinds if count >= len(kinds) else rng.sample(kinds, count)
    return rng.sample(first, len(first)) + rng.choices(kinds, [FAULTS[k][0] for k in kinds], k=count - len(first))


# --- how soon it is ready again ---

def until_ready(world, begun):
    waiting = list(world.gates)
    while waiting:
        try:
            if requests.get(f"{waiting[0].url}/readyz", timeout=2).status_code == 200:
                waiting.pop(0)
                continue
        except requests.RequestException:
            pass
        time.sleep(0.02)
    return time.monotonic() - begun


def until_done(world, key, rng, begun):
    """A job of a team that has no others, by form: it goes through every part."""
    job = None
    while True:
        gate = rng.choice(world.gates)
        try:
            if job is None:
                sent = requests.post(f"{gate.url}/api/v1/ocr/uploads/direct", headers={"X-API-Key": key}, timeout=3,
                                     files={"file": ("c.pdf", CANARY, "application/pdf")})
                job = sent.json()["job_id"] if sent.ok else None
            else:
                told = requests.get(f"{gate.url}/api/v1/ocr/status/{job}", headers={"X-API-Key": key}, timeout=2)
                if told.ok and told.json()["status"] == "completed":
                    return time.monotonic() - begun
        except requests.RequestException:
            pass
        time.sleep(0.03)


CANARY = harness.make_pdf(["A canary"])


def measure(world, key, rng, pool, kind, what):
    begun = world.mended or time.monotonic()
    ready = pool.submit(until_ready, world, begun)
    done = pool.submit(until_done, world, key, rng, begun)
    return Measured(kind, what, ready.result(180), done.result(180))


# --- the clients ---

class Load:
    """Submits the jobs evenly over the faults."""

    def __init__(self, world, ledger, docs, args):
        self.world, self.ledger, self.docs, self.args = world, ledger, docs, args
        self.allowed = 0
        self.threads = [threading.Thread(target=self._submit, args=(i,)) for i in range(args.clients)]
        self.over = threading.Event()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        for thread in self.threads:
            thread.start()
        self.watcher.start()

    def _submit(self, number):
        client = ledgers.Client(self.world, self.ledger, self.args.seed + number)
        for i in range(number, self.args.jobs, self.args.clients):
            while i >= self.allowed:
                time.sleep(0.02)
            job = ledgers.Job(client.random.choice(list(self.docs)), client.random.choice(WAYS)[3:], client.random.random() < 0.1)
            self.ledger.add(job)
            client.submit(job, self.docs[job.document], 120)

    def _watch(self):
        """Looks at jobs by chance, so that an end that changes is seen; deletes one in ten, once it is done."""
        client = ledgers.Client(self.world, self.ledger, self.args.seed + 1000)
        while not self.over.is_set():
            jobs = [j for j in list(self.ledger.jobs) if j.acknowledged and not j.delete_asked]
            if jobs:
                job = client.random.choice(jobs[-40:] if client.random.random() < 0.8 else jobs)
                client.look(job)
                if job.terminal and job.short:
                    client.delete(job, 60)
            time.sleep(0.05)

    def end(self):
        self.allowed = self.args.jobs
        for thread in self.threads:
            thread.join()

    def stop_watching(self):
        self.over.set()
        self.watcher.join()


def begin(world, docs):
    """The webhook, the second team, and what a calm run gives."""
    bodies = {f"/{d.name}.pdf": d.body for d in docs.values()}
    world.receiver.answer = lambda request: Answer(body=bodies.get(request.path, b"ok"), headers={"Content-Type": "application/pdf"})
    team, organization = world.query("SELECT id, organization_id FROM team")[0]
    world.admin("team", "new", "canary")
    key = world.admin("key", "new", "canary", "--team", "canary")["key"]
    world.admin("credits", "grant", "100000", "--team", "canary")
    made = requests.post(f"{world.gates[0].url}/api/v1/organizations/{organization}/teams/{team}/webhooks", timeout=30,
                         headers={"X-API-Key": world.key}, json={"url": world.receiver.url + "/told", "events": [
                             "job.created", "job.completed", "job.failed", "job.deleted"]})
    assert made.status_code == 201, made.text
    calm, credits, client = {}, {}, ledgers.Client(world, ledgers.Ledger("/dev/null"), 1)
    for d in docs.values():
        job = ledgers.Job(d.name, "parts")
        assert client.submit(job, d, 60), job
        while client.look(job) is None or not job.terminal:
            time.sleep(0.05)
        calm[d.name] = client.pages(job.id)
        credits[d.name] = world.query("SELECT credits_used FROM job WHERE id = ?", (job.id,))[0][0]
    return key, calm, credits


def drain(world, ledger, seconds=240):
    """Until nothing is under way any more."""
    client = ledgers.Client(world, ledger, 2)
    until = time.monotonic() + seconds
    for job in [j for j in ledger.jobs if j.acknowledged and not j.deleted]:
        while not job.terminal and time.monotonic() < until:
            client.look(job)
            time.sleep(0.02)
    while time.monotonic() < until and any(world.query("SELECT (SELECT COUNT(*) FROM task), (SELECT COUNT(*) FROM fetch_task), "
                                                       "(SELECT COUNT(*) FROM upload_gone)")[0]):
        time.sleep(0.2)


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0


def tell(measured):
    print(f"{'fault':26} {'n':>4} {'ready p50':>10} {'max':>7} {'job p50':>9} {'max':>7}   seconds from its end")
    for kind in [*sorted({m.kind for m in measured}), "all"]:
        some = [m for m in measured if kind in ("all", m.kind)]
        ready, done = [m.ready for m in some], [m.done for m in some]
        print(f"{kind:26} {len(some):4} {statistics.median(ready):10.2f} {max(ready):7.2f} {statistics.median(done):9.2f} {max(done):7.2f}")


def run(world, args):
    rng = random.Random(args.seed)
    docs = documents()
    ledger = ledgers.Ledger(world.folder / "history.jsonl")
    key, calm, credits = begin(world, docs)
    plan = schedule(rng, args.faults, world.cables, args.only)
    load, measured = Load(world, ledger, docs, args), []
    with ThreadPoolExecutor(2) as pool:
        for number, kind in enumerate(plan):
            load.allowed = args.jobs * (number + 1) // len(plan)
            world.mended = None  # a fault says when it ended, if that was before it returned
            what = FAULTS[kind][1](world, rng)
            measured.append(measure(world, key, rng, pool, kind, what))
            if args.verbose:
                print(f"{number + 1:4} {kind}: {what}; ready {measured[-1].ready:.2f} s, job {measured[-1].done:.2f} s", flush=True)
    load.end()
    drain(world, ledger)
    load.stop_watching()
    tell(measured)
    waits = Patience.waits
    print(f"asked while the database was cut off: {len(waits)} times, answer after {percentile(waits, 0.5):.2f} s (p50), {percentile(waits, 1):.2f} s at most")
    late = [m for m in measured if args.ready and max(m.ready, m.done) > args.ready]
    verdicts = [(f"ready again within {args.ready:g} s of each fault" if args.ready else "it came back each time", late)]
    client = ledgers.Client(world, ledger, 3)
    verdicts += ledgers.check_jobs(ledger, client, calm)
    verdicts += ledgers.check_webhooks(world, ledger)
    verdicts += ledgers.check_money(world, ledger, credits)
    ends = world.stop_nodes()
    verdicts.append(("every node stops in order", [e for e in ends.items() if e[1] != 0]))
    removed, found = ledgers.check_store(world)
    verdicts += found
    verdicts.append(("mistakes that are planted are found", ledgers.plant(world, ledger, credits)))
    acknowledged = sum(j.acknowledged for j in ledger.jobs)
    print(f"{len(ledger.jobs)} jobs, {acknowledged} acknowledged, {sum(j.deleted for j in ledger.jobs)} deleted; {len(plan)} faults; calls {ledger.counts}; "
          f"collected {removed}")
    return verdicts


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--jobs", type=int, default=2000)
    p.add_argument("--faults", type=int, default=200)
    p.add_argument("--seed", type=int, default=int(time.time()))
    p.add_argument("--ready", type=float, default=10)
    p.add_argument("--only", default="", help="faults whose kind has this in its name")
    p.add_argument("--clients", type=int, default=4)
    p.add_argument("--verbose", action="store_true")
    p.add_argument("--keep", action="store_true", help="leave the folder with logs and history")
    args = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing of the world is left
    worlds.enter_namespace()
    begun = time.monotonic()
    world = worlds.World()
    print(f"seed {args.seed}; {'cables can be cut' if world.cables else 'no cable can be cut here: no network namespace, or no iptables'}; "
          f"logs in {world.folder}", flush=True)
    failed = True
    try:
        verdicts = run(world, args)
        failed = any(violations for _, violations in verdicts)
    finally:
        world.close(keep=args.keep or failed)
    for promise, violations in verdicts:
        print("ok  " if not violations else "FAIL", promise, f"{len(violations)}: {violations[:5]}" if violations else "")
    bad = sum(bool(v) for _, v in verdicts)
    print(f"took {time.monotonic() - begun:.0f} s\nfaults: {len(verdicts) - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)


main()
