/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct span
span_of(const char *s)
{
    return (struct span){(const uint8_t *)s, strlen(s)};
}

bool
span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

void
buf_init(struct buf *buf, size_t limit_bytes)
{
    *buf = (struct buf){.limit = limit_bytes};
}

void
buf_fini(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

void
buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->spoilt = false;
}

/* Room for len more bytes and the NUL. */
static bool
reserve(struct buf *buf, size_t len)
{
    if (buf->spoilt || len > buf->limit || buf->len > buf->limit - len) {
        buf->spoilt = true;
        return false;
    }
    size_t need = buf->len + len + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap < 256 ? 256 : buf->cap + buf->cap / 2;
    if (cap < need)
        cap = need;
    uint8_t *grown = realloc(buf->data, cap);
    if (grown == NULL) {
        buf->spoilt = true;
        return false;
    }
    buf->data = grown;
    buf->cap = cap;
    return true;
}

uint8_t *
buf_extend(struct buf *buf, size_t len)
{
    if (!reserve(buf, len))
        return NULL;
    uint8_t *place = buf->data + buf->len;
    buf->len += len;
    buf->data[buf->len] = 0;
    return place;
}

void
buf_append(struct buf *buf, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    uint8_t *place = buf_extend(buf, len);
    if (place != NULL)
        memcpy(place, bytes, len);
}

void
buf_string(struct buf *buf, const char *s)
{
    buf_append(buf, s, strlen(s));
}

void
buf_char(struct buf *buf, char c)
{
    buf_append(buf, &c, 1);
}

void
buf_printf(struct buf *buf, const char *fmt, ...)
{
    char small[256];
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), fmt, args);
    va_end(args);
    if (len < 0) {
        buf->spoilt = true;
    } else if ((size_t)len < sizeof(small)) {
        buf_append(buf, small, (size_t)len);
    } else if (reserve(buf, (size_t)len)) {
        vsnprintf((char *)buf->data + buf->len, (size_t)len + 1, fmt, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void
buf_consume(struct buf *buf, size_t len)
{
    if (len >= buf->len) {
        buf->len = 0;
        return;
    }
    memmove(buf->data, buf->data + len, buf->len - len);
    buf->len -= len;
}

void
buf_cut(struct buf *buf, size_t len)
{
    if (len >= buf->len)
        return;
    buf->len = len;
    buf->data[len] = 0;
}

enum err_code
buf_check(const struct buf *buf, const char *what, struct err *err)
{
    if (!buf->spoilt)
        return ERR_OK;
    return err_set(err, ERR_LIMIT, "%s: larger than the limit of %zu bytes", what, buf->limit);
}

struct span
buf_span(const struct buf *buf)
{
    return (struct span){buf->data, buf->len};
}

const char *
buf_text(const struct buf *buf)
{
    return buf->len == 0 ? "" : (const char *)buf->data;
}
