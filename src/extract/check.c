/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What does not fit the schema becomes null, with the reason and the value beside it. */
#include "extract/solve.h"

#include <stdlib.h>
#include <string.h>

enum { PROBLEMS_MAX = 64, ROUNDS_MAX = 6 };

/* The node that a JSON Pointer names, or the deepest on the way that is there. Absent leaves that
 * are not written count among the children, so that names decide, not places. */
static struct node *
node_at(struct node *root, const char *pointer)
{
    struct node *node = root;

    while (*pointer == '/' && node->kind != NODE_LEAF) {
        char name[256];
        size_t n = 0;
        for (pointer++; *pointer != '\0' && *pointer != '/'; pointer++) {
            char c = *pointer;
            if (c == '~' && (pointer[1] == '0' || pointer[1] == '1'))
                c = *++pointer == '0' ? '~' : '/';
            if (n + 1 < sizeof(name))
                name[n++] = c;
        }
        name[n] = '\0';
        struct node *next = NULL;
        if (node->kind == NODE_ARRAY) {
            unsigned long at = strtoul(name, NULL, 10);
            next = at < node->child_count ? node->children[at] : NULL;
        } else {
            for (uint32_t i = 0; i < node->child_count && next == NULL; i++)
                if (node->children[i]->name != NULL && strcmp(node->children[i]->name, name) == 0)
                    next = node->children[i];
        }
        if (next == NULL)
            return node;
        node = next;
    }
    return node;
}

static bool
empty_leaf(struct node *node)
{
    if (node->kind != NODE_LEAF || node->value == NULL)
        return false;
    memmove(node->candidates + 1, node->candidates,
            (EXTRACT_CANDIDATES_SHOWN - 1) * sizeof(void *));
    node->candidates[0] = node->value;
    if (node->candidate_count < EXTRACT_CANDIDATES_SHOWN)
        node->candidate_count++;
    node->value = NULL;
    node->absence = ABSENT_BREAKS_SCHEMA;
    return true;
}

/* An array that is too long loses its end; other faults of a whole cannot be mended here. */
static bool
cut_array(struct node *node)
{
    if (node->kind != NODE_ARRAY || node->shape == NULL || node->child_count == 0 ||
        node->child_count <= node->shape->max_items)
        return false;
    node->child_count = (uint32_t)node->shape->max_items;
    return true;
}

enum err_code
check_result(struct solve *solve, struct node *root, struct extract_record *record,
             const char **ret_unmet, struct err *err)
{
    enum err_code rc = ERR_OK;

    *ret_unmet = NULL;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct schema_problem problems[PROBLEMS_MAX];
        size_t count = 0;
        json_t *value = NULL;
        bool changed = false;
        rc = record_write(solve->doc, root, solve->input->options.min_confidence, record, err);
        if (rc != ERR_OK || json_read(span_of(record->result), &value, NULL) != ERR_OK)
            return rc;
        rc = schema_validate(solve->arena, solve->input->schema, value, problems, PROBLEMS_MAX,
                             &count, err);
        json_decref(value);
        if (rc != ERR_OK || count == 0)
            return rc;
        for (size_t i = 0; i < count; i++) {
            struct node *node = node_at(root, problems[i].instance);
            changed = empty_leaf(node) || cut_array(node) || changed;
        }
        if (!changed) {
            *ret_unmet =
                arena_printf(solve->arena, "the result does not meet the schema at '%s': %s",
                             problems[0].instance, problems[0].message);
            return ERR_OK;
        }
    }
    return rc;
}
