/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/bleed.h"

#include "base/order.h"

#include <stdlib.h>
#include <string.h>

/* Letters of either heap, and their share. */
enum { PALE_LEAST = 40, DARK_LEAST = 30 };
static const float pale_share_least = 0.05F;

/* How dark the pale ones are at most, as a share of the others; how sharp. */
static const float pale_most = 0.62F, sharp_most = 0.88F;

/* The variance between the heaps, of all; letters in the middle between them, of all. */
static const float parted_least = 0.8F, middle_most = 0.08F;
static const float middle_from = 0.3F, middle_to = 0.7F; /* of the way between their medians */

/* Letters of the reverse are of a usual size beside this side's. */
static const float size_least = 0.4F, size_most = 2.5F;

/* A letter as a part of ink: pixels high at the size that it was looked at, and of ink. */
enum { HIGH_LEAST = 5, HIGH_MOST = 145, INK_LEAST = 10 };

/* Where dark ink goes over into pale that goes on for so many pixels at that size, the two were not
 * printed together; and how many such places there are for each pale letter, and at least. */
enum { PLATEAU = 6, TOUCHES_LEAST = 12 };
static const float touches_by_letter = 0.02F;

/* Around dark ink, pixels at that size: its own edge. */
static const float edge = 1.6F;

/* Of the pale heap's letters so many are paler than what is lifted; beyond it, levels. */
static const float lifted_quantile = 0.95F;
enum { LIFTED_BEYOND = 6 };

/* Cells in which sharp letters are counted, pixels at that size; sharp ones for print. */
enum { CELL = 64, SHARP_LEAST = 3 };

enum { LEVELS = 256 };

/* A byte a pixel, and some for each part. */
static const size_t scratch_bytes = MiB(96);

struct heaps {
    uint32_t pale, dark;            /* letters */
    int between;                    /* the level that parts them */
    int pale_depth, dark_depth;     /* medians */
    float pale_sharp, dark_sharp;   /* medians of steep / depth */
    float pale_height, dark_height; /* medians, pixels */
    int lifted;                     /* levels: no deeper ink is of the reverse */
};

static bool
is_letter(const struct ink *ink, const struct ink_part *part)
{
    float w = box_width(part->box) / ink->pixel, h = box_height(part->box) / ink->pixel;

    return !part->is_rule && h >= HIGH_LEAST && h <= HIGH_MOST && w >= 2 && w <= 3 * h &&
           h <= 6 * w && part->ink >= INK_LEAST * ink->pixel * ink->pixel;
}

/* ---- two heaps ---- */

/* Where the counts fall best into two (Otsu 1979); *ret_parted: the share of the variance that is
 * between them. */
static int
part_counts(const uint32_t counts[LEVELS], uint32_t n, float *ret_parted)
{
    double sum = 0, squares = 0, low = 0, low_sum = 0, best = 0;
    int at = 0;

    for (int i = 0; i < LEVELS; i++) {
        sum += (double)i * counts[i];
        squares += (double)i * i * counts[i];
    }
    double variance = squares / n - sum / n * (sum / n);
    for (int i = 0; i + 1 < LEVELS; i++) {
        low += counts[i];
        low_sum += (double)i * counts[i];
        if (low < 1 || low >= n)
            continue;
        double apart = low_sum / low - (sum - low_sum) / (n - low);
        double between = low / n * (1 - low / n) * apart * apart;
        if (between > best) {
            best = between;
            at = i + 1;
        }
    }
    *ret_parted = variance > 0 ? (float)(best / variance) : 0;
    return at;
}

/* The level below which that share of the counts from..to (half open) lies. */
static int
quantile(const uint32_t counts[LEVELS], int from, int to, float share)
{
    double all = 0, seen = 0;
    int at = from;

    for (int i = from; i < to; i++)
        all += counts[i];
    while (at + 1 < to && (seen += counts[at]) < (double)share * all)
        at++;
    return at;
}

static float
sharpness(const struct ink_part *part)
{
    return (float)part->steep / (float)(part->depth > 0 ? part->depth : 1);
}

