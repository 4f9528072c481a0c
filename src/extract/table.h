/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/table.h - line items: a header whose words are known as columns, and the rows below it,
 * over page breaks. */
#pragma once

#include "extract/solve.h"

enum { COLUMNS_MAX = 24, CELL_TOKENS_MAX = 64, HEAD_ROWS_MAX = 4, CONCEPTS_OF_COLUMN = 6 };

struct column {
    struct box box;        /* of its title */
    uint32_t first, count; /* tokens of the title */
    uint16_t concepts[CONCEPTS_OF_COLUMN];
    float exact[CONCEPTS_OF_COLUMN];
    uint32_t concept_count;
    bool numeric;    /* most values below are numbers */
    const char *key; /* words of the title, folded; NULL: those of its first run */
};

struct head {
    uint32_t first_row, row_count;
    uint32_t page;
    struct column columns[COLUMNS_MAX]; /* from left to right */
    uint32_t column_count;
    float score;
    bool own; /* found by the words of the properties: any table, not only line items */
    int lead; /* own: the column that each row of the table fills; -1: none does */
};

/* What stands in one column of one item: tokens in reading order, not contiguous. */
struct cell {
    uint32_t tokens[CELL_TOKENS_MAX];
    uint32_t count;
    uint32_t first_line; /* tokens of it that stand on its first row */
};

struct line_item {
    struct cell cells[COLUMNS_MAX];
    uint32_t row; /* the row that made it */
};

enum { ITEMS_MAX = 1000 };

struct line_items {
    const struct head *head;
    struct line_item *items;
    uint32_t count, cap;
};

/* head.c: the best header of the document for the columns wanted (from `first` on, `count`
 * fields); false: there is none. */
bool table_head_find(struct solve *solve, const struct table_field *table, struct head *ret_head);
/* A header of the same columns stands in the row. */
bool head_again(const struct solve *solve, const struct head *head, uint32_t row,
                struct head *ret_head);

/* ownhead.c: a header whose titles are the words of the properties, for tables of any subject.
 * *ret_matched: how many properties it names. */
bool own_head_find(struct solve *solve, const struct table_field *table, struct head *ret_head,
                   uint32_t *ret_matched);
/* As head_again, for such a header: the same words in the same places. */
bool own_head_again(const struct solve *solve, const struct head *head, uint32_t row,
                    struct head *ret_head);
/* How much the title names the property, 0..1. */
float title_says(const struct solve *solve, const struct field *field, const struct column *column);

/* --- cells.c: which column the words of a row stand in --- */
/* The number that begins at the token; NULL: none does. */
const struct item *cells_number_at(const struct solve *solve, uint32_t token);
bool cells_is_word(const struct token *token);
/* The title may mean the concept; the column whose title means it most exactly, -1: none does. */
bool column_means(const struct solve *solve, const struct column *column, const char *concept);
int column_find(const struct solve *solve, const struct head *head, const char *concept);
/* The cells of one row. Tokens of a segment stay together unless a number among them lies under
 * another title. */
void row_cells(const struct solve *solve, const struct head *head, const struct row *row,
               struct cell ret_cells[COLUMNS_MAX]);
/* Adds a token; what is too much for a cell is dropped. */
void cell_put(struct cell *cell, uint32_t token, bool first_row);
bool cell_has_number(const struct solve *solve, const struct cell *cell);
/* The first number in it; NaN: there is none. */
double cell_number(const struct solve *solve, const struct cell *cell);
/* The number of the position in it; -1: there is none. */
double cell_position(const struct solve *solve, const struct cell *cell);

/* bodyrow.c: what a row is that stands among the items or ends them: sums or taxes; a sentence or a
 * labelled value; labels with their values; a running head; the titles of another table. */
bool bodyrow_is_sum(const struct solve *solve, const struct row *row);
bool bodyrow_is_remark(const struct solve *solve, const struct row *row);
bool bodyrow_is_pairs(const struct solve *solve, const struct row *row);
bool bodyrow_is_furniture(const struct solve *solve, const struct row *row);
bool bodyrow_is_other_head(const struct solve *solve, const struct row *row);

/* body.c: the rows below it. */
void body_read(struct solve *solve, const struct head *head, struct line_items *ret_items);

/* overleaf.c: whether the row is what the items so far come to, at a page's end or beginning: by
 * its words (*ret_said), or by the sum. */
bool overleaf_is_sum(const struct solve *solve, const struct head *head,
                     const struct line_items *items, const struct row *row, bool *ret_said);
/* overleaf.c: whether the page begins with a table without titles that can only be more of the
 * items: as many columns, figures and words where they have them. Then the head's columns are where
 * those of the table are, and it begins at *ret_top. */
bool overleaf_follow(const struct solve *solve, uint32_t page, struct head *head, float *ret_top);

/* lines.c: a row of the result; values[field_count], NULL: none. */
void table_put_row(struct solve *solve, const struct table_field *table,
                   struct value *const *values);

/* rowproof.c: quantity x unit price = total settles the three values of a row, and a word of one of
 * them that has to be read otherwise for it to hold. column[field_count], -1: none. */
bool row_multiplies(double quantity, double price, double total);
void row_prove(struct solve *solve, const struct table_field *table, const struct line_item *item,
               const int *column, struct value **values);

/* incell.c: an identifier that stands behind its label inside the item; NULL: none does. */
struct value *labelled_in_item(struct solve *solve, const struct field *field,
                               const struct line_item *item, uint32_t columns);

/* yearless.c: a day whose year the paper says elsewhere; NULL: it is none. */
struct value *day_in_cell(struct solve *solve, const struct field *field, const struct cell *cell);

/* taxes.c: the list is one of taxes, by its name; and reads it. Behind the line items, whose rows
 * have rates too. */
bool taxes_are_wanted(const struct solve *solve, const struct table_field *table);
void taxes_read(struct solve *solve, const struct table_field *table);

/* bare.c: a list without a header; the columns are made up. False: there is none. */
bool bare_read(struct solve *solve, struct head *ret_head, struct line_items *ret_items);
