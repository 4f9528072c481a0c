# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nodes of one role each over one database: who does what, and what happens when one goes."""
import functools
import http.server
import subprocess
import threading
import time

import postgres
import server

SAMPLES = server.ROOT / "tests/samples"


def until(what, seconds=60):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def node_of(cluster, name):
    return next((n for n in cluster.admin("nodes")["nodes"] if n["node"] == name), None)


def owner_count(cluster):
    link = postgres.Connection(cluster.env["LEAPOCR_DATABASE"])
    try:
        return link.execute("SELECT COUNT(*) FROM task WHERE state = 1").fetchone()[0]
    finally:
        link.close()


def sessions(cluster, name):
    """How many sessions of this node (of named()) the database server has."""
    link = postgres.Connection(cluster.env["LEAPOCR_DATABASE"])
    try:
        return link.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = ?", (name,)).fetchone()[0]
    finally:
        link.close()


def named(cluster, name):
    """The environment of a node whose sessions are told from others'."""
    return {"LEAPOCR_DATABASE": f"{cluster.env['LEAPOCR_DATABASE']}?application_name={name}"}


def kill_at_work(cluster, api, node):
    """Kills the node while a task is its own; returns the jobs that it was given. A task may end between the look and
    the kill, then the node gets more; only when its sessions are gone can none of its commits come any more."""
    jobs = []
    for _ in range(20):
        jobs += [api.upload(SAMPLES / "book-200.pdf") for _ in range(2)]
        until(lambda: owner_count(cluster) > 0)
        node.kill_node()
        until(lambda: sessions(cluster, node.name) == 0)
        if owner_count(cluster) > 0:
            return jobs
        node.start()
    raise AssertionError("each time the task was done before the kill")


def test_each_role_on_its_own_node(cluster):
    """A document goes through three nodes; each ends in order when it is told to, and is off the list."""
    api = cluster.add("gate", "api", ["--allow-private-urls", "127.0.0.0/8"])
    cluster.add("reader", "runner", ["--readers", "1"])
    cluster.add("out", "courier", ["--allow-private-urls", "127.0.0.0/8"])
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=SAMPLES)
    handler.log_message = lambda *_: None
    files = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=files.serve_forever, daemon=True).start()
    assert "readers" not in api.call("GET", "/health").json()["checks"]  # they are not this node's
    sent = api.upload(SAMPLES / "article.pdf")
    url = f"http://127.0.0.1:{files.server_port}/note.bmp"
    fetched = api.call("POST", "/ocr/uploads/url", json={"url": url}).json()["job_id"]
    assert api.wait(sent)["status"] == "completed"
    assert api.wait(fetched)["status"] == "completed"
    files.shutdown()
    shown = {n["node"]: n for n in cluster.admin("nodes")["nodes"]}
    assert {name: n["roles"] for name, n in shown.items()} == {"gate": "api", "reader": "runner", "out": "courier"}
    assert shown["reader"]["readers"] == 1 and shown["out"]["readers"] == 0
    for node in cluster.nodes:
        assert node.stop() == 0
        assert node_of(cluster, node.name) is None


def test_without_a_sibling_work_waits_and_is_seen(cluster):
    api = cluster.add("gate", "api")
    job = api.upload(SAMPLES / "note.bmp")
    queue = cluster.admin("nodes")["queue"]
    assert [(part["waiting"], part["running"]) for part in queue] == [(1, 0)]
    assert api.status(job)["status"] == "pending"
    cluster.add("reader", "runner", ["--readers", "1"])
    assert api.wait(job)["status"] == "completed"
    assert cluster.admin("nodes")["queue"] == []


def test_a_node_of_the_same_name_takes_over_what_it_left(cluster):
    """The lease is an hour: only the name tells that the task is free."""
    api = cluster.add("gate", "api")
    reader = cluster.add("reader", "runner", ["--readers", "1", "--lease", "3600"], env=named(cluster, "reader"))
    jobs = kill_at_work(cluster, api, reader)
    reader.start()
    assert all(api.wait(job)["status"] == "completed" for job in jobs)


