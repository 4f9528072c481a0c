# SPDX-License-Identifier: AGPL-3.0-or-later
"""Documents with known kinds of blocks, for bench/kinds: the truth first, then set in a style drawn by chance.

A document is a list of blocks {"kind", "runs": [[text, marks, address]], "level", "marker", "lines"}; marks are letters of "bic" (bold,
italics, code). It becomes HTML with CSS and is set by whichever of weasyprint, chromium, soffice its style names.
"""
import base64
import html
import io
import random
import shutil
import subprocess
from pathlib import Path

from kindtext import CODE, FORMULAS, INLINE_CODE, Speaker

SERIF = ["Nimbus Roman", "C059", "P052", "DejaVu Serif", "URW Bookman"]
SANS = ["Nimbus Sans", "DejaVu Sans", "URW Gothic", "FreeSans"]
# Chromium sets fonts of PostScript outlines as drawings without a name.
TRUETYPE = {"body": ["DejaVu Serif", "FreeSerif", "DejaVu Sans", "FreeSans"], "head": ["DejaVu Sans", "FreeSans", "FreeSerif"],
            "mono": ["DejaVu Sans Mono", "FreeMono"]}
MONO = ["Nimbus Mono PS", "DejaVu Sans Mono", "FreeMono"]
BULLETS = ["•", "–", "◦", "▪", "■", "*", "➢", "✓", "·", "‣"]
QUOTES = ["both", "both-italic", "bar", "bar-italic", "both-small", "bar-grey"]
SETTERS = ["weasyprint", "weasyprint", "chromium", "chromium", "soffice"]


# --- truth ---

def rich(c, speaker, sentences):
    """Sentences with bold, italic and code words and links here and there."""
    runs = []
    for _ in range(sentences):
        words = speaker.sentence().split(" ")
        kind = c.random()
        if kind < 0.4 and len(words) > 5:
            at = c.randint(1, len(words) - 3)
            end = at + c.randint(1, 2)
            inside = " ".join(words[at:end]).rstrip(",")
            comma = "," if words[end - 1].endswith(",") else ""
            marks, address = c.choice([("b", ""), ("i", ""), ("bi", ""), ("b", ""), ("i", ""), ("", "https://example.org/a_(b)?x=1&y=%d" % c.randint(1, 99))])
            runs += [[" ".join(words[:at]) + " ", "", ""], [inside, marks, address], [comma + " " + " ".join(words[end:]) + " ", "", ""]]
        elif kind < 0.52:
            runs += [[" ".join(words[:3]) + " ", "", ""], [c.choice(INLINE_CODE), "c", ""], [" " + " ".join(words[3:]) + " ", "", ""]]
        else:
            runs.append([" ".join(words) + " ", "", ""])
    runs[-1][0] = runs[-1][0].rstrip()
    return runs


def plain(text):
    return [[text, "", ""]]


def number_of(counts, style):
    return ".".join(map(str, counts)) + ("." if style["number_dot"] else "")


def make_list(c, speaker, style, depth, ordered, blocks):
    scheme = style["schemes"][depth % len(style["schemes"])]
    for i in range(c.randint(2, 4)):
        marker = {"1": f"{i + 1}.", "a": f"{chr(97 + i)})", "i": f"({['i', 'ii', 'iii', 'iv'][i]})", "1)": f"{i + 1})"}[scheme] if ordered else \
            style["bullets"][depth % len(style["bullets"])]
        blocks.append({"kind": "list_item", "level": depth, "ordered": ordered, "marker": marker,
                       "runs": rich(c, speaker, 1 if c.random() < 0.7 else 2)})
        if depth < style["depth"] and i == 0:
            make_list(c, speaker, style, depth + 1, ordered if c.random() < 0.6 else not ordered, blocks)


