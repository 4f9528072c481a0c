# SPDX-License-Identifier: AGPL-3.0-or-later
"""What teams may count on where several nodes write at once: exact money, exact limits, their turn."""
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

import nodes
import postgres


def with_key(node, key):
    """The node's client for another team."""
    def call(method, path, **kw):
        return requests.request(method, f"{node.base}/api/v1{path}", headers={"X-API-Key": key}, timeout=60, **kw)
    return call


def new_team(cluster, name, credits):
    cluster.admin("team", "new", name)
    cluster.admin("credits", "grant", str(credits), "--team", name)
    return cluster.admin("key", "new", "test", "--team", name)["key"]


def submit(call, size=10):
    return call("POST", "/ocr/uploads/direct", json={"file_name": "a.pdf", "content_type": "application/pdf", "file_size": size})


def books(cluster, team):
    """Of the team's account: what it says, and what its rows and jobs add up to."""
    link = postgres.Connection(cluster.env["LEAPOCR_DATABASE"])
    try:
        row = link.execute("SELECT granted, consumed, reserved, id FROM credit_account JOIN team ON team.id = team_id WHERE name = ?",
                           (team,)).fetchone()
        moved = dict(link.execute("SELECT kind, SUM(amount) FROM credit_entry WHERE team_id = ? GROUP BY kind", (row[3],)).fetchall())
        jobs = link.execute("SELECT COUNT(*) FROM job WHERE team_id = ?", (row[3],)).fetchone()[0]
        return tuple(int(v) for v in row[:3]), {kind: int(v) for kind, v in moved.items()}, jobs
    finally:
        link.close()


def test_money_and_limits_are_exact_over_three_nodes(cluster):
    """Two teams submit through all nodes at once: as many are taken as can be paid, or as may be open."""
    gates = [cluster.add(f"gate{i}", "api") for i in range(3)]
    poor = new_team(cluster, "poor", 20)
    rich = new_team(cluster, "rich", 1000)
    cluster.admin("team", "limits", "jobs=15", "--team", "rich")
    start = threading.Barrier(18)

    def try_ten(i):
        call = with_key(gates[i % 3], rich if i % 2 else poor)
        start.wait()
        return [submit(call).status_code for _ in range(10)]

    with ThreadPoolExecutor(18) as pool:
        codes = list(pool.map(try_ten, range(18)))
    of_poor, of_rich = (sum((c for i, c in enumerate(codes) if i % 2 == odd), []) for odd in (0, 1))
    assert of_poor.count(200) == 20 and set(of_poor) == {200, 402}, of_poor
    assert of_rich.count(200) == 15 and set(of_rich) == {200, 429}, of_rich
    assert books(cluster, "poor") == ((20, 0, 20), {"granted": 20, "reserved": 20}, 20)
    assert books(cluster, "rich") == ((1000, 0, 15), {"granted": 1000, "reserved": 15}, 15)
    assert cluster.admin("credits", "check")


def test_a_single_page_waits_for_no_backlog(cluster):
    """One reader, a team with forty documents, one with a page: between its upload and its end not more than a
    batch that was under way and one that its own two steps left room for are read for the other."""
    cluster.env.update(nodes.fake_reading())
    gate = cluster.add("gate", "api")
    reader = cluster.add("reader", "runner", ["--readers", "1"])
    many, one = (new_team(cluster, name, 1000) for name in ("many", "one"))
    page = nodes.fake_document(1, 150)

    def upload(key, body):
        gate.key = key
        return gate.upload(body)

    alone = upload(one, page)
    assert gate.wait(alone)["status"] == "completed"
    assert reader.stop() == 0  # else it may read as quickly as a busy machine uploads
    backlog = [upload(many, page) for _ in range(40)]
    reader.start()
    gate.wait(backlog[0])

    job = upload(one, page)
    came = time.time() * 1000
    assert gate.wait(job)["status"] == "completed"
    # By the times in the jobs, not by counting now and then: on a busy machine the reader is well ahead of whoever asks.
    link = postgres.Connection(cluster.env["LEAPOCR_DATABASE"])
    ended = link.execute("SELECT completed_ms FROM job WHERE id = ?", (job,)).fetchone()[0]
    others = [row[0] for row in link.execute("SELECT completed_ms FROM job j JOIN team t ON t.id = j.team_id"
                                             " WHERE t.name = 'many'").fetchall()]
    link.close()
    meanwhile = sum(came < at < ended for at in others)
    later = sum(at == 0 or at > ended for at in others)
    assert meanwhile <= 4 and later > 0, (came, ended, sorted(others))
    gate.key = many
    assert all(gate.wait(j)["status"] == "completed" for j in backlog)
