/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/table.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Rows that are part of an item without a number of their own, at most. */
enum { LINES_OF_ITEM_MAX = 24, ROWS_KEPT = LINES_OF_ITEM_MAX + 8, ANCHOR_ROWS = 60 };

struct reading {
    struct solve *solve;
    struct head head;
    struct line_items *found;
    struct line_item *current;
    bool closed;    /* the item's block has ended */
    bool paused;    /* behind a sum: only rows that multiply go on (groups of items) */
    uint32_t lines; /* rows since the item began */
    float last_bottom;
    uint32_t last_page;
    int anchor;               /* column of positions; -1: none */
    double position;          /* of the item, by the anchor; 0: none yet */
    uint32_t rows[ROWS_KEPT]; /* of the item; before the first one, below the header */
    uint32_t row_count;
};

/* What stands below is no part of the item. */
static void
leave_item(struct reading *reading)
{
    reading->current = NULL;
    reading->closed = false;
    reading->row_count = 0;
}

/* Behind a sum that does not say it is carried on, nothing goes on without proof. */
static bool
take_carried(struct reading *reading, const struct row *row)
{
    bool said;

    if (!overleaf_is_sum(reading->solve, &reading->head, reading->found, row, &said))
        return false;
    reading->paused = !said && row->page == reading->last_page;
    leave_item(reading);
    return true;
}

/* The items go on from the row of a new page on if its table, without titles, is theirs. */
static void
turn_page(struct reading *reading, uint32_t *row, bool *inside)
{
    const struct doc *doc = reading->solve->doc;
    uint32_t page = doc->rows[*row].page;
    float top;

    if (!overleaf_follow(reading->solve, page, &reading->head, &top))
        return;
    while (*row + 1 < doc->row_count && doc->rows[*row].box.y1 < top &&
           doc->rows[*row + 1].page == page)
        ++*row;
    if (reading->closed || !*inside)
        leave_item(reading);
    *inside = true;
    reading->paused = false;
    reading->last_page = page;
    reading->last_bottom = doc->rows[*row].box.y0;
}

static struct line_item *
begin(struct reading *reading, uint32_t row)
{
    struct line_items *found = reading->found;

    if (found->count == found->cap) {
        uint32_t cap = found->cap * 2 + 16;
        void *more = cap > ITEMS_MAX * 2 ? NULL
                                         : arena_grow(reading->solve->arena, found->items,
                                                      found->count, cap, sizeof(struct line_item));
        if (more == NULL)
            return NULL;
        found->items = more;
        found->cap = cap;
    }
    struct line_item *item = &found->items[found->count++];
    item->row = row;
    reading->lines = 0;
    return item;
}

static void
add_cells(struct reading *reading, const struct cell cells[COLUMNS_MAX], bool first_row)
{
    for (uint32_t i = 0; i < reading->head.column_count; i++) {
        struct cell *into = &reading->current->cells[i];
        bool first = first_row || into->count == 0;
        for (uint32_t k = 0; k < cells[i].count; k++)
            cell_put(into, cells[i].tokens[k], first);
    }
}

/* A number of an item stands in the row, its position aside. */
static bool
has_numbers(const struct reading *reading, const struct cell cells[COLUMNS_MAX])
{
    for (uint32_t i = 0; i < reading->head.column_count; i++)
        if (reading->head.columns[i].numeric && (int)i != reading->anchor &&
            cell_has_number(reading->solve, &cells[i]))
            return true;
    return false;
}

/* Any table: the column that each row fills is filled, and another one. */
static bool
begins_own(const struct head *head, const struct cell cells[COLUMNS_MAX])
{
    uint32_t filled = 0;

    for (uint32_t i = 0; i < head->column_count; i++)
        filled += cells[i].count > 0;
    return filled >= 2 && (head->lead < 0 || cells[head->lead].count > 0);
}

/* Any table: what stands below a row without beginning one has numbers that the row has too, so it
 * is a sum or another matter. */
