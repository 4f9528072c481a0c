# SPDX-License-Identifier: AGPL-3.0-or-later
"""PDF files whose text layer is not what one sees: what tests/api/test_text_layers.py tries.

Each is made from text written for this project. Fonts are embedded without the names of their glyphs, so that nothing but the text itself tells
what is wrong, except where a name is to tell. Needs python3-pil and fonts-dejavu-core.
"""
import random
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
LINES = [
    "The harbour of Norrvik keeps two clocks. One shows the hour,",
    "the other the height of the water, and the fishermen trust",
    "the second one more. It was built in 1884 by a watchmaker",
    "who had never been to sea, and who learned the tides from",
    "a drawer full of letters. Each letter came from a different",
    "lighthouse. The keepers wrote down what they saw: the first",
    "wet stone, the last dry one, the direction of the weed on",
    "the piles. Together the letters made a table of 412 rows,",
    "and from the table the watchmaker cut his wheels.",
]
OTHER = [
    "Visitors ask why nobody has replaced the mechanism by a screen.",
    "The answer hangs beside the door: a drawing of the gear, signed",
    "by every keeper who has oiled it since, forty-one names in all.",
    "On still evenings one can hear the escapement from the end of",
    "the pier, a dry, slow knock like somebody setting down a cup.",
]


class Font:
    """As much of a TrueType file as is needed to show text with it, or its outlines."""

    def __init__(self, path=DEJAVU):
        self.data = bytearray(path.read_bytes())
        count = struct.unpack(">H", self.data[4:6])[0]
        self.tables = {}
        for i in range(count):
            tag, _, offset, length = struct.unpack(">4sLLL", self.data[12 + 16 * i : 28 + 16 * i])
            self.tables[tag.decode()] = (offset, length)
        self.data[self.tables["post"][0] : self.tables["post"][0] + 4] = b"\0\3\0\0"  # no names of glyphs
        self.units = self.u16("head", 18)
        self.metrics = self.u16("hhea", 34)
        self.long = self.u16("head", 50)
        self.cmap = self.read_cmap()

    def u16(self, table, at):
        at += self.tables[table][0]
        return struct.unpack(">H", self.data[at : at + 2])[0]

    def s16(self, at):
        return struct.unpack(">h", self.data[at : at + 2])[0]

    def read_cmap(self):
        base = self.tables["cmap"][0]
        found = {}
        for i in range(self.u16("cmap", 2)):
            offset = struct.unpack(">L", self.data[base + 8 + 8 * i : base + 12 + 8 * i])[0]
            at = base + offset
            if struct.unpack(">H", self.data[at : at + 2])[0] != 4:
                continue
            segments = struct.unpack(">H", self.data[at + 6 : at + 8])[0] // 2
            u = lambda p: struct.unpack(">H", self.data[p : p + 2])[0]
            for k in range(segments):
                end, start = u(at + 14 + 2 * k), u(at + 16 + 2 * segments + 2 * k)
                delta, where = u(at + 16 + 4 * segments + 2 * k), at + 16 + 6 * segments + 2 * k
                for code in range(start, min(end, 0x24F) + 1):
                    glyph = (code + delta) % 65536 if u(where) == 0 else u(where + u(where) + 2 * (code - start))
                    found[code] = glyph
        return found

    def advance(self, glyph):
        return self.u16("hmtx", 4 * min(glyph, self.metrics - 1)) / self.units

    def outline(self, glyph):
        """Contours as lists of (x, y, on curve), in em; compound glyphs give nothing."""
        loca, glyf = self.tables["loca"][0], self.tables["glyf"][0]
        size = 4 if self.long else 2
        a, b = (struct.unpack(">L" if self.long else ">H", self.data[loca + size * g : loca + size * (g + 1)])[0] for g in (glyph, glyph + 1))
        if not self.long:
            a, b = 2 * a, 2 * b
        at = glyf + a
        contours = self.s16(at)
        if a == b or contours <= 0:
            return []
        ends = [struct.unpack(">H", self.data[at + 10 + 2 * i : at + 12 + 2 * i])[0] for i in range(contours)]
        at += 10 + 2 * contours
        at += 2 + struct.unpack(">H", self.data[at : at + 2])[0]
        flags = []
        while len(flags) <= ends[-1]:
            flag = self.data[at]
            at += 1
            repeat = 0
            if flag & 8:
                repeat, at = self.data[at], at + 1
            flags += [flag] * (repeat + 1)
        values = []
        for short, same in ((2, 16), (4, 32)):
            value, axis = 0, []
            for flag in flags:
                if flag & short:
                    value += self.data[at] if flag & same else -self.data[at]
                    at += 1
                elif not flag & same:
                    value += self.s16(at)
                    at += 2
                axis.append(value / self.units)
            values.append(axis)
        points = [(x, y, bool(f & 1)) for x, y, f in zip(*values, flags)]
        starts = [0] + [e + 1 for e in ends[:-1]]
        return [points[s : e + 1] for s, e in zip(starts, ends)]


