/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/plain.h - blocks as plain text: for render_text and for the texts of boxes. */
#pragma once

#include "base/buf.h"
#include "page/page.h"

/* Rows on lines of their own, cells parted by tabs. No final newline. */
void plain_put_table(const struct page *page, const struct page_table *table, struct buf *out);

/* One block without a final newline. whole: with the blocks that it continues in; returns the last
 * of them. */
uint32_t plain_put_block(const struct page *page, uint32_t index, bool whole, struct buf *out);
