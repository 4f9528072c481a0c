/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/warp.h"

#include <math.h>

/* The way back is sought step by step, to this (pt); where rows bend as paper does, in three. */
static const float near_enough = 0.005F;
enum { STEPS_MOST = 24 };

/* The cell of a place along one side, and how far in it. */
static int
cell_of(float at, float from, float to, float *ret_share)
{
    float place = (at - from) / (to - from) * (WARP_SIDE - 1);
    int cell = place > 0 ? place < WARP_SIDE - 2 ? (int)place : WARP_SIDE - 2 : 0;

    *ret_share = place - (float)cell;
    return cell;
}

static float
between(const float net[WARP_SIDE][WARP_SIDE], int row, int column, float down, float across)
{
    const float *a = &net[row][column], *b = &net[row + 1][column];

    return (a[0] + (a[1] - a[0]) * across) * (1 - down) + (b[0] + (b[1] - b[0]) * across) * down;
}

void
warp_there(const struct page_warp *warp, float u, float v, float *ret_x, float *ret_y)
{
    float across, down;
    int column = cell_of(u, warp->frame.x0, warp->frame.x1, &across);
    int row = cell_of(v, warp->frame.y0, warp->frame.y1, &down);

    *ret_x = between(warp->x, row, column, down, across);
    *ret_y = between(warp->y, row, column, down, across);
}

/* No farther from the frame's side than it is long. */
static float
held(float at, float from, float to)
{
    return fminf(fmaxf(at, 2 * from - to), 2 * to - from);
}

void
warp_back(const struct page_warp *warp, float x, float y, float *ret_u, float *ret_v)
{
    float u = x, v = y;

    for (int i = 0; i < STEPS_MOST; i++) {
        float there_x, there_y;
        warp_there(warp, u, v, &there_x, &there_y);
        u = held(u + x - there_x, warp->frame.x0, warp->frame.x1);
        v = held(v + y - there_y, warp->frame.y0, warp->frame.y1);
        if (fabsf(x - there_x) + fabsf(y - there_y) < near_enough)
            break;
    }
    *ret_u = u;
    *ret_v = v;
}

struct box
warp_box_there(const struct page_warp *warp, struct box box)
{
    struct box all = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (int i = 0; i < 10; i++) { /* corners, and points between along the row */
        float u = box.x0 + (box.x1 - box.x0) * (float)(i / 2) / 4, x, y;
        warp_there(warp, u, i % 2 == 0 ? box.y0 : box.y1, &x, &y);
        all = box_union(all, (struct box){x, y, x, y});
    }
    return all;
}

struct box
warp_box_back(const struct page_warp *warp, struct box box)
{
    float x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2, u, v, u1, v1, unused;
    float w = box_width(box) / 2, h = box_height(box) / 2;

    warp_back(warp, x, y, &u, &v);
    warp_back(warp, x + w, y, &u1, &unused);
    warp_back(warp, x, y + h, &unused, &v1);
    w = fabsf(u1 - u);
    h = fabsf(v1 - v);
    return (struct box){u - w, v - h, u + w, v + h};
}

void
warp_scale(struct page_warp *warp, float factor)
{
    warp->frame = (struct box){warp->frame.x0 * factor, warp->frame.y0 * factor,
                               warp->frame.x1 * factor, warp->frame.y1 * factor};
    for (int row = 0; row < WARP_SIDE; row++)
        for (int column = 0; column < WARP_SIDE; column++) {
            warp->x[row][column] *= factor;
            warp->y[row][column] *= factor;
        }
}

void
warp_turn(struct page_warp *warp, float width, float height, int degrees)
{
    const struct page_warp was = *warp;
    enum { LAST = WARP_SIDE - 1 };

    warp->frame = box_turn(was.frame, width, height, degrees);
    for (int row = 0; row < WARP_SIDE; row++)
        for (int column = 0; column < WARP_SIDE; column++) {
            int from_row = degrees == 90 ? LAST - column : degrees == 270 ? column : LAST - row;
            int from_column = degrees == 90 ? row : degrees == 270 ? LAST - row : LAST - column;
            float x = was.x[from_row][from_column], y = was.y[from_row][from_column];
            struct box at = box_turn((struct box){x, y, x, y}, width, height, degrees);
            warp->x[row][column] = at.x0;
            warp->y[row][column] = at.y0;
        }
}
