/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/soften.h"

/* Sums of three rows of the picture, columns from..to (half open), around row y; how many rows. */
static uint32_t
add_rows(const struct pixmap *picture, uint32_t y, uint32_t from, uint32_t to, uint16_t *ret_sums)
{
    uint32_t first = y > 0 ? y - 1 : 0, last = y + 1 < picture->height ? y + 1 : y;
    const uint8_t *row = picture->pixels + (size_t)first * picture->stride;

    for (uint32_t x = from; x < to; x++)
        ret_sums[x - from] = row[x];
    for (uint32_t k = first + 1; k <= last; k++) {
        row = picture->pixels + (size_t)k * picture->stride;
        for (uint32_t x = from; x < to; x++)
            ret_sums[x - from] = (uint16_t)(ret_sums[x - from] + row[x]);
    }
    return last - first + 1;
}

bool
soften(struct arena *arena, const struct pixmap *picture, struct lstm_box box, struct pixmap *ret)
{
    int32_t w = (int32_t)picture->width, h = (int32_t)picture->height;
    uint32_t x0 = (uint32_t)(box.x0 > 0 ? box.x0 : 0), x1 = (uint32_t)(box.x1 < w ? box.x1 : w);
    uint32_t y0 = (uint32_t)(box.y0 > 0 ? box.y0 : 0), y1 = (uint32_t)(box.y1 < h ? box.y1 : h);

    *ret = (struct pixmap){.dpi = picture->dpi};
    if (box.x1 <= 0 || box.y1 <= 0 || x0 >= x1 || y0 >= y1)
        return true;
    uint32_t from = x0 > 0 ? x0 - 1 : 0, to = x1 < picture->width ? x1 + 1 : x1;
    uint16_t *sums = arena_array(arena, to - from, sizeof(*sums));
    uint8_t *pixels = arena_array(arena, y1 - y0, x1 - x0);
    if (sums == NULL || pixels == NULL)
        return false;
    for (uint32_t y = y0; y < y1; y++) {
        uint32_t rows = add_rows(picture, y, from, to, sums);
        uint8_t *out = pixels + (size_t)(y - y0) * (x1 - x0);
        for (uint32_t x = x0; x < x1; x++) {
            uint32_t first = x > from ? x - 1 : x, last = x + 1 < to ? x + 1 : x, sum = 0;
            for (uint32_t k = first; k <= last; k++)
                sum += sums[k - from];
            uint32_t n = rows * (last - first + 1);
            out[x - x0] = (uint8_t)((sum + n / 2) / n);
        }
    }
    ret->pixels = pixels;
    ret->width = x1 - x0;
    ret->height = y1 - y0;
    ret->stride = ret->width;
    return true;
}
