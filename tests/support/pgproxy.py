# SPDX-License-Identifier: AGPL-3.0-or-later
"""A TCP proxy before PostgreSQL that loses connections at the worst moment: in COMMIT.

Source: PostgreSQL 15 documentation, 55.7 (message formats).
"""
import random
import socket
import struct
import threading


class Proxy:
    """cut: share of COMMITs at which the connection is lost, half of them before the server has
    heard of it, half of them after it has answered."""

    def __init__(self, port, cut=0.0, seed=1):
        self.target = ("127.0.0.1", port)
        self.cut = cut
        self.random = random.Random(seed)
        self.lost_before = self.lost_after = self.commits = 0
        self.open = True
        self.pairs = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if not self.open:
                client.close()
                continue
            try:
                server = socket.create_connection(self.target, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            pair = Pair(self, client, server)
            self.pairs.add(pair)
            pair.start()

    def unplug(self):
        """Nobody gets through until plug()."""
        self.open = False
        for pair in list(self.pairs):
            pair.end()

    def plug(self):
        self.open = True

    def close(self):
        self.listener.close()
        self.unplug()


class Pair:
    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.silent = False  # what the server says goes nowhere
        for s in (client, server):  # a statement is several messages: none waits for the other's acknowledgement
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self):
        for work in (self._up, self._down):
            threading.Thread(target=self._run, args=(work,), daemon=True).start()

    def _run(self, work):
        try:
            work()
        except OSError:
            pass
        self.end()

    def end(self):
        self.proxy.pairs.discard(self)
        for s in (self.client, self.server):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def _read(self, n):
        data = b""
        while len(data) < n:
            piece = self.client.recv(n - len(data))
            if not piece:
                raise OSError("closed")
            data += piece
        return data

    def _up(self):
        """Message by message: the first (and those that ask for encryption) have no letter."""
        while True:
            length = self._read(4)
            body = self._read(struct.unpack("!I", length)[0] - 4)
            self.server.sendall(length + body)
            if struct.unpack("!I", body[:4])[0] == 196608:
                break
        commits = set()  # names of statements that are COMMITs
        while True:
            letter = self._read(1)
            length = self._read(4)
            body = self._read(struct.unpack("!I", length)[0] - 4)
            if letter == b"P":  # Parse: name, text; what is run is named by Bind: portal, name
                name, text = body.split(b"\0")[:2]
                (commits.add if text == b"COMMIT" else commits.discard)(name)
            if letter == b"B" and body.split(b"\0")[1] in commits:
                self.proxy.commits += 1
                if self.proxy.random.random() < self.proxy.cut:
                    if self.proxy.random.random() < 0.5:
                        self.proxy.lost_before += 1
                        raise OSError("lost before")
                    self.proxy.lost_after += 1
                    self.silent = True
            self.server.sendall(letter + length + body)

    def _down(self):
        while True:
            data = self.server.recv(65536)
            if not data or self.silent:
                raise OSError("closed, or lost after")
            self.client.sendall(data)
