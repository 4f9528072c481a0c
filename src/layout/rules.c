/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/rules.c - the lines drawn on a page, grouped by touch, and the positions of each group. */
#include "layout/rules.h"
#include "base/sets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_MAX = 4000, PAIRS_MAX = 4000000 };

static const float rule_thick_max_pt = 4; /* thicker ones are bars */
static const float rule_length_min_pt = 6;
static const float open_end_pt = 9; /* narrower ends hold no text */
static const float touch_pt = 3;    /* ends that meet, lines that are one */

static bool
collect(struct rules *r)
{
    const struct page *page = r->layout->page;
    uint32_t n = page->region_count < RULES_MAX ? page->region_count : RULES_MAX;

    r->rules = arena_array(r->layout->arena, n, sizeof(*r->rules));
    r->parents = arena_array(r->layout->arena, n, sizeof(*r->parents));
    if (r->rules == NULL || r->parents == NULL)
        return false;
    for (int vertical = 0; vertical < 2; vertical++) {
        for (uint32_t i = 0; i < page->region_count && r->count < n; i++) {
            struct box b = page->regions[i].box;
            float width = box_width(b), height = box_height(b);
            if (page->regions[i].kind != REGION_RULE || (height > width) != (vertical != 0) ||
                fminf(width, height) > rule_thick_max_pt ||
                fmaxf(width, height) < rule_length_min_pt)
                continue;
            r->rules[r->count] = vertical != 0 ? (struct rule){(b.x0 + b.x1) / 2, b.y0, b.y1, 0}
                                               : (struct rule){(b.y0 + b.y1) / 2, b.x0, b.x1, 0};
            r->count++;
        }
        if (vertical == 0)
            r->horizontals = r->count;
    }
    sets_init(r->parents, r->count);
    return true;
}

static void
group_rules(struct rules *r)
{
    for (uint32_t h = 0; h < r->horizontals; h++) {
        for (uint32_t v = r->horizontals; v < r->count; v++) {
            const struct rule *a = &r->rules[h], *b = &r->rules[v];
            if (b->at >= a->from - touch_pt && b->at <= a->to + touch_pt &&
                a->at >= b->from - touch_pt && a->at <= b->to + touch_pt)
                r->parents[sets_root(r->parents, h)] = sets_root(r->parents, v);
        }
    }
    for (uint32_t i = 0; i < r->count; i++)
        r->rules[i].group = sets_root(r->parents, i);
}

static int
by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x < y ? -1 : x > y;
}

/* Positions of a group's rules [from, to), those that are nearly the same taken as one. */
static uint32_t
group_positions(const struct rules *r, uint32_t group, uint32_t from, uint32_t to, float *ret)
{
    uint32_t n = 0, kept = 0;

    for (uint32_t i = from; i < to && n < RULES_LINES_MAX; i++) {
        if (r->rules[i].group == group)
            ret[n++] = r->rules[i].at;
    }
    qsort(ret, n, sizeof(*ret), by_value);
    for (uint32_t i = 0; i < n; i++) {
        if (kept == 0 || ret[i] - ret[kept - 1] > touch_pt)
            ret[kept++] = ret[i];
    }
    return kept;
}

/* Rules that reach past the outermost line across them have a row or column there that is open at
 * its end: the reach becomes a position. from, to: those rules. n: positions so far, room for two
 * more. */
static uint32_t
add_open_ends(const struct rules *r, uint32_t group, uint32_t from, uint32_t to, float *positions,
              uint32_t n)
{
    float least = INFINITY, most = -INFINITY;

    for (uint32_t i = from; i < to; i++) {
        if (r->rules[i].group == group) {
            least = fminf(least, r->rules[i].from);
            most = fmaxf(most, r->rules[i].to);
        }
    }
    if (n == 0 || n + 2 > RULES_LINES_MAX)
        return n;
    if (most > positions[n - 1] + open_end_pt)
        positions[n++] = most;
    if (least < positions[0] - open_end_pt) {
        memmove(positions + 1, positions, n * sizeof(*positions));
        positions[0] = least;
        n++;
    }
    return n;
}

uint32_t
rules_columns(const struct rules *r, uint32_t group, float *ret)
{
    uint32_t n = group_positions(r, group, r->horizontals, r->count, ret);

    return add_open_ends(r, group, 0, r->horizontals, ret, n);
}

uint32_t
rules_rows(const struct rules *r, uint32_t group, float *ret)
{
    uint32_t n = group_positions(r, group, 0, r->horizontals, ret);

    return add_open_ends(r, group, r->horizontals, r->count, ret, n);
}

uint32_t
rules_interval(const float *positions, uint32_t n, float value)
{
    uint32_t low = 0, high = n;

    if (n < 2 || value < positions[0] || value > positions[n - 1])
        return n;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (positions[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    return low < n - 1 ? low : n - 2;
}

uint32_t
rules_nearest(const float *positions, uint32_t n, float value)
{
    uint32_t i = rules_interval(positions, n, value);

    if (i == n)
        return value < positions[0] ? 0 : n - 1;
    return value - positions[i] < positions[i + 1] - value ? i : i + 1;
}

bool
rules_find(struct layout *layout, struct rules *ret)
{
    *ret = (struct rules){.layout = layout};
    if (!collect(ret))
        return false;
    uint64_t pairs = (uint64_t)ret->horizontals * (ret->count - ret->horizontals);
    if (pairs > PAIRS_MAX)
        ret->horizontals = ret->count = 0;
    group_rules(ret);
    return true;
}
