/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/query.h - the parameters in the query of a URL: numbers, words, times. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* name=N with min <= N <= max; missing where the name is not there. ERR_INPUT names the
 * parameter for anything else, a repeated one too. */
MUST_CHECK
enum err_code query_int(struct span query, const char *name, int64_t min, int64_t max,
                        int64_t missing, int64_t *ret, struct err *err);

/* name=TEXT, percent-decoded ('+' is a space), of at most max bytes of UTF-8 without control
 * characters; *ret NULL where the name is not there. ERR_INPUT names the parameter. */
MUST_CHECK
enum err_code query_text(struct arena *arena, struct span query, const char *name, size_t max,
                         const char **ret, struct err *err);

/* As query_text for at most max characters; *ret NULL for an empty text, too. */
MUST_CHECK
enum err_code query_words(struct arena *arena, struct span query, const char *name, size_t max,
                          const char **ret, struct err *err);

/* true, false, 1 or 0. */
MUST_CHECK
enum err_code query_bool(struct span query, const char *name, bool missing, bool *ret,
                         struct err *err);

/* RFC 3339, or YYYY-MM-DD for the begin of that day (UTC), in milliseconds since 1970. */
MUST_CHECK
enum err_code query_time(struct arena *arena, struct span query, const char *name, int64_t missing,
                         int64_t *ret, struct err *err);
