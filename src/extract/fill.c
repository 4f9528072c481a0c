/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The fields of a record, from its own words: behind labels, by type, as parts of its first lines,
 * and the rest as its text. Each word serves one field. */
#include "extract/fill_internal.h"

#include <string.h>

const struct field *
fill_field(const struct filling *filling, uint32_t f)
{
    return &filling->solve->fields[filling->table->first_field + f];
}

const struct block_record *
fill_record(const struct filling *filling)
{
    return &filling->records->records[filling->record];
}

struct value **
fill_value(const struct filling *filling, uint32_t f)
{
    return &filling->values[filling->record * filling->table->field_count + f];
}

bool
fill_is_slot(const struct filling *filling, uint32_t f, const char *name)
{
    const char *slot = fill_field(filling, f)->slot;

    return slot != NULL && strcmp(slot, name) == 0;
}

void
fill_use(const struct filling *filling, uint32_t first, uint32_t count)
{
    for (uint32_t t = first; t < first + count; t++)
        filling->used[t] = true;
}

bool
fill_is_free(const struct filling *filling, uint32_t first, uint32_t count)
{
    for (uint32_t t = first; t < first + count; t++)
        if (filling->used[t])
            return false;
    return true;
}

void
fill_put(const struct filling *filling, uint32_t f, struct value *value)
{
    if (value == NULL)
        return;
    *fill_value(filling, f) = value;
    for (uint32_t i = 0; i < value->token_count; i++)
        filling->used[value->tokens[i]] = true;
}

static bool
put_row(const struct filling *filling, const struct record_parts *parts)
{
    struct solve *solve = filling->solve;
    uint32_t any = 0;

    for (uint32_t f = 0; f < filling->table->field_count; f++)
        any += *fill_value(filling, f) != NULL;
    if (any == 0)
        return false;
    struct node *row = node_add(solve->arena, filling->table->node, NODE_OBJECT, NULL);
    for (uint32_t f = 0; row != NULL && f < filling->table->field_count; f++) {
        const struct field *field = fill_field(filling, f);
        struct value *value = *fill_value(filling, f);
        if (fill_is_list(field)) {
            fill_put_list(filling, field, row, parts->head);
            continue;
        }
        struct node *leaf = node_add(solve->arena, row, NODE_LEAF, field->shape->name);
        if (leaf == NULL) {
            solve->full = true;
            return false;
        }
        leaf->shape = field->shape;
        leaf->value = value;
        if (value != NULL)
            value->confidence = words_lessen(solve, value, value->confidence);
        for (uint32_t t = 0; value != NULL && t < value->token_count; t++)
            solve->taken[value->tokens[t]] = true;
    }
    if (row == NULL)
        solve->full = true;
    else
        row->shape = filling->table->shape->items;
    return row != NULL;
}

uint32_t
blocks_fill(struct solve *solve, const struct table_field *table,
            const struct block_records *records)
{
    struct filling filling = {.solve = solve, .table = table, .records = records};
    struct record_parts *parts = arena_array(solve->arena, records->count + 1, sizeof(*parts));
    uint32_t rows = 0;

    filling.used = arena_array(solve->arena, solve->doc->token_count + 1, sizeof(bool));
    filling.values =
        arena_array(solve->arena, (size_t)records->count * table->field_count + 1, sizeof(void *));
    if (parts == NULL || filling.used == NULL || filling.values == NULL) {
        solve->full = true;
        return 0;
    }
    for (filling.record = 0; filling.record < records->count; filling.record++) {
        for (uint32_t b = 0; b < records->records[filling.record].count; b++) {
            const struct band *band = &records->records[filling.record].bands[b];
            const struct seg *seg = &solve->doc->segs[band->segs[0]];
            if (band->marker < seg->count || band->seg_count > 1)
                fill_use(&filling, seg->first, band->marker);
        }
        fill_by_labels(&filling);
        fill_by_periods(&filling);
        fill_by_types(&filling);
        fill_by_forms(&filling);
    }
    blockparts_read(solve, records, filling.used, fill_wanted_parts(&filling), parts);
    for (filling.record = 0; filling.record < records->count && !solve->full; filling.record++) {
        fill_by_parts(&filling, &parts[filling.record]);
        rows += put_row(&filling, &parts[filling.record]);
    }
    return rows;
}
