/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/sets.h"
#include "ledger/ink_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE_USUAL = 1750, /* pixels of the longer side at which a picture is looked at, about */
    SIDE_MOST = 2625   /* ... and at most */
};

/* Runs of ink this long are no stroke of a letter; rules are thin besides. Pixels, of a picture of
 * SIDE_USUAL; of larger ones more. */
enum { RULE_LEAST = 44, RULE_THICK_MOST = 7 };

/* Parts of fewer pixels are specks. */
enum { PIXELS_LEAST = 3 };

/* A part of this height and shape may be a letter. */
enum { LETTER_LEAST = 3, LETTERS_LEAST = 12 };

/* ---- paper, passed over by eights ---- */

enum { EIGHT = 8 };

static bool
are_zero(const void *eight)
{
    uint64_t word;

    memcpy(&word, eight, sizeof(word));
    return word == 0;
}

/* From x on, the first of n marks that is not paper, or n. */
static uint32_t
skip_paper(const uint8_t *mark, uint32_t x, uint32_t n)
{
    while (n - x >= EIGHT && are_zero(mark + x))
        x += EIGHT;
    while (x < n && mark[x] == PAPER)
        x++;
    return x;
}

/* As skip_paper, but stops also near runs that end in this row, in eights. */
static uint32_t
skip_plain(const uint8_t *mark, const uint32_t *upright, uint32_t x, uint32_t n)
{
    while (n - x >= EIGHT && are_zero(mark + x) && are_zero(upright + x) &&
           are_zero(upright + x + 2) && are_zero(upright + x + 4) && are_zero(upright + x + 6))
        x += EIGHT;
    return x;
}

/* ---- smaller ---- */

/* Down before across, so that the compiler can add many at once. */
static void
add_row(uint32_t *restrict sums, const uint8_t *restrict row, size_t n)
{
    for (size_t x = 0; x < n; x++)
        sums[x] += row[x];
}

static bool
shrink(struct work *w, const struct pixmap *picture, uint32_t factor)
{
    w->width = picture->width / factor;
    w->height = picture->height / factor;
    w->grey = arena_array(w->scratch, w->height, w->width);
    w->mark = arena_array(w->scratch, w->height, w->width);
    if (w->grey == NULL || w->mark == NULL)
        return false;
    size_t across = (size_t)w->width * factor;
    uint32_t *sums = arena_array(w->scratch, across + 1, sizeof(*sums));
    uint32_t share = (1U << 24) / (factor * factor) + 1; /* to multiply is faster than to divide */
    if (sums == NULL)
        return false;
    for (uint32_t y = 0; y < w->height; y++) {
        uint8_t *grey = w->grey + (size_t)y * w->width;
        if (factor == 1) {
            memcpy(grey, picture->pixels + (size_t)y * picture->stride, w->width);
            continue;
        }
        memset(sums, 0, across * sizeof(*sums));
        for (uint32_t k = 0; k < factor; k++)
            add_row(sums, picture->pixels + ((size_t)y * factor + k) * picture->stride, across);
        for (uint32_t x = 0; x < w->width; x++) {
            uint64_t sum = 0;
            for (uint32_t i = 0; i < factor; i++)
                sum += sums[(size_t)x * factor + i];
            grey[x] = (uint8_t)(sum * share >> 24);
        }
    }
    return true;
}

/* ---- rules ---- */

/* Pixels of ink in a row through at, along step, both ways; RULE_THICK_MOST + 1 at most. */
static int
thickness(const struct work *w, uint32_t x, uint32_t y, bool level)
{
    int thick = 1;

    for (int way = -1; way <= 1; way += 2)
        for (int k = 1; thick <= RULE_THICK_MOST; k++) {
            int64_t px = (int64_t)x + (level ? 0 : way * k);
            int64_t py = (int64_t)y + (level ? way * k : 0);
            if (px < 0 || py < 0 || px >= w->width || py >= w->height ||
                w->mark[(size_t)py * w->width + (size_t)px] == PAPER)
                break;
            thick++;
        }
    return thick;
}

