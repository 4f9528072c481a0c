/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/blocks_internal.h - lines and blocks in the making, between blocks.c, entries.c, kinds.c
 * and markers.c. */
#pragma once

#include "layout/layout_internal.h"

enum marker_kind { MARKER_NONE, MARKER_BULLET, MARKER_NUMBER, MARKER_LETTER };

struct marker {
    enum marker_kind kind;
    uint32_t number; /* value of a number */
    const char *text;
};

/* What a line of text looks like. Tables have a line of their own with item.kind ITEM_TABLE. */
struct text_line {
    const struct item *item;
    struct box box;
    float baseline, size;
    uint32_t words, characters;
    uint32_t tellers; /* words with letters or figures in front */
    int32_t source;
    uint32_t first_char, last_char;
    const char *first_word;
    bool bold, italic, mono, raised; /* raised: begins with a superscript */
    bool field;   /* some of it fills in a field of a form, or labels a picture */
    uint8_t role; /* what the file says of most of it */
    struct marker marker;
    uint8_t marker_words; /* in front of its text */
    uint32_t display;     /* formula on a scan that it is of, counted from 1; 0: none */
    /* What the file says: the item of a list that it is of (1 + index of its tag; 0: none), whether
     * it is the first line of that, and how deep the item stands. */
    uint16_t entry;
    bool begins;
    uint8_t depth;
};

/* Consecutive lines [first, end) of one block. */
struct draft {
    uint32_t first, end;
    struct box box;
    float size;
    uint32_t words, characters;
    bool bold, italic, mono, field;
    uint8_t kind, level; /* enum block_kind */
    uint8_t role;        /* of all its lines; else ROLE_NONE */
    uint8_t said_level;  /* heading: the level that the file says; 0: none */
    float rank;          /* heading: the size by which it is ranked */
    bool ordered, continues;
};

struct drafts {
    struct layout *layout;
    struct text_line *lines;
    uint32_t line_count;
    struct draft *blocks;
    uint32_t count;
    float body_pitch; /* usual distance of baselines, in sizes */
};

/* The k-th word of a line, over its fragments; NULL past the end. */
const struct page_word *draft_word(const struct layout *layout, const struct item *item,
                                   uint32_t k);

/* markers.c: what stands at the front of a line. */
struct marker marker_read(const char *first_word, uint32_t words);

/* markers.c: "Figure 3:", "Table 2." and the like at the front of a block. */
bool marker_is_caption(const char *first, const char *second, const char *third);

/* markers.c: what a caption that begins with the word speaks of; ANY: the word does not say. */
enum caption_kind { CAPTION_ANY, CAPTION_FIGURE, CAPTION_TABLE, CAPTION_OTHER };
enum caption_kind marker_caption_kind(const char *first);

/* markers.c: "Source:", "Note" and the like, or an asterisk, at the front of a text. */
bool marker_is_note(const char *first);

/* markers.c: "12", "- 12 -", "xii", "Page 3 of 10" as the whole of a text. */
bool marker_is_page_number(const char *text);

/* entries.c: what the file says of the lines' items; false without memory. */
MUST_CHECK
bool entries_find(struct drafts *d);

/* pitch.c: lines of program code as the pixels show it become mono. False without memory. */
MUST_CHECK
bool pitch_find(struct drafts *d);

/* displayed.c: lines of formulas that stand by themselves as the pixels show it get their display.
 * False without memory. */
MUST_CHECK
bool displayed_find(struct drafts *d);

/* kinds.c: the first line of a block. */
const struct text_line *draft_head(const struct drafts *d, const struct draft *block);

/* headings.c: letters of a block, and how many of them are capitals. */
void draft_count_letters(const struct drafts *d, const struct draft *block, uint32_t *ret_letters,
                         uint32_t *ret_capitals);
/* headings.c: whether what the file says of headings is to be heard. */
bool headings_are_said(const struct drafts *d);
/* headings.c: the size in which a heading is told apart: its own, or a step above the body for bold
 * ones; 0: the block is none. said: as above; *ret_level: the level that the file says, or 0. */
float headings_size(const struct drafts *d, uint32_t i, bool said, uint8_t *ret_level);
/* headings.c: the level of each: what the file says; else by the sizes on the page, the largest
 * is 1. */
void headings_level(struct drafts *d);

/* quotes.c: paragraphs that are quotations, or formulas that stand by themselves; once headings are
 * known. */
void quotes_find(struct drafts *d);
void formulas_find(struct drafts *d);

/* running.c: marks running heads and feet, outermost first, so that a second line of a head is seen
 * once the first is known. */
void running_find(struct drafts *d);

/* write.c: the page gets its blocks, and its lines and words in their order. False: no room. */
MUST_CHECK
bool blocks_write(struct layout *layout, const struct drafts *d);

/* figures.c: the page's pictures as blocks among those of text, each next to its caption. False: no
 * room. */
MUST_CHECK
bool figures_write(struct page *page);

/* A figure without text, before the first block that begins below its top. False without room. */
MUST_CHECK
bool figures_add(struct page *page, struct box box);
/* What the file says that a picture shows; "": nothing. */
const char *figures_alt(const struct page *page, struct box box);

/* drawings.c: the page's drawings as figures with their labels. False without room. */
MUST_CHECK
bool drawings_write(struct page *page);

/* kinds.c: says what each block is. */
void kinds_assign(struct drafts *drafts);
