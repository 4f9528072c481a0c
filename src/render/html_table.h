/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/html_table.h - one table of a page as HTML, for tables that GFM cannot express.
 *
 * Text is escaped; bold, italics, raised and lowered text and safe links are tags. Places that no
 * cell covers are empty cells, so that each row has the table's columns. */
#pragma once

#include "base/buf.h"
#include "page/page.h"

/* table->columns is TABLE_HTML_COLUMNS_MAX at most. Rows on lines of their own, no empty lines. */
void html_table_put(const struct page *page, const struct page_table *table, struct buf *out);
