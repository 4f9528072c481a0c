# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the service connects for its tenants, and where it does not, whatever the URL looks like.

Names are answered by a name server of the test's own. Canaries listen inside: nobody may come."""
import os
import socket
import subprocess
import tempfile

import pytest

import harness
import ports
from harness import expect_error, make_pdf
from names import NameServer
from receiver import Answer, Canary, Receiver, until
from test_webhooks import Team
from tls import Authority

PDF = make_pdf(["Fetched over TLS"])


PORT = ports.free()  # that public addresses may be connected to at, so that no rule of ports hides one of addresses


# --- TLS ---

@pytest.fixture(scope="module")
def tls():
    """A server that trusts an authority of the test's own, and what the names of its world lead to."""
    with tempfile.TemporaryDirectory(prefix="leapocr-tls-") as folder:
        authority = Authority(folder)
        names = NameServer(lambda name: ["127.0.0.1"] if name.endswith(".example") else None)
        server = harness.Server("--allow-private-urls", "127.0.0.0/8", "--name-server", names.place,
                                env={"SSL_CERT_FILE": str(authority.cert)})
        server.authority = authority
        yield server
        server.close()
        names.close()


def test_tls(tls):
    with Receiver(tls=tls.authority.issue("docs.example")) as origin:
        origin.answer = lambda request: Answer(body=PDF)
        answer = tls.client.call("POST", "/ocr/uploads/url", json={"url": f"https://docs.example:{origin.port}/a.pdf"})
        status = tls.client.wait(answer.json()["job_id"])
        assert status["status"] == "completed", status
        team = Team(tls)
        hook = team.create(f"https://docs.example:{origin.port}/hook", ["job.failed"])
        for _ in range(3):
            team.call("POST", f"/{hook['id']}/test")
        until(lambda: team.health(hook)["processed"] == 3)
        assert origin.requests[-1].headers["host"] == f"docs.example:{origin.port}"


def test_what_only_a_delivery_can_judge_is_said(tls):
    """http:// to a name, once ranges are open: taken, with a notice; an address is judged at once."""
    team = Team(tls)
    for url, told in (("http://docs.example/hook", True), ("https://docs.example/hook", False), ("http://127.0.0.1/hook", False)):
        hook = team.create(url, ["job.failed"])
        assert ("notice" in hook) == told and (not told or "each delivery" in hook["notice"])
        assert team.call("DELETE", f"/{hook['id']}").status_code == 204
    for url in ("http://93.184.216.34/hook", "https://93.184.216.34/hook", "http://10.0.0.1/hook"):
        expect_error(team.call("POST", "", json={"url": url, "events": ["job.failed"]}), 400, "VALIDATION_ERROR")


def test_without_authorities_https_is_refused_and_http_goes_on(tls):
    """Where no certificates of authorities are: not even a redirect leads to https."""
    server = harness.Server("--allow-private-urls", "127.0.0.0/8", env={"SSL_CERT_FILE": "/nonexistent"})
    try:
        with Receiver(tls=tls.authority.issue("localhost")) as safe, Receiver() as plain:
            target = f"https://127.0.0.1:{safe.port}/a.pdf"
            plain.answer = lambda request: (Answer(status=302, headers={"Location": target}) if request.path == "/away" else Answer(body=PDF))
            for url, status in ((target, "failed"), (f"{plain.url}/away", "failed"), (f"{plain.url}/a.pdf", "completed")):
                seen = server.client.wait(server.client.call("POST", "/ocr/uploads/url", json={"url": url}).json()["job_id"])
                assert seen["status"] == status, seen
                assert status == "completed" or "certificates of authorities" in seen["error_message"], seen
            team = Team(server)
            hook = team.create(f"https://127.0.0.1:{safe.port}/hook", ["job.failed"])
            team.call("POST", f"/{hook['id']}/test")
            health = until(lambda: (h := team.health(hook))["failure_count"] == 1 and h)
            assert "certificates of authorities" in health["last_error"]
            assert safe.requests == []
        assert server.client.call("GET", "/health").json()["checks"]["outside"]["status"] == "degraded"
        told = subprocess.run([server.program, "doctor", "--data", str(server.data)], env={**os.environ, "SSL_CERT_FILE": "/nonexistent"},
                              capture_output=True, text=True)
        assert told.returncode == 0 and "warn  https" in told.stdout and "ca-certificates" in told.stdout, told.stdout
    finally:
        server.close()


