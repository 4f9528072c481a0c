# SPDX-License-Identifier: AGPL-3.0-or-later
"""Upload URLs: only the very request that was signed is let in."""
import hashlib
import re
import socket
import time
import urllib.parse

import boto3
import botocore.config
import pytest
import requests

import harness
from harness import s3_code

pytestmark = harness.urls_here

REFUSED = {400, 403}


def head_of(api, method, url, fields):
    """A request as raw bytes, for what HTTP libraries will not send."""
    split = urllib.parse.urlsplit(url)
    lines = [f"{method} {split.path}?{split.query} HTTP/1.1", f"Host: {split.netloc}",
             "Connection: close", *fields]
    return split, ("\r\n".join(lines) + "\r\n\r\n").encode()


def send_raw(api, method, url, fields, body=b""):
    split, head = head_of(api, method, url, fields)
    with socket.create_connection((split.hostname, split.port), timeout=30) as s:
        s.sendall(head + body)
        answer = b""
        while piece := s.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


@pytest.fixture
def url(api):
    return api.begin(10)["parts"][0]["upload_url"]


def test_one_byte_off(api, url):
    """Each character of the URL behind the host, changed, does not get in."""
    start = url.index("/store/") + 1
    session = requests.Session()
    refused = 0
    for i in range(start, len(url)):
        other = "b" if url[i] == "a" else "a"
        answer = session.put(url[:i] + other + url[i + 1:], data=b"0123456789")
        assert answer.status_code in (400, 403, 404), (url[i:], answer.status_code)
        refused += 1
    assert refused > 200
    assert api.put(url, b"0123456789").status_code == 200


def test_parameters(api, url):
    base, query = url.split("?")
    pairs = query.split("&")
    changed = [
        "", query + "&x=1", query + "&X-Amz-Security-Token=x", query + "&", "&" + query,
        query.replace("X-Amz-Date", "x-amz-date"), query.replace("partNumber=1", "partNumber=2"),
        query.replace("partNumber=1", "partNumber=01"), query.replace("partNumber=1", "partNumber="),
        query.replace("%2F", "/"), query.replace("%2F", "%2f"), query.replace("%2F", "%252F"),
        query + "&partNumber=1", *("&".join(pairs[:i] + pairs[i + 1:]) for i in range(len(pairs))),
        "&".join(pairs + [pairs[0]]),
        *(re.sub(r"X-Amz-Expires=\d+", f"X-Amz-Expires={e}", query)
          for e in ("0", "-1", "604801", "9223372036854775808", "1e3", "", "3600.0", "%203600")),
        re.sub(r"X-Amz-Date=\w+", "X-Amz-Date=20990101T000000Z", query),
        re.sub(r"X-Amz-Algorithm=[\w-]+", "X-Amz-Algorithm=AWS4-HMAC-SHA1", query),
        re.sub(r"X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=", query),
        "AWSAccessKeyId=x&Signature=y&Expires=9999999999",
    ]
    for other in changed:
        status, body = send_raw(api, "PUT", f"{base}?{other}", ["Content-Length: 10"],
                                b"0123456789")
        assert status in REFUSED, (other, status)
        assert "<Error><Code>" in body


def test_paths(api, url):
    for path in ("//store/", "/api/v1/store/", "/store//", "/store/./", "/./store/", "/Store/",
                 "/store/x/../", "/%73tore/"):
        status, body = send_raw(api, "PUT", url.replace("/store/", path, 1),
                                ["Content-Length: 10"], b"0123456789")
        assert status in (400, 403, 404), (path, status)
    assert api.put(url, b"0123456789").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PATCH"])
def test_other_methods(url, method):
    answer = requests.request(method, url)
    assert answer.status_code == 403
    if method != "HEAD":
        assert s3_code(answer) in ("SignatureDoesNotMatch", "AccessDenied")


