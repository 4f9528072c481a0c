/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h - from words and lines in any order to blocks in reading order.
 *
 * Knows boxes, font sizes and text only: no pixels, no document, no language. No state; runs in the
 * child. Method, accuracy and where it fails: docs/layout.md. Wild numbers (not finite, beyond 1e6
 * points, boxes inside out) are set right first, so that the tree passes page/codec.h. */
#pragma once

#include "base/err.h"
#include "page/page.h"

/* In place: after OK the page's lines and words stand in reading order, every line belongs to
 * exactly one block or table cell, and confidence is set. Blocks, tables and cells that were there
 * are made anew. Scratch comes from the page's arena (some 200 bytes a word, more in tables);
 * ERR_LIMIT if that is full. */
MUST_CHECK
enum err_code layout_page(struct page *page, struct err *err);