/* Marks the run of length pixels that ends before (x, y) as a rule where it is thin, and across
 * the short stretches where something crosses or touches it. A run most of which is thick goes
 * through a word whose letters hang together. */
static void
mark_rule(struct work *w, uint32_t x, uint32_t y, uint32_t length, bool level)
{
    size_t step = level ? 1 : w->width;
    uint8_t *run = w->mark + (size_t)y * w->width + x - length * step;
    uint8_t *is_thin = w->thin;
    uint32_t count = 0, thin = 0; /* past the last thin pixel */

    for (uint32_t k = 0; k < length; k++) {
        uint32_t px = level ? x - length + k : x, py = level ? y : y - length + k;
        is_thin[k] = thickness(w, px, py, level) <= RULE_THICK_MOST;
        count += is_thin[k];
    }
    for (uint32_t k = 0; 2 * count >= length && k < length; k++) {
        if (!is_thin[k])
            continue;
        for (uint32_t i = thin > 0 && k - thin <= RULE_THICK_MOST ? thin : k; i <= k; i++)
            run[i * step] = RULE;
        thin = k + 1;
    }
}

static bool
is_ink(const struct work *w, int64_t x, int64_t y)
{
    return x >= 0 && y >= 0 && x < w->width && y < w->height &&
           w->mark[(size_t)y * w->width + (size_t)x] != PAPER;
}

/* Whether the run that ends before (x, y) goes on at both its ends to the same side, outwards: the
 * flat of a bow, as of a seal's ring. A rule that leans goes on to one side at one end and to the
 * other at the other, the edge of a frame only straight up or down. */
static bool
is_bow(const struct work *w, uint32_t x, uint32_t y, uint32_t length, bool level)
{
    for (int side = -1; side <= 1; side += 2) {
        int64_t before = (level ? (int64_t)x : (int64_t)y) - length - 1;
        int64_t behind = level ? x : y, across = (level ? (int64_t)y : (int64_t)x) + side;
        if (level ? is_ink(w, before, across) && is_ink(w, behind, across)
                  : is_ink(w, across, before) && is_ink(w, across, behind))
            return true;
    }
    return false;
}

static bool
find_rules(struct work *w)
{
    uint32_t *upright = arena_array(w->scratch, w->width + 1, sizeof(*upright));
    uint32_t longer = w->width > w->height ? w->width : w->height;
    uint32_t least = longer > SIDE_USUAL ? RULE_LEAST * longer / SIDE_USUAL : RULE_LEAST;

    w->thin = arena_array(w->scratch, longer + 1, sizeof(*w->thin));
    if (upright == NULL || w->thin == NULL)
        return false;
    for (uint32_t y = 0; y <= w->height; y++) {
        uint32_t level = 0;
        for (uint32_t x = 0; x <= w->width; x++) {
            if (level == 0 && y < w->height)
                x = skip_plain(w->mark + (size_t)y * w->width, upright, x, w->width);
            bool ink = y < w->height && x < w->width && w->mark[(size_t)y * w->width + x] != PAPER;
            if (!ink && level >= least && !(level <= 2 * least && is_bow(w, x, y, level, true)))
                mark_rule(w, x, y, level, true);
            level = ink ? level + 1 : 0;
            if (x == w->width)
                break;
            if (!ink && upright[x] >= least &&
                !(upright[x] <= 2 * least && is_bow(w, x, y, upright[x], false)))
                mark_rule(w, x, y, upright[x], false);
            upright[x] = ink ? upright[x] + 1 : 0;
        }
    }
    return true;
}

/* ---- parts ---- */

