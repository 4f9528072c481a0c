/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lept.h - Leptonica: prepares the picture of a page for reading, as far as that pays.
 *
 * A struct Pix is Leptonica's picture; who makes one drops it with lept_drop. Every function that
 * makes one gives NULL for want of memory. Numbers behind the choices: docs/ocr.md. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "page/pixmap.h"
#include "page/warp.h"

#include <stdbool.h>

struct Pix;

void lept_drop(struct Pix **pix);

/* Silences the library; once per process. */
void lept_init(void);

MUST_CHECK
struct Pix *lept_from(const struct pixmap *picture);

/* Light print on bands of dark ground becomes dark print on paper, in place (reversed.h). */
MUST_CHECK
bool lept_mend_reversed(struct Pix *pix);

/* The 8-bit picture as rows of bytes in the arena; false if that is full. */
MUST_CHECK
bool lept_to(struct Pix *pix, struct arena *arena, struct pixmap *ret);

uint32_t lept_width(const struct Pix *pix);
uint32_t lept_height(const struct Pix *pix);

enum { LEPT_RULES_MAX = 400 };

/* What a first look tells. */
struct lept_look {
    bool blank;        /* no ink that could be a letter */
    bool uneven;       /* the paper's brightness varies: shadow, photograph */
    bool grainy;       /* the paper is not smooth: noise */
    bool swamped;      /* next to nothing of so much ink looks like letters */
    float skew;        /* degrees clockwise, after the turn, that make its lines level */
    float text_height; /* median height of what looks like letters, pixels; 0 unknown */
    uint32_t letters;  /* how many parts look like letters */
    int turn;          /* degrees clockwise that would bring the text upright: 0, 90, 180, 270 */
    bool bent;         /* its rows bend, as on photographs */
    struct page_warp warp; /* how, in pixels of the picture after its turn, and made level */
    uint32_t rule_count;
    struct box rules[LEPT_RULES_MAX]; /* ruled lines, level and upright; pixels of the picture
                                       * after its turn and lept_level or lept_straighten */
};
enum { LEPT_TURN_UNKNOWN = -1 };

/* turn: what is known of it. soft: its ink is what is there once grain is smoothed. bends: whether
 * its rows bend is looked at. False for want of memory. */
MUST_CHECK
bool lept_examine(struct Pix *pix, int turn, bool soft, bool bends, struct lept_look *ret);

/* The parts of the ink that look like letters of about that height (pixels), outside the boxes,
 * from top to bottom, in the arena. False for want of memory. */
MUST_CHECK
bool lept_letters_outside(struct Pix *bits, const struct box *boxes, size_t n, float letter_height,
                          struct arena *arena, struct box **ret, size_t *ret_count);

/* The picture with the boxes painted over in white. */
MUST_CHECK
struct Pix *lept_blot(struct Pix *pix, const struct box *boxes, size_t n);

/* The picture with its paper made evenly white. */
MUST_CHECK
struct Pix *lept_flatten(struct Pix *pix);

/* The picture made smaller (areas are averaged) or larger (interpolated). */
MUST_CHECK
struct Pix *lept_scale(struct Pix *pix, float factor);

/* The picture turned clockwise by a few degrees about its middle, its frame grown to hold it. */
MUST_CHECK
struct Pix *lept_level(struct Pix *pix, float degrees);

/* The picture turned clockwise by a few degrees about its middle, and its rows, which bend as warp
 * says (in its pixels), made straight; its corner is that of the warp's frame. */
MUST_CHECK
struct Pix *lept_straighten(struct Pix *pix, float degrees, const struct page_warp *warp);

/* Other ways to look at print that reads badly. */
enum lept_view {
    LEPT_VIEW_SOFT,  /* smoothed: dots and grain run together */
    LEPT_VIEW_FAINT, /* smoothed, the paper made white, what is darker black: faint print */
    LEPT_VIEW_SMALL, /* two thirds of the size: broken strokes close */
    LEPT_VIEW_LARGE, /* 1.6 times as large, and sharper: small print comes apart */
    LEPT_VIEWS
};
/* How many times as large the view is. */
float lept_view_scale(enum lept_view view);
MUST_CHECK
struct Pix *lept_view(struct Pix *pix, enum lept_view view);

/* Of ink: median height of what looks like letters, pixels, 0 unknown; and how many parts it is in.
 * False for want of memory. */
MUST_CHECK
bool lept_letter_height(struct Pix *bits, float *ret_height, uint32_t *ret_parts);

/* Black and white, for the layout analysis: ink and paper parted by what stands around. soft: as
 * for lept_examine. */
MUST_CHECK
struct Pix *lept_bits(struct Pix *pix, bool soft);

/* The ink without parts smaller than side (pixels) both ways. */
MUST_CHECK
struct Pix *lept_without_specks(struct Pix *bits, float side);

/* Whether the lines of the ink surely run across it, and not up or down. */
bool lept_runs_level(struct Pix *bits);

/* The black and white picture as bytes in the arena, 1 where there is ink; false if that is full.
 */
MUST_CHECK
bool lept_ink(struct Pix *bits, struct arena *arena, struct pixmap *ret);

/* Makes paper of both pictures (grey, black and white) where mask is not 0. */
void lept_wipe(struct Pix *pix, struct Pix *bits, const struct pixmap *mask);

/* The picture turned clockwise by 90, 180 or 270 degrees. */
MUST_CHECK
struct Pix *lept_turn(struct Pix *pix, int degrees);
