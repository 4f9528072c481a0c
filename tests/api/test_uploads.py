# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whole uploads, as the documentation page and the client libraries do them."""
import concurrent.futures
import hashlib
import math
import re
import subprocess

import pytest

import harness
import s3server
from harness import expect_error, make_pdf

FIFTY_MB = 50 * 1024 * 1024
CHUNK = 5 * 1024 * 1024


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", *arguments], capture_output=True, text=True, timeout=60,
                          check=True)
    return done.stdout


def test_one_part(api, pdf):
    upload = api.begin(len(pdf))
    assert upload["total_chunks"] == len(upload["parts"]) == 1
    assert upload["complete_url"] == f"/api/v1/ocr/uploads/{upload['job_id']}/complete"
    part = upload["parts"][0]
    assert (part["part_number"], part["start_byte"], part["end_byte"]) == (1, 0, len(pdf) - 1)
    assert part["upload_url"].startswith(s3server.shared().url if harness.ON_S3 else api.url + "/store/")
    status = api.status(upload["job_id"])
    assert (status["status"], status["progress"], status["total_pages"]) == ("pending", 0, 0)
    answer = api.complete(upload["job_id"], api.send_parts(upload, pdf))
    assert answer.status_code == 200
    assert answer.json()["job_id"] == upload["job_id"]
    status = api.wait(upload["job_id"])
    assert (status["status"], status["progress"], status["total_pages"]) == ("completed", 100, 3)
    result = api.result(upload["job_id"])
    assert [p["page_number"] for p in result["pages"]] == [1, 2, 3]
    assert "apples" in result["pages"][0]["result"]
    assert result["credits_used"] == 3


@pytest.mark.parametrize("size,count", [
    (1, 1), (CHUNK, 1), (FIFTY_MB - 1, 1), (FIFTY_MB, 10), (FIFTY_MB + 1, 10),
    (1073741824, 204)])
def test_ranges_cover_the_file(api, size, count):
    upload = api.begin(size)
    parts = upload["parts"]
    assert len(parts) == upload["total_chunks"] == count
    assert [p["part_number"] for p in parts] == list(range(1, count + 1))
    assert parts[0]["start_byte"] == 0 and parts[-1]["end_byte"] == size - 1
    for left, right in zip(parts, parts[1:]):
        assert right["start_byte"] == left["end_byte"] + 1
        assert left["end_byte"] - left["start_byte"] + 1 == upload["chunk_size"] >= CHUNK
    assert len({p["upload_url"] for p in parts}) == count


def pad_to(size):
    """A PDF of exactly so many bytes."""
    padding = size - len(make_pdf(["large"])) - 200
    for _ in range(3):
        document = make_pdf(["large"], padding)
        padding += size - len(document)
    assert len(document) == size
    return document


@pytest.mark.parametrize("equal_slices", [False, True], ids=["ranges", "equal-slices"])
def test_several_parts(api, equal_slices):
    """One client library cuts N equal pieces and ignores the ranges it was given."""
    document = pad_to(FIFTY_MB + 1)
    upload = api.begin(len(document))
    parts = [dict(p) for p in upload["parts"]]
    if equal_slices:
        step = math.ceil(len(document) / len(parts))
        for i, part in enumerate(parts):
            part["start_byte"] = i * step
            part["end_byte"] = min((i + 1) * step, len(document)) - 1
    done = api.send_parts({"parts": parts}, document)
    assert api.complete(upload["job_id"], done).status_code == 200
    assert api.wait(upload["job_id"])["status"] == "completed"
    assert "large" in api.result(upload["job_id"])["pages"][0]["result"]


def test_parts_in_any_order_and_again(api):
    """Parts may come in any order; of a part sent twice the last counts whole."""
    document = pad_to(FIFTY_MB + 7)
    upload = api.begin(len(document))
    last = upload["parts"][-1]
    api.put(last["upload_url"], b"wrong")
    done = api.send_parts({"parts": upload["parts"][::-1]}, document)
    assert api.complete(upload["job_id"], done[::-1]).status_code == 200
    assert api.wait(upload["job_id"])["status"] == "completed"


def test_without_file_size(api, pdf):
    answer = api.call("POST", "/ocr/uploads/direct", json={"file_name": "a.pdf"})
    upload = answer.json()
    assert upload["parts"][0]["end_byte"] is None
    done = api.put(upload["parts"][0]["upload_url"], pdf)
    etag = done.headers["ETag"]
    assert api.complete(upload["job_id"], [{"part_number": 1, "etag": etag}]).status_code == 200
    assert api.wait(upload["job_id"])["status"] == "completed"


