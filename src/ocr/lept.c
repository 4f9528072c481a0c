/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/lept.h"

#include "ocr/bends.h"
#include "ocr/binarise.h"
#include "ocr/reversed.h"
#include "ocr/straighten.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_SIDE = 1700, /* pixels of the longer side at which a picture is looked at */
    TILES = 8,        /* per side, for the evenness of the paper */
    RULE_MIN = 60,    /* pixels at that size: no letter has a stroke as long */
    RULE_THICK_MAX = 8,
    SKEW_MAX = 15,      /* degrees */
    PARTS_MAX = 4000,   /* letters measured */
    PARTS_MIN = 12,     /* fewer tell nothing */
    UNEVEN_MIN = 45,    /* grey levels between the brightest and the darkest paper */
    SWAMPED_MIN = 3000, /* parts: so many are no page of text */
    SWAMPED_BY = 8,     /* parts for one that looks like a letter */
    SWAMPED_HEIGHT = 6, /* pixels at LOOK_SIDE: PARTS_MAX letters as low as that are none */
    PAPER_PERCENT = 90, /* of the pixels of a tile, from dark to bright: its paper */
    SHARP_WIDTH = 2     /* pixels on each side, of an unsharp mask */
};

/* Standard deviations. Upright pages gave -4 at the least, turned ones 18 and more. */
static const float turn_min = 10;

/* Degrees below which turning blurs more than it helps, and how much sharper the sums of the best
 * angle must be than the worst's. */
static const float skew_min = 0.3F, skew_sure_min = 3;
static const float level_sure_min = 2; /* of lines that run level, rather than up and down */
static const float lean_min = 2;       /* degrees up to which letters tell which way is up */

/* Of a page's pixels, dark to bright: ink, and where paper begins; and the least grey levels
 * between the two that are stretched to all. */
static const double ink_quantile = 0.02, paper_quantile = 0.7;
static const int stretch_least = 10;

/* Of the difference to its unsharp mask, added to a picture that was made larger. */
static const float sharp_share = 0.7F;

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

/* ---- ink and paper ---- */

/* The picture's bytes in the order of its pixels, in place, and back. */
static struct pixmap
swap_bytes(PIX *pix)
{
    (void)pixEndianByteSwap(pix);
    return (struct pixmap){.pixels = (uint8_t *)pixGetData(pix),
                           .width = lept_width(pix),
                           .height = lept_height(pix),
                           .stride = (size_t)pixGetWpl(pix) * 4};
}

/* Black and white, once the paper is made even. NULL for want of memory. */
static PIX *
split_ink(PIX *pix)
{
    PIX *even = pixBackgroundNormSimple(pix, NULL, NULL);
    PIX *bits = pixCreateNoInit(pixGetWidth(pix), pixGetHeight(pix), 1);

    if (even == NULL)
        even = pixCopy(NULL, pix); /* too small to tell paper from ink */
    if (even != NULL && bits != NULL) {
        struct pixmap bytes = swap_bytes(even);
        if (!binarise(&bytes, pixGetData(bits), (size_t)pixGetWpl(bits)))
            pixDestroy(&bits);
    } else {
        pixDestroy(&bits);
    }
    pixDestroy(&even);
    return bits;
}

static bool
has_grain(PIX *pix)
{
    struct pixmap bytes = swap_bytes(pix);
    bool grain = binarise_has_grain(&bytes);

    (void)swap_bytes(pix);
    return grain;
}

