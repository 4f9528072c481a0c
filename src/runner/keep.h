/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/keep.h - the chore that ends what is kept for a time: jobs past their retention
 * (jobs/retention.h), grants of credits that expire, old entries of the audit log. */
#pragma once

#include "jobs/jobs.h"

struct keep {
    struct db *db;
    struct store *store;
    int64_t retention_days; /* of teams that have not chosen; -1: kept */
    int64_t audit_days;     /* 0: kept */
};

/* One round: at most some hundred of each. Whatever is left over is for the next. */
MUST_CHECK
enum err_code keep_sweep(const struct keep *keep, struct err *err);
