# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans in Hebrew: the script is found, and lines come as they are read, with their Latin words and numbers."""
import json
import os
import subprocess

import pytest
from PIL import Image, ImageDraw, ImageFont

BIN = os.environ["LEAPOCR_BIN"]
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
LINES = ["ההנהלה התכנסה באולם הקטן בתאריך 12/03/2024 ובחרה תוכנה לכל המשרדים.", "המכירות עלו ב-50% בשנה זו, והסכום 1,250.75 (כולל מס) ישולם תוך 30 יום.",
         "נא להתקשר למספר 03-5551234 לפני הצהריים או לכתוב מכתב אל Windows לכתובת הזאת."]


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    path = tmp_path_factory.mktemp("scripts") / "hebrew.png"
    image = Image.new("L", (1500, 420), 250)
    font = ImageFont.truetype(FONT, 34, layout_engine=ImageFont.Layout.RAQM)
    for i, line in enumerate(LINES):
        ImageDraw.Draw(image).text((1440, 40 + 110 * i), line, font=font, fill=20, anchor="ra", direction="rtl")
    image.save(path)
    return path


def converted(form, *args):
    return subprocess.run([BIN, "convert", "--to", form, *args], check=True, capture_output=True, text=True, timeout=120).stdout


def test_hebrew_is_found_and_read_from_the_right(scan):
    page = json.loads(converted("json", scan))["pages"][0]
    assert (page["language"], page["script"]) == ("heb", "Hebr")
    assert all(line["right_to_left"] for line in page["lines"])
    text = converted("markdown", scan)
    for part in ("בתאריך 12/03/2024 ובחרה", "עלו ב-50% בשנה", "1,250.75 (כולל מס) ישולם", "למספר 03-5551234 לפני", "מכתב אל Windows לכתובת"):
        assert part in text, text


def test_words_stand_where_they_are_read(scan):
    page = json.loads(converted("json", scan))["pages"][0]
    first = [word["box"] for word in page["words"][: page["lines"][0]["word_count"]]]
    assert all(after[2] <= before[0] + 2 for before, after in zip(first, first[1:])), "each word stands left of the one before it"


def test_searchable_pdf_gives_words_as_they_are_read(scan, tmp_path):
    pdf = tmp_path / "hebrew.pdf"
    subprocess.run([BIN, "convert", "--to", "pdf", "--output", tmp_path, scan], check=True, timeout=120)
    words = json.loads(converted("json", scan))["pages"][0]["words"]
    told = [subprocess.check_output(["pdftotext", pdf, "-"], text=True), subprocess.check_output(["mutool", "draw", "-q", "-F", "txt", pdf], text=True), converted("text", pdf)]
    for text in told:
        for word in ("התכנסה", "לכתובת", "Windows"):
            assert word in text, text
    assert all(w["text"] in told[2] for w in words if w["text"].isalpha())


def test_html_runs_from_the_right(scan):
    assert '<section class="page" dir="rtl"' in converted("html", scan)
