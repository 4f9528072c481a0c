/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Ink is what differs from the level of the paper around it by more than its noise, and than the
 * blur of other print there. */
#include "ledger/ink_internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEVELS = 64, /* steps of grey in which the ground's level is looked for */
    GREYS = 256 / LEVELS,
    CONTRAST_LEAST = 28, /* grey levels between ink and clean ground; JPEG leaves 10 to 20 */
    CONTRAST_MOST = 60,  /* ... and noisy ground */
    PAPER_TENTHS = 7,    /* of light ground, dark to bright: paper */
    GRAIN_CLEAN = 6,     /* levels; noisier ground is looked at through a soft filter */
    CONTRAST_SOFT = 14,  /* ... and through that, least contrast */
    SOFT_TENTHS = 3      /* of the contrast of the print there: less is the blur around letters */
};

struct ground {
    int level, contrast;
    int grain; /* spread of the levels on the far side from ink */
    int paper; /* its level where much lies on it that is paler than ink */
};

/* Adds the histogram of tile (tx, ty), if there is one. */
static void
add_tile(const struct work *w, const uint32_t *tiles, int tx, int ty, uint32_t sums[LEVELS])
{
    if (tx < 0 || ty < 0 || tx >= w->across || ty >= w->down)
        return;
    const uint32_t *tile = tiles + ((size_t)ty * (size_t)w->across + (size_t)tx) * LEVELS;
    for (int k = 0; k < LEVELS; k++)
        sums[k] += tile[k];
}

/* The step of grey below which that share (in tenths) of the pixels lie. */
static int
level_at(const uint32_t sums[LEVELS], uint32_t all, uint32_t tenths)
{
    uint64_t seen = 0;
    int level = 0;

    while (level < LEVELS - 1 && (seen += sums[level]) * 10 < (uint64_t)all * tenths)
        level++;
    return level;
}

/* The commonest level at or beyond that of the middle: among small print more than half of the
 * pixels may be ink or the soft edges of it, and paper is still what most of one level are. */
static int
peak_beyond(const uint32_t sums[LEVELS], int middle, int way)
{
    uint64_t most = 0;
    int peak = middle;

    for (int k = middle; k >= 0 && k < LEVELS; k += way) {
        uint64_t around = 2 * (uint64_t)sums[k];
        around += k > 0 ? sums[k - 1] : 0;
        around += k + 1 < LEVELS ? sums[k + 1] : 0;
        if (around > most) {
            most = around;
            peak = k;
        }
    }
    return peak;
}

/* The step of grey that a twentieth of the pixels go beyond, on the ink's side. */
static int
edge_of_ink(const uint32_t sums[LEVELS], uint32_t all, int way)
{
    uint64_t seen = 0;
    int level = way > 0 ? 0 : LEVELS - 1;

    while (level + way >= 0 && level + way < LEVELS && (seen += sums[level]) * 20 < all)
        level += way;
    return level;
}

/* What the nine tiles around (tx, ty) are like: the ground, and on its far side from ink nothing
 * but noise, which ink has to stand out of: a fifth of that goes further. Grain is told from the
 * middle, as the commonest level of a screen of dots is that of the dots or of what is between. */
static struct ground
ground_at(const struct work *w, const uint32_t *tiles, int tx, int ty, int least)
{
    uint32_t sums[LEVELS] = {0}, all = 0;

    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            add_tile(w, tiles, tx + dx, ty + dy, sums);
    for (int k = 0; k < LEVELS; k++)
        all += sums[k];
    int middle = level_at(sums, all, 5);
    int way = middle >= LEVELS / 2 ? 1 : -1;
    int peak = peak_beyond(sums, middle, way), edge = peak;
    uint64_t beyond = 0, seen = 0;
    for (int k = peak; k >= 0 && k < LEVELS; k += way)
        beyond += sums[k];
    for (int k = peak; k >= 0 && k < LEVELS && (seen += sums[k]) * 5 < beyond * 4; k += way)
        edge = k + way;
    int noise = (edge - peak) * way * GREYS;
    int contrast = least + noise * 2, dark = abs(peak - edge_of_ink(sums, all, way)) * GREYS;
    contrast = contrast < CONTRAST_MOST ? contrast : CONTRAST_MOST;
    int soft = dark * SOFT_TENTHS / 10;
    int paper = way > 0 ? level_at(sums, all, PAPER_TENTHS) : middle;
    return (struct ground){.level = peak * GREYS + GREYS / 2,
                           .contrast = contrast > soft ? contrast : soft,
                           .grain = abs(level_at(sums, all, way > 0 ? 9 : 1) - middle) * GREYS,
                           .paper = paper * GREYS + GREYS / 2};
}

/* Adds n pixels of a row of a tile to its histogram, those of plain paper by eights: one counter
 * that is written again and again is waited for each time. */
static void
count_pixels(const uint8_t *grey, uint32_t n, uint32_t tile[LEVELS])
{
    const uint64_t each = 0x0101010101010101U;

    for (uint64_t eight; n >= sizeof(eight); n -= sizeof(eight), grey += sizeof(eight)) {
        memcpy(&eight, grey, sizeof(eight));
        if (eight == *grey * each) {
            tile[*grey / GREYS] += sizeof(eight);
            continue;
        }
        for (size_t k = 0; k < sizeof(eight); k++)
            tile[grey[k] / GREYS]++;
    }
    while (n-- > 0)
        tile[*grey++ / GREYS]++;
}

