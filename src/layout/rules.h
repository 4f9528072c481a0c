/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/rules.h - the lines drawn on a page as groups that touch: the drawings that may be tables.
 */
#pragma once

#include "layout/layout_internal.h"

enum { RULES_LINES_MAX = 300 }; /* positions of one drawing in one direction */

struct rule {
    float at, from, to; /* vertical: x, y from, y to; horizontal: y, x from, x to */
    uint32_t group;
};

struct rules {
    struct layout *layout;
    struct rule *rules; /* horizontals first */
    uint32_t *parents;  /* of the groups (base/sets.h) */
    uint32_t horizontals, count;
};

/* The rules of the page with their groups; none where the page has too many to compare. False
 * without memory. A group goes by the index of one of its rules, whose .group is its own index. */
MUST_CHECK
bool rules_find(struct layout *layout, struct rules *ret);

/* Positions of a group's verticals, or horizontals, from low to high, nearly equal ones taken as
 * one; where the lines across reach well past the outermost, their reach as well. ret has room for
 * RULES_LINES_MAX. Returns their number. */
uint32_t rules_columns(const struct rules *r, uint32_t group, float *ret);
uint32_t rules_rows(const struct rules *r, uint32_t group, float *ret);

/* Index of the interval that holds value; n - 1 intervals between n positions. n: outside. */
uint32_t rules_interval(const float *positions, uint32_t n, float value);

/* Index of the position nearest to value. */
uint32_t rules_nearest(const float *positions, uint32_t n, float value);
