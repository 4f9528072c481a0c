/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/checks.h - check boxes and radio buttons of a scan, and whether they are marked.
 *
 * Boxes: pairs of level (or upright) strokes of one length, as far apart as they are long, joined
 * by strokes at both ends, that are no cell of a grid, no place for a letter beside others like it,
 * and stand in white. Circles: parts of ink that are a thin ring, larger than a capital, alone, and
 * of which there are two of one size or that have a dot inside. Marked: something as large as a
 * mark inside. Method: our own; figures in docs/ocr.md. Fails on: frames with gaps, boxes drawn by
 * hand, marks that cover their box, squares of ideographs. Knows no language; pure. */
#pragma once

#include "base/arena.h"
#include "page/page.h"
#include "page/pixmap.h"

enum check_state { CHECK_EMPTY, CHECK_TICKED, CHECK_CROSSED };

struct check {
    struct box box; /* of its frame, pixels */
    uint8_t state;  /* enum check_state */
    bool round;
};

enum { CHECKS_MAX = 300 };

/* ink     one byte a pixel, 0: paper; upright and level
 * letter  median height of the letters, pixels
 * ret     [*ret_count] in the arena, from the top
 * False for want of memory. */
MUST_CHECK
bool checks_find(struct arena *arena, const struct pixmap *ink, float letter, struct check **ret,
                 size_t *ret_count);

/* Leaves of the ink what belongs to these checks: their boxes and the marks that go beyond. */
void checks_mask(struct pixmap *ink, const struct check *checks, size_t n);
