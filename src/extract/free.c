/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/free.h"

#include <stdio.h>
#include <string.h>

enum { PAIRS_MAX = 300, TABLES_MAX = 60, CELLS_MAX = 5000 };

struct known {
    const char *name;
    unsigned types;
    const char *format;
};

static const struct known known_fields[] = {
    {"document_number", SCHEMA_STRING, NULL},
    {"document_date", SCHEMA_STRING, "date"},
    {"due_date", SCHEMA_STRING, "date"},
    {"delivery_date", SCHEMA_STRING, "date"},
    {"order_number", SCHEMA_STRING, NULL},
    {"customer_number", SCHEMA_STRING, NULL},
    {"contract_number", SCHEMA_STRING, NULL},
    {"seller_name", SCHEMA_STRING, NULL},
    {"seller_address", SCHEMA_STRING, NULL},
    {"seller_vat_id", SCHEMA_STRING, NULL},
    {"buyer_name", SCHEMA_STRING, NULL},
    {"buyer_address", SCHEMA_STRING, NULL},
    {"buyer_vat_id", SCHEMA_STRING, NULL},
    {"full_name", SCHEMA_STRING, NULL},
    {"first_name", SCHEMA_STRING, NULL},
    {"last_name", SCHEMA_STRING, NULL},
    {"birth_date", SCHEMA_STRING, "date"},
    {"email", SCHEMA_STRING, NULL},
    {"phone", SCHEMA_STRING, NULL},
    {"website", SCHEMA_STRING, NULL},
    {"iban", SCHEMA_STRING, NULL},
    {"bic", SCHEMA_STRING, NULL},
    {"currency", SCHEMA_STRING, NULL},
    {"total_net", SCHEMA_NUMBER | SCHEMA_INTEGER, NULL},
    {"total_tax", SCHEMA_NUMBER | SCHEMA_INTEGER, NULL},
    {"total_gross", SCHEMA_NUMBER | SCHEMA_INTEGER, NULL},
    {"amount_due", SCHEMA_NUMBER | SCHEMA_INTEGER, NULL},
    {"effective_date", SCHEMA_STRING, "date"},
    {"jurisdiction", SCHEMA_STRING, NULL},
};

static const struct known known_columns[] = {
    {"position", SCHEMA_STRING, NULL},
    {"article_number", SCHEMA_STRING, NULL},
    {"description", SCHEMA_STRING, NULL},
    {"quantity", SCHEMA_NUMBER | SCHEMA_INTEGER, NULL},
    {"unit_price", SCHEMA_NUMBER | SCHEMA_INTEGER, NULL},
    {"tax_rate", SCHEMA_NUMBER | SCHEMA_INTEGER, NULL},
    {"total", SCHEMA_NUMBER | SCHEMA_INTEGER, NULL},
};

static struct schema_shape *
shape_new(struct arena *arena, const char *name, unsigned types, const char *format)
{
    struct schema_shape *shape = arena_alloc(arena, sizeof(*shape));

    if (shape == NULL)
        return NULL;
    *shape = (struct schema_shape){.pointer = "",
                                   .name = name,
                                   .types = types,
                                   .format = format,
                                   .max_length = SIZE_MAX,
                                   .max_items = SIZE_MAX};
    return shape;
}

static bool
add_all(struct arena *arena, struct schema_shape *into, const struct known *known, size_t n,
        const struct schema_shape *last)
{
    const struct schema_shape **list = arena_array(arena, n + 1, sizeof(void *));

    if (list == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        list[i] = shape_new(arena, known[i].name, known[i].types, known[i].format);
        if (list[i] == NULL)
            return false;
    }
    if (last != NULL)
        list[n++] = last;
    into->properties = list;
    into->property_count = n;
    return true;
}

const struct schema_shape *
free_shape(struct arena *arena)
{
    struct schema_shape *root = shape_new(arena, NULL, SCHEMA_OBJECT, NULL);
    struct schema_shape *lines = shape_new(arena, "line_items", SCHEMA_ARRAY, NULL);
    struct schema_shape *line = shape_new(arena, NULL, SCHEMA_OBJECT, NULL);

    if (root == NULL || lines == NULL || line == NULL)
        return NULL;
    lines->items = line;
    if (!add_all(arena, line, known_columns, sizeof(known_columns) / sizeof(*known_columns),
                 NULL) ||
        !add_all(arena, root, known_fields, sizeof(known_fields) / sizeof(*known_fields), lines))
        return NULL;
    return root;
}

/* Fields that only some kinds of documents have are guesses in others. */
static bool
is_fitting(const struct solve *solve, const char *name)
{
    static const char *const trade[] = {"invoice",        "credit_note", "receipt",
                                        "purchase_order", "quotation",   "delivery_note",
                                        "bank_statement", NULL};
    static const char *const contract[] = {"contract", NULL};

    if (strncmp(name, "seller_", 7) == 0 || strncmp(name, "buyer_", 6) == 0)
        return word_in(solve->kind, trade);
    if (strcmp(name, "effective_date") == 0 || strcmp(name, "jurisdiction") == 0)
        return word_in(solve->kind, contract);
    return true;
}