@pytest.mark.parametrize("name", ["other.example", "self-signed"])
def test_certificates_are_checked(tls, name):
    with tempfile.TemporaryDirectory() as folder:
        issuer = tls.authority if name == "other.example" else Authority(folder)
        with Receiver(tls=issuer.issue("wrong.example" if name == "other.example" else "docs.example")) as origin:
            team = Team(tls)
            hook = team.create(f"https://docs.example:{origin.port}/hook", ["job.failed"])
            team.call("POST", f"/{hook['id']}/test")
            until(lambda: team.health(hook)["failure_count"] == 1)
            assert origin.requests == []
            assert team.call("DELETE", f"/{hook['id']}").status_code == 204


def test_from_tls_to_plain(tls):
    with Receiver(tls=tls.authority.issue("up.example")) as origin, Receiver() as plain:
        origin.answer = lambda request: Answer(302, {"Location": plain.url + "/a.pdf"})
        answer = tls.client.call("POST", "/ocr/uploads/url", json={"url": f"https://up.example:{origin.port}/"})
        status = tls.client.wait(answer.json()["job_id"])
        assert status["status"] == "failed" and "https to http" in status["error_message"]
        assert plain.requests == []


# --- what must not be reached ---

def own_addresses():
    """The machine's addresses beside loopback."""
    found = set()
    for target in ("192.0.2.1", "2001:db8::1"):
        try:
            with socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.connect((target, 9))
                found.add(s.getsockname()[0])
        except OSError:
            pass
    return sorted(found)


@pytest.fixture(scope="module")
def canary():
    places = [(socket.AF_INET, ("0.0.0.0", PORT))]
    try:
        canary = Canary(places + [(socket.AF_INET6, ("::", PORT))])
    except OSError:
        canary = Canary(places)
    with socket.create_connection(("127.0.0.1", PORT)):  # they do notice
        until(lambda: canary.touched)
    canary.touched.clear()
    yield canary
    canary.close()


WORLD = {  # what an attacker's name server says
    "loopback.example": ["127.0.0.1"], "six.example": ["::1"], "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"], "sixtofour.example": ["2002:7f00:1::1"], "unspecified.example": ["0.0.0.0"],
    "anysix.example": ["::"], "metadata.example": ["169.254.169.254"], "meta6.example": ["fd00:ec2::254"],
    "private.example": ["10.0.0.1", "192.168.0.1", "172.16.0.1"], "shared.example": ["100.64.0.1"],
    "multicast.example": ["224.0.0.1", "ff02::1"], "broadcast.example": ["255.255.255.255"],
    "mixed.example": ["192.0.2.1", "127.0.0.1", "::1"], "link.example": ["169.254.1.1", "fe80::1"],
    "own.example": own_addresses() or ["127.0.0.1"], "example.org": ["10.0.0.1"],
}


@pytest.fixture(scope="module")
def guarded(canary):
    seen = set()

    def addresses(name, kind):
        if name.endswith("rebind.example"):  # nowhere at first, inside when it is asked again
            first = (name, kind) not in seen
            seen.add((name, kind))
            return None if first else ["127.0.0.1"]
        return WORLD.get(name)

    names = NameServer(addresses)
    server = harness.Server("--name-server", names.place, "--fetch-time", "2", "--webhook-time", "1",
                            "--url-ports", f"80,443,{PORT}")
    server.names = names
    yield server
    server.close()
    names.close()


def spellings():
    """One loopback address in the ways that resolvers, libraries and people have written it."""
    hosts = ["127.0.0.1", "127.1", "127.0.1", "127.127.127.127", "2130706433", "017700000001", "0x7f000001", "0x7f.1",
             "0x7f.0x0.0x0.0x1", "0177.0.0.1", "0177.0000.0000.0001", "127.0.0.01", "127.00.0.1", "0.0.0.0", "0", "00",
             "0x0", "localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1.", "127.0.0.1..", "4294967297",
             "127.0.0.1%00.example.org", "127.0.0.1%2eexample.org", "%31%32%37.0.0.1", "127。0。0。1", "127．0．0．1",
             "①②⑦.⓪.⓪.①", "ⓛocalhost", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
             "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::1%25lo]", "[::1%lo]",
             "[0000:0000:0000:0000:0000:ffff:7f00:0001]", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
             "169.254.169.254", "0xa9fea9fe", "2852039166", "[fd00:ec2::254]", "[fe80::1]", "224.0.0.1",
             "255.255.255.255", "198.18.0.1", "192.0.0.1", *WORLD]
    users = ["example.org@{}", "user:pass@{}", "{}@example.org:80@{}", "example.org#@{}", "example.org\\@{}", "@{}"]
    for host in hosts:
        yield f"http://{host}:{PORT}/"
        yield f"https://{host}:{PORT}/"
    for user in users:
        yield "http://" + user.format(f"127.0.0.1:{PORT}", f"127.0.0.1:{PORT}") + "/"
    yield from (f"http:\\\\127.0.0.1:{PORT}/", f"http:/127.0.0.1:{PORT}/", f"http:127.0.0.1:{PORT}/",
                f"//127.0.0.1:{PORT}/", f"gopher://127.0.0.1:{PORT}/", f"dict://127.0.0.1:{PORT}/", "file:///etc/passwd",
                f"http://127.0.0.1 :{PORT}/", f"http://127.0.0.1\t:{PORT}/", f" http://127.0.0.1:{PORT}/",
                f"HTTP://127.0.0.1:{PORT}/", f"http://example.org:{PORT}:{PORT}@127.0.0.1/", f"ftp://127.0.0.1:{PORT}/",
                f"http://[::1]:{PORT}@example.org/", f"http://127.0.0.1:{PORT}#.example.org/",
                f"http://127.0.0.1:{PORT}?.example.org/", f"http://0x7f.0.0.1:{PORT}/")


