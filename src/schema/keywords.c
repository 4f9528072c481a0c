/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/schema_internal.h"

#include <stdio.h>
#include <string.h>

/* One keyword being read. */
struct reading {
    struct builder *b;
    struct node *node;
    const char *keyword;
    const json_t *value;
    const json_t *whole; /* the schema that the keyword stands in */
};

static const char *
here(const struct reading *r)
{
    return builder_pointer(r->b, r->node->pointer, r->keyword, NULL);
}

static void
must_be(const struct reading *r, const char *what)
{
    builder_fail(r->b, ERR_INPUT, here(r), "must be %s", what);
}

static struct node *
child(const struct reading *r, const json_t *json, const char *key)
{
    return builder_node(r->b, json, r->node->resource,
                        builder_pointer(r->b, r->node->pointer, r->keyword, key));
}

static const char *
read_text(const struct reading *r)
{
    if (!json_is_string(r->value)) {
        must_be(r, "a string");
        return NULL;
    }
    const char *copy = arena_strdup(r->b->arena, json_string_value(r->value));
    if (copy == NULL)
        (void)builder_no_memory(r->b);
    return copy != NULL && *copy != '\0' ? copy : NULL;
}

static struct name
read_name(const struct reading *r, const char *text, size_t len)
{
    struct name name = {.text = arena_strndup(r->b->arena, text, len), .len = len};
    if (name.text == NULL)
        (void)builder_no_memory(r->b);
    return name;
}

/* PHP writes an empty object as []. */
static bool
is_members(const struct reading *r)
{
    bool good =
        json_is_object(r->value) || (json_is_array(r->value) && json_array_size(r->value) == 0);
    if (!good)
        must_be(r, "an object");
    return good && json_is_object(r->value);
}

