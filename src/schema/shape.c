/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/shape_internal.h"

#include <stdio.h>
#include <string.h>

static struct merged *merge(struct shaper *s, const struct expr *expr);

/* What the keywords imply where no type is named. */
static unsigned
types_implied(const struct node *n)
{
    unsigned types = 0;
    if (n->properties.count > 0 || n->required.count > 0)
        types |= SCHEMA_OBJECT;
    if (n->items != NULL || n->prefix_items.count > 0 || n->contains != NULL)
        types |= SCHEMA_ARRAY;
    if (n->format != NULL || n->pattern != NULL || n->min_length > 0 || n->max_length < SIZE_MAX)
        types |= SCHEMA_STRING;
    if (n->limits != 0)
        types |= SCHEMA_NUMBER | SCHEMA_INTEGER;
    return types;
}

static void
own_limits(struct schema_shape *shape, const struct node *n)
{
    shape->limits = n->limits;
    shape->minimum = n->minimum;
    shape->maximum = n->maximum;
    shape->multiple_of = n->multiple_of;
    if ((n->limits & SCHEMA_HAS_EXCLUSIVE_MINIMUM) != 0) {
        if ((n->limits & SCHEMA_HAS_MINIMUM) == 0 || n->exclusive_minimum >= n->minimum)
            shape->minimum = n->exclusive_minimum;
        else
            shape->limits &= ~(unsigned)SCHEMA_HAS_EXCLUSIVE_MINIMUM;
        shape->limits |= SCHEMA_HAS_MINIMUM;
    }
    if ((n->limits & SCHEMA_HAS_EXCLUSIVE_MAXIMUM) != 0) {
        if ((n->limits & SCHEMA_HAS_MAXIMUM) == 0 || n->exclusive_maximum <= n->maximum)
            shape->maximum = n->exclusive_maximum;
        else
            shape->limits &= ~(unsigned)SCHEMA_HAS_EXCLUSIVE_MAXIMUM;
        shape->limits |= SCHEMA_HAS_MAXIMUM;
    }
    shape->min_length = n->min_length;
    shape->max_length = n->max_length;
    shape->min_items = n->min_items;
    shape->max_items = n->max_items;
}

static void
own_values(struct shaper *s, struct merged *m, const struct node *n)
{
    struct schema_shape *shape = &m->shape;
    shape->title = n->title;
    shape->description = n->description;
    shape->format = n->format;
    shape->examples = n->examples;
    shape->example_count = n->example_count;
    shape->preset = n->preset;
    shape->unique_items = n->unique_items;
    m->has_enum = n->has_enum || n->constant != NULL;
    shape->enums = n->constant != NULL ? n->constant : n->enums;
    shape->enum_count = n->constant != NULL ? 1 : n->enum_count;
    if (n->pattern != NULL) {
        const char **texts = builder_alloc(s->b, 1, sizeof(*texts));
        const struct pattern **matchers = builder_alloc(s->b, 1, sizeof(const struct pattern *));
        if (texts == NULL || matchers == NULL)
            return;
        texts[0] = n->pattern_text;
        matchers[0] = n->pattern;
        shape->patterns = texts;
        shape->matchers = matchers;
        shape->pattern_count = 1;
    }
}

static void
own_members(struct shaper *s, struct merged *m, const struct node *n)
{
    for (size_t i = 0; i < n->properties.count; i++)
        (void)shape_field_add(s, m, n->properties.at[i].name.text,
                              shape_leaf(s, n->properties.at[i].node));
    m->required = n->required;
    m->shape.closed =
        (n->additional_properties != NULL && n->additional_properties->kind == NODE_FALSE &&
         n->pattern_properties.count == 0);
    for (size_t i = 0; i < n->prefix_items.count; i++)
        m->items = shape_join(s, EXPR_ANY, m->items, shape_leaf(s, n->prefix_items.at[i]));
    if (n->items != NULL && n->items->kind != NODE_FALSE)
        m->items = shape_join(s, EXPR_ANY, m->items, shape_leaf(s, n->items));
    if (m->items == NULL && n->contains != NULL)
        m->items = shape_leaf(s, n->contains);
}

static void
meet_node(struct shaper *s, struct merged *m, const struct node *node)
{
    const struct merged *with = node != NULL ? merge(s, shape_leaf(s, node)) : NULL;
    if (with != NULL)
        shape_meet(s, m, with);
}