def test_no_spelling_leads_inside(guarded, canary):
    jobs = []
    for url in spellings():
        answer = guarded.client.call("POST", "/ocr/uploads/url", json={"url": url})
        if answer.status_code == 200:
            jobs.append((url, answer.json()["job_id"]))
        else:
            expect_error(answer, 400, "VALIDATION_ERROR")
    assert {url.split("/")[2].split(":")[0] for url, _ in jobs} >= set(WORLD)  # names are judged by what they lead to
    with guarded.database() as db:
        for url, job_id in jobs:
            def ended(job_id=job_id):
                return db.execute("SELECT status = 5 OR attempt > 1, reason FROM job LEFT JOIN fetch_task ON job_id = job.id"
                                  " WHERE job.id = ? AND (status = 5 OR attempt > 1)", (job_id,)).fetchone()
            assert until(ended, 60) == (1, "url_not_allowed"), url
    assert canary.touched == []


def test_no_webhook_leads_inside(guarded, canary):
    team = Team(guarded)
    made = []
    for url in spellings():
        answer = team.call("POST", json={"url": url, "events": ["job.failed"]})
        if answer.status_code == 201:
            made.append(answer.json())
            team.call("POST", f"/{answer.json()['id']}/test")
        else:
            expect_error(answer, 400, "VALIDATION_ERROR")
    assert len(made) == len(WORLD)
    for hook in made:
        health = until(lambda hook=hook: team.health(hook)["failure_count"] and team.health(hook), 60)
        assert "not a public one" in health["last_error"], hook["url"]
        assert team.call("DELETE", f"/{hook['id']}").status_code == 204
    assert canary.touched == []


def test_rebinding(guarded, canary):
    """A name that changes: whatever was said before, the address of each socket decides."""
    jobs = [guarded.client.call("POST", "/ocr/uploads/url", json={"url": f"http://{i}.rebind.example:{PORT}/"})
            .json()["job_id"] for i in range(20)]
    for job_id in jobs:
        assert guarded.client.wait(job_id)["status"] == "failed"
    with guarded.database() as db:
        assert {db.execute("SELECT reason FROM job WHERE id = ?", (job_id,)).fetchone() for job_id in jobs} == \
            {("url_not_allowed",)}
    assert len([n for n in guarded.names.asked if n.endswith("rebind.example")]) >= 40
    assert canary.touched == []


def test_redirects_do_not_lead_inside(tls, canary):
    """What the operator allows may redirect, and is judged anew at each hop."""
    targets = [f"http://10.0.0.1:{PORT}/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "file:///etc/passwd",
               f"gopher://127.0.0.1:{PORT}/", "http://0x0a.1/", "http://user@127.0.0.1/", "//[::1]/", "http://[::ffff:10.0.0.1]/"]
    with Receiver() as origin:
        origin.answer = lambda request: Answer(302, {"Location": targets[int(request.path[1:])]})
        for i, target in enumerate(targets):
            answer = tls.client.call("POST", "/ocr/uploads/url", json={"url": f"{origin.url}/{i}"})
            status = tls.client.wait(answer.json()["job_id"])
            assert status["status"] == "failed", target
            with tls.database() as db:
                assert db.execute("SELECT reason FROM job WHERE id = ?", (answer.json()["job_id"],)).fetchone() == \
                    ("url_not_allowed",), target
    assert canary.touched == []


def test_ports_look_alike(guarded):
    """Open or closed: a tenant learns nothing about what is inside."""
    closed = ports.free()
    messages = set()
    for url in (f"http://127.0.0.1:{PORT}/", f"http://127.0.0.1:{closed}/", "http://10.255.255.1/"):
        answer = guarded.client.call("POST", "/ocr/uploads/url", json={"url": url})
        messages.add((answer.status_code, answer.json()["error"]["message"]))
    assert len(messages) == 1
