# SPDX-License-Identifier: AGPL-3.0-or-later
"""The state on PostgreSQL, and a database that dies, is cut off, or stands behind a pooler.

Runs where the suite runs on PostgreSQL: LEAPOCR_TEST_BACKEND=postgres pytest tests/api/test_postgres.py"""
import os
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

import harness
import ports
import postgres
from pgproxy import Proxy

pytestmark = pytest.mark.skipif(not postgres.base(), reason="about PostgreSQL: LEAPOCR_TEST_BACKEND=postgres")


@pytest.fixture(scope="module")
def cluster():
    """One that may be killed; the rest of the suite has another. What a killed process has written, the system keeps."""
    cluster = postgres.Cluster()
    yield cluster
    cluster.close()


@pytest.fixture
def database(cluster, request):
    """A new one: (name, function that gives a connection)."""
    name = "d" + "".join(c for c in request.node.name if c.isalnum())[:40].lower()
    link = postgres.psycopg2.connect(cluster.base() + "/postgres")
    link.autocommit = True
    link.cursor().execute(f"CREATE DATABASE {name}")
    link.close()
    return name, lambda: postgres.Connection(f"{cluster.base()}/{name}")


def serve(url, *flags):
    return harness.Server(*flags, env={"LEAPOCR_DATABASE": url})


def submit_until(client, pdf, jobs, stop):
    """Submits until told to stop; what is not accepted counts for nothing."""
    while not stop.is_set():
        try:
            made = client.begin(len(pdf), format="markdown")
            parts = client.send_parts(made, pdf)
            if client.complete(made["job_id"], parts).status_code == 200:
                jobs.append(made["job_id"])
        except (AssertionError, OSError):
            pass
        time.sleep(0.1)  # what is accepted has to be read, too, before the test ends


def check_books(connect, pages_of_a_job, jobs):
    """Every job that was accepted ended, once, and was charged once."""
    with connect() as db:  # also those whose acceptance never reached the client come to their end
        until = time.monotonic() + 120
        while db.execute("SELECT COUNT(*) FROM task").fetchone() != (0,):
            assert time.monotonic() < until, "tasks are left"
            db.commit()
            time.sleep(0.1)
        ended = dict(db.execute("SELECT id, status FROM job").fetchall())
        assert [j for j in jobs if ended.get(j) != 3] == []
        twice = db.execute("SELECT job_id, SUM(CASE WHEN target = 'consumed' THEN amount ELSE 0 END) FROM credit_entry"
                           " WHERE job_id IS NOT NULL GROUP BY job_id").fetchall()
        assert {job: int(amount) for job, amount in twice if job in jobs} == {job: pages_of_a_job for job in jobs}
        row = db.execute("SELECT granted - consumed - reserved, consumed, reserved FROM credit_account").fetchone()
        consumed = db.execute("SELECT SUM(CASE WHEN target = 'consumed' THEN amount ELSE 0 END) FROM credit_entry").fetchone()[0]
        assert row[1] == consumed
        assert db.execute("SELECT COUNT(*) FROM task").fetchone() == (0,)
        pages = db.execute("SELECT job_id, COUNT(*) FROM job_page GROUP BY job_id").fetchall()
        assert {n for job, n in pages if job in jobs} == {pages_of_a_job}
    db.close()


def test_what_doctor_says(cluster, database):
    name, _ = database
    server = serve(f"{cluster.base()}/{name}")
    told = subprocess.run([os.environ["LEAPOCR_REAL_BIN"], "doctor", "--data", str(server.data), "--database", f"{cluster.base()}/{name}"],
                          capture_output=True, text=True)
    assert "PostgreSQL 15" in told.stdout and "fsync off" in told.stdout, told.stdout
    assert "may be gone after a loss of power" in told.stdout and "ms there and back" in told.stdout
    ahead = re.search(r"the database's clock is (-?\d+\.\d) s ahead", told.stdout)
    assert ahead and abs(float(ahead.group(1))) < 2, told.stdout  # it is the same, and an answer takes its time
    server.close()


def test_no_password_in_argv(tmp_path):
    for url in ("postgres://a:b@127.0.0.1/x", "postgres://a@127.0.0.1/x?password=b"):
        told = subprocess.run([os.environ["LEAPOCR_REAL_BIN"], "serve", "--data", str(tmp_path / "d"), "--database", url],
                              capture_output=True, text=True)
        assert told.returncode == 1 and "no password here" in told.stderr, told.stderr


def test_no_database(tmp_path):
    told = subprocess.run([os.environ["LEAPOCR_REAL_BIN"], "serve", "--listen", "127.0.0.1:0", "--data", str(tmp_path / "d"),
                           "--database", "postgres://nobody@127.0.0.1:1/x"], capture_output=True, text=True)
    assert told.returncode != 0 and "the database cannot be reached" in told.stderr


