# SPDX-License-Identifier: AGPL-3.0-or-later
"""The proxies of docs/proxy in front of a real server, with their files as printed but for names,
ports and certificate."""
import subprocess
import time

import pytest
import requests

import harness
import ports
from harness import ROOT, Client, Server, make_pdf


def fill(name, changes):
    """The example with these changes, each of which it has to have."""
    text = (ROOT / "docs/proxy" / name).read_text()
    for old, new in changes.items():
        assert old in text, f"{name} does not say {old!r} any more"
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    return folder


def start_nginx(folder, certificate, upstream, port):
    site = fill("nginx.conf", {
        "127.0.0.1:8080": upstream, "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "listen 80": f"listen 127.0.0.1:{ports.free()}",
        "/etc/ssl/certs/ocr.example.org.pem": str(certificate / "cert.pem"),
        "/etc/ssl/private/ocr.example.org.key": str(certificate / "key.pem"),
        "ocr.example.org": "localhost"})
    (folder / "site.conf").write_text(site)
    paths = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in
                    ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log stderr warn;\n"
        f"events {{}}\nhttp {{ access_log off; {paths} include {folder}/site.conf; }}\n")
    return subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])


def start_caddy(folder, certificate, upstream, port):
    site = fill("Caddyfile", {"127.0.0.1:8080": upstream, "ocr.example.org {":
                              f"https://localhost:{port} {{\n\tbind 127.0.0.1\n"
                              f"\ttls {certificate}/cert.pem {certificate}/key.pem"})
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + site)
    return subprocess.Popen(["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter",
                             "caddyfile"], stderr=subprocess.DEVNULL,
                            env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin"})


@pytest.fixture(scope="module", params=[start_nginx, start_caddy], ids=["nginx", "caddy"])
def proxied(request, tmp_path_factory, certificate):
    """(client through the proxy, the server behind it)."""
    port = ports.free()
    server = Server("--public-url", f"https://localhost:{port}", "--trusted-proxies", "127.0.0.1")
    folder = tmp_path_factory.mktemp("proxy")
    process = request.param(folder, certificate, server.url.split("//")[1], port)
    client = Client(f"https://localhost:{port}", server.key)
    client.session.verify = str(certificate / "cert.pem")
    client.session.trust_env = False  # REQUESTS_CA_BUNDLE would go before it
    try:
        wait_for(client, process)
        yield client, server
    finally:
        process.terminate()
        process.wait(10)
        server.close()


def wait_for(client, process):
    for _ in range(100):
        assert process.poll() is None, "the proxy has ended"
        try:
            client.session.get(client.url + "/livez", timeout=2)
            return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError("the proxy does not answer")


@harness.urls_here
def test_a_job_through_the_proxy(proxied):
    client, _ = proxied
    document = make_pdf(["through a proxy"], padding=60 << 20)
    upload = client.begin(len(document), format="markdown")
    assert len(upload["parts"]) > 1
    assert all(p["upload_url"].startswith(client.url) for p in upload["parts"])
    parts = client.send_parts(upload, document)
    assert client.complete(upload["job_id"], parts).status_code == 200
    assert client.wait(upload["job_id"])["status"] == "completed"
    assert "through a proxy" in client.result(upload["job_id"])["pages"][0]["result"]


def test_events_are_not_held_back(proxied):
    client, _ = proxied
    job = client.begin(1000)["job_id"]
    with client.session.get(f"{client.url}/ocr/jobs/{job}/events", stream=True, timeout=30,
                            headers={"X-API-Key": client.key}) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert next(answer.iter_content(1)), "the first event comes while the job waits"
    client.call("DELETE", f"/jobs/{job}")


def test_the_client_behind_it_is_known(proxied):
    client, server = proxied
    job = client.begin(10)["job_id"]
    answer = client.session.delete(f"{client.url}/jobs/{job}", timeout=10, headers={
        "X-API-Key": client.key, "X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 200
    organization, team = server.own_team()
    entry = client.call("GET", f"/organizations/{organization}/teams/{team}/audit?limit=1").json()
    # The client is at a trusted address itself here, so what it claims counts where the proxy passes
    # it on (nginx) and not where it drops it (Caddy).
    assert entry["data"][0]["target"] == job
    assert entry["data"][0]["origin"] in ("127.0.0.1", "203.0.113.7")


def test_errors_stay_the_servers(proxied):
    client, _ = proxied
    answer = client.call("GET", "/ocr/status/x")
    assert answer.status_code == 404 and answer.json()["code"] == "NOT_FOUND"
    for path in ("/metrics", "/api/v1/metrics"):
        answer = client.session.get(client.url + path, timeout=10)
        assert answer.status_code == 404 and "leapocr_" not in answer.text
    head = client.call("HEAD", "/health")
    assert head.status_code == 200 and head.content == b""
