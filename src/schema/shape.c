/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/schema_internal.h"

#include <stdio.h>
#include <string.h>

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

static struct merged *merge(struct shaper *s, const struct expr *expr);

static const struct expr *
join(struct shaper *s, int kind, const struct expr *a, const struct expr *b)
{
    if (a == NULL || b == NULL || a == b)
        return a != NULL ? a : b;
    struct expr *made = builder_alloc(s->b, 1, sizeof(*made));
    if (made != NULL)
        *made = (struct expr){.kind = kind, .a = a, .b = b};
    return made;
}

static const struct expr *
leaf(struct shaper *s, const struct node *node)
{
    struct expr *made = builder_alloc(s->b, 1, sizeof(*made));
    if (made != NULL)
        *made = (struct expr){.kind = EXPR_NODE, .node = node};
    return made;
}

/* False, and the compilation fails, once too much has been compared. */
static bool
spend(struct shaper *s, size_t steps, const char *pointer)
{
    s->steps += steps < STEPS_MAX ? steps : STEPS_MAX;
    if (s->steps >= STEPS_MAX)
        builder_fail(s->b, ERR_LIMIT, pointer, "names and values to compare past the limit of %d",
                     STEPS_MAX);
    return s->steps < STEPS_MAX;
}

static void
conflict(struct merged *m, const char *pointer, const char *what)
{
    if (m->conflict == NULL) {
        m->conflict = what;
        m->conflict_at = pointer;
    }
}

static struct field *
field_find(struct merged *m, const char *name)
{
    for (struct field *f = m->fields; f != NULL; f = f->next)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

static struct field *
field_add(struct shaper *s, struct merged *m, const char *name, const struct expr *expr)
{
    struct field *f = builder_alloc(s->b, 1, sizeof(*f));
    if (f == NULL)
        return NULL;
    *f = (struct field){.name = name, .expr = expr};
    if (m->fields == NULL)
        m->fields = f;
    else
        m->last->next = f;
    m->last = f;
    m->field_count++;
    return f;
}

static bool
names_have(const struct name_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->at[i].text, name) == 0)
            return true;
    return false;
}

/* both: names that either needs, or those that both need. */
static struct name_list
names_join(struct shaper *s, struct name_list a, struct name_list b, bool both)
{
    struct name_list all = {.at = NULL};
    if (a.count + b.count == 0)
        return all;
    if (both && (a.count == 0 || b.count == 0))
        return a.count == 0 ? b : a;
    all.at = builder_alloc(s->b, a.count + b.count, sizeof(struct name));
    for (size_t i = 0; all.at != NULL && i < a.count; i++)
        if (both || names_have(&b, a.at[i].text))
            all.at[all.count++] = a.at[i];
    for (size_t i = 0; all.at != NULL && both && i < b.count; i++)
        if (!names_have(&all, b.at[i].text))
            all.at[all.count++] = b.at[i];
    return all;
}

static bool
value_fits(const struct schema_value *value, const struct schema_shape *shape)
{
    unsigned type = value->type;
    if (value->type == SCHEMA_NUMBER && value->number == (double)(int64_t)value->number)
        type = SCHEMA_NUMBER | SCHEMA_INTEGER;
    return (type & shape->types) != 0;
}

/* The values of `list` that `other` has too. */
static void
enums_meet(struct shaper *s, struct merged *m, const struct merged *with)
{
    if (!with->has_enum)
        return;
    if (!m->has_enum) {
        m->has_enum = true;
        m->shape.enums = with->shape.enums;
        m->shape.enum_count = with->shape.enum_count;
        return;
    }
    if (!spend(s, m->shape.enum_count * with->shape.enum_count, m->shape.pointer))
        return;
    struct schema_value *kept = builder_alloc(s->b, m->shape.enum_count, sizeof(*kept));
    size_t n = 0;
    for (size_t i = 0; kept != NULL && i < m->shape.enum_count; i++) {
        json_t *json = schema_value_json(&m->shape.enums[i]);
        bool found = false;
        for (size_t k = 0; json != NULL && !found && k < with->shape.enum_count; k++)
            found = value_equals(&with->shape.enums[k], json);
        if (found)
            kept[n++] = m->shape.enums[i];
        json_decref(json);
    }
    m->shape.enums = kept;
    m->shape.enum_count = n;
}

