/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout_internal.h - what the steps of layout share: fragments, the page being laid out,
 * and the items that come out in reading order. Indices, not pointers, between them. */
#pragma once

#include "base/err.h"
#include "page/page.h"

/* A run of words on one baseline without a wide gap: the smallest thing that is put in order. */
struct frag {
    struct box box;
    float baseline, size;            /* baseline: where it would be on a page without tilt */
    uint32_t first_word, word_count; /* in layout.word_ids */
    uint32_t characters;
    int32_t source;
    bool vertical, right_to_left;
    bool numeric;   /* figures, with signs and units at most */
    bool field;     /* some of it fills in a field of a form */
    uint32_t table; /* 1 + index of the table that it stands for; it has no words then. 0: text */
};

/* White space between two parts, x. */
struct gap {
    float x0, x1;
};

enum item_kind { ITEM_LINE, ITEM_TABLE };

/* One line of text, or a table whole. */
struct item {
    enum item_kind kind;
    uint32_t region;       /* lines of one column that follow one another share it */
    struct box column;     /* what the region's text covers */
    uint32_t first, count; /* line: in layout.sequence; table: count is 0 */
    uint32_t table;        /* index into page->tables */
    uint32_t flow;         /* column of running text that it stands in */
    bool paired;           /* a label with its value: stays whole */
    bool labels;           /* of a picture: all of its region are one block of plain text */
};

struct layout {
    struct page *page;
    struct arena *arena;
    uint32_t *word_ids; /* [word_count] */
    struct frag *frags;
    uint32_t frag_count, frag_cap; /* room for every word alone, and for the tables */
    float body_size;               /* size that most characters have, pt */
    float tilt;                    /* rise of y along the page's lines; 0 unless pixels gave them */
    bool listing; /* the page is source code: lines from top to bottom, white space kept */
    bool exact;   /* sizes and styles are the document's own, not measured from pixels */

    uint32_t
        *pictured; /* [word_count] 1 + the region of the picture that the word labels; or NULL */

    uint32_t *sequence; /* frag ids, line after line, in reading order; [frag_count] */
    uint32_t sequence_count;
    struct item *items;
    uint32_t item_count, item_cap;
    uint32_t region_count, flow_count;

    /* Lines of table cells, set when the table is built: ranges of sequence. */
    struct cell_line *cell_lines;
    uint32_t cell_line_count, cell_line_cap;
};

/* A line of a cell; cells count theirs in first_line, line_count until layout.c numbers the page's.
 */
struct cell_line {
    uint32_t first, count; /* in layout.sequence */
};

/* tilt.c: how far y goes down for each point to the right, as the lines' words show; 0 where they
 * do not agree or the tilt is too small to matter. */
float tilt_measure(const struct page *page);

/* lines.c: words and lines of the page as fragments; sets body_size and exact. */
MUST_CHECK
enum err_code lines_split(struct layout *layout, struct err *err);

/* Sets what follows from the words of a fragment. */
void lines_measure(struct layout *layout, struct frag *frag);
/* The fragment keeps its first count words; the others become one behind all fragments. Room for
 * that is the caller's to see to. */
void lines_part(struct layout *layout, struct frag *frag, uint32_t count);

/* A bullet or number alone: its text belongs to it, however far away it begins. Dashes do not
 * count: in tables they stand for what is missing. */
bool lines_is_marker(const struct layout *layout, const struct frag *frag);

/* Whether a word in brackets ends what was drawn before it, left of it in its line, rather than
 * marking the word `next` right of it: the number of a formula, or a unit before another. */
bool bracketed_ends(const struct layout *layout, uint32_t word, uint32_t next);

/* When a fragment was drawn: its first word's place in the order of drawing; its second's where the
 * first, an item's marker, was drawn apart. */
uint32_t lines_drawn(const struct layout *layout, const struct frag *frag);

/* Whether two neighbouring words of type of that size stand in different columns, between which
 * gap is free elsewhere: apart by more than a space, or by a wide space at the gap's very edge. */
