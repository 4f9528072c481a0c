/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "canvas.h"

#include <math.h>
#include <string.h>

struct pixmap
canvas_new(struct arena *arena, uint8_t level)
{
    struct pixmap map = {
        .width = CANVAS_WIDTH, .height = CANVAS_HEIGHT, .stride = CANVAS_WIDTH, .dpi = 100};

    map.pixels = arena_array(arena, map.height, map.stride);
    memset(map.pixels, level, map.stride * map.height);
    return map;
}

void
canvas_fill(struct pixmap *map, int x, int y, int w, int h, uint8_t level)
{
    for (int row = y; row < y + h; row++)
        memset(map->pixels + (size_t)row * map->stride + x, level, (size_t)w);
}

void
canvas_write(struct pixmap *map, int x, int y, int letters, uint8_t level)
{
    for (int i = 0; i < letters; i++, x += 10) {
        canvas_fill(map, x, y, 2, 10, level);
        canvas_fill(map, x, y, 7, 2, level);
        canvas_fill(map, x, y + 8, 7, 2, level);
    }
}

void
canvas_ring(struct pixmap *map, int x, int y, int side)
{
    float r = (float)side / 2;

    for (int dy = 0; dy < side; dy++)
        for (int dx = 0; dx < side; dx++)
            if (fabsf(hypotf((float)dx - r, (float)dy - r) - r + 2) < 1.5F)
                map->pixels[(size_t)(y + dy) * map->stride + (size_t)(x + dx)] = 0;
}

struct box
canvas_box(int x, int y, int w, int h)
{
    return (struct box){(float)x * canvas_unit, (float)y * canvas_unit,
                        (float)(x + w) * canvas_unit, (float)(y + h) * canvas_unit};
}
