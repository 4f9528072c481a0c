#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a cluster grows: the queue of one database, runner nodes over pages that take time and no processor, api nodes under a fixed number of
clients each, and what a single page waits for behind a large backlog.

usage: bench/scale.py BUILD [queue] [runners] [api] [fairness] [--nodes 1,2,4,8,16] [--wait MS] [--seconds S]
Nodes are processes of this machine, and so is PostgreSQL (fsync and synchronous_commit on), whose processors they all share: a ratio
to linear says something while the machine has some left, so the share of it that was busy stands beside. Pages wait --wait
(4000) ms each, 1 reader a node, 4 documents of 4 pages (4 batches) a node.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))


def busy():
    """Seconds of all processors: (at work, in all)."""
    fields = [int(v) for v in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


class Share:
    def __enter__(self):
        self.begun = busy()
        return self

    def __exit__(self, *exc):
        work, all_ = (b - a for a, b in zip(self.begun, busy()))
        self.percent = 100 * work / all_


def fresh(server):
    folder = tempfile.TemporaryDirectory(prefix="leapocr-scale-")
    postgres.create(folder.name)
    made = nodes.Nodes(folder.name, postgres.url_of(folder.name))
    made.env.update(nodes.fake_reading())
    made.keep = folder
    return made


def close(cluster):
    cluster.close()
    postgres.drop(cluster.folder)
    cluster.keep.cleanup()


def query(cluster, sql):
    link = postgres.Connection(cluster.env["LEAPOCR_DATABASE"])
    try:
        return link.execute(sql).fetchone()
    finally:
        link.close()


def runners(server, counts, args):
    """Batches a second of so many runner nodes, from the first page's task that is queued to the last that is done."""
    base = None
    for n in counts:
        cluster = fresh(server)
        gate = cluster.add("gate", "api")
        probes = cluster.add("probes", "runner", ["--readers", "2"])
        # All is probed before the clock runs; then the prober goes.
        jobs = []
        with ThreadPoolExecutor(4) as pool:
            jobs = list(pool.map(lambda _: gate.upload(nodes.fake_document(4, args.wait)), range(4 * n)))
        while query(cluster, "SELECT COUNT(*) FROM task WHERE kind = 0")[0] > 0:
            time.sleep(0.1)
        probes.kill_node()
        link = postgres.Connection(cluster.env["LEAPOCR_DATABASE"])
        link.execute("UPDATE task SET lease_until_ms = 1 WHERE state = 1")
        link.commit()
        link.close()
        done = query(cluster, "SELECT COUNT(*) FROM job_page")[0]
        left = query(cluster, "SELECT COUNT(*) FROM task")[0]
        with ThreadPoolExecutor(n) as pool:
            list(pool.map(lambda i: cluster.add(f"r{i}", "runner", ["--readers", "1", "--lease", "30"]), range(n)))
        started = query(cluster, "SELECT COUNT(*) FROM job_page")[0]
        begun = time.monotonic()
        with Share() as share:
            # The steady middle: what is begun when the last node stands, until few are left.
            want = started + (done + left - started) * 3 // 4
            while (now := query(cluster, "SELECT COUNT(*) FROM job_page")[0]) < want:
                time.sleep(0.05)
            took = time.monotonic() - begun
        rate = (now - started) / took
        base = base or rate / n
        print(f"{n:3} runner nodes: {rate:7.2f} batches/s, {100 * rate / n / base:5.1f} % of linear ({n / args.wait * 1000:.2f}/s if nothing"
              f" but waiting took time); {share.percent:.0f} % of the machine's processors busy", flush=True)
        close(cluster)


def api(server, counts, args):
    """Status requests a second of so many api nodes, 8 connections each that ask 25 times a second."""
    base = None
    for n in counts:
        cluster = fresh(server)
        gates = [cluster.add(f"gate{i}", "api") for i in range(n)]
        job = gates[0].upload(nodes.fake_document(1, 1))
        stop = time.monotonic() + args.seconds
        took = []

        def ask(gate):
            import requests
            session = requests.Session()
            count, due = 0, time.monotonic()
            while due < stop:
                time.sleep(max(0, due - time.monotonic()))
                begun = time.monotonic()
                session.get(f"{gate.base}/api/v1/ocr/status/{job}", headers={"X-API-Key": cluster.key}).raise_for_status()
                took.append(time.monotonic() - begun)
                count, due = count + 1, due + args.pause
            return count

        with Share() as share, ThreadPoolExecutor(args.clients * n) as pool:
            begun = time.monotonic()
            total = sum(pool.map(ask, gates * args.clients))
            rate = total / (time.monotonic() - begun)
        base = base or rate / n
        took.sort()
        print(f"{n:3} api nodes: {rate:7.1f} status requests/s, {100 * rate / n / base:5.1f} % of linear, p99 "
              f"{took[len(took) * 99 // 100] * 1000:.1f} ms; {share.percent:.0f} % of the machine's processors busy, the clients with them",
              flush=True)
        close(cluster)


def queue(server, counts, args):
    """bench_queue: 32 runners with 4 readers each that need no time, then the same with as much time as makes 2,000 batches a second."""
    folder = tempfile.mkdtemp(prefix="leapocr-scale-")
    postgres.create(folder)
    program = [str(Path(args.build) / "bench/bench_queue"), postgres.url_of(folder), "32", str(int(args.seconds)), "64", "1000000", "4"]
    for rate in ("0", "2000"):
        with Share() as share:
            print(("as fast as it goes: " if rate == "0" else f"{rate} a second asked for: ")
                  + subprocess.run([*program, rate], check=True, stdout=subprocess.PIPE, text=True).stdout.strip(), flush=True)
    print(f"load {os.getloadavg()[0]:.1f}, {share.percent:.0f} % of the machine's processors busy at the last")
    postgres.drop(folder)
    os.rmdir(folder)


def team(cluster, name):
    cluster.admin("team", "new", name)
    cluster.admin("credits", "grant", "100000", "--team", name)
    return cluster.admin("key", "new", "bench", "--team", name)["key"]


def fairness(server, counts, args):
    """A page alone, and behind a thousand jobs of another team, on a runner with two readers."""
    cluster = fresh(server)
    gate = cluster.add("gate", "api")
    cluster.add("reader", "runner", ["--readers", "2"])
    many, one = team(cluster, "many"), team(cluster, "one")
    page = nodes.fake_document(1, 1000)

    def lone():
        gate.key = one
        begun = time.monotonic()
        assert gate.wait(gate.upload(page))["status"] == "completed"
        return time.monotonic() - begun

    alone = min(lone() for _ in range(3))
    gate.key = many
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: gate.upload(page), range(1000)))
    behind = sorted(lone() for _ in range(9))
    print(f"a page alone: {alone:.2f} s; behind 1,000 jobs of another team: median {behind[4]:.2f} s, longest {behind[-1]:.2f} s; limit "
          f"2 x {alone:.2f} + a batch of 1.00 = {2 * alone + 1:.2f} s; {query(cluster, 'SELECT SUM(waiting) FROM team_load')[0]} batches"
          " were still waiting", flush=True)
    close(cluster)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("what", nargs="*", default=["queue", "runners", "api", "fairness"])
    parser.add_argument("--nodes", default="1,2,4,8,16")
    parser.add_argument("--wait", type=int, default=4000)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.2)
    args = parser.parse_args()
    os.environ["LEAPOCR_BIN"] = str((Path(args.build) / "src/cmd/leapocr").resolve())
    subprocess.run(["ninja", "-C", args.build, "--quiet"], check=True)
    subprocess.run(["ninja", "-C", args.build, "--quiet", "bench/bench_queue"], check=True)
    global nodes, postgres
    import nodes
    import postgres
    server = postgres.Cluster(fsync="on", shared_buffers="512MB", max_wal_size="4GB")
    os.environ["LEAPOCR_TEST_POSTGRES"] = server.base()
    try:
        for what in args.what:
            {"queue": queue, "runners": runners, "api": api, "fairness": fairness}[what](server, [int(n) for n in args.nodes.split(",")], args)
    finally:
        server.close()


main()
