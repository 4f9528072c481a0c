#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A private PostgreSQL cluster for a session of tests, and its databases with sqlite3's manners.

usage: tests/support/postgres.py COMMAND...     runs it with every data folder's state in a database
of its own on such a cluster: LEAPOCR_BIN becomes on-postgres beside this file, which says --database
for the program's callers. In the end-to-end suite LEAPOCR_TEST_BACKEND=postgres does the same.

The cluster is Debian's postgresql-15, on a loopback port, in a temporary folder that goes with the
process. As root it runs as the user postgres, because PostgreSQL refuses root.
"""
import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import sys
import zlib
from pathlib import Path

import psycopg2
import psycopg2.errors

import ports
import processes

BINARIES = Path("/usr/lib/postgresql/15/bin")


def as_server_user(*command):
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", *command]


def wait_for_port(port, seconds=60, host="127.0.0.1"):
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((host, port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


class Cluster:
    """settings: of postgresql.conf, as durable="on". A killed server loses nothing without fsync,
    a machine without power would: the tests of one process's death are quicker so."""

    def __init__(self, port=0, **settings):
        self.folder = Path(tempfile.mkdtemp(prefix="leapocr-pg-"))
        self.port = port or ports.free()
        self.settings = {"fsync": "off", "max_connections": "400", "listen_addresses": "127.0.0.1",
                         "unix_socket_directories": "", **settings}
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.run("initdb", "-D", str(self.data), "-U", "leapocr", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8",
                 "--no-sync")
        self.start()

    data = property(lambda self: self.folder / "data")

    def run(self, program, *arguments):
        subprocess.run(as_server_user(str(BINARIES / program), *arguments), check=True, cwd=self.folder,
                       stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, timeout=120)

    def start(self):
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # of one that was killed
        flags = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        self.run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "log"), "-w", "-t", "110", "-o",
                 f"-p {self.port} {flags}", "start")

    def pid(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def pids(self):
        """The server's, then those of all its processes."""
        pids = [self.pid()]
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                except (OSError, IndexError):
                    continue
                if parent == pids[0]:
                    pids.append(int(entry.name))
        return pids

    def signal(self, number):
        for pid in self.pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill(self):
        """SIGKILL to the server and all its processes, as a machine that stops."""
        pids = self.pids()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        processes.left_of(pids)

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-t", "110", "stop")

    def close(self):
        try:
            self.stop("immediate")
        except subprocess.CalledProcessError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def base(self):
        return f"postgres://leapocr@127.0.0.1:{self.port}"


def base():
    """Address of the server that the tests run on (postgres://USER@HOST:PORT), None: the embedded
    default. `tests/support/postgres.py COMMAND...` sets it."""
    return os.environ.get("LEAPOCR_TEST_POSTGRES")


def database_of(data):
    """The name of the database that a data folder of the tests has."""
    return f"t{zlib.crc32(os.path.abspath(data).encode()):08x}"


def url_of(data):
    return f"{base()}/{database_of(data)}"


def execute(sql):
    link = psycopg2.connect(f"{base()}/postgres")
    link.autocommit = True
    with link.cursor() as cursor:
        try:
            cursor.execute(sql)
        except psycopg2.errors.DuplicateDatabase:
            pass
    link.close()


def create(data):
    execute(f"CREATE DATABASE {database_of(data)}")


def drop(data):
    execute(f"DROP DATABASE IF EXISTS {database_of(data)} WITH (FORCE)")


class Connection:
    """As sqlite3.Connection where the tests use it: ? placeholders, bytes for BYTEA, commits with
    the `with` block or by commit()."""

    def __init__(self, url):
        self.link = psycopg2.connect(url)

    def execute(self, sql, arguments=()):
        cursor = self.link.cursor()
        cursor.execute(re.sub(r"\?", "%s", sql.replace("%", "%%")), tuple(arguments))
        rows = [] if cursor.description is None else [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
        return Fetched(rows, cursor.rowcount)

    def executemany(self, sql, rows):
        for row in rows:
            self.execute(sql, row)

    def commit(self):
        self.link.commit()

    def close(self):
        self.link.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.link.commit()
        else:
            self.link.rollback()


class Fetched:
    def __init__(self, rows, rowcount):
        self.rows = rows
        self.rowcount = rowcount
        self.at = 0

    def fetchone(self):
        row = self.rows[self.at] if self.at < len(self.rows) else None
        self.at += 1
        return row

    def fetchall(self):
        rest, self.at = self.rows[self.at:], len(self.rows)
        return rest

    def __iter__(self):
        return iter(self.fetchall())


def environment(cluster):
    """What programs below see, so that their state lies there."""
    here = Path(__file__).resolve().parent
    real = os.environ.get("LEAPOCR_BIN", str(here.parents[1] / "build/src/cmd/leapocr"))
    return {"LEAPOCR_TEST_POSTGRES": cluster.base(), "LEAPOCR_REAL_BIN": real, "LEAPOCR_BIN": str(here / "on-postgres")}


def begin():
    """For a session of tests: a cluster of its own where LEAPOCR_TEST_BACKEND says so, ended with the process."""
    if os.environ.get("LEAPOCR_TEST_BACKEND", "sqlite") == "postgres" and not base():
        cluster = Cluster()
        atexit.register(cluster.close)
        os.environ.update(environment(cluster))


def main(command):
    cluster = Cluster()
    try:
        return subprocess.run(command, env={**os.environ, **environment(cluster)}).returncode
    finally:
        cluster.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
