/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Identifiers of a line item that stand behind a label of their own inside its cells: "Item no.:
 * 4711" below the description, or several numbers in one column. */
#include "extract/table.h"

#include <string.h>

enum { CODE_REACH = 3 };

/* Where a token stands in the item; false: elsewhere. */
static bool
find_in(const struct line_item *item, uint32_t columns, uint32_t token, uint32_t *ret_cell,
        uint32_t *ret_at)
{
    for (uint32_t i = 0; i < columns; i++)
        for (uint32_t k = 0; k < item->cells[i].count; k++)
            if (item->cells[i].tokens[k] == token) {
                *ret_cell = i;
                *ret_at = k;
                return true;
            }
    return false;
}

/* The first code behind the label, in its line of the cell or the one below. */
static const struct item *
code_behind(const struct solve *solve, const struct cell *cell, uint32_t at)
{
    const struct items *items = solve->items;

    for (uint32_t i = at; i < cell->count && i < at + CODE_REACH; i++) {
        uint32_t token = cell->tokens[i], run = solve->labels->run_of[token];
        if (run != NONE && solve->labels->runs[run].colon)
            return NULL; /* the next label */
        for (uint32_t k = items->at[token]; k < items->at[token + 1]; k++)
            if (items->items[k].kind == ITEM_CODE && strpbrk(items->items[k].text, ",%") == NULL)
                return &items->items[k];
    }
    return NULL;
}

static const struct item *
code_of(const struct solve *solve, const struct label *label, const struct line_item *item,
        uint32_t columns)
{
    const struct run *run = &solve->labels->runs[label->run];
    uint32_t cell, at;

    if (label->exact < 0.6F || !(run->colon || label->count > 1 || label->exact >= 0.95F) ||
        !find_in(item, columns, run->first + run->count - 1, &cell, &at))
        return NULL;
    return code_behind(solve, &item->cells[cell], at + 1);
}

/* Of several labels the one that says most. */
struct value *
labelled_in_item(struct solve *solve, const struct field *field, const struct line_item *item,
                 uint32_t columns)
{
    const struct labels *labels = solve->labels;
    const struct item *best = NULL;
    size_t most = 0;

    if (field->type != TYPE_ID || field->concept == 0 || field->generic)
        return NULL;
    for (uint32_t k = labels->concept_first[field->concept];
         k < labels->concept_first[field->concept + 1]; k++) {
        const struct label *label = &labels->labels[labels->by_concept[k]];
        size_t len = 0;
        for (uint32_t t = label->first; t < label->first + label->count; t++)
            len += strlen(solve->doc->tokens[t].key);
        const struct item *code = len <= most ? NULL : code_of(solve, label, item, columns);
        if (code == NULL)
            continue;
        best = code;
        most = len;
    }
    return best == NULL ? NULL : make_item(solve, field, best, 0.85F);
}