/* Medians of one heap's sharpness and heights. */
static bool
measure(const struct ink *ink, int from, int to, struct arena *scratch, float *ret_sharp,
        float *ret_height)
{
    float *sharp = arena_array(scratch, (size_t)ink->count + 1, sizeof(*sharp));
    float *heights = arena_array(scratch, (size_t)ink->count + 1, sizeof(*heights));
    uint32_t n = 0;

    if (sharp == NULL || heights == NULL)
        return false;
    for (uint32_t i = 0; i < ink->count; i++) {
        const struct ink_part *part = &ink->parts[i];
        if (!is_letter(ink, part) || part->depth < from || part->depth >= to)
            continue;
        sharp[n] = sharpness(part);
        heights[n++] = box_height(part->box) / ink->pixel;
    }
    *ret_sharp = order_median(sharp, n);
    *ret_height = order_median(heights, n);
    return true;
}

/* Whether the letters are of two inks as far as their depth tells. */
static bool
find_heaps(const struct ink *ink, uint32_t counts[LEVELS], struct heaps *ret)
{
    struct heaps h = {0};
    uint32_t n = 0, middle = 0;
    float parted;

    for (uint32_t i = 0; i < ink->count; i++)
        if (is_letter(ink, &ink->parts[i])) {
            counts[ink->parts[i].depth]++;
            n++;
        }
    if (n < PALE_LEAST + DARK_LEAST)
        return false;
    h.between = part_counts(counts, n, &parted);
    for (int i = 0; i < h.between; i++)
        h.pale += counts[i];
    h.dark = n - h.pale;
    h.pale_depth = quantile(counts, 0, h.between, 0.5F);
    h.dark_depth = quantile(counts, h.between, LEVELS, 0.5F);
    float way = (float)(h.dark_depth - h.pale_depth);
    for (int i = 0; i < LEVELS; i++)
        if ((float)(i - h.pale_depth) > middle_from * way &&
            (float)(i - h.pale_depth) < middle_to * way)
            middle += counts[i];
    h.lifted = quantile(counts, 0, h.between, lifted_quantile) + LIFTED_BEYOND;
    *ret = h;
    return h.pale >= PALE_LEAST && h.dark >= DARK_LEAST &&
           (float)h.pale >= pale_share_least * (float)n && parted >= parted_least &&
           (float)h.pale_depth <= pale_most * (float)h.dark_depth &&
           (float)middle <= middle_most * (float)n;
}

static bool
are_blurred(const struct heaps *h)
{
    float size = h->pale_height / (h->dark_height > 0 ? h->dark_height : 1);

    return h->pale_sharp <= sharp_most * h->dark_sharp && size >= size_least && size <= size_most;
}

/* ---- where they touch ---- */

/* Levels from the ground of its tile to the pixel, if the ground is light: 0 else. */
static int
depth_at(const struct ink *ink, const uint8_t *row, uint32_t x, size_t tiles)
{
    int ground = ink->grounds[tiles + x / ink->tile];

    return ground >= 128 ? ground - row[x] : 0;
}

/* Places of a row where dark ink goes over into a stretch of pale, either way. */
static uint32_t
count_touches(const struct ink *ink, const struct heaps *h, const struct pixmap *picture,
              uint32_t y, uint32_t plateau)
{
    const uint8_t *row = picture->pixels + (size_t)y * picture->stride;
    size_t tiles = (size_t)(y / ink->tile) * ink->across;
    int low = h->pale_depth / 2, deep = (h->between + h->dark_depth) / 2;
    uint32_t length = 0, touches = 0;
    bool from_dark = false;

    for (uint32_t x = 0; x < picture->width; x++) {
        int depth = depth_at(ink, row, x, tiles);
        if (depth >= low && depth <= h->lifted) {
            length++;
            continue;
        }
        if (depth < deep && depth > h->lifted)
            continue; /* on the way from one to the other */
        touches += length >= plateau && (from_dark || depth >= deep);
        from_dark = depth >= deep;
        length = 0;
    }
    return touches;
}

