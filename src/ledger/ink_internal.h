/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/ink_internal.h - what ink.c and ground.c share: a picture while its ink is looked for. */
#pragma once

#include "ledger/ink.h"

enum {
    TILE = 16 /* pixels; the level of the ground is that of 3 x 3 of these */
};

enum { PAPER = 0, INK = 1, RULE = 2 };

struct run {
    uint16_t y, x0, x1; /* x1 is past its end */
    uint8_t kind;
    uint16_t shared; /* pixels that touch its kind in the row above */
};

struct work {
    struct arena *scratch;
    uint8_t *grey;   /* [height][width], shrunk */
    uint8_t *soft;   /* the same, smoothed; NULL: not needed so far */
    uint8_t *mark;   /* [height][width] PAPER, INK, RULE */
    uint8_t *thin;   /* scratch for a run, as many as the longer side has pixels */
    uint32_t *tiles; /* [down][across][LEVELS] histograms of grey */
    uint32_t *soft_tiles;
    uint8_t *grounds; /* [down][across] level of the paper */
    int across, down;
    uint32_t width, height;
    struct run *runs;
    uint32_t *parents; /* [run_count] runs that hang together (base/sets.h) */
    uint32_t run_count;
};

/* ---- ground.c: which pixels are ink ---- */

/* Sets across, down and grounds, and mark to INK where grey stands out of what is around it. False:
 * scratch is full. */
MUST_CHECK
bool ground_find_ink(struct work *work);