static void
patterns_join(struct shaper *s, struct schema_shape *a, const struct schema_shape *b)
{
    size_t count = a->pattern_count + b->pattern_count;
    if (b->pattern_count == 0)
        return;
    const char **texts = builder_alloc(s->b, count, sizeof(*texts));
    const struct pattern **matchers = builder_alloc(s->b, count, sizeof(const struct pattern *));
    for (size_t i = 0; texts != NULL && matchers != NULL && i < count; i++) {
        bool first = i < a->pattern_count;
        texts[i] = first ? a->patterns[i] : b->patterns[i - a->pattern_count];
        matchers[i] = first ? a->matchers[i] : b->matchers[i - a->pattern_count];
    }
    a->patterns = texts;
    a->matchers = matchers;
    a->pattern_count = texts != NULL && matchers != NULL ? count : 0;
}

/* The words about a shape: the outer ones stay. */
static void
remarks_join(struct schema_shape *a, const struct schema_shape *b)
{
    if (a->title == NULL)
        a->title = b->title;
    if (a->description == NULL)
        a->description = b->description;
    if (a->example_count == 0) {
        a->examples = b->examples;
        a->example_count = b->example_count;
    }
    if (a->preset == NULL)
        a->preset = b->preset;
}

static void
limits_meet(struct schema_shape *a, const struct schema_shape *b)
{
    const unsigned low = SCHEMA_HAS_MINIMUM | SCHEMA_HAS_EXCLUSIVE_MINIMUM;
    const unsigned high = SCHEMA_HAS_MAXIMUM | SCHEMA_HAS_EXCLUSIVE_MAXIMUM;

    if ((b->limits & low) != 0 && ((a->limits & low) == 0 || b->minimum > a->minimum)) {
        a->minimum = b->minimum;
        a->limits = (a->limits & ~low) | (b->limits & low);
    }
    if ((b->limits & high) != 0 && ((a->limits & high) == 0 || b->maximum < a->maximum)) {
        a->maximum = b->maximum;
        a->limits = (a->limits & ~high) | (b->limits & high);
    }
    if ((b->limits & SCHEMA_HAS_MULTIPLE_OF) != 0 && (a->limits & SCHEMA_HAS_MULTIPLE_OF) == 0) {
        a->multiple_of = b->multiple_of;
        a->limits |= SCHEMA_HAS_MULTIPLE_OF;
    }
    a->min_length = b->min_length > a->min_length ? b->min_length : a->min_length;
    a->max_length = b->max_length < a->max_length ? b->max_length : a->max_length;
    a->min_items = b->min_items > a->min_items ? b->min_items : a->min_items;
    a->max_items = b->max_items < a->max_items ? b->max_items : a->max_items;
}

/* Both hold. */
static void
meet(struct shaper *s, struct merged *m, const struct merged *with)
{
    if (!spend(s, m->field_count * with->field_count + m->required.count * with->required.count,
               m->shape.pointer))
        return;
    if (with->conflict != NULL)
        conflict(m, with->conflict_at, with->conflict);
    unsigned types = m->shape.types & with->shape.types;
    if (types == 0 && m->shape.types != 0 && with->shape.types != 0)
        conflict(m, with->shape.pointer, "its types contradict those around it");
    m->shape.types = types;
    m->typed = m->typed || with->typed;
    enums_meet(s, m, with);
    patterns_join(s, &m->shape, &with->shape);
    remarks_join(&m->shape, &with->shape);
    limits_meet(&m->shape, &with->shape);
    if (m->shape.format == NULL)
        m->shape.format = with->shape.format;
    m->shape.unique_items = m->shape.unique_items || with->shape.unique_items;
    m->shape.closed = m->shape.closed || with->shape.closed;
    for (const struct field *f = with->fields; f != NULL; f = f->next) {
        struct field *mine = field_find(m, f->name);
        if (mine != NULL)
            mine->expr = join(s, EXPR_ALL, mine->expr, f->expr);
        else
            (void)field_add(s, m, f->name, f->expr);
    }
    m->required = names_join(s, m->required, with->required, true);
    m->items = join(s, EXPR_ALL, m->items, with->items);
}

