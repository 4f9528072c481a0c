/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/ledger_internal.h"

#include "base/order.h"

#include <math.h>
#include <stdlib.h>

/* Of the height of the letters: parts that are lower say nothing; feet that stand on one line; gaps
 * between a letter and the next, median. */
static const float low_most = 0.4F, foot_slack = 0.1F, foot_pixels = 0.75F;
static const float gap_least = -0.1F, gap_most = 0.4F;

/* Share of the letters that stand on one line; how far that may lean. */
static const float standing_least = 0.6F, lean_most = 0.1F;

/* Thickness of strokes: the middle half of the letters, of the median; and of the height. */
static const float strokes_spread = 0.45F, stroke_most = 0.47F;

/* What is surely no word: the letters stand further apart (median), or over each other, as hatching
 * does; the strokes of a quarter of them are so many times as thick as those of another quarter. Of
 * two parts nothing is told. */
static const float scattered_gap = 0.7F, heaped_gap = -0.3F, scattered_strokes = 2.5F;
enum { SCATTERED_LEAST = 3 };

static const float like_height = 1.4F; /* letters of one size: the higher to the lower */

/* A group with more parts is texture. */
enum { ROW_PARTS_MAX = 400 };

struct row {
    struct box boxes[ROW_PARTS_MAX]; /* from left to right */
    float strokes[ROW_PARTS_MAX];    /* from thin to thick, of the letters' height */
    float room[ROW_PARTS_MAX];
    uint32_t count;
};

static int
compare_lefts(const void *a, const void *b)
{
    const struct box *left = a, *right = b;

    if (left->x0 != right->x0)
        return left->x0 < right->x0 ? -1 : 1;
    return left->y0 < right->y0 ? -1 : left->y0 > right->y0;
}

/* None if there are too many. */
static void
gather(const struct group *group, const struct ink_part *parts, uint32_t n, struct row *ret)
{
    ret->count = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (box_height(parts[i].box) < low_most * group->height ||
            !box_holds_center(group->box, parts[i].box))
            continue;
        if (ret->count == ROW_PARTS_MAX) {
            ret->count = 0;
            return;
        }
        ret->strokes[ret->count] = parts[i].stroke / group->height;
        ret->boxes[ret->count++] = parts[i].box;
    }
    qsort(ret->boxes, ret->count, sizeof(*ret->boxes), compare_lefts);
    qsort(ret->strokes, ret->count, sizeof(*ret->strokes), order_floats);
}

/* Share of the row's letters whose feet are on one line, which may lean. */
static float
share_standing(struct row *row, float slack)
{
    float n = (float)row->count, x = 0, y = 0, sxx = 0, sxy = 0;
    uint32_t most = 0;

    for (uint32_t i = 0; i < row->count; i++) {
        x += (row->boxes[i].x0 + row->boxes[i].x1) / 2 / n;
        y += row->boxes[i].y1 / n;
    }
    for (uint32_t i = 0; i < row->count; i++) {
        float dx = (row->boxes[i].x0 + row->boxes[i].x1) / 2 - x, dy = row->boxes[i].y1 - y;
        sxx += dx * dx;
        sxy += dx * dy;
    }
    float lean = sxx > 0 ? fminf(fmaxf(sxy / sxx, -lean_most), lean_most) : 0;
    for (uint32_t i = 0; i < row->count; i++)
        row->room[i] = row->boxes[i].y1 - lean * ((row->boxes[i].x0 + row->boxes[i].x1) / 2 - x);
    qsort(row->room, row->count, sizeof(*row->room), order_floats);
    for (uint32_t i = 0, first = 0; i < row->count; i++) {
        while (row->room[i] - row->room[first] > 2 * slack)
            first++;
        most = i - first + 1 > most ? i - first + 1 : most;
    }
    return (float)most / n;
}

static float
gap_of(struct row *row, float height)
{
    for (uint32_t i = 1; i < row->count; i++)
        row->room[i - 1] = (row->boxes[i].x0 - row->boxes[i - 1].x1) / height;
    return row->count > 1 ? order_median(row->room, row->count - 1) : 0;
}

bool
print_is_scattered(const struct group *group, const struct ink_part *parts, uint32_t n)
{
    struct row row;

    if (group->smeared || group->lone)
        return false;
    gather(group, parts, n, &row);
    if (row.count < SCATTERED_LEAST)
        return false;
    float gap = gap_of(&row, group->height);
    return gap > scattered_gap || gap < heaped_gap ||
           row.strokes[3 * row.count / 4] > scattered_strokes * row.strokes[row.count / 4];
}

static bool
is_print(const struct group *group, const struct ink_part *parts, uint32_t n, float pixel)
{
    struct row row;

    gather(group, parts, n, &row);
    if (row.count == 0 || row.strokes[row.count / 2] > stroke_most)
        return false;
    float spread = row.strokes[3 * row.count / 4] - row.strokes[row.count / 4];
    float gap = gap_of(&row, group->height);
    return group->smeared || (spread <= strokes_spread * row.strokes[row.count / 2] &&
                              gap >= gap_least && gap <= gap_most &&
                              share_standing(&row, fmaxf(foot_slack * group->height,
                                                         foot_pixels * pixel)) >= standing_least);
}

/* Whether most of the groups of about the same size are no print: so is this one none. */
static bool
is_among_texture(const struct group *group, const struct group *groups, const bool *printed,
                 uint32_t n)
{
    uint32_t print = 0, texture = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (fmaxf(groups[i].height, group->height) >
            like_height * fminf(groups[i].height, group->height))
            continue;
        print += printed[i];
        texture += !printed[i];
    }
    return texture > print;
}

bool
print_mark(struct arena *scratch, const struct ink_part *parts, uint32_t n, float pixel,
           struct group *groups, uint32_t count)
{
    bool *printed = arena_array(scratch, (size_t)count + 1, sizeof(*printed));

    if (printed == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++)
        printed[i] = is_print(&groups[i], parts, n, pixel);
    for (uint32_t i = 0; i < count; i++)
        groups[i].drawn = !printed[i] || is_among_texture(&groups[i], groups, printed, count);
    return true;
}
