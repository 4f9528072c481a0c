/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/html_inline.h - running text and tables of a page as HTML: text escaped, bold, italics,
 * raised and lowered text and links as elements that nest rightly. */
#pragma once

#include "base/buf.h"
#include "render/flow.h"

/* Writes all that is left of the flow; breaks as <br>. without: styles that are not written (enum
 * word_style bits), because the element around says them. Links whose scheme is none of http,
 * https, mailto, tel and ftp stay plain text. */
void html_put_flow(struct flow *flow, uint8_t without, struct buf *out);

/* <table> with thead, tbody, rowspan and colspan; cells are <th> in header rows and where the cell
 * says so. One line a row; ends with a newline. Nothing for a table without rows or columns.
 * caption: block whose text is the table's <caption>, or -1. */
void html_put_table(const struct page *page, const struct page_table *table, int64_t caption,
                    struct buf *out);
