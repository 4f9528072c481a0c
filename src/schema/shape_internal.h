/* SPDX-License-Identifier: AGPL-3.0-or-later
 * schema/shape_internal.h - a shape on its way: what several nodes say together about one value.
 * shape_merge.c joins what is said; shape.c walks the nodes. */
#pragma once

#include "schema/schema_internal.h"

/* What a shape is made of before it is looked into: a node, or several joined. */
struct expr {
    enum { EXPR_NODE, EXPR_ALL, EXPR_ANY } kind;
    const struct node *node;
    const struct expr *a, *b;
};

struct field {
    const char *name;
    const struct expr *expr;
    bool required;
    struct field *next;
};

/* One shape on its way: everything that its nodes say together, children not yet looked into. */
struct merged {
    struct schema_shape shape;
    bool typed; /* some keyword named types */
    bool has_enum;
    const char *conflict; /* what cannot be met; NULL: nothing found */
    const char *conflict_at;
    struct field *fields, *last;
    size_t field_count;
    struct name_list required; /* names, gathered */
    const struct expr *items;
};

enum {
    IN_PLACE_MAX = 64,    /* references and branches applied to one and the same value */
    MERGES_MAX = 1 << 16, /* nodes looked at, each as often as it is referred to */
    STEPS_MAX = 1 << 22,  /* names and values compared with each other */
};

struct shaper {
    struct builder *b;
    size_t count, merges, steps;
    int in_place;
};

/* --- shape_merge.c; NULL and early ends after an error of the builder --- */
/* What two expressions say together; kind: EXPR_ALL or EXPR_ANY. Either may be NULL. */
const struct expr *shape_join(struct shaper *s, int kind, const struct expr *a,
                              const struct expr *b);
/* One node as an expression. */
const struct expr *shape_leaf(struct shaper *s, const struct node *node);
/* False, and the compilation fails, once too much has been compared. */
bool shape_spend(struct shaper *s, size_t steps, const char *pointer);
/* Notes what cannot be met; the first counts. */
void shape_conflict(struct merged *m, const char *pointer, const char *what);
/* The property of that name; NULL: none yet. */
struct field *shape_field_find(struct merged *m, const char *name);
struct field *shape_field_add(struct shaper *s, struct merged *m, const char *name,
                              const struct expr *expr);
bool shape_names_have(const struct name_list *list, const char *name);
/* The value has a type and size that the shape allows. */
bool shape_value_fits(const struct schema_value *value, const struct schema_shape *shape);
/* m becomes what meets both (allOf), and what meets either (anyOf, oneOf). */
void shape_meet(struct shaper *s, struct merged *m, const struct merged *with);
void shape_choose(struct shaper *s, struct merged *m, const struct merged *with);
