# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages with a piece that cannot be read: each is named at its place, and none besides."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import gaps  # noqa: E402

BIN = os.environ.get("LEAPOCR_BIN", str(ROOT / "build/src/cmd/leapocr"))
LOW = 0.7


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """{name of the page: (page tree, box of its piece)}, all read in one go"""
    folder = tmp_path_factory.mktemp("gaps")
    made = {make.__name__: gaps.save(folder, make) for make in (*gaps.GAPS, gaps.sealed, gaps.clean)}
    subprocess.run([BIN, "convert", *(p for p, _ in made.values()), "--to", "json", "--output", folder, "--languages", "eng", "--log-level", "error"],
                   check=True)
    trees = {name: json.loads((folder / f"{name}.json").read_text()) for name in made}
    return {name: (tree["pages"][0], made[name][1]) for name, tree in trees.items()}


def along(box, piece):
    """Stretch of the piece, along its longer side, that the box covers; None if it lies elsewhere."""
    x0, y0, x1, y1 = *map(max, box[:2], piece[:2]), *map(min, box[2:], piece[2:])
    if x0 >= x1 or y0 >= y1:
        return None
    return (x0, x1) if piece[2] - piece[0] > piece[3] - piece[1] else (y0, y1)


def share_named(tree, piece):
    """How much of the piece's length lies in unread boxes, words of little confidence, or words that are right."""
    true = re.findall(r"\w+", gaps.PIECE.casefold())
    named = [r["box"] for r in tree["regions"] if r["kind"] == "unread"]
    named += [w["box"] for w in tree["words"] if w["confidence"] < LOW or re.sub(r"\W", "", w["text"].casefold()) in true]
    cells = set()
    for stretch in filter(None, (along(box, piece) for box in named)):
        cells.update(range(int(stretch[0]), int(stretch[1]) + 1))
    return len(cells) / max(piece[2] - piece[0], piece[3] - piece[1])


@pytest.mark.parametrize("name", [make.__name__ for make in gaps.GAPS])
def test_what_cannot_be_read_is_named_at_its_place(read, name):
    tree, piece = read[name]
    assert share_named(tree, piece) >= 0.6, [r for r in tree["regions"] if r["kind"] != "noise"]
    text = " ".join(w["text"] for w in tree["words"])
    assert "The ferry to Askholm leaves at seven" in text
    if any(r["kind"] == "unread" for r in tree["regions"]):
        assert tree["confidence"] <= 0.8


def test_a_seal_is_a_stamp_and_no_noise(read):
    tree, ring = read["sealed"]
    stamps = [r["box"] for r in tree["regions"] if r["kind"] == "stamp"]
    assert len(stamps) == 1 and max(abs(a - b) for a, b in zip(stamps[0], ring)) < 6, tree["regions"]
    assert [r for r in tree["regions"] if r["kind"] in ("noise", "unread")] == []


def test_solid_shapes_are_pictures(read):
    tree, _ = read["clean"]
    for x in (225, 420):  # the middle of the disc, of the triangle
        assert any(r["kind"] == "picture" and r["box"][0] < x * 72 / gaps.DPI < r["box"][2] for r in tree["regions"])


def test_a_page_that_was_read_has_nothing_unread(read):
    tree, _ = read["clean"]
    assert [r for r in tree["regions"] if r["kind"] == "unread"] == []
    assert tree["confidence"] > 0.9 and tree["coverage"] > 0.95
