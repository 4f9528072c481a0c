/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/warp.h - how the rows of a photographed page bend: from the frame in which they are level
 * and straight to the one in which they were seen, and back.
 *
 * A net of points, between which it is bilinear; beyond its frame it goes on as in its last cells.
 */
#pragma once

#include "page/page.h"

enum { WARP_SIDE = 17 };

struct page_warp {
    struct box frame; /* of the net, pt: its points lie evenly in it, rows from top to bottom */
    float x[WARP_SIDE][WARP_SIDE], y[WARP_SIDE][WARP_SIDE]; /* where each was seen, pt */
};

/* Where a point of the straight page was seen. */
void warp_there(const struct page_warp *warp, float u, float v, float *ret_x, float *ret_y);

/* And back; of a net that folds over, any point about it. */
void warp_back(const struct page_warp *warp, float x, float y, float *ret_u, float *ret_v);

/* Around the place where a box of the straight page was seen. */
struct box warp_box_there(const struct page_warp *warp, struct box box);

/* A box as it was seen, on the straight page: moved there with its middle, as much larger or
 * smaller as the page is. */
struct box warp_box_back(const struct page_warp *warp, struct box box);

/* Makes lengths factor times as large. */
void warp_scale(struct page_warp *warp, float factor);

/* Turns it with its page of width * height, clockwise by 90, 180 or 270 degrees. */
void warp_turn(struct page_warp *warp, float width, float height, int degrees);
