/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/jsonw.h - writing JSON straight into a buffer: commas, escapes and nesting are kept right.
 *
 *   struct jsonw w = {.out = &buf};
 *   jsonw_object(&w, NULL);              // key NULL: the top, or inside an array
 *   jsonw_string(&w, "id", id);          // NULL text writes null
 *   jsonw_end(&w);
 * Text that is not UTF-8 has its wrong bytes replaced by U+FFFD: the output is always valid. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { JSONW_DEPTH_MAX = 32 };

struct jsonw {
    struct buf *out;
    int depth;
    bool not_first[JSONW_DEPTH_MAX];
    char closer[JSONW_DEPTH_MAX];
};

void jsonw_object(struct jsonw *w, const char *key);
void jsonw_array(struct jsonw *w, const char *key);
void jsonw_end(struct jsonw *w);

void jsonw_string(struct jsonw *w, const char *key, const char *text);
void jsonw_bytes(struct jsonw *w, const char *key, const void *text, size_t len);
void jsonw_int(struct jsonw *w, const char *key, int64_t value);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);

/* Fixed digits after the point, trailing zeros cut; NaN and infinities write null. */
void jsonw_real(struct jsonw *w, const char *key, double value, int digits);

/* RFC 3339; 0 writes null. */
void jsonw_time(struct jsonw *w, const char *key, int64_t utc_ms);

/* A value that is JSON text already. */
void jsonw_raw(struct jsonw *w, const char *key, const char *json);
void jsonw_raw_span(struct jsonw *w, const char *key, struct span json);
