# SPDX-License-Identifier: AGPL-3.0-or-later
"""Objects on a real S3 service: who talks to whom, what is kept where, and what happens when the service lets us down."""
import http.server
import json
import math
import pathlib
import subprocess
import threading
import time
import urllib.parse

import pytest
import requests

import harness
import s3proxy
import s3server
from harness import expect_error, make_pdf
from tls import Authority

FIVE_MB = 5 * 1024 * 1024
COUNT = iter(range(1000000))


@pytest.fixture(scope="module")
def s3():
    return s3server.shared()


@pytest.fixture(scope="module")
def proxy(s3):
    with s3proxy.Proxy(s3.url) as proxy:
        yield proxy


def new_prefix():
    return f"test-s3-{id(COUNT)}-{next(COUNT)}/"


@pytest.fixture
def start(s3):
    """A function that starts servers on the service; .prefix is where their objects lie."""
    servers = []

    def begin(*flags, url=None, env=None):
        prefix = new_prefix()
        server = harness.Server(*s3.flags(prefix, url), *flags, env={**s3.env, **(env or {})})
        server.prefix = prefix
        servers.append(server)
        return server

    yield begin
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def through(s3, proxy):
    """A server that speaks to the service through the proxy, while clients are sent to the service itself."""
    prefix = new_prefix()
    server = harness.Server(*s3.flags(prefix, proxy.url), "--s3-public-endpoint", s3.url, env=s3.env)
    server.prefix = prefix
    yield server
    server.close()


@pytest.fixture(autouse=True)
def no_faults(request):
    yield
    if "proxy" in request.fixturenames:
        request.getfixturevalue("proxy").clear()


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about")


def read(server, job_id):
    assert server.client.wait(job_id)["status"] == "completed"
    return server.client.result(job_id)["pages"][0]["result"]


def test_the_document_never_passes_the_server(s3, through, proxy, pdf):
    """The client sends it to the service; the server asks the service what came, and fetches it once for its readers."""
    before = len(proxy.seen)
    upload = through.client.begin(len(pdf))
    assert upload["parts"][0]["upload_url"].startswith(s3.url)
    assert "apples" in read(through, through.client.upload(pdf))
    seen = proxy.seen[before:]
    assert not [s for s in seen if s.method == "PUT" and "partNumber" in s.path]
    assert all(s.headers["Host"] == urllib.parse.urlsplit(proxy.url).netloc for s in seen)
    assert all("AWS4-HMAC-SHA256" in s.headers["Authorization"] for s in seen)


