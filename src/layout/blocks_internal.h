/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/blocks_internal.h - lines and blocks in the making, between blocks.c, kinds.c and
 * markers.c. */
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
    struct marker marker;
};

/* Consecutive lines [first, end) of one block. */
struct draft {
    uint32_t first, end;
    struct box box;
    float size;
    uint32_t words, characters;
    bool bold, italic, mono;
    uint8_t kind, level; /* enum block_kind */
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

/* markers.c: "Source:", "Note" and the like, or an asterisk, at the front of a text. */
bool marker_is_note(const char *first);

/* markers.c: "12", "- 12 -", "xii", "Page 3 of 10" as the whole of a text. */
bool marker_is_page_number(const char *text);

/* kinds.c: says what each block is. */
void kinds_assign(struct drafts *drafts);
