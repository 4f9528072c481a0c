# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a reading says of blocks beside the truth of bench/kinds: kinds, levels, lists, code, emphasis, links.

Words of both are aligned in order; a block of the truth is found if four fifths of its words are in blocks of its kind that hold little else.
"""
import difflib
import html
import re
import urllib.parse
from collections import Counter, defaultdict

KINDS = ["heading", "paragraph", "list_item", "quote", "code", "caption", "formula", "footnote", "table"]
SAME = {"term": {"paragraph", "heading"}, "definition": {"paragraph"}, "boxed": {"paragraph", "quote"}}
TOKEN = re.compile(r"\w+")


def tokens(text):
    return TOKEN.findall(text.lower().replace("ﬁ", "fi").replace("ﬂ", "fl"))


def bare_html(text):
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def truth_text(block):
    kind = block["kind"]
    if kind == "code":
        return " ".join(block["lines"])
    if kind == "formula":
        return bare_html(block["html"])
    if kind == "table":
        return " ".join(" ".join(row) for row in block["rows"])
    return "".join(r[0] for r in block.get("runs", []))


def flatten(blocks):
    words = []
    for i, block in enumerate(blocks):
        words += [(w, i) for w in tokens(truth_text(block))]
    return words


def with_notes(blocks):
    """The truth's notes stand behind the paragraph that they belong to; where they are found does not matter."""
    out = []
    for i, block in enumerate(blocks):
        if block["kind"] == "caption":
            around = [b["kind"] for b in blocks[max(i - 1, 0):i + 2]]
            block = {**block, "of": "figure" if i > 0 and around[0] == "figure" else "table"}
        if block["kind"] != "figure":
            out.append(block)
        if "note" in block:
            out.append({"kind": "footnote", "runs": [[block["note"], "", ""]]})
    return out


def read_blocks(pages):
    """The reading's blocks in order, over all pages, without running heads."""
    out = []
    for number, page in enumerate(pages):
        of = {b["caption"]: b["kind"] for b in page["blocks"] if "caption" in b}
        for index, block in enumerate(page["blocks"]):
            kind = block["kind"]
            if kind in ("header", "footer", "figure"):
                continue
            text = block.get("text", "")
            if block.get("table") is not None:
                table = page["tables"][block["table"]]
                text = " ".join(c["text"] for c in page["cells"][table["first_cell"]:table["first_cell"] + table["cell_count"]])
            marker = block.get("marker", "")
            if marker and kind == "list_item" and text.startswith(marker):
                text = text[len(marker):]
            text = re.sub(r"(\w)-\n(\w)", r"\1\2", text)
            out.append({"kind": kind, "text": text, "level": block.get("level", 0), "marker": marker, "page": number,
                        "of": of.get(index)})
    return out


def pair(truth, got):
    """For each of the truth's blocks, how many of its words are in which of the reading's."""
    a = flatten(truth)
    b = [(w, i) for i, block in enumerate(got) for w in tokens(block["text"])]
    shares = defaultdict(Counter)
    left_a, left_b = [], []
    matcher = difflib.SequenceMatcher(None, [w for w, _ in a], [w for w, _ in b], autojunk=False)
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if tag == "equal":
            for (_, i), (_, k) in zip(a[a0:a1], b[b0:b1]):
                shares[i][k] += 1
        else:
            left_a += a[a0:a1]
            left_b += b[b0:b1]
    # What stands elsewhere (notes at the foot): again, among the rest.
    missed = Counter(i for _, i in left_a)
    matcher = difflib.SequenceMatcher(None, [w for w, _ in left_a], [w for w, _ in left_b], autojunk=False)
    for a0, b0, n in matcher.get_matching_blocks():
        if n >= 4:
            for (_, i), (_, k) in zip(left_a[a0:a0 + n], left_b[b0:b0 + n]):
                shares[i][k] += 1
                missed[i] -= 1
    return shares, len(a), sum(missed.values())


