/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/table_head.c - the cells at the head of a table without a grid. What an entry stands over
 * is told by the line drawn under it, else by the columns that it is centred on; an entry with
 * nothing above or below it takes the rows that are free. */
#include "layout/table_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float piece_gap = 1.0f;       /* between the pieces of one line, sizes */
static const float piece_height_pt = 0.6f; /* at one height */
static const float centre_slack = 0.9f; /* of an entry against the columns it stands over, sizes */

/* One entry of the head. */
struct head_cell {
    uint32_t row, row_end, column, column_end; /* ends: one past */
    uint32_t first, count;                     /* in head.ids */
};

struct head {
    const struct table_grid *grid;
    struct head_cell *cells;
    uint32_t count;
    uint32_t *ids;       /* fragments, cell after cell */
    uint32_t *owner;     /* [header_rows * columns] 1 + the cell that takes the place; 0: free */
    struct box *extents; /* [columns] what the body's text covers */
};

static uint32_t *
place(const struct head *head, uint32_t row, uint32_t column)
{
    return &head->owner[row * head->grid->columns + column];
}

static void
measure_extents(const struct head *head)
{
    const struct table_grid *grid = head->grid;

    for (uint32_t c = 0; c < grid->columns; c++)
        head->extents[c] = (struct box){INFINITY, 0, -INFINITY, 0};
    for (uint32_t r = grid->first_row; r < grid->end_row; r++) {
        const struct table_row *row = &grid->rows[r];
        for (uint32_t i = row->first; row->logical + 1 >= grid->header_rows && i < row->end; i++) {
            struct box box = grid->pieces[i].box;
            uint32_t c = table_first_column(grid, box);
            if (c != table_last_column(grid, box))
                continue;
            head->extents[c].x0 = fminf(head->extents[c].x0, box.x0);
            head->extents[c].x1 = fmaxf(head->extents[c].x1, box.x1);
        }
    }
}

/* Whether the line runs under other entries of the row as well. */
static bool
is_shared(const struct table_grid *grid, const struct table_row *row, const struct table_rule *rule,
          struct box box)
{
    for (uint32_t i = row->first; i < row->end; i++) {
        struct box other = grid->pieces[i].box;
        float middle = (other.x0 + other.x1) / 2;
        if (middle > rule->x0 && middle < rule->x1 && (middle < box.x0 || middle > box.x1))
            return true;
    }
    return false;
}

/* The line as it goes on in pieces at its height, a column's gap apart at most. */
static struct table_rule
whole_rule(const struct table_grid *grid, struct table_rule rule)
{
    for (bool grown = true; grown;) {
        grown = false;
        for (uint32_t i = 0; i < grid->rule_count; i++) {
            const struct table_rule *other = &grid->rules[i];
            if (fabsf(other->y - rule.y) > piece_height_pt ||
                other->x0 > rule.x1 + piece_gap * grid->size ||
                other->x1 < rule.x0 - piece_gap * grid->size ||
                (other->x0 >= rule.x0 && other->x1 <= rule.x1))
                continue;
            rule.x0 = fminf(rule.x0, other->x0);
            rule.x1 = fmaxf(rule.x1, other->x1);
            grown = true;
        }
    }
    return rule;
}

/* Whether the line is one under the entry alone. */
static bool
is_under(const struct table_grid *grid, const struct table_row *row, const struct table_rule *rule,
         struct box box)
{
    float middle = (box.x0 + box.x1) / 2, width = rule->x1 - rule->x0;

    return rule->x0 < middle && rule->x1 > middle && width < 0.95f * (grid->x1 - grid->x0) &&
           width > 0.6f * box_width(box) && !is_shared(grid, row, rule, box);
}

/* The line drawn under the entry, over the row below, in one piece or several. False: none of its
 * own. */
static bool
rule_under(const struct table_grid *grid, const struct table_row *row, float next_baseline,
           struct box box, struct table_rule *ret)
{
    for (uint32_t i = 0; i < grid->rule_count; i++) {
        const struct table_rule *rule = &grid->rules[i];
        if (rule->y <= row->baseline || rule->y >= next_baseline - 0.3f * grid->size ||
            !is_under(grid, row, rule, box))
            continue;
        struct table_rule whole = whole_rule(grid, *rule);
        *ret = is_under(grid, row, &whole, box) ? whole : *rule;
        return true;
    }
    return false;
}

static bool
is_free(const struct head *head, uint32_t row, uint32_t from, uint32_t end, uint32_t besides)
{
    for (uint32_t c = from; c < end; c++) {
        if (*place(head, row, c) != 0 && *place(head, row, c) != besides)
            return false;
    }
    return true;
}