def test_metrics_tell_of_the_service(start, pdf):
    server = start()
    read(server, server.client.upload(pdf))
    token = (server.data / "secrets/metrics").read_text().strip()
    told = server.client.call("GET", "/metrics", key=False, headers={"Authorization": f"Bearer {token}"}).text
    values = dict(line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#"))
    assert int(values['leapocr_store_seconds_count{operation="put"}']) >= 1
    assert int(values['leapocr_store_seconds_count{operation="get"}']) >= 1
    assert int(values['leapocr_store_transferred_bytes_total{direction="in"}']) >= len(pdf)
    assert int(values['leapocr_store_transferred_bytes_total{direction="out"}']) > 0
    assert int(values["leapocr_store_errors_total"]) == 0


def test_nothing_is_left_after_a_delete(s3, start, pdf):
    server = start()
    job_id = server.client.upload(pdf)
    read(server, job_id)
    assert s3.keys(server.prefix) and not s3.uploads(server.prefix)
    assert all(len(key) == 32 for key in s3.keys(server.prefix))
    assert not list((server.data / "tmp").iterdir()) and not (server.data / "objects").exists()
    waiting = server.client.begin(len(pdf))
    server.client.send_parts(waiting, pdf)
    assert len(s3.uploads(server.prefix)) == 1
    for job in (job_id, waiting["job_id"]):
        assert server.client.call("DELETE", f"/ocr/delete/{job}").status_code == 200
    until(lambda: not s3.keys(server.prefix) and not s3.uploads(server.prefix))
    # A part that comes after that goes nowhere.
    assert requests.put(waiting["parts"][0]["upload_url"], data=pdf, timeout=30).status_code == 404


def test_a_refused_submission_leaves_no_upload(s3, start, pdf):
    server = start("--uploads-open-max", "1")
    server.client.begin(len(pdf))
    answer = server.client.call("POST", "/ocr/uploads/direct", json={"file_name": "a.pdf", "file_size": 9})
    assert answer.status_code == 429
    assert len(s3.uploads(server.prefix)) == 1


def test_the_same_key_begins_one_upload(s3, start, pdf):
    server = start()
    body = {"file_name": "a.pdf", "file_size": len(pdf)}
    made = [server.client.call("POST", "/ocr/uploads/direct", json=body, headers={"Idempotency-Key": "one"}).json()
            for _ in range(2)]
    assert made[0]["job_id"] == made[1]["job_id"] and len(s3.uploads(server.prefix)) == 1
    assert server.client.put(made[1]["parts"][0]["upload_url"], pdf).status_code == 200


def slices(document, count):
    step = math.ceil(len(document) / count)
    return [document[i * step:(i + 1) * step] for i in range(count)]


def test_slices_and_ranges_are_the_same_and_large_enough(start):
    """The JavaScript client cuts evenly whatever it is told; the service takes no part but the last below 5 MiB."""
    server = start()
    for size in (50 * 1024 * 1024, 50 * 1024 * 1024 + 1, 54 * 1024 * 1024 + 5, 1073741824):
        parts = server.client.begin(size)["parts"]
        step = math.ceil(size / len(parts))
        assert [(p["start_byte"], p["end_byte"]) for p in parts] == [
            (i * step, min((i + 1) * step, size) - 1) for i in range(len(parts))]
        assert step >= FIVE_MB


def test_parts_that_the_service_would_refuse_are_named(start):
    server = start()
    document = make_pdf(["large"], 50 * 1024 * 1024)
    upload = server.client.begin(len(document))
    pieces = slices(document, len(upload["parts"]))
    pieces[0], pieces[1] = pieces[0] + pieces[1][:1000], pieces[1][1000:]
    done = [{"part_number": p["part_number"], "etag": server.client.put(p["upload_url"], piece).headers["ETag"]}
            for p, piece in zip(upload["parts"], pieces)]
    expect_error(server.client.complete(upload["job_id"], done), 400, "VALIDATION_ERROR", "part 2 has")
    pieces = slices(document, len(upload["parts"]))  # and once more, right
    for i in (0, 1):
        done[i]["etag"] = server.client.put(upload["parts"][i]["upload_url"], pieces[i]).headers["ETag"]
    assert server.client.complete(upload["job_id"], done).status_code == 200
    assert "large" in read(server, upload["job_id"])
    expect_error(server.client.complete(upload["job_id"], done[:-1]), 409, "CONFLICT", "another list")
    assert server.client.complete(upload["job_id"], done).status_code == 200


# --- the service lets us down ---

def finish(server, pdf):
    upload = server.client.begin(len(pdf))
    done = server.client.send_parts(upload, pdf)
    return upload["job_id"], done


@pytest.mark.parametrize("fault", [
    ("POST", "lose", "uploadId="), ("POST", "fail", "uploadId="), ("GET", "lose", "uploadId="), ("POST", "refuse", "uploadId=")],
    ids=["lost-completion", "refused-completion", "lost-list", "cut-connection"])
def test_completion_in_trouble(through, proxy, pdf, fault):
    job_id, done = finish(through, pdf)
    method, how, match = fault
    proxy.plan(method, how, 2, match)
    assert through.client.complete(job_id, done).status_code == 200
    assert through.client.complete(job_id, done).status_code == 200
    assert "apples" in read(through, job_id)


def test_completion_after_the_server_was_killed(s3, start, proxy, pdf):
    """The service completes the upload, the server dies before it can note that: the client asks again."""
    server = start("--s3-public-endpoint", s3.url, url=proxy.url)
    job_id, done = finish(server, pdf)
    proxy.plan("POST", "lose", 1000, "uploadId=")
    failed = []

    def ask():
        try:
            requests.post(f"{server.url}/ocr/uploads/{job_id}/complete", json={"parts": done}, timeout=120, headers={"X-API-Key": server.key})
        except requests.RequestException as why:
            failed.append(why)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: s3.keys(server.prefix))
    server.kill_all()
    asking.join()
    assert failed
    proxy.clear()
    server.start()
    expect_error(server.client.complete(job_id, [{"part_number": 1, "etag": "0" * 32}]), 409, "CONFLICT", "another list")
    assert server.client.complete(job_id, done).status_code == 200
    assert "apples" in read(server, job_id)


@pytest.mark.parametrize("how,extra", [
    ("fail", {"code": "SlowDown"}), ("fail", {"status": 500, "code": "InternalError"}), ("refuse", {}), ("cut", {}), ("flip", {}),
    ("delay", {"seconds": 1.5})], ids=["slow-down", "internal-error", "refused", "cut", "wrong-bytes", "slow"])
def test_fetching_in_trouble(through, proxy, how, extra):
    document = make_pdf(["persistent"], 300000)
    job_id, done = finish(through, document)
    proxy.plan("GET", how, 2, through.prefix, **extra)  # the list of parts, then the document
    proxy.plan("HEAD", how, 1, through.prefix, **extra)
    if how in ("cut", "flip"):
        proxy.clear()
        assert through.client.complete(job_id, done).status_code == 200
        proxy.plan("GET", how, 2, through.prefix)
    else:
        assert through.client.complete(job_id, done).status_code == 200
    assert "persistent" in read(through, job_id)


