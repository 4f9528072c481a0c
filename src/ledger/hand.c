/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/ledger_internal.h"

#include "base/order.h"

#include <math.h>
#include <stdlib.h>

/* A pen's stroke is as thin as that of print half as high: letters so much higher than the page's
 * own, strokes at most so thick beside theirs and beside their height. */
static const float high_least = 1.5F, stroke_most = 1.2F, thin_most = 0.08F;

/* Feet and heads of letters from a straight line, medians of both together, of their height; print
 * that is as tall and thin stands level. Longer runs are print whatever they look like. */
static const float ragged_least = 0.065F;
enum { HAND_PARTS_LEAST = 3, HAND_PARTS_MOST = 16 };
static const float lean_most = 0.1F;
static const float part_least = 0.5F; /* of the line's letters: smaller ones say nothing */

struct line {
    const struct ink_part *parts[HAND_PARTS_MOST];
    uint32_t count;
};

/* Median distance of the parts' feet (or heads) from the line through them. */
static float
raggedness(const struct line *line, bool feet)
{
    float away[HAND_PARTS_MOST], n = (float)line->count, x = 0, y = 0, sxx = 0, sxy = 0;

    for (uint32_t i = 0; i < line->count; i++) {
        struct box b = line->parts[i]->box;
        x += (b.x0 + b.x1) / 2 / n;
        y += (feet ? b.y1 : b.y0) / n;
    }
    for (uint32_t i = 0; i < line->count; i++) {
        struct box b = line->parts[i]->box;
        float dx = (b.x0 + b.x1) / 2 - x, dy = (feet ? b.y1 : b.y0) - y;
        sxx += dx * dx;
        sxy += dx * dy;
    }
    float lean = sxx > 0 ? fminf(fmaxf(sxy / sxx, -lean_most), lean_most) : 0;
    for (uint32_t i = 0; i < line->count; i++) {
        struct box b = line->parts[i]->box;
        away[i] = fabsf((feet ? b.y1 : b.y0) - y - lean * ((b.x0 + b.x1) / 2 - x));
    }
    return order_median(away, line->count);
}

/* The parts that are letters of the group; false: too many or too few. */
static bool
gather(const struct group *group, const struct ink_part *parts, uint32_t n, struct line *ret)
{
    ret->count = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct box b = parts[i].box;
        float x = (b.x0 + b.x1) / 2, y = (b.y0 + b.y1) / 2;
        if (x < group->box.x0 || x > group->box.x1 || y < group->box.y0 || y > group->box.y1 ||
            parts[i].is_rule || box_height(b) < part_least * group->height)
            continue;
        if (ret->count == HAND_PARTS_MOST)
            return false;
        ret->parts[ret->count++] = &parts[i];
    }
    return ret->count >= HAND_PARTS_LEAST;
}

bool
hand_is(const struct group *group, const struct ink_part *parts, uint32_t n, float letter,
        float stroke)
{
    struct line line;
    float heights[HAND_PARTS_MOST], ink = 0, thick = 0;

    if (stroke <= 0 || !gather(group, parts, n, &line))
        return false;
    for (uint32_t i = 0; i < line.count; i++) {
        heights[i] = box_height(line.parts[i]->box);
        ink += line.parts[i]->ink;
        thick += line.parts[i]->ink * line.parts[i]->stroke;
    }
    float height = order_median(heights, line.count);
    thick /= ink;
    return height >= high_least * letter && thick <= stroke_most * stroke &&
           thick <= thin_most * height &&
           raggedness(&line, true) + raggedness(&line, false) >= ragged_least * height;
}