/* Widens the cell to the columns over whose middle it stands; each must have an entry below. */
static void
widen_by_centre(const struct head *head, uint32_t index, struct box box)
{
    const struct table_grid *grid = head->grid;
    struct head_cell *cell = &head->cells[index];
    float middle = (box.x0 + box.x1) / 2, slack = centre_slack * grid->size;
    uint32_t from = cell->column, end = cell->column_end;

    for (uint32_t a = cell->column + 1; a-- > 1;) {
        for (uint32_t b = cell->column_end; b <= grid->columns; b++) {
            const struct box *left = &head->extents[a], *right = &head->extents[b - 1];
            float span = right->x1 - left->x0;
            bool below =
                *place(head, cell->row_end, a) != 0 && *place(head, cell->row_end, b - 1) != 0;
            if (!below || !is_free(head, cell->row, a, b, index + 1) || b - a <= end - from)
                continue;
            if (fabsf((left->x0 + right->x1) / 2 - middle) <= fmaxf(slack, 0.04f * span)) {
                from = a;
                end = b;
            }
        }
    }
    cell->column = from;
    cell->column_end = end;
}

static void
widen_by_rule(const struct head *head, uint32_t index, const struct table_rule *rule)
{
    struct head_cell *cell = &head->cells[index];

    for (uint32_t c = 0; c < head->grid->columns; c++) {
        float middle = (head->extents[c].x0 + head->extents[c].x1) / 2;
        if (!(middle >= rule->x0 && middle <= rule->x1)) /* an empty column has no middle */
            continue;
        if (c < cell->column && is_free(head, cell->row, c, cell->column, 0))
            cell->column = c;
        if (c >= cell->column_end && is_free(head, cell->row, cell->column_end, c + 1, 0))
            cell->column_end = c + 1;
    }
}

static void
claim(const struct head *head, uint32_t index)
{
    const struct head_cell *cell = &head->cells[index];

    for (uint32_t r = cell->row; r < cell->row_end; r++) {
        for (uint32_t c = cell->column; c < cell->column_end; c++)
            *place(head, r, c) = index + 1;
    }
}

/* The pieces of one logical row, rows [from, to), as cells by the columns that they begin in. */
static void
make_cells(struct head *head, uint32_t from, uint32_t to, const uint32_t *ids, uint32_t *used)
{
    const struct table_grid *grid = head->grid;
    uint32_t row = grid->rows[from].logical, first = grid->rows[from].first,
             end = grid->rows[to - 1].end;

    for (uint32_t c = 0; c < grid->columns; c++) {
        struct head_cell cell = {
            .row = row, .row_end = row + 1, .column = c, .column_end = c + 1, .first = *used};
        for (uint32_t i = first; i < end; i++) {
            struct box box = grid->pieces[i].box;
            if (table_first_column(grid, box) != c)
                continue;
            uint32_t last = table_last_column(grid, box) + 1;
            head->ids[(*used)++] = ids[i];
            cell.column_end = last > cell.column_end ? last : cell.column_end;
        }
        cell.count = *used - cell.first;
        if (cell.count == 0)
            continue;
        for (uint32_t k = c + 1; k < cell.column_end; k++) { /* ends before the next entry */
            for (uint32_t i = first; i < end; i++) {
                if (table_first_column(grid, grid->pieces[i].box) == k)
                    cell.column_end = k;
            }
        }
        head->cells[head->count] = cell;
        claim(head, head->count++);
    }
}

static struct box
box_of(const struct head *head, const struct head_cell *cell)
{
    const struct frag *frags = head->grid->layout->frags;
    struct box box = frags[head->ids[cell->first]].box;

    for (uint32_t i = 1; i < cell->count; i++)
        box = box_union(box, frags[head->ids[cell->first + i]].box);
    return box;
}

/* Physical row that ends the cell's logical row. */
static uint32_t
last_row_of(const struct table_grid *grid, uint32_t logical)
{
    uint32_t r = grid->first_row;

    while (r + 1 < grid->end_row && grid->rows[r + 1].logical <= logical)
        r++;
    return r;
}

static bool
says_the_same(const struct head *head, const struct head_cell *a, const struct head_cell *b)
{
    const struct layout *layout = head->grid->layout;
    const struct frag *x = &layout->frags[head->ids[a->first]];
    const struct frag *y = &layout->frags[head->ids[b->first]];

    if (a->count != 1 || b->count != 1 || x->word_count != y->word_count)
        return false;
    for (uint32_t i = 0; i < x->word_count; i++) {
        if (strcmp(layout->page->words[layout->word_ids[x->first_word + i]].text,
                   layout->page->words[layout->word_ids[y->first_word + i]].text) != 0)
            return false;
    }
    return true;
}

/* Cells of the row, those at column `from` and behind, one after the other in head.cells. */
static uint32_t
cells_of(const struct head *head, uint32_t row, uint32_t from, uint32_t *ret_count)
{
    uint32_t first = head->count;

    *ret_count = 0;
    for (uint32_t i = 0; i < head->count; i++) {
        if (head->cells[i].row != row || head->cells[i].column < from)
            continue;
        first = *ret_count == 0 ? i : first;
        (*ret_count)++;
    }
    return first;
}

