/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/netpolicy.h - where this service may connect for its tenants: public addresses at a few
 * ports, and what the operator allows beside.
 *
 * The one rule, asked twice: when a URL is handed in (what its text alone can tell), and for the
 * resolved address of every single socket, which is the answer that counts. */
#pragma once

#include "base/netaddr.h"
#include "base/url.h"

enum { NETPOLICY_RANGES_MAX = 32, NETPOLICY_PORTS_MAX = 16, NETPOLICY_OWN_MAX = 64 };

struct netpolicy {
    struct netaddr_range allowed[NETPOLICY_RANGES_MAX]; /* any port; wins over all refusals */
    size_t allowed_count;
    uint16_t ports[NETPOLICY_PORTS_MAX]; /* of public addresses */
    size_t port_count;
    struct netaddr own[NETPOLICY_OWN_MAX]; /* this machine's addresses: refused, though public */
    size_t own_count;
};

/* private: "10.0.0.0/8,fd00::/8" or ""; ports: "80,443". ERR_INPUT names what is wrong. own is left
 * empty. */
MUST_CHECK
enum err_code netpolicy_parse(const char *private_ranges, const char *ports, struct netpolicy *ret,
                              struct err *err);

/* In one of the allowed ranges. */
bool netpolicy_is_allowed(const struct netpolicy *policy, const struct netaddr *address);

/* May a socket be connected to this address and port? ERR_URL says why not, without more about the
 * network than the caller knew. */
MUST_CHECK
enum err_code netpolicy_check_address(const struct netpolicy *policy, const struct netaddr *address,
                                      uint16_t port, struct err *err);

/* What can be said before any name is resolved: ERR_URL for addresses and names that can lead
 * nowhere else than inside, and for ports that no rule allows. */
MUST_CHECK
enum err_code netpolicy_check_url(const struct netpolicy *policy, const struct url *url,
                                  struct err *err);

/* As netpolicy_check_url, for the receiver of a webhook: https and a name, unless it is, or may
 * be, in an allowed range. */
MUST_CHECK
enum err_code netpolicy_check_webhook(const struct netpolicy *policy, const struct url *url,
                                      struct err *err);