def test_tasks_of_a_vanished_runner_go_to_another(cluster):
    api = cluster.add("gate", "api")
    gone = cluster.add("spot", "runner", ["--readers", "1", "--lease", "3"], env=named(cluster, "spot"))
    jobs = kill_at_work(cluster, api, gone)
    cluster.add("reader", "runner", ["--readers", "1", "--lease", "3"])
    for state in [api.wait(job) for job in jobs]:
        assert state["status"] == "completed" and state["total_pages"] == 200


def test_runners_take_what_was_chosen_for_them(cluster):
    """One takes a model, one is for a team that does not exist: the other models wait for a third."""
    api = cluster.add("gate", "api")
    cluster.add("pro", "runner", ["--readers", "1", "--runner-models", "pro-*"])
    cluster.add("none", "runner", ["--readers", "1", "--runner-teams", "00000000-0000-4000-8000-000000000000"])
    plain = api.upload(SAMPLES / "note.bmp")
    chosen = api.upload(SAMPLES / "note.bmp", model="pro-v1")
    assert api.wait(chosen)["status"] == "completed"
    assert api.status(plain)["status"] == "pending"
    cluster.add("rest", "runner", ["--readers", "1", "--weight", "90"])
    assert api.wait(plain)["status"] == "completed"
    assert node_of(cluster, "pro")["models"] == "pro-*" and node_of(cluster, "rest")["weight"] == 90


def test_a_draining_node_is_seen_and_takes_nothing_more(cluster):
    api = cluster.add("gate", "api")
    reader = cluster.add("reader", "runner", ["--readers", "1"])
    first = api.upload(SAMPLES / "book-200.pdf")
    until(lambda: owner_count(cluster) > 0)
    reader.process.terminate()
    until(lambda: (node_of(cluster, "reader") or {"state": "gone"})["state"] in ("draining", "gone"))
    later = api.upload(SAMPLES / "note.bmp")
    assert reader.process.wait(120) == 0
    assert owner_count(cluster) == 0 and api.status(later)["status"] == "pending"
    cluster.add("other", "runner", ["--readers", "1"])
    assert api.wait(first)["status"] == api.wait(later)["status"] == "completed"


# --- two versions over one migration ---

ADDED = ("ALTER TABLE job ADD COLUMN later_note TEXT", "CREATE TABLE later_table (id BIGINT NOT NULL PRIMARY KEY)")


def newest(connection):
    return connection.execute("SELECT version FROM leapocr_schema").fetchone()[0]


def migrate(cluster, least):
    """What the next release's migration does, while this one's nodes work."""
    link = postgres.Connection(cluster.env["LEAPOCR_DATABASE"])
    version = newest(link) + 1
    for sql in ADDED:
        link.execute(sql)
    link.execute("UPDATE leapocr_schema SET version = ?", (version,))
    link.execute("UPDATE counter SET value = ? WHERE name = 'schema_least'", (least or version,))
    link.commit()
    link.close()


def test_an_older_program_goes_on_over_a_migration_that_only_adds(cluster):
    api = cluster.add("gate", "api")
    reader = cluster.add("reader", "runner", ["--readers", "1"])
    before = api.upload(SAMPLES / "note.bmp")
    migrate(cluster, least=5)
    assert api.wait(before)["status"] == "completed"
    assert reader.stop() == 0
    reader.start()  # of the older version, on the newer schema
    after = api.upload(SAMPLES / "note.bmp")
    assert api.wait(after)["status"] == "completed"
    assert api.status(before)["status"] == "completed"


def test_an_older_program_does_not_start_on_a_schema_that_took_something_away(cluster):
    reader = cluster.add("reader", "runner", ["--readers", "1"])
    assert reader.stop() == 0
    migrate(cluster, least=None)
    try:
        reader.start()
    except RuntimeError as why:
        assert "start the newer program" in str(why)
    else:
        raise AssertionError("it started")


def test_a_role_that_is_none_is_refused():
    for words, why in ((["--role", "api,reader"], "--role: 'reader' is none of"),
                       (["--node", "a b"], "--node: a name has"),
                       (["--role", "runner", "--model-endpoint", "http://127.0.0.1/v1", "--model-name", "m"],
                        "--role runner,courier")):
        out = subprocess.run([server.binary(), "serve", *words], capture_output=True, text=True, timeout=120)
        assert out.returncode == 1 and why in out.stderr, out
