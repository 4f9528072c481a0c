/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/reply.h - the head of a reply as bytes. */
#pragma once

#include "base/buf.h"
#include "http/http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the place of a body's length. */
#define REPLY_CHUNKED SIZE_MAX
#define REPLY_TO_END  (SIZE_MAX - 1) /* HTTP/1.0: the end of the connection is the end */

enum reply_connection {
    REPLY_PLAIN,      /* HTTP/1.1, goes on: no Connection field */
    REPLY_KEEP_ALIVE, /* HTTP/1.0, goes on: must be said */
    REPLY_CLOSE,
};

/* True for the codes that never carry a body (1xx, 204, 304). */
bool reply_has_no_body(int status);

/* False where a header would forge the reply: no token as name, CR, LF, NUL or another control
 * character in the value, or one of the fields that the server itself writes. */
bool reply_headers_sound(const struct http_header *headers, size_t n);

/* True if "Connection: close" is among them. */
bool reply_headers_close(const struct http_header *headers, size_t n);

/* Appends the head, empty line included, for sound headers. date: of the Date field. */
void reply_head(struct buf *out, int status, enum reply_connection connection, const char *date,
                const struct http_header *headers, size_t n, size_t body_len);
