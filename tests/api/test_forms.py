# SPDX-License-Identifier: AGPL-3.0-or-later
"""GET /ocr/result/{id}?as=...: the pages as one file of another form."""
import xml.etree.ElementTree as ET

import pytest

from harness import expect_error

MEDIA = {"markdown": "text/markdown", "text": "text/plain", "html": "text/html",
         "hocr": "application/xhtml+xml", "alto": "application/xml", "svg": "image/svg+xml",
         "json": "application/vnd.leapocr.page-tree+json"}


@pytest.mark.parametrize("form", MEDIA)
def test_form(api, done_job, form):
    answer = api.call("GET", f"/ocr/result/{done_job}?as={form}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == MEDIA[form]
    answer.encoding = "utf-8"
    assert all(word in answer.text for word in ("apples", "pears", "plums"))
    if form in ("hocr", "alto", "svg"):
        ET.fromstring(answer.text)
    if form == "json":
        assert [p["page_number"] for p in answer.json()["pages"]] == [1, 2, 3]


def test_form_of_some_pages(api, done_job):
    answer = api.call("GET", f"/ocr/result/{done_job}?as=text&page=2&limit=1")
    assert "pears" in answer.text and "apples" not in answer.text


@pytest.mark.parametrize("query", ["as=word", "as=", "as=text&as=html", "as=" + "x" * 100])
def test_wrong_form(api, done_job, query):
    expect_error(api.call("GET", f"/ocr/result/{done_job}?{query}"), 400, "VALIDATION_ERROR", "as")