def test_a_cut_transfer_goes_on_where_it_was(start, s3, proxy):
    server = start("--s3-public-endpoint", s3.url, url=proxy.url)
    document = make_pdf(["resumed"], 3000000)
    job_id, done = finish(server, document)
    before = len(proxy.seen)
    key = s3.uploads(server.prefix)[0][0]
    proxy.plan("GET", "cut", 1, key + "$")
    assert server.client.complete(job_id, done).status_code == 200
    assert "resumed" in read(server, job_id)
    assert any(s.headers.get("Range", "").startswith("bytes=") and s.status == 206 for s in proxy.seen[before:])


def test_bytes_that_stay_wrong_are_never_read(s3, start, proxy, pdf):
    server = start("--s3-public-endpoint", s3.url, url=proxy.url)
    job_id, done = finish(server, pdf)
    proxy.plan("GET", "flip", 1000, server.prefix + "[^?]*$")  # before the runner can know of the object
    assert server.client.complete(job_id, done).status_code == 200
    until(lambda: "other bytes than were put" in server.log_tail(200))


def test_nothing_is_acknowledged_before_it_is_there(s3, through, proxy, pdf):
    """A form's file is put by the server: if the service fails the client hears so, and there is no job."""
    proxy.plan("PUT", "fail", 100000)
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{through.url}/ocr/uploads/direct", files={"file": ("a.pdf", pdf)}, timeout=2, headers={"X-API-Key": through.key})
    proxy.clear()
    answer = through.client.call("POST", "/ocr/uploads/direct", files={"file": ("a.pdf", pdf)})
    assert "apples" in read(through, answer.json()["job_id"])


def test_work_waits_for_a_service_that_is_away(s3, start, proxy, pdf):
    """Everything answers 503 for a while: the job is given back and read when the service is there again, none fails."""
    server = start("--s3-public-endpoint", s3.url, url=proxy.url)
    job_id, done = finish(server, pdf)
    assert server.client.complete(job_id, done).status_code == 200
    proxy.plan("*", "fail", 100000)
    time.sleep(3)
    assert server.client.status(job_id)["status"] in ("pending", "processing", "completed")
    proxy.clear()
    assert "apples" in read(server, job_id)


# --- credentials, certificates, encryption ---

def test_secrets_are_in_no_command_line_or_log(s3, start, pdf):
    server = start("--log-level", "debug")
    read(server, server.client.upload(pdf))
    courier = 0
    for pid, line in server.pids().items():
        assert s3.secret not in line
        if "role-courier" in line or "reader" in line.split()[1:2]:
            courier += 1
            assert s3.secret not in pathlib.Path(f"/proc/{pid}/environ").read_text(errors="replace") or "role-courier" in line
    assert courier and s3.secret not in "".join(server.output)


def test_credentials_from_a_file_that_changes(s3, tmp_path, pdf):
    file = tmp_path / "credentials"
    file.write_text(f"[other]\naws_access_key_id = x\n[default]\naws_access_key_id = {s3.access_id}\naws_secret_access_key={s3.secret}\n")
    server = harness.Server(*s3.flags(new_prefix()), "--s3-credentials", str(file))
    try:
        read(server, server.client.upload(pdf))
        file.write_text("[default]\naws_access_key_id = WRONG\naws_secret_access_key = wrong\n")
        assert requests.post(f"{server.url}/ocr/uploads/direct", json={"file_name": "a", "file_size": 1}, timeout=60,
                             headers={"X-API-Key": server.key}).status_code == 503
        file.write_text(f"[default]\naws_access_key_id = {s3.access_id}\naws_secret_access_key = {s3.secret}\n")
        read(server, server.client.upload(pdf))
    finally:
        server.close()


class Metadata(http.server.BaseHTTPRequestHandler):
    """An instance's metadata service, version 2. It hands out credentials that end soon."""
    token = "session-token"
    asked = []

    def log_message(self, *args):
        pass

    def answer(self, status, text):
        self.asked.append((self.command, self.path, status))
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        good = self.path == "/latest/api/token" and int(self.headers["x-aws-ec2-metadata-token-ttl-seconds"]) > 0
        self.answer(200 if good else 400, self.token if good else "")

    def do_GET(self):
        place = "/latest/meta-data/iam/security-credentials/"
        if self.headers.get("x-aws-ec2-metadata-token") != self.token:
            self.answer(401, "")
        elif self.path == place:
            self.answer(200, "reader-role")
        elif self.path == place + "reader-role":
            ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 30))
            self.answer(200, json.dumps({"Code": "Success", "AccessKeyId": self.server.s3.access_id, "Token": "",
                                         "SecretAccessKey": self.server.s3.secret, "Expiration": ends}))
        else:
            self.answer(404, "")


