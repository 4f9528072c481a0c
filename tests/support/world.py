# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small world for the campaign of faults: nodes over PostgreSQL and an S3 service, and the ways between them.

Each node reaches the database and the store by addresses of its own (127.0.1.N, 127.0.2.N), so that its cables can be cut alone: in a
network namespace made for the campaign, packets are dropped and nothing answers, not even a refusal. Where the machine lets no
namespace be made, `cables` is False and nothing can be cut.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nodes
import ports
import postgres
import receiver
import s3proxy
import s3server

INSIDE = "LEAPOCR_FAULTS_INSIDE"  # a namespace of our own


def enter_namespace():
    """Runs this program again in a network namespace of its own, if that may be."""
    if INSIDE in os.environ or os.geteuid() != 0 or not shutil.which("iptables") or not shutil.which("ip"):
        return
    probe = "ip link set lo up && iptables -w -A INPUT -p tcp --dport 1 -j DROP"
    if subprocess.run(["unshare", "-n", "sh", "-c", probe], capture_output=True).returncode == 0:
        os.execvpe("unshare", ["unshare", "-n", sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})


class Cable:
    """The way from a node to one address of a service."""

    def __init__(self, address, port):
        self.rules = [["-d", address, "-p", "tcp", "--dport", str(port)], ["-s", address, "-p", "tcp", "--sport", str(port)]]

    def _all(self, verb):
        for rule in self.rules:
            subprocess.run(["iptables", "-w", verb, "INPUT", *rule, "-j", "DROP"], check=True, capture_output=True)

    def cut(self):
        self._all("-A")

    def mend(self):
        self._all("-D")


class Pooler:
    """PgBouncer in transaction mode, on 127.0.3.1."""

    address = "127.0.3.1"

    def __init__(self, folder, cluster, name):
        self.port = ports.free()
        self.config = folder / "pgbouncer.ini"
        self.config.write_text(
            f"[databases]\n{name} = host=127.0.0.1 port={cluster.port} user=leapocr\n[pgbouncer]\nlisten_addr = {self.address}\n"
            f"listen_port = {self.port}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 20\nunix_socket_dir =\n"
            f"server_login_retry = 1\nquery_wait_timeout = 10\ntcp_user_timeout = 3000\n")
        self.config.chmod(0o644)
        folder.chmod(0o755)
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(postgres.as_server_user("/usr/sbin/pgbouncer", "-q", str(self.config)), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, cwd="/")
        postgres.wait_for_port(self.port, host=self.address)

    def kill(self):
        self.process.kill()
        self.process.wait()


class World:
    PREFIX = "faults/"
    PLAN = [("gate0", "api", False), ("gate1", "api", True), ("reader0", "runner", False), ("reader1", "runner", False),
            ("reader2", "runner", True), ("out", "courier", False)]  # name, role, behind the pooler

    def __init__(self):
        self.cables = INSIDE in os.environ
        if self.cables:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.folder = Path(tempfile.mkdtemp(prefix="leapocr-faults-"))
        self.folder.chmod(0o755)
        (self.folder / "pooler").mkdir()
        self.cluster = postgres.Cluster(listen_addresses="*")
        link = postgres.psycopg2.connect(self.cluster.base() + "/postgres")
        link.autocommit = True
        link.cursor().execute("CREATE DATABASE faults")
        link.close()
        self.url = f"{self.cluster.base()}/faults"
        self.pooler = Pooler(self.folder / "pooler", self.cluster, "faults")
        self.s3 = s3server.S3Server().start()
        self.proxy = s3proxy.Proxy(self.s3.url, bind="0.0.0.0").__enter__()
        self.receiver = receiver.Receiver()
        self.to_database, self.to_store = {}, {}
        self.nodes = nodes.Nodes(self.folder, self.url, store=([], self.s3.env))
        for number, plan in enumerate(self.PLAN, 1):
            self._add(number, *plan)
        self.gates = [n for n in self.nodes.nodes if n.role == "api"]
        self.key = self.nodes.key

    def _add(self, number, name, role, pooled):
        address, port = (Pooler.address, self.pooler.port) if pooled else (f"127.0.1.{number}", self.cluster.port)
        store = f"127.0.2.{number}"
        store_port = self.proxy.server.server_port
        self.to_database[name] = Cable(address, port)
        self.to_store[name] = Cable(store, store_port)
        url = f"postgres://leapocr@{address}:{port}/faults" + ("?pooler=transaction" if pooled else "")
        options = [*self.s3.flags(self.PREFIX, f"http://{store}:{store_port}"), "--s3-public-endpoint", self.s3.url,
                   "--initial-credits", "1000000", "--allow-private-urls", "127.0.0.0/8", "--log-level", "info"]
        if role == "runner":
            options += ["--readers", "1", "--lease", "4"]
        self.nodes.add(name, role, options, env={"LEAPOCR_DATABASE": url})

    def node(self, name):
        return next(n for n in self.nodes.nodes if n.name == name)

    def query(self, sql, arguments=()):
        link = postgres.Connection(self.url)
        try:
            return link.execute(sql, arguments).fetchall()
        finally:
            link.close()

    def admin(self, *words):
        return self.nodes.admin(*words, *self.s3.flags(self.PREFIX))

    def logs(self):
        for node in self.nodes.nodes:
            (self.folder / f"{node.name}.log").write_text("".join(node.output))

    def stop_nodes(self):
        return {node.name: node.stop() for node in self.nodes.nodes}

    def close(self, keep=False):
        self.logs()
        self.nodes.close()
        self.receiver.close()
        self.proxy.__exit__()
        self.s3.close()
        self.pooler.kill()
        self.cluster.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self):
        """Command lines of processes of our nodes that live on."""
        until = time.monotonic() + 30
        while (found := self._processes()) and time.monotonic() < until:  # what is killed is gone a moment later
            time.sleep(0.05)
        return found

    def _processes(self):
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:
                    continue
                if str(self.folder) in line and "leapocr" in line.split(" ")[0]:
                    found.append(line)
        return found


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


STOP, GO_ON = signal.SIGSTOP, signal.SIGCONT
