# SPDX-License-Identifier: AGPL-3.0-or-later
"""The C client library against a fake server, and what its shared form exports."""

import os
import re
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from fake_server import KEY, FakeServer  # noqa: E402

# enum leapocr_status
INPUT, FILE, AUTH, NOT_READY, TIMEOUT, CANCELLED = 1, 2, 5, 10, 11, 12


@pytest.fixture
def server():
    fake = FakeServer()
    yield fake
    fake.shutdown()
    fake.server_close()


def use(url, path, key=KEY, timeout_ms=0, ticks=100000):
    return subprocess.run([os.environ["LIBRARY_PROGRAM"], url, key, path, str(timeout_ms),
                           str(ticks)], stdout=subprocess.PIPE, timeout=60, check=True,
                          text=True).stdout


def make(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"%PDF-1.7")
    return str(path)


def test_from_file_to_text_and_gone(server, tmp_path):
    assert use(server.url, make(tmp_path, "a.pdf")) == "markdown\n# a.pdf\n\nPage 1: ä€\n"
    assert server.jobs == {}


def test_waiting_is_gentle_and_ends(server, tmp_path):
    begun = time.monotonic()
    out = use(server.url, make(tmp_path, "slow.pdf"), timeout_ms=1500)
    assert out.startswith(f"error {TIMEOUT} 0 : not done after 1500 ms")
    assert time.monotonic() - begun > 1.4
    assert server.job_of("slow.pdf").polls <= 10


def test_a_failed_job_tells_its_reason(server, tmp_path):
    out = use(server.url, make(tmp_path, "failed.pdf"))
    assert out.startswith("failed: the document is encrypted")
    assert f"error {NOT_READY} " in out


def test_a_tick_cancels(server, tmp_path):
    out = use(server.url, make(tmp_path, "slow.pdf"), ticks=30)
    assert out == f"error {CANCELLED} 0 : cancelled\n"


def test_errors_carry_what_the_api_says(server, tmp_path):
    out = use(server.url, make(tmp_path, "a.pdf"), key="wrong")
    assert out == f"error {AUTH} 401 AUTHENTICATION_ERROR: no valid API key\n"
    assert use(server.url, "/nonexistent").startswith(f"error {FILE} ")
    assert use(server.url, str(tmp_path)) == f"error {FILE} 0 : is a folder\n"
    assert use("gopher://x", "/x").startswith(f"error {INPUT} ")
    assert use(server.url, "/x", key="a\nb").startswith(f"error {INPUT} ")


def test_only_names_of_the_library_are_exported():
    out = subprocess.run(["nm", "-D", "--defined-only", os.environ["CLIENT_LIBRARY"]],
                         stdout=subprocess.PIPE, check=True, text=True).stdout
    names = {line.split()[-1] for line in out.splitlines()}
    header = os.path.join(os.path.dirname(__file__), "../../../client/leapocr.h")
    with open(header, encoding="utf-8") as file:
        declared = set(re.findall(r"\b(leapocr_\w+)\(", file.read().split("*/", 1)[1]))
    names = {name for name in names if not name.startswith("__asan")}
    assert names == declared
