/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/netaddr.h - an address of the Internet, whether it is a public one, and ranges of them.
 *
 * IPv4 and IPv6 in one shape: 16 bytes, IPv4 as ::ffff:a.b.c.d. Forms of IPv6 that lead to an IPv4
 * address (mapped, NAT64 64:ff9b::/96) are judged by the address inside. Pure; no look-ups.
 * Source: the IANA registries of special-purpose addresses (RFC 6890) as of 2024. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

struct netaddr {
    uint8_t bytes[16];
};

struct netaddr_range {
    struct netaddr first;
    unsigned bits; /* 0..128, of the 16 bytes */
};

enum { NETADDR_TEXT_SIZE = 46 };

/* "192.0.2.1" with four decimal numbers and no leading zeros, or IPv6 without brackets and zone;
 * no other spelling. */
MUST_CHECK
bool netaddr_parse(const char *text, struct netaddr *ret);

/* False for families other than IPv4 and IPv6. */
MUST_CHECK
bool netaddr_of(const struct sockaddr *address, struct netaddr *ret);

void netaddr_text(const struct netaddr *address, char ret_text[NETADDR_TEXT_SIZE]);

bool netaddr_is_v4(const struct netaddr *address);

/* Global unicast that a stranger may be connected to: not private, loopback, link-local, shared
 * (100.64/10), multicast, documentation, benchmark, reserved, nor a tunnel to any of them. */
bool netaddr_is_public(const struct netaddr *address);

/* NAT64 is looked through: 64:ff9b::7f00:1 lies in 127.0.0.0/8. */
bool netaddr_in(const struct netaddr *address, const struct netaddr_range *range);

/* "10.0.0.0/8", "fd00::/8"; without a slash one address. ERR_INPUT for anything else, also where
 * bits behind the prefix are set. */
MUST_CHECK
enum err_code netaddr_range_parse(const char *text, struct netaddr_range *ret, struct err *err);
