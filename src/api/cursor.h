/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/cursor.h - lists in pages by keyset: {data, next_cursor, has_more, total_count, total_pages}.
 *
 * A cursor names the last row given (a sort key and an id), so that page 10,000 costs what page 1
 * costs and rows that come meanwhile shift nothing. It carries a MAC over the route's pattern, the
 * team and the filters of the query: one that was altered, or that belongs to another list, is 400.
 *
 *   cursor_read(call, &page, &err)           cursor, limit (1..100, default 20)
 *   SELECT ... WHERE team_id = $1 AND (created_ms < $2 OR (created_ms = $2 AND id < $3))
 *       ORDER BY created_ms DESC, id DESC LIMIT page.limit + 1
 *   w = cursor_open(call); up to page.limit rows, each an object; cursor_close(...)
 * Where page.follows is false there is no row to go on from: sort is INT64_MAX and id "\x7f", which
 * lies behind every row of a list that descends. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "base/jsonw.h"

#include <stdbool.h>
#include <stdint.h>

enum { CURSOR_LIMIT_MAX = 100, CURSOR_LIMIT_DEFAULT = 20, CURSOR_ID_SIZE = 72 };

struct call;

struct cursor_page {
    int64_t limit;
    bool follows; /* a cursor was given */
    int64_t sort; /* of the last row given */
    char id[CURSOR_ID_SIZE];
};

/* From the query of the call. ERR_INPUT names the parameter that is wrong. */
MUST_CHECK
enum err_code cursor_read(struct call *call, struct cursor_page *ret, struct err *err);

/* Begins the body; the writer stands inside "data". */
struct jsonw cursor_open(struct call *call);

/* What stands behind the rows. */
struct cursor_end {
    bool has_more;
    int64_t sort;   /* of the last row written, where has_more */
    const char *id; /* the same; shorter than CURSOR_ID_SIZE */
    int64_t total;  /* rows of the whole list under its filters */
};

/* Of the n rows loaded (at most page->limit + 1): how many are shown, and whether more follow. */
size_t cursor_shown(const struct cursor_page *page, size_t n, struct cursor_end *end);

/* Ends the body and sends it with status 200: the end of the call. */
void cursor_close(struct call *call, struct jsonw *w, const struct cursor_page *page,
                  const struct cursor_end *end);
