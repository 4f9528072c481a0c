/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/query.h - numbers in the query of a URL. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/* name=N with min <= N <= max; missing where the name is not there. ERR_INPUT names the
 * parameter for anything else, a repeated one too. */
MUST_CHECK
enum err_code query_int(struct span query, const char *name, int64_t min, int64_t max,
                        int64_t missing, int64_t *ret, struct err *err);