def make_special(c, speaker, style, what, state, blocks):
    if what == "list":
        make_list(c, speaker, style, 0, c.random() < 0.5, blocks)
    elif what == "quote":
        for _ in range(c.randint(1, 2)):
            blocks.append({"kind": "quote", "runs": plain(speaker.text(c.randint(2, 4)))})
    elif what == "code":
        blocks.append({"kind": "code", "lines": c.choice(CODE), "numbered": style["listing_numbers"]})
    elif what == "formula":
        state["formula"] += 1
        blocks.append({"kind": "formula", "html": c.choice(FORMULAS), "number": f"({state['formula']})" if style["formula_numbers"] else "",
                       "runs": plain("")})
    elif what in ("figure", "table"):
        state[what] += 1
        caption = {"kind": "caption", "runs": plain(f"{speaker.words[what][state['name'] % len(speaker.words[what])]} {state[what]}{style['caption_stop']} "
                                                      f"{speaker.sentence(False)}")}
        body = {"kind": "figure"} if what == "figure" else {"kind": "table", "rows": make_table(c, speaker)}
        blocks += [caption, body] if style["caption_above"] and what == "table" else [body, caption]
    elif what == "deflist":
        for _ in range(2):
            blocks.append({"kind": "term", "runs": plain(speaker.title())})
            blocks.append({"kind": "definition", "runs": plain(speaker.text(2))})
    elif what == "box":
        blocks.append({"kind": "boxed", "runs": plain(speaker.text(2))})


def make_table(c, speaker):
    columns = c.randint(3, 4)
    rows = [[speaker.one("noun").capitalize() for _ in range(columns)]]
    for _ in range(c.randint(3, 6)):
        rows.append([speaker.one("noun")] + [f"{c.randint(1, 9999) / 10:.1f}" for _ in range(columns - 1)])
    return rows


def make_blocks(c, speaker, style):
    specials = ["list", "quote", "code", "formula", "figure", "table", "list", "deflist", "quote", "box"]
    c.shuffle(specials)
    state = {"formula": 0, "figure": 0, "table": 0, "name": c.randint(0, 1)}
    blocks = [{"kind": "heading", "level": 1, "runs": plain(speaker.title())}]
    counts = [0, 0]
    for section in range(style["sections"]):
        level = 2 if section == 0 or c.random() < 0.5 else 3
        counts = [counts[0] + 1, 0] if level == 2 else [counts[0], counts[1] + 1]
        number = number_of(counts[:level - 1], style) + " " if style["numbered"] else ""
        blocks.append({"kind": "heading", "level": level, "runs": plain(number + speaker.title())})
        for i in range(c.randint(2, 4)):
            para = {"kind": "paragraph", "runs": rich(c, speaker, c.randint(3, 6)), "first": i == 0}
            if style["footnotes"] and c.random() < 0.25:
                para["note"] = speaker.sentence(False)
            blocks.append(para)
            if specials and c.random() < 0.65:
                make_special(c, speaker, style, specials.pop(), state, blocks)
                blocks.append({"kind": "paragraph", "runs": rich(c, speaker, c.randint(2, 4)), "first": False})
    return blocks