static unsigned
type_named(const json_t *json)
{
    static const struct {
        const char *name;
        unsigned types;
    } types[] = {
        {"null", SCHEMA_NULL},       {"boolean", SCHEMA_BOOLEAN},
        {"integer", SCHEMA_INTEGER}, {"number", SCHEMA_NUMBER | SCHEMA_INTEGER},
        {"string", SCHEMA_STRING},   {"array", SCHEMA_ARRAY},
        {"object", SCHEMA_OBJECT},
    };
    const char *name = json_string_value(json);
    for (size_t i = 0; name != NULL && i < ARRAY_LEN(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].types;
    return 0;
}

static void
take_one_type(const struct reading *r, const json_t *json)
{
    unsigned types = type_named(json);
    if (types == 0)
        builder_fail(r->b, ERR_INPUT, here(r),
                     "unknown type \"%.40s\"; types are string, number, integer, boolean, object, "
                     "array and null (a date is a string with \"format\": \"date\")",
                     json_is_string(json) ? json_string_value(json) : "");
    r->node->types |= types;
}

static void
take_type(const struct reading *r)
{
    if (!json_is_array(r->value)) {
        take_one_type(r, r->value);
        return;
    }
    if (json_array_size(r->value) == 0)
        must_be(r, "a type or a list of at least one");
    for (size_t i = 0; i < json_array_size(r->value); i++)
        take_one_type(r, json_array_get(r->value, i));
}

static void
take_nullable(const struct reading *r)
{
    if (json_is_true(r->value) && !r->b->options->raw && json_object_get(r->whole, "type") != NULL)
        r->node->types |= SCHEMA_NULL;
}

static void
take_title(const struct reading *r)
{
    r->node->title = read_text(r);
}

static void
take_description(const struct reading *r)
{
    r->node->description = read_text(r);
}

static void
take_format(const struct reading *r)
{
    r->node->format = read_text(r);
}

static void
take_default(const struct reading *r)
{
    struct schema_value *value = builder_alloc(r->b, 1, sizeof(*value));
    if (value != NULL && value_of(r->b, r->value, value))
        r->node->preset = value;
}

static void
take_const(const struct reading *r)
{
    struct schema_value *value = builder_alloc(r->b, 1, sizeof(*value));
    if (value != NULL && value_of(r->b, r->value, value))
        r->node->constant = value;
}

static const struct schema_value *
read_values(const struct reading *r, size_t *ret_count)
{
    size_t count = json_array_size(r->value);
    struct schema_value *values = builder_alloc(r->b, count, sizeof(*values));
    for (size_t i = 0; values != NULL && i < count; i++)
        if (!value_of(r->b, json_array_get(r->value, i), &values[i]))
            return NULL;
    *ret_count = values != NULL ? count : 0;
    return values;
}

static void
take_enum(const struct reading *r)
{
    if (!json_is_array(r->value)) {
        must_be(r, "a list of values");
        return;
    }
    r->node->has_enum = true;
    r->node->enums = read_values(r, &r->node->enum_count);
}

static void
take_examples(const struct reading *r)
{
    if (json_is_array(r->value)) {
        r->node->examples = read_values(r, &r->node->example_count);
        return;
    }
    struct schema_value *value = builder_alloc(r->b, 1, sizeof(*value));
    if (value != NULL && value_of(r->b, r->value, value)) {
        r->node->examples = value;
        r->node->example_count = 1;
    }
}

static double
read_number(const struct reading *r, enum schema_limit limit)
{
    if (!json_is_number(r->value))
        must_be(r, "a number");
    r->node->limits |= limit;
    return json_number_value(r->value);
}

static void
take_minimum(const struct reading *r)
{
    r->node->minimum = read_number(r, SCHEMA_HAS_MINIMUM);
}

static void
take_maximum(const struct reading *r)
{
    r->node->maximum = read_number(r, SCHEMA_HAS_MAXIMUM);
}

/* A number; draft-04 has true beside a minimum. */
static void
take_exclusive_minimum(const struct reading *r)
{
    const json_t *minimum = json_object_get(r->whole, "minimum");
    struct reading number = *r;
    if (json_is_boolean(r->value) && json_is_number(minimum)) {
        if (json_is_false(r->value))
            return;
        number.value = minimum;
    }
    r->node->exclusive_minimum = read_number(&number, SCHEMA_HAS_EXCLUSIVE_MINIMUM);
}

static void
take_exclusive_maximum(const struct reading *r)
{
    const json_t *maximum = json_object_get(r->whole, "maximum");
    struct reading number = *r;
    if (json_is_boolean(r->value) && json_is_number(maximum)) {
        if (json_is_false(r->value))
            return;
        number.value = maximum;
    }
    r->node->exclusive_maximum = read_number(&number, SCHEMA_HAS_EXCLUSIVE_MAXIMUM);
}

static void
take_multiple_of(const struct reading *r)
{
    r->node->multiple_of = read_number(r, SCHEMA_HAS_MULTIPLE_OF);
    if (r->b->rc == ERR_OK && r->node->multiple_of <= 0)
        must_be(r, "above 0");
}

static size_t
read_size(const struct reading *r)
{
    double number = json_number_value(r->value);
    if (!json_is_number(r->value) || number < 0 || (json_types(r->value) & SCHEMA_INTEGER) == 0) {
        must_be(r, "a whole number, 0 or more");
        return 0;
    }
    return number < 1e15 ? (size_t)number : SIZE_MAX;
}

static void
take_size(const struct reading *r)
{
    struct node *n = r->node;
    const struct {
        const char *keyword;
        size_t *place;
    } sizes[] = {
        {"minLength", &n->min_length},         {"maxLength", &n->max_length},
        {"minItems", &n->min_items},           {"maxItems", &n->max_items},
        {"minProperties", &n->min_properties}, {"maxProperties", &n->max_properties},
        {"minContains", &n->min_contains},     {"maxContains", &n->max_contains},
    };
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        if (strcmp(sizes[i].keyword, r->keyword) == 0)
            *sizes[i].place = read_size(r);
}

static void
take_unique_items(const struct reading *r)
{
    if (!json_is_boolean(r->value))
        must_be(r, "true or false");
    r->node->unique_items = json_is_true(r->value);
}

static const struct pattern *
read_pattern(const struct reading *r, const char *text, size_t len, const char *place)
{
    struct pattern *pattern = NULL;
    struct err err;
    enum err_code rc = pattern_compile(r->b->arena, text, len, &pattern, &err);
    if (rc != ERR_OK)
        builder_fail(r->b, rc, place, "%s", err.msg);
    return pattern;
}

static void
take_pattern(const struct reading *r)
{
    r->node->pattern_text = read_text(r);
    if (r->node->pattern_text != NULL)
        r->node->pattern =
            read_pattern(r, json_string_value(r->value), json_string_length(r->value), here(r));
}

static void
take_required(const struct reading *r)
{
    size_t count = json_array_size(r->value);
    struct name *names = builder_alloc(r->b, count, sizeof(*names));

    if (!json_is_array(r->value)) {
        must_be(r, "a list of names (it belongs to the object, not to the property)");
        return;
    }
    for (size_t i = 0; names != NULL && i < count; i++) {
        const json_t *name = json_array_get(r->value, i);
        if (!json_is_string(name)) {
            must_be(r, "a list of names");
            return;
        }
        names[i] = read_name(r, json_string_value(name), json_string_length(name));
    }
    r->node->required = (struct name_list){.at = names, .count = names != NULL ? count : 0};
}

static struct member_list
read_members(const struct reading *r, bool patterns)
{
    struct member_list list = {0};
    const char *name;
    json_t *value;

    if (!is_members(r))
        return list;
    list.at = builder_alloc(r->b, json_object_size(r->value), sizeof(*list.at));
    json_object_foreach((json_t *)(uintptr_t)r->value, name, value)
    {
        if (r->b->rc != ERR_OK)
            break;
        struct member *m = &list.at[list.count++];
        m->name = read_name(r, name, strlen(name));
        m->node = child(r, value, name);
        if (patterns && m->node != NULL)
            m->pattern = read_pattern(r, name, strlen(name), m->node->pointer);
    }
    return list;
}

static void
take_properties(const struct reading *r)
{
    r->node->properties = read_members(r, false);
}

static void
take_pattern_properties(const struct reading *r)
{
    r->node->pattern_properties = read_members(r, true);
}

/* $defs, definitions: compiled for their anchors and ids; references find them by pointer. */
static void
take_definitions(const struct reading *r)
{
    (void)read_members(r, false);
}

/* The names that depend on one: a list, whose items are strings. */
static void
add_dependency(const struct reading *r, const char *name, const json_t *names)
{
    struct node *n = r->node;
    struct dependency *d = &n->dependent_required[n->dependent_required_count++];

    d->name = read_name(r, name, strlen(name));
    d->others.at = builder_alloc(r->b, json_array_size(names), sizeof(struct name));
    for (size_t i = 0; d->others.at != NULL && i < json_array_size(names); i++) {
        const json_t *other = json_array_get(names, i);
        if (!json_is_string(other)) {
            must_be(r, "lists of names");
            return;
        }
        d->others.at[d->others.count++] =
            read_name(r, json_string_value(other), json_string_length(other));
    }
}

/* dependentRequired, dependentSchemas, and draft-07's dependencies, which is both. */
static void
take_dependencies(const struct reading *r)
{
    struct node *n = r->node;
    const char *name;
    json_t *value;

    if (!is_members(r))
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
        m->name = read_name(r, name, strlen(name));
        m->node = child(r, value, name);
    }
}