def test_connections_lost_in_commit(cluster, database, pdf):
    """The client hears the truth: a commit whose answer was lost is asked for, not guessed."""
    name, connect = database
    proxy = Proxy(cluster.port)
    server = serve(f"postgres://leapocr@127.0.0.1:{proxy.port}/{name}")
    jobs, stop = [], threading.Event()
    threads = [threading.Thread(target=submit_until, args=(harness.Client(server.url, server.key), pdf, jobs, stop)) for _ in range(4)]
    proxy.cut = 0.35
    for thread in threads:
        thread.start()
    until = time.monotonic() + 120
    while (proxy.lost_before < 2 or proxy.lost_after < 2 or not jobs) and time.monotonic() < until:
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join(120)
    proxy.cut = 0
    assert proxy.lost_before >= 2 and proxy.lost_after >= 2, (proxy.lost_before, proxy.lost_after, proxy.commits)
    assert jobs
    for job in jobs:
        assert server.client.wait(job, 120)["status"] == "completed"
    check_books(connect, 3, jobs)
    server.close()
    proxy.close()


def test_database_killed(cluster, database, pdf):
    """kill -9 of the database server with all its processes, twice, under load."""
    name, connect = database
    server = serve(f"{cluster.base()}/{name}", "--lease", "3")
    jobs, stop = [], threading.Event()
    threads = [threading.Thread(target=submit_until, args=(harness.Client(server.url, server.key), pdf, jobs, stop)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        time.sleep(1.5)
        cluster.kill()
        time.sleep(0.5)
        cluster.start()
        begun, before = time.monotonic(), len(jobs)
        while len(jobs) == before:
            assert time.monotonic() - begun < 90, "the service did not come back"
            time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join(120)
    for job in jobs:
        assert server.client.wait(job, 120)["status"] == "completed"
    check_books(connect, 3, jobs)
    server.close()


def test_role_that_starts_while_the_database_is_away(cluster, database, pdf):
    """It is started again and again, and the service does not end over it."""
    name, _ = database
    server = serve(f"{cluster.base()}/{name}")
    cluster.kill()
    for role in ("role-api", "role-runner"):
        for pid, line in server.pids().items():
            if role in line:
                os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 60
    while sum("starting it again" in line for line in server.output) < 2 * 7:
        assert time.monotonic() < until and server.process.poll() is None
        time.sleep(0.05)
    cluster.start()
    jobs, stop = [], threading.Event()
    again = threading.Thread(target=submit_until, args=(server.client, pdf, jobs, stop))
    again.start()
    until = time.monotonic() + 60
    while not jobs and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    again.join(120)
    assert server.client.wait(jobs[0])["status"] == "completed"
    server.close()


def test_cut_off_database_is_said_and_comes_back(cluster, database, pdf):
    name, _ = database
    proxy = Proxy(cluster.port)
    server = serve(f"postgres://leapocr@127.0.0.1:{proxy.port}/{name}")
    job = server.client.upload(pdf)
    assert server.client.wait(job)["status"] == "completed"
    proxy.unplug()
    answer = server.client.call("GET", f"/api/v1/ocr/status/{job}")
    harness.expect_error(answer, 503, "SYSTEM_ERROR")
    assert server.client.call("GET", "/readyz", key=False).status_code == 503
    proxy.plug()
    jobs, stop = [], threading.Event()
    again = threading.Thread(target=submit_until, args=(server.client, pdf, jobs, stop))
    again.start()
    until = time.monotonic() + 60
    while not jobs and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    again.join(120)
    assert server.client.wait(jobs[0])["status"] == "completed"
    server.close()
    proxy.close()


def test_behind_pgbouncer(cluster, database, pdf, tmp_path):
    """Transaction mode: no statement, setting or LISTEN outlives its transaction."""
    name, connect = database
    port = ports.free()
    config = tmp_path / "pgbouncer.ini"
    config.write_text(f"[databases]\n{name} = host=127.0.0.1 port={cluster.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
                      f"listen_port = {port}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 6\n"
                      f"unix_socket_dir =\nlogfile = {tmp_path}/log\n")
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents[:2]:
        parent.chmod(parent.stat().st_mode | 0o055)
    config.write_text(config.read_text().replace(f"port={cluster.port}", f"port={cluster.port} user=leapocr"))
    config.chmod(0o644)
    pooler = subprocess.Popen(postgres.as_server_user("/usr/sbin/pgbouncer", str(config)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        postgres.wait_for_port(port)
        server = serve(f"postgres://leapocr@127.0.0.1:{port}/{name}?pooler=transaction")
        jobs = [server.client.upload(pdf) for _ in range(8)]
        for job in jobs:
            assert server.client.wait(job)["status"] == "completed"
        check_books(connect, 3, jobs)
        server.close()
    finally:
        pooler.send_signal(signal.SIGTERM)
        pooler.wait(10)
