/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h - from words and lines in any order to blocks in reading order.
 *
 * Knows boxes, fonts sizes and text only: no pixels, no document. No state; runs in the child.
 * Steps: lines regrouped where a source line spans two columns; columns and reading order
 * (layout/order.h); tables by rules or by aligned gaps (layout/table.h); paragraphs, lists,
 * headings, captions (layout/blocks.h). */
#pragma once

#include "base/err.h"
#include "page/page.h"

/* In place: after OK the page's lines and words stand in reading order, every line belongs to
 * exactly one block or table cell, and confidence is set. Scratch comes from the page's arena. */
MUST_CHECK
enum err_code layout_page(struct page *page, struct err *err);
