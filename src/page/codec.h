/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/codec.h - the page tree as bytes: from the confined child to the runner, and in the store.
 *
 * Little-endian, versioned, self-contained. Decoding trusts nothing: every count, range, index,
 * enum, float (finite, within +-1e6) and string (UTF-8, no NUL) is checked, and a tree that fails
 * is ERR_PROTOCOL whole. So that work on a decoded tree stays linear in its size, it also holds
 * that lines take words in ascending ranges that do not overlap, tables share no cells and are
 * shown by one block at most, a reading belongs to one word at most, a line to one block or cell at
 * most, and all grids together have no more than PAGE_ITEMS_MAX places. */
#pragma once

#include "base/buf.h"
#include "page/page.h"

/* Deepest list nesting, and what other blocks may have as level. */
enum { PAGE_CODEC_VERSION = 5, PAGE_LEVEL_MAX = 16 };

/* Appends; the caller checks the buffer once. Text past PAGE_TEXT_MAX bytes is cut at a character
 * boundary. */
void page_encode(const struct page *page, struct buf *out);

/* Memory taken from the arena: at most about twice the bytes. */
MUST_CHECK
enum err_code page_decode(struct arena *arena, struct span bytes, struct page **ret_page,
                          struct err *err);
