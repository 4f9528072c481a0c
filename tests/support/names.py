# SPDX-License-Identifier: AGPL-3.0-or-later
"""A name server for tests: answers A and AAAA questions as it is told."""
import ipaddress
import socket
import struct
import threading


class NameServer:
    """addresses(name), or addresses(name, kind) with 1 for A and 28 for AAAA, gives the addresses as text; None: no
    such name; False: no answer at all."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.place = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(2048)
            except OSError:
                return
            answer = self.answer(query)
            if answer:
                self.socket.sendto(answer, peer)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        name = ".".join(labels)
        kind = struct.unpack("!H", query[at + 1:at + 3])[0]
        question = query[12:at + 5]
        if kind == 1:
            self.asked.append(name)
        found = self.addresses(name, kind) if self.addresses.__code__.co_argcount == 2 else self.addresses(name)
        if found is False:
            return None
        records = [ipaddress.ip_address(a) for a in found or []]
        records = [a.packed for a in records if a.version == (4 if kind == 1 else 6)]
        head = query[:2] + struct.pack("!HHHHH", 0x8180 | (3 if found is None else 0), 1, len(records), 0, 0)
        return head + question + b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(r)) + r for r in records)

    def close(self):
        self.socket.close()
