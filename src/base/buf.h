/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/buf.h - a growing run of bytes with a limit, and a borrowed view of such a run.
 *
 * Appending never fails on the spot: past the limit, or without memory, the buffer drops what
 * comes, remembers that it is spoilt, and the user asks once at the end. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes; not terminated. */
struct span {
    const uint8_t *data;
    size_t len;
};

/* A span over a string literal or terminated string. */
struct span span_of(const char *s);
bool span_equal(struct span a, struct span b);

struct buf {
    uint8_t *data; /* NULL while empty; always followed by a NUL byte otherwise */
    size_t len;
    size_t cap;
    size_t limit; /* largest len */
    bool spoilt;
};

void buf_init(struct buf *buf, size_t limit_bytes);
void buf_fini(struct buf *buf);

/* Forgets the content, keeps the memory. */
void buf_clear(struct buf *buf);

void buf_append(struct buf *buf, const void *bytes, size_t len);
void buf_string(struct buf *buf, const char *s);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* len uninitialised bytes at the end to be filled by the caller; NULL if that spoils the buffer. */
uint8_t *buf_extend(struct buf *buf, size_t len);

/* Drops bytes from the front. */
void buf_consume(struct buf *buf, size_t len);

/* Drops bytes from the end, down to len; a shorter buffer is left as it is. */
void buf_cut(struct buf *buf, size_t len);

/* OK, or ERR_LIMIT naming what. */
MUST_CHECK enum err_code buf_check(const struct buf *buf, const char *what, struct err *err);

struct span buf_span(const struct buf *buf);

/* The content as a terminated string ("" while empty). Borrowed. */
const char *buf_text(const struct buf *buf);