/* The enum of a choice: of both, unless one of them allows any text or number. */
static void
enums_choose(struct shaper *s, struct merged *m, const struct merged *with)
{
    const unsigned loose = SCHEMA_STRING | SCHEMA_NUMBER | SCHEMA_INTEGER;
    bool mine_open = !m->has_enum && (m->shape.types & loose) != 0;
    bool other_open = !with->has_enum && (with->shape.types & loose) != 0;
    size_t count = m->shape.enum_count + with->shape.enum_count;

    m->has_enum = (m->has_enum || with->has_enum) && !mine_open && !other_open;
    if (!m->has_enum) {
        m->shape.enums = NULL;
        m->shape.enum_count = 0;
        return;
    }
    struct schema_value *all = builder_alloc(s->b, count, sizeof(*all));
    if (all == NULL)
        return;
    if (m->shape.enum_count > 0)
        memcpy(all, m->shape.enums, m->shape.enum_count * sizeof(*all));
    if (with->shape.enum_count > 0)
        memcpy(all + m->shape.enum_count, with->shape.enums, with->shape.enum_count * sizeof(*all));
    m->shape.enums = all;
    m->shape.enum_count = count;
}

/* Numbers and texts: a limit holds where both sides have it, or only one side can be such a value.
 */
static void
limits_choose(struct schema_shape *a, const struct schema_shape *b)
{
    const unsigned numbers = SCHEMA_NUMBER | SCHEMA_INTEGER;
    bool b_text = (b->types & SCHEMA_STRING) != 0, a_text = (a->types & SCHEMA_STRING) != 0;

    if ((b->types & numbers) != 0) {
        if ((a->types & numbers) == 0) {
            a->limits = b->limits;
            a->minimum = b->minimum;
            a->maximum = b->maximum;
            a->multiple_of = b->multiple_of;
        } else {
            a->limits &= b->limits;
            a->minimum = b->minimum < a->minimum ? b->minimum : a->minimum;
            a->maximum = b->maximum > a->maximum ? b->maximum : a->maximum;
            if (a->multiple_of != b->multiple_of)
                a->limits &= ~(unsigned)SCHEMA_HAS_MULTIPLE_OF;
        }
    }
    if (b_text && a_text) {
        a->min_length = b->min_length < a->min_length ? b->min_length : a->min_length;
        a->max_length = b->max_length > a->max_length ? b->max_length : a->max_length;
        if (a->format != NULL && (b->format == NULL || strcmp(a->format, b->format) != 0))
            a->format = NULL;
        a->pattern_count = 0;
    } else if (b_text) {
        a->min_length = b->min_length;
        a->max_length = b->max_length;
        a->format = b->format;
        a->patterns = b->patterns;
        a->matchers = b->matchers;
        a->pattern_count = b->pattern_count;
    }
    if ((b->types & SCHEMA_ARRAY) != 0) {
        bool mine = (a->types & SCHEMA_ARRAY) != 0;
        a->min_items = mine && a->min_items < b->min_items ? a->min_items : b->min_items;
        a->max_items = mine && a->max_items > b->max_items ? a->max_items : b->max_items;
    }
}

/* One of them holds. A side that nothing meets is left out. */
static void
choose(struct shaper *s, struct merged *m, const struct merged *with)
{
    bool both_objects = (m->shape.types & with->shape.types & SCHEMA_OBJECT) != 0;

    if (with->conflict != NULL ||
        !spend(s, m->field_count * with->field_count + m->required.count * with->required.count,
               m->shape.pointer))
        return;
    if (m->conflict != NULL) {
        *m = *with;
        return;
    }
    enums_choose(s, m, with);
    limits_choose(&m->shape, &with->shape);
    remarks_join(&m->shape, &with->shape);
    m->typed = m->typed && with->typed;
    m->shape.types |= with->shape.types;
    m->shape.closed = m->shape.closed && with->shape.closed;
    for (const struct field *f = with->fields; f != NULL; f = f->next) {
        struct field *mine = field_find(m, f->name);
        if (mine != NULL)
            mine->expr = join(s, EXPR_ANY, mine->expr, f->expr);
        else
            (void)field_add(s, m, f->name, f->expr);
    }
    if (both_objects)
        m->required = names_join(s, m->required, with->required, false);
    else if ((with->shape.types & SCHEMA_OBJECT) != 0 && m->required.count == 0)
        m->required = with->required;
    m->items = join(s, EXPR_ANY, m->items, with->items);
}

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
        (void)field_add(s, m, n->properties.at[i].name.text, leaf(s, n->properties.at[i].node));
    m->required = n->required;
    m->shape.closed =
        (n->additional_properties != NULL && n->additional_properties->kind == NODE_FALSE &&
         n->pattern_properties.count == 0);
    for (size_t i = 0; i < n->prefix_items.count; i++)
        m->items = join(s, EXPR_ANY, m->items, leaf(s, n->prefix_items.at[i]));
    if (n->items != NULL && n->items->kind != NODE_FALSE)
        m->items = join(s, EXPR_ANY, m->items, leaf(s, n->items));
    if (m->items == NULL && n->contains != NULL)
        m->items = leaf(s, n->contains);
}

