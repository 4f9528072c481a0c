/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/rate.h"

#include "base/fnv.h"

#include <math.h>
#include <string.h>

static const double burst_share = 1.0 / 6; /* of a minute */

static struct rate_bucket *
find(struct rate *rate, const char *id, double full, int64_t mono_ms)
{
    uint32_t hash = fnv32_add(FNV32_BEGIN, id, strlen(id));
    struct rate_bucket *set = rate->buckets[(hash ^ hash >> 16) % RATE_SETS];
    struct rate_bucket *oldest = &set[0];
    for (int i = 0; i < RATE_WAYS; i++) {
        if (strcmp(set[i].id, id) == 0)
            return &set[i];
        if (set[i].used_ms < oldest->used_ms)
            oldest = &set[i];
    }
    memset(oldest, 0, sizeof(*oldest));
    strncpy(oldest->id, id, RATE_ID_MAX);
    oldest->used_ms = mono_ms;
    oldest->level = full;
    return oldest;
}

int
rate_take(struct rate *rate, const char *id, int64_t per_minute, int64_t mono_ms,
          struct rate_state *ret)
{
    double per_ms = (double)per_minute / 60000;
    double full = fmax(1, floor((double)per_minute * burst_share));
    struct rate_bucket *bucket = find(rate, id, full, mono_ms);

    bucket->level = fmin(full, bucket->level + (double)(mono_ms - bucket->used_ms) * per_ms);
    bucket->used_ms = mono_ms;
    bool taken = bucket->level >= 1;
    if (taken)
        bucket->level -= 1;
    *ret = (struct rate_state){
        .limit = (int64_t)full,
        .remaining = (int64_t)bucket->level,
        .reset_s = (int64_t)ceil((full - bucket->level) / per_ms / 1000),
    };
    return taken ? 0 : (int)ceil((1 - bucket->level) / per_ms / 1000);
}
