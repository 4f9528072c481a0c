# SPDX-License-Identifier: AGPL-3.0-or-later
"""A photographed page whose rows bow and run together: it is read as the flat one, and in all that is written of it words lie where they are seen."""
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import gaps  # noqa: E402

BIN = os.environ.get("LEAPOCR_BIN", str(ROOT / "build/src/cmd/leapocr"))
STEP = 8
WIDTH, HEIGHT = gaps.WIDTH, 1600


def lower(x, y):
    """How much lower than on the flat page a place is seen, pixels."""
    return 20 * math.sin(3 * x / WIDTH) * (0.5 + y / HEIGHT) + 0.05 * (x - WIDTH / 2) * (y / HEIGHT - 0.5)


def flat():
    page = Image.new("L", (WIDTH, HEIGHT), 246)
    draw = ImageDraw.Draw(page)
    for i in range(24):
        draw.text((150, 130 + 52 * i), gaps.LINES[i % 4], font=gaps.font(26), fill=25)
    return page


def bent(page):
    """Each small square shows what is seen there."""
    cells = [(x, y, x + STEP, y + STEP) for y in range(0, HEIGHT, STEP) for x in range(0, WIDTH, STEP)]
    above = lambda x, y: y - lower(x, y - lower(x, y - lower(x, y)))  # noqa: E731
    quads = [(x0, above(x0, y0), x0, above(x0, y1), x1, above(x1, y1), x1, above(x1, y0)) for x0, y0, x1, y1 in cells]
    return page.transform(page.size, Image.MESH, list(zip(cells, quads)), Image.BICUBIC, fillcolor=246)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bent")
    page = flat()
    page.save(folder / "flat.png", dpi=(gaps.DPI, gaps.DPI))
    bent(page).save(folder / "bent.png", dpi=(gaps.DPI, gaps.DPI))
    for to in ("json", "text", "hocr", "pdf"):
        subprocess.run([BIN, "convert", folder / "flat.png", folder / "bent.png", "--to", to, "--output", folder, "--overlay", folder, "--languages", "eng", "--log-level", "error"], check=True)
    return folder


def words_of_hocr(path):
    """[(word, middle in pixels)]"""
    text = path.read_text()
    scale = WIDTH / float(re.search(r"ocr_page.*?bbox 0 0 (\d+)", text)[1])
    found = re.findall(r"ocrx_word[^>]*bbox (\d+) (\d+) (\d+) (\d+)[^>]*>([^<]*)<", text)
    return [(w, (int(x0) + int(x1)) / 2 * scale, (int(y0) + int(y1)) / 2 * scale) for x0, y0, x1, y1, w in found]


def words_of_pdf(path):
    done = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True)
    found = re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<', done.stdout)
    return [(w, (float(x0) + float(x1)) / 144 * gaps.DPI, (float(y0) + float(y1)) / 144 * gaps.DPI) for x0, y0, x1, y1, w in found]


def test_it_is_read_as_the_flat_page(folder):
    assert (folder / "bent.txt").read_text() == (folder / "flat.txt").read_text()
    trees = {n: json.loads((folder / f"{n}.json").read_text())["pages"][0] for n in ("flat", "bent")}
    assert "warp" not in trees["flat"] and len(trees["bent"]["warp"]["seen"]) == trees["bent"]["warp"]["side"] ** 2
    assert len(trees["bent"]["blocks"]) == len(trees["flat"]["blocks"])
    assert trees["bent"]["coverage"] > 0.99 and not [r for r in trees["bent"]["regions"] if r["kind"] == "unread"]


@pytest.mark.parametrize("of, ending", [(words_of_hocr, "hocr"), (words_of_pdf, "pdf")])
def test_words_lie_where_they_are_seen(folder, of, ending):
    level, seen = of(folder / f"flat.{ending}"), of(folder / f"bent.{ending}")
    count = 6 * len(" ".join(gaps.LINES).split())
    at_place = [any(w == word and abs(at_x - x) < 5 and abs(at_y - y - lower(x, y)) < 6 for w, at_x, at_y in seen) for word, x, y in level]
    assert len(level) == count
    assert sum(at_place) >= (count if ending == "hocr" else 0.95 * count)  # pdftotext parts words that lean


def test_the_overlay_frames_words_where_they_are_seen(folder):
    picture = Image.open(folder / "bent-1.png").convert("RGB")
    scale = picture.width / WIDTH
    for word, x, y in words_of_hocr(folder / "flat.hocr")[::7]:
        middle = round((y + lower(x, y)) * scale)
        column = [picture.getpixel((round(x * scale), middle + d)) for d in range(-16, 17)]
        drawn = [d for d, pixel in enumerate(column, -16) if max(pixel) - min(pixel) > 15]  # frames have colours, print has none
        assert drawn and -16 < min(drawn) <= -4 and 4 <= max(drawn) < 16, (word, drawn)
