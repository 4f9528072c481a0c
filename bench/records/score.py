#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scores lists of records on documents that are made for it: bench/records/score.py [--sealed] [--scan] [--show STYLE]

  --sealed  the styles that no rule was made with
  --scan    as pictures of 200 dpi (mutool)
  --show    prints what is wrong in that style ("all": in every one)
  --seeds N documents of each style and language (2)
Needs build/bench/bench_extract and build/src/cmd/leapocr."""
import argparse, collections, json, subprocess, sys, tempfile, unicodedata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import styles
from content import Content


def plain(v):
    if isinstance(v, (int, float)):
        return "%.4f" % v
    return "".join(c for c in unicodedata.normalize("NFKD", str(v)).casefold() if c.isalnum())


def pairs(truth, got):
    """Rows of both in order: the truth's row beside the best later one that is left."""
    at = 0
    for row in truth:
        scores = [(sum(plain(row[k]) == plain(g.get(k)) for k in row if g.get(k) is not None), -i) for i, g in enumerate(got[at:])]
        best = max(scores, default=(0, 0))
        if best[0] > 0:
            for g in got[at:at - best[1]]:
                yield {}, g
            at += 1 - best[1]
            yield row, got[at - 1]
        else:
            yield row, {}
    for g in got[at:]:
        yield {}, g


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--sealed", action="store_true")
    ap.add_argument("--scan", action="store_true")
    ap.add_argument("--show")
    ap.add_argument("--seeds", type=int, default=2)
    ap.add_argument("--keep", help="folder for the documents")
    ap.add_argument("--build", default="build")
    a = ap.parse_args()
    total = collections.defaultdict(lambda: [0, 0, 0])
    grounded = [0, 0]
    where = Path(a.keep or tempfile.mkdtemp(prefix="records-"))
    where.mkdir(exist_ok=True)
    made = []
    for style in styles.SEALED if a.sealed else styles.OPEN:
        for lang in ("en", "de", "fr"):
            for seed in range(a.seeds):
                sheets, schema, truth = style(Content(f"{style.__name__}{lang}{seed}", lang))
                name = f"{style.__name__}-{lang}-{seed}"
                (where / f"{name}.pdf").write_bytes(sheets.pdf())
                made.append((style.__name__, lang, name, schema, truth))
    files = [where / f"{m[2]}.pdf" for m in made]
    if a.scan:
        from PIL import Image
        scans = []
        for f in files:
            subprocess.run(["mutool", "draw", "-q", "-r", "200", "-c", "gray", "-o", f.with_suffix(".%d.png"), f], check=True)
            pages = sorted(where.glob(f.stem + ".*.png"))
            shots = [Image.open(p) for p in pages]
            scans.append(f.with_suffix(".tiff"))
            shots[0].save(scans[-1], save_all=True, append_images=shots[1:], dpi=(200, 200), compression="tiff_deflate")
        files = scans
    for i in range(0, len(files), 8):
        subprocess.run([f"{a.build}/src/cmd/leapocr", "convert", "--to", "trees", "--output", where, *files[i:i + 8]], check=True)
    for kind in {m[3] for m in made}:
        (where / f"{kind}.json").write_text(json.dumps(styles.SCHEMAS[kind]))
        mine = [m for m in made if m[3] == kind]
        out = subprocess.run([f"{a.build}/bench/bench_extract", where / f"{kind}.json", *[where / f"{m[2]}.trees" for m in mine]],
                             capture_output=True, text=True, check=True).stdout
        for m, line in zip(mine, out.splitlines()):
            record = json.loads(line)["records"][0]
            for name, truth in m[4].items():
                for row, got in pairs(truth, record["result"].get(name) or []):
                    for k in {*row, *got}:
                        want, have = row.get(k), got.get(k)
                        if row and k not in row:
                            continue # the document does not say it there
                        good = want is not None and have is not None and plain(want) == plain(have)
                        for key in (m[0], "all", "lang " + m[1], "field " + name + "." + k):
                            total[key][0] += good
                            total[key][1] += have is not None and not good
                            total[key][2] += want is not None and not good
                        if not good and (want or have) and a.show in (m[0], "all"):
                            print(f"{m[2]} {name}.{k}: want {want!r} got {have!r}")
            for e in record["evidence"].values():
                if "normalization" in e:
                    grounded[0] += bool(e.get("words"))
                    grounded[1] += 1
    for key, (tp, fp, fn) in sorted(total.items()):
        p, r = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
        print(f"{key:32} P {p:.3f} R {r:.3f} F1 {2 * p * r / max(p + r, 1e-9):.3f}  ({tp} right, {fp} wrong, {fn} missing)")
    print(f"values with words {grounded[0]} of {grounded[1]}; {len(made)} documents; {where}")


if __name__ == "__main__":
    main()
