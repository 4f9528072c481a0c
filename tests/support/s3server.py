# SPDX-License-Identifier: AGPL-3.0-or-later
"""A private S3 service on a loopback port: Ceph's object gateway (radosgw) on a cluster of one monitor and one OSD.

    with S3Server() as s3:
        s3.flags("prefix/")     options of `leapocr serve`
        s3.env                  its credentials
        s3.client()             a boto3 client

Debian's packages radosgw, ceph-mon and ceph-osd. Nothing of it outlives the process that started it: daemons die with it, files lie in
a temporary folder. A server that is up already is used instead where LEAPOCR_TEST_S3 says so ("URL ACCESS_ID SECRET"), which is how the
processes of one run share one.
"""
import ctypes
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import ports

ACCESS_ID = "LEAPOCRTESTACCESSKEY"
BUCKET = "documents"
CONFIG = """[global]
fsid = {fsid}
mon_host = v1:127.0.0.1:{mon_port}
ms_bind_msgr2 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
run_dir = {d}
admin_socket = {d}/$name.asok
log_file = {d}/$name.log
log_to_stderr = false
pid_file = {d}/$name.pid
keyring = {d}/keyring
mon_data = {d}/mon
osd_data = {d}/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
rgw_data = {d}/rgw
rgw_crypt_require_ssl = false
rgw_dns_name = localhost
"""


def available():
    return all(shutil.which(p) for p in ("radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "monmaptool"))


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class S3Server:
    def __init__(self):
        self.folder = None
        self.daemons = []
        self.access_id, self.secret, self.url = ACCESS_ID, secrets.token_hex(20), None

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.close()

    env = property(lambda self: {"AWS_ACCESS_KEY_ID": self.access_id, "AWS_SECRET_ACCESS_KEY": self.secret})

    def flags(self, prefix="", url=None):
        return ["--store", f"s3://{BUCKET}/{prefix}", "--s3-endpoint", url or self.url]

    def client(self, **how):
        import boto3
        from botocore.config import Config
        return boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=self.access_id,
                            aws_secret_access_key=self.secret,
                            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, **how))

    def start(self):
        shared = os.environ.get("LEAPOCR_TEST_S3")
        if shared:
            self.url, self.access_id, self.secret = shared.split()
            return self
        if not available():
            raise RuntimeError("no S3 server: tools/install-packages test installs radosgw, ceph-mon and ceph-osd")
        for last in (False, False, True):  # another process may take a port that was free a moment ago
            self.folder = Path(tempfile.mkdtemp(prefix="leapocr-s3-"))
            try:
                self._cluster()
                self.client().create_bucket(Bucket=BUCKET)
                return self
            except (RuntimeError, subprocess.TimeoutExpired) as e:
                told = self._told()
                self.close()
                if last:
                    raise RuntimeError(f"{e}\n{told}") from e
            except BaseException:
                self.close()
                raise

    def _cluster(self):
        d, fsid, osd = self.folder, str(uuid.uuid4()), str(uuid.uuid4())
        port, mon_port = ports.free(), ports.free()
        self.conf = str(d / "ceph.conf")
        Path(self.conf).write_text(CONFIG.format(d=d, fsid=fsid, mon_port=mon_port))
        (d / "keyring").touch()
        for name in ("mon", "osd", "rgw"):
            (d / name).mkdir()
        self._run("monmaptool", "--create", "--addv", "a", f"[v1:127.0.0.1:{mon_port}]", "--fsid", fsid, d / "monmap")
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", d / "monmap")
        self._daemon("ceph-mon", "-f", "-i", "a")
        self._run("ceph", "osd", "new", osd)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._daemon("ceph-osd", "-f", "-i", "0")
        # One after the other: both make the pools and the zone where there are none, and may wait for each other for ever.
        self._run("radosgw-admin", "user", "create", "--uid", "leapocr", "--display-name", "leapocr", "--access-key",
                  self.access_id, "--secret", self.secret)
        self._daemon("radosgw", "-f", "-n", "client.rgw", "--rgw-frontends", f"beast endpoint=127.0.0.1:{port} tcp_nodelay=1")
        self.url = f"http://127.0.0.1:{port}"
        self._wait()

    def _command(self, program, *args):
        return [program, "-c", self.conf, *map(str, args)]

    def _run(self, program, *args):
        command = [program, *map(str, args)] if program == "monmaptool" else self._command(program, *args)
        done = subprocess.run(command, capture_output=True, text=True, timeout=100)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")

    def _daemon(self, program, *args):
        log = open(self.folder / f"{program}.out", "w")
        self.daemons.append(subprocess.Popen(self._command(program, *args), stdout=log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent))
        log.close()

    def _told(self):
        """The last that the daemons said."""
        return "\n".join(f"{log.name}: {line}" for log in sorted(self.folder.glob("*.*")) if log.suffix in (".log", ".out")
                         for line in log.read_text(errors="replace").splitlines()[-8:])

    def _wait(self, seconds=100):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the S3 server did not start; see " + str(self.folder))

    def keys(self, prefix=""):
        """Names of all objects under the prefix, without it."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [o["Key"][len(prefix):] for page in pages for o in page.get("Contents", [])]

    def uploads(self, prefix=""):
        """Multipart uploads that are neither complete nor aborted: (key, upload id)."""
        answer = self.client().list_multipart_uploads(Bucket=BUCKET, Prefix=prefix)
        return [(u["Key"], u["UploadId"]) for u in answer.get("Uploads") or []]

    def pause(self):
        """The service stands still, connections stay."""
        for daemon in self.daemons:
            daemon.send_signal(signal.SIGSTOP)

    def go_on(self):
        for daemon in self.daemons:
            daemon.send_signal(signal.SIGCONT)

    def close(self):
        for daemon in reversed(self.daemons):
            daemon.kill()
            daemon.wait()
        self.daemons = []
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


_one = None


def shared():
    """One for this process, started at the first wish and ended with it."""
    global _one
    if _one is None:
        import atexit
        _one = S3Server().start()
        atexit.register(_one.close)
    return _one


if __name__ == "__main__":
    with S3Server() as s3:
        print(json.dumps({"url": s3.url, **s3.env}), flush=True)
        print(f"export LEAPOCR_TEST_S3='{s3.url} {s3.access_id} {s3.secret}'", flush=True)
        signal.pause()
