/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/extract_internal.h - what the files of this folder share: the document as tokens,
 * segments and rows.
 *
 * A token is a word of a page, or a part of it where a label and its value stand in one word
 * ("Date:04/03/2018"). Tokens stand in reading order; a segment is a run of them on one line
 * without a gap that the eye would take for a column; a row is the segments side by side. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "extract/extract.h"
#include "page/page.h"
#include "schema/schema.h"

#include <stddef.h>
#include <stdint.h>

enum { NONE = UINT32_MAX };

struct token {
    const struct page_word *word;
    const char *text; /* the part of the word */
    const char *key;  /* letters and digits, lower case, without accents, look-alikes made one */
    struct box
        box; /* with the page made level: for comparing places; the word's own is as it lies */
    uint32_t page; /* index into doc.pages */
    uint32_t seg, line;
    bool glued; /* no blank before it */
};

struct seg {
    uint32_t first, count; /* tokens */
    uint32_t page, row, line;
    struct box box;
    float size;
};

struct row {
    uint32_t first, count; /* into doc.row_segs: from left to right */
    uint32_t page;
    struct box box;
};

struct flow_line {
    uint32_t first, count; /* tokens */
    uint32_t page;
    struct box box;
    uint8_t block; /* enum block_kind */
    uint32_t block_id;
};

struct doc {
    struct arena *arena;
    struct page *const *pages;
    uint32_t page_count;
    struct token *tokens;
    struct seg *segs;
    struct row *rows;
    uint32_t *row_segs;
    struct flow_line *lines;
    uint32_t *page_first_row;  /* [page_count + 1] */
    uint32_t *page_first_line; /* [page_count + 1] */
    uint32_t token_count, seg_count, row_count, line_count;
    float size;  /* usual height of a word, pt */
    float slope; /* of the page that is being added: how much its lines fall to the right */
};

/* --- fold.c: text brought to a form in which it can be compared --- */

/* Letters and digits of the text in lower case without accents, '%' kept, '#' as "no". */
MUST_CHECK
char *fold_key(struct arena *arena, const char *text, size_t len);
/* Makes one of what recognition takes for each other (0/o, 1/i/j/l, 5/s, 8/b). */
void fold_skeleton(char *key);
/* Edits (insert, drop, change) between both; most + 1 if more. */
int fold_distance(const char *a, const char *b, int most);
/* Whether the list, which ends with NULL, has the word. */
bool word_in(const char *word, const char *const *list);

/* --- model.c --- */
MUST_CHECK
enum err_code doc_build(struct arena *arena, struct page *const *pages, uint32_t page_count,
                        struct doc **ret_doc, struct err *err);
/* Tokens [first, first + count) joined as they stand in the line. NULL: the arena is full. */
MUST_CHECK
char *doc_text(const struct doc *doc, uint32_t first, uint32_t count);
/* The same of tokens here and there. */
MUST_CHECK
char *doc_join(const struct doc *doc, const uint32_t *tokens, size_t count);
struct box doc_box(const struct doc *doc, uint32_t first, uint32_t count);
/* Words of a sentence: six or more, most of them small. */
bool doc_is_prose(const struct doc *doc, uint32_t first, uint32_t count);
float doc_confidence(const struct doc *doc, uint32_t first, uint32_t count);
/* The recogniser's other readings of a token that is a whole word; NULL, 0: none. */
const struct page_alt *token_readings(const struct doc *doc, uint32_t token, uint32_t *ret_count);

/* --- result.c: the values, and the record as JSON --- */

enum normalization {
#define X(name, text) NORM_##name,
    EXTRACT_NORMALIZATIONS(X)
#undef X
        NORM_COUNT
};

/* A value with the words that it was made of. */
struct value {
    const char *json;       /* its JSON text */
    const uint32_t *tokens; /* [token_count], ascending */
    uint32_t token_count;
    const struct page_field *field; /* a form field that holds it in place of words, or NULL */
    uint32_t field_page;
    enum normalization norm;
    float confidence;
    const char *label;   /* words that name it on the page, or NULL */
    const char *proof;   /* what settled it, or NULL */
    const char *doubt;   /* what speaks against it, or NULL */
    const char *reading; /* NORM_READING: what the word says that was read otherwise */
    bool fails;          /* was probably misread: shown as a candidate only */
    const struct value *others[EXTRACT_CANDIDATES_SHOWN];
    uint32_t other_count;
};

enum absence {
    ABSENT_NOT_FOUND,
    ABSENT_AMBIGUOUS,
    ABSENT_UNREADABLE,
    ABSENT_BREAKS_SCHEMA,
    ABSENT_CHECK_DIGITS /* what is printed there fails its own check digits */
};

enum node_kind { NODE_OBJECT, NODE_ARRAY, NODE_LEAF };

/* One place of the result. A leaf without value is null, for the reason that stands there. */
struct node {
    enum node_kind kind;
    const char *name; /* as a member of an object */
    const struct schema_shape *shape;
    struct node **children;
    uint32_t child_count, child_cap;
    const struct value *value;
    enum absence absence;
    const struct page_region *region; /* ABSENT_UNREADABLE: ink that nobody could read */
    uint32_t region_page;
    const struct value *candidates[EXTRACT_CANDIDATES_SHOWN];
    uint32_t candidate_count;
};

/* NULL: the arena is full. */
MUST_CHECK
struct node *node_add(struct arena *arena, struct node *parent, enum node_kind kind,
                      const char *name);
/* A JSON string of the text. NULL: the arena is full. */
MUST_CHECK
const char *value_quote(struct arena *arena, const char *text);
/* A value made of the tokens [first, first + count). NULL: the arena is full. */
MUST_CHECK
struct value *value_new(const struct doc *doc, const char *json, uint32_t first, uint32_t count,
                        enum normalization norm, float confidence);

/* Writes result, evidence and review of the tree into the record. */
MUST_CHECK
enum err_code record_write(const struct doc *doc, const struct node *root, double min_confidence,
                           struct extract_record *record, struct err *err);

/* --- pairs.c: what stands on the page as "label: value" --- */

struct pair {
    uint32_t label_first, label_count, value_first, value_count; /* tokens */
};

/* *ret_pairs [*ret_count] in the arena, in reading order. */
MUST_CHECK
enum err_code pairs_find(const struct doc *doc, struct pair **ret_pairs, uint32_t *ret_count,
                         struct err *err);
