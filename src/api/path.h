/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/path.h - paths of requests against the patterns of the routes.
 *
 * "/api/v1" in front is optional and runs of '/' count as one, because published clients send all
 * of these. A pattern is literal segments and {parameters}; a parameter takes one segment, which is
 * percent-decoded once. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>

enum { PATH_SEGMENTS_MAX = 12 };

struct path {
    struct span segments[PATH_SEGMENTS_MAX]; /* borrowed from the text, still encoded */
    size_t count;                            /* 0: the root */
};

/* False if there are more segments than any route has. */
MUST_CHECK
bool path_split(struct span text, struct path *ret);

/* True if the path has the pattern's form. */
bool path_matches(const struct path *path, const char *pattern);

/* The decoded parameters of a path that matches, in order; false where one is not decodable
 * (a broken escape, a NUL, no UTF-8) or the arena is full. */
MUST_CHECK
bool path_params(struct arena *arena, const struct path *path, const char *pattern,
                 const char **ret_params, size_t max);
