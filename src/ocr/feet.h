/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/feet.h - the letters of a page chained to rows, with the place of each one's foot.
 *
 * Knows boxes only. Letters each the other's nearest are of one row, which ends at a wide gap; rows
 * of few letters are left out. */
#pragma once

#include "base/arena.h"
#include "page/page.h"

struct foot {
    float x0, x1, y;
    int32_t left, right; /* neighbours, before rows were put together; -1: none */
    float left_cost, right_cost;
    uint32_t row;  /* from 1; a row's letters follow each other, from the left */
    double weight; /* 1 */
};

/* parts  [n], borrowed: what may be letters, pixels, on a page that is so high
 * letter their median height
 * ret    in the arena, row by row
 * False if there is no room, or too little to tell anything. */
MUST_CHECK
bool feet_find(struct arena *arena, const struct box *parts, size_t n, float letter, float height,
               struct foot **ret, uint32_t *ret_count, uint32_t *ret_rows);
