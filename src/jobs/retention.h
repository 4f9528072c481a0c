/* SPDX-License-Identifier: AGPL-3.0-or-later
 * jobs/retention.h - which jobs are too old to be kept, and whether to believe the clock that says
 * so.
 *
 * A job is due retention_days (account/settings.h) after its end. What is due is removed as DELETE
 * removes it. A clock that is wrong would make everything due at once, so nothing is removed when
 * the wall clock and the machine's own differ by more than an hour since they were last seen
 * together, or when RETENTION_MANY jobs and more than a fifth of all that there are would go at
 * once (teams that keep nothing at all, 0 days, do not count). Then the operator has to confirm;
 * what was due at that moment goes, and the clocks are taken to be right. */
#pragma once

#include "jobs/jobs.h"

enum { RETENTION_MANY = 5, RETENTION_BATCH = 100, RETENTION_BOOT_ID_SIZE = 40 };

struct retention_clock {
    int64_t wall_ms; /* UTC */
    int64_t boot_ms; /* since the machine was started, sleep included */
    char boot_id[RETENTION_BOOT_ID_SIZE];
};
void retention_clock_now(struct retention_clock *ret);

struct retention_verdict {
    int64_t cutoff_ms; /* what is due at this moment may go; 0: nothing */
    bool refused;      /* and stands until it is confirmed */
    bool news;         /* this was not so the last time */
    char why[160];
};

/* Judges, and keeps the verdict. days_unset: of teams that have not chosen; -1: kept. In the
 * caller's transaction. */
MUST_CHECK
enum err_code retention_judge(struct db *db, const struct retention_clock *clock,
                              int64_t days_unset, struct retention_verdict *ret, struct err *err);

struct retention_job {
    char id[UUID_TEXT_SIZE];
    char team_id[UUID_TEXT_SIZE];
};
/* At most RETENTION_BATCH jobs of one team that are due at the cutoff; none: nothing is due. Reads
 * only. */
MUST_CHECK
enum err_code retention_due(struct db *db, int64_t cutoff_ms, int64_t days_unset,
                            struct retention_job *ret, size_t *ret_n, struct err *err);

/* The operator's word. */
MUST_CHECK
enum err_code retention_confirm(struct db *db, const struct retention_clock *clock,
                                struct err *err);

struct retention_state {
    int64_t refused_ms, confirmed_ms; /* 0: not */
    int64_t due, total;               /* when it was refused */
    const char *why;                  /* NULL */
};
MUST_CHECK
enum err_code retention_show(struct arena *arena, struct db *db, struct retention_state *ret,
                             struct err *err);
