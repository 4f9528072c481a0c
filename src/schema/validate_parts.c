/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/validate_internal.h"

#include <string.h>

/* A child of the value. */
static bool
below(const struct applying *a, const struct node *node, const json_t *value, const char *name,
      size_t index)
{
    struct place place = {.above = a->place, .name = name, .index = index};
    return validate_node(a->v, node, value, &place, a->scope, (struct marks){.at = NULL});
}

static void
mark(const struct applying *a, size_t index)
{
    if (index < a->marks.count)
        a->marks.at[index] = true;
}

static bool
is_marked(const struct applying *a, size_t index)
{
    return index < a->marks.count && a->marks.at[index];
}

static const struct node *
property_node(const struct node *n, const char *name)
{
    for (size_t i = 0; i < n->properties.count; i++)
        if (strcmp(n->properties.at[i].name.text, name) == 0)
            return n->properties.at[i].node;
    return NULL;
}

static bool
check_property(const struct applying *a, const char *name, const json_t *value, size_t index)
{
    const struct node *n = a->node;
    const struct node *own = property_node(n, name);
    bool known = own != NULL;
    bool good = own == NULL || below(a, own, value, name, 0);

    for (size_t i = 0; i < n->pattern_properties.count; i++) {
        const struct member *m = &n->pattern_properties.at[i];
        a->v->steps += strlen(name);
        if (m->pattern == NULL || !pattern_matches(m->pattern, name, strlen(name)))
            continue;
        known = true;
        good = below(a, m->node, value, name, 0) && good;
    }
    if (!known && n->additional_properties != NULL) {
        known = true;
        good = below(a, n->additional_properties, value, name, 0) && good;
    }
    if (known)
        mark(a, index);
    if (n->property_names != NULL) {
        json_t *text = json_string(name);
        if (text != NULL && !below(a, n->property_names, text, name, 0))
            good = false;
        json_decref(text);
    }
    return good;
}

static bool
check_presence(const struct applying *a)
{
    const struct node *n = a->node;
    size_t count = json_object_size(a->value);
    bool good = true;

    if (count < n->min_properties)
        good = validate_problem(a, "minProperties", "has fewer than %zu properties",
                                n->min_properties);
    if (count > n->max_properties)
        good =
            validate_problem(a, "maxProperties", "has more than %zu properties", n->max_properties);
    for (size_t i = 0; i < n->required.count; i++)
        if (json_object_get(a->value, n->required.at[i].text) == NULL)
            good = validate_problem(a, "required", "lacks \"%.80s\"", n->required.at[i].text);
    for (size_t i = 0; i < n->dependent_required_count; i++) {
        const struct dependency *d = &n->dependent_required[i];
        if (json_object_get(a->value, d->name.text) == NULL)
            continue;
        for (size_t k = 0; k < d->others.count; k++)
            if (json_object_get(a->value, d->others.at[k].text) == NULL)
                good = validate_problem(a, "dependentRequired", "lacks \"%.60s\" beside \"%.60s\"",
                                        d->others.at[k].text, d->name.text);
    }
    return good;
}

/* A schema for the whole object where it has a certain property; what it evaluates counts. */
static bool
check_dependent_schemas(const struct applying *a)
{
    const struct node *n = a->node;
    bool good = true;

    for (size_t i = 0; i < n->dependent_schemas.count; i++) {
        const struct member *m = &n->dependent_schemas.at[i];
        if (json_object_get(a->value, m->name.text) == NULL)
            continue;
        good = validate_node(a->v, m->node, a->value, a->place, a->scope, a->marks) && good;
    }
    return good;
}

bool
validate_object(const struct applying *a)
{
    const struct node *n = a->node;
    bool good = check_presence(a);
    const char *name;
    json_t *value;
    size_t index = 0;

    json_object_foreach((json_t *)(uintptr_t)a->value, name, value) good =
        check_property(a, name, value, index++) && good;
    good = check_dependent_schemas(a) && good;
    if (n->unevaluated_properties == NULL)
        return good;
    index = 0;
    json_object_foreach((json_t *)(uintptr_t)a->value, name, value)
    {
        if (!is_marked(a, index))
            good = below(a, n->unevaluated_properties, value, name, 0) && good;
        mark(a, index++);
    }
    return good;
}

static bool
check_contains(const struct applying *a)
{
    const struct node *n = a->node;
    size_t found = 0;
    bool quiet = a->v->quiet;

    if (n->contains == NULL)
        return true;
    a->v->quiet = true;
    for (size_t i = 0; i < json_array_size(a->value); i++) {
        if (!below(a, n->contains, json_array_get(a->value, i), NULL, i))
            continue;
        found++;
        if (!n->resource->draft_07)
            mark(a, i);
    }
    a->v->quiet = quiet;
    if (found < n->min_contains)
        return validate_problem(a, "contains", "has %zu items of the kind, fewer than %zu", found,
                                n->min_contains);
    if (found > n->max_contains)
        return validate_problem(a, "maxContains", "has %zu items of the kind, more than %zu", found,
                                n->max_contains);
    return true;
}

static bool
check_unique(const struct applying *a)
{
    size_t count = json_array_size(a->value);

    for (size_t i = 1; a->node->unique_items && i < count; i++) {
        a->v->steps += i;
        if (a->v->steps > SCHEMA_MAX_STEPS)
            break; /* the next schema applied ends it all with the limit */
        for (size_t k = 0; k < i; k++)
            if (json_same(json_array_get(a->value, i), json_array_get(a->value, k)))
                return validate_problem(a, "uniqueItems", "items %zu and %zu are the same", k, i);
    }
    return true;
}

bool
validate_array(const struct applying *a)
{
    const struct node *n = a->node;
    size_t count = json_array_size(a->value);
    bool good = true;

    if (count < n->min_items)
        good = validate_problem(a, "minItems", "has fewer than %zu items", n->min_items);
    if (count > n->max_items)
        good = validate_problem(a, "maxItems", "has more than %zu items", n->max_items);
    for (size_t i = 0; i < count; i++) {
        const struct node *own = i < n->prefix_items.count ? n->prefix_items.at[i] : n->items;
        if (own == NULL)
            continue;
        good = below(a, own, json_array_get(a->value, i), NULL, i) && good;
        mark(a, i);
    }
    good = check_contains(a) && good;
    good = check_unique(a) && good;
    for (size_t i = 0; n->unevaluated_items != NULL && i < count; i++) {
        if (!is_marked(a, i))
            good = below(a, n->unevaluated_items, json_array_get(a->value, i), NULL, i) && good;
        mark(a, i);
    }
    return good;
}
