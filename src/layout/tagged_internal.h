/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/tagged_internal.h - a table of the file's tags in the making, between tagged.c and
 * tagged_places.c. */
#pragma once

#include "layout/layout_internal.h"

#include <math.h>

enum { TAGGED_ROWS_MAX = 1000, TAGGED_COLUMNS_MAX = 60 };

static const float tagged_overlap_most = 0.3f; /* of neighbouring rows, or columns, sizes */

/* A cell as it is said, and what stands in it. */
struct said_cell {
    uint16_t tag;    /* 1 + index */
    uint16_t row;    /* in the order of the file; then as placed */
    uint16_t column; /* as placed */
    uint16_t row_span, column_span;
    struct box box;
    uint32_t first, count; /* in ids, of its fragments */
    uint32_t words;
};

struct said_row {
    uint16_t tag;
    uint32_t first, end; /* in cells */
    float top;           /* of its text; INFINITY: it has none */
};

struct said_table {
    struct layout *layout;
    uint16_t tag;
    struct said_row *rows;
    struct said_cell *cells;
    uint32_t row_count, cell_count, columns;
    struct box box;
    float size;
};

static const struct box tagged_no_box = {INFINITY, INFINITY, -INFINITY, -INFINITY};

static inline struct box
tagged_join(struct box all, struct box box)
{
    return all.x0 > all.x1 ? box : box_union(all, box);
}

/* Gives the cells their rows, columns and spans. ends: [row_count], scratch. False: there are too
 * many columns. */
bool tagged_place(struct said_table *table, uint16_t *ends);