static void
meet_node(struct shaper *s, struct merged *m, const struct node *node)
{
    const struct merged *with = node != NULL ? merge(s, leaf(s, node)) : NULL;
    if (with != NULL)
        meet(s, m, with);
}

static void
meet_choice(struct shaper *s, struct merged *m, const struct node_list *list)
{
    struct merged *all = NULL;
    for (size_t i = 0; i < list->count && s->b->rc == ERR_OK; i++) {
        struct merged *one = merge(s, leaf(s, list->at[i]));
        if (one == NULL)
            return;
        if (all == NULL)
            all = one;
        else
            choose(s, all, one);
    }
    if (all != NULL)
        meet(s, m, all);
}

/* if/then/else: either side may hold. Only what a side describes counts, not what it demands. */
static void
add_condition(struct shaper *s, struct merged *m, const struct node *n)
{
    const struct node *sides[] = {n->then, n->otherwise};
    for (size_t i = 0; n->condition != NULL && i < ARRAY_LEN(sides); i++) {
        const struct merged *side = sides[i] != NULL ? merge(s, leaf(s, sides[i])) : NULL;
        for (const struct field *f = side != NULL ? side->fields : NULL; f != NULL; f = f->next)
            if (field_find(m, f->name) == NULL)
                (void)field_add(s, m, f->name, f->expr);
    }
}

static void
merge_node(struct shaper *s, struct merged *m, const struct node *n)
{
    m->shape.pointer = n->pointer;
    if (n->kind == NODE_FALSE)
        conflict(m, n->pointer, "false allows nothing");
    own_values(s, m, n);
    own_limits(&m->shape, n);
    own_members(s, m, n);
    m->typed = n->types != 0;
    m->shape.types = n->types != 0 ? n->types : SCHEMA_ANY;
    if (n->negated != NULL && n->negated->kind == NODE_TRUE)
        conflict(m, n->pointer, "nothing can meet \"not\" of anything");
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
        if (value_fits(&shape->enums[i], shape))
            kept[n++] = shape->enums[i];
    if (n == 0 && s->b->rc == ERR_OK)
        conflict(m, shape->pointer,
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
        conflict(m, shape->pointer, "its minimum is above its maximum");
    if ((shape->types & SCHEMA_STRING) != 0 && shape->min_length > shape->max_length)
        conflict(m, shape->pointer, "minLength is above maxLength");
    if ((shape->types & SCHEMA_ARRAY) != 0 && shape->min_items > shape->max_items)
        conflict(m, shape->pointer, "minItems is above maxItems");
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
            meet(s, a, b);
        else if (a != NULL && b != NULL)
            choose(s, a, b);
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
    if (!spend(s, m->field_count * m->required.count, shape->pointer))
        return;
    const struct schema_shape **properties =
        builder_alloc(s->b, m->field_count, sizeof(const struct schema_shape *));
    shape->properties = properties;
    for (const struct field *f = m->fields; properties != NULL && f != NULL; f = f->next) {
        bool required = names_have(&m->required, f->name);
        bool forbidden = f->expr->kind == EXPR_NODE && f->expr->node->kind == NODE_FALSE;
        if (forbidden && !required)
            continue; /* "must not be there": nothing to fill in */
        const struct schema_shape *made = shape_make(s, f->expr, shape, f->name, required);
        if (made == NULL)
            return;
        properties[shape->property_count++] = made;
    }
    for (size_t i = 0; shape->closed && i < m->required.count; i++)
        if (field_find(m, m->required.at[i].text) == NULL)
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
    const struct schema_shape *shape = shape_make(&s, leaf(&s, root), NULL, NULL, true);

    if (shape != NULL && (shape->types & SCHEMA_OBJECT) == 0)
        builder_fail(b, ERR_INPUT, shape->pointer,
                     "the result is an object: put the %s into a property of one",
                     (shape->types & SCHEMA_ARRAY) != 0 ? "list" : "value");
    return shape;
}
