/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/jsonw.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void
put_text(struct buf *out, const uint8_t *s, size_t len)
{
    size_t clean_from = 0;

    buf_char(out, '"');
    for (size_t i = 0; i < len;) {
        uint32_t c = s[i];
        size_t n = 1;
        if (c >= 0x80)
            n = utf8_decode(s + i, len - i, &c);
        if (n != 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            i += n;
            continue;
        }
        buf_append(out, s + clean_from, i - clean_from);
        if (n == 0) {
            n = 1;
            buf_string(out, "\xef\xbf\xbd");
        } else if (c == '"' || c == '\\') {
            buf_char(out, '\\');
            buf_char(out, (char)c);
        } else if (c == '\n') {
            buf_string(out, "\\n");
        } else {
            buf_printf(out, "\\u%04x", (unsigned)c);
        }
        i += n;
        clean_from = i;
    }
    if (len > clean_from)
        buf_append(out, s + clean_from, len - clean_from);
    buf_char(out, '"');
}

/* Comma and key before a value. */
static void
begin(struct jsonw *w, const char *key)
{
    if (w->depth > 0) {
        if (w->not_first[w->depth - 1])
            buf_char(w->out, ',');
        w->not_first[w->depth - 1] = true;
    }
    if (key != NULL) {
        put_text(w->out, (const uint8_t *)key, strlen(key));
        buf_char(w->out, ':');
    }
}

static void
open_nested(struct jsonw *w, const char *key, char opener, char closer)
{
    begin(w, key);
    if (w->depth == JSONW_DEPTH_MAX) {
        w->out->spoilt = true;
        return;
    }
    buf_char(w->out, opener);
    w->closer[w->depth] = closer;
    w->not_first[w->depth] = false;
    w->depth++;
}

void
jsonw_object(struct jsonw *w, const char *key)
{
    open_nested(w, key, '{', '}');
}

void
jsonw_array(struct jsonw *w, const char *key)
{
    open_nested(w, key, '[', ']');
}

void
jsonw_end(struct jsonw *w)
{
    if (w->depth > 0)
        buf_char(w->out, w->closer[--w->depth]);
}

void
jsonw_bytes(struct jsonw *w, const char *key, const void *text, size_t len)
{
    begin(w, key);
    put_text(w->out, text, len);
}

void
jsonw_string(struct jsonw *w, const char *key, const char *text)
{
    if (text == NULL)
        jsonw_null(w, key);
    else
        jsonw_bytes(w, key, text, strlen(text));
}

void
jsonw_int(struct jsonw *w, const char *key, int64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%lld", (long long)value);

    begin(w, key);
    buf_append(w->out, digits, (size_t)len);
}

void
jsonw_bool(struct jsonw *w, const char *key, bool value)
{
    begin(w, key);
    buf_string(w->out, value ? "true" : "false");
}

void
jsonw_null(struct jsonw *w, const char *key)
{
    begin(w, key);
    buf_string(w->out, "null");
}

void
jsonw_real(struct jsonw *w, const char *key, double value, int digits)
{
    char text[64];

    if (!isfinite(value) || fabs(value) >= 1e15) {
        jsonw_null(w, key);
        return;
    }
    int len = snprintf(text, sizeof(text), "%.*f", digits, value);
    if (strchr(text, '.') != NULL) {
        while (text[len - 1] == '0')
            len--;
        if (text[len - 1] == '.')
            len--;
    }
    begin(w, key);
    buf_append(w->out, text, (size_t)len);
}

void
jsonw_time(struct jsonw *w, const char *key, int64_t utc_ms)
{
    char text[CLOCK_TEXT_SIZE];

    if (utc_ms == 0) {
        jsonw_null(w, key);
        return;
    }
    clock_rfc3339(utc_ms, text);
    jsonw_string(w, key, text);
}

void
jsonw_raw(struct jsonw *w, const char *key, const char *json)
{
    begin(w, key);
    buf_string(w->out, json);
}

void
jsonw_raw_span(struct jsonw *w, const char *key, struct span json)
{
    begin(w, key);
    buf_append(w->out, json.data, json.len);
}
