/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/tagged_places.c - the columns of cells in rows as the file has them.
 *
 * As HTML places cells, where all is said. Some programs leave empty cells out, others the spans:
 * rows with fewer columns than others are placed by where their text stands, among the columns of
 * the whole rows, and what reaches over a column or a row that nothing else has spans it. */
#include "layout/tagged_internal.h"

#include <math.h>

/* Where the text of each column stands, as far as it is known. */
struct bands {
    struct box columns[TAGGED_COLUMNS_MAX]; /* x0 > x1: nothing is known */
    uint32_t below[TAGGED_COLUMNS_MAX];     /* rows that a cell reaches down yet */
};

static void
end_row(struct bands *bands)
{
    for (uint32_t k = 0; k < TAGGED_COLUMNS_MAX; k++)
        bands->below[k] -= bands->below[k] > 0;
}

static void
set_cell(const struct said_table *t, struct bands *bands, struct said_cell *cell, uint32_t row,
         uint32_t column)
{
    cell->row = (uint16_t)row;
    cell->column = (uint16_t)column;
    if (cell->row_span > t->row_count - row)
        cell->row_span = (uint16_t)(t->row_count - row);
    for (uint32_t k = column; k < column + cell->column_span; k++)
        bands->below[k] = cell->row_span;
}

/* Columns by the spans, as HTML has them; ends[r]: those of row r. False: too many. */
static bool
place_cells(struct said_table *t, uint16_t *ends)
{
    struct bands bands = {.below = {0}};

    for (uint32_t r = 0; r < t->row_count; r++, end_row(&bands)) {
        uint32_t column = 0;
        for (uint32_t i = t->rows[r].first; i < t->rows[r].end; i++) {
            while (column < TAGGED_COLUMNS_MAX && bands.below[column] > 0)
                column++;
            if (column + t->cells[i].column_span > TAGGED_COLUMNS_MAX)
                return false;
            set_cell(t, &bands, &t->cells[i], r, column);
            column += t->cells[i].column_span;
        }
        while (column < TAGGED_COLUMNS_MAX && bands.below[column] > 0)
            column++;
        ends[r] = (uint16_t)column;
        t->columns = column > t->columns ? column : t->columns;
    }
    return true;
}

/* What the rows that have all columns tell of where these stand. */
static void
find_bands(const struct said_table *t, const uint16_t *ends, struct bands *bands)
{
    for (uint32_t k = 0; k < TAGGED_COLUMNS_MAX; k++) {
        bands->columns[k] = tagged_no_box;
        bands->below[k] = 0;
    }
    for (uint32_t r = 0; r < t->row_count; r++) {
        for (uint32_t i = t->rows[r].first; i < t->rows[r].end; i++) {
            const struct said_cell *cell = &t->cells[i];
            if (ends[r] == t->columns && cell->words > 0 && cell->column_span == 1)
                bands->columns[cell->column] = tagged_join(bands->columns[cell->column], cell->box);
        }
    }
}

/* How far the cell's text stands from the middle of columns [column, column + span); INFINITY: they
 * are not free, or nowhere. */
static float
distance(const struct bands *bands, const struct said_cell *cell, uint32_t column)
{
    struct box band = tagged_no_box;

    for (uint32_t k = column; k < column + cell->column_span; k++) {
        if (bands->below[k] > 0)
            return INFINITY;
        if (bands->columns[k].x0 <= bands->columns[k].x1)
            band = tagged_join(band, bands->columns[k]);
    }
    if (band.x0 > band.x1)
        return INFINITY;
    float off = fmaxf(band.x0 - cell->box.x1, cell->box.x0 - band.x1);
    float middle = fabsf((band.x0 + band.x1) - (cell->box.x0 + cell->box.x1)) / 2;
    return fmaxf(off, 0) * TAGGED_COLUMNS_MAX + middle;
}

static bool
reaches_into(const struct said_table *t, const struct bands *bands, const struct said_cell *cell,
             uint32_t column)
{
    float lean = tagged_overlap_most * t->size;
    struct box band = bands->columns[column];

    return bands->below[column] == 0 && cell->box.x1 > band.x0 + lean &&
           cell->box.x0 < band.x1 - lean;
}

/* A cell over columns of [first, end) that nothing else of its row has, though no span says so. */
static void
widen(const struct said_table *t, const struct bands *bands, struct said_cell *cell, uint32_t first,
      uint32_t end)
{
    while (cell->column > first && reaches_into(t, bands, cell, cell->column - 1u)) {
        cell->column--;
        cell->column_span++;
    }
    while (cell->column + cell->column_span < end &&
           reaches_into(t, bands, cell, (uint32_t)cell->column + cell->column_span))
        cell->column_span++;
}

/* Cells of a row that reach down into the next one, which lacks columns, though no span says so. */
static void
deepen(const struct said_table *t, struct bands *bands, uint32_t r)
{
    for (uint32_t i = t->rows[r].first; i < t->rows[r].end; i++) {
        struct said_cell *cell = &t->cells[i];
        if (cell->words == 0 || cell->row_span > 1 ||
            cell->box.y1 < t->rows[r + 1].top + tagged_overlap_most * t->size)
            continue;
        cell->row_span = 2;
        for (uint32_t k = cell->column; k < (uint32_t)cell->column + cell->column_span; k++)
            bands->below[k] = cell->row_span;
    }
}

/* Places the cells of a row that has fewer columns than others, which some programs write where
 * cells are empty, by where they stand. */
static void
place_short_row(struct said_table *t, struct bands *bands, uint32_t r)
{
    uint32_t next = 0, left = 0;

    for (uint32_t i = t->rows[r].first; i < t->rows[r].end; i++)
        left += t->cells[i].column_span;
    for (uint32_t i = t->rows[r].first; i < t->rows[r].end; i++) {
        struct said_cell *cell = &t->cells[i];
        uint32_t best = next, limit = t->columns - left;
        float least = INFINITY;
        while (best < limit && bands->below[best] > 0)
            best++;
        for (uint32_t k = best; cell->words > 0 && k <= limit; k++) {
            float away = distance(bands, cell, k);
            if (away < least) {
                least = away;
                best = k;
            }
        }
        left -= cell->column_span;
        cell->column = (uint16_t)best;
        if (cell->words > 0 && cell->column_span == 1)
            widen(t, bands, cell, next, t->columns - left);
        set_cell(t, bands, cell, r, cell->column);
        next = (uint32_t)cell->column + cell->column_span;
    }
}

bool
tagged_place(struct said_table *t, uint16_t *ends)
{
    struct bands bands;

    if (!place_cells(t, ends))
        return false;
    find_bands(t, ends, &bands);
    for (uint32_t r = 0; r < t->row_count; r++, end_row(&bands)) {
        if (ends[r] < t->columns)
            place_short_row(t, &bands, r);
        else
            for (uint32_t i = t->rows[r].first; i < t->rows[r].end; i++)
                set_cell(t, &bands, &t->cells[i], r, t->cells[i].column);
        if (r + 1 < t->row_count && ends[r + 1] < t->columns)
            deepen(t, &bands, r);
    }
    return true;
}
