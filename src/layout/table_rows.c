/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/table_rows.c - baselines to rows as a reader counts them: lines of one cell, labels
 * centred against their figures, rows between drawn lines, and where the head ends. */
#include "layout/table_internal.h"

#include "page/chars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In sizes of the table's type, or shares. */
static const float header_pitch = 2.0f;   /* of a heading over columns and the row below it */
static const float overlap_pitch = 0.85f; /* nearer baselines are of cells side by side */
static const float skew_min = 0.12f;      /* of a label's baseline against its figures' */
static const float pitch_share = 0.87f;   /* of the rows' pitch: nearer lines are of one row */
static const float step_share = 1.12f;    /* by which a step between rows is wider */
static const float gap_share = 1.3f;      /* the same in a table of text */
enum { HEAD_ROWS_MAX = 10 };

/* What the whole table says about its rows. */
struct pitch {
    float value; /* usual distance of rows with figures; 0 unknown */
    float
        small;  /* usual distance of lines in a table of text that has wider ones; 0: it has none */
    bool ruled; /* lines are drawn between all rows */
};

void
table_measure_rows(struct table_grid *grid)
{
    for (uint32_t r = 0; r < grid->row_count; r++) {
        struct table_row *row = &grid->rows[r];
        uint32_t last = UINT32_MAX;
        row->filled = 0;
        row->numeric = row->has_first = false;
        row->label_baseline = row->value_baseline = NAN;
        for (uint32_t i = row->first; i < row->end; i++) {
            const struct frag *piece = &grid->pieces[i];
            uint32_t column = table_column_of(grid, (piece->box.x0 + piece->box.x1) / 2);
            row->filled += column != last;
            row->has_first |= table_column_of(grid, piece->box.x0) == 0;
            row->numeric |= piece->numeric && column > 0;
            last = column;
            float *baseline = column == 0 ? &row->label_baseline : &row->value_baseline;
            if (isnan(*baseline))
                *baseline = piece->baseline;
        }
        row->wide_above = r > 0 && table_has_wide_rule(grid, grid->rows[r - 1].baseline,
                                                       row->baseline - 0.3f * grid->size);
    }
}

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

/* Whether the table's last row is none of it; the end of a label that is centred against figures
 * is, though it stands alone. */
static bool
is_over(const struct table_grid *grid, uint32_t last)
{
    const struct table_row *row = &grid->rows[last], *above = row - 1;

    if (last > grid->first_row && row->has_first && row->filled == 1 && above->filled > 0 &&
        !above->has_first && row->baseline - above->baseline < overlap_pitch * grid->size)
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

static uint32_t
first_character(const struct table_grid *grid, const struct table_row *row)
{
    const struct layout *layout = grid->layout;
    const char *text =
        layout->page->words[layout->word_ids[grid->pieces[row->first].first_word]].text;

    return chars_first(text, strlen(text));
}

/* Text that goes on from a line above. */
static bool
goes_on(uint32_t c)
{
    return char_is_lower(c) || c == '(';
}

static bool
is_label_only(const struct table_row *row)
{
    return row->filled == 1 && row->has_first;
}

static float
step_of(const struct table_grid *grid, uint32_t r)
{
    if (r <= grid->first_row || r >= grid->end_row)
        return 0;
    return grid->rows[r].baseline - grid->rows[r - 1].baseline;
}

static int
by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x < y ? -1 : x > y;
}

/* Median distance of neighbouring rows with figures, whatever labels stand between them. */
static float
value_pitch(const struct table_grid *grid, uint32_t from, float *scratch)
{
    const struct table_row *last = NULL;
    uint32_t n = 0;

    for (uint32_t r = from; r < grid->end_row; r++) {
        const struct table_row *row = &grid->rows[r];
        if (!row->numeric)
            continue;
        if (last != NULL)
            scratch[n++] = row->value_baseline - last->value_baseline;
        last = row;
    }
    if (n < 2)
        return 0;
    qsort(scratch, n, sizeof(*scratch), by_value);
    return scratch[n / 2];
}