def draw_style(c, sealed):
    serif = c.random() < 0.6
    size = c.choice([9, 9.5, 10, 10.5, 11, 12])
    heads = c.choice(["size", "size", "bold", "caps", "colour", "mixed"])
    return {
        "setter": c.choice(SETTERS), "body": c.choice(SERIF if serif else SANS), "head": c.choice(SANS if c.random() < 0.5 else SERIF),
        "mono": c.choice(MONO), "size": size, "leading": c.choice([1.15, 1.2, 1.3, 1.4, 1.5]), "columns": c.choice([1, 1, 1, 2]),
        "justify": c.random() < 0.5, "indent": c.choice([0, 0, 1.2, 2]), "heads": heads, "numbered": c.random() < 0.45,
        "number_dot": c.random() < 0.3, "ratio": c.choice([(1.8, 1.4, 1.15), (2.2, 1.6, 1.3), (1.6, 1.25, 1.1), (2, 1.5, 1.2)]),
        "bullets": c.sample(BULLETS, 3), "schemes": c.choice([["1", "a", "i"], ["1)", "a", "1"], ["a", "i", "1"], ["1", "1", "a"]]),
        "depth": c.choice([0, 1, 1, 2]), "quote": c.choice(QUOTES), "quote_indent": c.choice([2, 2.5, 3, 4] if not sealed else [1.8, 2.2, 3.5, 5]),
        "code": c.choice(["plain", "grey", "framed", "indented"]), "code_size": c.choice([0.8, 0.85, 0.9, 1.0]),
        "listing_numbers": c.random() < 0.15, "caption": c.choice(["small", "italic", "bold-label", "plain", "centred"]),
        "caption_stop": c.choice([".", ":", "."]), "caption_above": c.random() < 0.6, "formula_numbers": c.random() < 0.6,
        "footnotes": c.random() < 0.4, "drop_cap": c.random() < 0.15, "margin": c.choice([18, 22, 25, 30]),
        "running": c.random() < 0.5, "sections": c.randint(3, 5), "language": c.choice(["en", "en", "en", "de", "fr", "es"]),
        "paper": c.choice(["A4", "A4", "Letter"]), "ruled": c.random() < 0.5,
    }


# --- HTML ---

def run_html(runs):
    out = ""
    for text, marks, address in runs:
        s = html.escape(text)
        for mark, tag in (("c", "code"), ("i", "em"), ("b", "strong")):
            lead, tail = s[:len(s) - len(s.lstrip())], s[len(s.rstrip()):]
            s = f"{lead}<{tag}>{s.strip()}</{tag}>{tail}" if mark in marks else s
        out += f'<a href="{html.escape(address)}">{s}</a>' if address else s
    return out


def picture(c):
    from PIL import Image, ImageDraw
    image = Image.new("RGB", (420, 200), (c.randint(120, 200), c.randint(120, 200), c.randint(120, 200)))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, r = c.randint(0, 420), c.randint(0, 200), c.randint(5, 60)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(c.randint(0, 255) for _ in range(3)))
    data = io.BytesIO()
    image.save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def lists_html(items):
    """Consecutive items as nested lists; the markers are set as text where CSS cannot count so."""
    out, stack = "", []
    for item in items:
        while len(stack) > item["level"] + 1:
            out += f"</li></{stack.pop()}>"
        if len(stack) == item["level"] + 1 and (stack[-1] == "ol") != item["ordered"]:
            out += f"</li></{stack.pop()}>"
        elif len(stack) == item["level"] + 1:
            out += "</li>"
        if len(stack) < item["level"] + 1:
            tag = "ol" if item["ordered"] else "ul"
            marker = item["marker"]
            kind = "lower-alpha" if marker == "a)" else "lower-roman" if "i" in marker else "decimal"
            form = "paren" if marker == "1)" or marker == "a)" else "both" if marker == "(i)" else "dot"
            css = f'list-style-type:{kind}' if form == "dot" else f"list-style-type:{form}-{kind}"
            out += f'<{tag} style="{css}">' if item["ordered"] else f"<{tag} style=\"list-style-type:'{marker} '\">"
            stack.append(tag)
        out += "<li>" + run_html(item["runs"])
    while stack:
        out += f"</li></{stack.pop()}>"
    return out


def block_html(c, block, style):
    kind = block["kind"]
    if kind == "heading":
        return f"<h{block['level']}>{run_html(block['runs'])}</h{block['level']}>"
    if kind == "code":
        lines = [(f"{i + 1:2} " if block["numbered"] else "") + html.escape(x) for i, x in enumerate(block["lines"])]
        return "<pre>" + "\n".join(lines) + "</pre>"
    if kind == "formula":
        return f'<p class="formula"><span class="no">{block["number"]}</span>{block["html"]}</p>'
    if kind == "figure":
        return f'<p class="figure"><img src="{picture(c)}" width="300"></p>'
    if kind == "table":
        rows = block["rows"]
        cells = ["<tr>" + "".join(f"<{t}>{html.escape(x)}</{t}>" for x in row) + "</tr>" for row, t in zip(rows, ["th"] + ["td"] * len(rows))]
        return "<table>" + "".join(cells) + "</table>"
    if kind == "caption":
        text = run_html(block["runs"])
        if style["caption"] == "bold-label":
            label, number, rest = text.split(" ", 2)
            text = f"<b>{label} {number}</b> {rest}"
        return f'<p class="caption">{text}</p>'
    tag = {"quote": "blockquote", "term": "dt", "definition": "dd", "boxed": "aside"}.get(kind, "p")
    classes = [x for x in ("first",) if block.get("first")]
    note = f'<span class="fn">{html.escape(block["note"])}</span>' if "note" in block else ""
    return f'<{tag} class="{" ".join(classes)}">{run_html(block["runs"])}{note}</{tag}>'