static bool
ends_own(const struct reading *reading, const struct cell cells[COLUMNS_MAX])
{
    for (uint32_t i = 0; reading->head.own && i < reading->head.column_count; i++)
        if (reading->head.columns[i].numeric && cell_has_number(reading->solve, &cells[i]) &&
            cell_has_number(reading->solve, &reading->current->cells[i]))
            return true;
    return false;
}

/* "Total FOB value   473,500": words and one amount, and nothing where the goods are named. */
static bool
names_sum(const struct reading *reading, const struct row *row,
          const struct cell cells[COLUMNS_MAX])
{
    const struct solve *solve = reading->solve;
    const struct seg *first = &solve->doc->segs[solve->doc->row_segs[row->first]];
    int goods = column_find(solve, &reading->head, "item_description");

    return goods >= 0 && cells[goods].count == 0 && row->count == 2 && first->count <= 6 &&
           cells_is_word(&solve->doc->tokens[first->first]) &&
           cells_number_at(solve, first->first) == NULL;
}

/* A number where the item has one already, or the next position: another item begins. */
static bool
begins(const struct reading *reading, const struct cell cells[COLUMNS_MAX])
{
    const struct solve *solve = reading->solve;
    const struct head *head = &reading->head;
    uint32_t numbers = 0, columns = 0;
    bool sum = false;

    if (head->own)
        return begins_own(head, cells);

    if (reading->anchor >= 0) {
        return cell_position(solve, &cells[reading->anchor]) >= 0;
    }
    for (uint32_t i = 0; i < head->column_count; i++) {
        const struct column *column = &head->columns[i];
        bool total = column_means(solve, column, "item_total") ||
                     column_means(solve, column, "item_balance");
        if (!column->numeric || column_means(solve, column, "item_description"))
            continue;
        columns++;
        if (cells[i].count == 0 || cells_is_word(&solve->doc->tokens[cells[i].tokens[0]]) ||
            !cell_has_number(solve, &cells[i]))
            continue;
        /* A number that the item lacks yet belongs to it, if it stands close. */
        bool has = reading->current != NULL && cell_has_number(solve, &reading->current->cells[i]);
        numbers += reading->current == NULL || has || reading->lines > 2;
        sum = sum || (total && (reading->current == NULL || has));
    }
    return numbers >= 2 || sum || (columns == 1 && numbers == 1);
}

/* A column of positions counts if a row of numbers has one, or if they count up by themselves. */
static void
choose_anchor(struct reading *reading, uint32_t first_row)
{
    const struct doc *doc = reading->solve->doc;
    int position = column_find(reading->solve, &reading->head, "item_position");
    uint32_t seen = 0, counted = 0;
    double last = 0;

    reading->anchor = -1;
    for (uint32_t r = first_row; position >= 0 && r < doc->row_count && r < first_row + ANCHOR_ROWS;
         r++) {
        struct cell cells[COLUMNS_MAX];
        if (doc->rows[r].page != doc->rows[first_row].page)
            break;
        row_cells(reading->solve, &reading->head, &doc->rows[r], cells);
        double number = cell_position(reading->solve, &cells[position]);
        if (number < 0)
            continue;
        seen += r < first_row + 12 && has_numbers(reading, cells);
        counted += number == last + 1 || (counted > 0 && number == last + 10) || number == 10;
        last = number;
    }
    if (seen > 0 || counted >= 2)
        reading->anchor = position;
}

/* Numbers lie below numeric titles; only such columns draw a number that lies beside all. */
static void
mark_numeric(struct reading *reading)
{
    for (uint32_t i = 0; i < reading->head.column_count; i++) {
        struct column *column = &reading->head.columns[i];
        for (uint32_t k = 0; k < column->concept_count; k++) {
            enum concept_type type = reading->solve->lexicon->concepts[column->concepts[k]].type;
            column->numeric = column->numeric || type == TYPE_MONEY || type == TYPE_NUMBER ||
                              type == TYPE_PERCENT;
        }
    }
}

