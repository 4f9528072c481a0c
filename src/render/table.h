/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/table.h - one table of a page inside Markdown: a GFM pipe table where that can express it,
 * else HTML.
 *
 * GFM has exactly one header row and no spans. A table that goes on from the page before and does
 * not print its head again has that head above it. A table with spans, with several header rows or
 * without any is HTML with rowspan and colspan, one row a line, without empty lines, so that GFM
 * takes it as one block. Lines of a cell that were ended on purpose are parted by <br>. */
#pragma once

#include "base/buf.h"
#include "page/page.h"

/* What stands over each column of a table that continues and was lent its head (page_table.head):
 * the next column's text at *at, of *ret_len bytes; *at moves on. */
const char *table_next_head(const char **at, size_t *ret_len);

void table_put(const struct page *page, const struct page_table *table, struct buf *out);
