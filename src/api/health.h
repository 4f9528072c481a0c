/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/health.h - GET /health: what this process can see of its own parts. Needs no key, so the
 * answer is made at most once a second. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { HEALTH_CACHE_MS = 1000 };

struct health_cache {
    struct buf body;
    int status;
    bool database, storage, readers; /* none is down */
    int64_t until_ms;                /* monotonic */
};
