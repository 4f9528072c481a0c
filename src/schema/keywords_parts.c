/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/keywords_internal.h"

#include <stdio.h>
#include <string.h>

void
keyword_take_required(const struct keyword_reading *r)
{
    size_t count = json_array_size(r->value);
    struct name *names = builder_alloc(r->b, count, sizeof(*names));

    if (!json_is_array(r->value)) {
        keyword_must_be(r, "a list of names (it belongs to the object, not to the property)");
        return;
    }
    for (size_t i = 0; names != NULL && i < count; i++) {
        const json_t *name = json_array_get(r->value, i);
        if (!json_is_string(name)) {
            keyword_must_be(r, "a list of names");
            return;
        }
        names[i] = keyword_read_name(r, json_string_value(name), json_string_length(name));
    }
    r->node->required = (struct name_list){.at = names, .count = names != NULL ? count : 0};
}

static struct member_list
read_members(const struct keyword_reading *r, bool patterns)
{
    struct member_list list = {0};
    const char *name;
    json_t *value;

    if (!keyword_is_members(r))
        return list;
    list.at = builder_alloc(r->b, json_object_size(r->value), sizeof(*list.at));
    json_object_foreach((json_t *)(uintptr_t)r->value, name, value)
    {
        if (r->b->rc != ERR_OK)
            break;
        struct member *m = &list.at[list.count++];
        m->name = keyword_read_name(r, name, strlen(name));
        m->node = keyword_child(r, value, name);
        if (patterns && m->node != NULL)
            m->pattern = keyword_read_pattern(r, name, strlen(name), m->node->pointer);
    }
    return list;
}

void
keyword_take_properties(const struct keyword_reading *r)
{
    r->node->properties = read_members(r, false);
}

void
keyword_take_pattern_properties(const struct keyword_reading *r)
{
    r->node->pattern_properties = read_members(r, true);
}

/* $defs, definitions: compiled for their anchors and ids; references find them by pointer. */
void
keyword_take_definitions(const struct keyword_reading *r)
{
    (void)read_members(r, false);
}

/* The names that depend on one: a list, whose items are strings. */
static void
add_dependency(const struct keyword_reading *r, const char *name, const json_t *names)
{
    struct node *n = r->node;
    struct dependency *d = &n->dependent_required[n->dependent_required_count++];

    d->name = keyword_read_name(r, name, strlen(name));
    d->others.at = builder_alloc(r->b, json_array_size(names), sizeof(struct name));
    for (size_t i = 0; d->others.at != NULL && i < json_array_size(names); i++) {
        const json_t *other = json_array_get(names, i);
        if (!json_is_string(other)) {
            keyword_must_be(r, "lists of names");
            return;
        }
        d->others.at[d->others.count++] =
            keyword_read_name(r, json_string_value(other), json_string_length(other));
    }
}

/* dependentRequired, dependentSchemas, and draft-07's dependencies, which is both. */
void
keyword_take_dependencies(const struct keyword_reading *r)
{
    struct node *n = r->node;
    const char *name;
    json_t *value;

    if (!keyword_is_members(r))
        return;
    size_t count = json_object_size(r->value);
    if (n->dependent_required == NULL || n->dependent_schemas.at == NULL) {
        /* dependencies may stand beside the newer ones */
        count += json_object_size(json_object_get(r->whole, "dependencies")) +
                 json_object_size(json_object_get(r->whole, "dependentRequired")) +
                 json_object_size(json_object_get(r->whole, "dependentSchemas"));
        n->dependent_required = builder_alloc(r->b, count, sizeof(*n->dependent_required));
        n->dependent_schemas.at = builder_alloc(r->b, count, sizeof(struct member));
    }
    json_object_foreach((json_t *)(uintptr_t)r->value, name, value)
    {
        if (r->b->rc != ERR_OK)
            return;
        if (json_is_array(value) && strcmp(r->keyword, "dependentSchemas") != 0) {
            add_dependency(r, name, value);
            continue;
        }
        struct member *m = &n->dependent_schemas.at[n->dependent_schemas.count++];
        m->name = keyword_read_name(r, name, strlen(name));
        m->node = keyword_child(r, value, name);
    }
}

static struct node_list
read_list(const struct keyword_reading *r)
{
    size_t count = json_array_size(r->value);
    struct node_list list = {.at = builder_alloc(r->b, count, sizeof(struct node *))};

    for (size_t i = 0; list.at != NULL && i < count; i++) {
        char index[24];
        (void)snprintf(index, sizeof(index), "%zu", i);
        list.at[list.count++] = keyword_child(r, json_array_get(r->value, i), index);
    }
    return list;
}

void
keyword_take_choice(const struct keyword_reading *r)
{
    if (!json_is_array(r->value) || json_array_size(r->value) == 0) {
        keyword_must_be(r, "a list of at least one schema");
        return;
    }
    struct node_list list = read_list(r);
    if (r->keyword[0] == 'p')
        r->node->prefix_items = list;
    else if (r->keyword[1] == 'l')
        r->node->all_of = list;
    else if (r->keyword[1] == 'n' && r->keyword[0] == 'a')
        r->node->any_of = list;
    else
        r->node->one_of = list;
}

/* A list of schemas is what prefixItems became in 2020-12; the rest is then additionalItems. */
void
keyword_take_items(const struct keyword_reading *r)
{
    struct keyword_reading rest = *r;
    if (!json_is_array(r->value)) {
        r->node->items = keyword_child(r, r->value, NULL);
        return;
    }
    r->node->prefix_items = read_list(r);
    rest.keyword = "additionalItems";
    rest.value = json_object_get(r->whole, rest.keyword);
    if (rest.value != NULL)
        r->node->items = keyword_child(&rest, rest.value, NULL);
}

void
keyword_take_schema(const struct keyword_reading *r)
{
    struct node *n = r->node;
    const struct {
        const char *keyword;
        struct node **place;
    } schemas[] = {
        {"additionalProperties", &n->additional_properties},
        {"unevaluatedProperties", &n->unevaluated_properties},
        {"propertyNames", &n->property_names},
        {"contains", &n->contains},
        {"unevaluatedItems", &n->unevaluated_items},
        {"not", &n->negated},
        {"if", &n->condition},
        {"then", &n->then},
        {"else", &n->otherwise},
    };
    for (size_t i = 0; i < ARRAY_LEN(schemas); i++)
        if (strcmp(schemas[i].keyword, r->keyword) == 0)
            *schemas[i].place = keyword_child(r, r->value, NULL);
    if (r->keyword[0] == 'u')
        r->b->tracks = true;
}

void
keyword_take_ref(const struct keyword_reading *r)
{
    struct builder *b = r->b;
    const char *text =
        json_is_string(r->value) ? arena_strdup(b->arena, json_string_value(r->value)) : NULL;
    if (text == NULL) {
        keyword_must_be(r, "a string");
        return;
    }
    if (strcmp(r->keyword, "$dynamicRef") == 0)
        r->node->dynamic_ref_text = text;
    else
        r->node->ref_text = text;
    if (b->ref_count == b->ref_cap) {
        size_t cap = b->ref_cap > 0 ? 2 * b->ref_cap : 16;
        b->refs = arena_grow(b->arena, b->refs, b->ref_count, cap, sizeof(struct node *));
        b->ref_cap = b->refs != NULL ? cap : 0;
    }
    if (b->refs == NULL)
        (void)builder_no_memory(b);
    else if (b->ref_count == 0 || b->refs[b->ref_count - 1] != r->node)
        b->refs[b->ref_count++] = r->node;
}
