#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a list and what analytics cost in a team of a million jobs.

usage: bench/lists.py [--jobs N] [--folder DIR]
Puts N made-up jobs into the database of a real server, walks the whole list once, then asks for page 1, the middle and the last
page in turn, and for every analytics answer. Prints medians in milliseconds, as a client sees them.
"""
import argparse
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
from server import Server  # noqa: E402
from sums import sum_up  # noqa: E402

NAMES = ["overview", "jobs/timeseries", "pages/timeseries", "errors/timeseries", "confidence/timeseries", "confidence",
         "documents", "documents/filetypes", "errors", "credits/usage", "templates/top", "users/top", "users/activity",
         "compare"]


def fill(place, count):
    """A year of jobs: mostly completed, some failed; some of another model, some from templates."""
    dice = random.Random(1)
    now = int(time.time() * 1000)
    db = sqlite3.connect(place)
    db.execute("PRAGMA synchronous = OFF")
    team = db.execute("SELECT id FROM team").fetchone()[0]
    step = 365 * 86400000 // count

    def jobs():
        for i in range(count):
            created = now - (count - i) * step
            id = f"{created >> 16:08x}-{created & 0xffff:04x}-7{i & 0xfff:03x}-8{dice.getrandbits(12):03x}-{dice.getrandbits(48):012x}"
            yield (id, team, 5 if i % 40 == 0 else 3, i % 3 == 0, 1, 100000 + i % 1000, 3, 3, 0, 3, created, created + 500, created + 2500,
                   "standard-v2" if i % 10 else "pro-v2", f"Document {i}.pdf", "t-1" if i % 7 == 0 else None)

    with db:
        db.executemany(
            "INSERT INTO job (id, team_id, status, format, bounding_boxes, save_as_template, credits_per_page, file_bytes, total_pages, done_pages,"
            " failed_pages, credits_used, created_ms, started_ms, updated_ms, completed_ms, model, file_name, template_id, extension)"
            " VALUES (?1, ?2, ?3, ?4, 0, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14, ?15, ?16, 'pdf')", jobs())
        db.execute("INSERT INTO job_tally (team_id, deleted, status, format, model, template_id, jobs) SELECT team_id, 0, status, format, model,"
                   " COALESCE(template_id, ''), COUNT(*) FROM job GROUP BY 1, 2, 3, 4, 5, 6")
        db.execute(
            "INSERT INTO job_stat (job_id, team_id, created_ms, started_ms, completed_ms, status, cancelled, credits, file_bytes, total_pages,"
            " done_pages, failed_pages, empty_pages, crash_pages, text_bytes, scored_pages, low_pages, medium_pages, high_pages,"
            " confidence_sum, confidence_min, confidence_max, model, extension, submitted_by, template_id, reason)"
            " SELECT id, team_id, created_ms, started_ms, completed_ms, status, 0, credits_used, file_bytes, total_pages, done_pages,"
            " 0, 0, 0, 3000, 3, 0, 0, 1, 2.7, 0.8, 0.95, model, extension, substr(id, 20, 4), COALESCE(template_id, ''),"
            " CASE WHEN status = 5 THEN 'time_limit' END FROM job ORDER BY created_ms")
        db.execute(
            "INSERT INTO job_hour SELECT team_id, created_ms / 3600000 * 3600000, COUNT(*), SUM(status < 5), SUM(status = 5), 0, SUM(status = 5),"
            " SUM((status < 5) * (completed_ms - created_ms)), SUM((status < 5) * (completed_ms - started_ms)), SUM(status < 5), SUM(total_pages),"
            " SUM(done_pages), 0, 0, 0, SUM(text_bytes), SUM(credits), SUM(scored_pages), 0, 0, SUM(high_pages), SUM(file_bytes), MIN(file_bytes),"
            " MAX(file_bytes), COUNT(*), COUNT(*), 0, 0, SUM(confidence_sum), MIN(confidence_min), MAX(confidence_max)"
            " FROM job_stat GROUP BY 1, 2")
        db.execute("INSERT INTO credit_entry (id, team_id, job_id, kind, source, target, amount, created_ms, description)"
                   " SELECT 'job_' || id || '_consumed', team_id, id, 'consumed', 'reserved', 'consumed', 3, completed_ms, '' FROM job WHERE status = 3")
        sum_up(db)
    ids = db.execute("SELECT organization_id, id FROM team").fetchone()
    db.close()
    return ids


def median_ms(ask, times):
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000000)
    parser.add_argument("--folder", default=None)
    args = parser.parse_args()
    import requests
    session = requests.Session()
    with tempfile.TemporaryDirectory(prefix="leapocr-bench-", dir=args.folder) as folder:
        with Server(Path(folder) / "data") as server:
            server.stop()
            begun = time.monotonic()
            organization, team = fill(Path(folder) / "data/leapocr.db", args.jobs)
            print(f"{args.jobs} jobs made in {time.monotonic() - begun:.0f} s,"
                  f" {os.path.getsize(Path(folder) / 'data/leapocr.db') >> 20} MiB", flush=True)
            server.start()

            def page(query):
                answer = server.call("GET", "/jobs?limit=100" + query, session)
                answer.raise_for_status()
                return answer.json()

            cursors, cursor, seen = [""], "", 0
            begun = time.monotonic()
            while True:
                body = page(cursor)
                seen += len(body["data"])
                if not body["has_more"]:
                    break
                cursor = "&cursor=" + body["next_cursor"]
                cursors.append(cursor)
            assert seen == args.jobs == body["total_count"], (seen, body["total_count"])
            print(f"{len(cursors)} pages of 100 walked in {time.monotonic() - begun:.1f} s", flush=True)
            places = {"page 1": cursors[0], f"page {len(cursors) // 2}": cursors[len(cursors) // 2], f"page {len(cursors)}": cursors[-1]}
            spent = {name: [] for name in places}
            for _ in range(300):
                for name, where in places.items():
                    begun = time.perf_counter()
                    page(where)
                    spent[name].append((time.perf_counter() - begun) * 1000)
            medians = {name: statistics.median(times) for name, times in spent.items()}
            for name, ms in medians.items():
                print(f"{name}: {ms:.2f} ms", flush=True)
            first, last = medians["page 1"], medians[f"page {len(cursors)}"]
            print(f"last / first: {last / first:.3f}", flush=True)
            for query in ("status=failed", "model=pro-v2", "result_format=structured", "template_id=t-1", "status=processing",
                          "include_deleted=true", "model=none", "status=failed&model=pro-v2", "status=completed&result_format=structured",
                          "model=pro-v2&result_format=structured&status=completed&template_id=t-1", "model=pro-v2&status=partially_done",
                          "status=failed&include_deleted=true", "status=failed&model=old-v1", "model=old-v1&template_id=t-1"):
                print(f"{query}: {median_ms(lambda: page('&' + query), 20):.2f} ms", flush=True)
            for query in ("", "model=pro-v2&", "search=document&", "created_from=2020-01-01&"):
                def lines():
                    server.call("GET", f"/organizations/{organization}/teams/{team}/credits/transactions?{query}limit=100", session,
                                timeout=120).raise_for_status()
                print(f"transactions?{query}: {median_ms(lines, 3):.2f} ms", flush=True)
            for name in NAMES:
                def ask():
                    server.call("GET", f"/analytics/{name}?range=year", session, timeout=120).raise_for_status()
                month = median_ms(lambda: server.call("GET", f"/analytics/{name}?range=30d", session).raise_for_status(), 3)
                print(f"analytics/{name}: year {median_ms(ask, 3):.0f} ms, 30 days {month:.0f} ms", flush=True)


main()
