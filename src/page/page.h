/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/page.h - the page tree: what every stage after opening a document works on. Plain data.
 *
 * Stages: doc/ fills words, lines, pictures, rules, links and fields from the text layer; ocr/ adds
 * words and lines read from pixels; layout/ makes blocks and tables and brings lines and words into
 * reading order; render/ writes text from it. Everything of a page lives in the page's arena.
 * Lengths are points (1/72 in), origin at the top left of the page as seen (after /Rotate), y down;
 * text is UTF-8, NFC, never NULL. Ranges are [first, first + count) into the array they name. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct box {
    float x0, y0, x1, y1; /* x0 <= x1, y0 <= y1 */
};

enum word_witness { WITNESS_LAYER, WITNESS_PIXELS, WITNESS_BOTH, WITNESS_CONFLICT };

enum word_style {
    STYLE_BOLD = 1,
    STYLE_ITALIC = 2,
    STYLE_MONO = 4,
    STYLE_SERIF = 8,
    STYLE_SUPER = 16, /* superscript */
    STYLE_SUB = 32
};

/* What the file itself says of a word: its tags, or its outline. From doc/ to layout/; not kept. */
enum word_role {
    ROLE_NONE,
    ROLE_HEADING_1,                     /* to ROLE_HEADING_1 + 5 */
    ROLE_ARTIFACT = ROLE_HEADING_1 + 6, /* no part of the text: running heads and the like */
    ROLE_QUOTE,
    ROLE_CODE,
    ROLE_CAPTION,
    ROLE_FORMULA,
    ROLE_NOTE,     /* at the foot, or at the end */
    ROLE_WATERMARK /* no part of the text either: over or under it */
};

/* An element of the file's structure tree that some text or picture hangs in. From doc/ to layout/;
 * not kept. */
enum tag_kind { TAG_LIST, TAG_ITEM, TAG_LABEL, TAG_TABLE, TAG_ROW, TAG_CELL, TAG_FIGURE };

struct page_tag {
    struct box box;  /* figure: what its pictures cover; empty without any */
    const char *alt; /* figure: what it shows, in words; else "" */
    uint16_t parent; /* 1 + index of the element around it, lower than its own; 0: none */
    uint16_t row_span, column_span; /* cell: >= 1 */
    uint8_t kind;                   /* enum tag_kind */
    bool header;                    /* cell, or row all of whose cells head something */
};

struct page_word {
    struct box box;
    const char *text;
    float confidence;   /* 0..1 that text is what the page says */
    float size;         /* font size, pt; 0 unknown */
    int32_t link;       /* index into links, or -1 */
    uint32_t first_alt; /* other readings, into alts; no two words share one */
    uint8_t witness;    /* enum word_witness */
    uint8_t style;      /* enum word_style bits */
    uint8_t alt_count;  /* <= PAGE_WORD_ALTS_MAX */
    uint8_t role;       /* enum word_role */
    bool glued;         /* no space between this word and the one before it in the line */
    uint16_t tag;       /* 1 + index into tags of the innermost one around it; 0: none */
};

/* Whose reading it is that a word could have. */
enum alt_source {
    ALT_RIVAL, /* of another picture of the page, or of the other witness */
    ALT_BEAM, /* of the same look at the same ink: less likely to the recogniser, or to its lists */
    ALT_SOURCE_COUNT
};

/* Another reading of a word. Those of a source: surest first. */
struct page_alt {
    const char *text;
    float confidence; /* 0..1, comparable with the word's */
    uint8_t source;   /* enum alt_source */
};

struct page_line {
    struct box box;
    float baseline; /* y of it at the left end */
    float size;     /* dominant font size of its words, pt */
    uint32_t first_word, word_count;
    int32_t source; /* the engine's own paragraph/block number, or -1: a hint only */
    bool vertical;  /* characters stand upright one below the other, or the line is turned */
    bool right_to_left;
    bool slanted; /* at an angle to the page: a stamp, a watermark */
    bool pale;    /* its colour is, or what is under it shows through. From doc/ to layout/ */
};

enum block_kind {
    BLOCK_PARAGRAPH,
    BLOCK_HEADING,
    BLOCK_LIST_ITEM,
    BLOCK_TABLE,
    BLOCK_FIGURE,
    BLOCK_CAPTION,
    BLOCK_HEADER, /* running head */
    BLOCK_FOOTER, /* running foot, page number */
    BLOCK_FOOTNOTE,
    BLOCK_CODE,
    BLOCK_FORM_FIELD,
    BLOCK_QUOTE,
    BLOCK_FORMULA,
    BLOCK_WATERMARK, /* over or under the text; behind all other blocks */
    BLOCK_KIND_COUNT
};

/* Whether blocks of the kind are no part of what the page says: running heads and feet, watermarks.
 */
bool block_is_furniture(uint8_t kind);

