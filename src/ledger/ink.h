/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/ink.h - the ink of a picture as connected parts: what a page has on it before anybody says
 * what it means.
 *
 * Method: the picture is shrunk to 1,313 to 2,625 pixels, what differs from the median level of its
 * neighbourhood is ink (so light letters on a dark ground are ink too; noisy ground is softened
 * first), long thin runs are rules, and the rest is joined to 8-connected parts over runs
 * (union-find). Time and memory are linear in the pixels. Fails on: ink fainter than 28 grey levels
 * on clean ground; letters under about 4 pixels at that size. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "page/pixmap.h"

struct ink_part {
    struct box box;   /* pt, in the frame of the page that the picture was made of */
    float ink;        /* pt^2 */
    float off_center; /* of its centre of gravity from the box's centre; 0..0.5 of the box's side */
    float stroke;     /* pt: how thick its lines are, twice its ink by the length of its edge */
    uint8_t depth;    /* grey levels from the ground to where it is farthest from it */
    uint8_t steep;    /* grey levels over two pixels, across, where that changes most */
    bool is_rule;     /* a long thin stroke, level or upright */
};

struct ink {
    struct ink_part *parts; /* in the order in which they begin, from the top */
    uint32_t count;
    float specks;      /* pt^2 of dots too small to be parts */
    float pixel;       /* pt: side of a pixel at the size it was looked at */
    float part_height; /* pt: median height of the parts shaped like letters; 0: too few */
    uint8_t
        *grounds; /* grey of the ground, by tiles of the picture, `across` in a row; in scratch */
    uint32_t across, tile; /* a tile's side, pixels of the picture */
    uint32_t shrunk;       /* pixels of the picture to one at which it was looked at, a side */
};

/* More parts are texture: the rest counts as specks. */
enum { INK_PARTS_MAX = 40000 };

/* The parts live in arena, all else in scratch: some 8 bytes a pixel. ERR_LIMIT if one is full. */
MUST_CHECK
enum err_code ink_find(struct arena *arena, struct arena *scratch, const struct pixmap *picture,
                       struct ink *ret, struct err *err);