static bool
row_begins_lower(const struct table_grid *grid, const struct table_row *row)
{
    const struct layout *layout = grid->layout;

    for (uint32_t i = row->first; i < row->end; i++) {
        const char *text = layout->page->words[layout->word_ids[grid->pieces[i].first_word]].text;
        if (char_is_lower(chars_first(text, strlen(text))))
            return true;
    }
    return false;
}

/* In a table of text: the distance of the lines in its cells, if rows stand farther apart and the
 * nearer lines do go on from one another. */
static float
line_pitch(const struct table_grid *grid, uint32_t from, float *scratch)
{
    uint32_t n = 0, numeric = 0, wide = 0, near = 0, lower = 0;

    for (uint32_t r = from; r < grid->end_row; r++) {
        numeric += grid->rows[r].numeric;
        if (r > from)
            scratch[n++] = step_of(grid, r);
    }
    if (n < 3 || numeric * 10 > (n + 1) * 3)
        return 0;
    qsort(scratch, n, sizeof(*scratch), by_value);
    float small = scratch[n / 4];
    for (uint32_t r = from + 1; r < grid->end_row; r++) {
        bool is_wide = step_of(grid, r) > gap_share * small;
        wide += is_wide;
        near += !is_wide;
        lower += !is_wide && row_begins_lower(grid, &grid->rows[r]);
    }
    return wide >= 1 && lower * 10 >= near * 4 ? small : 0;
}

/* Lines are drawn between all rows, and no two figures stand below each other between two. */
static bool
is_ruled(const struct table_grid *grid, uint32_t from)
{
    uint32_t lines = 0, crowded = 0, stacked[TABLE_COLUMNS_MAX] = {0};
    bool crowd = false;

    for (uint32_t r = from; r < grid->end_row; r++) {
        const struct table_row *row = &grid->rows[r];
        if (r > from && row->wide_above) {
            lines++;
            crowded += crowd;
            crowd = false;
            memset(stacked, 0, sizeof(stacked));
        }
        for (uint32_t i = row->first; i < row->end; i++) {
            const struct frag *piece = &grid->pieces[i];
            uint32_t column = table_column_of(grid, (piece->box.x0 + piece->box.x1) / 2);
            if (piece->numeric && column > 0 && ++stacked[column] > 1)
                crowd = true;
        }
    }
    crowded += crowd;
    return lines >= 2 && crowded * 10 <= lines && lines * 6 >= grid->end_row - from;
}

static bool
share_column(const struct table_grid *grid, const struct table_row *a, const struct table_row *b)
{
    for (uint32_t i = a->first; i < a->end; i++) {
        for (uint32_t k = b->first; k < b->end; k++) {
            if (table_first_column(grid, grid->pieces[i].box) ==
                table_first_column(grid, grid->pieces[k].box))
                return true;
        }
    }
    return false;
}

/* A label of several lines against figures at half of its height. */
static bool
is_centred_label(const struct table_grid *grid, const struct table_row *above,
                 const struct table_row *row)
{
    float skew = skew_min * grid->size;

    if (is_label_only(above) && row->has_first)
        return row->value_baseline < row->label_baseline - skew;
    return is_label_only(row) && above->has_first &&
           above->value_baseline > above->label_baseline + skew;
}

/* A line of a label nearer to this row than rows are to each other, with a wider step beside it. */
static bool
is_near_label(const struct table_grid *grid, const struct pitch *pitch, uint32_t r)
{
    const struct table_row *row = &grid->rows[r], *above = row - 1;
    float step = step_of(grid, r);
    float beside = fmaxf(step_of(grid, r - 1), step_of(grid, r + 1));

    return (is_label_only(above) || is_label_only(row)) && above->has_first && row->has_first &&
           step <= pitch_share * pitch->value && step * step_share <= beside;
}

