#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hostile documents through the service: mutated PDFs and pictures, loops, bombs, lies.

usage: tests/crash/hostile.py [--mutants 200] [--seed N]
Every job must end with a result or a reason from the closed list, the server must answer throughout, no
process of the service may die unasked, and healthy documents between them must be read.
"""
import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from server import ROOT, Server  # noqa: E402

REASONS = {"unreadable_document", "password_required", "too_many_pages", "page_too_large", "output_too_large", "unsupported_type",
           "reader_crashed", "time_limit", "memory_limit", "too_large", "reader_broke_protocol"}


def pdf(objects, root=1):
    """A PDF of the given object bodies (bytes), numbered from 1."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return bytes(out + b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start))


def stream(data, extra=b""):
    return b"<< /Length %d %s >>\nstream\n" % (len(data), extra) + data + b"\nendstream"


def page_of(content, box=b"[0 0 595 842]", more=b"", extra=()):
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox " + box + b" /Contents 4 0 R /Resources << " + more + b" >> >>",
                content, *extra])


def bombs():
    """name -> document."""
    font = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    zeros = zlib.compress(b" " * 300_000_000, 9)
    twice = zlib.compress(zeros, 9)
    text = b"BT /F 10 Tf 20 700 Td (abc) Tj ET\n"
    made = {
        "deflate-300mb": page_of(stream(zeros, b"/Filter /FlateDecode")),
        "deflate-twice": page_of(stream(twice, b"/Filter [/FlateDecode /FlateDecode]")),
        "text-2m-words": page_of(stream(zlib.compress(text * 2_000_000, 9), b"/Filter /FlateDecode"), more=font),
        "huge-box": page_of(stream(text), b"[0 0 14400000 14400000]", font),
        "tiny-box": page_of(stream(text), b"[0 0 0.001 0.001]", font),
        "nan-box": page_of(stream(text), b"[0 0 1e39 -1e39]", font),
        "form-loop": page_of(stream(b"/X Do"), more=b"/XObject << /X 5 0 R >>", extra=[
            stream(b"/X Do /X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 10 10] /Resources << /XObject << /X 5 0 R >> >>")]),
        "pages-loop": pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 >>"]),
        "pages-lie": pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1410065407 >>",
                          b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>"]),
        "no-pages": pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]),
        "deep-arrays": page_of(stream(b"[" * 200_000)),
        "save-forever": page_of(stream(b"q " * 3_000_000)),
        "image-60000": page_of(stream(b"q 500 0 0 500 0 0 cm /I Do Q"), more=b"/XObject << /I 5 0 R >>", extra=[
            stream(zlib.compress(bytes(1_000_000), 9), b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 "
                   b"/BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /FlateDecode")]),
        "javascript": pdf([b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (while(1){}) >> >>",
                           b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>"]),
        "launch": pdf([b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch /F (/bin/sh) >> >>",
                       b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>"]),
        "empty-pdf": b"%PDF-1.4\n", "one-byte": b"\0", "zip": b"PK\x03\x04" + bytes(100), "html": b"<html><script>1</script>",
        "text": b"only some words\n", "png-head": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "png-65000": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xfd\xe8\0\0\xfd\xe8\x08\x02\0\0\0" + zlib.crc32(
            b"IHDR\0\0\xfd\xe8\0\0\xfd\xe8\x08\x02\0\0\0").to_bytes(4, "big") + bytes(40),
        "bmp-negative": b"BM" + bytes(8) + b"\x36\0\0\0\x28\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f\x01\0\x18\0" + bytes(40),
        "tiff-loop": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
        "gif-huge": b"GIF89a\xff\xff\xff\xff\xf7\0\0" + bytes(1000),
        "webp-lie": b"RIFF\xff\xff\xff\x7fWEBPVP8 \xff\xff\xff\x7f" + bytes(64),
    }
    # One stream shared by a tree that doubles at each of 40 levels: 2^40 drawings.
    levels = [stream(b"/X Do /X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>" % (n + 1))
              for n in range(5, 45)]
    made["doubling-forms"] = page_of(stream(b"/X Do"), more=b"/XObject << /X 5 0 R >>", extra=[
        *levels, stream(b"0 0 1 1 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")])
    return made


def mutants(count, seed):
    rng = random.Random(seed)
    sources = [p for p in sorted((ROOT / "tests/samples").iterdir()) if p.suffix != ".md" and p.stat().st_size < 200_000]
    for i in range(count):
        source = rng.choice(sources)
        body = bytearray(source.read_bytes())
        for _ in range(rng.choice([1, 3, 10, 50, 400])):
            at = rng.randrange(len(body))
            kind = rng.randrange(5)
            if kind == 0:
                body[at] = rng.randrange(256)
            elif kind == 1:
                body[at:at + rng.randrange(1, 60)] = b""
            elif kind == 2:
                body[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 20)))
            elif kind == 3:
                body[at:at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"9999"])
            else:
                other = rng.randrange(len(body))
                body[at:at + 40] = body[other:other + 40]
            if len(body) < 16:
                break
        yield f"mutant-{i}-{source.name}", bytes(body)


