# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages with displayed formulas in two dimensions (fractions, sums with limits, integrals, roots), for bench/kinds --displays.

Drawn by chance, set from MathML by chromium among paragraphs and headings, with numbers at the column's edge or without.
"""
import html
import random
import re
import shutil
from pathlib import Path

import kindsets
from kindtext import Speaker

LETTERS = "a b c d k m n p q r s t u v x y z α β γ δ λ μ π σ φ ω".split()


def letter(c):
    return f"<mi>{c.choice(LETTERS)}</mi>"


def number(c):
    return f"<mn>{c.choice([1, 2, 3, 4, 5, 8, 10, 12, 0.5, 100])}</mn>"


def atom(c, depth):
    kind = c.random()
    if depth <= 0 or kind < 0.35:
        return letter(c) if c.random() < 0.7 else number(c)
    if kind < 0.5:
        return f"<msup>{letter(c)}{number(c)}</msup>"
    if kind < 0.62:
        return f"<msub>{letter(c)}{letter(c)}</msub>"
    if kind < 0.8:
        return f"<mfrac><mrow>{terms(c, depth - 1, c.randint(1, 2))}</mrow><mrow>{terms(c, depth - 1, c.randint(1, 2))}</mrow></mfrac>"
    if kind < 0.87:
        return f"<msqrt>{terms(c, depth - 1, 2)}</msqrt>"
    if kind < 0.95:
        return f"<munderover><mo>∑</mo><mrow>{letter(c)}<mo>=</mo><mn>1</mn></mrow>{letter(c)}</munderover>{atom(c, depth - 1)}"
    return f"<msubsup><mo>∫</mo><mn>0</mn>{letter(c)}</msubsup>{letter(c)}<mo>(</mo>{letter(c)}<mo>)</mo><mi>d</mi>{letter(c)}"


def terms(c, depth, count):
    out = atom(c, depth)
    for _ in range(count - 1):
        out += f"<mo>{c.choice(['+', '−', '·', '+', '−'])}</mo>" + atom(c, depth)
    return out


def formula(c):
    left = c.choice([letter(c), f"{letter(c)}<mo>(</mo>{letter(c)}<mo>)</mo>", f"<msub>{letter(c)}{letter(c)}</msub>",
                     f"<mfrac><mrow><mi>d</mi>{letter(c)}</mrow><mrow><mi>d</mi>{letter(c)}</mrow></mfrac>"])
    return f'<math display="block">{left}<mo>{c.choice(["=", "=", "=", "≤", "≈"])}</mo>{terms(c, 2, c.randint(1, 3))}</math>'


def make(folder, seed, index):
    """(scan, truth blocks, style), or None without chromium."""
    if not shutil.which("chromium"):
        return None
    c = random.Random(f"math-{seed}-{index}")
    style = kindsets.draw_style(c, False)
    style.update({k: c.choice(fonts) for k, fonts in kindsets.TRUETYPE.items()})
    style.update(setter="chromium", footnotes=False, columns=1)
    speaker = Speaker(c, c.choice(["en", "de", "fr", "es"]))
    blocks, body = [], ""

    def put(kind, text, tag, level=0):
        nonlocal body
        blocks.append({"kind": kind, "level": level, "runs": kindsets.plain(text)})
        body += f"<{tag}>{html.escape(text)}</{tag}>"

    put("heading", speaker.title(), "h1", 1)
    for k in range(8):
        put("paragraph", speaker.text(c.randint(1, 4)), "p")
        math, at_edge = formula(c), f"({k + 1})" if style["formula_numbers"] else ""
        blocks.append({"kind": "formula", "html": re.sub("<[^>]+>", " ", math), "number": at_edge, "runs": kindsets.plain("")})
        body += f'<div class="formula" style="position:relative">{math}<span style="position:absolute;right:0;top:35%">{at_edge}</span></div>'
        if c.random() < 0.25:
            put("heading", speaker.title(), "h2", 2)
    put("paragraph", speaker.text(3), "p")
    path = Path(folder, f"{index:03}-displays.pdf")
    kindsets.set_pdf(path, f"<!doctype html><html lang=en><meta charset=utf-8><style>{kindsets.css_of(style)}</style><body>{body}", "chromium")
    scan = path.with_suffix(".tiff")
    kindsets.scan(path, scan, random.Random(f"{seed}-{index}-scan"))
    path.unlink()
    return scan, blocks, style
