/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/hosts.h - how much one host is asked: a token bucket each, in a table of fixed size. Hosts
 * that share a place share its bucket, which errs on the side of the host. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { HOSTS_PLACES = 1024, HOSTS_A_SECOND = 50, HOSTS_AT_ONCE = 16 };

struct hosts {
    struct {
        int64_t at_ms; /* monotonic: when tokens was right */
        int64_t tokens_milli;
    } places[HOSTS_PLACES];
};

/* A number for the host of a URL. */
uint64_t hosts_number(const char *url);

/* How many requests it may get now, at most wanted; they are taken from the bucket. */
size_t hosts_take(struct hosts *hosts, uint64_t host, size_t wanted, int64_t now_ms);