static bool
do_touch(const struct ink *ink, const struct heaps *h, const struct pixmap *picture)
{
    uint32_t step = ink->shrunk, touches = 0;
    float wanted = touches_by_letter * (float)h->pale;

    for (uint32_t y = 0; y < picture->height; y += step)
        touches += count_touches(ink, h, picture, y, PLATEAU * step);
    return touches >= TOUCHES_LEAST && (float)touches >= wanted;
}

/* ---- lifting ---- */

enum { DARK = 1, KEPT = 2, PALE = 4 };

/* Marks what is dark, and its edge of radius pixels along the row. */
static void
mark_dark(const struct ink *ink, const struct heaps *h, const struct pixmap *picture,
          uint32_t radius, uint8_t *mask)
{
    for (uint32_t y = 0; y < picture->height; y++) {
        const uint8_t *row = picture->pixels + (size_t)y * picture->stride;
        size_t tiles = (size_t)(y / ink->tile) * ink->across;
        uint8_t *marks = mask + (size_t)y * picture->width;
        for (uint32_t x = 0; x < picture->width; x++) {
            int least = (marks[x] & PALE) != 0 ? h->between : h->lifted;
            if (depth_at(ink, row, x, tiles) <= least)
                continue;
            uint32_t to = x + radius < picture->width ? x + radius : picture->width - 1;
            for (uint32_t k = x > radius ? x - radius : 0; k <= to; k++)
                marks[k] |= DARK;
        }
    }
}

/* Keeps what lies within radius above or below something dark. */
static void
spread(const struct pixmap *picture, uint32_t radius, uint8_t *mask, uint8_t *left)
{
    uint32_t w = picture->width, h = picture->height;

    for (int way = 0; way < 2; way++) {
        memset(left, 0, w);
        for (uint32_t k = 0; k < h; k++) {
            uint8_t *marks = mask + (size_t)(way == 0 ? k : h - 1 - k) * w;
            for (uint32_t x = 0; x < w; x++) {
                left[x] = (marks[x] & DARK) != 0 ? (uint8_t)(radius + 1) : left[x];
                marks[x] |= left[x] > 0 ? KEPT : 0;
                left[x] = (uint8_t)(left[x] - (left[x] > 0));
            }
        }
    }
}

/* Cells of the page with sharp pale letters in them: a count each. */
static uint32_t *
count_sharp(const struct ink *ink, const struct heaps *h, const struct pixmap *picture,
            uint32_t across, uint32_t down, float sharp, struct arena *scratch)
{
    uint32_t *cells = arena_array(scratch, (size_t)across * down, 2 * sizeof(*cells));
    float side = CELL * ink->pixel;

    for (uint32_t i = 0; cells != NULL && i < ink->count; i++) {
        const struct ink_part *part = &ink->parts[i];
        if (part->depth >= h->between || !is_letter(ink, part))
            continue;
        uint32_t x = (uint32_t)((part->box.x0 - picture->x0) / side);
        uint32_t y = (uint32_t)((part->box.y0 - picture->y0) / side);
        if (x < across && y < down)
            cells[2 * (y * across + x) + (sharpness(part) >= sharp)]++;
    }
    return cells;
}

/* Whether most of the pale letters around a cell are sharp. */
static bool
is_sharp_around(const uint32_t *cells, uint32_t across, uint32_t down, uint32_t x, uint32_t y)
{
    uint32_t soft = 0, sharp = 0;

    for (uint32_t cy = y > 0 ? y - 1 : 0; cy <= y + 1 && cy < down; cy++)
        for (uint32_t cx = x > 0 ? x - 1 : 0; cx <= x + 1 && cx < across; cx++) {
            soft += cells[2 * (cy * across + cx)];
            sharp += cells[2 * (cy * across + cx) + 1];
        }
    return sharp >= SHARP_LEAST && sharp > 2 * soft;
}

