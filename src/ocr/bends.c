/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/bends.h"

#include "ocr/feet.h"
#include "ocr/uprights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TERMS = 12, /* of the field */
    ROUNDS = 6, /* of weighing letters anew */
};
static const size_t scratch_bytes = MiB(4);

/* Feet farther from the field than that, in letters' heights, weigh nothing. */
static const double off_most = 0.35;

/* Rows bend where those of a quarter of all letters and more go off the common lean by as much, in
 * letters' heights, and the field tells by as much better where feet are than that lean does, and
 * that near. */
static const double bend_least = 0.35, better_least = 0.8, rest_most = 0.07;

/* Of the page's height; more is no page. */
static const float shift_most = 0.2F;

/* Holds terms small that little speaks for. */
static const double ridge = 1e-4;

struct field {
    double terms[TERMS];
    float x, y, half_width, half_height; /* of the text */
};

struct finder {
    struct arena *arena;
    struct foot *letters;
    uint32_t count, rows;
    float size, width, height;
    struct field field;
    struct uprights uprights;
};

/* ---- the field ---- */

static float
clamp(float value)
{
    return value < -1 ? -1 : value > 1 ? 1 : value;
}

/* Legendre's polynomials of the place across, without the one that is level; most also times the
 * place down. */
static void
terms_at(float x, float y, double ret[TERMS])
{
    double a = (double)x, b = (double)y;
    const double p[] = {a, (3 * a * a - 1) / 2, (5 * a * a - 3) * a / 2,
                        (35 * a * a * a * a - 30 * a * a + 3) / 8,
                        (63 * a * a * a * a - 70 * a * a + 15) * a / 8};

    for (int i = 0; i < 5; i++) {
        ret[i] = p[i];
        ret[5 + i] = p[i] * b;
    }
    ret[10] = p[0] * (3 * b * b - 1) / 2;
    ret[11] = p[1] * (3 * b * b - 1) / 2;
}

static double
value_at(const struct field *f, float x, float y)
{
    double terms[TERMS], sum = 0;

    terms_at(x, y, terms);
    for (int i = 0; i < TERMS; i++)
        sum += f->terms[i] * terms[i];
    return sum;
}

/* How much lower than its row's level a foot there is: beyond the text as at its edge, going on
 * as steeply. */
static float
shift_at(const struct field *f, float x, float y)
{
    static const float step = 0.05F;
    float a = (x - f->x) / f->half_width, b = clamp((y - f->y) / f->half_height), c = clamp(a);
    double shift = value_at(f, c, b);

    if (a != c) {
        float inner = c > 0 ? c - step : c + step;
        shift += (shift - value_at(f, inner, b)) / (double)step * (double)fabsf(a - c);
    }
    return (float)shift;
}

static void
set_frame(struct finder *f)
{
    struct box all = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (uint32_t i = 0; i < f->count; i++) {
        const struct foot *l = &f->letters[i];
        all = box_union(all, (struct box){l->x0, l->y, l->x1, l->y});
    }
    f->field = (struct field){.x = (all.x0 + all.x1) / 2,
                              .y = (all.y0 + all.y1) / 2,
                              .half_width = fmaxf(1, box_width(all) / 2),
                              .half_height = fmaxf(1, box_height(all) / 2)};
}

/* Solves a x = b, a symmetric and positive definite (Cholesky), for the first n; b becomes x. */
static bool
solve(double a[TERMS][TERMS], double b[TERMS], int n)
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k <= i; k++) {
            double sum = a[i][k];
            for (int j = 0; j < k; j++)
                sum -= a[i][j] * a[k][j];
            if (i == k && !(sum > 0))
                return false;
            a[i][k] = i == k ? sqrt(sum) : sum / a[k][k];
        }
    }
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++)
            b[i] -= a[i][j] * b[j];
        b[i] /= a[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++)
            b[i] -= a[j][i] * b[j];
        b[i] /= a[i][i];
    }
    return true;
}

static void
terms_of(const struct finder *f, const struct foot *l, double ret[TERMS])
{
    terms_at(clamp(((l->x0 + l->x1) / 2 - f->field.x) / f->field.half_width),
             clamp((l->y - f->field.y) / f->field.half_height), ret);
}

