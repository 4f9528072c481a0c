# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server, documents, and the official client libraries as their registries have them.

What is installed lies below out/sdk-*; an install that fails is a failure, never a test left out.
"""
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/api")]
import harness  # noqa: E402
from receiver import Answer, Receiver, until  # noqa: E402


def venv(name, requirements):
    """An interpreter with exactly these packages; made anew when the list has changed."""
    folder = ROOT / "out" / name
    text = (Path(__file__).parent / requirements).read_text()
    mark = folder / "installed"
    digest = hashlib.sha256(text.encode()).hexdigest()
    python = folder / "bin/python"
    if not (mark.exists() and mark.read_text() == digest and python.exists()):
        for command in ([sys.executable, "-m", "venv", "--clear", str(folder)],
                        [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r",
                         str(Path(__file__).parent / requirements)]):
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0, (
                f"{' '.join(command)} failed: the registry is needed for this test\n{done.stdout}{done.stderr}")
        mark.write_text(digest)
    return python


@pytest.fixture(scope="session")
def install():
    return venv


@pytest.fixture(scope="session")
def server():
    server = harness.Server("--initial-credits", "1000000", "--allow-private-urls", "127.0.0.0/8")
    yield server
    server.close()


@pytest.fixture(scope="session")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    (folder / "short.pdf").write_bytes(harness.make_pdf(
        ["First page about apples", "Second page about pears", "Third page about plums"]))
    (folder / "other.pdf").write_bytes(harness.make_pdf(["Invoice number: A-17   total: 12.50"]))
    (folder / "big.pdf").write_bytes(harness.make_pdf(["A padded document"], padding=52 << 20))
    (folder / "scan.png").write_bytes((ROOT / "tests/samples/sheet.png").read_bytes())
    return folder


@pytest.fixture(scope="session")
def poor_key(server):
    return server.other_team(credits=1)[0].key


@pytest.fixture(scope="session")
def origin(documents):
    """A web server that has short.pdf."""
    with Receiver() as receiver:
        receiver.answer = lambda request: Answer(body=(documents / "short.pdf").read_bytes())
        yield receiver


@pytest.fixture(scope="session")
def deliveries(server, tmp_path_factory):
    """A file with 100 webhooks as they were delivered: body, signature, timestamp, secret."""
    organization, team = server.own_team()
    with Receiver() as receiver:
        hook = server.client.call("POST", f"/organizations/{organization}/teams/{team}/webhooks",
                                  json={"url": receiver.url + "/hook", "events": ["job.completed", "job.failed"]}).json()
        for _ in range(100):
            server.client.call("POST", f"/organizations/{organization}/teams/{team}/webhooks/{hook['id']}/test")
        until(lambda: len(receiver.requests) >= 100, 60)
        server.client.call("DELETE", f"/organizations/{organization}/teams/{team}/webhooks/{hook['id']}")
        lines = [json.dumps({"body": r.body.decode(), "signature": r.headers["x-webhook-signature"],
                             "timestamp": r.headers["x-webhook-timestamp"], "secret": hook["secret"]}) for r in receiver.requests[:100]]
    path = tmp_path_factory.mktemp("webhooks") / "deliveries"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="session")
def environment(server, poor_key, origin, deliveries):
    return {**os.environ, "LEAPOCR_BASE_URL": server.url + "/api/v1", "LEAPOCR_API_KEY": server.key,
            "POOR_API_KEY": poor_key, "DOCUMENT_URL": origin.url + "/short.pdf", "DELIVERIES": str(deliveries)}
