/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/blocks.h"
#include "extract/table.h"

#include <string.h>

/* Lists that no table of goods is, whatever its columns: their section goes first. */
static bool
goes_first(const char *section)
{
    static const char *const others[] = {"products", "deliveries"};

    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (strcmp(section, others[i]) == 0)
            return false;
    return true;
}

/* Records of the list have a date or period each. */
static bool
is_dated(const struct solve *solve, const struct table_field *table)
{
    for (uint32_t f = 0; f < table->field_count; f++) {
        const char *slot = solve->fields[table->first_field + f].slot;
        if (slot != NULL &&
            (strcmp(slot, "start") == 0 || strcmp(slot, "end") == 0 || strcmp(slot, "period") == 0))
            return true;
    }
    return false;
}

static void
read_list(struct solve *solve, const struct table_field *table)
{
    struct block_records records;
    struct bands bands;
    uint32_t *segs, count;

    if (!passage_find(solve, table, &segs, &count)) {
        if (cards_cut(solve, table, NULL, 0, &records))
            (void)blocks_fill(solve, table, &records);
        return;
    }
    if (cards_cut(solve, table, segs, count, &records) && blocks_fill(solve, table, &records) > 0)
        return;
    bands_make(solve, segs, count, &bands);
    if (bands.count > 0 && repeat_cut(solve, &bands, is_dated(solve, table), &records))
        (void)blocks_fill(solve, table, &records);
}

/* Values of the rows; their words are taken, or free again. */
static uint32_t
count_values(struct solve *solve, const struct node *rows, bool taken)
{
    uint32_t n = 0;

    for (uint32_t r = 0; r < rows->child_count; r++)
        for (uint32_t f = 0; f < rows->children[r]->child_count; f++) {
            const struct value *value = rows->children[r]->children[f]->value;
            n += value != NULL;
            for (uint32_t t = 0; value != NULL && t < value->token_count; t++)
                solve->taken[value->tokens[t]] = taken;
        }
    return n;
}

/* Rows that were read without a header give way to records that say more. */
static void
read_better(struct solve *solve, const struct table_field *table)
{
    struct table_field other = *table;
    struct node *root = node_add(solve->arena, NULL, NODE_ARRAY, NULL);

    if (root == NULL) {
        solve->full = true;
        return;
    }
    other.node = root;
    uint32_t known = count_values(solve, table->node, false);
    read_list(solve, &other);
    bool better = root->child_count >= 2 && count_values(solve, root, false) > known;
    if (better) {
        table->node->children = root->children;
        table->node->child_count = root->child_count;
        table->node->child_cap = root->child_cap;
    }
    (void)count_values(solve, table->node, true);
}

/* A table whose titles name most of the properties is read as one. */
static bool
has_table(struct solve *solve, const struct table_field *table)
{
    struct head head;
    uint32_t named = 0;

    return own_head_find(solve, table, &head, &named) && named >= 2 &&
           named * 2 >= table->field_count;
}

void
find_blocks(struct solve *solve, bool sure)
{
    for (uint32_t i = 0; i < solve->table_count && !solve->full; i++) {
        const struct table_field *table = &solve->tables[i];
        const char *section = passage_name(solve, table);
        bool first = section != NULL && goes_first(section);
        if (table->node->child_count == 0 && (!sure || (first && !has_table(solve, table))))
            read_list(solve, table);
        else if (!sure && table->headless && section != NULL && !first)
            read_better(solve, table);
    }
}
