/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/heads.h - numbers of a list, or other short heads of rows, that stand in a column of their
 * own: layout analysis takes such a column for a row that runs up or down, and nothing is read.
 *
 * Method: in a true upright row two letters and more follow each other beside one level row, and
 * they stand between rows as often as in them; in a column of heads those beside one row stand
 * side by side. Then each goes to its row, and the upright row goes. Knows boxes, no pixels. Fails
 * on: columns of fewer than three heads; heads whose rows were not found. */
#pragma once

#include "ocr/tess.h"

/* Whether there is a row that may be such a column: letters are wanted only then. */
bool heads_may_be(const struct tess_rows *rows);

/* letters [n]: parts of ink like letters that lie in no level row. Rows that are given heads have
 * new words in the arena. False: it is full. */
MUST_CHECK
bool heads_join(struct tess_rows *rows, const struct box *letters, size_t n, struct arena *arena);
