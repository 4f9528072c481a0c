/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/table.h - one table of a page inside Markdown: a GFM pipe table where that can express it,
 * else HTML.
 *
 * GFM has exactly one header row and no spans. A table with spans, with several header rows or
 * without any is HTML with rowspan and colspan, one row a line, without empty lines, so that GFM
 * takes it as one block. Lines of a cell that were ended on purpose are parted by <br>. */
#pragma once

#include "base/buf.h"
#include "page/page.h"

void table_put(const struct page *page, const struct page_table *table, struct buf *out);
