/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/text_internal.h - what text.c, hidden.c, words.c, bidi.c and unicode.c share. */
#pragma once

#include "doc/text.h"
#include "page/bidi.h"

enum { LINE_GLYPHS_MAX = BIDI_LINE_MAX }; /* a longer line is cut; no page has such */
enum { ASCII_CODES = 0x7f, SWAPS_MAX = 256 };

struct text {
    struct arena *arena;
    struct page *page;
    struct glyph *line;   /* [count], the line being drawn; room for LINE_GLYPHS_MAX */
    struct glyph *sorted; /* [LINE_GLYPHS_MAX] scratch of bidi.c */
    int32_t *codes;       /* [CODES_MAX] scratch of unicode.c */
    uint32_t count;
    struct glyph *rest; /* [LINE_GLYPHS_MAX] scratch of text.c; NULL until it is wanted */
    uint32_t held;      /* of line, the pieces that have ended and may go on; see text.c */
    float low, high;    /* extent along the line of what shows of the piece being drawn */
    float held_low, held_high;
    uint8_t *hidden; /* [page->word_cap] parallel to page->words: as in struct glyph */
    uint8_t *fonts;  /* the same, number of the font */
    uint32_t hidden_cap;
    uint64_t left_letters, right_letters; /* of the lines before, by their direction */
    bool has_right, held_right;           /* the piece, what is held has right-to-left letters */
    struct bidi_brackets brackets;
    int32_t block;       /* number of the paragraph-like run of lines */
    uint64_t cover_work; /* comparisons spent on text_cover, against a budget */
    struct text_census census[TEXT_FONTS_MAX];
    uint16_t glyph_of[TEXT_FONTS_MAX][ASCII_CODES]; /* the first that was a character; 0 none */
    struct doc_swap swaps[SWAPS_MAX];
    uint32_t swap_count;
    bool full; /* the arena or a limit of the page is used up */
};

/* Notes of the page's newest word whether it is hidden, and its font. */
MUST_CHECK
bool text_note_word(struct text *text, const struct glyph *first);

/* ---- hidden.c ---- */

/* Files what is hidden, with keep_under all but what text under a scan is, and closes the gaps that
 * it leaves; lines without words go. False: full. */
MUST_CHECK
bool hidden_sift(struct text *text, bool keep_under);

/* ---- unicode.c ---- */

enum { CODES_MAX = 4 * LINE_GLYPHS_MAX };

/* The character to take for a code as fonts have it: blanks become ' ', characters without a look
 * become 0, private codes of bullets and boxes their Unicode equals. */
uint32_t unicode_clean(uint32_t code, bool has_width);
bool unicode_is_letter(uint32_t code);
/* Ideographs and kana: scripts without spaces. */
bool unicode_is_spaceless(uint32_t code);
/* The combining mark for an accent that stands as a character of its own, or 0. */
uint32_t unicode_combining(uint32_t accent);
void unicode_count(struct text_census *census, uint32_t code);
/* Adds what a word as a whole tells: its pairs of letters, whether it is one at all. Returns how
 * many of its characters stand for nothing. */
uint32_t unicode_count_word(struct text_census *census, const struct glyph *glyphs, uint32_t count);
/* count glyphs' codes as NFC in the arena; presentation forms and ligatures resolved. NULL: full.
 */
MUST_CHECK
const char *unicode_compose(struct text *text, const struct glyph *glyphs, uint32_t count);

/* ---- bidi.c ---- */

/* Puts text->line into logical order if it has right-to-left letters; true if it reads that way.
 * *ret_spaced: gaps have become spaces, as neighbours in it need not stand side by side. */
bool bidi_order(struct text *text, bool *ret_spaced);

/* ---- words.c ---- */

/* Makes a line of words of text->line [first, first + count); no spaces at its ends. spaced: words
 * end at spaces only. */
void words_make(struct text *text, uint32_t first, uint32_t count, bool spaced);

/* Whether a gap this wide (em) between two glyphs side by side is a space. */
bool words_is_gap(const struct glyph *a, const struct glyph *b, float gap);

/* Where the glyph starts along its line. */
float words_start(const struct glyph *glyph);

/* Distance of two glyphs along the line; negative where they overlap. */
float words_gap(const struct glyph *a, const struct glyph *b);