class Watcher(threading.Thread):
    """Asks for a status without pause, so that a server that stalls is seen."""

    def __init__(self, server, job):
        super().__init__(daemon=True)
        self.server, self.job, self.stop, self.slowest, self.errors = server, job, threading.Event(), 0.0, []

    def run(self):
        with requests.Session() as session:
            while not self.stop.is_set():
                begun = time.monotonic()
                try:
                    self.server.status(self.job, session)
                except requests.RequestException as e:
                    self.errors.append(repr(e)[:200])
                self.slowest = max(self.slowest, time.monotonic() - begun)
                time.sleep(0.02)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--mutants", type=int, default=200)
    p.add_argument("--seed", type=int, default=2026)
    a = p.parse_args()
    work = Path(tempfile.mkdtemp(prefix="leapocr-hostile-"))
    server = Server(work / "data", options=["--page-time", "5", "--reader-memory", str(512 << 20)]).start()
    roles = {pid for pid, line in server.pids().items() if "role-api" in line or "role-runner" in line}
    healthy = server.upload(ROOT / "tests/samples/invoice.pdf")
    watcher = Watcher(server, healthy)
    watcher.start()
    begun = time.monotonic()
    jobs, wrong, tally = [], [], {}
    for name, body in [*bombs().items(), *mutants(a.mutants, a.seed)]:
        jobs.append((name, server.upload(body, name=name)))
    good = [server.upload(ROOT / "tests/samples/article.pdf") for _ in range(5)]
    for name, job in jobs:
        try:
            state = server.wait(job, 300)
        except TimeoutError as e:
            wrong.append((name, "never ended", str(e)))
            continue
        message = state.get("error_message") or ""
        reason = (state.get("error") or {}).get("reason", "")
        tally[state["status"] if state["status"] != "failed" else reason] = tally.get(
            state["status"] if state["status"] != "failed" else reason, 0) + 1
        if state["status"] == "failed" and (reason not in REASONS or len(message) < 12):
            wrong.append((name, "no clear reason", message))
    unread = [job for job in good if server.wait(job, 300)["status"] != "completed"]
    watcher.stop.set()
    watcher.join()
    now = {pid for pid, line in server.pids().items() if "role-api" in line or "role-runner" in line}
    verdicts = [("every job ends with a result or a clear reason", wrong), ("healthy documents among them are read", unread),
                ("the server answers throughout", watcher.errors), ("api and runner live on", sorted(roles - now))]
    server.stop()
    print(f"{len(jobs)} documents in {time.monotonic() - begun:.0f} s: {tally}; slowest status answer {watcher.slowest * 1000:.0f} ms")
    for promise, violations in verdicts:
        print("ok  " if not violations else "FAIL", promise, violations[:8] if violations else "")
    failed = sum(bool(v) for _, v in verdicts)
    if failed:
        print(server.log_tail(60))
    shutil.rmtree(work)
    print(f"hostile: {len(verdicts) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
