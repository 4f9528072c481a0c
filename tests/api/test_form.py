# SPDX-License-Identifier: AGPL-3.0-or-later
"""The file and its fields in one multipart/form-data request."""
import hashlib
import subprocess

import pytest

from harness import expect_error, make_pdf

DIRECT = "/api/v1/ocr/uploads/direct"


def test_file_and_fields(api, pdf):
    answer = api.call("POST", DIRECT, files={"file": ("my scan.pdf", pdf, "application/pdf")},
                      data={"output_type": "markdown", "model": "standard-v1"})
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert made["parts"] == []
    status = api.wait(made["job_id"])
    assert (status["status"], status["file_name"]) == ("completed", "my scan.pdf")
    result = api.result(made["job_id"])
    assert result["model"] == "standard-v1" and len(result["pages"]) == 3
    # The same list as if it had been sent in a part.
    etag = hashlib.md5(pdf).hexdigest()
    parts = [{"part_number": 1, "etag": etag}]
    assert api.complete(made["job_id"], parts).status_code == 200


def test_curl(api, pdf, tmp_path):
    (tmp_path / "a.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["curl", "-sS", "-H", f"X-API-Key: {api.key}", "-F", f"file=@{tmp_path}/a.pdf",
         "-F", "output_type=markdown", "-F", "extract_bounding_boxes=true", api.url + DIRECT],
        capture_output=True, text=True, check=True, timeout=60)
    assert '"job_id"' in done.stdout, done.stdout


@pytest.mark.parametrize("size", [1, 65535, 262144, 262145, 3000000])
def test_sizes(api, size):
    """Fields before and behind a file that does and does not fill the buffers."""
    document = make_pdf(["form"], size)
    answer = api.call("POST", DIRECT, files=[("model", (None, "pro-v2")),
                                             ("file", ("a.pdf", document)),
                                             ("file_name", (None, "other.pdf"))])
    assert answer.status_code == 200, answer.text
    status = api.wait(answer.json()["job_id"])
    assert (status["status"], status["file_name"]) == ("completed", "other.pdf")
    assert api.result(status["id"])["model"] == "pro-v2"


def test_large_file_is_one_part(api):
    document = make_pdf(["large form"], 52428800)
    answer = api.call("POST", DIRECT, files={"file": ("large.pdf", document)})
    assert answer.status_code == 200, answer.text
    assert api.wait(answer.json()["job_id"])["status"] == "completed"


@pytest.mark.parametrize("parts,text", [
    ([], "'file' is missing"),
    ([("model", (None, "x"))], "'file' is missing"),
    ([("file", ("a.pdf", b""))], "'file' is empty"),
    ([("file", ("a.pdf", b"x")), ("file", ("b.pdf", b"y"))], "given twice"),
    ([("file", ("a.pdf", b"x")), ("model", (None, "a")), ("model", (None, "b"))], "given twice"),
    ([("file", ("a.pdf", b"x")), ("model", (None, b"\xff"))], "UTF-8"),
    ([("file", ("a.pdf", b"x")), ("model", (None, b"a\0b"))], "UTF-8"),
    ([("file", ("a.pdf", b"x")), ("output_type", (None, "xml"))], "'format'"),
    ([("file", ("a.pdf", b"x")), ("schema", (None, '{"a":"x"}'))], '"/a"'),
    ([("file", ("a.pdf", b"x")), ("min_confidence", (None, "much"))], "'min_confidence'"),
    ([("file", ("a.pdf", b"x")), ("instruction", (None, "x")), ("schema", (None, "{}"))],
     "only one of"),
    ([("file", ("a.pdf", b"x")), ("schema", (None, "{"))], "'schema'"),
    ([("file", ("a.pdf", b"x")), ("extract_bounding_boxes", (None, "maybe"))],
     "'extract_bounding_boxes'"),
], ids=str)
def test_refused(server, api, parts, text):
    before = len(server.objects())
    if parts:
        answer = api.call("POST", DIRECT, files=parts)
    else:
        answer = api.call("POST", DIRECT, data=b"--b--\r\n",
                          headers={"Content-Type": "multipart/form-data; boundary=b"})
    expect_error(answer, 400, "VALIDATION_ERROR", text)
    assert len([p for p in server.objects() if p.parent.name != "tmp"]) <= before


@pytest.mark.parametrize("media", ["multipart/form-data", "multipart/form-data; boundary=",
                                   "multipart/form-data; boundary=" + "x" * 71])
def test_no_boundary(api, media):
    answer = api.call("POST", DIRECT, data=b"x", headers={"Content-Type": media})
    expect_error(answer, 415, "VALIDATION_ERROR")


@pytest.mark.parametrize("body", [b"", b"x", b"--b", b"--b\r\n", b"--b\r\nfoo\r\n\r\n",
                                  b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc'])
def test_cut_short(server, api, body):
    answer = api.call("POST", DIRECT, data=body,
                      headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 400


def test_fields_too_large(api):
    answer = api.call("POST", DIRECT, files=[("file", ("a.pdf", b"x")),
                                             ("schema", (None, "x" * 300000))])
    expect_error(answer, 413, "VALIDATION_ERROR", "262144")


def test_file_too_large(own_server):
    server = own_server("--file-max", "100000")
    answer = server.client.call("POST", DIRECT, files={"file": ("a.pdf", b"x" * 100001)})
    expect_error(answer, 413, "VALIDATION_ERROR", "100000")
    assert server.client.call("POST", DIRECT,
                              files={"file": ("a.pdf", b"x" * 100000)}).status_code == 200


def test_key_is_asked_first(api, pdf):
    answer = api.call("POST", DIRECT, key=False, files={"file": ("a.pdf", pdf)})
    expect_error(answer, 401, "AUTHENTICATION_ERROR")
