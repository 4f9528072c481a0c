/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/text.h - puts the glyphs that a page draws together into words and lines.
 *
 * Knows geometry and Unicode only: doc/device.c feeds it glyphs in drawing order. Method: a line
 * goes on as long as the pen does (same direction, near the baseline, no wide jump); at its end it
 * is put into logical order where it has right-to-left letters, and cut into words at spaces, at
 * gaps, and (glued) where the style changes. Words that nobody can see are kept apart until the end
 * of the page. Fails on: letters set so wide that gaps equal word spaces; lines drawn letter by
 * letter at random. */
#pragma once

#include "base/arena.h"
#include "page/page.h"

/* One glyph, or a further character of the same glyph (follows). Page points, y down. */
struct glyph {
    uint32_t code; /* Unicode */
    float x, y;    /* pen before it */
    float ex, ey;  /* pen after it */
    float dx, dy;  /* unit vector of writing */
    float size;    /* pt */
    struct box box;
    uint8_t style; /* enum word_style bits */
    bool hidden;   /* drawn so that it cannot be seen */
    bool upright;  /* vertical writing */
    bool follows;  /* no pen movement of its own: ligature part */
};

/* What the characters look like, to judge whether their codes can be believed. */
struct text_census {
    uint32_t glyphs;  /* without spaces */
    uint32_t bad;     /* no Unicode known, private use, control */
    uint32_t leaders; /* dots, dashes, underscores */
    uint32_t letters, digits;
    uint32_t latin, vowels;
};

struct text;

/* Words and lines go to page. NULL if the arena is full. */
MUST_CHECK
struct text *text_new(struct arena *arena, struct page *page);

/* Adds the next glyph drawn. After the first failure (see text_finish) does nothing. */
void text_add(struct text *text, const struct glyph *glyph);

/* The pen is lifted: what follows starts a line. */
void text_break(struct text *text);

/* Something opaque was painted over the box: words wholly in it are hidden. */
void text_cover(struct text *text, struct box box);

/* Number of words seen so far that are hidden, and that are not. */
void text_count(const struct text *text, uint32_t *ret_visible, uint32_t *ret_hidden);

/* Census of the visible characters. */
const struct text_census *text_census(const struct text *text);

/* Ends the page's text. keep_hidden: hidden words stay (an OCR layer under a scan), else they go.
 * ERR_LIMIT if the page had more words or text than a page may have. */
MUST_CHECK
enum err_code text_finish(struct text *text, bool keep_hidden, struct err *err);