/* Histograms of the tiles of grey; NULL: no room. */
static uint32_t *
count_tiles(const struct work *w, const uint8_t *grey)
{
    size_t n = (size_t)w->across * (size_t)w->down;
    uint32_t *tiles = arena_array(w->scratch, n, LEVELS * sizeof(*tiles));

    for (uint32_t y = 0; tiles != NULL && y < w->height; y++) {
        uint32_t *row = tiles + (size_t)(y / TILE) * (size_t)w->across * LEVELS;
        for (uint32_t x = 0; x < w->width; x += TILE, row += LEVELS)
            count_pixels(grey + (size_t)y * w->width + x, w->width - x < TILE ? w->width - x : TILE,
                         row);
    }
    return tiles;
}

/* Sums of the row by 1, 2, 1. */
static void
soften_row(const uint8_t *restrict row, uint32_t n, uint16_t *restrict ret)
{
    ret[0] = (uint16_t)(3 * row[0] + row[n > 1]);
    for (uint32_t x = 1; x + 1 < n; x++)
        ret[x] = (uint16_t)(row[x - 1] + 2 * row[x] + row[x + 1]);
    if (n > 1)
        ret[n - 1] = (uint16_t)(row[n - 2] + 3 * row[n - 1]);
}

/* Makes w->soft: each pixel the mean of its nine by 1, 2, 1 both ways, which leaves a third of the
 * noise of single pixels, and of strokes most. */
static bool
soften(struct work *w)
{
    uint16_t *sums[3];

    w->soft = arena_array(w->scratch, w->height, w->width);
    for (size_t k = 0; k < ARRAY_LEN(sums); k++) {
        sums[k] = arena_array(w->scratch, w->width, sizeof(**sums));
        if (sums[k] == NULL)
            return false;
    }
    if (w->soft == NULL)
        return false;
    soften_row(w->grey, w->width, sums[0]);
    memcpy(sums[2], sums[0], w->width * sizeof(**sums)); /* the row above the first */
    for (uint32_t y = 0; y < w->height; y++) {
        uint32_t below = y + 1 < w->height ? y + 1 : y;
        const uint16_t *a = sums[(y + 2) % 3], *b = sums[y % 3], *c = sums[(y + 1) % 3];
        uint8_t *soft = w->soft + (size_t)y * w->width;
        soften_row(w->grey + (size_t)below * w->width, w->width, sums[(y + 1) % 3]);
        for (uint32_t x = 0; x < w->width; x++)
            soft[x] = (uint8_t)((a[x] + 2 * b[x] + c[x] + 8) / 16);
    }
    w->soft_tiles = count_tiles(w, w->soft);
    return w->soft_tiles != NULL;
}

static void
mark_row(const uint8_t *restrict grey, uint32_t n, struct ground ground, uint8_t *restrict mark)
{
    bool light = ground.level >= 128;
    int limit = light ? ground.level - ground.contrast : ground.level + ground.contrast;

    if (n == TILE && light) /* a fixed number, so that the compiler takes all at once */
        for (uint32_t x = 0; x < TILE; x++)
            mark[x] = grey[x] <= limit;
    else
        for (uint32_t x = 0; x < n; x++)
            mark[x] = light ? grey[x] <= limit : grey[x] >= limit;
}

static void
mark_tile(struct work *w, const uint8_t *picture, uint32_t x0, uint32_t y0, struct ground ground)
{
    uint32_t x1 = x0 + TILE < w->width ? x0 + TILE : w->width;
    uint32_t y1 = y0 + TILE < w->height ? y0 + TILE : w->height;

    for (uint32_t y = y0; y < y1; y++)
        mark_row(picture + (size_t)y * w->width + x0, x1 - x0, ground,
                 w->mark + (size_t)y * w->width + x0);
}

bool
ground_find_ink(struct work *w)
{
    w->across = (int)(w->width + TILE - 1) / TILE;
    w->down = (int)(w->height + TILE - 1) / TILE;
    w->tiles = count_tiles(w, w->grey);
    w->grounds = arena_array(w->scratch, (size_t)w->across, (size_t)w->down);
    if (w->tiles == NULL || w->grounds == NULL)
        return false;
    for (int ty = 0; ty < w->down; ty++)
        for (int tx = 0; tx < w->across; tx++) {
            struct ground ground = ground_at(w, w->tiles, tx, ty, CONTRAST_LEAST);
            bool noisy = ground.grain >= GRAIN_CLEAN;
            if (noisy && w->soft == NULL && !soften(w))
                return false;
            if (noisy)
                ground = ground_at(w, w->soft_tiles, tx, ty, CONTRAST_SOFT);
            w->grounds[ty * w->across + tx] = (uint8_t)ground.paper;
            mark_tile(w, noisy ? w->soft : w->grey, (uint32_t)tx * TILE, (uint32_t)ty * TILE,
                      ground);
        }
    return true;
}
