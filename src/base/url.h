/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/url.h - reads an http or https URL strictly, so that every part of the program, and the
 * library that connects, understands the same by it.
 *
 * Refused rather than guessed at: credentials, whitespace and control characters, backslashes and
 * percent signs in the host, hosts that are not ASCII (they have an xn-- form), numbers as hosts in
 * any spelling but four decimal ones. A fragment is dropped; other characters of path and query
 * that a URL may not hold are percent-encoded. Pure: no name is looked up. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "base/netaddr.h"

#include <stdbool.h>
#include <stdint.h>

enum { URL_MAX = 2000, URL_TEXT_SIZE = URL_MAX + 1, URL_HOST_SIZE = 254 };

struct url {
    bool https;
    bool is_literal;          /* the host is an address */
    struct netaddr literal;   /* if it is */
    char host[URL_HOST_SIZE]; /* lower case, no trailing dot; IPv6 without brackets */
    uint16_t port;
    char text[URL_TEXT_SIZE]; /* scheme://host[:port]/path?query as it is to be sent */
    uint16_t target;          /* where the path begins in text */
};

/* ERR_INPUT says what is wrong. */
MUST_CHECK
enum err_code url_parse(const char *text, struct url *ret, struct err *err);

/* The last segment of the path with its percent-encoding undone, "" where there is none: a name to
 * show, not one to open. Characters that are not UTF-8 or are control characters are replaced. */
void url_file_name(const struct url *url, char *out, size_t cap);
