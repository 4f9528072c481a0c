# SPDX-License-Identifier: AGPL-3.0-or-later
"""GET /ocr/result/{id}?as=...: the pages as one file of another form."""
import pathlib
import subprocess
import xml.etree.ElementTree as ET

import pytest

from harness import expect_error

SAMPLES = pathlib.Path(__file__).resolve().parents[1] / "samples"

MEDIA = {"markdown": "text/markdown", "text": "text/plain", "html": "text/html",
         "hocr": "application/xhtml+xml", "alto": "application/xml", "svg": "image/svg+xml",
         "json": "application/vnd.leapocr.page-tree+json"}


@pytest.mark.parametrize("form", MEDIA)
def test_form(api, done_job, form):
    answer = api.call("GET", f"/ocr/result/{done_job}?as={form}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == MEDIA[form]
    policy = answer.headers["Content-Security-Policy"]  # text of documents never runs in a browser
    assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy
    answer.encoding = "utf-8"
    assert all(word in answer.text for word in ("apples", "pears", "plums"))
    if form in ("hocr", "alto", "svg"):
        ET.fromstring(answer.text)
    if form == "json":
        assert [p["page_number"] for p in answer.json()["pages"]] == [1, 2, 3]


def test_form_of_some_pages(api, done_job):
    answer = api.call("GET", f"/ocr/result/{done_job}?as=text&page=2&limit=1")
    assert "pears" in answer.text and "apples" not in answer.text


def words_of(pdf, tmp_path):
    (tmp_path / "a.pdf").write_bytes(pdf)
    return subprocess.check_output(["mutool", "draw", "-q", "-F", "txt", tmp_path / "a.pdf"],
                                   text=True)


def test_searchable_pdf(api, tmp_path):
    job_id = api.upload((SAMPLES / "scan-clean.pdf").read_bytes())
    api.wait(job_id)
    first = api.call("GET", f"/ocr/result/{job_id}?as=pdf")
    assert first.status_code == 200 and first.headers["Content-Type"] == "application/pdf"
    assert "harbour" in words_of(first.content, tmp_path)
    again = api.call("GET", f"/ocr/result/{job_id}?as=pdf")
    assert again.content == first.content
    assert api.call("DELETE", f"/ocr/delete/{job_id}").status_code == 200
    expect_error(api.call("GET", f"/ocr/result/{job_id}?as=pdf"), 404, "NOT_FOUND")


def test_searchable_pdf_takes_no_money_and_leaves_no_object(own_server, tmp_path):
    server = own_server()
    api = server.client
    job_id = api.upload((SAMPLES / "two-sheets.tiff").read_bytes())
    api.wait(job_id)
    used = api.result(job_id)["credits_used"]
    answers = [api.call("GET", f"/ocr/result/{job_id}?as=pdf") for _ in range(3)]
    assert "watchmaker" in words_of(answers[0].content, tmp_path)
    assert api.result(job_id)["credits_used"] == used
    api.call("DELETE", f"/ocr/delete/{job_id}")
    assert server.objects() == []


def test_no_pdf_of_a_job_without_pages(api):
    job_id = api.upload((SAMPLES / "encrypted-locked.pdf").read_bytes())
    api.wait(job_id)
    expect_error(api.call("GET", f"/ocr/result/{job_id}?as=pdf"), 409, "CONFLICT")


@pytest.mark.parametrize("query", ["as=word", "as=", "as=text&as=html", "as=" + "x" * 100])
def test_wrong_form(api, done_job, query):
    expect_error(api.call("GET", f"/ocr/result/{done_job}?{query}"), 400, "VALIDATION_ERROR", "as")
