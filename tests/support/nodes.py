# SPDX-License-Identifier: AGPL-3.0-or-later
"""Several nodes of the service over one database server, as processes: for the tests of clusters.

Each node has a data folder of its own; keys are shared by --secrets. Where the objects are is told by
`store` (options and environment); without one it is a folder that all nodes see, as on a shared file
system.
"""
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import server


class Node(server.Server):
    """One `serve --role ...`; ready when it says so."""

    start_new_session = True

    def __init__(self, cluster, name, role, options=(), program=None, env=None):
        self.cluster, self.name, self.role = cluster, name, role
        super().__init__(cluster.folder / name, program=program, env={**cluster.env, **(env or {})},
                         options=["--role", role, "--node", name, *cluster.options, *options])

    def start(self, timeout=90):
        if "api" in self.role or self.role == "all":
            super().start(timeout)
            self.key = self.key or self.cluster.key
            self.cluster.key = self.cluster.key or self.key
            return self
        self.ready_ms = None
        told = threading.Event()
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [self.program, "serve", "--data", str(self.data), *self.options], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.env, text=True, errors="replace", start_new_session=True)
        self.reader = threading.Thread(target=self._lines, args=(self.process.stdout, begun, told), daemon=True)
        self.reader.start()
        told.wait(timeout)
        if self.ready_ms is None:
            self.kill_all()
            raise RuntimeError(f"node {self.name} did not start:\n" + self.log_tail())
        return self

    def _lines(self, lines, begun, told):
        for line in lines:
            self.output.append(line)
            if " is ready after " in line:
                self.ready_ms = (time.monotonic() - begun) * 1000
                told.set()
        told.set()

    def kill_node(self):
        """As when the machine is gone: all of its processes at once."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def freeze(self, stop=True):
        """All of its processes stand still, or go on."""
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGSTOP if stop else signal.SIGCONT)
            except ProcessLookupError:
                pass


class Nodes:
    """The nodes of one database. url: its address; store: (options, environment), see above."""

    def __init__(self, folder, url, store=None, options=()):
        self.folder = Path(folder)
        self.key = None
        store_options, store_env = store or (["--store", f"file://{self.folder}/objects"], {})
        self.env = {"LEAPOCR_DATABASE": url, **store_env}
        self.options = ["--secrets", str(self.folder / "secrets"), *store_options, *options]
        for name in ("secrets", "objects"):
            (self.folder / name).mkdir(mode=0o700)
        self.nodes = []

    def add(self, name, role, options=(), program=None, env=None):
        """options, env: of this node alone."""
        node = Node(self, name, role, options, program, env)
        self.nodes.append(node)
        return node.start()

    def admin(self, *words):
        """What `leapocr admin` prints as JSON."""
        out = subprocess.run([server.binary(), "admin", *words, "--json", "--data", str(self.nodes[0].data)],
                             env={**os.environ, **self.env}, capture_output=True, text=True, timeout=300)
        assert out.returncode == 0, out.stderr
        return json.loads(out.stdout)

    def close(self):
        for node in self.nodes:
            if node.process and node.process.poll() is None:
                node.kill_node()


FAKES = Path(os.environ.get("LEAPOCR_REAL_BIN", server.binary())).resolve().parents[2] / "tests/unit/runner"


def fake_reading():
    """The environment in which nodes read by fake_doc.c: see fake_document."""
    return {"LD_PRELOAD": str(FAKES / "libas_reader.so"), "LEAPOCR_TEST_READER": str(FAKES / "fake_reader")}


def fake_document(pages, wait_ms):
    """A document for fake_reading() of which each page takes so long, and no processor."""
    lines = [f"FAKE {pages}"] + [f"{i} layer word{i}\n{i} wait {wait_ms}" for i in range(pages)]
    return "\n".join(lines).encode() + b"\n"
