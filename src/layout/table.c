/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/table.c - tables without a grid: columns by white space
 * (table_columns.c), rows by baselines (table_rows.c), heads with what they
 * stand over (table_head.c), put together here. */
#include "layout/table_internal.h"

#include <math.h>
#include <string.h>

static const uint32_t cell_characters_max = 60; /* mean; above it the cells are prose */
static const uint32_t cell_characters_min = 4;  /* with the space after them */

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

/* Labels of a chart stand at any height: rows that overlap, though none of them
 * is the line of a label centred against others. */
static bool
is_scattered(const struct table_grid *grid)
{
    static const float overlap = 0.85f; /* sizes */
    uint32_t near = 0;

    for (uint32_t r = grid->first_row + 1; r < grid->end_row; r++) {
        const struct table_row *a = &grid->rows[r - 1], *b = a + 1;
        bool label = (a->filled == 1 && a->has_first) || (b->filled == 1 && b->has_first);
        near += !label && b->baseline - a->baseline < overlap * grid->size;
    }
    return near * 10 > (grid->end_row - grid->first_row) * 3;
}

static bool
has_wide_rules(const struct table_grid *grid)
{
    for (uint32_t r = 1; r < grid->row_count; r++) {
        if (grid->rows[r].wide_above)
            return true;
    }
    return false;
}

/* Enough rows with entries side by side, short entries, and figures where there
 * are two columns. */
