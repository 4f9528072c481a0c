/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/cors.h - cross-origin use from browsers (Fetch standard). By default any origin may ask: no
 * cookie ever authenticates here, a page must bring the key itself. An operator may name the
 * origins that may, or none. */
#pragma once

#include "http/http.h"

struct call;

enum { CORS_REPLY_HEADERS = 3 };

/* Fills up to CORS_REPLY_HEADERS fields for the reply to a request with an Origin; returns how
 * many. None for an origin that may not ask. */
size_t cors_reply(struct call *call, struct http_header *out);

/* Answers OPTIONS for a path that takes the methods in allow ("GET, HEAD, OPTIONS"). */
void cors_preflight(struct call *call, const char *allow);
