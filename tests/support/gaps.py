# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scanned pages with a piece that cannot be read, or hardly: what tests/api/test_ledger.py tries.

Each page has lines that anybody can read and, at a known place, something else. Made from text written for this project. Needs python3-pil and
fonts-dejavu-core.
"""
import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
DPI, WIDTH, HEIGHT = 150, 1240, 1000
LINES = [
    "The ferry to Askholm leaves at seven and at noon, except when",
    "the wind stands in the north; then the keeper of the lock has",
    "to be asked. Bicycles travel free of charge, goats for half.",
    "Whoever has lost an umbrella may describe it at the counter.",
]
PIECE = "Umbrellas are kept for 30 days"


def font(size):
    return ImageFont.truetype(FONT, size)


def sheet(level=246):
    page = Image.new("L", (WIDTH, HEIGHT), level)
    draw = ImageDraw.Draw(page)
    for i, line in enumerate(LINES):
        draw.text((150, 130 + 48 * i), line, font=font(26), fill=25)
    return page, draw


def written(text, size, fill, ground):
    """The text on a ground of its own, cut close."""
    x0, y0, x1, y1 = font(size).getbbox(text)
    cut = Image.new("L", (x1 - x0 + 40, y1 - y0 + 40), ground)
    ImageDraw.Draw(cut).text((20 - x0, 20 - y0), text, font=font(size), fill=fill)
    return cut


def put(page, cut, x, y):
    """Returns the box of what was written, without its rim, in points."""
    page.paste(cut, (x, y))
    return tuple(v * 72 / DPI for v in (x + 20, y + 20, x + cut.width - 20, y + cut.height - 20))


def noisy(page, sigma, seed):
    rng = random.Random(seed)
    page.putdata([max(0, min(255, round(v + rng.gauss(0, sigma)))) for v in page.getdata()])


def blurred():
    page, _ = sheet()
    return page, put(page, written(PIECE, 26, 20, 246).filter(ImageFilter.GaussianBlur(5)), 150, 600)


def faint():
    page, _ = sheet(215)
    box = put(page, written(PIECE, 24, 178, 215), 150, 600)
    page = page.filter(ImageFilter.GaussianBlur(0.8))
    noisy(page, 9, "faint")
    return page, box


def tiny():
    page, _ = sheet()
    return page, put(page, written(PIECE, 8, 40, 246), 150, 600)


def upright():
    """In the margin, blurred as well."""
    page, _ = sheet()
    return page, put(page, written(PIECE, 26, 20, 246).filter(ImageFilter.GaussianBlur(4)).rotate(90, expand=True), 40, 300)


def over_picture():
    """On a darkening ground with blots, as on a photograph."""
    page, _ = sheet()
    rng = random.Random("sky")
    picture = Image.new("L", (900, 300))
    picture.putdata([120 + 70 * y // 300 + rng.randint(-4, 4) for y in range(300) for _ in range(900)])
    draw = ImageDraw.Draw(picture)
    for _ in range(25):
        x, y, r = rng.randint(0, 900), rng.choice((rng.randint(0, 80), rng.randint(220, 300))), rng.randint(10, 40)
        draw.ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=rng.randint(90, 210))
    draw.text((160, 130), PIECE, font=font(30), fill=60)
    page.paste(picture.filter(ImageFilter.GaussianBlur(1)), (150, 500))
    return page, tuple(v * 72 / DPI for v in (310, 630, 310 + 470, 665))


def scribbled():
    """A hand that nobody can read: loops of one stroke, word by word."""
    page, draw = sheet()
    rng = random.Random("hand")
    x, y = 150, 640
    for _ in range(6):
        points, lean = [], rng.uniform(0.2, 0.5)
        for k in range(rng.randint(120, 220)):
            turn = k * 0.35
            high = 14 + 8 * math.sin(k * 0.11)
            points.append((x + 0.75 * k + 7 * math.sin(turn) + lean * high * math.cos(turn), y - high * math.cos(turn) * (0.6 + 0.4 * math.sin(k * 0.07))))
        draw.line(points, fill=40, width=3, joint="curve")
        x = int(points[-1][0]) + 30
        if x > 900:
            break
    return page, tuple(v * 72 / DPI for v in (150, 620, x, 665))


def sealed(angle=12):
    """A seal: two rings, letters between them, a word within, set down a little askew."""
    page, _ = sheet()
    seal = Image.new("L", (300, 300), 246)
    draw = ImageDraw.Draw(seal)
    draw.ellipse((6, 6, 294, 294), outline=70, width=4)
    draw.ellipse((60, 60, 240, 240), outline=70, width=3)
    draw.text((95, 125), "PAID", font=font(40), fill=70)
    for i, letter in enumerate("HARBOUR OFFICE OF ASKHOLM * "):
        a = 2 * math.pi * i / 28
        cut = Image.new("L", (40, 40), 246)
        ImageDraw.Draw(cut).text((10, 5), letter, font=font(24), fill=70)
        at = (round(130 + 118 * math.sin(a)), round(130 - 118 * math.cos(a)))
        under = seal.crop((*at, at[0] + 40, at[1] + 40))
        seal.paste(ImageChops.darker(under, cut.rotate(-math.degrees(a), fillcolor=246)), at)
    page.paste(seal.rotate(angle, fillcolor=246), (700, 500))
    return page, tuple(v * 72 / DPI for v in (706, 506, 994, 794))


def clean():
    """Nothing is missing: text, a ruled table, a dashed line, a logo of solid shapes, a soft shadow."""
    page, draw = sheet()
    for i in range(4):
        draw.line((150, 450 + 60 * i, 1050, 450 + 60 * i), fill=30, width=2)
        draw.line((150 + 300 * i, 450, 150 + 300 * i, 630), fill=30, width=2)
    for r in range(3):
        for c in range(3):
            draw.text((170 + 300 * c, 462 + 60 * r), f"Row {r + 1} of {c + 4}", font=font(24), fill=25)
    for x in range(150, 1050, 30):
        draw.line((x, 700, x + 16, 700), fill=30, width=3)
    draw.ellipse((150, 760, 300, 910), fill=60)
    draw.polygon([(340, 910), (420, 760), (500, 910)], fill=90)
    for x in range(200):
        draw.line((WIDTH - 1 - x // 8, 0, WIDTH - 1 - x // 8, HEIGHT), fill=120 + x // 2)
    return page, None


GAPS = (blurred, faint, tiny, upright, over_picture, scribbled)


def save(folder, make):
    page, box = make()
    path = folder / f"{make.__name__}.png"
    page.save(path, dpi=(DPI, DPI))
    return path, box