def test_three_at_once(api, pdf):
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        ids = list(pool.map(lambda _: api.as_agent("t").upload(pdf), range(3)))
    assert len(set(ids)) == 3
    for job_id in ids:
        assert api.wait(job_id)["status"] == "completed"


def test_curl_lines_of_the_documentation_page(api, tmp_path):
    """As printed there, host, key, size and the document apart."""
    document = make_pdf(["Read by curl"])
    (tmp_path / "document-part1.pdf").write_bytes(document)
    begun = curl("-X", "POST", f"{api.url}/api/v1/ocr/uploads/direct",
                 "-H", f"X-API-Key: {api.key}", "-H", "Content-Type: application/json",
                 "-d", """{
    "file_name": "document.pdf",
    "content_type": "application/pdf",
    "file_size": %d
  }""" % len(document))
    job_id = re.search(r'"job_id":"([^"]+)"', begun).group(1)
    url = re.search(r'"upload_url":"([^"]+)"', begun).group(1)
    etag = curl("-X", "PUT", url, "--upload-file", str(tmp_path / "document-part1.pdf"), "-D", "-")
    etag = re.search(r'(?i)^etag: ("[0-9a-f]{32}")\r?$', etag, re.M).group(1)
    quoted = etag.replace('"', '\\"')
    completed = curl("-X", "POST", f"{api.url}/api/v1/ocr/uploads/{job_id}/complete",
                     "-H", f"X-API-Key: {api.key}", "-H", "Content-Type: application/json",
                     "-d", """{
    "parts": [
      {
        "part_number": 1,
        "etag": "%s"
      }
    ]
  }""" % quoted)
    assert job_id in completed
    assert api.wait(job_id)["status"] == "completed"


@pytest.mark.parametrize("fields", [
    '"file_name": "document.pdf", "file_size": 1048576, "output_type": "structured"',
    '"file_name": "document.pdf", "content_type": "application/pdf", "file_size": 1048576,'
    '"template_slug": "invoice-extraction"',
    '"file_name": "document.pdf", "content_type": "application/pdf", "file_size": 1048576,'
    '"format": "structured", "schema": {"type": "object", "properties": {"invoice_number":'
    '{"type": "string"}, "date": {"type": "string"}, "total_amount": {"type": "number"}}},'
    '"instructions": "Extract invoice details from the document"'])
def test_structured_samples_of_the_page_are_understood(api, fields):
    answer = api.call("POST", "/api/v1/ocr/uploads/direct", data="{" + fields + "}",
                      headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text


@harness.urls_here
def test_expect_continue(api, tmp_path):
    """curl asks before it sends more than a mebibyte."""
    document = make_pdf(["padded"], 2 * 1024 * 1024)
    path = tmp_path / "large.pdf"
    path.write_bytes(document)
    upload = api.begin(len(document))
    said = subprocess.run(["curl", "-sSv", "-H", "Expect: 100-continue", "-T", str(path),
                           upload["parts"][0]["upload_url"]],
                          capture_output=True, text=True, timeout=60, check=True).stderr
    assert "< HTTP/1.1 100 Continue" in said
    assert "< HTTP/1.1 200 OK" in said
    etag = hashlib.md5(document).hexdigest()
    assert api.complete(upload["job_id"], [{"part_number": 1, "etag": etag}]).status_code == 200
    assert api.wait(upload["job_id"])["status"] == "completed"


def test_put_after_complete(api, pdf, open_upload):
    upload, parts = open_upload
    assert api.complete(upload["job_id"], parts).status_code == 200
    answer = api.put(upload["parts"][0]["upload_url"], pdf)
    assert answer.status_code == 404 and b"<Code>NoSuchUpload</Code>" in answer.content


@harness.urls_here
def test_public_url(own_server, pdf):
    server = own_server("--public-url", "https://ocr.example.org")
    upload = server.client.begin(len(pdf))
    url = upload["parts"][0]["upload_url"]
    assert url.startswith("https://ocr.example.org/store/")
    # What a proxy passes on: the public Host, another scheme and address.
    answer = server.client.put(url.replace("https://ocr.example.org", server.url), pdf,
                               headers={"Host": "ocr.example.org"})
    assert answer.status_code == 200
    answer = server.client.put(url.replace("https://ocr.example.org", server.url), pdf)
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["a b", "evil.example/x?", "user@host", "<script>", ""])
def test_strange_host(api, host):
    answer = api.call("POST", "/api/v1/ocr/uploads/direct", json={"file_name": "a"},
                      headers={"Host": host})
    assert answer.status_code == 400
