/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/table.c - tables without a grid: columns by white space that goes through most rows, rows
 * by baselines, lines of one cell put together. */
#include "layout/layout_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

enum { BINS = 1024, COLUMNS_MAX = 40, ROWS_MAX = 2000 };

static const float separator_min = 0.5f;        /* width of white space between columns, sizes */
static const float crossing_share = 0.08f;      /* of the rows may reach across a separator */
static const float header_pitch = 2.0f;         /* of a heading over columns and the row below it */
static const float tight_pitch = 1.4f;          /* lines of one cell, sizes */
static const uint32_t cell_characters_max = 60; /* mean; above it the cells are prose */

struct row {
    uint32_t first, end; /* in ids */
    float baseline;
    uint32_t filled; /* columns with text */
    bool numeric;    /* some fragment in a column but the first is a number */
    bool has_first;  /* text in the first column */
    uint32_t logical;
};

struct grid {
    struct layout *layout;
    uint32_t *ids;
    struct row *rows;
    uint32_t row_count, first_row, end_row; /* rows [first_row, end_row) make the table */
    float separators[COLUMNS_MAX];
    uint32_t columns;
    float size;
};

static const struct frag *
frag_at(const struct grid *grid, uint32_t i)
{
    return &grid->layout->frags[grid->ids[i]];
}

static uint32_t
column_of(const struct grid *grid, float x)
{
    uint32_t column = 0;

    while (column + 1 < grid->columns && x > grid->separators[column])
        column++;
    return column;
}

/* Where white space goes through: separators and columns. */
static void
find_columns(struct grid *grid, uint32_t n)
{
    int32_t delta[BINS + 1] = {0};
    float x0 = INFINITY, x1 = -INFINITY;

    for (uint32_t i = 0; i < n; i++) {
        x0 = fminf(x0, frag_at(grid, i)->box.x0);
        x1 = fmaxf(x1, frag_at(grid, i)->box.x1);
    }
    float width = fmaxf(x1 - x0, 1), scale = BINS / width;
    uint32_t voters = 0;
    for (uint32_t r = 0; r < grid->row_count; r++) {
        const struct row *row = &grid->rows[r];
        if (row->end - row->first < 2)
            continue; /* a heading across says nothing about columns */
        voters++;
        for (uint32_t i = row->first; i < row->end; i++) {
            struct box box = frag_at(grid, i)->box;
            uint32_t from = (uint32_t)fminf(fmaxf((box.x0 - x0) * scale, 0), BINS - 1);
            uint32_t to = (uint32_t)fminf(fmaxf(ceilf((box.x1 - x0) * scale), 0), BINS);
            delta[from]++;
            delta[to > from ? to : from + 1]--;
        }
    }
    int32_t allowed = (int32_t)((float)voters * crossing_share), covered = 0;
    uint32_t gap_from = 0;
    bool in_gap = false;
    grid->columns = 1;
    for (uint32_t bin = 0; bin < BINS; bin++) {
        covered += delta[bin];
        bool free = covered <= allowed;
        if (free && !in_gap)
            gap_from = bin;
        if (!free && in_gap && gap_from > 0 && grid->columns < COLUMNS_MAX &&
            (float)(bin - gap_from) / scale >= separator_min * grid->size)
            grid->separators[grid->columns++ - 1] = x0 + (float)(gap_from + bin) / 2 / scale;
        in_gap = free;
    }
}

static void
measure_rows(struct grid *grid)
{
    for (uint32_t r = 0; r < grid->row_count; r++) {
        struct row *row = &grid->rows[r];
        uint32_t last = UINT32_MAX;
        row->filled = 0;
        row->numeric = row->has_first = false;
        for (uint32_t i = row->first; i < row->end; i++) {
            const struct frag *frag = frag_at(grid, i);
            uint32_t column = column_of(grid, (frag->box.x0 + frag->box.x1) / 2);
            row->filled += column != last;
            row->has_first |= column_of(grid, frag->box.x0) == 0;
            row->numeric |= frag->numeric && column > 0;
            last = column;
        }
    }
}

/* "$" before an amount set apart from it, or "%" and ")" behind. 0: something else. */
static char
symbol_of(const struct grid *grid, const struct frag *frag)
{
    static const char *const before[] = {"$",        "(",  "\xe2\x82\xac", "\xc2\xa3",
                                         "\xc2\xa5", "$(", "US$"};
    static const char *const behind[] = {"%", ")", ")%", "*", "%)"};
    const struct layout *layout = grid->layout;

    if (frag->word_count != 1)
        return 0;
    const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        if (strcmp(text, before[i]) == 0)
            return '$';
    }
    for (size_t i = 0; i < ARRAY_LEN(behind); i++) {
        if (strcmp(text, behind[i]) == 0)
            return '%';
    }
    return 0;
}