def score_kinds(truth, got, tally, faults):
    shares, total, missed = pair(truth, got)
    held = defaultdict(Counter)
    for i, counts in shares.items():
        for k, n in counts.items():
            held[k][i] += n
    tally["words"][0] += total - missed
    tally["words"][1] += total
    for i, block in enumerate(truth):
        size = len(tokens(truth_text(block)))
        if size == 0:
            continue
        wanted = SAME.get(block["kind"], {block["kind"]})
        right = sum(n for k, n in shares[i].items() if got[k]["kind"] in wanted)
        best = shares[i].most_common(1)[0][0] if shares[i] else None
        alone = best is not None and sum(n for j, n in held[best].items() if j != i and truth[j]["kind"] != block["kind"]) <= 0.25 * size
        # Paragraphs of one quote may be one block; items, headings and paragraphs may not.
        merged = best is not None and block["kind"] in ("paragraph", "list_item", "heading", "caption") and \
            any(n > 2 for j, n in held[best].items() if j != i)
        found = right >= 0.8 * size and alone and not merged
        tally["found " + block["kind"]][0] += found
        tally["found " + block["kind"]][1] += 1
        if not found:
            seen = "missing" if best is None else got[best]["kind"] + ("+" if merged or not alone else "")
            faults.append(f"{block['kind']} -> {seen}: {truth_text(block)[:70]!r}")
            continue
        if block["kind"] == "list_item":
            tally["list depth"][0] += got[best]["level"] == block["level"]
            tally["list depth"][1] += 1
            tally["list marker"][0] += got[best]["marker"] == block["marker"] if block["ordered"] else got[best]["marker"] != ""
            tally["list marker"][1] += 1
            if got[best]["level"] != block["level"]:
                faults.append(f"depth {block['level']} -> {got[best]['level']}: {truth_text(block)[:70]!r}")
            elif block["ordered"] and got[best]["marker"] != block["marker"]:
                faults.append(f"marker {block['marker']} -> {got[best]['marker']}: {truth_text(block)[:70]!r}")
        if block["kind"] == "caption":
            name = f"captions tied, {block['of']}s"
            tally[name][0] += got[best]["of"] == block["of"]
            tally[name][1] += 1
            if got[best]["of"] != block["of"]:
                faults.append(f"caption of {block['of']} -> {got[best]['of']}: {truth_text(block)[:70]!r}")
        if block["kind"] == "heading":
            tally["heading level"][0] += got[best]["level"] == block["level"]
            tally["heading level"][1] += 1
            if got[best]["level"] != block["level"]:
                faults.append(f"level {block['level']} -> {got[best]['level']}: {truth_text(block)[:70]!r}")
    for k, block in enumerate(got):
        if not held[k] or block["kind"] == "paragraph":
            continue
        owner = truth[held[k].most_common(1)[0][0]]
        good = block["kind"] in SAME.get(owner["kind"], {owner["kind"]})
        tally["right " + block["kind"]][0] += good
        tally["right " + block["kind"]][1] += 1
        if not good:
            faults.append(f"{block['kind']} is {owner['kind']}: {block['text'][:70]!r}")


def around(truth, shares, i, step, none):
    """The reading's block that the nearest of the truth's blocks before (after) the i-th ends (begins) with."""
    k = i + step
    while 0 <= k < len(truth):
        if truth[k]["kind"] != "footnote" and sum(shares[k].values()) > 2:
            return max(shares[k]) if step < 0 else min(shares[k])
        k += step
    return none


def score_displays(truth, got, tally, faults):
    """Formulas of scans, whose words are read too badly to be looked for: what stands between their neighbours is a formula."""
    shares, _, _ = pair(truth, got)
    known = set()
    for i, block in enumerate(truth):
        if block["kind"] != "formula":
            continue
        between = range(around(truth, shares, i, -1, -1) + 1, around(truth, shares, i, 1, len(got)))
        marked = [k for k in between if got[k]["kind"] == "formula"]
        known |= set(marked)
        tally["formulas marked"][0] += marked != []
        tally["formulas marked"][1] += 1
        tally["formulas in one block"][0] += len(marked) == 1 and not any(got[k]["kind"] in ("paragraph", "list_item", "table") for k in between)
        tally["formulas in one block"][1] += 1
        if not marked:
            faults.append(f"formula not marked: {truth_text(block)[:50]!r}: {[(got[k]['kind'], got[k]['text'][:30]) for k in between]}")
    for k, block in enumerate(got):
        if block["kind"] == "formula":
            tally["marked as formulas that are"][0] += k in known
            tally["marked as formulas that are"][1] += 1
            if k not in known:
                faults.append(f"no formula: {block['text'][:70]!r}")


