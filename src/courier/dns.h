/* SPDX-License-Identifier: AGPL-3.0-or-later
 * courier/dns.h - questions to a name server and its answers as bytes (RFC 1035, RFC 6891). Pure.
 *
 * A stub's part only: the server asked is the operator's and follows aliases itself; every address
 * in the answer's own section counts. What an address may be used for is decided elsewhere. */
#pragma once

#include "base/buf.h"
#include "base/netaddr.h"

#include <stdbool.h>
#include <stdint.h>

enum { DNS_TYPE_A = 1, DNS_TYPE_AAAA = 28 };
enum { DNS_QUERY_MAX = 300, DNS_ANSWER_MAX = 1232, DNS_ADDRESSES_MAX = 16 };

struct dns_question {
    uint16_t id;
    uint16_t type;
    const char *host; /* as base/url.h has it */
};

/* 0 if the name cannot be asked for. */
size_t dns_write_query(const struct dns_question *question, uint8_t out[DNS_QUERY_MAX]);

enum dns_verdict {
    DNS_STRANGE, /* no answer to this question: to be ignored */
    DNS_FOUND,   /* no, one or more addresses: the answer */
    DNS_TROUBLE  /* the server cannot tell now */
};
/* *ret_n addresses, at most DNS_ADDRESSES_MAX; *ret_ttl_s the shortest life among them. */
enum dns_verdict dns_read_answer(const struct dns_question *question, struct span message,
                                 struct netaddr *ret, size_t *ret_n, uint32_t *ret_ttl_s);
