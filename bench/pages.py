# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages with true text, read by the program: what bench/ledger and bench/calibrate share.

Data stands beside the project (../shared/data/SET/manifest.jsonl, lines {"doc", "text"}); without it there is nothing to measure.
"""
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared/data"
SETS = ["old_books", "scribe_bench", "render_text", "sroie", "rotation", "tess_test"]
FOLDS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "‐": "-", "…": "..."})


def fold(text):
    return unicodedata.normalize("NFKC", text).translate(FOLDS)


def bare(word):
    """Without case and the punctuation around it."""
    return re.sub(r"^\W+|\W+$", "", fold(word).casefold())


def true_words(text):
    return [w for w in (bare(w) for w in re.sub(r"(\w)-\n([a-z])", r"\1\2", fold(text)).split()) if w]


def sample(name, count):
    """Documents of a set: always the same ones, whatever the order of the manifest."""
    folder = DATA / name
    if not (folder / "manifest.jsonl").exists():
        return []
    lines = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines() if line.strip()]
    lines = [x for x in lines if "text" in x]
    lines.sort(key=lambda x: hashlib.sha256(x["doc"].encode()).hexdigest())
    return [(folder / x["doc"], (folder / x["text"]).read_text(errors="replace"), x) for x in lines[:count]]


def read(binary, documents, languages="eng"):
    """{document: [page tree, ...]} for what could be read."""
    with tempfile.TemporaryDirectory() as out:
        names = {}
        for start in range(0, len(documents), 40):
            part = documents[start : start + 40]
            subprocess.run([binary, "convert", *map(str, part), "--to", "json", "--output", out, "--languages", languages, "--log-level", "error"],
                           check=False, stdout=subprocess.DEVNULL)
            for d in part:
                found = Path(out, d.stem + ".json")
                if found.exists():
                    tree = json.loads(found.read_text())
                    names[d] = tree if isinstance(tree, list) else tree.get("pages", [tree])
                    found.unlink()
        return names


def need_data():
    if not DATA.exists():
        sys.exit(f"{DATA} is not there: nothing to measure")
