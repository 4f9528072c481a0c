# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures of the places of values, for judging by eye whether each lies where its field stands.

Each shows a strip of its page at full width with the value framed in red; six to a picture. Needs Pillow and pdftoppm.
"""
import functools
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, STRIP, TITLE, EACH = 1000, 300, 26, 6
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


@functools.lru_cache(maxsize=4)
def page_picture(file, page):
    if file.suffix.lower() != ".pdf":
        return Image.open(file).convert("RGB")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-r", "150", "-f", str(page), "-l", str(page), "-png", file, folder + "/p"], check=True)
        return Image.open(next(Path(folder).glob("*.png"))).convert("RGB")


def strip(sample):
    evidence, (width, height) = sample["evidence"], sample["size"]
    picture = page_picture(Path(sample["file"]), evidence["page"])
    scale = WIDTH / picture.width if picture.width > 600 else 1.4
    picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.LANCZOS)
    fx, fy = picture.width / width, picture.height / height
    pen = ImageDraw.Draw(picture)
    boxes = [(x0 * fx - 3, y0 * fy - 3, x1 * fx + 3, y1 * fy + 3) for x0, y0, x1, y1 in evidence["boxes"]]
    for box in boxes:
        pen.rectangle(box, outline=(230, 0, 0), width=2)
    middle = (min(b[1] for b in boxes) + max(b[3] for b in boxes)) / 2
    top = max(0, min(int(middle - STRIP * 0.55), picture.height - STRIP))
    return picture.crop((0, top, WIDTH, top + STRIP))


def paint(samples, folder):
    folder.mkdir(parents=True, exist_ok=True)
    font = ImageFont.truetype(FONT, 15)
    for first in range(0, len(samples), EACH):
        part = samples[first:first + EACH]
        sheet = Image.new("RGB", (WIDTH, len(part) * (STRIP + TITLE)), "white")
        pen = ImageDraw.Draw(sheet)
        for k, sample in enumerate(part):
            y = k * (STRIP + TITLE)
            pen.rectangle((0, y, WIDTH, y + TITLE), fill=(225, 235, 255))
            pen.text((4, y + 4), f"{first + k + 1}  {sample['set']}  {sample['field']} = {str(sample['truth'])[:80]}", fill="black", font=font)
            sheet.paste(strip(sample), (0, y + TITLE))
        sheet.save(folder / f"{first // EACH + 1:02}.png")
