/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/feet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LETTERS_MOST = 8000, /* the page's first ones */
    LETTERS_LEAST = 100,
    ROW_LETTERS_LEAST = 6,
    ROWS_LEAST = 5
};

/* Of the letters' median height: what is as high is one, neighbours are as near, and their feet
 * differ by no more; a row is as long. */
static const float low_most = 0.5F, high_most = 2.6F, reach_most = 2.5F, step_most = 0.5F;
static const float row_least = 6;

struct finder {
    struct arena *arena;
    struct foot *letters;
    uint32_t count, rows;
    float size, height;
};

static int
compare_letters(const void *a, const void *b)
{
    const struct foot *l = a, *r = b;

    if (l->x0 != r->x0)
        return l->x0 < r->x0 ? -1 : 1;
    return l->y < r->y ? -1 : l->y > r->y;
}

static bool
take_letters(struct finder *f, const struct box *parts, size_t n)
{
    f->letters = arena_array(f->arena, LETTERS_MOST, sizeof(*f->letters));
    if (f->letters == NULL)
        return false;
    for (size_t i = 0; i < n && f->count < LETTERS_MOST; i++) {
        float w = box_width(parts[i]), h = box_height(parts[i]);
        if (h < low_most * f->size || h > high_most * f->size || w > 5 * h || h > 8 * w)
            continue;
        f->letters[f->count++] =
            (struct foot){parts[i].x0, parts[i].x1, parts[i].y1, -1, -1, INFINITY, INFINITY, 0, 1};
    }
    qsort(f->letters, f->count, sizeof(*f->letters), compare_letters);
    return f->count >= LETTERS_LEAST;
}

/* Notes which of two letters is the nearest to the other's side. */
static void
weigh_pair(struct finder *f, uint32_t l, uint32_t r)
{
    struct foot *left = &f->letters[l], *right = &f->letters[r];
    float gap = right->x0 - left->x1, step = fabsf(right->y - left->y);
    float cost = fmaxf(gap, 0) + 2 * step;

    if (step > step_most * f->size || gap < -0.5F * f->size || right->x1 <= left->x1)
        return;
    if (cost < left->right_cost) {
        left->right_cost = cost;
        left->right = (int32_t)r;
    }
    if (cost < right->left_cost) {
        right->left_cost = cost;
        right->left = (int32_t)l;
    }
}

/* Looks at each letter's neighbours, by bands of a letter's height. */
static bool
find_neighbours(struct finder *f)
{
    uint32_t bands = (uint32_t)(f->height / f->size) + 2;
    int32_t *last = arena_array(f->arena, bands, sizeof(*last)); /* of the band, so far */
    int32_t *before = arena_array(f->arena, f->count, sizeof(*before));

    if (last == NULL || before == NULL)
        return false;
    memset(last, 0xff, bands * sizeof(*last));
    for (uint32_t i = 0; i < f->count; i++) {
        float foot = fmaxf(0, fminf(f->letters[i].y, f->height));
        uint32_t band = (uint32_t)(foot / f->size);
        for (uint32_t b = band > 0 ? band - 1 : 0; b <= band + 1 && b < bands; b++)
            for (int32_t k = last[b]; k >= 0; k = before[k]) {
                /* a wide letter may begin earlier than others end: none is wider than five */
                if (f->letters[k].x0 < f->letters[i].x0 - (reach_most + 10) * f->size)
                    break;
                if (f->letters[k].x1 > f->letters[i].x0 - reach_most * f->size)
                    weigh_pair(f, (uint32_t)k, i);
            }
        before[i] = last[band];
        last[band] = (int32_t)i;
    }
    return true;
}

/* Letters each the other's nearest are a row. */
static void
chain(struct finder *f)
{
    struct foot *l = f->letters;

    for (uint32_t i = 0; i < f->count; i++) {
        if (l[i].left >= 0 && l[l[i].left].right == (int32_t)i)
            continue;
        uint32_t n = 1;
        int32_t at = (int32_t)i;
        for (; l[at].right >= 0 && l[l[at].right].left == at; at = l[at].right)
            n++;
        if (n < ROW_LETTERS_LEAST || l[at].x1 - l[i].x0 < row_least * f->size)
            continue;
        f->rows++;
        for (int32_t k = (int32_t)i;; k = l[k].right) {
            l[k].row = f->rows;
            if (k == at)
                break;
        }
    }
}

/* Keeps the letters of rows, row by row. */
static bool
keep_rows(struct finder *f)
{
    uint32_t *next = arena_array(f->arena, (size_t)f->rows + 2, sizeof(*next)), n = 0;
    struct foot *kept = arena_array(f->arena, (size_t)f->count + 1, sizeof(*kept));

    if (next == NULL || kept == NULL)
        return false;
    for (uint32_t i = 0; i < f->count; i++)
        if (f->letters[i].row > 0) {
            next[f->letters[i].row + 1]++;
            n++;
        }
    for (uint32_t r = 1; r <= f->rows + 1; r++)
        next[r] += next[r - 1];
    for (uint32_t i = 0; i < f->count; i++)
        if (f->letters[i].row > 0)
            kept[next[f->letters[i].row]++] = f->letters[i];
    f->letters = kept;
    f->count = n;
    return n >= LETTERS_LEAST && f->rows >= ROWS_LEAST;
}

bool
feet_find(struct arena *arena, const struct box *parts, size_t n, float letter, float height,
          struct foot **ret, uint32_t *ret_count, uint32_t *ret_rows)
{
    struct finder f = {.arena = arena, .size = letter, .height = height};

    if (!take_letters(&f, parts, n) || !find_neighbours(&f))
        return false;
    chain(&f);
    if (!keep_rows(&f))
        return false;
    *ret = f.letters;
    *ret_count = f.count;
    *ret_rows = f.rows;
    return true;
}