/* One past the row's last letter; its weight, and the weighted means of its terms and feet. */
static uint32_t
mean_row(const struct finder *f, uint32_t first, double means[TERMS], double *ret_foot,
         double *ret_weight)
{
    uint32_t i = first;

    memset(means, 0, TERMS * sizeof(*means));
    *ret_foot = *ret_weight = 0;
    for (; i < f->count && f->letters[i].row == f->letters[first].row; i++) {
        double terms[TERMS], weight = f->letters[i].weight;
        terms_of(f, &f->letters[i], terms);
        for (int t = 0; t < TERMS; t++)
            means[t] += weight * terms[t];
        *ret_foot += weight * (double)f->letters[i].y;
        *ret_weight += weight;
    }
    for (int t = 0; t<TERMS && * ret_weight> 0; t++)
        means[t] /= *ret_weight;
    *ret_foot /= *ret_weight > 0 ? *ret_weight : 1;
    return i;
}

/* Fits the first n terms to the letters as they weigh. */
static bool
fit(struct finder *f, int n)
{
    double a[TERMS][TERMS] = {0}, b[TERMS] = {0}, all = 0;

    for (uint32_t first = 0, end; first < f->count; first = end) {
        double means[TERMS], foot, weight;
        end = mean_row(f, first, means, &foot, &weight);
        all += weight;
        for (uint32_t i = first; i < end; i++) {
            double terms[TERMS], y = (double)f->letters[i].y - foot, w = f->letters[i].weight;
            terms_of(f, &f->letters[i], terms);
            for (int t = 0; t < n; t++) {
                for (int u = 0; u <= t; u++)
                    a[t][u] += w * (terms[t] - means[t]) * (terms[u] - means[u]);
                b[t] += w * (terms[t] - means[t]) * y;
            }
        }
    }
    for (int t = 0; t < n; t++)
        a[t][t] += ridge * all + 1e-9;
    if (!solve(a, b, n))
        return false;
    memset(f->field.terms, 0, sizeof(f->field.terms));
    memcpy(f->field.terms, b, (size_t)n * sizeof(*b));
    return true;
}

/* Weighs letters by how far their feet are from the field; gives the mean distance, each no farther
 * than counts, in letters' heights. */
static double
weigh(struct finder *f)
{
    double sum = 0;

    for (uint32_t first = 0, end; first < f->count; first = end) {
        double means[TERMS], foot, weight;
        end = mean_row(f, first, means, &foot, &weight);
        for (uint32_t i = first; i < end; i++) {
            double terms[TERMS], off = (double)f->letters[i].y - foot;
            terms_of(f, &f->letters[i], terms);
            for (int t = 0; t < TERMS; t++)
                off -= f->field.terms[t] * (terms[t] - means[t]);
            off = fmin(1, fabs(off) / (off_most * (double)f->size));
            f->letters[i].weight = (1 - off * off) * (1 - off * off) + 1e-6;
            sum += off;
        }
    }
    return sum / f->count * off_most;
}

static bool
settle(struct finder *f, int terms, double *ret_off)
{
    for (uint32_t i = 0; i < f->count; i++)
        f->letters[i].weight = 1;
    for (int round = 0; round < ROUNDS; round++) {
        if (!fit(f, terms))
            return false;
        *ret_off = weigh(f);
    }
    return true;
}

static int
compare_doubles(const void *a, const void *b)
{
    double l = *(const double *)a, r = *(const double *)b;

    return l < r ? -1 : l > r;
}

/* By how much the rows of the most bent quarter of letters go off a common lean, at the least. */
static bool
measure_bend(const struct finder *f, double slope, double *ret)
{
    double *bends = arena_array(f->arena, f->count, sizeof(*bends));

    if (bends == NULL)
        return false;
    for (uint32_t first = 0, end = 0; first < f->count; first = end) {
        double low = INFINITY, high = -INFINITY;
        for (end = first; end < f->count && f->letters[end].row == f->letters[first].row; end++) {
            const struct foot *l = &f->letters[end];
            float x = (l->x0 + l->x1) / 2;
            double shift = (double)shift_at(&f->field, x, l->y) - slope * (double)x;
            low = fmin(low, shift);
            high = fmax(high, shift);
        }
        for (uint32_t i = first; i < end; i++)
            bends[i] = (high - low) / (double)f->size;
    }
    qsort(bends, f->count, sizeof(*bends), compare_doubles);
    *ret = bends[f->count - f->count / 4 - 1];
    return true;
}

/* ---- uprights ---- */

