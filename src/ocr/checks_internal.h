/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/checks_internal.h - what checks.c (boxes) and marks.c (circles, and what is inside) share. */
#pragma once

#include "ocr/checks.h"

struct finder {
    struct arena *arena;
    const struct pixmap *ink;
    float letter, side_least, side_most; /* pixels */
    struct check *found;                 /* [CHECKS_MAX] */
    bool *solid; /* [CHECKS_MAX], by checks_judge: ink through and through */
    bool *sure;  /* [CHECKS_MAX]: no letter could look like it */
    size_t count;
};

static inline bool
ink_at(const struct pixmap *ink, int x, int y)
{
    return x >= 0 && y >= 0 && x < (int)ink->width && y < (int)ink->height &&
           ink->pixels[(size_t)y * ink->stride + (size_t)x] != 0;
}

/* The next run of ink in row y from x on: false if there is none. x1 is behind its last pixel. */
bool next_run(const struct pixmap *ink, int y, int x, int *ret_x0, int *ret_x1);

/* Share of ink between the corners; what lies outside of the picture is paper. */
float ink_share(const struct pixmap *ink, int x0, int y0, int x1, int y1);

bool overlaps(struct box a, struct box b);

/* Thickness of a box's frame, from outside at the middle of its sides: the thinnest. */
int frame_thickness(const struct pixmap *ink, struct box b);

/* Adds the circles that are radio buttons; false for want of memory. */
MUST_CHECK
bool checks_rings(struct finder *f);
/* Says what is inside of each, and takes out what holds writing. */
void checks_judge(struct finder *f);
