/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/analytics_range.h - which stretch of time an analytics request is about, and its buckets.
 *
 *   range=WORD    24h 1d day, 7d week, 14d, 30d month, 90d quarter, 180d 6m, 365d year: so much
 * before now; 30d where nothing is said start, end    RFC 3339, or YYYY-MM-DD for the begin of that
 * day (start) and its end (end); one of them alone: so much after start up to now, or the range
 * before end bucket        hour, day, week, month; granularity is the same Buckets are those of the
 * zone that start is given in (its offset from UTC); else UTC's. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "stats/bucket.h"

enum { RANGE_BUCKETS_MAX = 10000 };

struct analytics_range {
    int64_t from_ms, to_ms;
    int offset_minutes;
    enum bucket bucket;
    const char *requested; /* the word, or "custom" */
};

/* ERR_INPUT names the parameter. */
MUST_CHECK
enum err_code analytics_range_read(struct arena *arena, struct span query, int64_t now_ms,
                                   struct analytics_range *ret, struct err *err);