# --- Markdown ---

def fences(markdown):
    """Lines inside of fences, and the text without them."""
    inside, rest, fence = [], [], None
    for line in markdown.split("\n"):
        mark = re.match(r"^`{3,}", line)
        if mark and fence in (None, mark.group()):
            fence = None if fence else mark.group()
        elif fence:
            inside.append(line)
        else:
            rest.append(line)
    return inside, "\n".join(rest)


def marked_words(markdown):
    """(word, marks, address) of Markdown's inline text: b, i, c as in the truth."""
    out, marks, address = [], set(), ""
    token = re.compile(r"\\(.)|(`+)(.+?)\2|\*\*|\*|\]\((\S*?)\)(?=\W|$)|\[|</?\w+>|[^\\`*\[\]<]+|.", re.S)
    links = []
    for m in token.finditer(markdown):
        s = m.group()
        if m.group(1):
            out.append((m.group(1), "".join(sorted(marks)), None))
        elif m.group(2):
            out.append((m.group(3), "c", None))
        elif s in ("**", "*"):
            marks ^= {"b" if s == "**" else "i"}
        elif s == "[":
            links.append(len(out))
        elif s.startswith("](") and links:
            at = links.pop()
            address = re.sub(r"\\(.)", r"\1", m.group(4)).strip("<>")
            out[at:] = [(t, k, address) for t, k, _ in out[at:]]
        elif not re.match(r"</?\w+>", s):
            out.append((s, "".join(sorted(marks)), None))
            if "\n\n" in s:
                marks = set()
    # Characters first, words then: a word may be made of several parts.
    words, current, kinds, where = [], "", set(), None
    for text, kind, address in out:
        for ch in html.unescape(text):
            if ch.isalnum() or ch == "_":
                current += ch.lower()
                kinds |= set(kind)
                where = address or where
            elif current:
                words.append((current, "".join(sorted(kinds)), where))
                current, kinds, where = "", set(), None
    if current:
        words.append((current, "".join(sorted(kinds)), where))
    return words


def score_marks(truth, markdown, tally):
    inside, rest = fences(markdown)
    for block in truth:
        if block["kind"] == "code":
            have = Counter(x.rstrip() for x in inside)
            for i, line in enumerate(block["lines"]):
                line = f"{i + 1:2} {line}".rstrip() if block["numbered"] else line
                if line.strip():
                    tally["code lines"][0] += have[line] > 0
                    tally["code lines"][1] += 1
    wanted = []
    for block in truth:
        for text, marks, address in block.get("runs", []):
            kind = block["kind"] if block["kind"] in ("paragraph", "list_item") else None
            wanted += [(w, "".join(sorted(marks)), address or None, kind) for w in tokens(text)]
    got = marked_words(rest)
    matcher = difflib.SequenceMatcher(None, [w[0] for w in wanted], [w[0] for w in got], autojunk=False)
    for a0, b0, n in matcher.get_matching_blocks():
        for (_, marks, address, kind), (_, seen, where) in zip(wanted[a0:a0 + n], got[b0:b0 + n]):
            if kind is None:
                continue
            for mark, name in (("b", "bold"), ("i", "italic"), ("c", "inline code")):
                tally[f"{name} found"][0] += mark in marks and mark in seen
                tally[f"{name} found"][1] += mark in marks
                tally[f"{name} right"][0] += mark in marks and mark in seen
                tally[f"{name} right"][1] += mark in seen
            tally["links found"][0] += address is not None and urllib.parse.unquote(where or "") == address
            tally["links found"][1] += address is not None