/* Columns of such symbols alone belong to the figures beside them. */
static void
merge_symbols(struct grid *grid, uint32_t n)
{
    uint32_t entries[COLUMNS_MAX] = {0}, before[COLUMNS_MAX] = {0}, behind[COLUMNS_MAX] = {0};
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct frag *frag = frag_at(grid, i);
        uint32_t column = column_of(grid, (frag->box.x0 + frag->box.x1) / 2);
        char symbol = symbol_of(grid, frag);
        entries[column]++;
        before[column] += symbol == '$';
        behind[column] += symbol == '%';
    }
    for (uint32_t k = 0; k + 1 < grid->columns; k++) {
        bool leads = entries[k] > 0 && before[k] * 10 >= entries[k] * 8;
        bool trails = entries[k + 1] > 0 && behind[k + 1] * 10 >= entries[k + 1] * 8;
        if (!leads && !trails)
            grid->separators[kept++] = grid->separators[k];
    }
    grid->columns = kept + 1;
}

/* An entry that goes over half of the columns is a title, whatever stands beside it. */
static bool
is_title(const struct grid *grid, const struct row *row)
{
    for (uint32_t i = row->first; i < row->end; i++) {
        struct box box = frag_at(grid, i)->box;
        uint32_t covered = column_of(grid, box.x1) - column_of(grid, box.x0) + 1;
        if (covered >= 3 && covered * 2 > grid->columns)
            return true;
    }
    return false;
}

/* Rows with one entry at either end are titles or notes, not rows. */
static void
trim_rows(struct grid *grid)
{
    grid->first_row = 0;
    grid->end_row = grid->row_count;
    while (grid->first_row < grid->end_row &&
           (grid->rows[grid->first_row].filled < 2 || is_title(grid, &grid->rows[grid->first_row])))
        grid->first_row++;
    /* But one over the columns of figures heads them. */
    if (grid->first_row > 0) {
        const struct row *above = &grid->rows[grid->first_row - 1];
        if (!above->has_first && above->filled == 1 && grid->first_row < grid->end_row &&
            grid->rows[grid->first_row].baseline - above->baseline <= header_pitch * grid->size)
            grid->first_row--;
    }
    while (grid->end_row > grid->first_row && (grid->rows[grid->end_row - 1].filled < 2 ||
                                               is_title(grid, &grid->rows[grid->end_row - 1])))
        grid->end_row--;
}

static uint32_t
first_character(const struct grid *grid, const struct row *row)
{
    const struct layout *layout = grid->layout;
    const char *text =
        layout->page->words[layout->word_ids[frag_at(grid, row->first)->first_word]].text;

    return chars_first(text, strlen(text));
}

static bool
is_tight(const struct grid *grid, const struct row *above, const struct row *below)
{
    return below->baseline - above->baseline <= tight_pitch * grid->size;
}

/* Whether the row goes on with the cells of the one above it. */
static bool
continues_row(const struct grid *grid, const struct row *above, const struct row *row,
              uint32_t filled_above)
{
    if (!is_tight(grid, above, row) || row->numeric)
        return false;
    if (!row->has_first)
        return row->filled < filled_above ||
               (row->filled <= filled_above && !above->numeric && !above->has_first);
    if (row->filled == 1)
        return filled_above > 1 && char_is_lower(first_character(grid, row));
    return false;
}

/* Numbers the rows as a reader counts them. Returns their number. */
static uint32_t
number_rows(struct grid *grid)
{
    uint32_t logical = 0, filled = 0;

    for (uint32_t r = grid->first_row; r < grid->end_row; r++) {
        struct row *row = &grid->rows[r];
        const struct row *above = r > grid->first_row ? &grid->rows[r - 1] : NULL;
        bool same = above != NULL && continues_row(grid, above, row, filled);
        /* A label that begins on a line of its own and ends beside the figures. */
        if (!same && above != NULL && above->filled == 1 && above->has_first && row->has_first &&
            is_tight(grid, above, row) && char_is_lower(first_character(grid, row)))
            same = true;
        if (above != NULL && !same)
            logical++;
        filled = same && filled > row->filled ? filled : row->filled;
        row->logical = logical;
    }
    return logical + 1;
}

