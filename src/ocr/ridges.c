/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/ridges.h"

#include <stdlib.h>
#include <string.h>

enum {
    ALONG = 2, /* pixels to each side, along the line, that are averaged: grain */
    ASIDE = 3, /* pixels from the line to the paper beside it: a line is thinner than twice that */
    CONTRAST = 12,   /* grey levels from the line to the paper: below, folds and grain */
    UNALIKE_MAX = 32 /* grey levels between both sides: above, it is the edge of something */
};

/* Means of 2 * ALONG + 1 pixels side by side, or one above the other. Edges stay as they are. */
static void
smooth(const struct pixmap *picture, bool level, uint8_t *ret)
{
    size_t step = level ? 1 : picture->stride, w = picture->width, h = picture->height;
    size_t x0 = level ? ALONG : 0, y0 = level ? 0 : ALONG;

    for (size_t y = 0; y < h; y++) {
        const uint8_t *from = picture->pixels + y * picture->stride;
        uint8_t *to = ret + y * w;
        memcpy(to, from, w);
        if (y < y0 || y + y0 >= h)
            continue;
        for (size_t x = x0; x + x0 < w; x++) {
            const uint8_t *p = from + x;
            uint16_t sum = (uint16_t)(p[0] + *(p - step) + p[step] + *(p - 2 * step) + p[2 * step]);
            to[x] = (uint8_t)(sum / (2 * ALONG + 1));
        }
    }
}

/* How a pixel is darker than what is ASIDE from it: not at all, than one side, or alike than both.
 */
enum { NONE, ONE_SIDE, BOTH_SIDES };

static inline uint8_t
ridge_at(uint8_t line, uint8_t a, uint8_t b)
{
    uint8_t low = a < b ? a : b, high = a < b ? b : a;
    uint8_t both = (uint8_t)((low >= line + CONTRAST) & (high - low <= UNALIKE_MAX));

    return (uint8_t)((high >= line + CONTRAST) + both);
}

/* Of pixels in one row or column, so far: how many are darker, and how many of them than both
 * sides.
 */
struct run {
    uint32_t count, both;
};

struct lines {
    uint32_t *words;
    size_t wpl;
    uint32_t least;
};

static inline void
set_bit(const struct lines *lines, size_t x, size_t y)
{
    lines->words[y * lines->wpl + x / 32] |= 1U << (31 - x % 32);
}

/* Ends the run before x, or before y; sets its bits if it is a line's. */
static void
end_run(const struct lines *lines, struct run *run, bool level, size_t x, size_t y)
{
    if (run->count >= lines->least && run->both * 2 >= run->count)
        for (uint32_t i = 1; i <= run->count; i++)
            set_bit(lines, level ? x - i : x, level ? y : y - i);
    *run = (struct run){0};
}

/* One row of the picture. runs: of the row, or of each of its columns. */
static void
follow(const struct lines *lines, const uint8_t *ridges, size_t w, size_t y, bool level,
       struct run *runs)
{
    for (size_t x = 0; x < w; x++) {
        struct run *run = level ? runs : runs + x;
        if (ridges[x] != NONE) {
            run->count++;
            run->both += ridges[x] == BOTH_SIDES;
        } else if (run->count > 0) {
            end_run(lines, run, level, x, y);
        }
    }
    if (level)
        end_run(lines, runs, level, w, y);
}

static void
find_lines(const struct lines *lines, const uint8_t *even, size_t w, size_t h, bool level,
           uint8_t *ridges, struct run *runs)
{
    size_t aside = level ? ASIDE * w : ASIDE;

    for (size_t y = ASIDE; y + ASIDE < h; y++) {
        const uint8_t *row = even + y * w;
        for (size_t x = ASIDE; x + ASIDE < w; x++)
            ridges[x] = ridge_at(row[x], *(row + x - aside), row[x + aside]);
        follow(lines, ridges, w, y, level, runs);
    }
    for (size_t x = 0; !level && x < w; x++)
        end_run(lines, &runs[x], level, x, h - ASIDE);
}

bool
ridges_find(const struct pixmap *picture, bool level, uint32_t least, uint32_t *words, size_t wpl)
{
    size_t w = picture->width, h = picture->height;
    struct lines lines = {words, wpl, least};

    memset(words, 0, h * wpl * sizeof(*words));
    if (w <= 2 * ASIDE || h <= 2 * ASIDE)
        return true;
    uint8_t *even = malloc(w * h), *ridges = calloc(w, 1);
    struct run *runs = calloc(w, sizeof(*runs));
    bool ok = even != NULL && ridges != NULL && runs != NULL;
    if (ok) {
        smooth(picture, level, even);
        find_lines(&lines, even, w, h, level, ridges, runs);
    }
    free(even);
    free(ridges);
    free(runs);
    return ok;
}
