# SPDX-License-Identifier: AGPL-3.0-or-later
"""Analytics: a made-up history in the database, and what every series says about it, counted again here."""
import datetime as dt
import random
import uuid
from collections import Counter

import pytest

from harness import expect_error
from sums import sum_up

UTC = dt.timezone.utc
START = dt.datetime(2026, 1, 28, 22, 30, tzinfo=UTC)
NAMES = ["overview", "jobs/timeseries", "pages/timeseries", "errors/timeseries", "confidence/timeseries", "confidence",
         "documents", "documents/filetypes", "errors", "credits/usage", "templates/top", "users/top", "users/activity",
         "compare"]


def ms(when):
    return int(when.timestamp() * 1000)


def text(when):
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def history(team):
    """400 jobs over 40 days, some exactly at the edges of hours, days and months."""
    dice = random.Random(5)
    moments = [START + dt.timedelta(minutes=dice.randrange(40 * 24 * 60)) for _ in range(380)]
    moments += [dt.datetime(2026, m, d, h, tzinfo=UTC) for m, d, h in
                ((2, 1, 0), (2, 1, 0), (3, 1, 0), (2, 14, 22), (2, 14, 23), (2, 15, 0), (2, 16, 0), (1, 31, 23))]
    jobs = []
    for i, created in enumerate(moments):
        status = dice.choice([3, 3, 3, 3, 4, 5, 5])
        cancelled = status == 5 and dice.random() < 0.3
        total = dice.choice([0, 1, 5, 6, 20, 21, 100, 101]) if status == 5 else dice.choice([1, 5, 6, 20, 21, 100, 101])
        done = total if status != 5 else 0
        failed = dice.randrange(1, done + 1) if status == 4 and done else 0
        scored = done - failed
        low, medium, high = (scored // 5, scored // 4, scored // 3)
        jobs.append(dict(
            job_id=str(uuid.uuid4()), team_id=team, created_ms=ms(created), started_ms=ms(created) + 1000 if done else 0,
            completed_ms=ms(created) + 1000 * dice.randrange(2, 90), status=status, cancelled=int(cancelled),
            credits=scored if status != 5 else 0, file_bytes=dice.randrange(1000, 10 ** 7), total_pages=total, done_pages=done,
            failed_pages=failed, empty_pages=scored // 10, crash_pages=failed // 2, text_bytes=scored * 1000,
            scored_pages=scored, low_pages=low, medium_pages=medium, high_pages=high, confidence_sum=scored * 0.8,
            confidence_min=0.25 if scored else 0, confidence_max=0.875 if scored else 0, model=dice.choice(["standard-v2", "pro-v2"]),
            extension=dice.choice(["pdf", "pdf", "png", ""]), submitted_by=dice.choice(["ann", "bob"]),
            template_id=dice.choice(["", "t-1", "t-2"]),
            reason="cancelled" if cancelled else dice.choice(["unreadable_document", "time_limit"]) if status == 5 else None))
    return jobs


def hours(jobs):
    """What the server keeps of whole hours."""
    def number(jobs, condition):
        return sum(1 for j in jobs if condition(j))

    rows = []
    for team, hour in {(j["team_id"], j["created_ms"] // 3600000 * 3600000) for j in jobs}:
        own = [j for j in jobs if j["team_id"] == team and j["created_ms"] // 3600000 * 3600000 == hour]
        done = [j for j in own if j["status"] < 5]
        begun = [j for j in done if j["started_ms"]]
        scored = [j for j in own if j["scored_pages"]]
        rows.append({
            "team_id": team, "hour_ms": hour, "jobs": len(own), "completed": len(done),
            "failed": number(own, lambda j: j["status"] == 5 and not j["cancelled"]), "cancelled": number(own, lambda j: j["cancelled"]),
            "faulty": number(own, lambda j: j["failed_pages"] or (j["status"] == 5 and not j["cancelled"])),
            "completion_ms": sum(j["completed_ms"] - j["created_ms"] for j in done),
            "active_ms": sum(j["completed_ms"] - j["started_ms"] for j in begun), "begun": len(begun),
            **{k: sum(j[k] for j in own) for k in ("total_pages", "done_pages", "failed_pages", "empty_pages", "crash_pages", "text_bytes",
                                                   "credits", "scored_pages", "low_pages", "medium_pages", "high_pages", "file_bytes",
                                                   "confidence_sum")},
            "bytes_least": min(j["file_bytes"] for j in own), "bytes_most": max(j["file_bytes"] for j in own),
            "with_pages": number(own, lambda j: j["total_pages"]), "small": number(own, lambda j: 1 <= j["total_pages"] <= 5),
            "mid": number(own, lambda j: 6 <= j["total_pages"] <= 20), "large": number(own, lambda j: 21 <= j["total_pages"] <= 100),
            "confidence_min": min((j["confidence_min"] for j in scored), default=None),
            "confidence_max": max((j["confidence_max"] for j in scored), default=None)})
    return rows


@pytest.fixture(scope="module")
def world(own_module_server):
    server = own_module_server
    organization, team = server.own_team()
    jobs = history(team)
    other = history("another-team")
    with server.database() as db:
        for job in jobs + other:
            db.execute(f"INSERT INTO job_stat ({', '.join(job)}) VALUES ({', '.join('?' * len(job))})", list(job.values()))
        for hour in hours(jobs + other):
            db.execute(f"INSERT INTO job_hour ({', '.join(hour)}) VALUES ({', '.join('?' * len(hour))})", list(hour.values()))
        for i, job in enumerate(jobs):
            if job["credits"]:
                db.execute("INSERT INTO credit_entry (id, team_id, job_id, kind, source, target, amount, created_ms, description)"
                           " VALUES (?, ?, ?, 'consumed', 'reserved', 'consumed', ?, ?, '')",
                           (f"test_{i}", team, job["job_id"], job["credits"], job["created_ms"]))
        sum_up(db)
    db.close()
    return server.client, f"/organizations/{organization}/teams/{team}/analytics/", jobs, team


def ask(world, name, **query):
    client, path, _, _ = world
    answer = client.call("GET", path + name, params=query)
    assert answer.status_code == 200, answer.text
    assert client.call("GET", "/analytics/" + name, params=query).status_code == 200
    return answer.json()


def within(world, start, end):
    return [j for j in world[2] if ms(start) <= j["created_ms"] < ms(end)]


RANGE = {"start": "2026-01-29", "end": "2026-03-05"}
FROM, TO = dt.datetime(2026, 1, 29, tzinfo=UTC), dt.datetime(2026, 3, 6, tzinfo=UTC)


def total(jobs, name):
    return sum(j[name] for j in jobs)


def test_overview(world):
    jobs = within(world, FROM, TO)
    body = ask(world, "overview", **RANGE)
    assert body["range"]["start"] == text(FROM) and body["range"]["end"] == text(TO)
    assert body["range"]["requested_range"] == "custom" and body["range"]["team_id"] == world[3]
    done = [j for j in jobs if j["status"] < 5]
    failed = [j for j in jobs if j["status"] == 5 and not j["cancelled"]]
    seen = body["jobs"]
    assert seen["total_jobs"] == len(jobs) and seen["completed_jobs"] == len(done) and seen["failed_jobs"] == len(failed)
    assert seen["cancelled_jobs"] == len(jobs) - len(done) - len(failed) and seen["active_jobs"] == 0
    assert seen["success_rate"] == pytest.approx(100 * len(done) / (len(done) + len(failed)), abs=0.01)
    assert seen["avg_completion_seconds"] == pytest.approx(
        sum(j["completed_ms"] - j["created_ms"] for j in done) / len(done) / 1000, abs=0.001)
    assert seen["credits_consumed"] == total(jobs, "credits") and seen["total_pages"] == total(jobs, "total_pages")
    pages = body["pages"]
    assert pages["completed_pages"] == total(jobs, "done_pages") - total(jobs, "failed_pages")
    assert pages["empty_pages"] == total(jobs, "empty_pages") and pages["hard_failure_pages"] == total(jobs, "crash_pages")
    assert pages["total_tokens"] == total(jobs, "text_bytes") // 4
    assert body["credits"]["consumed"] == total(jobs, "credits") and body["credits"]["granted"] == 0
    assert body["credits"]["net"] == -body["credits"]["consumed"]


def bucket_start(when, bucket, zone):
    local = when.astimezone(zone)
    if bucket == "hour":
        local = local.replace(minute=0, second=0, microsecond=0)
    else:
        local = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if bucket == "week":
            local -= dt.timedelta(days=local.weekday())
        elif bucket == "month":
            local = local.replace(day=1)
    return local


@pytest.mark.parametrize("alias,bucket,minutes", [
    *(("bucket", b, m) for b in ("hour", "day", "week", "month") for m in (0, 120, -480, 345)),
    *(("granularity", b, 0) for b in ("day", "week", "month"))])
def test_timeseries(world, bucket, minutes, alias):
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    start = dt.datetime(2026, 1, 30, 7, 15, tzinfo=zone)
    end = dt.datetime(2026, 3, 2, 3, 0, tzinfo=zone)
    jobs = within(world, start, end)
    counts = Counter(text(bucket_start(dt.datetime.fromtimestamp(j["created_ms"] / 1000, UTC), bucket, zone)) for j in jobs)
    body = ask(world, "jobs/timeseries", start=start.isoformat(), end=end.isoformat(), **{alias: bucket})
    points = {p["bucket"]: p["total_jobs"] for p in body["timeseries"]}
    assert {k: v for k, v in points.items() if v} == counts
    assert body["range"]["bucket"] == bucket
    at, expected = bucket_start(start, bucket, zone), []
    while at < end:
        expected.append(text(at))
        at = bucket_start(at + dt.timedelta(days=32 if bucket == "month" else 7 if bucket == "week" else 1) if bucket != "hour"
                          else at + dt.timedelta(hours=1), bucket, zone)
    assert [p["bucket"] for p in body["timeseries"]] == expected


def test_series_agree_with_the_sums(world):
    """Buckets of any size add up to the same."""
    jobs = within(world, FROM, TO)
    for bucket in ("hour", "day", "week", "month"):
        query = {**RANGE, "bucket": bucket}
        points = ask(world, "pages/timeseries", **query)["timeseries"]
        assert sum(p["total_pages"] for p in points) == total(jobs, "total_pages")
        assert sum(p["failed_pages"] for p in points) == total(jobs, "failed_pages")
        points = ask(world, "errors/timeseries", **query)["timeseries"]
        assert sum(p["failed_jobs"] for p in points) == len([j for j in jobs if j["status"] == 5 and not j["cancelled"]])
        points = ask(world, "confidence/timeseries", **query)["timeseries"]
        assert sum(p["low_confidence_count"] for p in points) == total(jobs, "low_pages")
        points = ask(world, "credits/usage", **query)["timeseries"]
        assert sum(p["consumed"] for p in points) == total(jobs, "credits")


def test_confidence(world):
    jobs = within(world, FROM, TO)
    body = ask(world, "confidence", **RANGE)
    scored = total(jobs, "scored_pages")
    assert body["summary"] == {"avg_confidence": 0.8, "min_confidence": 0.25, "max_confidence": 0.875,
                               "total_pages": total(jobs, "done_pages"), "unscored_count": total(jobs, "failed_pages")}
    low, medium, high = (total(jobs, f"{k}_pages") for k in ("low", "medium", "high"))
    assert body["distribution"] == {"low": low, "medium": medium, "high": high, "very_high": scored - low - medium - high}


def test_documents(world):
    jobs = within(world, FROM, TO)
    body = ask(world, "documents", **RANGE)
    sizes = [j["file_bytes"] for j in jobs]
    assert body["summary"]["total_documents"] == len(jobs) and body["summary"]["total_file_size"] == sum(sizes)
    assert (body["summary"]["min_file_size"], body["summary"]["max_file_size"]) == (min(sizes), max(sizes))
    pages = [j["total_pages"] for j in jobs if j["total_pages"]]
    assert body["summary"]["avg_pages_per_doc"] == pytest.approx(sum(pages) / len(pages), abs=0.01)
    assert body["distribution"] == {
        "small_docs": sum(1 <= p <= 5 for p in pages), "medium_docs": sum(6 <= p <= 20 for p in pages),
        "large_docs": sum(21 <= p <= 100 for p in pages), "very_large_docs": sum(p > 100 for p in pages)}
    types = Counter(j["extension"] for j in jobs)
    seen = ask(world, "documents/filetypes", **RANGE)["file_types"]
    assert {t["extension"]: t["document_count"] for t in seen} == types
    assert [t["document_count"] for t in seen] == sorted(types.values(), reverse=True)
    assert len(ask(world, "documents/filetypes", limit=1, **RANGE)["file_types"]) == 1


def test_errors(world):
    jobs = within(world, FROM, TO)
    failed = [j for j in jobs if j["status"] == 5 and not j["cancelled"]]
    body = ask(world, "errors", **RANGE)
    assert {p["category"]: p["count"] for p in body["patterns"]} == Counter(j["reason"] for j in failed)
    assert sum(p["percentage"] for p in body["patterns"]) == pytest.approx(100, abs=0.1)
    assert body["summary"]["failed_jobs"] == len(failed)
    assert body["summary"]["jobs_with_errors"] == len(failed) + sum(j["failed_pages"] > 0 for j in jobs)


def test_rankings(world):
    jobs = within(world, FROM, TO)
    users = Counter(j["submitted_by"] for j in jobs)
    top = ask(world, "users/top", **RANGE)["users"]
    assert [(u["user_id"], u["job_count"]) for u in top] == users.most_common()
    active = {u["user_id"]: u for u in ask(world, "users/activity", **RANGE)["users"]}
    for user in users:
        own = [j for j in jobs if j["submitted_by"] == user]
        assert active[user]["active_days"] == len({j["created_ms"] // 86400000 for j in own})
        assert active[user]["first_activity"] == text(dt.datetime.fromtimestamp(min(j["created_ms"] for j in own) / 1000, UTC))
        assert active[user]["credits_consumed"] == total(own, "credits")
    templates = Counter(j["template_id"] for j in jobs if j["template_id"])
    assert {t["id"]: t["job_count"] for t in ask(world, "templates/top", **RANGE)["templates"]} == templates
    seen = {(m["model"], m["user_id"]): m for m in ask(world, "credits/usage", **RANGE)["model_breakdown"]}
    for (model, user), m in seen.items():
        own = [j for j in jobs if (j["model"], j["submitted_by"]) == (model, user)]
        assert (m["credits_consumed"], m["transactions"]) == (total(own, "credits"), len(own))
    assert sum(m["transactions"] for m in seen.values()) == len(jobs)


def test_compare(world):
    start, end = dt.datetime(2026, 2, 15, tzinfo=UTC), dt.datetime(2026, 3, 1, tzinfo=UTC)
    body = ask(world, "compare", start="2026-02-15", end="2026-02-28")
    now, before = within(world, start, end), within(world, start - (end - start), start)
    assert (body["jobs"]["current"], body["jobs"]["previous"]) == (len(now), len(before))
    assert body["jobs"]["change"] == len(now) - len(before)
    assert body["jobs"]["change_rate"] == pytest.approx(100 * (len(now) - len(before)) / len(before), abs=0.01)
    assert body["credits_used"]["current"] == total(now, "credits")
    assert body["pages"]["trend"] == ("up" if total(now, "done_pages") > total(before, "done_pages") else "down")
    assert body["previous_range"]["end"] == body["current_range"]["start"] == text(start)


@pytest.mark.parametrize("word,days,bucket", [("24h", 1, "hour"), ("1d", 1, "hour"), ("day", 1, "hour"), ("7d", 7, "day"),
                                              ("week", 7, "day"), ("14d", 14, "day"), ("30d", 30, "day"), ("month", 30, "day"),
                                              ("90d", 90, "day"), ("quarter", 90, "day"), ("180d", 180, "week"), ("6m", 180, "week"),
                                              ("365d", 365, "week"), ("year", 365, "week")])
def test_ranges(world, word, days, bucket):
    for name in NAMES:
        body = ask(world, name, range=word)
        where = body["current_range"] if name == "compare" else body["range"]
        assert where["requested_range"] == word and where["bucket"] == bucket
        start, end = (dt.datetime.fromisoformat(where[k].replace("Z", "+00:00")) for k in ("start", "end"))
        assert end - start == dt.timedelta(days=days)
        assert abs(dt.datetime.now(UTC) - end) < dt.timedelta(minutes=5)


@pytest.mark.parametrize("query,words", [
    ("range=2d", "'range'"), ("start=yesterday", "'start'"), ("end=2026-13-01", "'end'"), ("start=2026-02-02&end=2026-02-01", "'start'"),
    ("start=1970-01-02&end=2026-01-01", "'start'"), ("bucket=minute", "'bucket'"), ("bucket=day&granularity=week", "'granularity'"),
    ("start=2020-01-01&end=2026-01-01&bucket=hour", "'bucket'")])
def test_wrong_ranges(world, query, words):
    client, path, _, _ = world
    expect_error(client.call("GET", f"{path}jobs/timeseries?{query}"), 400, "VALIDATION_ERROR", words)


def test_wrong_limits_and_teams(world, other):
    client, path, _, _ = world
    for name in ("templates/top", "users/top", "documents/filetypes"):
        for limit in ("0", "101", "x"):
            expect_error(client.call("GET", f"{path}{name}?limit={limit}"), 400, "VALIDATION_ERROR", "'limit'")
    expect_error(client.call("GET", "/analytics/overview?team_id=another-team"), 404, "NOT_FOUND")
    _, organization, team = other
    expect_error(client.call("GET", f"/organizations/{organization}/teams/{team}/analytics/overview"), 404, "NOT_FOUND")


def test_real_jobs_are_counted(api, pdf):
    before = api.call("GET", "/analytics/overview?range=day").json()
    job_id = api.upload(pdf, file_name="Real.PDF")
    api.wait(job_id)
    waiting = api.begin(10)["job_id"]
    body = api.call("GET", "/analytics/overview?range=day").json()
    assert body["jobs"]["completed_jobs"] == before["jobs"]["completed_jobs"] + 1
    assert body["jobs"]["active_jobs"] >= 1 and body["pages"]["completed_pages"] == before["pages"]["completed_pages"] + 3
    assert body["credits"]["consumed"] == before["credits"]["consumed"] + 3
    api.call("DELETE", f"/jobs/{job_id}")
    api.call("DELETE", f"/jobs/{waiting}")
    after = api.call("GET", "/analytics/overview?range=day").json()
    assert after["jobs"]["completed_jobs"] == body["jobs"]["completed_jobs"]
    assert after["jobs"]["cancelled_jobs"] == body["jobs"]["cancelled_jobs"] + 1
