/* SPDX-License-Identifier: AGPL-3.0-or-later
 * courier/resolve.h - from a host's name to its addresses: the machine's table of hosts, then its
 * name servers, both families at once, over UDP from a fresh port for each question.
 *
 * Why not the library's getaddrinfo: it reads files and starts threads, which this process may not.
 * Names are asked for as they stand: no search list. Nothing here waits: the owner polls the
 * descriptors and calls lookup_step. Answers are kept for as long as they say, RESOLVE_KEPT_MS at
 * most; every connection is checked anew all the same. */
#pragma once

#include "courier/dns.h"
#include "courier/system.h"

enum { RESOLVE_KEPT_MS = 30000, LOOKUP_FDS_MAX = 2 };

struct resolver;
MUST_CHECK
enum err_code resolver_open(const struct system_names *names, struct resolver **ret,
                            struct err *err);
void resolver_close(struct resolver **resolver);

/* Look-ups in a row for which no server has answered. */
int resolver_failures(const struct resolver *resolver);

struct lookup;
/* host: copied. */
MUST_CHECK
enum err_code lookup_open(struct resolver *resolver, const char *host, struct lookup **ret,
                          struct err *err);
void lookup_close(struct lookup **lookup);

/* Takes what has come and does what is due; true when the look-up is over. */
bool lookup_step(struct lookup *lookup);

/* The descriptors to poll for reading, -1: none; when lookup_step has to be called (monotonic). */
void lookup_fds(const struct lookup *lookup, int ret_fds[LOOKUP_FDS_MAX]);
int64_t lookup_due_ms(const struct lookup *lookup);

/* After the end: the addresses; 0: the name has none, or nobody could tell. */
size_t lookup_addresses(const struct lookup *lookup, const struct netaddr **ret);