bool
lept_mend_reversed(struct Pix *pix)
{
    struct pixmap bytes = swap_bytes(pix);
    uint32_t bands;
    bool ok = reversed_mend(&bytes, &bands);

    (void)swap_bytes(pix);
    return ok;
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

/* Median height of the parts that have the shape of letters, 0 if there are too few; and their
 * number, PARTS_MAX at most. */
static int
letter_height(BOXA *parts, uint32_t *ret_count)
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
    *ret_count = (uint32_t)n;
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

/* Degrees clockwise that make lines level, by the sharpness of the sums along them (Leptonica's
 * sweep, then search); 0 if they are, or hardly tell. */
static float
skew_of(PIX *bits, float *ret_sureness)
{
    float angle = 0, conf = 0;

    *ret_sureness = 0;
    if (pixFindSkewSweepAndSearch(bits, &angle, &conf, 4, 2, SKEW_MAX, 1, 0.02F) != 0)
        return 0;
    *ret_sureness = conf;
    return angle;
}

/* Which way is up, and how much it leans. A page that leans much is made level before its letters
 * are asked which way is up. */
static bool
look_at_turn(PIX *bits, int turn, struct lept_look *ret)
{
    float sureness;
    float skew = skew_of(bits, &sureness);
    PIX *other = NULL;

    ret->turn = turn == LEPT_TURN_UNKNOWN ? turn_of(bits) : turn;
    if (ret->turn == 90 || ret->turn == 270) {
        other = pixRotate90(bits, 1);
        if (other == NULL)
            return false;
        skew = skew_of(other, &sureness);
    } else if (turn == LEPT_TURN_UNKNOWN && fabsf(skew) > lean_min && sureness > skew_sure_min) {
        other = lept_level(bits, skew);
        if (other == NULL)
            return false;
        ret->turn = turn_of(other) == 180 ? 180 : 0;
    }
    pixDestroy(&other);
    if (fabsf(skew) >= skew_min && sureness >= skew_sure_min)
        ret->skew = skew;
    return true;
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
    PIX *level = pixOpenCompBrick(NULL, bits, RULE_MIN, 1);
    PIX *upright = pixOpenCompBrick(NULL, bits, 1, RULE_MIN);
    bool ok = level != NULL && upright != NULL;

    /* of the page as it will be read */
    if (ok) {
        add_rules(level, scale, true, look);
        add_rules(upright, scale, false, look);
    }
    pixDestroy(&level);
    pixDestroy(&upright);
    return ok;
}

/* Whether the ink is grain, whatever of it looks like letters of that height. */
static bool
is_swamped(int parts, int letters, int height)
{
    return (parts >= SWAMPED_MIN && parts >= SWAMPED_BY * letters) ||
           (letters >= PARTS_MAX && height <= SWAMPED_HEIGHT);
}

/* Whether rows bend, from the parts of the ink as they lie once the page is upright and level. */
static bool
look_at_bends(BOXA *parts, float width, float height, float scale, struct lept_look *ret)
{
    int count = boxaGetCount(parts);
    struct box *boxes = malloc(((size_t)count + 1) * sizeof(*boxes));
    bool sideways = ret->turn == 90 || ret->turn == 270;
    float s = sinf(ret->skew * (float)M_PI / 180), c = cosf(ret->skew * (float)M_PI / 180);
    float middle_x = (sideways ? height : width) / 2, middle_y = (sideways ? width : height) / 2;

    if (boxes == NULL)
        return false;
    for (int i = 0; i < count; i++) {
        int x = 0, y = 0, w = 0, h = 0;
        (void)boxaGetBoxGeometry(parts, i, &x, &y, &w, &h); /* fails past the last only */
        struct box b = {(float)x, (float)y, (float)(x + w), (float)(y + h)};
        b = box_turn(b, width, height, ret->turn);
        float mx = (b.x0 + b.x1) / 2 - middle_x, my = b.y1 - middle_y;
        float dx = mx * c - my * s - mx, dy = mx * s + my * c - my;
        boxes[i] = (struct box){b.x0 + dx, b.y0 + dy, b.x1 + dx, b.y1 + dy};
    }
    ret->bent = bends_find(boxes, (size_t)count, ret->text_height * scale, 2 * middle_x,
                           2 * middle_y, &ret->warp);
    free(boxes);
    return true;
}

/* The ink upright, level and straight. */
static PIX *
level_ink(PIX *bits, const struct lept_look *look)
{
    PIX *turned = look->turn == 0 ? pixClone(bits) : lept_turn(bits, look->turn), *level = turned;

    if (turned != NULL && look->bent)
        level = lept_straighten(turned, look->skew, &look->warp);
    else if (turned != NULL && look->skew != 0)
        level = lept_level(turned, look->skew);
    if (level != turned)
        pixDestroy(&turned);
    return level;
}

static bool
look_at_bits(PIX *bits, float scale, int turn, bool bends, struct lept_look *ret)
{
    BOXA *parts = pixConnCompBB(bits, 8);

    if (parts == NULL)
        return false;
    int height = letter_height(parts, &ret->letters);
    ret->text_height = (float)height / scale;
    ret->blank = boxaGetCount(parts) == 0;
    ret->swamped = is_swamped(boxaGetCount(parts), (int)ret->letters, height);
    bool ok = ret->text_height <= 0 || look_at_turn(bits, turn, ret);
    if (ok && bends && ret->text_height > 0 && !ret->swamped)
        ok = look_at_bends(parts, (float)pixGetWidth(bits), (float)pixGetHeight(bits), scale, ret);
    boxaDestroy(&parts);
    if (!ok || ret->blank)
        return ok;
    PIX *level = level_ink(bits, ret);
    ok = level != NULL && find_rules(level, scale, ret);
    pixDestroy(&level);
    warp_scale(&ret->warp, 1 / scale);
    return ok;
}

/* Ink of the picture with its grain smoothed. */
static PIX *
split_soft(PIX *pix)
{
    PIX *soft = pixBlockconv(pix, 1, 1);
    PIX *bits = soft == NULL ? NULL : split_ink(soft);

    pixDestroy(&soft);
    return bits;
}

bool
lept_examine(struct Pix *pix, int turn, bool soft, bool bends, struct lept_look *ret)
{
    int w = pixGetWidth(pix), h = pixGetHeight(pix), longer = w > h ? w : h;
    float scale = longer > LOOK_SIDE ? (float)LOOK_SIDE / (float)longer : 1;
    PIX *small, *bits = NULL;

    *ret = (struct lept_look){0};
    small = scale < 1 ? pixScaleAreaMap(pix, scale, scale) : pixClone(pix);
    bool ok = small != NULL;
    if (ok) {
        ret->uneven = is_uneven(small);
        ret->grainy = has_grain(small);
        bits = soft ? split_soft(small) : split_ink(small);
        ok = bits != NULL && look_at_bits(bits, scale, turn, bends, ret);
    }
    pixDestroy(&bits);
    pixDestroy(&small);
    return ok;
}

static void
fill_boxes(PIX *pix, const struct box *boxes, size_t n, int how)
{
    for (size_t i = 0; i < n; i++) {
        int x = (int)boxes[i].x0, y = (int)boxes[i].y0;
        pixRasterop(pix, x, y, (int)ceilf(boxes[i].x1) - x, (int)ceilf(boxes[i].y1) - y, how, NULL,
                    0, 0);
    }
}

bool
lept_letters_outside(struct Pix *bits, const struct box *boxes, size_t n, float letter_height,
                     struct arena *arena, struct box **ret, size_t *ret_count)
{
    PIX *rest = pixCopy(NULL, bits);

    if (rest != NULL)
        fill_boxes(rest, boxes, n, PIX_CLR);
    BOXA *parts = rest == NULL ? NULL : pixConnCompBB(rest, 8);
    int count = parts == NULL ? 0 : boxaGetCount(parts);
    bool ok = parts != NULL;

    *ret_count = 0;
    *ret = arena_array(arena, (size_t)count + 1, sizeof(**ret));
    for (int i = 0; *ret != NULL && i < count; i++) {
        int x, y, w, h;
        if (boxaGetBoxGeometry(parts, i, &x, &y, &w, &h) == 0 && (float)h > 0.6F * letter_height &&
            (float)h < 2.2F * letter_height && w < 4 * h && h < 6 * w)
            (*ret)[(*ret_count)++] =
                (struct box){(float)x, (float)y, (float)(x + w), (float)(y + h)};
    }
    boxaDestroy(&parts);
    pixDestroy(&rest);
    return ok && *ret != NULL;
}

struct Pix *
lept_blot(struct Pix *pix, const struct box *boxes, size_t n)
{
    PIX *rest = pixCopy(NULL, pix);

    if (rest != NULL)
        fill_boxes(rest, boxes, n, PIX_SET);
    return rest;
}

/* ---- changing ---- */

struct Pix *
lept_flatten(struct Pix *pix)
{
    return pixBackgroundNormSimple(pix, NULL, NULL);
}

struct Pix *
lept_scale(struct Pix *pix, float factor)
{
    return factor < 1 ? pixScaleAreaMap(pix, factor, factor) : pixScale(pix, factor, factor);
}

struct Pix *
lept_level(struct Pix *pix, float degrees)
{
    return pixRotate(pix, degrees * (float)M_PI / 180, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE,
                     pixGetWidth(pix), pixGetHeight(pix));
}

static PIX *
straighten_grey(PIX *pix, float degrees, const struct page_warp *warp)
{
    PIX *straight =
        pixCreateNoInit((int)ceilf(box_width(warp->frame)), (int)ceilf(box_height(warp->frame)), 8);

    if (straight == NULL)
        return NULL;
    struct pixmap from = swap_bytes(pix), to = swap_bytes(straight);
    straighten(&from, warp, degrees, &to);
    (void)swap_bytes(pix);
    (void)swap_bytes(straight);
    return straight;
}

struct Pix *
lept_straighten(struct Pix *pix, float degrees, const struct page_warp *warp)
{
    static const int ink = 128; /* darker */

    if (pixGetDepth(pix) == 8)
        return straighten_grey(pix, degrees, warp);
    PIX *bytes = pixConvert1To8(NULL, pix, 255, 0);
    PIX *grey = bytes == NULL ? NULL : straighten_grey(bytes, degrees, warp);
    PIX *straight = grey == NULL ? NULL : pixThresholdToBinary(grey, ink);

    pixDestroy(&bytes);
    pixDestroy(&grey);
    return straight;
}

/* Stretches contrast: the share of ink_quantile of the pixels becomes black, what is brighter than
 * paper_quantile white. In place. */
static void
stretch(PIX *pix)
{
    int w = pixGetWidth(pix), h = pixGetHeight(pix), dark = 0, bright = 255;
    size_t wpl = (size_t)pixGetWpl(pix);
    double counts[256] = {0}, all = (double)w * h, sum = 0;
    uint8_t to[256];

    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            counts[GET_DATA_BYTE(pixGetData(pix) + (size_t)y * wpl, x)]++;
    while (dark < 255 && (sum += counts[dark]) < ink_quantile * all)
        dark++;
    sum = 0;
    while (bright > 0 && (sum += counts[bright]) < (1 - paper_quantile) * all)
        bright--;
    int range = bright - dark > stretch_least ? bright - dark : stretch_least;
    for (int i = 0; i < 256; i++) {
        int value = (i - dark) * 255 / range;
        to[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
    for (int y = 0; y < h; y++) {
        uint32_t *row = pixGetData(pix) + (size_t)y * wpl;
        for (int x = 0; x < w; x++)
            SET_DATA_BYTE(row, x, to[GET_DATA_BYTE(row, x)]);
    }
}

float
lept_view_scale(enum lept_view view)
{
    return view == LEPT_VIEW_SMALL ? 2.0F / 3 : view == LEPT_VIEW_LARGE ? 1.6F : 1;
}

static PIX *
enlarge(PIX *pix)
{
    float factor = lept_view_scale(LEPT_VIEW_LARGE);
    PIX *large = lept_scale(pix, factor);
    PIX *sharp = large == NULL ? NULL : pixUnsharpMaskingGray(large, SHARP_WIDTH, sharp_share);

    pixDestroy(&large);
    return sharp;
}

struct Pix *
lept_view(struct Pix *pix, enum lept_view view)
{
    if (view == LEPT_VIEW_LARGE)
        return enlarge(pix);
    if (view == LEPT_VIEW_SMALL)
        return lept_scale(pix, lept_view_scale(view));
    PIX *soft = pixBlockconv(pix, 1, 1);
    if (view == LEPT_VIEW_SOFT || soft == NULL)
        return soft;
    PIX *even = pixBackgroundNormSimple(soft, NULL, NULL);
    if (even == NULL) /* too small to tell paper from ink */
        return soft;
    pixDestroy(&soft);
    stretch(even);
    return even;
}

bool
lept_letter_height(struct Pix *bits, float *ret_height, uint32_t *ret_parts)
{
    BOXA *parts = pixConnCompBB(bits, 8);
    uint32_t letters;

    *ret_height = parts != NULL ? (float)letter_height(parts, &letters) : 0;
    *ret_parts = parts != NULL ? (uint32_t)boxaGetCount(parts) : 0;
    bool ok = parts != NULL;
    boxaDestroy(&parts);
    return ok;
}

struct Pix *
lept_without_specks(struct Pix *bits, float side)
{
    int least = (int)ceilf(side);

    return pixSelectBySize(bits, least, least, 8, L_SELECT_IF_EITHER, L_SELECT_IF_GTE, NULL);
}

bool
lept_runs_level(struct Pix *bits)
{
    float level = 0, upright = 0;
    PIX *turned = pixRotate90(bits, 1);

    if (turned == NULL)
        return false;
    (void)skew_of(bits, &level);
    (void)skew_of(turned, &upright);
    pixDestroy(&turned);
    return level >= level_sure_min && level > 2 * upright;
}

struct Pix *
lept_bits(struct Pix *pix, bool soft)
{
    return soft ? split_soft(pix) : split_ink(pix);
}

bool
lept_ink(struct Pix *bits, struct arena *arena, struct pixmap *ret)
{
    PIX *bytes = pixConvert1To8(NULL, bits, 0, 1);
    bool ok = bytes != NULL && lept_to(bytes, arena, ret);

    pixDestroy(&bytes);
    return ok;
}

void
lept_wipe(struct Pix *pix, struct Pix *bits, const struct pixmap *mask)
{
    uint64_t sum = 0, n = 1; /* of the paper's grey */

    for (uint32_t y = 0; y < mask->height; y += 4) {
        const uint32_t *grey = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
        const uint32_t *ink = pixGetData(bits) + (size_t)y * (size_t)pixGetWpl(bits);
        for (uint32_t x = 0; x < mask->width; x += 4)
            if (GET_DATA_BIT(ink, x) == 0) {
                sum += GET_DATA_BYTE(grey, x);
                n++;
            }
    }
    for (uint32_t y = 0; y < mask->height; y++) {
        uint32_t *grey = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
        uint32_t *ink = pixGetData(bits) + (size_t)y * (size_t)pixGetWpl(bits);
        for (uint32_t x = 0; x < mask->width; x++)
            if (mask->pixels[y * mask->stride + x] != 0) {
                SET_DATA_BYTE(grey, x, (uint32_t)(sum / n));
                CLEAR_DATA_BIT(ink, x);
            }
    }
}

struct Pix *
lept_turn(struct Pix *pix, int degrees)
{
    if (degrees == 180)
        return pixRotate180(NULL, pix);
    return pixRotate90(pix, degrees == 90 ? 1 : -1);
}
