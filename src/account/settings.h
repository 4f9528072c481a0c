/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/settings.h - what a team has chosen (retention) and what it is limited to. Where the team
 * has no row of its own, the server's settings hold. Functions run in the caller's transaction;
 * those that only read need none. */
#pragma once

#include "base/random.h"
#include "db/db.h"

enum { RETENTION_DAYS_MAX = 365 };

struct team_settings {
    bool auto_delete;
    int64_t retention_days; /* 0: as soon as the job has ended; 0 .. RETENTION_DAYS_MAX */
    int64_t created_ms, updated_ms;
};

/* days_unset: retention where the team has not chosen; -1: kept for good. Timestamps are then the
 * team's own. ERR_NOT_FOUND: no such team. */
MUST_CHECK
enum err_code settings_find(struct db *db, const char *team_id, int64_t days_unset,
                            struct team_settings *ret, struct err *err);
/* ERR_INPUT for days out of range. */
MUST_CHECK
enum err_code settings_set(struct db *db, const char *team_id, bool auto_delete,
                           int64_t retention_days, struct err *err);

/* -1: what the server's settings say; 0: no limit. */
struct team_limits {
    int64_t requests_per_minute;
    int64_t jobs_max;  /* in work at a time */
    int64_t bytes_max; /* of their documents */
    int64_t pages_max; /* of a document */
};
MUST_CHECK
enum err_code limits_find(struct db *db, const char *team_id, struct team_limits *ret,
                          struct err *err);
MUST_CHECK
enum err_code limits_set(struct db *db, const char *team_id, const struct team_limits *limits,
                         struct err *err);
