/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/uprights.h - how much the uprights of a photographed page lean, from where its rows begin and
 * end.
 *
 * Knows points only. Edges of text and of columns stand upright: of all pairs of leans, at the left
 * and at the right of the text, the one under which most beginnings stand one below the other, and
 * most ends. */
#pragma once

#include "base/arena.h"
#include "page/page.h"

struct upright_end {
    float x, y;
};

/* Pixels to the right for one down: at x lean + (x - middle) * spread, about the height mid. */
struct uprights {
    float lean, spread, middle, mid;
};

/* starts, ends [n], borrowed: of rows that are level
 * letter their letters' height, text the box around them
 * False if they do not, or do not tell. */
MUST_CHECK
bool uprights_find(struct arena *scratch, const struct upright_end *starts,
                   const struct upright_end *ends, size_t n, float letter, struct box text,
                   struct uprights *ret);