/* Enough rows with entries side by side, short entries, and figures where there are two columns. */
static bool
is_plausible(const struct grid *grid)
{
    uint32_t aligned = 0, rows = grid->end_row - grid->first_row, frags = 0, characters = 0;
    uint32_t numeric[COLUMNS_MAX] = {0}, entries[COLUMNS_MAX] = {0};

    if (rows < 2 || grid->columns < 2)
        return false;
    for (uint32_t r = grid->first_row; r < grid->end_row; r++) {
        const struct row *row = &grid->rows[r];
        aligned += row->filled >= 2;
        for (uint32_t i = row->first; i < row->end; i++) {
            const struct frag *frag = frag_at(grid, i);
            uint32_t column = column_of(grid, (frag->box.x0 + frag->box.x1) / 2);
            frags++;
            characters += frag->characters;
            entries[column]++;
            numeric[column] += frag->numeric;
        }
    }
    if (aligned < 2 || characters > frags * cell_characters_max)
        return false;
    /* Columns that hardly any row has make no table of what else is two columns or one. */
    uint32_t carried = 0, figures = 0;
    for (uint32_t column = 0; column < grid->columns; column++) {
        carried += entries[column] * 4 >= rows;
        figures += entries[column] >= 3 && numeric[column] * 10 >= entries[column] * 6;
    }
    if (carried < 3 && grid->columns > 2)
        return figures > 0 && rows >= 3 && aligned * 10 >= rows * 6;
    if (grid->columns == 2)
        return rows >= 3 && aligned * 10 >= rows * 6 && entries[1] >= 3 &&
               numeric[1] * 10 >= entries[1] * 6;
    return aligned * 10 >= rows * 4;
}

static bool
is_bold(const struct layout *layout, const struct frag *frag)
{
    for (uint32_t i = 0; i < frag->word_count; i++) {
        if ((layout->page->words[layout->word_ids[frag->first_word + i]].style & STYLE_BOLD) == 0)
            return false;
    }
    return true;
}

/* Rows at the top without figures over rows with them, or bold over plain, head the table. */
static uint32_t
count_header_rows(const struct grid *grid)
{
    uint32_t r = grid->first_row;
    bool figures_below = false, bold_top = true, bold_below = true;

    while (r < grid->end_row && !grid->rows[r].numeric)
        r++;
    figures_below = r < grid->end_row && r > grid->first_row;
    if (figures_below)
        return grid->rows[r - 1].logical + 1 < grid->rows[r].logical + 1
                   ? grid->rows[r - 1].logical + 1
                   : grid->rows[r].logical;
    for (uint32_t k = grid->first_row; k < grid->end_row; k++) {
        for (uint32_t i = grid->rows[k].first; i < grid->rows[k].end; i++) {
            bool bold = is_bold(grid->layout, frag_at(grid, i));
            if (grid->rows[k].logical == 0)
                bold_top &= bold;
            else
                bold_below &= bold;
        }
    }
    return bold_top && !bold_below ? 1 : 0;
}

bool
table_add_cell(struct layout *layout, uint32_t row, uint32_t column, uint32_t row_span,
               uint32_t column_span, bool header, uint32_t *ids, uint32_t n)
{
    struct page_cell *cell = page_add_cell(layout->page);
    uint32_t *ends = arena_array(layout->arena, n, sizeof(*ends));

    if (cell == NULL || ends == NULL)
        return false;
    uint32_t rows = lines_rows(layout, ids, n, ends);
    if (layout->cell_line_count + rows > layout->cell_line_cap) {
        uint32_t cap = (layout->cell_line_count + rows) * 2;
        struct cell_line *grown = arena_grow(layout->arena, layout->cell_lines,
                                             layout->cell_line_count, cap, sizeof(*grown));
        if (grown == NULL)
            return false;
        layout->cell_lines = grown;
        layout->cell_line_cap = cap;
    }
    *cell = (struct page_cell){.row = (uint16_t)row,
                               .column = (uint16_t)column,
                               .row_span = (uint16_t)row_span,
                               .column_span = (uint16_t)column_span,
                               .header = header,
                               .first_line = layout->cell_line_count,
                               .line_count = rows};
    for (uint32_t i = 0, k = 0; k < rows; k++) {
        layout->cell_lines[layout->cell_line_count++] =
            (struct cell_line){layout->sequence_count, ends[k] - i};
        for (; i < ends[k]; i++) {
            struct box box = layout->frags[ids[i]].box;
            cell->box = i == 0 ? box : box_union(cell->box, box);
            layout->sequence[layout->sequence_count++] = ids[i];
        }
    }
    return true;
}

