/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/straighten.h"

#include <math.h>

static const int one = 256; /* of a pixel, in shares */

/* The grey at a place, whose pixels' middles are whole numbers. */
static uint8_t
grey_at(const struct pixmap *from, float x, float y)
{
    int left = (int)floorf(x), top = (int)floorf(y);
    int across = (int)((x - (float)left) * (float)one), down = (int)((y - (float)top) * (float)one);

    if (left < 0 || top < 0 || left + 1 >= (int)from->width || top + 1 >= (int)from->height)
        return 255;
    const uint8_t *a = from->pixels + (size_t)top * from->stride + left, *b = a + from->stride;
    int upper = a[0] * (one - across) + a[1] * across;
    int lower = b[0] * (one - across) + b[1] * across;
    return (uint8_t)((upper * (one - down) + lower * down + one * one / 2) / (one * one));
}

void
straighten(const struct pixmap *from, const struct page_warp *warp, float degrees,
           struct pixmap *to)
{
    float s = sinf(degrees * (float)M_PI / 180), c = cosf(degrees * (float)M_PI / 180);
    float middle_x = (float)from->width / 2, middle_y = (float)from->height / 2;
    float cell = box_width(warp->frame) / (WARP_SIDE - 1);

    for (uint32_t row = 0; row < to->height; row++) {
        uint8_t *out = to->pixels + row * to->stride;
        float v = warp->frame.y0 + (float)row + 0.5F;
        uint32_t at = 0;
        for (int i = 0; i < WARP_SIDE - 1; i++) { /* from one column of the net to the next */
            float x0, y0, x1, y1, end = cell * (float)(i + 1);
            warp_there(warp, warp->frame.x0 + cell * (float)i, v, &x0, &y0);
            warp_there(warp, warp->frame.x0 + end, v, &x1, &y1);
            for (; at < to->width && ((float)at + 0.5F < end || i == WARP_SIDE - 2); at++) {
                float share = ((float)at + 0.5F) / cell - (float)i;
                float x = x0 + (x1 - x0) * share - middle_x, y = y0 + (y1 - y0) * share - middle_y;
                out[at] =
                    grey_at(from, x * c + y * s + middle_x - 0.5F, y * c - x * s + middle_y - 0.5F);
            }
        }
    }
}
