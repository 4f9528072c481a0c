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
#include "doc/doc.h"
#include "page/page.h"

enum { TEXT_FONTS_MAX = 64 };

/* What the font itself says of the glyph, beside the table to Unicode. */
enum glyph_identity { GLYPH_UNNAMED, GLYPH_AGREES, GLYPH_DIFFERS, GLYPH_MENDED };

/* Whether its outline is that of the character; told once a page. */
enum glyph_shape { GLYPH_UNSEEN, GLYPH_ALIKE, GLYPH_UNLIKE };

enum { TEXT_TINY = 64 }; /* hidden or not is settled when the page has ended */

/* One glyph, or a further character of the same glyph (follows). Page points, y down. */
struct glyph {
    uint32_t code; /* Unicode */
    float x, y;    /* pen before it */
    float ex, ey;  /* pen after it */
    float dx, dy;  /* unit vector of writing */
    float size;    /* pt */
    struct box box;
    uint8_t style;    /* enum word_style bits */
    uint8_t hidden;   /* 0 visible, else 1 + enum hidden_kind, or TEXT_TINY */
    uint8_t font;     /* number on the page, < TEXT_FONTS_MAX */
    uint8_t identity; /* enum glyph_identity */
    uint16_t number;  /* of the glyph in its font, from 1; 0: unknown */
    uint8_t role;     /* enum word_role */
    uint16_t tag;     /* of the page, as of words */
    uint8_t shape;    /* enum glyph_shape */
    uint32_t looks;   /* the character that the outline is like, if it was looked at */
    bool upright;     /* vertical writing */
    bool pale;        /* its colour is, or what is under it shows through */
    bool follows;     /* no pen movement of its own: ligature part */
};

/* What the characters look like, to judge whether their codes can be believed. */
struct text_census {
    uint32_t glyphs;  /* without spaces */
    uint32_t bad;     /* no Unicode known, private use, control */
    uint32_t leaders; /* dots, dashes, underscores */
    uint32_t letters, digits;
    uint32_t latin, vowels;
    uint32_t runs;             /* of Latin letters that follow each other: words, variables */
    uint32_t words;            /* of three characters and more */
    uint32_t bad_words;        /* of these, most of their characters bad */
    uint32_t holed_words;      /* of these, two letters and more, and something bad */
    uint32_t odd_words;        /* of these, signs between or before letters that words have not */
    uint32_t strange;          /* letters that no language has many of: phonetic ones, say */
    uint32_t greek, accented;  /* words of three small Greek letters; those with an accent */
    uint32_t ascii, shared;    /* characters; those that another glyph of the font also is */
    uint32_t pairs;            /* of Latin letters that follow each other, word edges included */
    uint64_t surprise;         /* sum over these, 1/8 bit each (doc/bigrams.h) */
    uint32_t named, differing; /* letters and digits whose glyphs have names, and other ones */
    /* Glyphs whose outlines were looked at, that are like other characters than the table says, and
     * of these those that it says are plain letters or figures. */
    uint32_t shaped, unlike, unlike_plain;
};

struct text;

/* Room for a line, for one page after the other: to clear it for each costs more than to use it.
 * NULL: no memory. */
struct text_room;
struct text_room *text_room_new(void);
void text_room_drop(struct text_room **room);

/* Words and lines go to page. NULL if the arena is full. */
MUST_CHECK
struct text *text_new(struct arena *arena, struct page *page, struct text_room *room);

/* Adds the next glyph drawn. After the first failure (see text_finish) does nothing. */
void text_add(struct text *text, const struct glyph *glyph);

/* How many words there are; those from first on that had no ink have some now. */
uint32_t text_words(const struct text *text);
void text_reveal(struct text *text, uint32_t first, uint32_t end);

/* The pen is lifted: what follows starts a line. */
void text_break(struct text *text);

/* Settles what is too small to be seen at the size of the page: put there for machines, and hidden,
 * if the page has more words that are larger; else the page was made small, and all of it counts.
 * After the last text_break. */
void text_settle_tiny(struct text *text);

/* Something opaque was painted over the box: words wholly in it are hidden. */
void text_cover(struct text *text, struct box box);

/* Number of words seen so far that are visible, and that are drawn without ink or painted over. */
void text_count(const struct text *text, uint32_t *ret_visible, uint32_t *ret_hidden);

/* Census of the visible characters of one font; of all. */
const struct text_census *text_census(const struct text *text, uint8_t font);
struct text_census text_census_all(const struct text *text);

/* Characters whose glyphs are like others: [*ret_count]. */
const struct doc_swap *text_swaps(const struct text *text, uint32_t *ret_count);

/* Number of the font of each of the page's words; valid after text_finish. */
const uint8_t *text_fonts(const struct text *text);

/* The same: 0 for a visible word, else 1 + enum hidden_kind. */
const uint8_t *text_hidden(const struct text *text);

/* Ends the page's text. Hidden words go to page->hiddens, a run for each line and reason.
 * keep_hidden: those drawn without ink or painted over stay (an OCR layer under a scan). ERR_LIMIT
 * if the page had more words or text than a page may have. */
MUST_CHECK
enum err_code text_finish(struct text *text, bool keep_hidden, struct err *err);
