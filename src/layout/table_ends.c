/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/table_ends.c - titles above and notes below a table without a grid, which are none of it.
 */
#include "layout/table_internal.h"

#include "page/chars.h"

#include <string.h>

/* Of a heading over columns and the row below it, in sizes of the table's type. */
static const float header_pitch = 2.0f;

/* An entry that goes over half of the columns is a title, whatever stands beside it. */
static bool
is_title(const struct table_grid *grid, const struct table_row *row)
{
    for (uint32_t i = row->first; i < row->end; i++) {
        struct box box = grid->pieces[i].box;
        uint32_t covered = table_column_of(grid, box.x1) - table_column_of(grid, box.x0) + 1;
        if (covered >= 3 && covered * 2 > grid->columns)
            return true;
    }
    return false;
}

/* Below the last line that goes across stand notes, if no figures do. */
static void
trim_notes(struct table_grid *grid)
{
    uint32_t lines = 0, last = 0;
    bool figures = false;

    for (uint32_t r = grid->first_row + 1; r < grid->end_row; r++) {
        lines += grid->rows[r].wide_above;
        if (grid->rows[r].wide_above)
            last = r;
    }
    if (lines < 2 || (grid->end_row - last) * 4 > grid->end_row - grid->first_row)
        return;
    for (uint32_t r = last; r < grid->end_row; r++)
        figures |= grid->rows[r].numeric;
    if (!figures)
        grid->end_row = last;
}

bool
table_goes_on(uint32_t c)
{
    return char_is_lower(c) || c == '(';
}

bool
table_row_goes_on(const struct table_grid *grid, const struct table_row *row)
{
    const struct layout *layout = grid->layout;

    for (uint32_t i = row->first; i < row->end; i++) {
        const char *text = layout->page->words[layout->word_ids[grid->pieces[i].first_word]].text;
        if (!table_goes_on(chars_first(text, strlen(text))))
            return false;
    }
    return true;
}

/* Whether the table's last row is the last line of a label: small letters under others in the first
 * column, close to a row with entries. */
static bool
ends_label(const struct table_grid *grid, uint32_t last)
{
    for (uint32_t r = last; r > grid->first_row; r--) {
        const struct table_row *row = &grid->rows[r], *above = row - 1;
        if (row->filled >= 2)
            return r < last;
        if (!row->has_first || row->wide_above || !table_row_goes_on(grid, row) ||
            table_last_column(grid, grid->pieces[row->end - 1].box) > 0 ||
            row->baseline - above->baseline > table_tight_pitch * grid->size)
            return false;
    }
    return false;
}

/* Whether the table's last row is none of it; the end of a label that is centred against figures
 * is, though it stands alone. */
static bool
is_over(const struct table_grid *grid, uint32_t last)
{
    const struct table_row *row = &grid->rows[last], *above = row - 1;

    if (last > grid->first_row && row->has_first && row->filled == 1 && above->filled > 0 &&
        !above->has_first && row->baseline - above->baseline < table_overlap_pitch * grid->size)
        return false;
    if (ends_label(grid, last))
        return false;
    return row->filled < 2 || is_title(grid, row);
}

void
table_trim_rows(struct table_grid *grid)
{
    const struct table_row *rows = grid->rows;

    grid->first_row = 0;
    grid->end_row = grid->row_count;
    while (grid->first_row < grid->end_row &&
           (rows[grid->first_row].filled < 2 || is_title(grid, &rows[grid->first_row])))
        grid->first_row++;
    /* But one over the columns of figures heads them. */
    if (grid->first_row > 0 && grid->first_row < grid->end_row) {
        const struct table_row *above = &rows[grid->first_row - 1], *top = above + 1;
        if (!above->has_first && above->filled == 1 && !top->wide_above &&
            top->baseline - above->baseline <= header_pitch * grid->size)
            grid->first_row--;
    }
    while (grid->end_row > grid->first_row && is_over(grid, grid->end_row - 1))
        grid->end_row--;
    trim_notes(grid);
}
