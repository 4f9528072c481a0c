/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/table.h"

#include <string.h>

/* A row of sums or taxes ends the items. */
bool
bodyrow_is_sum(const struct solve *solve, const struct row *row)
{
    static const char *const names[] = {
        "total_net",  "total_gross",    "lines_total",     "total_tax",
        "amount_due", "shipping_cost",  "discount",        "paid",
        "rounding",   "service_charge", "opening_balance", "closing_balance"};
    const struct doc *doc = solve->doc;
    const struct labels *labels = solve->labels;
    bool money = false, label = false;

    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        for (uint32_t t = seg->first; t < seg->first + seg->count; t++)
            money = money || (cells_number_at(solve, t) != NULL &&
                              cells_number_at(solve, t)->number.decimals > 0);
    }
    const struct seg *first = &doc->segs[doc->row_segs[row->first]];
    for (uint32_t i = 0; i < labels->label_count && !label; i++) {
        const struct label *at = &labels->labels[i];
        if (at->exact < 0.75F || doc->segs[doc->tokens[at->first].seg].row != first->row)
            continue;
        if (doc->tokens[at->first].seg != doc->row_segs[row->first] || at->first != first->first)
            continue;
        for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
            label = label || strcmp(solve->lexicon->concepts[at->concept].name, names[n]) == 0;
    }
    return label && money;
}

/* "Total credits: 24   Average: 3.62", or a sentence: no row of a table. */
bool
bodyrow_is_remark(const struct solve *solve, const struct row *row)
{
    const struct doc *doc = solve->doc;
    const struct seg *seg = &doc->segs[doc->row_segs[row->first]];
    uint32_t run = solve->labels->run_of[seg->first];

    return doc_is_prose(doc, seg->first, seg->count) ||
           (run != NONE && solve->labels->runs[run].first == seg->first &&
            solve->labels->runs[run].colon);
}

/* "Packages: 12    Gross weight: 318.4 kg": labels with their values. */
bool
bodyrow_is_pairs(const struct solve *solve, const struct row *row)
{
    const struct doc *doc = solve->doc;
    uint32_t pairs = 0;

    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        uint32_t run = solve->labels->run_of[seg->first];
        bool pair = run != NONE && solve->labels->runs[run].first == seg->first &&
                    solve->labels->runs[run].colon;
        if (!pair && s == 0)
            return false;
        pairs += pair;
    }
    return pairs >= 2;
}

bool
bodyrow_is_furniture(const struct solve *solve, const struct row *row)
{
    const struct doc *doc = solve->doc;
    const struct seg *seg = &doc->segs[doc->row_segs[row->first]];
    uint8_t block = doc->lines[seg->line].block;

    return block_is_furniture(block);
}

/* Titles of another table: several labels side by side and no number. */
bool
bodyrow_is_other_head(const struct solve *solve, const struct row *row)
{
    const struct doc *doc = solve->doc;
    const struct labels *labels = solve->labels;
    uint32_t named = 0;

    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        uint32_t run = labels->run_of[seg->first];
        bool number = false;
        for (uint32_t t = seg->first; t < seg->first + seg->count; t++)
            number = number || cells_number_at(solve, t) != NULL;
        if (number && named < 3) /* sums may stand right of the titles */
            return false;
        for (uint32_t i = 0; run != NONE && i < labels->label_count; i++)
            if (labels->labels[i].run == run && labels->labels[i].exact >= 0.85F) {
                named++;
                break;
            }
    }
    return row->count >= 3 && named >= 2 && named * 2 >= row->count;
}
