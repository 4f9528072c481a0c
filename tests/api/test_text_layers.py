# SPDX-License-Identifier: AGPL-3.0-or-later
"""Text layers that are not what one sees: the output is what stands on the page, and what is hidden is told."""
import difflib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import layers  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BIN = os.environ.get("LEAPOCR_BIN", str(ROOT / "build/src/cmd/leapocr"))
CASES = ["sound", "shifted-map", "shuffled-map", "removed-map", "glyph-numbers", "private-use", "holes", "signs", "one-glyph-for-many", "swapped-digits",
         "two-letters", "figures", "accented", "drawn-figures", "drawn-sound", "dotted-two-letters", "partly-garbled", "render-mode-3", "clipped-to", "tiny",
         "white-on-white", "colour-on-colour", "transparent", "off-the-page", "clipped", "under-a-box", "under-a-picture", "wrong-layer", "poor-layer",
         "good-layer", "outlined"]


def words(text):
    return re.findall(r"[\w-]+", text)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return layers.make(tmp_path_factory.mktemp("layers"))


@pytest.fixture(scope="module")
def read(made):
    """{name: (Markdown, page tree)}"""
    names, files = zip(*((name, str(path)) for name, (path, _, _) in made.items()))
    out = Path(files[0]).parent
    for form in ("markdown", "json"):
        subprocess.run([BIN, "convert", *files, "--to", form, "--output", str(out)], check=True, timeout=300)
    got = {}
    for name in names:
        tree = json.loads((out / f"{name}.json").read_text())
        got[name] = ((out / f"{name}.md").read_text(), tree[0] if isinstance(tree, list) else tree.get("pages", [tree])[0])
    return got


def test_all_are_tried(made):
    assert set(made) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_output_is_what_one_sees(made, read, name):
    want, got = words(" ".join(made[name][1])), words(read[name][0])
    same = sum(m.size for m in difflib.SequenceMatcher(None, want, got, autojunk=False).get_matching_blocks())
    assert same >= 0.95 * len(want), read[name][0]
    assert len(got) <= 1.05 * len(want) + 1, read[name][0]


@pytest.mark.parametrize("name", CASES)
def test_hidden_text_is_told_and_kept_out(made, read, name):
    markdown, tree = read[name]
    kinds = {h["kind"] for h in tree["hidden"]}
    if made[name][2]:
        assert made[name][2] <= kinds
    if any(h["text"] == layers.SECRET for h in tree["hidden"]):
        assert "crowns to the keeper" not in markdown
    else:
        assert layers.SECRET not in markdown


def test_a_sound_layer_is_not_looked_at(read):
    assert not read["sound"][1]["from_pixels"]
    assert {w["witness"] for w in read["sound"][1]["words"]} == {"layer"}


def test_only_the_lines_in_doubt_are_read(read):
    of_layer = [w for w in read["partly-garbled"][1]["words"] if w["witness"] == "layer"]
    assert sum(len(w["text"]) for w in of_layer) > 150


def test_a_shifted_map_is_mended(read):
    tree = read["shifted-map"][1]
    assert sum(w["witness"] == "both" for w in tree["words"]) > 0.8 * len(tree["words"])


def test_a_good_layer_under_a_scan_is_taken(read):
    tree = read["good-layer"][1]
    assert tree["from_layer"] and {w["witness"] for w in tree["words"]} <= {"layer", "both"}


def test_ink_is_covered_in_all(read):
    for name, (_, tree) in read.items():
        assert tree["coverage"] > 0.97, name
        assert not [r for r in tree["regions"] if r["kind"] == "unread"], name
