/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/lept.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_SIDE = 1700, /* pixels of the longer side at which a picture is looked at */
    TILES = 8,        /* per side, for the evenness of the paper */
    RULE_MIN = 60,    /* pixels at that size: no letter has a stroke as long */
    RULE_THICK_MAX = 8,
    PARTS_MAX = 4000,  /* letters measured */
    PARTS_MIN = 12,    /* fewer tell nothing */
    UNEVEN_MIN = 45,   /* grey levels between the brightest and the darkest paper */
    PAPER_PERCENT = 90 /* of the pixels of a tile, from dark to bright: its paper */
};

/* Standard deviations. Upright pages gave -4 at the least, turned ones 18 and more. */
static const float turn_min = 10;

void
lept_init(void)
{
    (void)setMsgSeverity(L_SEVERITY_NONE);
}

void
lept_drop(struct Pix **pix)
{
    pixDestroy(pix);
}

struct Pix *
lept_from(const struct pixmap *picture)
{
    PIX *pix = pixCreateNoInit((int)picture->width, (int)picture->height, 8);

    if (pix == NULL)
        return NULL;
    size_t stride = (size_t)pixGetWpl(pix) * 4;
    uint8_t *data = (uint8_t *)pixGetData(pix);
    for (uint32_t y = 0; y < picture->height; y++)
        memcpy(data + y * stride, picture->pixels + y * picture->stride, picture->width);
    (void)pixEndianByteSwap(pix); /* Leptonica keeps the first pixel in the high byte of a word */
    return pix;
}

bool
lept_to(struct Pix *pix, struct arena *arena, struct pixmap *ret)
{
    struct pixmap out = {.width = lept_width(pix), .height = lept_height(pix)};
    size_t stride = (size_t)pixGetWpl(pix) * 4;

    out.stride = stride;
    out.pixels = arena_array(arena, out.height, stride);
    if (out.pixels == NULL)
        return false;
    const uint32_t *words = pixGetData(pix);
    uint32_t *to = (uint32_t *)(void *)out.pixels;
    for (size_t i = 0; i < out.height * stride / 4; i++)
        to[i] = __builtin_bswap32(words[i]);
    *ret = out;
    return true;
}

uint32_t
lept_width(const struct Pix *pix)
{
    return (uint32_t)pixGetWidth((PIX *)pix);
}

uint32_t
lept_height(const struct Pix *pix)
{
    return (uint32_t)pixGetHeight((PIX *)pix);
}

/* ---- looking ---- */

/* Brightness of the paper in a tile. */
static int
paper_of(PIX *pix, int x, int y, int w, int h)
{
    uint32_t counts[256] = {0}, seen = 0, wanted;
    uint32_t *data = pixGetData(pix);
    int wpl = pixGetWpl(pix), level = 255;

    for (int row = y; row < y + h; row++)
        for (int col = x; col < x + w; col++)
            counts[GET_DATA_BYTE(data + (size_t)row * (size_t)wpl, col)]++;
    wanted = (uint32_t)(w * h) * (100 - PAPER_PERCENT) / 100;
    while (level > 0 && (seen += counts[level]) <= wanted)
        level--;
    return level;
}

/* Whether the paper is much darker in some tiles than in others. Tiles that are dark altogether are
 * pictures, hence the two extremes on each side are left out. */
static bool
is_uneven(PIX *pix)
{
    int levels[TILES * TILES], n = 0;
    int w = pixGetWidth(pix) / TILES, h = pixGetHeight(pix) / TILES;

    if (w < 8 || h < 8)
        return false;
    for (int ty = 0; ty < TILES; ty++)
        for (int tx = 0; tx < TILES; tx++) {
            int level = paper_of(pix, tx * w, ty * h, w, h), k = n++;
            for (; k > 0 && levels[k - 1] > level; k--)
                levels[k] = levels[k - 1];
            levels[k] = level;
        }
    return levels[n - 1 - n / 10] - levels[n / 10] > UNEVEN_MIN;
}

static int
compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Median height of the parts that have the shape of letters; 0 if there are too few. */
static int
letter_height(BOXA *parts)
{
    int heights[PARTS_MAX], n = 0, count = boxaGetCount(parts);

    for (int i = 0; i < count && n < PARTS_MAX; i++) {
        int w, h;
        if (boxaGetBoxGeometry(parts, i, NULL, NULL, &w, &h) != 0)
            continue;
        if (h < 4 || h > LOOK_SIDE / 12 || w > 6 * h || h > 8 * w || w < 2)
            continue;
        heights[n++] = h;
    }
    if (n < PARTS_MIN)
        return 0;
    qsort(heights, (size_t)n, sizeof(*heights), compare_ints);
    return heights[n / 2];
}

/* Ascenders are more frequent than descenders in Latin script: Leptonica counts both, on the page
 * as it is and turned by a quarter, and says by how many standard deviations they differ. */