def body_html(c, blocks, style):
    out, i = "", 0
    while i < len(blocks):
        end = i
        while end < len(blocks) and blocks[end]["kind"] == "list_item":
            end += 1
        out += lists_html(blocks[i:end]) if end > i else block_html(c, blocks[i], style)
        i = max(end, i + 1)
    return out


def css_of(style):
    s, size = style, style["size"]
    r = s["ratio"] if s["heads"] not in ("bold", "caps") else (s["ratio"][0], 1.0, 1.0)
    h2, h3 = {"size": ("", ""), "bold": ("font-weight:bold", "font-weight:bold;font-style:italic"), "caps": ("text-transform:uppercase", "font-weight:bold"),
              "colour": ("color:#14508c", "color:#14508c"), "mixed": ("font-weight:bold", "font-weight:normal;font-style:italic")}[s["heads"]]
    quote = f"margin-left:{s['quote_indent']}em;margin-right:{s['quote_indent']}em;" if "both" in s["quote"] else \
        f"margin-left:1em;margin-right:0;padding-left:0.8em;border-left:3px solid {'#bbb' if 'grey' in s['quote'] else '#333'};"
    quote += ("font-style:italic;" if "italic" in s["quote"] else "") + ("font-size:0.9em;" if "small" in s["quote"] else "") + \
        ("color:#666;" if "grey" in s["quote"] else "")
    code = {"plain": "", "grey": "background:#eee;padding:6px;", "framed": "border:0.6pt solid #444;padding:6px;", "indented": "margin-left:2em;"}[s["code"]]
    caption = {"small": "font-size:0.85em", "italic": "font-style:italic;font-size:0.95em", "bold-label": "font-size:0.9em", "plain": "",
               "centred": "text-align:center;font-size:0.9em"}[s["caption"]]
    cell = "border:0.5pt solid #000;" if s["ruled"] else ""
    page = f"size:{s['paper']};margin:{s['margin']}mm;"
    if s["running"]:
        page += "@top-left{content:'Annual survey of methods';font-size:8pt}@bottom-center{content:counter(page);font-size:8pt}"
    return f"""@page{{{page}@footnote{{border-top:0.5pt solid #000;padding-top:3pt}}}}
@counter-style paren-decimal{{system:extends decimal;suffix:') '}} @counter-style paren-lower-alpha{{system:extends lower-alpha;suffix:') '}}
@counter-style both-lower-roman{{system:extends lower-roman;prefix:'(';suffix:') '}} @counter-style both-decimal{{system:extends decimal;prefix:'(';suffix:') '}}
body{{font:{size}pt/{s['leading']} '{s['body']}';{'text-align:justify;hyphens:auto;' if s['justify'] else ''}{f'columns:2;column-gap:7mm;' if s['columns'] == 2 else ''}}}
p{{margin:{0 if s['indent'] else 0.7}em 0;text-indent:{s['indent']}em}} p.first,.caption,.formula,.figure{{text-indent:0}}
h1,h2,h3{{font-family:'{s['head']}';text-align:left;hyphens:manual;{'' if s['setter'] == 'soffice' else 'break-after:avoid;'}margin:1.1em 0 0.5em;line-height:1.2}}
h1{{font-size:{r[0]}em;font-weight:{'normal' if s['heads'] == 'mixed' else 'bold'}}} h2{{font-size:{r[1]}em;{h2}}} h3{{font-size:{r[2]}em;{h3}}}
blockquote{{margin-top:0.8em;margin-bottom:0.8em;{quote}}} pre{{font:{s['code_size']}em/1.25 '{s['mono']}';text-align:left;margin:0.8em 0;white-space:pre-wrap;{code}}}
code{{font:0.95em '{s['mono']}'}} .caption{{{caption};margin:0.4em 0 1em}} .formula{{text-align:center;margin:0.8em 0}} .no{{float:right}}
table{{border-collapse:collapse;margin:0.8em 0}} td,th{{{cell}padding:2pt 9pt;text-align:left}} .figure{{margin:0.8em 0;{'text-align:center' if s['caption'] == 'centred' else ''}}}
.fn{{float:footnote;font-size:0.8em}} dt{{font-weight:bold}} dd{{margin:0 0 0.6em 2em}} aside{{border:0.6pt solid #555;padding:6pt;margin:0.8em 0}} li{{margin:0.15em 0}}
a{{color:#0645ad}} img{{max-width:100%}} {'p.first::first-letter{font-size:3em;float:left;line-height:0.8;padding-right:3pt}' if s['drop_cap'] else ''}"""


