/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/head.h - the head of a request: from bytes to a checked request line, fields and framing.
 *
 * Strict after RFC 9112: lines end in CRLF and nothing else, no folded lines, no space before a
 * colon, no control characters, HTTP/1.0 and 1.1 only, targets in origin-form, absolute-form or
 * "*" with OPTIONS. Wherever two readers could see two different requests in the same bytes, the
 * request is refused. Pure: no sockets, no clock, no state but what the caller keeps. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"
#include "http/http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the search for the end of a head stands; all zero at its start. */
struct head_scan {
    size_t start;      /* of the head: behind one empty line that may precede it */
    size_t line_start; /* of the line being looked at */
    size_t seen;       /* bytes known to be sound */
    size_t lines;      /* whole lines so far, the request line among them */
};

/* Looks for the empty line that ends the head. bytes are all that has come since the scan was
 * zeroed, each time more of them: what was seen is not looked at again. *ret_end is set to the
 * offset behind the head, or 0 if more is needed. ERR_URI, ERR_HEADERS past a limit, ERR_SYNTAX for
 * a bare CR or LF or a control character. */
MUST_CHECK
enum err_code head_scan(struct head_scan *scan, struct span bytes, const struct http_limits *limits,
                        size_t *ret_end, struct err *err);

struct head_field {
    struct span name;
    struct span value;
};

struct head {
    struct span method;
    struct span path;      /* begins with '/'; "*" only for OPTIONS */
    struct span query;     /* without '?' */
    struct span authority; /* of an absolute-form target; len 0 otherwise */
    struct head_field *fields;
    size_t field_count;
    int64_t length; /* Content-Length; -1 if there is none */
    int minor;      /* of HTTP/1.x: 0 or 1 */
    bool chunked;
    bool keep_alive;       /* the client would go on with this connection */
    bool expects_continue; /* and there is a body to send */
};

/* text: a whole head, empty line included, that head_scan has passed; what is returned points into
 * it. line_count: head_scan's lines. The fields live in the arena. */
MUST_CHECK
enum err_code head_parse(struct arena *arena, struct span text, size_t line_count,
                         struct head *ret_head, struct err *err);

/* First field of that name, in any case; NULL if there is none. */
const struct head_field *head_find(const struct head *head, const char *name);

/* Equal but for the case of ASCII letters. */
bool head_same(struct span a, const char *b);

/* 1..n characters of RFC 9110's tchar. */
bool head_is_token(struct span s);