static int
turn_of(PIX *bits)
{
    float up = 0, left = 0;

    if (pixOrientDetect(bits, &up, &left, 0, 0) != 0)
        return 0;
    if (fabsf(left) > turn_min && fabsf(left) > 2 * fabsf(up))
        return left > 0 ? 90 : 270;
    return up < -turn_min && fabsf(up) > 2 * fabsf(left) ? 180 : 0;
}

/* Adds the parts of lines (what an opening by a long brick left) that are thin. */
static void
add_rules(PIX *lines, float scale, bool level, struct lept_look *look)
{
    BOXA *parts = pixConnCompBB(lines, 8);
    int count = parts == NULL ? 0 : boxaGetCount(parts);

    for (int i = 0; i < count && look->rule_count < LEPT_RULES_MAX; i++) {
        int x, y, w, h;
        if (boxaGetBoxGeometry(parts, i, &x, &y, &w, &h) != 0)
            continue;
        int length = level ? w : h, thick = level ? h : w;
        if (thick > RULE_THICK_MAX + length / 30) /* a long rule may lean */
            continue;
        look->rules[look->rule_count++] = (struct box){
            (float)x / scale, (float)y / scale, (float)(x + w) / scale, (float)(y + h) / scale};
    }
    boxaDestroy(&parts);
}

static bool
find_rules(PIX *bits, float scale, struct lept_look *look)
{
    PIX *level = pixOpenBrick(NULL, bits, RULE_MIN, 1);
    PIX *upright = pixOpenBrick(NULL, bits, 1, RULE_MIN);
    bool ok = level != NULL && upright != NULL;

    if (ok) {
        add_rules(level, scale, true, look);
        add_rules(upright, scale, false, look);
    }
    pixDestroy(&level);
    pixDestroy(&upright);
    return ok;
}

static bool
look_at_bits(PIX *bits, float scale, struct lept_look *ret)
{
    BOXA *parts = pixConnCompBB(bits, 8);

    if (parts == NULL)
        return false;
    ret->text_height = (float)letter_height(parts) / scale;
    ret->blank = boxaGetCount(parts) == 0;
    if (ret->text_height > 0)
        ret->turn = turn_of(bits);
    boxaDestroy(&parts);
    return ret->blank || find_rules(bits, scale, ret);
}

bool
lept_examine(struct Pix *pix, struct lept_look *ret)
{
    int w = pixGetWidth(pix), h = pixGetHeight(pix), longer = w > h ? w : h;
    float scale = longer > LOOK_SIDE ? (float)LOOK_SIDE / (float)longer : 1;
    PIX *small = scale < 1 ? pixScaleAreaMap(pix, scale, scale) : pixClone(pix);
    PIX *bits = NULL;
    bool ok = small != NULL;

    *ret = (struct lept_look){0};
    if (ok) {
        ret->uneven = is_uneven(small);
        bits = pixAdaptThresholdToBinary(small, NULL, 1.0);
        ok = bits != NULL && look_at_bits(bits, scale, ret);
    }
    pixDestroy(&bits);
    pixDestroy(&small);
    return ok;
}

static uint32_t
count_letters(PIX *bits, float letter_height)
{
    BOXA *parts = pixConnCompBB(bits, 8);
    int count = parts == NULL ? 0 : boxaGetCount(parts);
    uint32_t letters = 0;

    for (int i = 0; i < count; i++) {
        int w, h;
        if (boxaGetBoxGeometry(parts, i, NULL, NULL, &w, &h) == 0 &&
            (float)h > 0.6F * letter_height && (float)h < 2.2F * letter_height && w < 4 * h &&
            h < 6 * w)
            letters++;
    }
    boxaDestroy(&parts);
    return letters;
}

uint32_t
lept_letters_outside(struct Pix *pix, const struct box *boxes, size_t n, float letter_height,
                     struct Pix **ret_rest)
{
    PIX *rest = pixCopy(NULL, pix), *bits = NULL;
    uint32_t letters = 0;

    *ret_rest = NULL;
    for (size_t i = 0; i < n && rest != NULL; i++) {
        int x = (int)boxes[i].x0, y = (int)boxes[i].y0;
        pixRasterop(rest, x, y, (int)ceilf(boxes[i].x1) - x, (int)ceilf(boxes[i].y1) - y, PIX_SET,
                    NULL, 0, 0);
    }
    if (rest != NULL)
        bits = pixAdaptThresholdToBinary(rest, NULL, 1.0);
    if (bits != NULL) {
        letters = count_letters(bits, letter_height);
        *ret_rest = rest;
    } else {
        pixDestroy(&rest);
    }
    pixDestroy(&bits);
    return letters;
}

/* ---- changing ---- */

struct Pix *
lept_flatten(struct Pix *pix)
{
    return pixBackgroundNormSimple(pix, NULL, NULL);
}

struct Pix *
lept_shrink(struct Pix *pix, float factor)
{
    return pixScaleAreaMap(pix, factor, factor);
}

struct Pix *
lept_turn(struct Pix *pix, int degrees)
{
    if (degrees == 180)
        return pixRotate180(NULL, pix);
    return pixRotate90(pix, degrees == 90 ? 1 : -1);
}
