/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/rest.h - what looks like letters and lies in no row that was read: which of it may be
 * writing. Letters stand beside each other; specks, edges of tables and texture seldom do. */
#pragma once

#include "ocr/tess.h"

/* Keeps the letters that have another one beside them, by the height of the page's letters, and
 * their order; returned is how many. */
size_t rest_keep_letters(struct box *letters, size_t n, float height);

/* Keeps the rows that such letters fill, and their order. */
void rest_keep_rows(struct tess_rows *rows, const struct box *letters, size_t n);
