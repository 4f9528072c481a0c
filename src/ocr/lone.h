/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lone.h - entries of one to three letters in a column of their own, the quantities of an
 * invoice say: layout analysis passes over them, for it looks for text.
 *
 * Method: letters in no row, put together with those close beside them; an entry stands level with
 * a row, and three of them, level with three rows, stand one below the other. Knows boxes, no
 * pixels. Fails on: columns of fewer than three; entries that no row stands beside. */
#pragma once

#include "ocr/tess.h"

/* rows: what was found. letters [n]: parts of ink like letters that lie in none of them, of the
 * height of the page's letters. ret: a row each, LONE_MOST at the most, in the arena. False: it is
 * full. */
enum { LONE_MOST = 400 };
MUST_CHECK
bool lone_find(const struct tess_rows *rows, const struct box *letters, size_t n, float height,
               struct arena *arena, struct tess_rows *ret);