/* The found ones only. */
// NOLINTNEXTLINE(misc-no-recursion): three levels
static void
copy_found(struct solve *solve, struct node *into, const struct node *from)
{
    for (uint32_t i = 0; i < from->child_count && !solve->full; i++) {
        const struct node *child = from->children[i];
        if (child->kind == NODE_LEAF ? child->value == NULL : child->child_count == 0)
            continue;
        if (child->name != NULL && !is_fitting(solve, child->name))
            continue;
        struct node *copy = node_add(solve->arena, into, child->kind, child->name);
        if (copy == NULL) {
            solve->full = true;
            return;
        }
        copy->value = child->value;
        if (child->kind != NODE_LEAF)
            copy_found(solve, copy, child);
    }
}

static struct value *
text_of(struct solve *solve, uint32_t first, uint32_t count)
{
    char *text = doc_text(solve->doc, first, count);

    if (text == NULL)
        return NULL;
    return value_new(solve->doc, value_quote(solve->arena, text), first, count, NORM_TEXT,
                     0.6F + 0.35F * doc_confidence(solve->doc, first, count));
}

static bool
has_name(const struct node *node, const char *name)
{
    for (uint32_t i = 0; i < node->child_count; i++)
        if (strcmp(node->children[i]->name, name) == 0)
            return true;
    return false;
}

static void
write_pairs(struct solve *solve, struct node *root)
{
    struct node *into = node_add(solve->arena, root, NODE_OBJECT, "pairs");
    struct pair *pairs = NULL;
    uint32_t n = 0;

    if (into == NULL || pairs_find(solve->doc, &pairs, &n, NULL) != ERR_OK) {
        solve->full = true;
        return;
    }
    for (uint32_t i = 0; i < n && into->child_count < PAIRS_MAX && !solve->full; i++) {
        char *label = doc_text(solve->doc, pairs[i].label_first, pairs[i].label_count);
        size_t len = label == NULL ? 0 : strlen(label);
        while (len > 0 && (label[len - 1] == ':' || label[len - 1] == ' '))
            label[--len] = '\0';
        if (len == 0 || has_name(into, label))
            continue;
        struct node *leaf = node_add(solve->arena, into, NODE_LEAF, label);
        if (leaf == NULL ||
            (leaf->value = text_of(solve, pairs[i].value_first, pairs[i].value_count)) == NULL)
            solve->full = true;
    }
}

/* Tokens of the lines [first, first + count) of a page, as one range in reading order. */
static bool
tokens_of_lines(const struct doc *doc, uint32_t page, uint32_t first_word, uint32_t last_word,
                uint32_t *ret_first, uint32_t *ret_count)
{
    const struct page_word *from = &doc->pages[page]->words[first_word];
    const struct page_word *to = &doc->pages[page]->words[last_word];
    uint32_t first = NONE, last = 0;
    uint32_t begin = doc->page_first_line[page], end = doc->page_first_line[page + 1];

    for (uint32_t l = begin; l < end; l++)
        for (uint32_t i = doc->lines[l].first; i < doc->lines[l].first + doc->lines[l].count; i++)
            if (doc->tokens[i].word >= from && doc->tokens[i].word <= to) {
                first = first == NONE ? i : first;
                last = i;
            }
    *ret_first = first;
    *ret_count = first == NONE ? 0 : last - first + 1;
    return first != NONE;
}

static void
write_table(struct solve *solve, struct node *into, uint32_t at, const struct page_table *table,
            uint32_t *cells)
{
    const struct page *page = solve->doc->pages[at];
    struct node *rows = node_add(solve->arena, into, NODE_ARRAY, NULL), *row = NULL;
    uint32_t row_at = NONE;

    for (uint32_t i = 0; rows != NULL && i < table->cell_count && *cells < CELLS_MAX; i++) {
        const struct page_cell *cell = &page->cells[table->first_cell + i];
        if (cell->row != row_at) {
            row = node_add(solve->arena, rows, NODE_ARRAY, NULL);
            row_at = cell->row;
        }
        struct node *leaf = row == NULL ? NULL : node_add(solve->arena, row, NODE_LEAF, NULL);
        if (leaf == NULL)
            break;
        ++*cells;
        if (cell->line_count == 0)
            continue;
        const struct page_line *first = &page->lines[cell->first_line];
        const struct page_line *last = &page->lines[cell->first_line + cell->line_count - 1];
        uint32_t token, count;
        if (first->word_count > 0 && last->word_count > 0 &&
            tokens_of_lines(solve->doc, at, first->first_word,
                            last->first_word + last->word_count - 1, &token, &count))
            leaf->value = text_of(solve, token, count);
    }
}

static void
write_tables(struct solve *solve, struct node *root)
{
    struct node *into = node_add(solve->arena, root, NODE_ARRAY, "tables");
    uint32_t cells = 0;

    for (uint32_t p = 0; into != NULL && p < solve->doc->page_count; p++)
        for (uint32_t t = 0; t < solve->doc->pages[p]->table_count; t++)
            if (into->child_count < TABLES_MAX && cells < CELLS_MAX)
                write_table(solve, into, p, &solve->doc->pages[p]->tables[t], &cells);
}

void
free_write(struct solve *solve, struct node *root, const struct node *fields)
{
    struct node *kind = node_add(solve->arena, root, NODE_LEAF, "kind");
    struct node *into = node_add(solve->arena, root, NODE_OBJECT, "fields");

    if (kind == NULL || into == NULL) {
        solve->full = true;
        return;
    }
    if (solve->title_count > 0)
        kind->value = value_new(solve->doc, value_quote(solve->arena, solve->kind),
                                solve->title_first, solve->title_count, NORM_ENUM, 0.85F);
    copy_found(solve, into, fields);
    write_pairs(solve, root);
    write_tables(solve, root);
}
