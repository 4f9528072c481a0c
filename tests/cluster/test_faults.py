# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nodes and the database server are killed while documents are read: nothing acknowledged is lost, and
nothing is done or paid for twice."""
import os
import random
import time

import postgres
import server

SAMPLES = server.ROOT / "tests/samples"
DOCUMENTS = {"note.bmp": 1, "article.pdf": None, "two-sheets.tiff": 2}
JOBS, FAULTS, SEED = (int(os.environ.get(f"LEAPOCR_CLUSTER_{name}", value)) for name, value in (("JOBS", 24), ("FAULTS", 8), ("SEED", 7)))


def steadily(call, seconds=30):
    """As a client does: again while the service is away, at most for a while. The longest pause."""
    begun = time.monotonic()
    while True:
        try:
            return call(), time.monotonic() - begun
        except Exception:  # whatever a killed node does to a connection
            if time.monotonic() - begun > seconds:
                raise
            time.sleep(0.1)


def test_kills_of_nodes_and_of_the_database(cluster, database_server):
    rng = random.Random(SEED)
    api = cluster.add("gate", "api")
    runners = [cluster.add(f"reader{i}", "runner", ["--readers", "1", "--lease", "5"]) for i in range(2)]
    jobs, longest = {}, 0
    for i in range(JOBS):
        name = rng.choice(list(DOCUMENTS))
        job, pause = steadily(lambda: api.upload(SAMPLES / name))
        jobs[job], longest = name, max(longest, pause)
        if i % (JOBS // FAULTS) == 0:
            fault = (i // (JOBS // FAULTS)) % 4
            if fault == 3:
                database_server.stop("immediate")
                database_server.start()
            else:
                node = [api, *runners][fault]
                node.kill_node()
                node.start()
    pages = 0
    for job, name in jobs.items():
        state, _ = steadily(lambda: api.wait(job, 120), 120)
        assert state["status"] == "completed", (name, state)
        assert DOCUMENTS[name] in (None, state["total_pages"])
        pages += state["total_pages"]
    assert longest < 15
    out = cluster.admin("nodes")
    assert out["queue"] == [] and {n["node"] for n in out["nodes"]} == {"gate", "reader0", "reader1"}
    link = postgres.Connection(cluster.env["LEAPOCR_DATABASE"])
    stored = link.execute("SELECT COUNT(*), COUNT(DISTINCT job_id || '/' || number) FROM job_page").fetchone()
    mine = "','".join(jobs)
    assert link.execute(f"SELECT COUNT(*) FROM job_page WHERE job_id IN ('{mine}')").fetchone()[0] == pages
    assert stored[0] == stored[1]
    used, reserved = link.execute("SELECT consumed, reserved FROM credit_account").fetchone()
    paid = link.execute("SELECT CAST(SUM(done_pages * credits_per_page) AS BIGINT) FROM job WHERE status IN (3, 4)").fetchone()[0]
    assert used == paid
    assert link.execute("SELECT COUNT(*) FROM (SELECT job_id FROM credit_entry WHERE kind = 'consumed' GROUP BY job_id "
                        "HAVING COUNT(*) > 1) AS twice").fetchone()[0] == 0
    link.close()
