# SPDX-License-Identifier: AGPL-3.0-or-later
"""An HTTP server for tests that does as it is told: documents to fetch, webhooks to receive.

    with Receiver() as r:
        r.answer = lambda request: Answer(500)
        ...
        r.requests
"""
import http.server
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Answer:
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b"ok"
    before: float = 0       # seconds until the first byte
    cut: int | None = None  # reset the connection after so many bytes of the body
    pace: float = 0         # seconds between single bytes of the body


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: bytes
    at: float
    peer: int               # port, to tell connections apart


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do(self):
        length = int(self.headers.get("Content-Length", 0))
        request = Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()},
                          self.rfile.read(length), time.time(), self.client_address[1])
        owner = self.server.owner
        with owner.lock:
            owner.requests.append(request)
        answer = owner.answer(request)
        time.sleep(answer.before)
        self.send_response(answer.status)
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if answer.cut is not None:
            self.wfile.write(answer.body[:answer.cut])
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif answer.pace:
            for i in range(len(answer.body)):
                self.wfile.write(answer.body[i:i + 1])
                self.wfile.flush()
                time.sleep(answer.pace)
        else:
            self.wfile.write(answer.body)

    do_GET = do_POST = do

    def log_message(self, *args):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass


class Listener(http.server.ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class Receiver:
    def __init__(self, host="127.0.0.1", port=0, tls=None):
        self.lock = threading.Lock()
        self.requests = []
        self.answer = lambda request: Answer()
        self.server = Listener((host, port), Handler)
        self.server.owner = self
        if tls:  # a file with key and certificate
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.host, self.port = self.server.server_address[:2]
        self.url = f"http://{self.host}:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Canary:
    """Listens and counts connections, on as many addresses as asked; nobody should come."""

    def __init__(self, places):
        self.touched = []
        self.sockets = []
        for family, address in places:
            s = socket.socket(family, socket.SOCK_STREAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind(address)
            s.listen(64)
            self.sockets.append(s)
            threading.Thread(target=self._run, args=(s,), daemon=True).start()

    def _run(self, s):
        while True:
            try:
                connection, peer = s.accept()
            except OSError:
                return
            self.touched.append((s.getsockname(), peer))
            connection.close()

    def close(self):
        for s in self.sockets:
            s.close()


def until(condition, seconds=60, pause=0.02):
    """Waits for a true value and returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    raise AssertionError("what was waited for did not come")