/* Quantity, price and total are there and multiply, or would without a discount. */
static bool
proves(const struct reading *reading, const struct cell cells[COLUMNS_MAX])
{
    static const char *const names[] = {"item_quantity", "item_unit_price", "item_total"};
    double number[3];

    for (int i = 0; i < 3; i++) {
        int column = column_find(reading->solve, &reading->head, names[i]);
        if (column < 0)
            return false;
        number[i] = cell_number(reading->solve, &cells[column]);
    }
    double full = number[0] * number[1];
    return full != 0 && number[2] / full > 0.49 && number[2] / full < 1.01;
}

/* Rows that belong to the next item though they stand above its number, which is set in the middle
 * of its rows: those behind the largest gap. Returns how many; they are taken from the item. */
static uint32_t
take_back(struct reading *reading, uint32_t ret_rows[ROWS_KEPT])
{
    const struct doc *doc = reading->solve->doc;
    struct cell cells[COLUMNS_MAX];
    uint32_t from = 0, n = 0;
    float widest = 0.3F * doc->size;

    for (uint32_t i = 1; reading->current != NULL && i < reading->row_count; i++) {
        float gap = doc->rows[reading->rows[i]].box.y0 - doc->rows[reading->rows[i - 1]].box.y1;
        if (gap >= widest) {
            widest = gap;
            from = i;
        }
    }
    if (reading->current != NULL && from == 0)
        return 0;
    bool any = false;
    for (uint32_t i = from; i < reading->row_count; i++) {
        row_cells(reading->solve, &reading->head, &doc->rows[reading->rows[i]], cells);
        any = any || has_numbers(reading, cells);
        ret_rows[n++] = reading->rows[i];
    }
    if (!any)
        return 0;
    if (reading->current != NULL) {
        for (uint32_t c = 0; c < COLUMNS_MAX; c++)
            reading->current->cells[c].count = 0;
        for (uint32_t i = 0; i < from; i++) {
            row_cells(reading->solve, &reading->head, &doc->rows[reading->rows[i]], cells);
            add_cells(reading, cells, i == 0);
        }
    }
    return n;
}

static void
keep_row(struct reading *reading, uint32_t index)
{
    if (reading->row_count < ROWS_KEPT)
        reading->rows[reading->row_count++] = index;
}

static bool
begin_item(struct reading *reading, uint32_t index, const struct cell cells[COLUMNS_MAX])
{
    const struct solve *solve = reading->solve;
    uint32_t back[ROWS_KEPT], n = 0;

    if (reading->anchor >= 0 && !has_numbers(reading, cells))
        n = take_back(reading, back);
    struct line_item *item = begin(reading, n > 0 ? back[0] : index);
    if (item == NULL)
        return false;
    for (uint32_t i = 0; i < COLUMNS_MAX; i++)
        item->cells[i].count = 0;
    reading->current = item;
    reading->closed = false;
    reading->row_count = 0;
    if (reading->anchor >= 0)
        reading->position = cell_position(solve, &cells[reading->anchor]);
    for (uint32_t i = 0; i < n; i++) {
        struct cell above[COLUMNS_MAX];
        row_cells(reading->solve, &reading->head, &solve->doc->rows[back[i]], above);
        add_cells(reading, above, i == 0);
        keep_row(reading, back[i]);
    }
    add_cells(reading, cells, n == 0);
    keep_row(reading, index);
    return true;
}

/* Behind a sum the items go on where the next position stands, or a row that multiplies. */
static bool
goes_on(const struct reading *reading, const struct cell cells[COLUMNS_MAX])
{
    if (reading->anchor >= 0) {
        double step = cell_position(reading->solve, &cells[reading->anchor]) - reading->position;
        if (step == 1 || step == 10)
            return true;
    }
    return proves(reading, cells);
}

