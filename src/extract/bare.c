/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lists without a header, as receipts and statements have them: rows of words with an amount at
 * their end, above the first sum. */
#include "extract/table.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { ROWS_MAX = 400 };

/* The columns that such a list can have. */
enum bare_column { BARE_NAME, BARE_QUANTITY, BARE_PRICE, BARE_TOTAL, BARE_COLUMNS };

static const char *const column_concepts[BARE_COLUMNS] = {"item_description", "item_quantity",
                                                          "item_unit_price", "item_total"};

static const struct item *
number_at(const struct solve *solve, uint32_t token)
{
    const struct items *items = solve->items;

    for (uint32_t k = items->at[token]; k < items->at[token + 1]; k++)
        if (items->items[k].kind == ITEM_NUMBER)
            return &items->items[k];
    return NULL;
}

static uint32_t
tokens_of_row(const struct solve *solve, uint32_t index, uint32_t tokens[CELL_TOKENS_MAX])
{
    const struct doc *doc = solve->doc;
    const struct row *row = &doc->rows[index];
    uint32_t n = 0;

    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        for (uint32_t t = seg->first; t < seg->first + seg->count && n < CELL_TOKENS_MAX; t++)
            tokens[n++] = t;
    }
    return n;
}

/* A label of a sum, a payment or a number stands in the row: no item. */
static bool
is_labelled(const struct solve *solve, uint32_t row)
{
    const struct labels *labels = solve->labels;

    for (uint32_t i = 0; i < labels->label_count; i++) {
        const struct label *label = &labels->labels[i];
        const struct concept *concept = &solve->lexicon->concepts[label->concept];
        if (label->exact >= 0.6F && !concept->item && concept->type != TYPE_ROLE &&
            concept->type != TYPE_TEXT && concept->type != TYPE_NAME &&
            solve->doc->segs[solve->doc->tokens[label->first].seg].row == row)
            return true;
    }
    return false;
}

static bool
is_letter(const char *text)
{
    return isalpha((unsigned char)*text) || (unsigned char)*text >= 0x80;
}

static void
put(struct cell *cell, uint32_t token)
{
    if (cell->count < CELL_TOKENS_MAX)
        cell->tokens[cell->count++] = token;
    cell->first_line = cell->count;
}

/* Words, then perhaps quantity and price, then an amount with two decimals. */
static bool
read_item(const struct solve *solve, uint32_t row, struct line_item *ret)
{
    uint32_t tokens[CELL_TOKENS_MAX];
    uint32_t n = tokens_of_row(solve, row, tokens), words = 0, end = n;
    const struct item *total = NULL;

    for (uint32_t i = n; i > 0 && i + 3 > n && total == NULL; i--) {
        const struct item *item = number_at(solve, tokens[i - 1]);
        if (item != NULL && item->number.decimals == 2 && !item->number.percent) {
            total = item;
            end = i - 1;
        }
    }
    if (total == NULL || is_labelled(solve, row))
        return false;
    if (end > 0 && total->first == tokens[end - 1]) /* the currency stood before it */
        end--;
    *ret = (struct line_item){.row = row};
    put(&ret->cells[BARE_TOTAL], total->first);
    for (uint32_t i = 0; i < end; i++) {
        const struct item *item = number_at(solve, tokens[i]);
        const char *text = solve->doc->tokens[tokens[i]].text;
        bool times = strcmp(text, "x") == 0 || strcmp(text, "×") == 0 || strcmp(text, "*") == 0;
        if (times && ret->cells[BARE_QUANTITY].count > 0)
            continue; /* "2 x 6,50" */
        bool tail = item != NULL && !is_letter(solve->doc->tokens[tokens[i]].text);
        for (uint32_t k = i; tail && k < end; k++)
            tail = !is_letter(solve->doc->tokens[tokens[k]].text) ||
                   solve->doc->tokens[tokens[k]].key[1] == '\0';
        if (tail && item->number.decimals != 2 && item->number.digits > 2)
            tail = false; /* a year, a size */
        if (!tail || words == 0) {
            put(&ret->cells[BARE_NAME], tokens[i]);
            words += is_letter(solve->doc->tokens[tokens[i]].text);
            continue;
        }
        put(&ret->cells[item->number.decimals == 2 ? BARE_PRICE : BARE_QUANTITY], tokens[i]);
    }
    return words > 0 && ret->cells[BARE_NAME].count <= 16;
}

/* The row of the first sum; the end of the document if there is none. */
static uint32_t
first_sum(const struct solve *solve)
{
    static const char *const names[] = {"total_gross", "total_net", "amount_due", "lines_total"};
    const struct labels *labels = solve->labels;
    uint32_t best = solve->doc->row_count;

    for (uint32_t i = 0; i < labels->label_count; i++)
        for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
            uint32_t row = solve->doc->segs[solve->doc->tokens[labels->labels[i].first].seg].row;
            if (labels->labels[i].exact < 0.8F || row >= best ||
                strcmp(solve->lexicon->concepts[labels->labels[i].concept].name, names[n]) != 0)
                continue;
            uint32_t tokens[CELL_TOKENS_MAX], count = tokens_of_row(solve, row, tokens);
            for (uint32_t t = 0; t < count; t++)
                if (number_at(solve, tokens[t]) != NULL)
                    best = row;
        }
    return best;
}

bool
bare_read(struct solve *solve, struct head *ret_head, struct line_items *ret_items)
{
    uint32_t end = first_sum(solve);

    *ret_head = (struct head){.column_count = BARE_COLUMNS};
    for (int i = 0; i < BARE_COLUMNS; i++) {
        struct column *column = &ret_head->columns[i];
        column->concepts[0] = lexicon_concept(solve->lexicon, column_concepts[i]);
        column->exact[0] = 0.8F;
        column->concept_count = 1;
        column->first = 0;
    }
    *ret_items = (struct line_items){.head = ret_head};
    ret_items->items = arena_array(solve->arena, ROWS_MAX, sizeof(struct line_item));
    if (ret_items->items == NULL)
        return false;
    ret_items->cap = ROWS_MAX;
    for (uint32_t r = 0; r < end && ret_items->count < ROWS_MAX; r++)
        ret_items->count += read_item(solve, r, &ret_items->items[ret_items->count]);
    bool priced = false;
    for (uint32_t i = 0; i < ret_items->count; i++)
        priced = priced || ret_items->items[i].cells[BARE_PRICE].count > 0;
    if (!priced) { /* the only amount is the price as well */
        struct column *total = &ret_head->columns[BARE_TOTAL];
        total->concepts[1] = lexicon_concept(solve->lexicon, "item_unit_price");
        total->exact[1] = 0.5F;
        total->concept_count = 2;
        ret_head->columns[BARE_PRICE].concept_count = 0;
    }
    return ret_items->count > 1 || (ret_items->count == 1 && strcmp(solve->kind, "receipt") == 0);
}