static void
meet_choice(struct shaper *s, struct merged *m, const struct node_list *list)
{
    struct merged *all = NULL;
    for (size_t i = 0; i < list->count && s->b->rc == ERR_OK; i++) {
        struct merged *one = merge(s, shape_leaf(s, list->at[i]));
        if (one == NULL)
            return;
        if (all == NULL)
            all = one;
        else
            shape_choose(s, all, one);
    }
    if (all != NULL)
        shape_meet(s, m, all);
}

/* if/then/else: either side may hold. Only what a side describes counts, not what it demands. */
static void
add_condition(struct shaper *s, struct merged *m, const struct node *n)
{
    const struct node *sides[] = {n->then, n->otherwise};
    for (size_t i = 0; n->condition != NULL && i < ARRAY_LEN(sides); i++) {
        const struct merged *side = sides[i] != NULL ? merge(s, shape_leaf(s, sides[i])) : NULL;
        for (const struct field *f = side != NULL ? side->fields : NULL; f != NULL; f = f->next)
            if (shape_field_find(m, f->name) == NULL)
                (void)shape_field_add(s, m, f->name, f->expr);
    }
}

static void
merge_node(struct shaper *s, struct merged *m, const struct node *n)
{
    m->shape.pointer = n->pointer;
    if (n->kind == NODE_FALSE)
        shape_conflict(m, n->pointer, "false allows nothing");
    own_values(s, m, n);
    own_limits(&m->shape, n);
    own_members(s, m, n);
    m->typed = n->types != 0;
    m->shape.types = n->types != 0 ? n->types : SCHEMA_ANY;
    if (n->negated != NULL && n->negated->kind == NODE_TRUE)
        shape_conflict(m, n->pointer, "nothing can meet \"not\" of anything");
    meet_node(s, m, n->ref);
    meet_node(s, m, n->dynamic_ref);
    for (size_t i = 0; i < n->all_of.count; i++)
        meet_node(s, m, n->all_of.at[i]);
    meet_choice(s, m, &n->any_of);
    meet_choice(s, m, &n->one_of);
    add_condition(s, m, n);
    unsigned implied = types_implied(n);
    if (!m->typed && implied != 0) {
        m->shape.types = implied;
        m->typed = true;
    }
}

static void
check_values(struct shaper *s, struct merged *m)
{
    struct schema_shape *shape = &m->shape;
    struct schema_value *kept;
    size_t n = 0;

    if (!m->has_enum)
        return;
    kept = builder_alloc(s->b, shape->enum_count, sizeof(*kept));
    for (size_t i = 0; kept != NULL && i < shape->enum_count; i++)
        if (shape_value_fits(&shape->enums[i], shape))
            kept[n++] = shape->enums[i];
    if (n == 0 && s->b->rc == ERR_OK)
        shape_conflict(m, shape->pointer,
                       shape->enum_count == 0 ? "an enum without values"
                                              : "no value of the enum has its type");
    shape->enums = kept;
    shape->enum_count = n;
    if (!m->typed) {
        shape->types = 0;
        for (size_t i = 0; i < n; i++)
            shape->types |= kept[i].type == SCHEMA_NUMBER || kept[i].type == SCHEMA_INTEGER
                                ? SCHEMA_NUMBER | SCHEMA_INTEGER
                                : (unsigned)kept[i].type;
        m->typed = n > 0;
    }
}

static void
check_limits(struct merged *m)
{
    const struct schema_shape *shape = &m->shape;
    const unsigned both = SCHEMA_HAS_MINIMUM | SCHEMA_HAS_MAXIMUM;
    const unsigned open = SCHEMA_HAS_EXCLUSIVE_MINIMUM | SCHEMA_HAS_EXCLUSIVE_MAXIMUM;

    if ((shape->types & SCHEMA_NUMBER) != 0 && (shape->limits & both) == both &&
        (shape->minimum > shape->maximum ||
         (shape->minimum == shape->maximum && (shape->limits & open) != 0)))
        shape_conflict(m, shape->pointer, "its minimum is above its maximum");
    if ((shape->types & SCHEMA_STRING) != 0 && shape->min_length > shape->max_length)
        shape_conflict(m, shape->pointer, "minLength is above maxLength");
    if ((shape->types & SCHEMA_ARRAY) != 0 && shape->min_items > shape->max_items)
        shape_conflict(m, shape->pointer, "minItems is above maxItems");
}