/* One row below the header. False: the items end. */
static bool
take_row(struct reading *reading, uint32_t index)
{
    const struct solve *solve = reading->solve;
    const struct row *row = &solve->doc->rows[index];
    struct cell cells[COLUMNS_MAX];

    if (!reading->head.own && take_carried(reading, row))
        return true;
    row_cells(reading->solve, &reading->head, row, cells);
    bool begin_here = begins(reading, cells) && !bodyrow_is_pairs(solve, row);
    if (begin_here && reading->anchor < 0 && reading->found->count > 0 &&
        names_sum(reading, row, cells)) {
        reading->paused = true;
        return true;
    }
    /* The last item of a page may be taken for its foot. */
    if (bodyrow_is_furniture(solve, row) &&
        !(begin_here && reading->anchor >= 0 && has_numbers(reading, cells) &&
          goes_on(reading, cells)))
        return true;
    if (reading->head.own && reading->found->count == 0 && bodyrow_is_sum(solve, row))
        return true;
    if (bodyrow_is_sum(solve, row) && !(begin_here && reading->anchor >= 0) &&
        reading->found->count > 0) {
        reading->paused = true;
        return true;
    }
    if (reading->paused && !(begin_here && goes_on(reading, cells)))
        return true;
    reading->paused = false;
    if (reading->head.own && bodyrow_is_remark(solve, row))
        return reading->found->count == 0;
    if (begin_here) {
        if (!begin_item(reading, index, cells))
            return false;
    } else if (reading->current != NULL) {
        float gap = row->box.y0 - reading->last_bottom;
        reading->closed = reading->closed ||
                          (reading->last_page == row->page && gap > 3 * solve->doc->size) ||
                          ++reading->lines > LINES_OF_ITEM_MAX ||
                          bodyrow_is_other_head(solve, row) || ends_own(reading, cells);
        if (reading->closed && reading->anchor < 0)
            return false;
        if (!reading->closed)
            add_cells(reading, cells, false);
        if (!reading->closed || reading->anchor >= 0)
            keep_row(reading, index);
    } else if (reading->anchor >= 0) {
        keep_row(reading, index); /* above the number of the first item */
    }
    reading->last_bottom = row->box.y1;
    reading->last_page = row->page;
    return true;
}

/* The row of the same titles on a new page, if they are repeated there; else the row itself. */
static uint32_t
skip_page_head(const struct solve *solve, const struct head *head, uint32_t row)
{
    enum { ROWS_ABOVE = 25 };
    const struct doc *doc = solve->doc;
    struct head again;

    for (uint32_t r = row;
         r < doc->row_count && r < row + ROWS_ABOVE && doc->rows[r].page == doc->rows[row].page;
         r++)
        if (head_again(solve, head, r, &again))
            return r;
    return row;
}

void
body_read(struct solve *solve, const struct head *head, struct line_items *ret_items)
{
    const struct doc *doc = solve->doc;
    struct reading reading = {.solve = solve, .head = *head, .found = ret_items};
    uint32_t turned = head->page; /* the last page whose beginning was looked at */
    bool inside = true;

    *ret_items = (struct line_items){.head = head};
    if (!head->own)
        mark_numeric(&reading);
    reading.anchor = -1;
    if (!head->own)
        choose_anchor(&reading, head->first_row + head->row_count);
    reading.last_bottom = doc->rows[head->first_row + head->row_count - 1].box.y1;
    reading.last_page = head->page;
    for (uint32_t r = head->first_row + head->row_count; r < doc->row_count; r++) {
        struct head again;
        if (doc->rows[r].page != reading.last_page && !inside && ret_items->count == 0)
            break;
        if (doc->rows[r].page != reading.last_page)
            r = skip_page_head(solve, head, r); /* letterhead and titles, again */
        if (doc->rows[r].page != turned && ret_items->count > 0) {
            turned = doc->rows[r].page;
            if (!head->own && !head_again(solve, head, r, &again))
                turn_page(&reading, &r, &inside);
        }
        if (head_again(solve, head, r, &again)) {
            reading.head = again;
            if (reading.paused || reading.closed)
                leave_item(&reading);
            reading.paused = false; /* a sum above ended a page, not the items */
            if (!again.own) {
                mark_numeric(&reading);
                choose_anchor(&reading, r + again.row_count);
            }
            inside = again.column_count == head->column_count;
            r += again.row_count - 1;
            reading.last_bottom = doc->rows[r].box.y1;
            reading.last_page = doc->rows[r].page;
            continue;
        }
        if (inside)
            inside = take_row(&reading, r);
    }
}
