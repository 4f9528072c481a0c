/* SPDX-License-Identifier: AGPL-3.0-or-later
 * schema/validate_internal.h - one validation under way: where it stands and what was evaluated. */
#pragma once

#include "schema/schema_internal.h"

enum { VALIDATE_MAX_DEPTH = 256 };

/* The way down to a value, for its JSON Pointer. */
struct place {
    const struct place *above;
    const char *name; /* NULL: the item of that index */
    size_t index;
};

/* The resources entered on the way, innermost first: $dynamicRef asks the outermost. */
struct scope {
    const struct scope *outer;
    const struct resource *resource;
};

/* Which properties (in the object's order) or items of one value some keyword has evaluated. */
struct marks {
    bool *at;
    size_t count;
};

struct validation {
    struct arena *arena;
    const struct schema *schema;
    struct schema_problem *problems;
    size_t cap, count;
    bool quiet; /* inside a choice: only whether it fits is asked */
    size_t steps;
    int depth;
    enum err_code rc;
    struct err *err;
};

/* One schema applied to one value. */
struct applying {
    struct validation *v;
    const struct node *node;
    const json_t *value;
    const struct place *place;
    const struct scope *scope;
    struct marks marks;
};

/* Whether the value fits; marks what is evaluated (marks may be empty). */
bool validate_node(struct validation *v, const struct node *node, const json_t *value,
                   const struct place *place, const struct scope *scope, struct marks marks);

/* Notes the problem and gives false. */
bool validate_problem(const struct applying *a, const char *keyword, const char *format, ...)
    PRINTF_LIKE(3, 4);

bool validate_object(const struct applying *a);
bool validate_array(const struct applying *a);
