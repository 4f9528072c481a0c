/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/cors.h - cross-origin use from browsers (Fetch standard). Any origin may ask: no cookie ever
 * authenticates here, a page must bring the key itself. */
#pragma once

#include "http/http.h"

struct call;

enum { CORS_REPLY_HEADERS = 2 };

/* Fills CORS_REPLY_HEADERS fields for the reply to a request with an Origin; returns how many. */
size_t cors_reply(struct http_header *out);

/* Answers OPTIONS for a path that takes the methods in allow ("GET, HEAD, OPTIONS"). */
void cors_preflight(struct call *call, const char *allow);