/* "2023 2022 2023 2022" below: as many groups of the same entries as the row has cells, each of
 * which stands over one. False: it is not so. */
static bool
widen_by_groups(const struct head *head, uint32_t row)
{
    uint32_t below_count, count;
    uint32_t below = cells_of(head, row + 1, 0, &below_count);

    if (below_count < 4)
        return false;
    uint32_t base = head->cells[below].column;
    uint32_t first = cells_of(head, row, base, &count);
    if (count < 2 || below_count % count != 0 || below_count == count)
        return false;
    uint32_t width = below_count / count;
    for (uint32_t i = 0; i < below_count; i++) {
        const struct head_cell *cell = &head->cells[below + i];
        if (cell->column != base + i || cell->column_end != cell->column + 1 ||
            (i >= width && !says_the_same(head, cell, cell - width)))
            return false;
    }
    for (uint32_t k = 0; k < count; k++) {
        const struct head_cell *cell = &head->cells[first + k];
        if (cell->column < base + k * width || cell->column_end > base + (k + 1) * width)
            return false;
    }
    for (uint32_t k = 0; k < count; k++) {
        head->cells[first + k].column = base + k * width;
        head->cells[first + k].column_end = base + (k + 1) * width;
        claim(head, first + k);
    }
    return true;
}

static void
widen_cells(const struct head *head)
{
    const struct table_grid *grid = head->grid;
    uint32_t grouped = UINT32_MAX, looked = UINT32_MAX; /* rows */

    for (uint32_t i = 0; i < head->count; i++) {
        struct head_cell *cell = &head->cells[i];
        struct box box = box_of(head, cell);
        if (cell->row + 1 >= grid->header_rows)
            continue;
        if (cell->row != looked && widen_by_groups(head, cell->row))
            grouped = cell->row;
        looked = cell->row;
        if (cell->row == grouped)
            continue;
        uint32_t r = last_row_of(grid, cell->row);
        struct table_rule rule;
        if (rule_under(grid, &grid->rows[r], grid->rows[r + 1].baseline, box, &rule))
            widen_by_rule(head, i, &rule);
        else if (cell->column > 0)
            widen_by_centre(head, i, box);
        claim(head, i);
    }
}

/* Entries take the free places above and below them. */
static void
stretch_cells(const struct head *head)
{
    for (uint32_t i = 0; i < head->count; i++) {
        struct head_cell *cell = &head->cells[i];
        while (cell->row > 0 && is_free(head, cell->row - 1, cell->column, cell->column_end, 0)) {
            cell->row--;
            claim(head, i);
        }
    }
    for (uint32_t i = 0; i < head->count; i++) {
        struct head_cell *cell = &head->cells[i];
        while (cell->row_end < head->grid->header_rows &&
               is_free(head, cell->row_end, cell->column, cell->column_end, 0)) {
            cell->row_end++;
            claim(head, i);
        }
    }
}

static int
by_place(const void *a, const void *b)
{
    const struct head_cell *x = a, *y = b;

    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

bool
table_add_head(const struct table_grid *grid, const uint32_t *ids)
{
    struct arena *arena = grid->layout->arena;
    uint32_t pieces = grid->piece_count, used = 0, r = grid->first_row;
    struct head head = {
        .grid = grid,
        .cells = arena_array(arena, pieces, sizeof(*head.cells)),
        .ids = arena_array(arena, pieces, sizeof(*head.ids)),
        .owner = arena_array(arena, (size_t)grid->header_rows * grid->columns, sizeof(uint32_t)),
        .extents = arena_array(arena, grid->columns, sizeof(struct box))};

    if (head.cells == NULL || head.ids == NULL || head.owner == NULL || head.extents == NULL)
        return false;
    memset(head.owner, 0, (size_t)grid->header_rows * grid->columns * sizeof(uint32_t));
    measure_extents(&head);
    while (r < grid->end_row && grid->rows[r].logical < grid->header_rows) {
        uint32_t to = r + 1;
        while (to < grid->end_row && grid->rows[to].logical == grid->rows[r].logical)
            to++;
        make_cells(&head, r, to, ids, &used);
        r = to;
    }
    widen_cells(&head);
    stretch_cells(&head);
    qsort(head.cells, head.count, sizeof(*head.cells), by_place);
    for (uint32_t i = 0; i < head.count; i++) {
        const struct head_cell *c = &head.cells[i];
        if (!table_add_cell(grid->layout, c->row, c->column, c->row_end - c->row,
                            c->column_end - c->column, true, head.ids + c->first, c->count))
            return false;
    }
    return true;
}
