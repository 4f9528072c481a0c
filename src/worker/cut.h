/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/cut.h - pieces of a page's picture at an angle: cut out, turned level, cleared of what is
 * not writing. Knows pixels only. */
#pragma once

#include "base/arena.h"
#include "page/pixmap.h"

/* Of a cut-out that is a line of print with others beside it, pixels: rules, which are no thicker
 * than that, go out of it; how far its box lies from the edges; how far the picture goes on behind
 * that box, before it is white. */
struct cut_line {
    float rule, edge, around;
};

/* A cut-out, and the way back from its pixels to the page as seen: a place (x, y) of that is
 * (x c + y s, y c - x s) in box. */
struct cut {
    struct pixmap picture; /* its dpi is the affair of whoever reads it */
    struct box box;        /* turned, pt */
    float s, c;            /* of its angle */
    float unit;            /* pt of a pixel */
    struct cut_line line;  /* of a piece that is one level line; else all 0 */
    bool reversed;         /* turned by 180 degrees besides */
    bool *spurious; /* of the page's words, those that may have been read out of the same ink */
};

/* The box around a box of the turned frame, on the page as seen. */
struct box cut_around(struct box box, float s, float c);

/* A copy of the part of a picture in box, a pixel wider; false if that is nothing, or there is no
 * room. */
MUST_CHECK
bool cut_copy(struct arena *work, const struct pixmap *from, struct box box, struct pixmap *ret);

/* Takes the strokes of a word in box out of the picture; broader ones of what lies under it stay.
 * row: scratch, as many as the picture's longer side. */
void cut_close(struct pixmap *picture, struct box box, uint8_t *row);

/* Turns what lies in cut->box out of the picture into cut->picture; ink becomes black, paper white,
 * and a frame around it goes. False if there is nothing on it, or no room. */
MUST_CHECK
bool cut_turn(struct arena *work, const struct pixmap *from, struct cut *cut);

/* Turns cut->picture by 180 degrees. */
void cut_reverse(struct cut *cut);
