/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/shape_internal.h"

#include <stdio.h>
#include <string.h>

const struct expr *
shape_join(struct shaper *s, int kind, const struct expr *a, const struct expr *b)
{
    if (a == NULL || b == NULL || a == b)
        return a != NULL ? a : b;
    struct expr *made = builder_alloc(s->b, 1, sizeof(*made));
    if (made != NULL)
        *made = (struct expr){.kind = kind, .a = a, .b = b};
    return made;
}

const struct expr *
shape_leaf(struct shaper *s, const struct node *node)
{
    struct expr *made = builder_alloc(s->b, 1, sizeof(*made));
    if (made != NULL)
        *made = (struct expr){.kind = EXPR_NODE, .node = node};
    return made;
}

/* False, and the compilation fails, once too much has been compared. */
bool
shape_spend(struct shaper *s, size_t steps, const char *pointer)
{
    s->steps += steps < STEPS_MAX ? steps : STEPS_MAX;
    if (s->steps >= STEPS_MAX)
        builder_fail(s->b, ERR_LIMIT, pointer, "names and values to compare past the limit of %d",
                     STEPS_MAX);
    return s->steps < STEPS_MAX;
}

void
shape_conflict(struct merged *m, const char *pointer, const char *what)
{
    if (m->conflict == NULL) {
        m->conflict = what;
        m->conflict_at = pointer;
    }
}

struct field *
shape_field_find(struct merged *m, const char *name)
{
    for (struct field *f = m->fields; f != NULL; f = f->next)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

struct field *
shape_field_add(struct shaper *s, struct merged *m, const char *name, const struct expr *expr)
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

bool
shape_names_have(const struct name_list *list, const char *name)
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
        if (both || shape_names_have(&b, a.at[i].text))
            all.at[all.count++] = a.at[i];
    for (size_t i = 0; all.at != NULL && both && i < b.count; i++)
        if (!shape_names_have(&all, b.at[i].text))
            all.at[all.count++] = b.at[i];
    return all;
}

bool
shape_value_fits(const struct schema_value *value, const struct schema_shape *shape)
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
    if (!shape_spend(s, m->shape.enum_count * with->shape.enum_count, m->shape.pointer))
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
void
shape_meet(struct shaper *s, struct merged *m, const struct merged *with)
{
    if (!shape_spend(s,
                     m->field_count * with->field_count + m->required.count * with->required.count,
                     m->shape.pointer))
        return;
    if (with->conflict != NULL)
        shape_conflict(m, with->conflict_at, with->conflict);
    unsigned types = m->shape.types & with->shape.types;
    if (types == 0 && m->shape.types != 0 && with->shape.types != 0)
        shape_conflict(m, with->shape.pointer, "its types contradict those around it");
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
        struct field *mine = shape_field_find(m, f->name);
        if (mine != NULL)
            mine->expr = shape_join(s, EXPR_ALL, mine->expr, f->expr);
        else
            (void)shape_field_add(s, m, f->name, f->expr);
    }
    m->required = names_join(s, m->required, with->required, true);
    m->items = shape_join(s, EXPR_ALL, m->items, with->items);
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
void
shape_choose(struct shaper *s, struct merged *m, const struct merged *with)
{
    bool both_objects = (m->shape.types & with->shape.types & SCHEMA_OBJECT) != 0;

    if (with->conflict != NULL ||
        !shape_spend(s,
                     m->field_count * with->field_count + m->required.count * with->required.count,
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
        struct field *mine = shape_field_find(m, f->name);
        if (mine != NULL)
            mine->expr = shape_join(s, EXPR_ANY, mine->expr, f->expr);
        else
            (void)shape_field_add(s, m, f->name, f->expr);
    }
    if (both_objects)
        m->required = names_join(s, m->required, with->required, false);
    else if ((with->shape.types & SCHEMA_OBJECT) != 0 && m->required.count == 0)
        m->required = with->required;
    m->items = shape_join(s, EXPR_ANY, m->items, with->items);
}
