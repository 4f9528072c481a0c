#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What goes out, at full size: webhooks whose sender is killed again and again, and every way to write an address inside.

usage: tests/crash/outward.py [--kills 20] [--events 600] [--seed N]
  1 every event of every job and test arrives at least once, under one id, whatever the receiver does and whoever is killed;
  2 none arrives under two ids, none that was never made; every signature is genuine;
  3 after the storm (an hour, by moving all stored times) nothing waits any more;
  4 no spelling of an address inside leads to a connection, for documents and for webhooks.
Ends with "N passed, N failed", a line for each promise.
"""
import argparse
import ipaddress
import itertools
import json
import os
import random
import signal
import socket
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/api")]
import harness  # noqa: E402
from receiver import Answer, Canary, Receiver, until  # noqa: E402
from test_webhooks import HOUR, Team, pass_time, verify  # noqa: E402

results = []


def promise(text, good, detail=""):
    results.append(bool(good))
    print(f"{'ok  ' if good else 'FAIL'} {text}{'' if good else ': ' + str(detail)[:300]}", flush=True)


def moody(rng):
    """A receiver that fails in all the ways it can."""
    def answer(request):
        return rng.choice([Answer(), Answer(), Answer(), Answer(204, body=b""), Answer(500), Answer(503), Answer(before=0.3),
                           Answer(body=b"x" * 50, cut=10), Answer(302, {"Location": "/elsewhere"}), Answer(body=b"x" * 30, pace=0.2)])
    return answer


def storm(kills, events, rng):
    server = harness.Server("--allow-private-urls", "127.0.0.0/8", "--webhook-time", "2")
    team = Team(server)
    with Receiver() as receiver, Receiver() as steady:
        receiver.answer = moody(rng)
        hooks = [team.create(receiver.url, ["job.created", "job.failed"]), team.create(steady.url, ["job.created", "job.failed"])]
        made = {h["id"]: set() for h in hooks}
        jobs = []
        for kill in range(kills):
            for _ in range(events // kills // 2):
                for hook in hooks:
                    made[hook["id"]].add(team.call("POST", f"/{hook['id']}/test").json()["event_id"])
            jobs.append(server.client.upload(b"no document", file_name="x.pdf"))
            role = rng.choice(["role-runner", "role-courier"])
            for pid, line in server.pids().items():
                if role in line:
                    os.kill(pid, signal.SIGKILL)
            time.sleep(rng.uniform(0.2, 1.2))
        for job in jobs:
            server.client.wait(job)
        receiver.answer = lambda request: Answer()

        def quiet():
            pass_time(server, HOUR)
            time.sleep(1)
            return all(team.waiting(h) == 0 for h in hooks)

        try:
            waited = until(quiet, 180)
        except AssertionError:
            waited = False
        promise("nothing waits any more", waited, [team.health(h) for h in hooks])
        with server.database() as db:
            wanted = {h["id"]: {row[0] for row in db.execute(
                "SELECT event_id FROM webhook_delivery WHERE subscription_id = ?", (h["id"],))} for h in hooks}
        for hook, where in zip(hooks, (receiver, steady)):
            seen = [json.loads(r.body)["event_id"] for r in where.requests]
            name = "moody" if where is receiver else "steady"
            promise(f"{name} receiver: {len(wanted[hook['id']])} events, each at least once ({len(seen)} requests)",
                    made[hook["id"]] <= wanted[hook["id"]] and set(seen) == wanted[hook["id"]],
                    wanted[hook["id"]] ^ set(seen))
            bodies = {}
            for r in where.requests:
                bodies.setdefault(json.loads(r.body)["event_id"], set()).add(r.body)
            promise(f"{name} receiver: one body an id", all(len(b) == 1 for b in bodies.values()))
            forged = []
            for r in where.requests:
                try:
                    verify(r, hook["secret"])
                except AssertionError:
                    forged.append(r)
            promise(f"{name} receiver: every signature is genuine", not forged, forged[:1])
        created = {j: sum(json.loads(r.body).get("job_id") == j and json.loads(r.body)["event_type"] == "job.created"
                          for r in steady.requests) for j in jobs}
        promise(f"all {len(jobs)} jobs were told of", all(created.values()), created)
    server.close()


def ways(address):
    """An IPv4 address in the ways in which it has been written."""
    a, b, c, d = address.packed
    number = int(address)
    yield from (str(number), hex(number), f"0{number:o}", f"0x{number:X}", str(number + 2 ** 32))
    for form in itertools.product(("{}", "0{:o}", "0x{:x}", "0{}", "000{:o}"), repeat=2):
        yield ".".join((form[0].format(a), form[1].format(b), form[0].format(c), form[1].format(d)))
    yield from (f"{a}.{b}.{c * 256 + d}", f"{a}.{(b * 256 + c) * 256 + d}", f"{address}.", f"{address}..")
    yield from (f"[::ffff:{address}]", f"[::{address}]", f"[64:ff9b::{address}]", f"[::ffff:{a:x}{b:02x}:{c:x}{d:02x}]",
                f"[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1]", f"[::FFFF:{address}]", f"[0:0:0:0:0:ffff:{address}]")
    yield from (str(address).replace(".", dot) for dot in ("。", "．", "｡", "%2e", "%252e"))
    yield "".join(chr(0x2460 + int(ch) - 1) if ch in "123456789" else "⓪" if ch == "0" else ch for ch in str(address))


def spellings():
    with socket.socket() as s:
        s.bind(("0.0.0.0", 0))
        port = s.getsockname()[1]
    places = [(socket.AF_INET, ("0.0.0.0", port))]
    try:
        canary = Canary(places + [(socket.AF_INET6, ("::", port))])
    except OSError:
        canary = Canary(places)
    server = harness.Server("--url-ports", f"80,443,{port}", "--fetch-time", "2", "--webhook-time", "1")
    team = Team(server)
    inside = ["127.0.0.1", "127.8.7.6", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
              "224.0.0.1", "255.255.255.255", *{socket.gethostbyname(socket.gethostname())}]
    hosts = [w for a in inside for w in ways(ipaddress.IPv4Address(a))]
    hosts += ["[::1]", "[::]", "[fe80::1]", "[fd00:ec2::254]", "[ff02::1]", "[fc00::1]", "[fec0::1]", "[::1%25lo]", "localhost",
              "LOCALHOST.", "x.localhost", "localhost.localdomain", "ip6-localhost", socket.gethostname()]
    taken = refused = 0
    for host in hosts:
        for url in (f"http://{host}:{port}/", f"https://{host}:{port}/a?b", f"http://example.org@{host}:{port}/"):
            answers = (server.client.call("POST", "/ocr/uploads/url", json={"url": url}),
                       team.call("POST", json={"url": url, "events": ["job.created", "job.failed"]}))
            for answer in answers:
                refused += answer.status_code in (400, 409)
                taken += answer.status_code in (200, 201)
            assert {a.status_code for a in answers} <= {200, 201, 400, 409}, url
        if team.call("GET").json()["total_count"] > 40:
            for hook in team.call("GET", "?limit=100").json()["data"]:
                team.call("POST", f"/{hook['id']}/test")
            time.sleep(1)
            for hook in team.call("GET", "?limit=100").json()["data"]:
                team.call("DELETE", f"/{hook['id']}")
    for hook in team.call("GET", "?limit=100").json()["data"]:
        team.call("POST", f"/{hook['id']}/test")
    with server.database() as db:
        until(lambda: db.execute("SELECT count(*) FROM fetch_task WHERE attempt < 2").fetchone() == (0,), 120)
        read = db.execute("SELECT count(*) FROM job WHERE document_id IS NOT NULL").fetchone()[0]
    time.sleep(2)
    promise(f"{len(hosts)} spellings, 3 URLs each, both ways ({refused} refused at once, {taken} judged when connecting): "
            "0 connections", not canary.touched and read == 0, canary.touched)
    server.close()
    canary.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--events", type=int, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args()
    print(f"seed {args.seed}")
    storm(args.kills, args.events, random.Random(args.seed))
    spellings()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(0 if all(results) else 1)


main()
