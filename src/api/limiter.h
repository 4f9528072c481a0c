/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/limiter.h - counts failures by the peer's address, in constant memory.
 *
 * A window of a minute begins with an address's first failure. Addresses of IPv6 count by their
 * /64, which is what one customer has. LIMITER_SETS x LIMITER_WAYS addresses are known; the one
 * whose window is oldest makes room. */
#pragma once

#include "base/attrs.h"

#include <stdint.h>

enum { LIMITER_SETS = 1024, LIMITER_WAYS = 4, LIMITER_HITS = 20, LIMITER_WINDOW_MS = 60000 };

struct limiter_slot {
    uint8_t address[8]; /* IPv4 in the first four bytes, or the first half of IPv6 */
    int64_t begin_ms;   /* 0: free */
    uint32_t hits;
};

struct limiter {
    struct limiter_slot slots[LIMITER_SETS][LIMITER_WAYS];
};

/* Counts one failure of peer (text of its address). 0: within the limit; else the seconds until
 * its window ends (>= 1). */
MUST_CHECK
int limiter_hit(struct limiter *limiter, const char *peer, int64_t mono_ms);
