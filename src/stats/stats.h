/* SPDX-License-Identifier: AGPL-3.0-or-later
 * stats/stats.h - sums and rankings of what a team did, over a range of time.
 *
 * Made of job_stat, which has one narrow row for each job that ended, of their sums by the hour
 * (job_hour), by name and day (job_rank), and of the ledger and its hours (credit_hour): single
 * rows are read only at the ends of a range. Jobs in progress are counted from the jobs themselves.
 * A job belongs to the moment of its submission, an entry of the ledger to its own. Ranges are half
 * open: from_ms <= moment < to_ms. Every query runs along an index of (team, moment). Reads only.
 */
#pragma once

#include "account/account.h"
#include "base/arena.h"
#include "db/db.h"

struct stats_scope {
    const char *team_id;
    int64_t from_ms, to_ms;
};

/* Jobs that ended, but for active. Completed: with a result, whole or in part. */
struct stats_jobs {
    /* STATS_JOBS_NUMBERS sums, added up as an array. */
    int64_t ended, completed, failed, cancelled;
    int64_t faulty;                   /* failed, or with pages that failed */
    int64_t completion_ms, active_ms; /* of completed ones: from submission, from begin */
    int64_t begun;                    /* of completed ones, how many active_ms is of */
    int64_t pages, done, pages_failed, pages_empty, pages_crashed;
    int64_t text_bytes, credits;
    int64_t scored, low, medium, high; /* pages with a confidence: below 0.5, 0.7, 0.9 */
    int64_t bytes;
    int64_t with_pages, small, mid, large; /* documents of 1-5, 6-20, 21-100 pages; rest: more */

    int64_t active; /* have not ended */
    int64_t bytes_least, bytes_most;
    double confidence_sum, confidence_min, confidence_max;
};
enum { STATS_JOBS_NUMBERS = 24 };
MUST_CHECK
enum err_code stats_jobs(struct db *db, const struct stats_scope *scope, struct stats_jobs *ret,
                         struct err *err);

struct stats_credits {
    int64_t granted, consumed, refunded, adjusted, expired;
};
MUST_CHECK
enum err_code stats_credits(struct db *db, const struct stats_scope *scope,
                            struct stats_credits *ret, struct err *err);
/* What is there now: granted - consumed. */
MUST_CHECK
enum err_code stats_balance(struct db *db, const char *team_id, int64_t *ret, struct err *err);

struct stats_webhooks {
    int64_t total, processed, failed, pending, processing_ms;
};
MUST_CHECK
enum err_code stats_webhooks(struct db *db, const struct stats_scope *scope,
                             struct stats_webhooks *ret, struct err *err);

/* What jobs are ranked by. */
enum stats_by { STATS_EXTENSION, STATS_REASON, STATS_MODEL, STATS_TEMPLATE, STATS_USER };
enum { STATS_RANKS_MAX = 100 };

struct stats_rank {
    const char *name; /* "": none was given */
    const char *user; /* by model: of whom; else "" */
    int64_t jobs, completed, failed, pages, bytes, credits;
    int64_t first_ms, last_ms, days; /* of submissions; days: of UTC with at least one */
};
/* Most jobs first, at most max (1..STATS_RANKS_MAX). By model: and by user; by reason: failed jobs
 * alone; by template: those with one. */
MUST_CHECK
enum err_code stats_ranks(struct arena *arena, struct db *db, const struct stats_scope *scope,
                          enum stats_by by, int64_t max, struct stats_rank **ret, size_t *ret_n,
                          struct err *err);

/* How often the team used a template, ever. */
MUST_CHECK
enum err_code stats_template_uses(struct db *db, const char *team_id, const char *template_id,
                                  int64_t *ret, struct err *err);