struct page_block {
    struct box box;
    uint8_t kind;       /* enum block_kind */
    uint8_t level;      /* heading 1..6; list nesting 0.. */
    bool ordered;       /* list item with a number; heading whose level the file says */
    bool continues;     /* goes on in the next block or page (paragraph cut by a column) */
    const char *marker; /* list item: as printed ("3.", "-"); code: language; figure: what the file
                         * says that it shows; else "" */
    uint32_t first_line, line_count; /* the marker's words are in the first line; see first_word */
    uint32_t skip_words;             /* words of the first line that belong to the marker */
    int32_t table;                   /* BLOCK_TABLE: index into tables, or -1 */
    int32_t caption;  /* figure, table: where its caption stands, in blocks from here (before it:
                       * negative); 0: it has none. Figures with one caption and without text stand
                       * together, next to it */
    float confidence; /* mean of its words, weighted by length */
};

struct page_cell {
    struct box box;
    uint16_t row, column, row_span, column_span; /* spans >= 1 */
    bool header;
    uint32_t first_line, line_count;
};

struct page_table {
    struct box box;
    uint16_t rows, columns, header_rows;
    bool ruled;       /* found by its lines */
    bool continues;   /* goes on from the last table of the page before */
    const char *head; /* of one that continues and does not print its head again: what stands over
                       * each column there, a tab between columns; else NULL */
    uint32_t first_cell, cell_count; /* row-major; cells with spans stand once */
};

/* Ink that is no word. UNREAD looks like text and nobody could read it, and so does HANDWRITING, as
 * a pen writes it; MISSING is a part of a scan
 * that its file, which ends too early, does not have; the others are named and ignored. */
enum region_kind {
    REGION_RULE,
    REGION_PICTURE,
    REGION_STAMP,
    REGION_NOISE,
    REGION_UNREAD,
    REGION_MISSING,
    REGION_HANDWRITING,
    REGION_DRAWING, /* lines and areas that the file draws: a chart, a diagram */
    REGION_KIND_COUNT
};

struct page_region {
    struct box box;
    uint8_t kind; /* enum region_kind */
    float ink;    /* dark area in it, pt^2; 0 not measured */
};

/* Why text of the file is not what one sees on the page. */
enum hidden_kind {
    HIDDEN_INVISIBLE, /* drawn with no ink: render mode 3, fully transparent */
    HIDDEN_WHITE,     /* in the colour of what lies under it */
    HIDDEN_COVERED,   /* painted over, or clipped away */
    HIDDEN_OFF_PAGE,
    HIDDEN_REJECTED, /* of a text layer that the pixels contradict */
    HIDDEN_KIND_COUNT
};

/* A run of text that nobody sees, about a line each. Kept for whoever asks; never in Markdown. */
struct page_hidden {
    struct box box;
    const char *text;
    uint8_t kind; /* enum hidden_kind */
};

/* A bar code. */
struct page_code {
    struct box box;
    const char *symbology; /* as zbar names them: "QR-Code", "EAN-13" */
    const char *text;      /* its content, UTF-8 */
};

struct page_link {
    struct box box;
    const char *uri;
};

enum field_kind { FIELD_TEXT, FIELD_CHECK, FIELD_RADIO, FIELD_CHOICE, FIELD_SIGNATURE };

struct page_field {
    struct box box;
    const char *name;
    const char *value; /* check and radio: "Yes"-like export value or "" */
    uint8_t kind;
    bool checked;
};

struct page_warp; /* page/warp.h */

struct page {
    struct arena *arena;
    uint32_t index;      /* from 0 */
    float width, height; /* pt */
    uint16_t turned; /* 0, 90, 180, 270: degrees clockwise by which the page as seen was turned to
                      * be read upright; width, height and all boxes are those of the turned page */
    float skew;      /* degrees clockwise by which it was turned besides, about its middle, to be
                      * level: under 45 either way; boxes are those of the level page */
    struct page_warp *warp; /* from the page on which its rows are straight, where boxes are, to the
                             * level one; in the page's arena; NULL: it does not bend */
    float dpi;              /* of the pixels that were read; 0: none were */
    float confidence;       /* mean word confidence weighted by length; 1 for an empty page */
    float coverage;   /* share of text-like ink that words account for, 0..1; -1 not measured */
    bool from_layer;  /* some words come from a text layer */
    bool from_pixels; /* some words come from recognition */
    const char
        *language;      /* of most of its text, ISO 639-3 as models are named ("eng"); "" unknown */
    const char *script; /* ISO 15924 ("Latn"); "" unknown */