static struct merged *
merge(struct shaper *s, const struct expr *expr)
{
    struct merged *m = builder_alloc(s->b, 1, sizeof(*m));

    if (m == NULL || expr == NULL)
        return NULL;
    if (s->in_place >= IN_PLACE_MAX) {
        builder_fail(s->b, ERR_INPUT, expr->node != NULL ? expr->node->pointer : "",
                     "a reference that leads back to itself");
        return NULL;
    }
    if (++s->merges > MERGES_MAX) {
        builder_fail(s->b, ERR_LIMIT, expr->node != NULL ? expr->node->pointer : "",
                     "references and choices multiply past the limit of %d", MERGES_MAX);
        return NULL;
    }
    s->in_place++;
    if (expr->kind == EXPR_NODE) {
        merge_node(s, m, expr->node);
        check_values(s, m);
        check_limits(m);
    } else {
        struct merged *a = merge(s, expr->a);
        const struct merged *b = merge(s, expr->b);
        if (a != NULL && b != NULL && expr->kind == EXPR_ALL)
            shape_meet(s, a, b);
        else if (a != NULL && b != NULL)
            shape_choose(s, a, b);
        m = a;
        if (m != NULL && b != NULL) {
            check_values(s, m);
            check_limits(m);
        }
    }
    s->in_place--;
    return s->b->rc == ERR_OK ? m : NULL;
}

static bool
same_above(const struct schema_shape *shape, const char *pointer)
{
    for (; shape != NULL; shape = shape->parent)
        if (strcmp(shape->pointer, pointer) == 0)
            return true;
    return false;
}

static struct schema_shape *shape_make(struct shaper *s, const struct expr *expr,
                                       const struct schema_shape *parent, const char *name,
                                       bool required);

static void
make_properties(struct shaper *s, struct merged *m, struct schema_shape *shape)
{
    if (!shape_spend(s, m->field_count * m->required.count, shape->pointer))
        return;
    const struct schema_shape **properties =
        builder_alloc(s->b, m->field_count, sizeof(const struct schema_shape *));
    shape->properties = properties;
    for (const struct field *f = m->fields; properties != NULL && f != NULL; f = f->next) {
        bool required = shape_names_have(&m->required, f->name);
        bool forbidden = f->expr->kind == EXPR_NODE && f->expr->node->kind == NODE_FALSE;
        if (forbidden && !required)
            continue; /* "must not be there": nothing to fill in */
        const struct schema_shape *made = shape_make(s, f->expr, shape, f->name, required);
        if (made == NULL)
            return;
        properties[shape->property_count++] = made;
    }
    for (size_t i = 0; shape->closed && i < m->required.count; i++)
        if (shape_field_find(m, m->required.at[i].text) == NULL)
            builder_fail(s->b, ERR_INPUT, shape->pointer,
                         "\"%.60s\" is required, and not among the only properties allowed",
                         m->required.at[i].text);
}

static struct schema_shape *
shape_make(struct shaper *s, const struct expr *expr, const struct schema_shape *parent,
           const char *name, bool required)
{
    struct merged *m = merge(s, expr);

    if (m == NULL)
        return NULL;
    if (++s->count > SCHEMA_MAX_SHAPES) {
        builder_fail(s->b, ERR_LIMIT, m->shape.pointer, "more than %d fields in all",
                     SCHEMA_MAX_SHAPES);
        return NULL;
    }
    if (m->conflict != NULL) {
        builder_fail(s->b, ERR_INPUT, m->conflict_at, "cannot be met: %s", m->conflict);
        return NULL;
    }
    struct schema_shape *shape = &m->shape;
    shape->parent = parent;
    shape->depth = parent != NULL ? parent->depth + 1 : 0;
    shape->name = name;
    shape->required = required;
    shape->nullable = (shape->types & SCHEMA_NULL) != 0;
    shape->recursive = same_above(parent, shape->pointer);
    if (shape->recursive)
        return shape;
    if (shape->depth > SCHEMA_MAX_DEPTH) {
        builder_fail(s->b, ERR_LIMIT, shape->pointer, "nests deeper than the limit of %d",
                     SCHEMA_MAX_DEPTH);
        return NULL;
    }
    make_properties(s, m, shape);
    if (m->items != NULL && s->b->rc == ERR_OK)
        shape->items = shape_make(s, m->items, shape, NULL, false);
    return s->b->rc == ERR_OK ? shape : NULL;
}

const struct schema_shape *
shape_build(struct builder *b, const struct node *root)
{
    struct shaper s = {.b = b};
    const struct schema_shape *shape = shape_make(&s, shape_leaf(&s, root), NULL, NULL, true);

    if (shape != NULL && (shape->types & SCHEMA_OBJECT) == 0)
        builder_fail(b, ERR_INPUT, shape->pointer,
                     "the result is an object: put the %s into a property of one",
                     (shape->types & SCHEMA_ARRAY) != 0 ? "list" : "value");
    return shape;
}