/* The box in pixels of the picture, one wider on each side. */
static void
paint(const struct pixmap *picture, struct box box, float unit, uint8_t how, uint8_t *mask)
{
    uint32_t x0 = (uint32_t)((box.x0 - picture->x0) / unit);
    uint32_t y0 = (uint32_t)((box.y0 - picture->y0) / unit);
    uint32_t x1 = (uint32_t)((box.x1 - picture->x0) / unit) + 2;
    uint32_t y1 = (uint32_t)((box.y1 - picture->y0) / unit) + 2;

    x0 -= x0 > 0;
    y0 -= y0 > 0;
    for (uint32_t y = y0; y < y1 && y < picture->height; y++)
        for (uint32_t x = x0; x < x1 && x < picture->width; x++)
            mask[(size_t)y * picture->width + x] |= how;
}

/* Marks each pale part as such, but keeps pale print: sharp letters among sharp ones. */
static bool
mark_pale(const struct ink *ink, const struct heaps *h, const struct pixmap *picture, uint8_t *mask,
          struct arena *scratch)
{
    float unit = ink->pixel / (float)ink->shrunk, side = CELL * ink->pixel;
    uint32_t across = picture->width / (CELL * ink->shrunk) + 1;
    uint32_t down = picture->height / (CELL * ink->shrunk) + 1;
    float sharp = (h->pale_sharp + h->dark_sharp) / 2;
    uint32_t *cells = count_sharp(ink, h, picture, across, down, sharp, scratch);

    for (uint32_t i = 0; cells != NULL && i < ink->count; i++) {
        const struct ink_part *part = &ink->parts[i];
        uint32_t cx = (uint32_t)((part->box.x0 - picture->x0) / side);
        uint32_t cy = (uint32_t)((part->box.y0 - picture->y0) / side);
        if (part->depth >= h->between || part->is_rule || !is_letter(ink, part))
            continue;
        bool keeps = sharpness(part) >= sharp && is_sharp_around(cells, across, down, cx, cy);
        paint(picture, part->box, unit, keeps ? KEPT : PALE, mask);
    }
    return cells != NULL;
}

static bool
lift(const struct ink *ink, const struct heaps *h, struct pixmap *picture, struct arena *scratch)
{
    uint32_t radius = (uint32_t)(edge * (float)ink->shrunk + 0.5F);
    uint8_t *mask = arena_array(scratch, picture->height, picture->width);
    uint8_t *left = arena_array(scratch, picture->width, 1);

    if (mask == NULL || left == NULL || !mark_pale(ink, h, picture, mask, scratch))
        return false;
    mark_dark(ink, h, picture, radius, mask);
    spread(picture, radius, mask, left);
    for (uint32_t y = 0; y < picture->height; y++) {
        uint8_t *row = picture->pixels + (size_t)y * picture->stride;
        const uint8_t *marks = mask + (size_t)y * picture->width;
        size_t tiles = (size_t)(y / ink->tile) * ink->across;
        for (uint32_t x = 0; x < picture->width; x++)
            if ((marks[x] & KEPT) == 0 && depth_at(ink, row, x, tiles) > 0)
                row[x] = ink->grounds[tiles + x / ink->tile];
    }
    return true;
}

/* Whether the reverse shines through; if so, it is lifted. */
static bool
lift_if_blurred(const struct ink *ink, struct heaps *h, struct pixmap *picture,
                struct arena *scratch)
{
    return measure(ink, 0, h->between, scratch, &h->pale_sharp, &h->pale_height) &&
           measure(ink, h->between, LEVELS, scratch, &h->dark_sharp, &h->dark_height) &&
           are_blurred(h) && do_touch(ink, h, picture) && lift(ink, h, picture, scratch);
}

bool
bleed_lift(const struct ink *ink, struct pixmap *picture)
{
    uint32_t counts[LEVELS] = {0};
    struct heaps h;

    if (!find_heaps(ink, counts, &h))
        return false;
    struct arena *scratch = arena_new(scratch_bytes);
    bool lifted = scratch != NULL && lift_if_blurred(ink, &h, picture, scratch);
    if (scratch != NULL)
        arena_drop(&scratch);
    return lifted;
}