/* Joins the runs of a row, [first, end), with those of the row above, [above, first). */
static void
join_rows(struct run *runs, uint32_t *parents, uint32_t above, uint32_t first, uint32_t end)
{
    uint32_t k = above;

    for (uint32_t i = first; i < end; i++) {
        while (k < first && runs[k].x1 < runs[i].x0)
            k++;
        for (uint32_t j = k; j < first && runs[j].x0 <= runs[i].x1; j++)
            if (runs[j].kind == runs[i].kind) {
                int x0 = runs[i].x0 > runs[j].x0 ? runs[i].x0 : runs[j].x0;
                int x1 = runs[i].x1 < runs[j].x1 ? runs[i].x1 : runs[j].x1;
                runs[i].shared = (uint16_t)(runs[i].shared + (x1 > x0 ? x1 - x0 : 0));
                (void)sets_join(parents, i, j);
            }
    }
}

static uint32_t
count_runs(const struct work *w)
{
    uint32_t count = 0;

    for (uint32_t y = 0; y < w->height; y++) {
        const uint8_t *mark = w->mark + (size_t)y * w->width;
        for (uint32_t x = skip_paper(mark, 0, w->width); x < w->width; count++) {
            uint8_t kind = mark[x];
            while (x < w->width && mark[x] == kind)
                x++;
            x = skip_paper(mark, x, w->width);
        }
    }
    return count;
}

static bool
find_runs(struct work *w)
{
    uint32_t above = 0, total = count_runs(w);

    w->runs = arena_array(w->scratch, (size_t)total + 1, sizeof(*w->runs));
    w->parents = arena_array(w->scratch, (size_t)total + 1, sizeof(*w->parents));
    if (w->runs == NULL || w->parents == NULL)
        return false;
    for (uint32_t y = 0; y < w->height; y++) {
        const uint8_t *mark = w->mark + (size_t)y * w->width;
        uint32_t first = w->run_count;
        for (uint32_t x = skip_paper(mark, 0, w->width); x < w->width;
             x = skip_paper(mark, x, w->width)) {
            uint32_t start = x;
            while (x < w->width && mark[x] == mark[start])
                x++;
            w->runs[w->run_count] = (struct run){
                .y = (uint16_t)y, .x0 = (uint16_t)start, .x1 = (uint16_t)x, .kind = mark[start]};
            w->parents[w->run_count] = w->run_count;
            w->run_count++;
        }
        join_rows(w->runs, w->parents, above, first, w->run_count);
        above = first;
    }
    return true;
}

/* A part in pixels while it is summed up. */
struct sum {
    uint32_t x0, y0, x1, y1, pixels;
    uint64_t edge; /* sides of pixels at which it ends */
    uint64_t sum_x, sum_y;
    uint8_t depth, steep; /* grey levels, as in struct ink_part */
};

/* How far the run's grey is from the ground, and how fast it changes along it. */
static void
sound(const struct work *w, const struct run *run, struct sum *s)
{
    const uint8_t *grey = w->grey + (size_t)run->y * w->width;
    int ground = w->grounds[(size_t)(run->y / TILE) * (size_t)w->across + run->x0 / TILE];

    for (uint32_t x = run->x0; x < run->x1; x++) {
        int depth = abs(grey[x] - ground);
        int steep = x > 0 && x + 1 < w->width ? abs(grey[x + 1] - grey[x - 1]) : 0;
        s->depth = (uint8_t)(depth > s->depth ? depth : s->depth);
        s->steep = (uint8_t)(steep > s->steep ? steep : s->steep);
    }
}

static struct sum *
sum_up(struct work *w)
{
    struct sum *sums = arena_array(w->scratch, (size_t)w->run_count + 1, sizeof(*sums));

    if (sums == NULL)
        return NULL;
    for (uint32_t i = 0; i < w->run_count; i++) {
        const struct run *run = &w->runs[i];
        struct sum *s = &sums[sets_root(w->parents, i)];
        if (s->pixels == 0)
            *s = (struct sum){run->x0, run->y, run->x1, run->y + 1U, 0, 0, 0, 0, 0, 0};
        s->x0 = run->x0 < s->x0 ? run->x0 : s->x0;
        s->x1 = run->x1 > s->x1 ? run->x1 : s->x1;
        s->y1 = run->y + 1U;
        uint32_t length = (uint32_t)(run->x1 - run->x0);
        s->pixels += length;
        s->edge += 2 + 2 * ((uint64_t)length - run->shared);
        s->sum_x += (uint64_t)length * (uint32_t)(run->x0 + run->x1) / 2;
        s->sum_y += (uint64_t)length * run->y;
        sound(w, run, s);
    }
    return sums;
}

