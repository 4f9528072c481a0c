# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server process and raw connections to it, for tests that must say each byte themselves."""
import json
import os
import select
import signal
import socket
import subprocess
import time

PROGRAM = os.environ["HTTP_TEST_SERVER"]
HOST = b"Host: localhost\r\n"


class Server:
    def __init__(self, preexec=None, **limits):
        args = [f"--{name}={value}" for name, value in limits.items()]
        self.process = subprocess.Popen(
            [PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=preexec)
        self.port = int(self.process.stdout.readline())
        self.asked = 0

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.send_signal(signal.SIGTERM)
        try:
            out, err = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        if exc[0] is None:
            assert self.process.returncode == 0, err.decode()
            assert err == b"", err.decode()  # where the sanitizers write

    def stop(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout):
        self.process.wait(timeout)
        return self.process.stdout.read().decode()

    def connect(self, timeout=30, receive_buffer=None):
        return Client(self.port, timeout, receive_buffer)

    def counts(self):
        """What the server has counted, but for the requests that ask for it."""
        with self.connect() as client:
            counts = client.get("/counts").json()
        self.asked += 1
        return {**counts, "heads": counts["heads"] - self.asked}

    def until_seen(self, heads):
        """Until it has read the heads of so many requests: a signal or a reset could be quicker."""
        until(lambda: self.counts()["heads"] >= heads)

    def memory_kib(self, what="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith(what + ":"):
                    return int(line.split()[1])
        raise AssertionError(what)


class Reply:
    def __init__(self, status, fields, body):
        self.status = status
        self.fields = fields
        self.body = body

    def json(self):
        return json.loads(self.body)


class Client:
    def __init__(self, port, timeout, receive_buffer):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.received = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def reset(self):
        """Closes with RST, as a client does that is gone."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               (1).to_bytes(4, "little") + bytes(4))
        self.socket.close()

    def _more(self):
        data = self.socket.recv(65536)
        self.received += data
        return len(data) > 0

    def _take(self, length):
        taken = bytes(self.received[:length])
        del self.received[:length]
        return taken

    def reply(self, head_only=False):
        """The next reply; None if the connection ends before one begins."""
        while b"\r\n\r\n" not in self.received:
            if not self._more():
                assert self.received == b"", self.received
                return None
        end = self.received.index(b"\r\n\r\n")
        head = self._take(end + 4)[:end]
        lines = head.decode("latin-1").split("\r\n")
        version, status, phrase = lines[0].split(" ", 2)
        assert version == "HTTP/1.1" and phrase, lines[0]
        fields = {}
        for line in lines[1:]:
            name, value = line.split(": ", 1)
            assert name.lower() not in fields, line
            fields[name.lower()] = value
        status = int(status)
        length = 0
        if status >= 200:
            assert "date" in fields
            length = 0 if head_only else int(fields.get("content-length", 0))
        while len(self.received) < length:
            assert self._more(), "body ends early"
        return Reply(status, fields, self._take(length))

    def get(self, path, *fields):
        self.send(b"GET %s HTTP/1.1\r\n" % path.encode() + HOST
                  + b"".join(f.encode() + b"\r\n" for f in fields) + b"\r\n")
        return self.reply()

    def at_end(self):
        """True if nothing but the end of the connection comes."""
        try:
            return self.received == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def is_quiet(self, seconds):
        ready, _, _ = select.select([self.socket], [], [], seconds)
        return not ready and self.received == b""

    def everything(self):
        """All bytes up to the end of the connection."""
        try:
            while self._more():
                pass
        except ConnectionResetError:
            pass
        return self.received


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