static struct node_list
read_list(const struct reading *r)
{
    size_t count = json_array_size(r->value);
    struct node_list list = {.at = builder_alloc(r->b, count, sizeof(struct node *))};

    for (size_t i = 0; list.at != NULL && i < count; i++) {
        char index[24];
        (void)snprintf(index, sizeof(index), "%zu", i);
        list.at[list.count++] = child(r, json_array_get(r->value, i), index);
    }
    return list;
}

static void
take_choice(const struct reading *r)
{
    if (!json_is_array(r->value) || json_array_size(r->value) == 0) {
        must_be(r, "a list of at least one schema");
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
static void
take_items(const struct reading *r)
{
    struct reading rest = *r;
    if (!json_is_array(r->value)) {
        r->node->items = child(r, r->value, NULL);
        return;
    }
    r->node->prefix_items = read_list(r);
    rest.keyword = "additionalItems";
    rest.value = json_object_get(r->whole, rest.keyword);
    if (rest.value != NULL)
        r->node->items = child(&rest, rest.value, NULL);
}

static void
take_schema(const struct reading *r)
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
            *schemas[i].place = child(r, r->value, NULL);
    if (r->keyword[0] == 'u')
        r->b->tracks = true;
}

static void
take_ref(const struct reading *r)
{
    struct builder *b = r->b;
    const char *text =
        json_is_string(r->value) ? arena_strdup(b->arena, json_string_value(r->value)) : NULL;
    if (text == NULL) {
        must_be(r, "a string");
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

/* Sorted by name. `aside` is what draft-07 still reads beside a $ref. */
static const struct {
    const char *name;
    void (*take)(const struct reading *r);
    bool aside;
} keywords[] = {
    {"$defs", take_definitions, true},
    {"$dynamicRef", take_ref, false},
    {"$ref", take_ref, true},
    {"additionalProperties", take_schema, false},
    {"allOf", take_choice, false},
    {"anyOf", take_choice, false},
    {"const", take_const, false},
    {"contains", take_schema, false},
    {"default", take_default, true},
    {"definitions", take_definitions, true},
    {"dependencies", take_dependencies, false},
    {"dependentRequired", take_dependencies, false},
    {"dependentSchemas", take_dependencies, false},
    {"description", take_description, true},
    {"else", take_schema, false},
    {"enum", take_enum, false},
    {"example", take_examples, true},
    {"examples", take_examples, true},
    {"exclusiveMaximum", take_exclusive_maximum, false},
    {"exclusiveMinimum", take_exclusive_minimum, false},
    {"format", take_format, false},
    {"if", take_schema, false},
    {"items", take_items, false},
    {"maxContains", take_size, false},
    {"maxItems", take_size, false},
    {"maxLength", take_size, false},
    {"maxProperties", take_size, false},
    {"maximum", take_maximum, false},
    {"minContains", take_size, false},
    {"minItems", take_size, false},
    {"minLength", take_size, false},
    {"minProperties", take_size, false},
    {"minimum", take_minimum, false},
    {"multipleOf", take_multiple_of, false},
    {"not", take_schema, false},
    {"nullable", take_nullable, false},
    {"oneOf", take_choice, false},
    {"pattern", take_pattern, false},
    {"patternProperties", take_pattern_properties, false},
    {"prefixItems", take_choice, false},
    {"properties", take_properties, false},
    {"propertyNames", take_schema, false},
    {"required", take_required, false},
    {"then", take_schema, false},
    {"title", take_title, true},
    {"type", take_type, false},
    {"unevaluatedItems", take_schema, false},
    {"unevaluatedProperties", take_schema, false},
    {"uniqueItems", take_unique_items, false},
};

/* ARRAY_LEN(keywords): none of them. */
static size_t
row_named(const char *name)
{
    size_t low = 0, high = ARRAY_LEN(keywords);

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, keywords[middle].name);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return ARRAY_LEN(keywords);
}

void
keywords_read(struct builder *b, struct node *node, const json_t *json)
{
    bool alone =
        node->resource != NULL && node->resource->draft_07 && json_object_get(json, "$ref") != NULL;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        size_t row = row_named(name);
        if (b->rc != ERR_OK)
            return;
        if (row == ARRAY_LEN(keywords) || (alone && !keywords[row].aside))
            continue;
        keywords[row].take(&(struct reading){
            .b = b, .node = node, .keyword = keywords[row].name, .value = value, .whole = json});
    }
}
