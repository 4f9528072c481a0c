# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages of text as a PDF, without a library: Helvetica and Times in three cuts."""
import unicodedata

FONTS = {"r": "Helvetica", "b": "Helvetica-Bold", "i": "Helvetica-Oblique",
         "R": "Times-Roman", "B": "Times-Bold", "I": "Times-Italic"}
# Advance widths of Helvetica from the blank to the tilde, in thousandths.
WIDTHS = [278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
          556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
          667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
          556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584]


def width(text, size, font="r"):
    total = 0
    for c in text:
        c = unicodedata.normalize("NFD", c)[0]
        total += WIDTHS[ord(c) - 32] if 32 <= ord(c) < 127 else 1000 if c == "—" else 556 if c in "–•ß" else 350
    return total * size / 1000 * (1.06 if font in "bB" else 0.93 if font in "RI" else 1)


class Sheets:
    """Lines of text on A4 pages; y counts from the top."""

    def __init__(self):
        self.pages = [[]]
        self.y = 60

    def page(self):
        self.pages.append([])
        self.y = 60

    def text(self, x, y, text, size=10, font="r", right=None, centre=None):
        if right is not None:
            x = right - width(text, size, font)
        if centre is not None:
            x = centre - width(text, size, font) / 2
        self.pages[-1].append((x, y, text, size, font))
        return x + width(text, size, font)

    def line(self, x, text, size=10, font="r", lead=1.35, **place):
        if self.y > 780:
            self.page()
        end = self.text(x, self.y, text, size, font, **place)
        self.y += size * lead
        return end

    def runs(self, x, runs, size=10, lead=1.35):
        """[(text, font), ...] on one line."""
        if self.y > 780:
            self.page()
        for text, font in runs:
            x = self.text(x, self.y, text, size, font) + size * 0.28
        self.y += size * lead

    def wrap(self, x, text, right=540, size=10, font="r", mark="", lead=1.3):
        words, line, first = text.split(), "", True
        indent = x + (width(mark + " ", size, font) + 2 if mark else 0)
        for word in words + [None]:
            if word is None or (line and indent + width(line + " " + word, size, font) > right):
                if self.y > 780:
                    self.page()
                if first and mark:
                    self.text(x, self.y, mark, size, font)
                self.line(indent, line, size, font, lead)
                line, first = "", False
            line = word if not line else (line + " " + word if word else line)

    def gap(self, points):
        self.y += points

    def pdf(self):
        names = sorted(FONTS)
        objects = ["<< /Type /Catalog /Pages 2 0 R >>", None]
        for n in names:
            objects.append(f"<< /Type /Font /Subtype /Type1 /BaseFont /{FONTS[n]} /Encoding /WinAnsiEncoding >>")
        fonts = " ".join(f"/{n} {3 + i} 0 R" for i, n in enumerate(names))
        kids = []
        for page in self.pages:
            ops = []
            for x, y, text, size, font in page:
                raw = text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
                ops.append(b"BT /%s %.2f Tf %.2f %.2f Td (%s) Tj ET" % (font.encode(), size, x, 842 - y - size * 0.8, raw))
            body = b"\n".join(ops)
            objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(body), body))
            kids.append(len(objects) + 1)
            objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
                           f"/Resources << /Font << {fonts} >> >> >>")
        objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{k} 0 R' for k in kids)}] >>"
        out, places = b"%PDF-1.4\n", []
        for i, o in enumerate(objects):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, o if isinstance(o, bytes) else o.encode())
        at = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % p for p in places)
        return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, at)