# --- documents ---

def set_pdf(path, source, setter):
    page = path.with_suffix(".html")
    page.write_text(source)
    if setter == "weasyprint":
        subprocess.run(["weasyprint", page, path], check=True, stderr=subprocess.DEVNULL)
    elif setter == "chromium":
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--print-to-pdf-no-header",
                        f"--user-data-dir={path.parent}/chromium", f"--print-to-pdf={path}", page.as_uri()], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    else:
        subprocess.run(["soffice", f"-env:UserInstallation=file://{path.parent}/soffice", "--headless", "--convert-to", "pdf:writer_web_pdf_Export", "--outdir",
                        path.parent, page], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def scan(pdf, path, chance):
    """The pages as a scanner would give them: 200 dpi grey, a little noise."""
    import numpy
    from PIL import Image, ImageFilter
    stem = path.with_suffix("")
    subprocess.run(["pdftoppm", "-r", "200", "-gray", pdf, stem], check=True)
    pages = []
    for one in sorted(path.parent.glob(stem.name + "-*.pgm")):
        image = Image.open(one).filter(ImageFilter.GaussianBlur(0.5))
        noise = numpy.random.default_rng(chance.randint(0, 1 << 30)).normal(0, 9, (image.height, image.width))
        pages.append(Image.fromarray(numpy.clip(numpy.asarray(image, float) + noise, 0, 255).astype("uint8")))
        one.unlink()
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=200)


def make(folder, seed, index, sealed):
    """(PDF, truth blocks, style), or None where the setter of the style is not installed."""
    chance = random.Random(f"{seed}-{index}")
    style = draw_style(chance, sealed)
    if not shutil.which(style["setter"]):
        return None
    if style["setter"] != "weasyprint":
        style.update(footnotes=False)
    if style["setter"] == "chromium":
        style.update({k: chance.choice(fonts) for k, fonts in TRUETYPE.items()})
    if style["setter"] == "soffice":  # knows little of CSS
        style.update(columns=1, drop_cap=False, listing_numbers=False, bullets=["•", "◦", "▪"], schemes=["1", "1", "1"],
                     quote="both-italic" if "italic" in style["quote"] else "both")
    speaker = Speaker(chance, style["language"])
    blocks = make_blocks(chance, speaker, style)
    if style["setter"] == "soffice":
        blocks = [b for b in blocks if b["kind"] != "boxed"]
    path = Path(folder, f"{index:03}-{style['setter']}.pdf")
    source = f"<!doctype html><html lang={style['language']}><meta charset=utf-8><style>{css_of(style)}</style><body>{body_html(chance, blocks, style)}"
    set_pdf(path, source, style["setter"])
    return path, blocks, style
