#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes the sample documents of tests/samples/ from text written for this project.

usage: tools/make-samples.py DIR
Needs python3-reportlab, python3-pil, python3-numpy, qpdf, fonts-dejavu-core (Debian). The samples are
committed; this is run only to change them. Everything is made from seeds: the same run, the same bytes
but for time stamps.
"""
import io
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas
from reportlab.platypus import (BaseDocTemplate, Frame, FrameBreak, NextPageTemplate, PageTemplate,
                                Paragraph, Spacer, Table, TableStyle)

DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
SERIF = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"

TIDE = [
    "The harbour of Norrvik keeps two clocks. One shows the hour, the other the height of the water, and "
    "the fishermen trust the second one more. It was built in 1884 by a watchmaker who had never been to "
    "sea, and who learned the tides from a drawer full of letters.",
    "Each letter came from a different lighthouse. The keepers wrote down what they saw: the first wet "
    "stone, the last dry one, the direction of the weed on the piles. Together the letters made a table of "
    "four hundred rows, and from the table the watchmaker cut his wheels.",
    "A clock that follows the moon loses about fifty minutes a day against one that follows the sun. The "
    "watchmaker solved this with a gear of fifty-nine teeth, because two tides pass in almost exactly "
    "twenty-nine and a half days, and half a tooth cannot be cut.",
    "Visitors ask why nobody has replaced the mechanism by a screen. The answer hangs beside the door: a "
    "drawing of the gear, signed by every keeper who has oiled it since, forty-one names in all.",
    "In the winter of 1953 the clock stopped for the only time. Ice had reached the float, and for three "
    "days the boats went out by memory. On the fourth day the keeper climbed down with a kettle of hot "
    "water, and the hand moved again at low tide, eleven minutes late.",
    "Today the float is made of glass, and a small heater keeps it free. The rest is as it was. On still "
    "evenings one can hear the escapement from the end of the pier, a dry, slow knock like somebody "
    "setting down a cup.",
]

BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=12.4, spaceAfter=6,
                      alignment=4, hyphenationLang="")
HEAD = ParagraphStyle("head", fontName="Times-Bold", fontSize=12, leading=15, spaceBefore=6, spaceAfter=4)
TITLE = ParagraphStyle("title", fontName="Times-Bold", fontSize=20, leading=24, alignment=1, spaceAfter=6)
LEAD = ParagraphStyle("lead", fontName="Times-Italic", fontSize=11, leading=14, alignment=1, spaceAfter=10)


def article(path):
    """Two columns under a wide title, running foot with a page number."""
    def foot(c, doc):
        c.setFont("Times-Roman", 8)
        c.drawCentredString(A4[0] / 2, 12 * mm, "%d" % doc.page)

    doc = BaseDocTemplate(str(path), pagesize=A4, title="The clock of the tides", invariant=1)
    w, h = A4
    top = Frame(20 * mm, h - 62 * mm, w - 40 * mm, 44 * mm, id="top", showBoundary=0)
    cw = (w - 48 * mm) / 2
    cols = [Frame(20 * mm + i * (cw + 8 * mm), 20 * mm, cw, h - 84 * mm, id="c%d" % i) for i in (0, 1)]
    full = [Frame(20 * mm + i * (cw + 8 * mm), 20 * mm, cw, h - 40 * mm, id="d%d" % i) for i in (0, 1)]
    doc.addPageTemplates([PageTemplate("first", [top] + cols, onPage=foot),
                          PageTemplate("later", full, onPage=foot)])
    flow = [Paragraph("The Clock of the Tides", TITLE),
            Paragraph("How a town without an astronomer learned to read the moon", LEAD), FrameBreak(),
            NextPageTemplate("later")]
    heads = ["1 Two clocks", "2 Letters from the lighthouses", "3 Fifty-nine teeth", "4 The names",
             "5 The winter of 1953", "6 Glass"]
    for heading, text in zip(heads, TIDE):
        flow += [Paragraph(heading, HEAD), Paragraph(text, BODY), Paragraph(TIDE[(heads.index(heading) + 2) % 6], BODY),
                 Paragraph(TIDE[(heads.index(heading) + 4) % 6], BODY)]
    doc.build(flow)


def invoice(path):
    c = canvas.Canvas(str(path), pagesize=A4, invariant=1)
    c.setTitle("Invoice 2026-0417")
    y = A4[1] - 25 * mm
    c.setFont("Helvetica-Bold", 22)
    c.drawString(20 * mm, y, "Invoice")
    c.setFont("Helvetica", 10)
    for i, line in enumerate(["Norrvik Ropeworks Ltd", "4 Pier Street", "NV 1027 Norrvik", "VAT no. NV 5529 0147"]):
        c.drawRightString(A4[0] - 20 * mm, y + 4 * mm - i * 5 * mm, line)
    y -= 18 * mm
    for label, value in [("Invoice number:", "2026-0417"), ("Date:", "14 March 2026"), ("Due date:", "13 April 2026"),
                         ("Customer:", "Lighthouse Trust, 1 Beacon Hill, Osten")]:
        c.setFont("Helvetica-Bold", 10)
        c.drawString(20 * mm, y, label)
        c.setFont("Helvetica", 10)
        c.drawString(52 * mm, y, value)
        y -= 6 * mm
    rows = [["Item", "Quantity", "Unit price", "Amount"],
            ["Hemp rope, 24 mm, tarred", "120 m", "3.40", "408.00"],
            ["Steel thimble, size 6", "40", "2.15", "86.00"],
            ["Splicing, eye both ends", "20", "7.50", "150.00"],
            ["Delivery to Osten", "1", "35.00", "35.00"]]
    t = Table(rows, colWidths=[80 * mm, 28 * mm, 30 * mm, 32 * mm])
    t.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.6, colors.black),
                           ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 10),
                           ("FONT", (0, 1), (-1, -1), "Helvetica", 10),
                           ("ALIGN", (1, 0), (-1, -1), "RIGHT"), ("ALIGN", (0, 0), (0, -1), "LEFT")]))
    tw, th = t.wrapOn(c, 170 * mm, 100 * mm)
    t.drawOn(c, 20 * mm, y - th - 4 * mm)
    y -= th + 14 * mm
    for label, value, font in [("Net", "679.00", "Helvetica"), ("VAT 20 %", "135.80", "Helvetica"),
                               ("Total", "EUR 814.80", "Helvetica-Bold")]:
        c.setFont(font, 10)
        c.drawRightString(158 * mm, y, label)
        c.drawRightString(190 * mm, y, value)
        y -= 6 * mm
    c.setFont("Helvetica", 9)
    c.drawString(20 * mm, y - 8 * mm, "Payable within 30 days to IBAN NV29 1047 0000 0055 2901, reference 2026-0417.")
    c.showPage()
    c.save()


def form(path):
    c = canvas.Canvas(str(path), pagesize=A4, invariant=1)
    c.setTitle("Mooring request")
    c.setFont("Helvetica-Bold", 16)
    c.drawString(25 * mm, A4[1] - 30 * mm, "Request for a mooring")
    f = c.acroForm
    y = A4[1] - 50 * mm
    for name, label, value in [("boat", "Name of the boat", "Silver Herring"), ("owner", "Owner", "Ingrid Dahl"),
                               ("length", "Length over all (m)", "11.6"), ("arrival", "Day of arrival", "2026-06-02")]:
        c.setFont("Helvetica", 11)
        c.drawString(25 * mm, y, label)
        f.textfield(name=name, tooltip=label, value=value, x=80 * mm, y=y - 4, width=90 * mm, height=16,
                    fontName="Helvetica", fontSize=11, borderWidth=0.5)
        y -= 12 * mm
    for name, label, on in [("power", "Shore power wanted", True), ("water", "Fresh water wanted", False)]:
        f.checkbox(name=name, tooltip=label, checked=on, x=25 * mm, y=y - 3, size=12, buttonStyle="check")
        c.drawString(33 * mm, y, label)
        y -= 10 * mm
    c.showPage()
    c.save()


def rotated(path):
    tmp = io.BytesIO()
    c = canvas.Canvas(tmp, pagesize=A4, invariant=1)
    c.setFont("Times-Bold", 18)
    c.drawString(25 * mm, A4[1] - 35 * mm, "Sideways notice")
    c.setFont("Times-Roman", 12)
    for i, line in enumerate(["This page was drawn upright and then turned by its Rotate entry.",
                              "A reader that ignores the entry gives boxes on the wrong side.",
                              "The words are the same either way."]):
        c.drawString(25 * mm, A4[1] - (48 + 7 * i) * mm, line)
    c.showPage()
    c.save()
    Path("/tmp/rot.pdf").write_bytes(tmp.getvalue())
    subprocess.run(["qpdf", "--deterministic-id", "--rotate=+90", "/tmp/rot.pdf", str(path)], check=True)


def book(path, pages=200):
    rng = random.Random(1884)
    c = canvas.Canvas(str(path), pagesize=A4, pageCompression=1, invariant=1)
    c.setTitle("The tide book of Norrvik")
    sentences = [s.strip() + "." for t in TIDE for s in t.rstrip(".").split(". ")]
    for n in range(1, pages + 1):
        c.setFont("Times-Italic", 9)
        c.drawString(25 * mm, A4[1] - 15 * mm, "The tide book of Norrvik")
        y = A4[1] - 28 * mm
        c.setFont("Times-Bold", 15)
        c.drawString(25 * mm, y, "Day %d" % n)
        y -= 10 * mm
        for _ in range(5):
            words = " ".join(rng.choice(sentences) for _ in range(4)).split()
            line = ""
            for w in words + [None]:
                if w is None or c.stringWidth(line + " " + w, "Times-Roman", 11) > 158 * mm:
                    c.setFont("Times-Roman", 11)
                    c.drawString(25 * mm, y, line.strip())
                    y -= 5 * mm
                    line = ""
                if w is not None:
                    line += " " + w
            y -= 3 * mm
        c.setFont("Times-Roman", 11)
        c.drawString(25 * mm, y, "High water at %02d:%02d, %.1f m; low water at %02d:%02d, %.1f m." %
                     (rng.randrange(24), rng.randrange(60), 2 + rng.random() * 2, rng.randrange(24),
                      rng.randrange(60), rng.random()))
        c.setFont("Times-Roman", 9)
        c.drawCentredString(A4[0] / 2, 12 * mm, str(n))
        c.showPage()
    c.save()


def typed_page(title, paragraphs, dpi=200, size=(8.27, 11.69), font=SERIF, pt=11):
    w, h = int(size[0] * dpi), int(size[1] * dpi)
    img = Image.new("L", (w, h), 255)
    d = ImageDraw.Draw(img)
    big = ImageFont.truetype(font, int(pt * 1.6 * dpi / 72))
    body = ImageFont.truetype(font, int(pt * dpi / 72))
    x, y = int(0.9 * dpi), int(0.9 * dpi)
    d.text((x, y), title, font=big, fill=0)
    y += int(pt * 3 * dpi / 72)
    for p in paragraphs:
        line = ""
        for word in p.split() + [None]:
            if word is None or d.textlength(line + " " + word, font=body) > w - 2 * x:
                d.text((x, y), line.strip(), font=body, fill=0)
                y += int(pt * 1.4 * dpi / 72)
                line = ""
            if word is not None:
                line += " " + word
        y += int(pt * 0.8 * dpi / 72)
    return img


def image_pdf(path, images, dpi, quality=70):
    tmp = io.BytesIO()
    images[0].save(tmp, "PDF", resolution=dpi, save_all=True, append_images=images[1:], quality=quality)
    Path("/tmp/img.pdf").write_bytes(tmp.getvalue())
    subprocess.run(["qpdf", "--deterministic-id", "/tmp/img.pdf", str(path)], check=True)


def noisy(img, seed, angle, sigma, blur):
    rng = np.random.default_rng(seed)
    img = img.rotate(angle, resample=Image.BICUBIC, fillcolor=250, expand=False)
    img = img.filter(ImageFilter.GaussianBlur(blur))
    a = np.asarray(img).astype(np.float32)
    h, w = a.shape
    shade = 1 - 0.12 * (np.linspace(0, 1, w)[None, :] ** 2)
    a = a * 0.92 * shade + rng.normal(0, sigma, a.shape)
    specks = rng.random(a.shape)
    a[specks < 0.0004] = 20
    return Image.fromarray(np.clip(a, 0, 255).astype(np.uint8))


def receipt(path):
    w, h = 620, 1100
    img = Image.new("L", (w, h), 247)
    d = ImageDraw.Draw(img)
    mono = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", 26)
    bold = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf", 34)
    y = 40
    for text, f in [("PIER KIOSK", bold), ("4 Pier Street, Norrvik", mono), ("", mono)]:
        d.text(((w - d.textlength(text, font=f)) / 2, y), text, font=f, fill=25)
        y += 44
    for left, right in [("2026-03-14", "16:42"), ("", ""), ("Coffee, large", "3.80"), ("Cinnamon bun x2", "5.00"),
                        ("Tide table 2026", "12.50"), ("", ""), ("TOTAL EUR", "21.30"), ("Cash", "25.00"),
                        ("Change", "3.70")]:
        d.text((40, y), left, font=mono, fill=25)
        d.text((w - 40 - d.textlength(right, font=mono), y), right, font=mono, fill=25)
        y += 42
    d.text((40, y + 40), "Thank you and fair winds!", font=mono, fill=25)
    # A photograph: the paper lies slightly turned and tilted on a dark table, in uneven light.
    W, H = 1000, 1500
    src = [(0, 0), (w, 0), (w, h), (0, h)]
    dst = [(150, 120), (830, 165), (870, 1380), (110, 1350)]
    A = []
    for (x, yv), (u, v) in zip(src, dst):
        A.append([u, v, 1, 0, 0, 0, -x * u, -x * v])
        A.append([0, 0, 0, u, v, 1, -yv * u, -yv * v])
    co = np.linalg.solve(np.array(A, float), np.array([c for p in src for c in p], float))
    photo = img.transform((W, H), Image.PERSPECTIVE, co, Image.BICUBIC, fillcolor=60)
    a = np.asarray(photo).astype(np.float32)
    gx, gy = np.meshgrid(np.linspace(0, 1, W), np.linspace(0, 1, H))
    a *= 0.72 + 0.28 * np.exp(-((gx - 0.35) ** 2 + (gy - 0.3) ** 2) / 0.4)
    a += np.random.default_rng(7).normal(0, 4, a.shape)
    tint = np.stack([a * 1.0, a * 0.97, a * 0.9], -1)
    Image.fromarray(np.clip(tint, 0, 255).astype(np.uint8)).save(path, "JPEG", quality=82)


TEETH = ["int teeth(const int *days, int n)", "{", "    int sum = 0;", "    for (int i = 0; i < n; i++) {", "        if (days[i] > 0)",
         "            sum += 2 * days[i];", "    }", "    return sum;", "}"]


def formula(d, middle, y, size):
    """v = (a + b) / (2 c), its numerator and denominator on baselines of their own."""
    f = ImageFont.truetype(SERIF.replace("Serif", "Serif-Italic"), size)
    upper, lower, left = "a + b", "2c", "v = "
    wide, x = d.textlength(upper, font=f), middle
    d.text((x - d.textlength(left, font=f), y), left, font=f, fill=0)
    d.text((x + 6, y - 0.75 * size), upper, font=f, fill=0)
    d.line((x, y + 0.62 * size, x + wide + 12, y + 0.62 * size), fill=0, width=3)
    d.text((x + 6 + (wide - d.textlength(lower, font=f)) / 2, y + 0.7 * size), lower, font=f, fill=0)


def program_page(dpi=200):
    """A page of print with a program in typewriter letters and a formula with its number."""
    w, h = int(8.27 * dpi), int(7.6 * dpi)
    img = Image.new("L", (w, h), 255)
    d = ImageDraw.Draw(img)
    size, left, y = int(11 * dpi / 72), int(1.0 * dpi), int(0.8 * dpi)
    serif = ImageFont.truetype(SERIF, size)
    mono = ImageFont.truetype(DEJAVU.replace("Sans", "SansMono"), int(9.5 * dpi / 72))
    right = w - left

    def prose(text, y):
        words = text.split()
        while words:
            n = len(words)
            while d.textlength(" ".join(words[:n]), font=serif) > right - left:
                n -= 1
            d.text((left, y), " ".join(words[:n]), font=serif, fill=0)
            words, y = words[n:], y + 1.4 * size
        return y + 0.6 * size

    y = prose(TIDE[2], y)
    for line in TEETH:
        d.text((left + 2 * size, y), line, font=mono, fill=0)
        y += 1.2 * size
    y = prose(TIDE[3], y + 0.6 * size) + 0.6 * size
    formula(d, w / 2, y, size)
    d.text((right - d.textlength("(1)", font=serif), y), "(1)", font=serif, fill=0)
    prose(TIDE[5], y + 2.6 * size)
    return img


def main(out):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    article(out / "article.pdf")
    invoice(out / "invoice.pdf")
    form(out / "form.pdf")
    rotated(out / "rotated.pdf")
    book(out / "book-200.pdf")
    page1 = typed_page("The keeper's report", TIDE[:4])
    page2 = typed_page("Second sheet", TIDE[4:])
    image_pdf(out / "scan-clean.pdf", [page1.quantize(16).convert("L")], 200, 60)
    image_pdf(out / "scan-noisy.pdf", [noisy(page1, 3, 1.3, 11, 0.8)], 200, 45)
    receipt(out / "receipt.jpg")
    tiff = [p.convert("1", dither=Image.NONE) for p in (page1, page2)]
    tiff[0].save(out / "two-sheets.tiff", save_all=True, append_images=tiff[1:], compression="group4", dpi=(200, 200))
    page2.convert("1", dither=Image.NONE).save(out / "sheet.png", dpi=(200, 200))
    program_page().convert("1", dither=Image.NONE).save(out / "program.png", dpi=(200, 200))
    page2.resize((1100, 1555), Image.LANCZOS).save(out / "sheet.webp", quality=60)
    note = typed_page("Note", ["Boat 17 is to be hauled out on Monday."], 120, (5, 3), DEJAVU, 12)
    note.quantize(8).save(out / "note.gif")
    note.convert("1", dither=Image.NONE).save(out / "note.bmp", dpi=(120, 120))
    small = typed_page("Turned by its camera", TIDE[:1], 150, (6, 4))
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned clockwise to be seen upright
    small.rotate(90, expand=True).save(out / "turned.jpg", quality=60, exif=exif, dpi=(150, 150))
    small.convert("RGB").convert("CMYK").save(out / "cmyk.jpg", quality=60, dpi=(150, 150))
    image_pdf(Path("/tmp/scan1.pdf"), [page2.convert("1", dither=Image.NONE).convert("L")], 200, 40)
    subprocess.run(["qpdf", "--deterministic-id", "--empty", "--pages", str(out / "invoice.pdf"), "1", "/tmp/scan1.pdf", "1",
                    "--", str(out / "mixed.pdf")], check=True)
    subprocess.run(["qpdf", "--static-id", "--static-aes-iv", "--encrypt", "", "owner", "256", "--", str(out / "invoice.pdf"),
                    str(out / "encrypted-open.pdf")], check=True)
    subprocess.run(["qpdf", "--static-id", "--static-aes-iv", "--encrypt", "secret", "owner", "256", "--", str(out / "invoice.pdf"),
                    str(out / "encrypted-locked.pdf")], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
