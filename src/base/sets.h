/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/sets.h - the numbers below n in disjoint sets that are joined over time: what hangs
 * together.
 *
 * parents [n] is the caller's; the least number of a set stands for it, in whatever order its parts
 * were joined. Method: union-find with path halving (Tarjan and van Leeuwen, 1984); some log n
 * steps a call. */
#pragma once

#include <stdint.h>

/* Each number a set of its own. */
static inline void
sets_init(uint32_t *parents, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        parents[i] = i;
}

/* The least number of i's set. Shortens the way to it. */
static inline uint32_t
sets_root(uint32_t *parents, uint32_t i)
{
    while (parents[i] != i)
        i = parents[i] = parents[parents[i]];
    return i;
}

/* Makes the sets of a and b one; returns its least number. */
static inline uint32_t
sets_join(uint32_t *parents, uint32_t a, uint32_t b)
{
    uint32_t one = sets_root(parents, a), other = sets_root(parents, b);
    uint32_t least = one < other ? one : other;

    parents[one] = parents[other] = least;
    return least;
}
