# SPDX-License-Identifier: AGPL-3.0-or-later
"""A proxy before an S3 service that notes what passes, and lets down whoever asks, by plan.

    with Proxy(s3.url) as proxy:
        proxy.plan("GET", "fail", 3, code="SlowDown")   the next three GETs are answered 503
        proxy.seen                                       [Seen(method, path, headers, status)]

What it can do to a request: fail (status, code), cut (half of the answer's body, then nothing), lose (the service does it, the answer does
not come), flip (a byte of the answer's body), delay (seconds), refuse (the connection ends at once). TLS where it is given a certificate.
"""
import http.client
import re
import ssl
import threading
import time
import urllib.parse
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Seen = namedtuple("Seen", "method path headers status")
ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>by plan</Message></Error>'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        how, extra = self.server.proxy.next_fault(self.command, self.path)
        if how == "delay":
            time.sleep(extra["seconds"])
        if how == "refuse":
            self.note(0)
            self.close_connection = True
            return
        if how == "fail":
            text = ERROR.format(extra.get("code", "ServiceUnavailable")).encode()
            self.reply(extra.get("status", 503), [("Content-Type", "application/xml")], text)
            return
        status, headers, text = self.forward(body)
        if how == "lose":
            self.note(status)
            self.close_connection = True
        elif how == "flip" and text:
            self.reply(status, headers, text[:-1] + bytes([text[-1] ^ 1]))
        elif how == "cut":
            self.reply(status, headers, text, len(text) // 2)
            self.close_connection = True
        else:
            self.reply(status, headers, text)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = serve

    def forward(self, body):
        there = self.server.proxy.there
        connection = http.client.HTTPConnection(there.hostname, there.port, timeout=60)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        text = answer.read()
        headers = [(n, v) for n, v in answer.getheaders() if n.lower() not in ("connection", "transfer-encoding")]
        connection.close()
        return answer.status, headers, text

    def note(self, status):
        self.server.proxy.seen.append(Seen(self.command, self.path, self.headers, status))

    def reply(self, status, headers, text, send=None):
        self.note(status)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD" and status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text if send is None else text[:send])


class Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, address):
        pass  # clients that go away


class Proxy:
    def __init__(self, url, certificate=None, host="127.0.0.1", bind="127.0.0.1"):
        self.there = urllib.parse.urlsplit(url)
        self.seen, self.faults, self.lock = [], [], threading.Lock()
        self.server = Quiet((bind, 0), Handler)
        self.server.proxy = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://{host}:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.server.shutdown()
        self.server.server_close()

    def plan(self, method, how, times=1, match="", **extra):
        """The next requests of this method ("*": any) whose path the pattern match finds."""
        with self.lock:
            self.faults.append([method, match, how, times, extra])

    def clear(self):
        with self.lock:
            self.faults.clear()

    def next_fault(self, method, path):
        with self.lock:
            for fault in self.faults:
                if fault[0] in (method, "*") and re.search(fault[1], path) and fault[3] > 0:
                    fault[3] -= 1
                    return fault[2], fault[4]
        return None, {}
