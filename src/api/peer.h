/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/peer.h - who is at the other end, also behind a proxy of the operator's: the last address in
 * X-Forwarded-For that is none of the trusted proxies. From anybody else that field is not
 * believed. */
#pragma once

#include "base/arena.h"
#include "base/netaddr.h"
#include "http/http.h"

enum { PEER_PROXIES_MAX = 32 };

struct peer_proxies {
    struct netaddr_range ranges[PEER_PROXIES_MAX];
    size_t count;
};

/* "127.0.0.1,10.0.0.0/8"; NULL or "": none. ERR_INPUT names what is wrong. */
MUST_CHECK
enum err_code peer_proxies_parse(const char *list, struct peer_proxies *ret, struct err *err);

/* Text of the address; in the arena, or the connection's own. Never NULL. */
const char *peer_of(struct arena *arena, const struct peer_proxies *proxies, const char *connected,
                    struct span forwarded);