    struct page_word *words;
    struct page_line *lines;
    struct page_block *blocks;
    struct page_table *tables;
    struct page_cell *cells;
    struct page_region *regions;
    struct page_link *links;
    struct page_field *fields;
    struct page_alt *alts;
    struct page_hidden *hiddens;
    struct page_code *codes;
    struct page_tag *tags;
    uint32_t word_count, line_count, block_count, table_count, cell_count, region_count, link_count,
        field_count, alt_count, hidden_count, code_count, tag_count;
    /* Room in the arrays above; grown by the page_add functions only. */
    uint32_t word_cap, line_cap, block_cap, table_cap, cell_cap, region_cap, link_cap, field_cap,
        alt_cap, hidden_cap, code_cap, tag_cap;
};

/* Most of anything on one page; more is ERR_LIMIT. */
enum {
    PAGE_ITEMS_MAX = 200000,
    PAGE_TEXT_MAX = 65535,
    PAGE_WORD_ALTS_MAX = 8,
    PAGE_TAGS_MAX = 20000
};

/* An empty page in the arena. NULL if it is full. */
MUST_CHECK
struct page *page_new(struct arena *arena, uint32_t index, float width, float height);

/* Each adds one zeroed item (link = -1, table = -1, spans = 1, marker = "") and returns it; NULL
 * past PAGE_ITEMS_MAX (PAGE_TAGS_MAX) or the arena's limit. The pointer is valid until the next add
 * of its kind. */
MUST_CHECK
struct page_word *page_add_word(struct page *page);
MUST_CHECK
struct page_line *page_add_line(struct page *page);
MUST_CHECK
struct page_block *page_add_block(struct page *page);
MUST_CHECK
struct page_table *page_add_table(struct page *page);
MUST_CHECK
struct page_cell *page_add_cell(struct page *page);
MUST_CHECK
struct page_region *page_add_region(struct page *page);
MUST_CHECK
struct page_link *page_add_link(struct page *page);
MUST_CHECK
struct page_field *page_add_field(struct page *page);
MUST_CHECK
struct page_alt *page_add_alt(struct page *page);
MUST_CHECK
struct page_hidden *page_add_hidden(struct page *page);
MUST_CHECK
struct page_code *page_add_code(struct page *page);
MUST_CHECK
struct page_tag *page_add_tag(struct page *page);

/* Keeps those words of the lines for which keeps says so (asked with a word's number of before, in
 * order); a line is as large as what it keeps, and goes when that is nothing. Before layout: blocks
 * and cells are left as they are. */
typedef bool (*page_keeps)(void *ctx, const struct page *page, uint32_t word);
void page_keep_words(struct page *page, page_keeps keeps, void *ctx);

/* A copy, before layout, in the same arena: what is added to it, and how it is turned, made level
 * and straightened, does not touch the page. False if the arena is full. May be made in place. */
MUST_CHECK
bool page_copy(const struct page *page, struct page *ret);

/* Turns the page, and all on it, clockwise by 90, 180 or 270 degrees; notes it in turned. */
void page_turn(struct page *page, int degrees);

/* Turns all on the page by a few degrees clockwise about its middle, and notes it in skew; boxes
 * keep their size. */
void page_level(struct page *page, float degrees);

/* Straightens all on the page, and notes it in warp, which becomes the page's: after it was turned
 * and made level. */
void page_straighten(struct page *page, struct page_warp *warp);

/* Turns, levels and straightens a page as another one of the same frame and arena was, which is not
 * turned any more. */
void page_turn_as(struct page *page, const struct page *other);

/* Degrees clockwise from the page as seen to the page as read, at a place of the latter. */
float page_turn_at(const struct page *page, float x, float y);

/* The other way: a box of the page as it is seen in the page's own frame. */
struct box page_box_as_read(const struct page *page, struct box box);

/* A box of the page in the frame of the page as it is seen, that is, before it was turned, made
 * level and straightened (the box around the leaning one); and the size of that. */
struct box page_box_as_seen(const struct page *page, struct box box);
void page_size_as_seen(const struct page *page, float *ret_width, float *ret_height);

/* Box arithmetic. */
struct box box_union(struct box a, struct box b);
struct box box_cut(struct box a, struct box b); /* intersection; empty: zero area at a's corner */
float box_area(struct box b);
float box_width(struct box b);
float box_height(struct box b);
bool box_contains(struct box outer, struct box inner);
bool box_holds_center(struct box outer, struct box inner);
/* Where the box lies after its frame of width * height was turned clockwise. */
struct box box_turn(struct box b, float width, float height, int degrees);

/* The nearest element of that kind around a tag, itself included; tag, the result: 1 + index, 0:
 * none. */
uint16_t page_tag_above(const struct page *page, uint16_t tag, enum tag_kind kind);

/* Whether two lines have the same words. */
bool page_lines_agree(const struct page *page, const struct page_line *a,
                      const struct page_line *b);

/* The words' text joined by spaces as a line of plain text. */
MUST_CHECK
const char *page_line_text(struct arena *arena, const struct page *page,
                           const struct page_line *line);
