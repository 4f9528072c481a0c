/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/table.h - one table of a page as a GFM pipe table.
 *
 * GFM has one header row and no spans: the first header row becomes it (an empty one where the
 * table has none), a spanning cell stands in its first place and leaves the others empty. Lines of
 * a cell that were ended on purpose are parted by <br>. */
#pragma once

#include "base/buf.h"
#include "page/page.h"

void table_put(const struct page *page, const struct page_table *table, struct buf *out);