/* Column that the fragment's right end reaches, if clearly. */
static uint32_t
last_column_of(const struct grid *grid, struct box box)
{
    return column_of(grid, fmaxf(box.x1 - separator_min * grid->size, box.x0));
}

/* Column that the fragment begins in; one that leans over a separator belongs where its middle is.
 */
static uint32_t
first_column_of(const struct grid *grid, struct box box)
{
    uint32_t begin = column_of(grid, box.x0), middle = column_of(grid, (box.x0 + box.x1) / 2);
    bool leans = middle == begin + 1 && last_column_of(grid, box) == middle &&
                 box.x0 > grid->separators[begin] - separator_min * grid->size;

    return leans ? middle : begin;
}

/* The cells of rows [from, to), which a reader counts as one. cell_ids: scratch. */
static bool
add_cells(const struct grid *grid, uint32_t from, uint32_t to, uint32_t header_rows,
          uint32_t *cell_ids)
{
    uint32_t first = grid->rows[from].first, end = grid->rows[to - 1].end;
    uint32_t logical = grid->rows[from].logical - grid->rows[grid->first_row].logical;

    for (uint32_t column = 0, next; column < grid->columns; column = next) {
        uint32_t count = 0, last = column;
        next = column + 1;
        for (uint32_t i = first; i < end; i++) {
            struct box box = frag_at(grid, i)->box;
            uint32_t reach = last_column_of(grid, box);
            if (first_column_of(grid, box) != column)
                continue;
            cell_ids[count++] = grid->ids[i];
            last = reach > last ? reach : last;
        }
        if (count == 0)
            continue;
        /* A span ends before the next entry. */
        for (uint32_t i = first; i < end; i++) {
            uint32_t begin = first_column_of(grid, frag_at(grid, i)->box);
            if (begin > column && begin <= last)
                last = begin - 1;
        }
        next = last + 1;
        if (!table_add_cell(grid->layout, logical, column, 1, last - column + 1,
                            logical < header_rows, cell_ids, count))
            return false;
    }
    return true;
}

static bool
add_table(const struct grid *grid, uint32_t rows, struct table_found *ret)
{
    struct page *page = grid->layout->page;
    uint32_t header_rows = count_header_rows(grid);
    struct page_table *table = page_add_table(page);
    uint32_t first = grid->rows[grid->first_row].first, end = grid->rows[grid->end_row - 1].end;
    uint32_t *cell_ids = arena_array(grid->layout->arena, end - first, sizeof(*cell_ids));

    if (table == NULL || cell_ids == NULL)
        return false;
    *table = (struct page_table){.rows = (uint16_t)rows,
                                 .columns = (uint16_t)grid->columns,
                                 .header_rows = (uint16_t)header_rows,
                                 .first_cell = page->cell_count};
    for (uint32_t i = first; i < end; i++) {
        struct box box = frag_at(grid, i)->box;
        table->box = i == first ? box : box_union(table->box, box);
    }
    for (uint32_t r = grid->first_row, to; r < grid->end_row; r = to) {
        for (to = r + 1; to < grid->end_row && grid->rows[to].logical == grid->rows[r].logical;)
            to++;
        if (!add_cells(grid, r, to, header_rows, cell_ids))
            return false;
    }
    table->cell_count = page->cell_count - table->first_cell;
    *ret = (struct table_found){(int32_t)page->table_count - 1, first, end};
    return true;
}

bool
table_try(struct layout *layout, uint32_t *ids, uint32_t n, struct table_found *ret)
{
    struct grid grid = {.layout = layout, .ids = ids, .size = layout->body_size};
    uint32_t *ends = arena_array(layout->arena, n, sizeof(*ends));

    *ret = (struct table_found){.table = -1};
    if (ends == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (layout->frags[ids[i]].table != 0)
            return true; /* no tables inside tables */
    }
    grid.row_count = lines_rows(layout, ids, n, ends);
    if (grid.row_count > ROWS_MAX)
        return true;
    grid.rows = arena_array(layout->arena, grid.row_count, sizeof(*grid.rows));
    if (grid.rows == NULL)
        return false;
    for (uint32_t r = 0; r < grid.row_count; r++) {
        grid.rows[r].first = r == 0 ? 0 : ends[r - 1];
        grid.rows[r].end = ends[r];
        grid.rows[r].baseline = layout->frags[ids[grid.rows[r].first]].baseline;
    }
    find_columns(&grid, n);
    merge_symbols(&grid, n);
    measure_rows(&grid);
    trim_rows(&grid);
    if (!is_plausible(&grid))
        return true;
    return add_table(&grid, number_rows(&grid), ret);
}
