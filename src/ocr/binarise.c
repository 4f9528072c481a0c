/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/binarise.h"

#include <stdlib.h>
#include <string.h>

enum {
    TILE = 96,      /* pixels; of a threshold */
    EDGE_MIN = 30,  /* grey levels across two pixels: grain and shades have less */
    GRAIN_MIN = 6,  /* the same; half of a smooth page has less */
    GRAIN_STEP = 3, /* pixels between those that are looked at for grain */
    WORD = 32
};

/* Sums over a tile of edges' strength, and strength times grey. */
struct edges {
    double strength, grey;
};

struct tiles {
    struct edges *edges; /* [down][across] */
    struct edges page;   /* sum of all */
    uint32_t across, down;
};

static inline uint16_t
distance(uint8_t a, uint8_t b)
{
    return (uint16_t)(a > b ? a - b : b - a);
}

/* How strong the edge at a pixel is, which has others on all sides. */
static inline uint16_t
edge_at(const uint8_t *at, size_t stride)
{
    uint16_t dx = distance(at[1], *(at - 1)), dy = distance(at[stride], *(at - stride));

    return dx > dy ? dx : dy;
}

/* Adds the edges of a row, x0 to x1. */
static void
sum_row(const uint8_t *row, size_t stride, uint32_t x0, uint32_t x1, struct edges *ret)
{
    uint32_t strength = 0, grey = 0; /* at most 96 * 255 * 255 */

    for (uint32_t x = x0; x < x1; x++) {
        uint16_t e = edge_at(row + x, stride);
        e = e > EDGE_MIN ? e : 0;
        strength += e;
        grey += (uint16_t)(e * row[x]);
    }
    ret->strength += strength;
    ret->grey += grey;
}

static bool
tiles_init(const struct pixmap *even, struct tiles *ret)
{
    struct tiles t = {.across = (even->width + TILE - 1) / TILE,
                      .down = (even->height + TILE - 1) / TILE};

    t.edges = calloc((size_t)t.across * t.down + 1, sizeof(*t.edges));
    if (t.edges == NULL)
        return false;
    for (uint32_t y = 1; y + 1 < even->height; y++)
        for (uint32_t tx = 0; tx < t.across; tx++) {
            uint32_t x0 = tx == 0 ? 1 : tx * TILE, x1 = (tx + 1) * TILE;
            x1 = x1 > even->width - 1 ? even->width - 1 : x1;
            sum_row(even->pixels + y * even->stride, even->stride, x0, x1,
                    &t.edges[(size_t)(y / TILE) * t.across + tx]);
        }
    for (size_t i = 0; i < (size_t)t.across * t.down; i++) {
        t.page.strength += t.edges[i].strength;
        t.page.grey += t.edges[i].grey;
    }
    *ret = t;
    return true;
}

/* The threshold of a tile from its edges and those around it; where there are few, the page's. */
static uint8_t
threshold_of(const struct tiles *t, uint32_t tx, uint32_t ty)
{
    double share = t->page.strength / (t->across * t->down);
    struct edges sum = {0.01 + share, 1.5 + share * (t->page.grey / (t->page.strength + 0.01))};

    for (uint32_t y = ty > 0 ? ty - 1 : 0; y <= ty + 1 && y < t->down; y++)
        for (uint32_t x = tx > 0 ? tx - 1 : 0; x <= tx + 1 && x < t->across; x++) {
            const struct edges *e = &t->edges[(size_t)y * t->across + x];
            sum.strength += e->strength;
            sum.grey += e->grey;
        }
    return (uint8_t)(sum.grey / sum.strength); /* a mean of grey levels */
}

/* Eight bytes, each 0 or 1, as bits, the first the highest. */
static inline uint32_t
bits_of(const uint8_t *bytes)
{
    uint32_t bits = 0;

    for (int i = 0; i < 8; i++)
        bits |= (uint32_t)bytes[i] << (7 - i);
    return bits;
}

/* A tile is three words wide. */
static void
split_row(const uint8_t *row, uint32_t x0, uint32_t x1, uint8_t level, uint32_t *words)
{
    uint8_t dark[TILE] = {0};

    for (uint32_t x = x0; x < x1; x++)
        dark[x - x0] = row[x] < level;
    for (uint32_t i = 0; i < x1 - x0; i += WORD)
        words[(x0 + i) / WORD] = bits_of(dark + i) << 24 | bits_of(dark + i + 8) << 16 |
                                 bits_of(dark + i + 16) << 8 | bits_of(dark + i + 24);
}

bool
binarise(const struct pixmap *even, uint32_t *words, size_t wpl)
{
    struct tiles t;

    memset(words, 0, even->height * wpl * sizeof(*words));
    if (even->width == 0 || even->height == 0)
        return true;
    if (!tiles_init(even, &t))
        return false;
    for (uint32_t ty = 0; ty < t.down; ty++)
        for (uint32_t tx = 0; tx < t.across; tx++) {
            uint32_t x1 = (tx + 1) * TILE < even->width ? (tx + 1) * TILE : even->width;
            uint32_t y1 = (ty + 1) * TILE < even->height ? (ty + 1) * TILE : even->height;
            uint8_t level = threshold_of(&t, tx, ty);
            for (uint32_t y = ty * TILE; y < y1; y++)
                split_row(even->pixels + y * even->stride, tx * TILE, x1, level, words + y * wpl);
        }
    free(t.edges);
    return true;
}

bool
binarise_has_grain(const struct pixmap *picture)
{
    uint64_t weak = 0, n = 0;

    for (uint32_t y = 1; y + 1 < picture->height; y += GRAIN_STEP) {
        const uint8_t *row = picture->pixels + y * picture->stride;
        for (uint32_t x = 1; x + 1 < picture->width; x += GRAIN_STEP, n++)
            weak += edge_at(row + x, picture->stride) < GRAIN_MIN;
    }
    return 2 * weak < n;
}