static float
off_center(const struct sum *s)
{
    double x = (double)s->sum_x / s->pixels, y = (double)s->sum_y / s->pixels + 0.5;
    double w = (double)(s->x1 - s->x0), h = (double)(s->y1 - s->y0);

    return (float)fmax(fabs((x - s->x0) / w - 0.5), fabs((y - s->y0) / h - 0.5));
}

static bool
is_letter_like(const struct sum *s)
{
    uint32_t w = s->x1 - s->x0, h = s->y1 - s->y0;

    return h >= LETTER_LEAST && w >= 2 && w <= 3 * h && h <= 6 * w && h <= SIDE_USUAL / 12;
}

static int
compare_heights(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static bool
gather(struct work *w, struct arena *arena, const struct pixmap *picture, struct ink *ret)
{
    struct sum *sums = sum_up(w);
    uint32_t *heights = arena_array(w->scratch, INK_PARTS_MAX, sizeof(*heights)), letters = 0;
    uint32_t wanted = 0;

    if (sums == NULL || heights == NULL)
        return false;
    for (uint32_t i = 0; i < w->run_count; i++)
        wanted += sums[i].pixels >= PIXELS_LEAST;
    wanted = wanted < INK_PARTS_MAX ? wanted : INK_PARTS_MAX;
    ret->parts = arena_array(arena, (size_t)wanted + 1, sizeof(*ret->parts));
    if (ret->parts == NULL)
        return false;
    for (uint32_t i = 0; i < w->run_count; i++) {
        const struct sum *s = &sums[i];
        float ink = (float)s->pixels * ret->pixel * ret->pixel;
        if (s->pixels < PIXELS_LEAST || ret->count == wanted) {
            ret->specks += ink;
            continue;
        }
        struct box box = {
            picture->x0 + (float)s->x0 * ret->pixel, picture->y0 + (float)s->y0 * ret->pixel,
            picture->x0 + (float)s->x1 * ret->pixel, picture->y0 + (float)s->y1 * ret->pixel};
        bool is_rule = w->runs[i].kind == RULE;
        ret->parts[ret->count++] =
            (struct ink_part){.box = box,
                              .ink = ink,
                              .off_center = off_center(s),
                              .is_rule = is_rule,
                              .depth = s->depth,
                              .steep = s->steep,
                              .stroke = 2 * (float)s->pixels / (float)s->edge * ret->pixel};
        if (!is_rule && is_letter_like(s))
            heights[letters++] = s->y1 - s->y0;
    }
    if (letters >= LETTERS_LEAST) {
        qsort(heights, letters, sizeof(*heights), compare_heights);
        ret->part_height = (float)heights[letters / 2] * ret->pixel;
    }
    return true;
}

enum err_code
ink_find(struct arena *arena, struct arena *scratch, const struct pixmap *picture, struct ink *ret,
         struct err *err)
{
    struct work w = {.scratch = scratch};
    uint32_t longer = picture->width > picture->height ? picture->width : picture->height;
    uint32_t factor = longer / SIDE_MOST + 1;

    *ret = (struct ink){.pixel = 72 / picture->dpi * (float)factor};
    if (factor == 0 || picture->width < factor || picture->height < factor)
        return ERR_OK; /* nothing to see */
    if (!shrink(&w, picture, factor) || !ground_find_ink(&w) || !find_rules(&w) || !find_runs(&w) ||
        !gather(&w, arena, picture, ret))
        return err_set(err, ERR_LIMIT, "no room to account for the ink of a picture of %u x %u",
                       picture->width, picture->height);
    ret->grounds = w.grounds;
    ret->across = (uint32_t)w.across;
    ret->tile = TILE * factor;
    ret->shrunk = factor;
    return ERR_OK;
}