static bool
is_plausible(const struct table_grid *grid)
{
    uint32_t aligned = 0, rows = grid->end_row - grid->first_row, pieces = 0, characters = 0;
    uint32_t numeric[TABLE_COLUMNS_MAX] = {0}, entries[TABLE_COLUMNS_MAX] = {0};

    if (rows < 2 || grid->columns < 2 || is_scattered(grid))
        return false;
    for (uint32_t r = grid->first_row; r < grid->end_row; r++) {
        const struct table_row *row = &grid->rows[r];
        aligned += row->filled >= 2;
        for (uint32_t i = row->first; i < row->end; i++) {
            const struct frag *piece = &grid->pieces[i];
            uint32_t column = table_column_of(grid, (piece->box.x0 + piece->box.x1) / 2);
            pieces++;
            characters += piece->characters;
            entries[column]++;
            numeric[column] += piece->numeric;
        }
    }
    uint32_t figures = 0, carried = 0;
    for (uint32_t column = 0; column < grid->columns; column++)
        figures += numeric[column];
    /* Single letters are the points of a drawing. */
    bool tiny = characters < pieces * cell_characters_min && figures * 2 < pieces;
    if (aligned < 2 || characters > pieces * cell_characters_max || (tiny && !has_wide_rules(grid)))
        return false;
    /* Two lines of a text or formula with wide spaces are easily met. */
    if (figures == 0 && aligned <= 2 && rows <= 3 && grid->rule_count == 0)
        return false;
    figures = 0;
    /* Columns that hardly any row has make no table of what else is two columns
     * or one. */
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

/* The cells of rows [from, to), which a reader counts as one. cell_ids:
 * scratch. */
static bool
add_cells(const struct table_grid *grid, const uint32_t *ids, uint32_t from, uint32_t to,
          uint32_t *cell_ids)
{
    uint32_t first = grid->rows[from].first, end = grid->rows[to - 1].end;

    for (uint32_t column = 0, next; column < grid->columns; column = next) {
        uint32_t count = 0, last = column;
        next = column + 1;
        for (uint32_t i = first; i < end; i++) {
            struct box box = grid->pieces[i].box;
            uint32_t reach = table_last_column(grid, box);
            if (table_first_column(grid, box) != column)
                continue;
            cell_ids[count++] = ids[i];
            last = reach > last ? reach : last;
        }
        if (count == 0)
            continue;
        /* A span ends before the next entry. */
        for (uint32_t i = first; i < end; i++) {
            uint32_t begin = table_first_column(grid, grid->pieces[i].box);
            if (begin > column && begin <= last)
                last = begin - 1;
        }
        next = last + 1;
        if (!table_add_cell(grid->layout, grid->rows[from].logical, column, 1, last - column + 1,
                            false, cell_ids, count))
            return false;
    }
    return true;
}

/* Pieces of rows [first_row, end_row) become fragments: the first of each takes
 * the place of the one that it is of. ret_ids: [piece_count]. */
static void
settle_pieces(const struct table_grid *grid, uint32_t *ret_ids)
{
    struct layout *layout = grid->layout;
    uint32_t first = grid->rows[grid->first_row].first, end = grid->rows[grid->end_row - 1].end;

    for (uint32_t i = first; i < end; i++) {
        bool cut = i > first && grid->origins[i] == grid->origins[i - 1];
        ret_ids[i] = cut ? layout->frag_count++ : grid->origins[i];
        layout->frags[ret_ids[i]] = grid->pieces[i];
    }
}

static bool
add_rows(const struct table_grid *grid, const uint32_t *ids, uint32_t *cell_ids)
{
    if (grid->header_rows > 0 && !table_add_head(grid, ids))
        return false;
    for (uint32_t r = grid->first_row, to; r < grid->end_row; r = to) {
        for (to = r + 1; to < grid->end_row && grid->rows[to].logical == grid->rows[r].logical;)
            to++;
        if (grid->rows[r].logical >= grid->header_rows && !add_cells(grid, ids, r, to, cell_ids))
            return false;
    }
    return true;
}

static bool
add_table(struct table_grid *grid, const uint32_t *ids)
{
    struct page *page = grid->layout->page;
    uint32_t first = grid->rows[grid->first_row].first, end = grid->rows[grid->end_row - 1].end;
    uint32_t *cell_ids = arena_array(grid->layout->arena, end - first, sizeof(*cell_ids));
    uint32_t rows;

    if (cell_ids == NULL || !table_number_rows(grid, &rows))
        return false;
    struct page_table *table = page_add_table(page);
    if (table == NULL)
        return false;
    *table = (struct page_table){.rows = (uint16_t)rows,
                                 .columns = (uint16_t)grid->columns,
                                 .header_rows = (uint16_t)grid->header_rows,
                                 .first_cell = page->cell_count};
    for (uint32_t i = first; i < end; i++) {
        struct box box = grid->pieces[i].box;
        table->box = i == first ? box : box_union(table->box, box);
    }
    if (!add_rows(grid, ids, cell_ids))
        return false;
    table->cell_count = page->cell_count - table->first_cell;
    return true;
}

/* Fragments of the rows that do not belong to the table. */
static uint32_t
collect(const struct table_grid *grid, uint32_t first_row, uint32_t end_row, uint32_t *ret_ids)
{
    uint32_t n = 0;

    for (uint32_t r = first_row; r < end_row; r++) {
        for (uint32_t i = grid->rows[r].first; i < grid->rows[r].end; i++) {
            if (n == 0 || ret_ids[n - 1] != grid->origins[i])
                ret_ids[n++] = grid->origins[i];
        }
    }
    return n;
}

static bool
give(struct table_grid *grid, uint32_t n, struct table_found *ret)
{
    struct arena *arena = grid->layout->arena;
    uint32_t *ids = arena_array(arena, grid->piece_count, sizeof(*ids));

    ret->before = arena_array(arena, n, sizeof(*ids));
    ret->after = arena_array(arena, n, sizeof(*ids));
    if (ids == NULL || ret->before == NULL || ret->after == NULL)
        return false;
    ret->before_count = collect(grid, 0, grid->first_row, ret->before);
    ret->after_count = collect(grid, grid->end_row, grid->row_count, ret->after);
    settle_pieces(grid, ids);
    ret->inside = ids + grid->rows[grid->first_row].first;
    ret->inside_count = grid->rows[grid->end_row - 1].end - grid->rows[grid->first_row].first;
    ret->table = (int32_t)grid->layout->page->table_count;
    return add_table(grid, ids);
}

/* The fragments as rows of pieces. */
static bool
set_rows(struct table_grid *grid, uint32_t *ids, uint32_t n)
{
    struct layout *layout = grid->layout;
    uint32_t *ends = arena_array(layout->arena, n, sizeof(*ends));
    float size = 0, characters = 0;

    grid->pieces = arena_array(layout->arena, n, sizeof(*grid->pieces));
    grid->origins = arena_array(layout->arena, n, sizeof(*grid->origins));
    if (ends == NULL || grid->pieces == NULL || grid->origins == NULL)
        return false;
    grid->row_count = lines_rows(layout, ids, n, ends);
    grid->rows = arena_array(layout->arena, grid->row_count, sizeof(*grid->rows));
    if (grid->rows == NULL)
        return false;
    for (uint32_t r = 0; r < grid->row_count; r++) {
        grid->rows[r] =
            (struct table_row){.first = r == 0 ? 0 : ends[r - 1],
                               .end = ends[r],
                               .baseline = layout->frags[ids[r == 0 ? 0 : ends[r - 1]]].baseline};
    }
    grid->piece_count = n;
    grid->x0 = INFINITY;
    grid->x1 = -INFINITY;
    for (uint32_t i = 0; i < n; i++) {
        const struct frag *frag = &layout->frags[ids[i]];
        grid->pieces[i] = *frag;
        grid->origins[i] = ids[i];
        grid->x0 = fminf(grid->x0, frag->box.x0);
        grid->x1 = fmaxf(grid->x1, frag->box.x1);
        size += frag->size * (float)frag->characters;
        characters += (float)frag->characters;
    }
    grid->size = characters > 0 ? size / characters : layout->body_size;
    return true;
}

/* Whether lines of text go through the columns all over: then white space only
 * happens to be there. Heads may. */
static bool
is_crossed(const struct table_grid *grid)
{
    enum { HEAD_ROWS = 4 };
    uint32_t crossed = 0;

    for (uint32_t r = HEAD_ROWS; r < grid->row_count; r++) {
        bool crosses = false;
        for (uint32_t i = grid->rows[r].first; i < grid->rows[r].end; i++) {
            struct box box = grid->pieces[i].box;
            crosses |= table_first_column(grid, box) != table_last_column(grid, box);
        }
        crossed += crosses;
    }
    return crossed * 4 > grid->row_count;
}

static bool
is_drawn_down(const struct table_grid *grid, bool *ret)
{
    const struct layout *layout = grid->layout;
    uint32_t first = grid->rows[grid->first_row].first, n = 0;
    uint32_t end = grid->rows[grid->end_row - 1].end;
    struct table_entry *entries = arena_array(layout->arena, end - first, sizeof(*entries));

    if (entries == NULL)
        return false;
    for (uint32_t r = grid->first_row; r < grid->end_row; r++) {
        for (uint32_t i = grid->rows[r].first; i < grid->rows[r].end; i++)
            entries[n++] =
                (struct table_entry){.row = r,
                                     .column = table_first_column(grid, grid->pieces[i].box),
                                     .drawn = layout->word_ids[grid->pieces[i].first_word]};
    }
    *ret = table_is_drawn_down(layout, entries, n);
    return true;
}

bool
table_try(struct layout *layout, const uint32_t *ids, uint32_t n, const float *walls,
          uint32_t wall_count, struct table_found *ret)
{
    struct table_grid grid = {.layout = layout};
    uint32_t *sorted = arena_array(layout->arena, n, sizeof(*sorted));

    *ret = (struct table_found){.table = -1};
    if (sorted == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        sorted[i] = ids[i];
        if (layout->frags[ids[i]].table != 0)
            return true; /* no tables inside tables */
    }
    if (n < 2)
        return true;
    if (!set_rows(&grid, sorted, n))
        return false;
    if (grid.row_count > TABLE_ROWS_MAX)
        return true;
    if (!table_find_rules(&grid) || !table_find_columns(&grid))
        return false;
    for (uint32_t i = 0; i < wall_count; i++)
        table_add_wall(&grid, walls[i]);
    table_merge_symbols(&grid);
    if (is_crossed(&grid))
        return true;
    if (!table_cut_pieces(&grid))
        return false;
    table_merge_heads(&grid);
    table_measure_rows(&grid);
    table_trim_rows(&grid);
    bool down = false;
    if (!is_plausible(&grid))
        return true;
    if (!is_drawn_down(&grid, &down))
        return false;
    return !down || give(&grid, n, ret);
}
