# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the server promises when the machine lets it down: a failed fsync, a stop in the middle of work."""
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
import requests

import harness

SAMPLES = harness.ROOT / "tests/samples"
DIRECT = "/api/v1/ocr/uploads/direct"


def role(server, name):
    """The pid of a role of this server; None while it is down."""
    for entry in pathlib.Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().split(b"\0")
            if line[1:2] == [b"role-" + name.encode()] and os.fsencode(server.data) in line:
                return int(entry.name)
        except (OSError, ValueError):
            continue
    return None


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come about")


@pytest.fixture
def failing_sync():
    """A function that makes every fdatasync and fsync of the database's files in a process fail."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    tracers = []

    def begin(server, pid, when="1+"):
        files = [f"--trace-path={server.data / name}" for name in ("leapocr.db", "leapocr.db-wal")]
        tracers.append(subprocess.Popen(
            [strace, "-f", "-qq", "-o", "/dev/null", "-p", str(pid), *files,
             "-e", f"inject=fdatasync,fsync:error=EIO:when={when}"], stderr=subprocess.PIPE))
        deadline = time.monotonic() + 60
        while any("TracerPid:\t0" in (task / "status").read_text() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()):
            if tracers[-1].poll() is not None:
                pytest.skip("strace may not attach here: " + tracers[-1].stderr.read().decode())
            assert time.monotonic() < deadline, "strace does not attach"
            time.sleep(0.01)
        return tracers[-1]

    yield begin
    for tracer in tracers:
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGINT)
        tracer.wait(60)


@pytest.mark.embedded
def test_failed_sync_ends_the_api(own_server, failing_sync):
    server = own_server()
    api = server.client
    kept = api.begin(10)["job_id"]
    before = role(server, "api")
    failing_sync(server, before)
    answer = api.call("POST", DIRECT, json={"file_name": "lost.pdf"})
    harness.expect_error(answer, 500, "SYSTEM_ERROR")
    after = until(lambda: role(server, "api") not in (None, before) and role(server, "api"))
    assert after != before
    until(lambda: any("starting it again" in line and "role=api status=" in line for line in server.output))
    assert sum("role cannot go on" in line for line in server.output) == 1
    assert harness.Client(server.url, server.key).begin(10)["job_id"]
    with server.database() as db:
        names = [row[0] for row in db.execute("SELECT file_name FROM job ORDER BY created_ms")]
    db.close()
    assert names == ["a.pdf", "a.pdf"]
    assert harness.Client(server.url, server.key).status(kept)["status"] == "pending"


@pytest.mark.embedded
def test_failed_sync_ends_the_runner(own_server, failing_sync, pdf):
    server = own_server()
    before = role(server, "runner")
    tracer = failing_sync(server, before)
    job = server.client.upload(pdf)
    until(lambda: role(server, "runner") not in (None, before))
    tracer.wait(60)
    until(lambda: any("starting it again" in line and "role=runner status=" in line for line in server.output))
    assert sum("role cannot go on" in line for line in server.output) == 1
    assert server.client.wait(job)["status"] == "completed"


def test_who_kills_a_role_does_not_end_the_service(own_server, pdf):
    """However often: only a role that ends by itself right after each start is given up."""
    server = own_server()
    for _ in range(6):
        deadline = time.monotonic() + 60
        while not (pids := [pid for pid, line in server.pids().items() if "role-courier" in line]):
            assert time.monotonic() < deadline and server.process.poll() is None
            time.sleep(0.02)
        os.kill(pids[0], signal.SIGKILL)
        while pids[0] in server.pids() and time.monotonic() < deadline:
            time.sleep(0.02)
    assert server.client.wait(server.client.upload(pdf, format="markdown"))["status"] == "completed"


@pytest.mark.parametrize("grace", [0, 20])
def test_stop_while_jobs_run(own_server, grace):
    """Exit 0 within the grace; what was running is finished by the next start, at the first attempt."""
    server = own_server("--grace", str(grace), "--readers", "2", "--lease", "5")
    book = (SAMPLES / "book-200.pdf").read_bytes()
    scan = (SAMPLES / "scan-noisy.pdf").read_bytes()
    jobs = [server.client.upload(body) for body in [scan, book] * 3]

    def running():
        with server.database() as db:
            count = db.execute("SELECT count(*) FROM task WHERE state = 1").fetchone()[0]
        db.close()
        return count

    until(running)
    assert server.stop(grace + 40) == 0
    with server.database() as db:
        left = db.execute("SELECT state, attempt, owner FROM task").fetchall()
        crashes = db.execute("SELECT sum(crashes) FROM job").fetchone()[0]
    db.close()
    assert left, "the stop was to come in the middle of the work"
    assert all((state, attempt, owner) == (0, 0, None) for state, attempt, owner in left), left
    assert crashes == 0
    server.start()
    for job in jobs:
        assert server.client.wait(job, 240)["status"] == "completed"


def test_a_second_signal_ends_the_grace(own_server):
    server = own_server("--grace", "60")
    server.client.upload((SAMPLES / "book-200.pdf").read_bytes())
    with requests.get(server.url + "/health", timeout=10) as answer:
        assert answer.status_code == 200
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert server.stop(40) == 0


def test_start_right_after_the_supervisor_was_killed(own_server, pdf):
    """Its roles hold the folder's lock until they are gone too; the next start waits for that."""
    server = own_server()
    jobs = []
    for _ in range(10):
        jobs.append(server.client.upload(pdf))
        server.kill()
        server.start()
    for job in jobs:
        assert server.client.wait(job)["status"] == "completed"


def test_two_on_one_folder(own_server):
    server = own_server()
    second = subprocess.Popen([server.program, "serve", "--listen", "127.0.0.1:0", "--data", str(server.data)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = second.stderr.read()
    _, status, used = os.wait4(second.pid, 0)
    second.returncode = os.waitstatus_to_exitcode(status)
    assert second.returncode != 0 and f"in use by a server, process {server.process.pid};" in said
    assert used.ru_nvcsw < 150, "it looks every 10 ms, for 3 s, whether one that is killed lets go"
