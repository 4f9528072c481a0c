# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages with true text, read by the program: what bench/ledger and bench/calibrate share.

Data stands beside the project (../shared/data/SET/manifest.jsonl, lines {"doc", "text"}); without it there is nothing to measure. Where a set of
scans has no text of its own but names the digital document it was made of ({"source"}), the truth is what `mutool draw -F text` says of that.
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
SETS = ["old_books", "scribe_bench", "render_text", "zugferd_scan", "sroie", "rotation", "tess_test", "olmocr_sample", "icdar2013_scans"]
SCANS = {"icdar2013_scans": "icdar2013_tables"}  # first pages of digital documents as pictures of 200 dpi
FOLDS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "‐": "-", "…": "..."})


def fold(text):
    return unicodedata.normalize("NFKC", text).translate(FOLDS)


def bare(word):
    """Without case and the punctuation around it."""
    return re.sub(r"^[\W_]+|[\W_]+$", "", fold(word).casefold())


def true_words(text):
    return [w for w in (bare(w) for w in re.sub(r"(\w)-\n([a-z])", r"\1\2", fold(text)).split()) if w]


def half_of(doc):
    """As bench/accuracy has it: rules are chosen on a and confirmed on b."""
    return "ab"[hashlib.sha256(("half " + doc).encode()).digest()[0] & 1]


def digital_text(source):
    """Page by page what the digital document says that a scan was made of."""
    folder, _, name = source.partition("/")
    path = DATA / folder / "docs" / name.replace("/", "__")
    done = subprocess.run(["mutool", "draw", "-q", "-F", "text", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode(errors="replace")


def facts(folder, doc):
    """What the page is known to say: lines of the facts of a set without full texts."""
    rows = map(json.loads, (folder / "tests.jsonl").read_text().splitlines()) if (folder / "tests.jsonl").exists() else ()
    return "\n".join(r["text"] for r in rows if r.get("type") == "present" and Path(r.get("pdf", r.get("doc", ""))).name == Path(doc).name)


def truth_of(folder, row):
    if "text" in row:
        return (folder / row["text"]).read_text(errors="replace")
    if row["doc"].endswith(".scan.pdf") and "source" in row:
        return digital_text(row["source"])
    return facts(folder, row["doc"])


def scan_of(document, name):
    """The first page of a digital document as a picture, and what it says."""
    folder = Path(tempfile.gettempdir(), "leapocr-bench", name)
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / (document.stem + ".png")
    if not picture.exists():
        subprocess.run(["mutool", "draw", "-q", "-r", "200", "-c", "gray", "-o", picture, document, "1"], check=True)
    done = subprocess.run(["mutool", "draw", "-q", "-F", "text", document, "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return picture, done.stdout.decode(errors="replace")


def sample(name, count, half="all"):
    """Documents of a set with truth: always the same ones, whatever the order of the manifest."""
    folder = DATA / SCANS.get(name, name)
    if not (folder / "manifest.jsonl").exists():
        return []
    lines = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines() if line.strip()]
    lines = [x for x in lines if half in ("all", half_of(x["doc"]))]
    lines.sort(key=lambda x: hashlib.sha256(x["doc"].encode()).hexdigest())
    rows = [(*(scan_of(folder / x["doc"], name) if name in SCANS else (folder / x["doc"], truth_of(folder, x))), x) for x in lines[:count]]
    return [r for r in rows if r[1]]


def convert(binary, documents, to, out, languages):
    for start in range(0, len(documents), 40):
        subprocess.run([binary, "convert", *map(str, documents[start : start + 40]), "--to", to, "--output", out, "--languages", languages,
                        "--log-level", "error"], check=False, stdout=subprocess.DEVNULL)


def load(path):
    tree = json.loads(path.read_text())
    return tree if isinstance(tree, list) else tree.get("pages", [tree])


def read(binary, documents, languages="auto"):
    """{document: [page tree, ...]} for what could be read."""
    with tempfile.TemporaryDirectory() as out:
        convert(binary, documents, "json", out, languages)
        return {d: load(Path(out, d.stem + ".json")) for d in documents if Path(out, d.stem + ".json").exists()}


def read_kept(binary, resettle, documents, keep, languages="auto", draw=None):
    """As read, but words come from trees kept in a folder, and only the account is made anew (bench/resettle.c)."""
    keep.mkdir(parents=True, exist_ok=True)
    convert(binary, [d for d in documents if not (keep / (d.stem + ".trees")).exists()], "trees", str(keep), languages)
    there = [d for d in documents if (keep / (d.stem + ".trees")).exists()]
    with tempfile.TemporaryDirectory() as out:
        to = Path(draw or out)
        to.mkdir(parents=True, exist_ok=True)
        arguments = [a for d in there for a in (d, keep / (d.stem + ".trees"), to / d.stem)]
        subprocess.run([resettle, *(["--draw"] if draw else []), *map(str, arguments)], check=True)
        return {d: load(to / (d.stem + ".json")) for d in there if (to / (d.stem + ".json")).exists()}


def need_data():
    if not DATA.exists():
        sys.exit(f"{DATA} is not there: nothing to measure")