def test_credentials_of_the_instance(s3, pdf):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metadata) as service:
        service.s3 = s3
        threading.Thread(target=service.serve_forever, daemon=True).start()
        server = harness.Server(*s3.flags(new_prefix()), "--s3-credentials", "imds",
                                env={"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{service.server_port}/"})
        try:
            read(server, server.client.upload(pdf))
            before = len(Metadata.asked)
            time.sleep(2.2)  # they end in less than five minutes: new ones are asked for
            read(server, server.client.upload(pdf))
            assert len(Metadata.asked) > before and {status for _, _, status in Metadata.asked} == {200}
        finally:
            server.close()
            service.shutdown()


def doctor(server, *flags, env=None):
    done = subprocess.run([server.program, "doctor", "--data", str(server.data), *flags], capture_output=True, text=True,
                          env={**server.env, **(env or {})}, timeout=120)
    return done.returncode, next(line for line in done.stdout.splitlines() if " store " in line)


def test_doctor(s3, start, tmp_path):
    server = start()
    flags = s3.flags(server.prefix)
    status, line = doctor(server, *flags)
    assert status == 0 and line.startswith("ok") and "put, read and removed" in line
    for wrong, env, text in [
            (["--store", "s3://no-such-bucket/"], {}, "NoSuchBucket"),
            ([], {"AWS_SECRET_ACCESS_KEY": "wrong"}, "SignatureDoesNotMatch")]:
        status, line = doctor(server, *flags, *wrong, env=env)
        assert status == 2 and line.startswith("BAD") and text in line, line


def test_certificates(s3, start, tmp_path, pdf):
    authority = Authority(tmp_path)
    with s3proxy.Proxy(s3.url, certificate=authority.issue("localhost"), host="localhost") as tls:
        server = start("--s3-ca", str(authority.cert), "--s3-public-endpoint", s3.url, url=tls.url)
        read(server, server.client.upload(pdf))
        assert tls.seen
        status, line = doctor(server, *s3.flags(server.prefix, tls.url))
        assert status == 2 and "certificate" in line, line


def test_bucket_in_the_host_name(s3, start, pdf):
    url = s3.url.replace("127.0.0.1", "localhost")
    server = start("--s3-style", "host", "--s3-public-endpoint", url, url=url)
    answer = server.client.call("POST", "/ocr/uploads/direct", files={"file": ("a.pdf", pdf)})
    assert "apples" in read(server, answer.json()["job_id"])
    upload = server.client.begin(len(pdf))
    assert urllib.parse.urlsplit(upload["parts"][0]["upload_url"]).hostname == "documents.localhost"


def test_encryption_is_asked_for(s3, proxy, start, pdf):
    server = start("--s3-sse", "aws:kms:arn:key/1", url=proxy.url)
    before = len(proxy.seen)
    proxy.plan("*", "fail", 100000, status=400, code="InvalidArgument")
    answer = server.client.call("POST", "/ocr/uploads/direct", json={"file_name": "a.pdf", "file_size": 9})
    assert answer.status_code == 503
    made = next(s for s in proxy.seen[before:] if s.path.endswith("?uploads="))
    assert made.headers["x-amz-server-side-encryption"] == "aws:kms"
    assert made.headers["x-amz-server-side-encryption-aws-kms-key-id"] == "arn:key/1"


@pytest.mark.parametrize("flags,text", [
    (["--store", "s3://"], "bucket"), (["--store", "s3://Upper/"], "bucket"), (["--store", "s3://b/x/y?z"], "--store"),
    (["--store", "http://x"], "--store"), (["--store", "s3://abc/../x"], "prefix"), (["--store", "s3://abc", "--s3-sse", "rot13"], "--s3-sse"),
    (["--store", "s3://abc", "--s3-endpoint", "ftp://x"], "endpoint"), (["--store", "s3://abc", "--s3-endpoint", "http://x/path"], "endpoint"),
    (["--store", "s3://abc", "--s3-region", "a b"], "region"),
    (["--store", "s3://abc", "--s3-endpoint", "http://127.0.0.1:1", "--s3-style", "host"], "host style")], ids=str)
def test_wrong_settings(s3, tmp_path, flags, text):
    done = subprocess.run([harness.Process(tmp_path).program, "serve", "--data", str(tmp_path / "d"), "--listen", "127.0.0.1:0", *flags],
                          capture_output=True, text=True, timeout=30, env={**harness.os.environ, **s3.env})
    assert done.returncode != 0 and text in done.stderr, done.stderr
