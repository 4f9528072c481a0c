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

/* A time as printed has no zone, and a date alone no time: that alone is no reason to lose it. The
 * format is a remark in this case, as the specification allows. */
static bool
is_local(struct node *node, const struct schema_problem *problem)
{
    const char *format = node->shape != NULL ? node->shape->format : NULL;

    if (node->kind != NODE_LEAF || node->value == NULL || format == NULL ||
        strcmp(problem->keyword, "format") != 0)
        return false;
    return (strcmp(format, "time") == 0 && node->value->norm == NORM_TIME) ||
           (strcmp(format, "date-time") == 0 && node->value->norm == NORM_DATE);
}

static void
warn_local(struct solve *solve, const struct schema_problem *problem)
{
    if (solve->warning_count == ARRAY_LEN(solve->warnings))
        return;
    const char *warning = arena_printf(
        solve->arena, "'%s' is given as printed, without the zone or time that its format asks for",
        problem->instance);
    if (warning != NULL)
        solve->warnings[solve->warning_count++] = warning;
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
        const struct schema_problem *real = NULL;
        rc = record_write(solve->doc, root, solve->input->options.min_confidence, record, err);
        if (rc != ERR_OK || json_read(span_of(record->result), &value, NULL) != ERR_OK)
            return rc;
        rc = schema_validate(solve->arena, solve->input->schema, value, problems, PROBLEMS_MAX,
                             &count, err);
        json_decref(value);
        if (rc != ERR_OK || count == 0)
            return rc;
        if (count > PROBLEMS_MAX)
            count = PROBLEMS_MAX;
        for (size_t i = 0; i < count; i++) {
            struct node *node = node_at(root, problems[i].instance);
            if (is_local(node, &problems[i]))
                continue;
            real = real == NULL ? &problems[i] : real;
            changed = empty_leaf(node) || cut_array(node) || changed;
        }
        if (real == NULL) {
            for (size_t i = 0; i < count; i++)
                warn_local(solve, &problems[i]);
            return ERR_OK;
        }
        if (!changed) {
            *ret_unmet =
                arena_printf(solve->arena, "the result does not meet the schema at '%s': %s",
                             real->instance, real->message);
            return ERR_OK;
        }
    }
    return rc;
}
