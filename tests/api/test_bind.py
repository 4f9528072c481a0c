# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages beside each other: running heads, tables over pages; and the same bytes whatever happens."""
import json
import random
import subprocess
import time

import pytest

import harness
from harness import make_pdf

HEADS = ("The Annals of the Harbour", "A report of the keepers")


def columns(y, *cells):
    return "".join(f"BT /F1 11 Tf {72 + 150 * i} {y} Td ({cell}) Tj ET\n" for i, cell in enumerate(cells))


def line(y, text, size=11, x=72):
    return f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n"


def body(number):
    """Lines of a page; every fourth and fifth share a table."""
    words = random.Random(number)
    text = [" ".join(words.choice("tide boat clock rope light stone water letter keeper wall".split())
                     for _ in range(9)) for _ in range(12)]
    out = ""
    if number % 4 == 1:  # the table's second part
        for i in range(5):
            out += columns(700 - 20 * i, f"rope {i}", f"{i + 3}", f"{i + 3}.50")
        at = 560
    else:
        at = 700
    for i, sentence in enumerate(text):
        out += line(at - 16 * i, sentence.capitalize() + ".")
    if number % 4 == 0:
        out += columns(400, "Item", "Count", "Price")
        for i in range(12):
            out += columns(375 - 20 * i, f"sail {i}", f"{i + 1}", f"{i + 1}.20")
    return out


def book(pages):
    """Heads that alternate, as near to the text as its own lines; drawn by hand as make_pdf has one line a page."""
    streams = [line(716, HEADS[i % 2]) + body(i) + line(60, str(i + 7), x=300) for i in range(pages)]
    plain = make_pdf([f"@{i}@" for i in range(pages)])
    out = bytearray()
    # The objects again with other contents: offsets are found anew by whoever reads the file.
    for part in plain.split(b"endobj\n"):
        if b"/F1 14 Tf" in part:
            number = int(part.split(b"@")[1])
            head = part.split(b"<<")[0]
            text = streams[number].encode()
            part = head + b"<< /Length %d >>\nstream\n%s\nendstream\n" % (len(text), text)
        out += part + b"endobj\n" if b" obj" in part and b"xref" not in part else part
    return bytes(out)


@pytest.fixture(scope="module")
def document():
    return book(48)


def read_by(server, document, **fields):
    job = server.client.upload(document, format="markdown", extract_bounding_boxes=True, **fields)
    assert server.client.wait(job)["status"] == "completed"
    return whole(server, job)


def whole(server, job):
    """Everything that was read of the job, without ids and times."""
    pages = server.client.result(job, "?limit=1000")["pages"]
    trees = server.client.call("GET", f"/api/v1/ocr/result/{job}?as=json").content
    return [(p["page_number"], p["result"], json.dumps(p["bounding_boxes"])) for p in pages], \
        json.loads(trees)["pages"]


@pytest.fixture(scope="module")
def reading(own_module_server, document):
    return read_by(own_module_server, document)


def test_running_heads(reading):
    pages, trees = reading
    for number, markdown, boxes in pages[1:]:
        assert not any(head in markdown for head in HEADS), markdown[:200]
        assert [b["type"] for b in json.loads(boxes)].count("header") == 1
        assert any(b["type"] == "footer" and b["text"] == str(number + 6) for b in json.loads(boxes))
    assert HEADS[0] in pages[0][1], "the first page may begin with a title"


def test_text_has_running_heads(own_module_server, document):
    job = own_module_server.client.upload(document)
    own_module_server.client.wait(job)
    text = own_module_server.client.call("GET", f"/api/v1/ocr/result/{job}?as=text").text
    assert text.count(HEADS[0]) == 24 and text.count(HEADS[1]) == 24


def test_table_over_pages(reading):
    pages, trees = reading
    for number in range(1, 48, 4):
        table = trees[number]["tables"][0]
        assert table["continues"] and table["head"] == ["Item", "Count", "Price"]
        assert table["header_rows"] == 0
        markdown = pages[number][1]
        assert markdown.startswith("| Item | Count | Price |\n| --- |") and "| rope 0 | 3 | 3.50 |" in markdown


def test_same_bytes_again(reading, own_module_server, document):
    for _ in range(2):
        assert read_by(own_module_server, document) == reading


@pytest.mark.parametrize("readers", [1, 2])
def test_same_bytes_with_readers(reading, document, own_server, readers):
    assert read_by(own_server("--readers", str(readers)), document) == reading


def test_same_bytes_by_convert(reading, document, tmp_path):
    (tmp_path / "book.pdf").write_bytes(document)
    for readers in ("1", "3"):
        done = subprocess.run([harness.binary(), "convert", "--readers", readers, "--to", "json",
                               str(tmp_path / "book.pdf")], capture_output=True, check=True)
        assert json.loads(done.stdout)["pages"] == reading[1]


def test_same_bytes_after_kills(reading, document, own_server):
    """The whole server is killed again and again while it reads."""
    server = own_server("--readers", "1")
    job = server.client.upload(document, format="markdown", extract_bounding_boxes=True)
    for pause in (0.05, 0.1, 0.2, 0.3):
        time.sleep(pause)
        server.kill_all()
        server.start()
    assert server.client.wait(job)["status"] == "completed"
    assert whole(server, job) == reading


def test_nothing_is_left_behind(own_server, document):
    """Objects of pages that changed go with them."""
    server = own_server()
    job = server.client.upload(document)
    server.client.wait(job)
    assert server.client.call("DELETE", f"/api/v1/ocr/delete/{job}").status_code == 200
    assert server.objects() == []
