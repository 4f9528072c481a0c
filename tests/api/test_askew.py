# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scanned pages with writing that does not run with the text: it is read, stands behind the text, and nothing of the text is lost."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import gaps  # noqa: E402

BIN = os.environ.get("LEAPOCR_BIN", str(ROOT / "build/src/cmd/leapocr"))
KINDS = {"stamp": ("RECEIVED", 28), "framed": ("PAST DUE", -35), "steep": ("COPY", 60), "label": ("Records Office\nRoom 214, Building C", -24), "upwards": ("Archive box 452 sheet 17", 90),
         "downwards": ("Archive box 452 sheet 17", 270)}


def made(name):
    page, _ = gaps.sheet()
    text, degrees = KINDS[name]
    upright = degrees % 90 == 0
    face = gaps.font(24 if upright or name == "label" else 44)
    x0, y0, x1, y1 = ImageDraw.Draw(page).multiline_textbbox((0, 0), text, font=face)
    mark = Image.new("L", (x1 - x0 + 40, y1 - y0 + 40), 246)
    pen = ImageDraw.Draw(mark)
    pen.multiline_text((20 - x0, 20 - y0), text, font=face, fill=60)
    if name == "framed":
        pen.rectangle((4, 4, mark.width - 5, mark.height - 5), outline=60, width=4)
    mark = mark.rotate(degrees, Image.BICUBIC, expand=True, fillcolor=246)
    at = (50, 250) if upright else (500, 480)
    page.paste(mark, at)
    return page, [v * 72 / gaps.DPI for v in (*at, at[0] + mark.width, at[1] + mark.height)]


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """{name: (page tree, Markdown, box of what was put there)}"""
    folder = tmp_path_factory.mktemp("askew")
    boxes = {}
    for name in KINDS:
        page, boxes[name] = made(name)
        page.save(folder / f"{name}.png", dpi=(gaps.DPI, gaps.DPI))
    for to in ("json", "markdown"):
        subprocess.run([BIN, "convert", *(folder / f"{n}.png" for n in KINDS), "--to", to, "--output", folder, "--languages", "eng", "--log-level", "error"], check=True)
    return {n: (json.loads((folder / f"{n}.json").read_text())["pages"][0], (folder / f"{n}.md").read_text(), boxes[n]) for n in KINDS}


@pytest.mark.parametrize("name", KINDS)
def test_it_is_read_at_its_place_behind_the_text(read, name):
    tree, markdown, box = read[name]
    text, degrees = KINDS[name]
    words = [w for w in tree["words"] if w["text"].strip(",") in text.replace(",", "").split()]
    assert [w["text"].strip(",") for w in words] == text.replace(",", "").split()
    for word in words:
        assert word["box"][0] >= box[0] - 4 and word["box"][1] >= box[1] - 4 and word["box"][2] <= box[2] + 4 and word["box"][3] <= box[3] + 4
        assert word["confidence"] >= 0.7
    flag = "vertical" if degrees % 90 == 0 else "slanted"
    assert [line.get(flag, False) for line in tree["lines"]].count(True) == text.count("\n") + 1
    body = " ".join(markdown.split())
    assert " ".join(gaps.LINES) in body
    if flag == "slanted":
        assert body.endswith(" ".join(text.split()))
