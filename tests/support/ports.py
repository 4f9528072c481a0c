# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ports for servers that have to be told theirs, or come back to it.

Not those that the system gives out: between the choice and the listening (or while a server is down that is to come back) any
process's connection could get such a one. These lie below that range, and are chosen by chance, so that processes side by side do
not choose the same.
"""
import random
import socket
from pathlib import Path

_dice = random.SystemRandom()


def _below():
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        return 32768


def free():
    """One that nobody listens at, on any address."""
    for _ in range(1000):
        port = _dice.randrange(10000, max(_below(), 11000))
        with socket.socket() as s:
            try:
                s.bind(("0.0.0.0", port))
                return port
            except OSError:
                pass
    raise RuntimeError("no port is free")
