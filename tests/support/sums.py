# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sums that the server keeps beside its rows, made from rows that were put into a database by hand."""

DAY = 86400000


def sum_up(db):
    for span in (1, 32):
        begin = f"created_ms / {span * DAY} * {span * DAY}"
        db.execute("INSERT INTO job_rank (team_id, kind, span, begin_ms, name, user_id, jobs, completed, failed, pages, bytes, credits, days,"
                   f" first_ms, last_ms) SELECT team_id, kind, {span}, {begin}, name, user_id, COUNT(*), SUM(completed), SUM(failed),"
                   f" SUM(pages), SUM(bytes), SUM(credits), COUNT(DISTINCT created_ms / {DAY}), MIN(created_ms), MAX(created_ms)"
                   f" FROM job_ranked GROUP BY team_id, kind, {begin}, name, user_id")
    db.execute("DELETE FROM credit_hour")
    db.execute("INSERT INTO credit_hour (team_id, hour_ms, granted, consumed, refunded, adjusted, expired)"
               " SELECT team_id, created_ms / 3600000 * 3600000, SUM(CASE WHEN kind = 'granted' THEN amount ELSE 0 END), SUM(CASE WHEN kind = 'consumed' THEN amount ELSE 0 END),"
               " SUM(CASE WHEN kind = 'refunded' THEN amount ELSE 0 END), SUM(CASE WHEN kind <> 'adjusted' THEN 0 WHEN source = 'issued' THEN amount ELSE -amount END),"
               " SUM(CASE WHEN kind = 'expired' THEN amount ELSE 0 END) FROM credit_entry WHERE kind NOT IN ('reserved', 'released') GROUP BY 1, 2")
