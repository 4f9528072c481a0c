/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/rate.h - requests a minute, by key and by team: token buckets in constant memory.
 *
 * A bucket holds ten seconds' worth of its limit (at least one request) and fills evenly. The
 * bucket that has not been used for longest makes room for a new one. */
#pragma once

#include "base/attrs.h"

#include <stdbool.h>
#include <stdint.h>

enum { RATE_SETS = 1024, RATE_WAYS = 4, RATE_ID_MAX = 40 };

struct rate_bucket {
    char id[RATE_ID_MAX + 1]; /* "": free */
    int64_t used_ms;          /* monotonic, when level was right */
    double level;             /* requests that may still come at once */
};

struct rate {
    struct rate_bucket buckets[RATE_SETS][RATE_WAYS];
};

struct rate_state {
    int64_t limit;     /* of the bucket */
    int64_t remaining; /* now */
    int64_t reset_s;   /* until it is full again, rounded up */
};

/* Takes one request out of the bucket of id. 0: within the limit; else the seconds until there is
 * one again (>= 1), and nothing was taken. per_minute > 0. */
MUST_CHECK
int rate_take(struct rate *rate, const char *id, int64_t per_minute, int64_t mono_ms,
              struct rate_state *ret);