FONT = None


def font():
    global FONT
    FONT = FONT or Font()
    return FONT


def write(path, objects, content, resources, catalogue=b""):
    """One page of 595 x 842 pt. objects: bytes of objects 5, 6, ..."""
    bodies = [b"<</Type/Catalog/Pages 2 0 R" + catalogue + b">>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
              b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<" + resources + b">>>>", stream(content.encode("latin-1"))]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate([*bodies, *objects], 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % p for p in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + table
    path.write_bytes(out + end + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, len(out)))


def stream(data, head=b""):
    packed = zlib.compress(data)
    return b"<<" + head + b"/Filter/FlateDecode/Length %d>>stream\n" % len(packed) + packed + b"\nendstream"


def embedded(number, unicode_of):
    """Objects number.. of a font shown by glyph numbers; unicode_of(character) -> what its table says, or None; None: no table."""
    f = font()
    used = sorted({f.cmap[ord(c)]: c for line in LINES + OTHER for c in line}.items())
    widths = " ".join(f"{g} [{round(1000 * f.advance(g))}]" for g, _ in used)
    objects = [
        b"<</Type/Font/Subtype/Type0/BaseFont/AAAAAA+Plain/Encoding/Identity-H/DescendantFonts[%d 0 R]%s>>"
        % (number + 1, b"" if unicode_of is None else b"/ToUnicode %d 0 R" % (number + 4)),
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/AAAAAA+Plain/CIDToGIDMap/Identity/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/FontDescriptor %d 0 R/W[%s]>>" % (number + 2, widths.encode()),
        b"<</Type/FontDescriptor/FontName/AAAAAA+Plain/Flags 4/FontBBox[-200 -300 1300 1000]/ItalicAngle 0/Ascent 900/Descent -200/CapHeight 730"
        b"/StemV 80/FontFile2 %d 0 R>>" % (number + 3),
        stream(bytes(f.data), b"/Length1 %d" % len(f.data)),
    ]
    pairs = [(g, unicode_of(c)) for g, c in used] if unicode_of else []
    rows = "\n".join(f"<{g:04x}> <{u.encode('utf-16-be').hex()}>" for g, u in pairs if u)
    objects.append(stream(f"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def
1 begincodespacerange <0000> <ffff> endcodespacerange {len([1 for _, u in pairs if u])} beginbfchar\n{rows}\nendbfchar endcmap end end""".encode()))
    return objects


def show(lines, name="F1", x=60, y=760, size=12, before="", leading=20):
    """Lines in the embedded font."""
    f = font()
    codes = lambda line: "".join(f"{f.cmap[ord(c)]:04x}" for c in line)
    return f"q BT {before} /{name} {size} Tf {x} {y} Td {leading} TL " + " ".join(f"<{codes(line)}> Tj T*" for line in lines) + " ET Q\n"


def plain(number=5):
    return embedded(number, lambda c: c)


def picture(lines, dpi=200):
    """A scanned page: grey picture object."""
    scale = dpi / 72
    image = Image.new("L", (round(595 * scale), round(842 * scale)), 250)
    draw, face = ImageDraw.Draw(image), ImageFont.truetype(str(DEJAVU), round(12 * scale))
    for i, line in enumerate(lines):
        draw.text((60 * scale, (842 - 760 + 20 * i) * scale), line, font=face, fill=20, anchor="ls")
    head = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8" % image.size
    return stream(image.tobytes(), head)


def spoil(line, share, seed):
    """A line as a poor recogniser gives it."""
    r = random.Random(seed)
    return "".join(r.choice("abcdefghiklmnoprstu1") if c != " " and r.random() < share else c for c in line)


def shuffled():
    letters = "abcdefghijklmnopqrstuvwxyz"
    other = list(letters)
    random.Random(5).shuffle(other)
    table = dict(zip(letters, other))
    return lambda c: table.get(c, table.get(c.lower(), c).upper() if c.isalpha() else c)


FONT_ONE = b"/Font<</F1 5 0 R>>"


def garbled(path, unicode_of):
    write(path, embedded(5, unicode_of), show(LINES), FONT_ONE)


def under_scan(path, layer):
    """A scan of LINES with the text layer under it, drawn without ink."""
    objects = [*plain(), picture(LINES)]
    write(path, objects, show(layer, before="3 Tr") + "q 595 0 0 842 0 0 cm /P Do Q", FONT_ONE + b"/XObject<</P 10 0 R>>")


def beside(path, hidden, objects=(), resources=b"", catalogue=b""):
    """LINES as they should be, and something that one does not see."""
    write(path, [*plain(), *objects], show(LINES) + hidden, FONT_ONE + resources, catalogue)


def outlined_glyph(c):
    """Its drawing, in thousandths of the em."""
    outline = "\n".join(contour_path(contour, 0, 0, 1000) for contour in font().outline(font().cmap[ord(c)]))
    return f"0 0 -300 1300 1000 d1\n{outline} f".encode()


def dotted_glyph(c, em):
    """The glyph as TeX has written it: black dots, em of them in an em; a unit is a dot."""
    face = ImageFont.truetype(str(DEJAVU), em)
    x0, y0, x1, y1 = face.getbbox(c, anchor="ls")
    if x1 <= x0 or y1 <= y0:
        return b"0 0 0 0 0 d1"
    image = Image.new("1", (x1 - x0, y1 - y0))
    ImageDraw.Draw(image).text((-x0, -y0), c, font=face, fill=1, anchor="ls")
    head = f"0 {x0} {-y1} {x1} {-y0} d1 q {x1 - x0} 0 0 {y1 - y0} {x0} {-y1} cm BI /W {x1 - x0} /H {y1 - y0} /IM true /BPC 1 /D [1 0] ID "
    return head.encode() + image.tobytes() + b" EI Q"


def drawn_glyphs(path, told, dots=0, size=12, down=1):
    """A Type 3 font: its glyphs are drawings, named by numbers. told: what its table says of a character; None: no table.
    dots: of an em, if they are pictures. size: that the text is set in; the font is made so that this gives 12 pt.
    down -1: the font's y axis runs downwards, and the text turns it up again."""
    f, used = font(), sorted({c for line in LINES for c in line})
    em = dots or 1000
    objects, names, widths = [], [], []
    for number, c in enumerate(used):
        width = em * f.advance(f.cmap[ord(c)])
        objects.append(stream(f"{width:.4g} ".encode() + (dotted_glyph(c, em) if dots else outlined_glyph(c))))
        names.append(f"/g{number} {7 + number} 0 R")
        widths.append(f"{width:.4g}")
    rows = "\n".join(f"<{33 + i:02x}> <{ord(told(c)):04x}>" for i, c in enumerate(used)) if told else ""
    table = stream(f"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def
1 begincodespacerange <00> <ff> endcodespacerange {len(used)} beginbfchar\n{rows}\nendbfchar endcmap end end""".encode())
    unit = 12 / size / em
    head = (f"<</Type/Font/Subtype/Type3/FontBBox[0 {-0.3 * em:.4g} {1.3 * em:.4g} {em}]/FontMatrix[{unit:.6f} 0 0 {down * unit:.6f} 0 0]/FirstChar 33/LastChar {32 + len(used)}"
            f"/Widths[{' '.join(widths)}]/Resources<<>>/Encoding<</Differences[33 {' '.join('/g%d' % i for i in range(len(used)))}]>>"
            f"/CharProcs<<{' '.join(names)}>>{'/ToUnicode 6 0 R' if told else ''}>>")
    codes = lambda line: "".join(f"{33 + used.index(c):02x}" for c in line)
    content = f"BT /F1 {size} Tf 1 0 0 {down} 60 760 Tm {down * 20} TL " + " ".join(f"<{codes(line)}> Tj T*" for line in LINES) + " ET"
    write(path, [head.encode(), table, *objects], content, FONT_ONE)


SECRET = "Pay nine thousand crowns to the keeper"


def outlined(path):
    f, out = font(), ["0 g"]
    for i, line in enumerate(LINES):
        x, y = 60, 760 - 20 * i
        for c in line:
            glyph = f.cmap[ord(c)]
            for contour in f.outline(glyph):
                out.append(contour_path(contour, x, y, 12))
            out.append("f")
            x += 12 * f.advance(glyph)
    write(path, plain(), "\n".join(out) + "\n" + show(["Printed matter of the harbour office"], y=100), FONT_ONE)


def contour_path(points, x, y, size):
    """Quadratic splines as PDF's cubic ones."""
    full = []
    for i, p in enumerate(points):
        q = points[(i + 1) % len(points)]
        full.append(p)
        if not p[2] and not q[2]:
            full.append(((p[0] + q[0]) / 2, (p[1] + q[1]) / 2, True))
    first = next(i for i, p in enumerate(full) if p[2])
    full = full[first:] + full[: first + 1]
    place = lambda px, py: f"{x + size * px:.2f} {y + size * py:.2f}"
    out, last, i = [place(*full[0][:2]) + " m"], full[0], 1
    while i < len(full):
        p = full[i]
        if p[2]:
            out.append(place(*p[:2]) + " l")
            last, i = p, i + 1
            continue
        end = full[i + 1]
        a = [(last[k] + 2 * p[k]) / 3 for k in (0, 1)]
        b = [(end[k] + 2 * p[k]) / 3 for k in (0, 1)]
        out.append(f"{place(*a)} {place(*b)} {place(*end[:2])} c")
        last, i = end, i + 2
    return " ".join(out) + " h"


def swapped_digits(path):
    """A standard font, whose glyphs have names, with a table that says other digits."""
    rows = "".join(f"<{48 + d:02x}> <{48 + (d + 5) % 10:04x}>\n" for d in range(10))
    table = stream(f"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def
1 begincodespacerange <00> <ff> endcodespacerange 10 beginbfchar\n{rows}endbfchar endcmap end end""".encode())
    lines = ["Berth fees for the year 1953 and 1954", "Silver Herring 4170 crowns", "Winter Gull 2386 crowns", "Northern Star 9052 crowns"]
    content = "BT /F1 14 Tf 60 760 Td 22 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    write(path, [b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 6 0 R>>", table], content, FONT_ONE)
    return lines


def make(folder):
    """{name: (file, lines that one sees, kinds of hidden text that must be told)}"""
    folder.mkdir(parents=True, exist_ok=True)
    made = {}

    def case(name, build, lines=LINES, hidden=()):
        path = folder / f"{name}.pdf"
        made[name] = (path, build(path) or lines, set(hidden))

    case("sound", lambda p: garbled(p, lambda c: c))
    case("shifted-map", lambda p: garbled(p, lambda c: chr(ord(c) + 3)))
    case("shuffled-map", lambda p: garbled(p, shuffled()))
    case("removed-map", lambda p: garbled(p, None))
    case("glyph-numbers", lambda p: garbled(p, lambda c: chr(font().cmap[ord(c)])))
    case("private-use", lambda p: garbled(p, lambda c: chr(0xE000 + ord(c))))
    case("holes", lambda p: garbled(p, lacking(0.3)))
    case("signs", lambda p: garbled(p, MAPS["symbols"]))
    case("one-glyph-for-many", lambda p: garbled(p, MAPS["digits"]))
    case("swapped-digits", swapped_digits)
    case("two-letters", lambda p: garbled(p, MAPS["two-letters"]))
    case("figures", lambda p: garbled(p, MAPS["figures"]))
    case("accented", lambda p: garbled(p, MAPS["offset+128"]))
    case("drawn-figures", lambda p: drawn_glyphs(p, MAPS["figures"]))
    case("drawn-sound", lambda p: drawn_glyphs(p, lambda c: c, 50, 0.24, -1))
    case("dotted-two-letters", lambda p: drawn_glyphs(p, MAPS["two-letters"], 50, 0.24, -1))
    case("partly-garbled", lambda p: write(p, [*plain(), *embedded(10, lambda c: chr(ord(c) + 3))],
                                           show(LINES[:5]) + show(LINES[5:], name="F2", y=620), b"/Font<</F1 5 0 R/F2 10 0 R>>"))
    case("render-mode-3", lambda p: beside(p, show([SECRET], y=300, before="3 Tr")), hidden=["invisible"])
    case("clipped-to", lambda p: beside(p, show([SECRET], y=300, before="7 Tr")), hidden=["invisible"])
    case("tiny", lambda p: beside(p, show([SECRET], y=300, size=0.4)), hidden=["invisible"])
    case("white-on-white", lambda p: beside(p, show([SECRET], y=300, before="1 g")), hidden=["white"])
    case("colour-on-colour", lambda p: beside(p, "0.2 0.3 0.6 rg 40 280 400 60 re f " + show([SECRET], y=300, before="0.2 0.3 0.6 rg")), hidden=["white"])
    case("transparent", lambda p: beside(p, "/G gs " + show([SECRET], y=300), [b"<</Type/ExtGState/ca 0>>"], b"/ExtGState<</G 10 0 R>>"),
         hidden=["invisible"])
    case("off-the-page", lambda p: beside(p, show([SECRET], y=-100)), hidden=["off_page"])
    case("clipped", lambda p: beside(p, "q 0 0 10 10 re W n " + show([SECRET], y=300) + " Q"), hidden=["covered"])
    case("under-a-box", lambda p: beside(p, show([SECRET], y=300) + "1 g 40 280 400 60 re f"), hidden=["covered"])
    grey = stream(bytes([128, 90, 60, 30]), b"/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8")
    case("under-a-picture", lambda p: beside(p, show([SECRET], y=300) + "q 400 0 0 60 40 280 cm /P Do Q", [grey], b"/XObject<</P 10 0 R>>"),
         hidden=["covered"])
    case("wrong-layer", lambda p: under_scan(p, OTHER), hidden=["rejected"])
    case("poor-layer", lambda p: under_scan(p, [spoil(line, 0.25, i) for i, line in enumerate(LINES)]))
    case("good-layer", lambda p: under_scan(p, LINES))
    case("outlined", outlined, LINES + ["Printed matter of the harbour office"])
    return made


# --- each kind in several strengths, alone and beside good text: what bench/layers measures ---

def swapped_letters(count):
    """The commonest letters changed among each other, so many of them."""
    some = "etaoinsrhldcumfpgwybvkxjqz"[:count]
    table = dict(zip(some, some[1:] + some[0]))
    return lambda c: table.get(c, table[c.lower()].upper() if c.lower() in table else c)


def lacking(share, what=None):
    """A table that knows nothing, or `what`, for a share of the characters."""
    chosen = random.Random(7)
    table = {c: chosen.random() < share for c in map(chr, range(32, 127))}
    return lambda c: (what(c) if what else None) if table[c] and c != " " else c


def exchanged(a, b):
    """Two characters that changed places."""
    return lambda c: {a: b, b: a}.get(c, c)


MAPS = {
    **{f"offset{k:+}": (lambda k: lambda c: chr(max(ord(c) + k, 33)) if c != " " else c)(k) for k in (1, -1, 3, 13, 29, 128, 512)},
    **{f"swapped{n}": swapped_letters(n) for n in (6, 12, 26)},
    "shuffled": shuffled(),
    "removed": None,
    **{f"lacking{int(100 * s)}": lacking(s) for s in (0.3, 0.6, 1)},
    **{f"unknown{int(100 * s)}": lacking(s, lambda c: "\ufffd") for s in (0.3, 1)},
    **{f"private{int(100 * s)}": lacking(s, lambda c: chr(0xE000 + ord(c))) for s in (0.3, 1)},
    "glyphs": lambda c: chr(font().cmap[ord(c)]),
    "one-letter": lambda c: "x" if c != " " else c,
    "two-letters": exchanged("a", "e"),
    "two-figures": exchanged("1", "4"),
    "figures": lambda c: chr(48 + (ord(c) + 5 - 48) % 10) if c.isdigit() else c,
    "one-for-another": lambda c: "h" if c == "k" else c,
    "capitals": lambda c: chr(65 + (ord(c) - 65 + 3) % 26) if c.isupper() else c,
    "cyrillic": lambda c: chr(0x430 + ord(c.lower()) - 97) if c.isalpha() else c,
    "accents": lambda c: {"a": "\u00e4", "o": "\u00f6", "u": "\u00fc", "e": "\u00e9"}.get(c, c),
    "greek": lambda c: chr(0x3B1 + ord(c.lower()) - 97) if c.isalpha() else c,
    "digits": lambda c: chr(48 + ord(c) % 10) if c != " " else c,
    "symbols": lambda c: chr(0x21 + ord(c) % 14) if c != " " else c,
}


def grid(folder):
    """{name: (file, lines that one sees)}"""
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    both = b"/Font<</F1 5 0 R/F2 10 0 R>>"

    def case(name, build, lines=LINES):
        made[name] = (folder / f"{name}.pdf", lines)
        build(made[name][0])

    def partly(p, unicode_of, bad):
        write(p, [*plain(), *embedded(10, unicode_of)], show(LINES[: len(LINES) - bad]) + show(LINES[len(LINES) - bad :], name="F2", y=760 - 20 * (len(LINES) - bad)), both)

    for name, table in MAPS.items():
        case(f"map-{name}-all", lambda p: garbled(p, table))
        for bad in (1, 3, 6):
            case(f"map-{name}-{bad}of9", lambda p: partly(p, table, bad))
    grey = stream(bytes([128, 90, 60, 30]), b"/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8")
    state = lambda alpha: [b"<</Type/ExtGState/ca %s>>" % alpha]
    ways = {
        "mode3": lambda t: (show(t, y=300, before="3 Tr"), (), b""),
        "mode7": lambda t: (show(t, y=300, before="7 Tr"), (), b""),
        "white": lambda t: (show(t, y=300, before="1 g"), (), b""),
        "nearly-white": lambda t: (show(t, y=300, before="0.99 g"), (), b""),
        "white-rgb": lambda t: (show(t, y=300, before="1 1 1 rg"), (), b""),
        "white-cmyk": lambda t: (show(t, y=300, before="0 0 0 0 k"), (), b""),
        "colour": lambda t: ("0.2 0.3 0.6 rg 40 150 500 200 re f " + show(t, y=300, before="0.2 0.3 0.6 rg"), (), b""),
        "transparent": lambda t: ("/G gs " + show(t, y=300), state(b"0"), b"/ExtGState<</G 10 0 R>>"),
        "hardly-opaque": lambda t: ("/G gs " + show(t, y=300), state(b"0.01"), b"/ExtGState<</G 10 0 R>>"),
        "off-left": lambda t: (show(t, x=-900, y=300), (), b""),
        "off-below": lambda t: (show(t, y=-200), (), b""),
        "clipped": lambda t: ("q 0 0 10 10 re W n " + show(t, y=300) + " Q", (), b""),
        "boxed": lambda t: (show(t, y=300) + "1 g 40 150 500 200 re f", (), b""),
        "boxed-grey": lambda t: (show(t, y=300) + "0.8 g 40 150 500 200 re f", (), b""),
        "pictured": lambda t: (show(t, y=300) + "q 500 0 0 200 40 150 cm /P Do Q", [grey], b"/XObject<</P 10 0 R>>"),
        "layer-off": lambda t: ("/OC /L BDC " + show(t, y=300) + " EMC", [b"<</Type/OCG/Name(Draft)>>"], b"/Properties<</L 10 0 R>>",
                                b"/OCProperties<</OCGs[10 0 R]/D<</OFF[10 0 R]>>>>"),
        "white-picture": lambda t: (show(t, y=300) + "q 500 0 0 200 40 150 cm /P Do Q",
                                    [stream(b"\xff" * 4, b"/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8")], b"/XObject<</P 10 0 R>>"),
        "turned-off": lambda t: ("q 0 1 -1 0 -300 100 cm " + show(t, x=0, y=0) + " Q", (), b""),
        "scaled": lambda t: ("q 0.01 0 0 0.01 100 300 cm " + show(t, x=0, y=0) + " Q", (), b""),
        "clipped-to-nothing": lambda t: ("q 100 100 m 100 100 l h W n " + show(t, y=300) + " Q", (), b""),
        "tiny": lambda t: (show(t, y=300, size=0.4, leading=1), (), b""),
    }
    for name, way in ways.items():
        for n in (1, 4):
            case(f"hidden-{name}-{n}", lambda p: beside(p, *way((OTHER * 2)[:n])))
    for name, told in {"sound": lambda c: c, "removed": None, "offset+3": MAPS["offset+3"], "figures": MAPS["figures"], "two-letters": MAPS["two-letters"]}.items():
        case(f"type3-{name}", lambda p: drawn_glyphs(p, told))
        for dots in (50, 100, 167):  # 300, 600 and 1,000 to the inch
            case(f"type3-{name}-dots{dots}", lambda p: drawn_glyphs(p, told, dots))
        # As PostScript interpreters write them: a unit of text space is a dot.
        case(f"type3-{name}-scaled", lambda p: drawn_glyphs(p, told, 50, 0.24, -1))
    for share in (0, 0.03, 0.1, 0.2, 0.35, 0.6, 1):
        case(f"ocr-{int(100 * share)}", lambda p: under_scan(p, [spoil(line, share, i) for i, line in enumerate(LINES)]))
    case("ocr-wrong", lambda p: under_scan(p, OTHER))
    case("ocr-half", lambda p: under_scan(p, LINES[:5]))
    case("ocr-one-line", lambda p: under_scan(p, LINES[:1]))
    case("ocr-one-wrong", lambda p: under_scan(p, LINES[:4] + OTHER[:1] + LINES[5:]))
    case("ocr-moved", lambda p: under_scan(p, LINES[1:] + LINES[:1]))
    case("ocr-shifted", lambda p: write(p, [*embedded(5, lambda c: chr(ord(c) + 3)), picture(LINES)], show(LINES, before="3 Tr") + "q 595 0 0 842 0 0 cm /P Do Q",
                                        FONT_ONE + b"/XObject<</P 10 0 R>>"))
    return made
