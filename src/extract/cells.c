/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which column of a table the words of a row stand in. */
#include "extract/table.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

const struct item *
cells_number_at(const struct solve *solve, uint32_t token)
{
    const struct items *items = solve->items;

    for (uint32_t k = items->at[token]; k < items->at[token + 1]; k++)
        if (items->items[k].kind == ITEM_NUMBER)
            return &items->items[k];
    return NULL;
}

bool
cells_is_word(const struct token *token)
{
    return isalpha((unsigned char)token->text[0]) || (unsigned char)token->text[0] >= 0x80;
}

/* How far a box is from a column; negative: how much they overlap. */
static float
distance(const struct column *column, struct box box)
{
    return fmaxf(column->box.x0, box.x0) - fminf(column->box.x1, box.x1);
}

static int
nearest(const struct head *head, struct box box, bool number)
{
    float best = 1e6F;
    int which = -1;

    for (uint32_t i = 0; i < head->column_count; i++) {
        const struct column *column = &head->columns[i];
        float d = distance(column, box);
        if (d > 0 && !number && box.x0 > column->box.x1) {
            /* Text runs on to the right of its title. */
            d *= 0.55F;
        } else if (d > 0 && number && column->numeric) {
            d *= 0.7F;
        }
        if (d < best) {
            best = d;
            which = (int)i;
        }
    }
    return which;
}

/* The column that a token lies under without doubt; -1: none or several. */
static int
strictly(const struct head *head, struct box box)
{
    int which = -1;

    for (uint32_t i = 0; i < head->column_count; i++)
        if (distance(&head->columns[i], box) < -0.5F) {
            if (which >= 0)
                return -1;
            which = (int)i;
        }
    return which;
}

void
cell_put(struct cell *cell, uint32_t token, bool first_row)
{
    if (cell->count == CELL_TOKENS_MAX)
        return;
    cell->tokens[cell->count++] = token;
    if (first_row)
        cell->first_line = cell->count;
}

bool
column_means(const struct solve *solve, const struct column *column, const char *name)
{
    for (uint32_t k = 0; k < column->concept_count; k++)
        if (strcmp(solve->lexicon->concepts[column->concepts[k]].name, name) == 0)
            return true;
    return false;
}

int
column_find(const struct solve *solve, const struct head *head, const char *name)
{
    int best = -1;
    float exact = 0;

    for (uint32_t i = 0; i < head->column_count; i++)
        for (uint32_t k = 0; k < head->columns[i].concept_count; k++)
            if (strcmp(solve->lexicon->concepts[head->columns[i].concepts[k]].name, name) == 0 &&
                head->columns[i].exact[k] >= exact) {
                exact = head->columns[i].exact[k];
                best = (int)i;
            }
    return best;
}

/* The row has as many parts as there are titles, and by place alone two parts would fall under one:
 * they belong together by their order. */
static bool
in_order(const struct solve *solve, const struct head *head, const struct row *row)
{
    const struct doc *doc = solve->doc;
    bool used[COLUMNS_MAX] = {false}, twice = false;

    if (row->count != head->column_count || row->count < 3)
        return false;
    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        bool number = cells_number_at(solve, seg->first) != NULL;
        int column = strictly(head, seg->box);
        if (column >= 0 && column != (int)s)
            return false; /* without doubt under another */
        if (column < 0)
            column = nearest(head, seg->box, number);
        if (column < 0)
            return false;
        twice = twice || used[column];
        used[column] = true;
    }
    return twice;
}

/* The cells of one row, by column; tokens of a segment stay together unless a number among them
 * lies under another title. */
void
row_cells(const struct solve *solve, const struct head *head, const struct row *row,
          struct cell ret_cells[COLUMNS_MAX])
{
    const struct doc *doc = solve->doc;

    for (uint32_t i = 0; i < head->column_count; i++)
        ret_cells[i].count = ret_cells[i].first_line = 0;
    if (in_order(solve, head, row)) {
        for (uint32_t s = 0; s < row->count; s++) {
            const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
            for (uint32_t t = seg->first; t < seg->first + seg->count; t++)
                cell_put(&ret_cells[s], t, true);
        }
        return;
    }
    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        int column = -1;
        for (uint32_t t = seg->first; t < seg->first + seg->count; t++) {
            const struct token *token = &doc->tokens[t];
            bool number = cells_number_at(solve, t) != NULL && !cells_is_word(token);
            int strict = strictly(head, token->box);
            bool gap =
                t > seg->first && token->box.x0 - doc->tokens[t - 1].box.x1 > 0.35F * seg->size;
            struct box rest = {token->box.x0, token->box.y0, seg->box.x1, token->box.y1};
            if (t == seg->first) {
                column = strict >= 0 ? strict : nearest(head, rest, number);
            } else if (strict >= 0 && strict != column &&
                       (gap || number || cells_number_at(solve, t - 1) != NULL)) {
                bool was_number = cells_number_at(solve, t - 1) != NULL;
                if (number || was_number)
                    column = strict;
            }
            if (column >= 0)
                cell_put(&ret_cells[column], t, true);
        }
    }
}

bool
cell_has_number(const struct solve *solve, const struct cell *cell)
{
    for (uint32_t i = 0; i < cell->count; i++)
        if (cells_number_at(solve, cell->tokens[i]) != NULL &&
            !cells_is_word(&solve->doc->tokens[cell->tokens[i]]))
            return true;
    return false;
}

/* The number of the position in the cell; -1: there is none. */
double
cell_position(const struct solve *solve, const struct cell *cell)
{
    const struct item *item =
        cell->count == 0 || cell->count > 2 ? NULL : cells_number_at(solve, cell->tokens[0]);

    return item == NULL || item->number.decimals != 0 ? -1 : item->number.value;
}

double
cell_number(const struct solve *solve, const struct cell *cell)
{
    for (uint32_t i = 0; i < cell->count; i++)
        if (cells_number_at(solve, cell->tokens[i]) != NULL)
            return cells_number_at(solve, cell->tokens[i])->number.value;
    return (double)NAN;
}
