# SPDX-License-Identifier: AGPL-3.0-or-later
"""A scanned invoice: light heads on a dark band, and quantities of a figure or two in a column of their own."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import ImageDraw

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import gaps  # noqa: E402

BIN = os.environ.get("LEAPOCR_BIN", str(ROOT / "build/src/cmd/leapocr"))
HEADS = {150: "Item", 330: "Description", 700: "Qty", 840: "Unit price", 1010: "Amount"}
ROWS = [("A-1007", "Oak worktop", "2", "185.00", "370.00"), ("A-2210", "Cabinet door", "8", "42.50", "340.00"), ("B-0031", "Soft hinge", "16", "3.20", "51.20"),
        ("C-8813", "Fitting, per hour", "12", "46.00", "552.00"), ("D-0001", "Delivery", "5", "13.00", "65.00")]


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    page, draw = gaps.sheet()
    face = gaps.font(22)
    draw.rectangle((140, 420, 1110, 468), fill=70)
    for x, text in HEADS.items():
        draw.text((x, 430), text, font=face, fill=255)
    for i, row in enumerate(ROWS):
        for (x, head), text in zip(HEADS.items(), row):
            right = x + ImageDraw.Draw(page).textlength(head, font=face)
            at = x if x < 700 else right + 10 - draw.textlength(text, font=face)
            draw.text((at, 490 + 48 * i), text, font=face, fill=25)
    page = page.rotate(-0.8, fillcolor=246)
    gaps.noisy(page, 6, 3)
    path = tmp_path_factory.mktemp("invoice") / "invoice.png"
    page.save(path, dpi=(gaps.DPI, gaps.DPI))
    done = subprocess.run([BIN, "convert", path, "--to", "json", "--languages", "eng", "--log-level", "error"], check=True, capture_output=True)
    return [w["text"] for w in json.loads(done.stdout)["pages"][0]["words"]]


def test_light_print_on_a_dark_band_is_read(words):
    for text in " ".join(HEADS.values()).split():
        assert text in words


def test_figures_alone_in_a_column_are_read(words):
    for row in ROWS:
        assert row[2] in [w.strip(".)") for w in words]