/* Whether they lean, from where rows begin and end once they are level. */
static bool
find_uprights(struct finder *f)
{
    struct upright_end *starts = arena_array(f->arena, f->rows, sizeof(*starts));
    struct upright_end *ends = arena_array(f->arena, f->rows, sizeof(*ends));
    struct box text = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    size_t n = 0;

    if (starts == NULL || ends == NULL)
        return false;
    for (uint32_t i = 0; i < f->count; i++) {
        const struct foot *l = &f->letters[i];
        if (i == 0 || l[-1].row != l->row)
            starts[n++] = (struct upright_end){l->x0, l->y - shift_at(&f->field, l->x0, l->y)};
        ends[n - 1] = (struct upright_end){l->x1, l->y - shift_at(&f->field, l->x1, l->y)};
        text = box_union(text, (struct box){l->x0, ends[n - 1].y, l->x1, ends[n - 1].y});
    }
    return uprights_find(f->arena, starts, ends, n, f->size, text, &f->uprights);
}

/* ---- the net ---- */

/* Where a point of the straight page is on the bent one. */
static void
there(const struct finder *f, float u, float v, float *ret_x, float *ret_y)
{
    const struct uprights *up = &f->uprights;
    float x = u + (up->lean + (u - up->middle) * up->spread) * (v - up->mid), y = v;

    for (int i = 0; i < 20; i++)
        y = v + shift_at(&f->field, x, y);
    *ret_x = x;
    *ret_y = y;
}

/* And back. */
static void
back(const struct finder *f, float x, float y, float *ret_u, float *ret_v)
{
    const struct uprights *up = &f->uprights;
    float v = y - shift_at(&f->field, x, y), down = v - up->mid;

    *ret_u = up->middle + (x - up->middle - up->lean * down) / (1 + up->spread * down);
    *ret_v = v;
}

static bool
find_frame(const struct finder *f, struct box *ret)
{
    struct box all = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    float wide = shift_most * f->width, high = shift_most * f->height;

    for (int i = 0; i < 2 * WARP_SIDE; i++) { /* along the upper edge, and the lower */
        float u, v;
        back(f, f->width * (float)(i / 2) / (WARP_SIDE - 1), i % 2 == 0 ? 0 : f->height, &u, &v);
        all = box_union(all, (struct box){u, v, u, v});
    }
    *ret = (struct box){floorf(all.x0), floorf(all.y0), ceilf(all.x1), ceilf(all.y1)};
    return all.x0 > -wide && all.x1 < f->width + wide && all.y0 > -high &&
           all.y1 < f->height + high;
}

static bool
cast_net(const struct finder *f, struct page_warp *ret)
{
    if (!find_frame(f, &ret->frame))
        return false;
    float across = box_width(ret->frame) / (WARP_SIDE - 1);
    float down = box_height(ret->frame) / (WARP_SIDE - 1);
    for (int row = 0; row < WARP_SIDE; row++)
        for (int column = 0; column < WARP_SIDE; column++) {
            there(f, ret->frame.x0 + across * (float)column, ret->frame.y0 + down * (float)row,
                  &ret->x[row][column], &ret->y[row][column]);
            if ((row > 0 && ret->y[row][column] - ret->y[row - 1][column] < 0.4F * down) ||
                (column > 0 && ret->x[row][column] - ret->x[row][column - 1] < 0.4F * across))
                return false; /* it folds over */
        }
    return true;
}

static bool
find(struct finder *f, const struct box *parts, size_t n, struct page_warp *ret)
{
    double straight, bent, bend;

    if (!feet_find(f->arena, parts, n, f->size, f->height, &f->letters, &f->count, &f->rows))
        return false;
    set_frame(f);
    if (!settle(f, 1, &straight))
        return false;
    double slope = f->field.terms[0] / (double)f->field.half_width;
    if (!settle(f, TERMS, &bent) || !measure_bend(f, slope, &bend))
        return false;
    if (!(bend >= bend_least && bent < better_least * straight && bent < rest_most))
        return false;
    if (!find_uprights(f))
        f->uprights = (struct uprights){.lean = 0};
    return cast_net(f, ret);
}

bool
bends_find(const struct box *parts, size_t n, float letter, float width, float height,
           struct page_warp *ret)
{
    struct finder f = {
        .arena = arena_new(scratch_bytes), .size = letter, .width = width, .height = height};
    bool found = f.arena != NULL && letter > 0 && find(&f, parts, n, ret);

    arena_drop(&f.arena);
    return found;
}
