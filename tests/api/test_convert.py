# SPDX-License-Identifier: AGPL-3.0-or-later
"""leapocr convert --to FORM, without a server."""
import os
import pathlib
import subprocess
import xml.etree.ElementTree as ET

import harness
import pytest

BIN = os.environ["LEAPOCR_BIN"]
SAMPLES = pathlib.Path(__file__).resolve().parents[1] / "samples"


def test_what_digital_documents_do_not_need_is_not_loaded():
    """It is three quarters of the time that the program takes to start. A function that is missing in src/cmd/lazy brings its library back."""
    if os.uname().machine != "x86_64":
        pytest.skip("loaded at the start")
    told = subprocess.check_output(["readelf", "-d", BIN], text=True)
    assert not [name for name in ("libcrypto", "libcurl", "liblept", "libpq", "libsqlite3", "libssl", "libtesseract", "libzbar") if name in told]


def convert(*args):
    return subprocess.run([BIN, "convert", *map(str, args)], capture_output=True, timeout=120)


def text_of(pdf):
    return subprocess.check_output(["mutool", "draw", "-q", "-F", "txt", str(pdf)], text=True)


@pytest.mark.parametrize("name,words", [
    ("scan-clean.pdf", ("harbour", "fishermen")), ("two-sheets.tiff", ("watchmaker", "lighthouse")),
    ("receipt.jpg", ("TOTAL",)), ("mixed.pdf", ("escapement",))])
def test_searchable_pdf(tmp_path, name, words):
    done = convert("--to", "pdf", "--output", tmp_path, SAMPLES / name)
    assert done.returncode == 0, done.stderr
    pdf = tmp_path / (pathlib.Path(name).stem + ".pdf")
    text = text_of(pdf)
    assert all(word in text for word in words), text
    assert subprocess.run(["qpdf", "--check", pdf], capture_output=True).returncode == 0


def test_a_long_document_may_take_as_long_as_can_be_said(tmp_path):
    """25 pages of an hour each are more than a day, the longest time that a reader is given: it was refused."""
    (tmp_path / "long.pdf").write_bytes(harness.make_pdf([f"Page number {i}" for i in range(25)]))
    done = convert("--to", "pdf", "--page-time", 3600, "--output", tmp_path / "out", tmp_path / "long.pdf")
    assert done.returncode == 0, done.stderr
    assert "Page number 24" in text_of(tmp_path / "out" / "long.pdf")


def test_jpeg_data_is_untouched(tmp_path):
    assert convert("--to", "pdf", "--output", tmp_path, SAMPLES / "receipt.jpg").returncode == 0
    source = (SAMPLES / "receipt.jpg").read_bytes()
    scan = source[source.index(b"\xff\xda"):source.rindex(b"\xff\xd9")]
    assert scan in (tmp_path / "receipt.pdf").read_bytes()


def test_several_pdfs_need_a_folder():
    done = convert("--to", "pdf", SAMPLES / "receipt.jpg", SAMPLES / "note.gif")
    assert done.returncode == 1 and b"--output" in done.stderr and not done.stdout


def test_a_locked_document_makes_no_pdf(tmp_path):
    done = convert("--to", "pdf", "--output", tmp_path, SAMPLES / "encrypted-locked.pdf")
    assert done.returncode == 2 and b"password" in done.stderr
    assert not list(tmp_path.iterdir())


def test_page_trees_stand_behind_their_length(tmp_path):
    done = convert("--to", "trees", "--output", tmp_path, SAMPLES / "mixed.pdf")
    assert done.returncode == 0, done.stderr
    trees, at, pages = (tmp_path / "mixed.trees").read_bytes(), 0, 0
    while at < len(trees):
        length = int.from_bytes(trees[at:at + 4], "little")
        assert trees[at + 4:at + 8] == b"LPGT"
        at, pages = at + 4 + length, pages + 1
    assert at == len(trees) and pages == 2


@pytest.mark.parametrize("form,end", [("hocr", "hocr"), ("alto", "xml"), ("svg", "svg")])
def test_xml_forms(tmp_path, form, end):
    done = convert("--to", form, "--output", tmp_path, SAMPLES / "mixed.pdf", SAMPLES / "note.gif")
    assert done.returncode == 0, done.stderr
    for stem in ("mixed", "note"):
        assert len(list(ET.parse(tmp_path / f"{stem}.{end}").getroot().iter())) > 5


def test_pages_that_a_cut_file_lost_are_named(tmp_path):
    whole = (SAMPLES / "book-200.pdf").read_bytes()
    (tmp_path / "cut.pdf").write_bytes(whole[:100000])
    done = convert(tmp_path / "cut.pdf")
    assert done.returncode == 6
    lost = done.stderr.decode().splitlines()
    assert len(lost) > 100 and all("is missing from it" in line for line in lost)
    assert done.stdout.decode().count("could not be read") == len(lost)


def test_serve_refuses_to_start_without_its_models(tmp_path):
    done = subprocess.run([BIN, "serve", "--languages", "xxx", "--data", tmp_path / "data", "--listen", "127.0.0.1:0"],
                          capture_output=True, timeout=60)
    assert done.returncode == 2 and b"xxx.traineddata is missing" in done.stderr
    assert not (tmp_path / "data").exists()


def test_children_that_share_a_document_bind_it_once(tmp_path):
    """One child reads a document from its start while others read its later pages: whose end is whose."""
    line = "Tj ET BT /F1 9 Tf 60 {} Td (The parties agree that the receiving party keeps what it is told for itself)"
    page = "Page) " + " ".join(line.format(680 - 12 * k) for k in range(45))
    for n in range(25):
        (tmp_path / f"{n}.pdf").write_bytes(harness.make_pdf([page[:-1]] * (4 + n % 12)))
    for _ in range(5):
        done = subprocess.run([BIN, "convert", "--readers", "2", "--to", "text", "--output", str(tmp_path / "out"), "--log-level", "error",
                               *map(str, sorted(tmp_path.glob("*.pdf")))], stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, (done.returncode, done.stderr)
    for n in range(25):
        assert (tmp_path / "out" / f"{n}.txt").read_text().count("for itself") == 45 * (4 + n % 12)