/* Whether row r goes on with the cells of the one above it; filled: columns of that so far. */
static bool
continues_row(const struct table_grid *grid, const struct pitch *pitch, uint32_t r, uint32_t filled)
{
    const struct table_row *row = &grid->rows[r], *above = row - 1;
    float step = step_of(grid, r);

    if (row->wide_above)
        return false;
    if (pitch->ruled)
        return true;
    if (step < overlap_pitch * grid->size && !share_column(grid, above, row))
        return true;
    if (pitch->small > 0)
        return step <= gap_share * pitch->small;
    if (step > table_tight_pitch * grid->size)
        return false;
    if (is_centred_label(grid, above, row) || is_near_label(grid, pitch, r))
        return true;
    /* A label that begins on a line of its own and ends beside the figures. */
    if (is_label_only(above) && row->has_first && goes_on(first_character(grid, row)))
        return true;
    if (row->numeric)
        return false;
    if (!row->has_first)
        return row->filled < filled ||
               (row->filled <= filled && !above->numeric && !above->has_first);
    return row->filled == 1 && filled > 1 && goes_on(first_character(grid, row));
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

static bool
row_is_bold(const struct table_grid *grid, const struct table_row *row)
{
    for (uint32_t i = row->first; i < row->end; i++) {
        if (!is_bold(grid->layout, &grid->pieces[i]))
            return false;
    }
    return true;
}

/* Row after the head where a line drawn across parts them. */
static uint32_t
head_by_rule(const struct table_grid *grid)
{
    uint32_t rows = grid->end_row - grid->first_row, most = rows / 2;
    bool full = false;

    most = grid->first_row + (most < HEAD_ROWS_MAX ? most : HEAD_ROWS_MAX);
    for (uint32_t r = grid->first_row + 1; r <= most && r < grid->end_row; r++) {
        full |= grid->rows[r - 1].filled >= 2;
        if (full && grid->rows[r].wide_above)
            return r;
    }
    return grid->first_row;
}

static bool
is_year(const char *text)
{
    return (strncmp(text, "19", 2) == 0 || strncmp(text, "20", 2) == 0) &&
           strspn(text, "0123456789") == 4 && text[4] == '\0';
}

/* Figures, all of which are years, and no label: they head what is below, as words do. */
static bool
is_row_of_years(const struct table_grid *grid, uint32_t r)
{
    const struct table_row *row = &grid->rows[r];
    const struct layout *layout = grid->layout;

    for (uint32_t i = row->first; i < row->end; i++) {
        const struct frag *piece = &grid->pieces[i];
        if (piece->word_count != 1 ||
            !is_year(layout->page->words[layout->word_ids[piece->first_word]].text))
            return false;
    }
    return row->end >= row->first + 2 && !row->has_first;
}

/* Rows at the top without figures over rows with them, or bold over plain. */
static uint32_t
head_by_content(const struct table_grid *grid)
{
    uint32_t r = grid->first_row, bold = grid->first_row;

    while (r < grid->end_row && !grid->rows[r].numeric)
        r++;
    if (r + 1 < grid->end_row && is_row_of_years(grid, r) && grid->rows[r + 1].numeric)
        r++;
    while (bold < grid->end_row && row_is_bold(grid, &grid->rows[bold]))
        bold++;
    bool bold_top = bold > grid->first_row && bold < grid->end_row;
    if (r < grid->end_row && r > grid->first_row)
        return bold_top && bold < r ? bold : r;
    return bold_top ? bold : grid->first_row;
}

/* Lines are drawn below that one as well: they part all rows, the head perhaps not from the first.
 */
static bool
parts_all_rows(const struct table_grid *grid, uint32_t from)
{
    enum { LINES_LEAST = 2 };
    uint32_t lines = 0;

    for (uint32_t r = from + 1; r < grid->end_row; r++)
        lines += grid->rows[r].wide_above;
    return lines >= LINES_LEAST;
}

/* Rows without figures at the end of the head that have a label alone head what is below them. */
static uint32_t
head_end(const struct table_grid *grid)
{
    uint32_t rule = head_by_rule(grid), end = head_by_content(grid);

    if (rule > grid->first_row &&
        (end == grid->first_row || end >= rule || !parts_all_rows(grid, rule)))
        return rule;
    while (end > grid->first_row + 1 && is_label_only(&grid->rows[end - 1]))
        end--;
    return end;
}

/* A line of any length drawn between two rows. */
static bool
is_parted(const struct table_grid *grid, const struct table_row *above, const struct table_row *row)
{
    for (uint32_t i = 0; i < grid->rule_count; i++) {
        const struct table_rule *rule = &grid->rules[i];
        if (rule->y > above->baseline && rule->y < row->baseline - 0.3f * grid->size &&
            rule->x1 - rule->x0 > 2 * grid->size)
            return true;
    }
    return false;
}

/* Whether the entry stands over one below it as a line of the same cell does, or over nothing. */
static bool
is_over_one(const struct table_grid *grid, const struct frag *piece, const struct table_row *row)
{
    float slack = 0.6f * grid->size;
    bool free = true;

    for (uint32_t i = row->first; i < row->end; i++) {
        struct box a = piece->box, b = grid->pieces[i].box;
        free &= table_first_column(grid, a) != table_first_column(grid, b);
        if (a.x0 >= b.x1 || b.x0 >= a.x1)
            continue;
        if (fabsf(a.x0 - b.x0) < slack || fabsf(a.x1 - b.x1) < slack ||
            fabsf(a.x0 + a.x1 - b.x0 - b.x1) < 2 * slack)
            return true;
    }
    return free;
}

/* Entries over the middle ones of groups of as many columns each. */
static bool
is_over_groups(const struct table_grid *grid, const struct table_row *above,
               const struct table_row *row)
{
    uint32_t groups = above->filled, columns = row->filled;
    uint32_t first = grid->columns - columns / (groups > 0 ? groups : 1) * groups;

    if (groups < 2 || columns < groups * 3)
        return false;
    uint32_t width = columns / groups;
    if (width % 2 == 0 || first > 2 || above->end - above->first != groups)
        return false;
    for (uint32_t g = 0; g < groups; g++) {
        struct box box = grid->pieces[above->first + g].box;
        if (table_column_of(grid, (box.x0 + box.x1) / 2) != first + g * width + width / 2)
            return false;
    }
    return true;
}

/* Whether row r of the head goes on with the cells of the rows from `first` on. */
static bool
continues_head(const struct table_grid *grid, uint32_t first, uint32_t r)
{
    const struct table_row *row = &grid->rows[r], *above = row - 1;
    float step = row->baseline - above->baseline;

    if (step > table_tight_pitch * grid->size)
        return false;
    for (const struct table_row *other = &grid->rows[first]; other < row; other++) {
        if ((other == above || share_column(grid, other, row)) && is_parted(grid, other, row))
            return false;
    }
    if (step < overlap_pitch * grid->size && !share_column(grid, above, row))
        return true;
    for (uint32_t i = above->first; i < above->end; i++) {
        const struct frag *piece = &grid->pieces[i];
        bool spans = table_first_column(grid, piece->box) != table_last_column(grid, piece->box);
        if (spans || (row->filled > above->filled && !is_over_one(grid, piece, row)))
            return false;
    }
    return !is_over_groups(grid, above, row);
}

static uint32_t
number_head(struct table_grid *grid, uint32_t end)
{
    uint32_t logical = 0, first = grid->first_row;

    for (uint32_t r = grid->first_row; r < end; r++) {
        if (r > grid->first_row && !continues_head(grid, first, r)) {
            logical++;
            first = r;
        }
        grid->rows[r].logical = logical;
    }
    return end > grid->first_row ? logical + 1 : 0;
}

bool
table_number_rows(struct table_grid *grid, uint32_t *ret_rows)
{
    float *scratch = arena_array(grid->layout->arena, grid->row_count, sizeof(*scratch));
    uint32_t end = head_end(grid), filled = 0;

    if (scratch == NULL)
        return false;
    grid->header_rows = number_head(grid, end);
    struct pitch pitch = {.ruled = is_ruled(grid, end),
                          .value = value_pitch(grid, end, scratch),
                          .small = line_pitch(grid, end, scratch)};
    uint32_t logical = grid->header_rows;
    for (uint32_t r = end; r < grid->end_row; r++) {
        struct table_row *row = &grid->rows[r];
        bool same = r > end && continues_row(grid, &pitch, r, filled);
        if (r > end && !same)
            logical++;
        filled = same && filled > row->filled ? filled : row->filled;
        row->logical = logical;
    }
    *ret_rows = logical + (grid->end_row > end ? 1 : 0);
    return true;
}
