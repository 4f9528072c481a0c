/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/table_internal.h - a table without a grid in the making, between table.c,
 * table_columns.c, table_rows.c and table_head.c. */
#pragma once

#include "layout/layout_internal.h"

enum { TABLE_COLUMNS_MAX = 60, TABLE_ROWS_MAX = 2000, TABLE_RULES_MAX = 400 };

/* Pieces on one baseline. */
struct table_row {
    uint32_t first, end; /* in pieces */
    float baseline;
    float label_baseline, value_baseline; /* of the first column and of the others; NAN without */
    uint32_t filled;                      /* columns with text */
    bool numeric;                         /* some piece in a column but the first is a number */
    bool has_first;                       /* text in the first column */
    bool wide_above;                      /* a line as wide as the table is drawn above it */
    uint32_t logical;
};

/* A horizontal line drawn in or near the table. */
struct table_rule {
    float y, x0, x1;
};

struct table_grid {
    struct layout *layout;
    struct frag *pieces; /* [piece_count] fragments and parts of them, row by row */
    uint32_t *origins;   /* the fragment that each is of */
    uint32_t piece_count;
    struct table_row *rows;
    uint32_t row_count, first_row, end_row; /* rows [first_row, end_row) make the table */
    float separators[TABLE_COLUMNS_MAX];
    float gap_from[TABLE_COLUMNS_MAX], gap_to[TABLE_COLUMNS_MAX]; /* free space around each */
    bool walls[TABLE_COLUMNS_MAX];                                /* a line is drawn there */
    uint32_t columns;
    float size; /* of the table's type, pt */
    float x0, x1;
    struct table_rule *rules; /* from top to bottom */
    uint32_t rule_count;
    uint32_t header_rows; /* logical */
};

/* table_columns.c: rules near the pieces. False without memory. */
MUST_CHECK
bool table_find_rules(struct table_grid *grid);

/* Whether lines between the heights y0 and y1 go across the table, its first column included. */
bool table_has_wide_rule(const struct table_grid *grid, float y0, float y1);

/* Where white space goes through: separators and columns. */
MUST_CHECK
bool table_find_columns(struct table_grid *grid);

/* A line drawn from top to bottom at x parts columns. */
void table_add_wall(struct table_grid *grid, float x);

/* Cuts pieces that reach over a separator with a wide gap between words there. */
MUST_CHECK
bool table_cut_pieces(struct table_grid *grid);

/* Columns of "$" or "%" alone belong to the figures beside them. */
void table_merge_symbols(struct table_grid *grid);

/* Heads at the left of figures that are flush right make one column with these. After
 * table_cut_pieces. */
void table_merge_heads(struct table_grid *grid);

uint32_t table_column_of(const struct table_grid *grid, float x);

/* Columns that a box begins and ends in; what leans over a separator a little does not count. */
uint32_t table_first_column(const struct table_grid *grid, struct box box);
uint32_t table_last_column(const struct table_grid *grid, struct box box);

/* table_rows.c: counts what the rows hold. */
void table_measure_rows(struct table_grid *grid);

/* Takes titles and notes at either end away. */
void table_trim_rows(struct table_grid *grid);

/* Numbers the rows as a reader counts them; sets header_rows. Returns their number. */
MUST_CHECK
bool table_number_rows(struct table_grid *grid, uint32_t *ret_rows);

static const float table_tight_pitch = 1.4f; /* lines of one cell, sizes */

/* table_head.c: the cells of the header rows, with the columns that they stand over. ids: the
 * fragments of the pieces. */
MUST_CHECK
bool table_add_head(const struct table_grid *grid, const uint32_t *ids);