bool lines_part_words(struct box a, struct box b, struct gap gap, float size);

/* Groups ids (re-ordered) into rows of one baseline from top to bottom, each from left to right;
 * ends[k] is where row k ends. ends has room for n. Returns the number of rows. */
uint32_t lines_rows(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends);

/* pictures.c: sets layout.pictured. False without memory. */
MUST_CHECK
bool pictures_find(struct layout *layout);

/* pictures.c: moves what labels pictures behind the other ids, whose number it returns. scratch:
 * [n]. */
uint32_t pictures_part(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *scratch);

/* pictures.c: of such ids, brings those of the first one's picture to the front; their number. */
uint32_t pictures_next(const struct layout *layout, uint32_t *ids, uint32_t n);

/* listing.c: whether the page is source code from top to bottom. */
bool listing_is(const struct layout *layout);

/* values.c: what fills in the page's fields goes on the lines of its labels. */
void values_settle(struct layout *layout);

/* formula.c: parts of formulas on several baselines as one fragment each. Only where the layer
 * gives the order of drawing. False without memory. */
MUST_CHECK
bool formula_gather(struct layout *layout);

/* order.c: all fragments as items in reading order. */
MUST_CHECK
enum err_code order_page(struct layout *layout, struct err *err);

/* drawn.c: parts that place alone does not order, by the order of drawing. Only where the layer
 * gives that. False without memory. */
MUST_CHECK
bool drawn_order(struct layout *layout);

/* Appends; false without memory. */
MUST_CHECK
bool order_add_line(struct layout *layout, const uint32_t *ids, uint32_t n, uint32_t region,
                    struct box column);
MUST_CHECK
bool order_add_table(struct layout *layout, uint32_t table);

/* A fragment that stands for the table when the page is put in order. frags have room for it. */
void order_stand_in(struct layout *layout, uint32_t table);

/* tagged.c: tables that the file's tags tell of; as ruled_find, before it. */
MUST_CHECK
bool tagged_find(struct layout *layout, bool *taken);

/* ruled.c: reads grids drawn with lines. Fragments that stand in them are marked as taken, and a
 * fragment with .table set stands for each. taken: [frag_cap]. */
enum { RULED_TABLES_MAX = 100 };
MUST_CHECK
bool ruled_find(struct layout *layout, bool *taken);

/* striped.c: tables with lines between their rows alone; as ruled_find, after it. */
MUST_CHECK
bool striped_find(struct layout *layout, bool *taken);

/* table.c: tries to read fragments as a table without a grid. Fragments may be cut for it; those
 * that do not belong to it stand before or after it, row by row. */
struct table_found {
    int32_t table; /* index in page->tables; -1: they make none */
    uint32_t *before, *inside, *after;
    uint32_t before_count, inside_count, after_count;
};
/* walls: [wall_count] x of lines drawn from top to bottom, which part columns; from left to right.
 */
MUST_CHECK
bool table_try(struct layout *layout, const uint32_t *ids, uint32_t n, const float *walls,
               uint32_t wall_count, struct table_found *ret);

/* table_drawn.c: an entry of what may be a table, and its first word: the order of drawing. */
struct table_entry {
    uint32_t row, column, drawn;
};

/* False where a text layer draws the columns' entries upwards or at random, as charts do. entries:
 * re-ordered. */
bool table_is_drawn_down(const struct layout *layout, struct table_entry *entries, uint32_t n);

/* One cell with the lines of its fragments, into page->cells. */
MUST_CHECK
bool table_add_cell(struct layout *layout, uint32_t row, uint32_t column, uint32_t row_span,
                    uint32_t column_span, bool header, uint32_t *ids, uint32_t n);

/* blocks.c: items to blocks; writes the page's words, lines, blocks and cells anew. */
MUST_CHECK
enum err_code blocks_build(struct layout *layout, struct err *err);