def test_nothing_below_store_without_a_signature(api):
    for path in ("/store", "/store/", "/store/uploads", "/store/uploads/x", "/store/x/y/z",
                 "/store/uploads/" + "x" * 1000):
        for method in ("GET", "PUT", "POST", "DELETE"):
            answer = requests.request(method, api.url + path, headers={"X-API-Key": api.key})
            assert answer.status_code == 403, (method, path)
            assert s3_code(answer) in ("AccessDenied", "SignatureDoesNotMatch")


@pytest.mark.parametrize("fields", [
    {"Authorization": "AWS4-HMAC-SHA256 Credential=x"},
    {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
    {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
    {"X-Amz-Security-Token": "x"}, {"x-amz-acl": "public-read"}, {"X-AMZ-Date": "x"},
], ids=str)
def test_one_way_to_authenticate(url, fields):
    answer = requests.put(url, data=b"0123456789", headers=fields)
    assert answer.status_code in REFUSED
    s3_code(answer)


def test_other_host(api, url):
    answer = requests.put(url, data=b"0123456789", headers={"Host": "evil.example"})
    assert (answer.status_code, s3_code(answer)) == (403, "SignatureDoesNotMatch")


def test_lengths(api, url):
    status, body = send_raw(api, "PUT", url, [])
    assert status == 411 and "<Code>MissingContentLength</Code>" in body
    status, body = send_raw(api, "PUT", url, ["Transfer-Encoding: chunked"],
                            b"a\r\n0123456789\r\n0\r\n\r\n")
    assert status == 411 and "<Code>MissingContentLength</Code>" in body
    # The whole is ten bytes: a part has no more.
    answer = api.put(url, b"x" * 11)
    assert (answer.status_code, s3_code(answer)) == (413, "EntityTooLarge")
    status, body = send_raw(api, "PUT", url, ["Content-Length: 10995116277760"])
    assert status == 413 and "<Code>EntityTooLarge</Code>" in body
    answer = api.put(url, b"x" * 10)
    assert answer.headers["ETag"] == f'"{hashlib.md5(b"x" * 10).hexdigest()}"'


def test_expired(own_server):
    server = own_server("--upload-ttl", "1")
    made = server.client.begin(10)
    time.sleep(2.1)
    answer = server.client.put(made["parts"][0]["upload_url"], b"0123456789")
    assert (answer.status_code, s3_code(answer)) == (403, "AccessDenied")
    assert "Request has expired" in answer.text and "<ServerTime>" in answer.text


def signer(server, url):
    """botocore with the server's key: an independent implementation of the signature."""
    access_id = re.search(r"X-Amz-Credential=([^%]+)%2F", url).group(1)
    return boto3.client(
        "s3", endpoint_url=server.url, aws_access_key_id=access_id,
        aws_secret_access_key=(server.data / "secrets/presign").read_text().strip(),
        region_name="local",
        config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))


def test_second_signer(server, api, pdf):
    upload = api.begin(len(pdf))
    client = signer(server, upload["parts"][0]["upload_url"])
    parameters = {"Bucket": "store", "Key": f"uploads/{upload['job_id']}",
                  "UploadId": upload["upload_id"], "PartNumber": 1}
    url = client.generate_presigned_url("upload_part", Params=parameters, ExpiresIn=60)
    answer = api.put(url, pdf)
    assert answer.status_code == 200, answer.text
    parts = [{"part_number": 1, "etag": answer.headers["ETag"]}]
    assert api.complete(upload["job_id"], parts).status_code == 200
    assert api.wait(upload["job_id"])["status"] == "completed"


@pytest.mark.parametrize("change", [
    {"PartNumber": 2}, {"UploadId": "x" * 32}, {"Key": "uploads/x"}], ids=str)
def test_genuine_signature_for_something_else(server, api, pdf, change):
    upload = api.begin(len(pdf))
    client = signer(server, upload["parts"][0]["upload_url"])
    parameters = {"Bucket": "store", "Key": f"uploads/{upload['job_id']}",
                  "UploadId": upload["upload_id"], "PartNumber": 1, **change}
    url = client.generate_presigned_url("upload_part", Params=parameters, ExpiresIn=60)
    answer = requests.put(url, data=pdf)
    assert answer.status_code in (400, 403, 404), answer.text
    s3_code(answer)


def test_signed_for_reading(server, api, pdf):
    upload = api.begin(len(pdf))
    api.send_parts(upload, pdf)
    client = signer(server, upload["parts"][0]["upload_url"])
    url = client.generate_presigned_url(
        "get_object", Params={"Bucket": "store", "Key": f"uploads/{upload['job_id']}"})
    assert requests.get(url).status_code == 403


def test_put_to_deleted_job(api, url):
    job_id = url.split("/store/uploads/")[1].split("?")[0]
    api.call("DELETE", f"/ocr/delete/{job_id}")
    answer = api.put(url, b"0123456789")
    assert (answer.status_code, s3_code(answer)) == (404, "NoSuchUpload")


def test_deleted_while_the_bytes_come(server, api):
    upload = api.begin(1000)
    before = settle(server)
    split, head = head_of(api, "PUT", upload["parts"][0]["upload_url"], ["Content-Length: 1000"])
    with socket.create_connection((split.hostname, split.port), timeout=30) as s:
        s.sendall(head + b"x" * 500)
        time.sleep(0.1)
        assert api.call("DELETE", f"/ocr/delete/{upload['job_id']}").status_code == 200
        s.sendall(b"x" * 500)
        answer = b""
        while piece := s.recv(65536):
            answer += piece
    assert b" 404 " in answer.split(b"\r\n")[0] and b"<Code>NoSuchUpload</Code>" in answer
    settles(server, before)


def settle(server):
    """How many objects there are when their number has stopped changing."""
    count = -1
    while count != (count := len(server.objects())):
        time.sleep(0.2)
    return count


def settles(server, count):
    """There will be so many objects, and it stays so."""
    until = time.monotonic() + 30
    stays = 0
    while stays < 3:
        stays = stays + 1 if len(server.objects()) == count else 0
        assert time.monotonic() < until, (server.objects(), count)
        time.sleep(0.2)


@pytest.mark.parametrize("cut", [0, 1, 1000, 300000, 999999])
def test_client_goes_away(server, api, cut):
    upload = api.begin(1000000)
    before = settle(server)
    split, head = head_of(api, "PUT", upload["parts"][0]["upload_url"],
                          ["Content-Length: 1000000"])
    with socket.create_connection((split.hostname, split.port), timeout=30) as s:
        s.sendall(head + b"x" * cut)
        time.sleep(0.05)
    settles(server, before)
    assert api.put(upload["parts"][0]["upload_url"], b"x" * 1000000).status_code == 200
    settles(server, before + 1)


def test_second_put_displaces_the_first(server, api):
    upload = api.begin(10)
    url = upload["parts"][0]["upload_url"]
    before = settle(server)
    for body in (b"0123456789", b"9876543210", b"9876543210"):
        assert api.put(url, body).headers["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    settles(server, before + 1)


def test_stop_while_bytes_come(own_server):
    """SIGTERM twice in the middle of an upload: no object, and nothing half-written after the next
    start."""
    server = own_server()
    upload = server.client.begin(5000000)
    split, head = head_of(server.client, "PUT", upload["parts"][0]["upload_url"],
                          ["Content-Length: 5000000"])
    with socket.create_connection((split.hostname, split.port), timeout=30) as s:
        s.sendall(head + b"x" * 1000000)
        time.sleep(0.1)
        server.process.terminate()
        time.sleep(0.2)
        server.process.terminate()  # the second ends the grace
        server.stop()
    assert [p for p in server.objects() if p.parent.name != "tmp"] == []
    server.start()
    assert server.objects() == []
