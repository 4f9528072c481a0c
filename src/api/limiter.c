/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/limiter.h"

#include "base/fnv.h"

#include <arpa/inet.h>
#include <string.h>

/* What is no address (a socket file, say) counts as one peer. */
static void
read_address(const char *peer, uint8_t ret[8])
{
    struct in6_addr six;

    memset(ret, 0, 8);
    if (inet_pton(AF_INET, peer, ret) == 1)
        return;
    if (inet_pton(AF_INET6, peer, &six) != 1)
        return;
    if (IN6_IS_ADDR_V4MAPPED(&six))
        memcpy(ret, six.s6_addr + 12, 4);
    else
        memcpy(ret, six.s6_addr, 8);
}

static uint32_t
set_of(const uint8_t address[8])
{
    uint32_t hash = fnv32_add(FNV32_BEGIN, address, 8);

    return (hash ^ hash >> 16) % LIMITER_SETS;
}

static struct limiter_slot *
find(struct limiter *limiter, const uint8_t address[8])
{
    struct limiter_slot *set = limiter->slots[set_of(address)];
    struct limiter_slot *oldest = &set[0];

    for (int i = 0; i < LIMITER_WAYS; i++) {
        if (set[i].begin_ms != 0 && memcmp(set[i].address, address, 8) == 0)
            return &set[i];
        if (set[i].begin_ms < oldest->begin_ms)
            oldest = &set[i];
    }
    memset(oldest, 0, sizeof(*oldest));
    memcpy(oldest->address, address, 8);
    return oldest;
}

int
limiter_hit(struct limiter *limiter, const char *peer, int64_t mono_ms)
{
    uint8_t address[8];

    read_address(peer, address);
    struct limiter_slot *slot = find(limiter, address);
    if (slot->begin_ms == 0 || mono_ms - slot->begin_ms >= LIMITER_WINDOW_MS) {
        slot->begin_ms = mono_ms > 0 ? mono_ms : 1;
        slot->hits = 0;
    }
    if (slot->hits < LIMITER_HITS) {
        slot->hits++;
        return 0;
    }
    int64_t left_ms = slot->begin_ms + LIMITER_WINDOW_MS - mono_ms;
    return (int)((left_ms + 999) / 1000);
}
