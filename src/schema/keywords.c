/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/keywords_internal.h"

#include <stdio.h>
#include <string.h>

static const char *
here(const struct keyword_reading *r)
{
    return builder_pointer(r->b, r->node->pointer, r->keyword, NULL);
}

void
keyword_must_be(const struct keyword_reading *r, const char *what)
{
    builder_fail(r->b, ERR_INPUT, here(r), "must be %s", what);
}

struct node *
keyword_child(const struct keyword_reading *r, const json_t *json, const char *key)
{
    return builder_node(r->b, json, r->node->resource,
                        builder_pointer(r->b, r->node->pointer, r->keyword, key));
}

static const char *
read_text(const struct keyword_reading *r)
{
    if (!json_is_string(r->value)) {
        keyword_must_be(r, "a string");
        return NULL;
    }
    const char *copy = arena_strdup(r->b->arena, json_string_value(r->value));
    if (copy == NULL)
        (void)builder_no_memory(r->b);
    return copy != NULL && *copy != '\0' ? copy : NULL;
}

struct name
keyword_read_name(const struct keyword_reading *r, const char *text, size_t len)
{
    struct name name = {.text = arena_strndup(r->b->arena, text, len), .len = len};
    if (name.text == NULL)
        (void)builder_no_memory(r->b);
    return name;
}

/* PHP writes an empty object as []. */
bool
keyword_is_members(const struct keyword_reading *r)
{
    bool good =
        json_is_object(r->value) || (json_is_array(r->value) && json_array_size(r->value) == 0);
    if (!good)
        keyword_must_be(r, "an object");
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
take_one_type(const struct keyword_reading *r, const json_t *json)
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
take_type(const struct keyword_reading *r)
{
    if (!json_is_array(r->value)) {
        take_one_type(r, r->value);
        return;
    }
    if (json_array_size(r->value) == 0)
        keyword_must_be(r, "a type or a list of at least one");
    for (size_t i = 0; i < json_array_size(r->value); i++)
        take_one_type(r, json_array_get(r->value, i));
}

static void
take_nullable(const struct keyword_reading *r)
{
    if (json_is_true(r->value) && !r->b->options->raw && json_object_get(r->whole, "type") != NULL)
        r->node->types |= SCHEMA_NULL;
}

static void
take_title(const struct keyword_reading *r)
{
    r->node->title = read_text(r);
}

static void
take_description(const struct keyword_reading *r)
{
    r->node->description = read_text(r);
}

static void
take_format(const struct keyword_reading *r)
{
    r->node->format = read_text(r);
}

static void
take_default(const struct keyword_reading *r)
{
    struct schema_value *value = builder_alloc(r->b, 1, sizeof(*value));
    if (value != NULL && value_of(r->b, r->value, value))
        r->node->preset = value;
}

static void
take_const(const struct keyword_reading *r)
{
    struct schema_value *value = builder_alloc(r->b, 1, sizeof(*value));
    if (value != NULL && value_of(r->b, r->value, value))
        r->node->constant = value;
}

static const struct schema_value *
read_values(const struct keyword_reading *r, size_t *ret_count)
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
take_enum(const struct keyword_reading *r)
{
    if (!json_is_array(r->value)) {
        keyword_must_be(r, "a list of values");
        return;
    }
    r->node->has_enum = true;
    r->node->enums = read_values(r, &r->node->enum_count);
}

static void
take_examples(const struct keyword_reading *r)
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
read_number(const struct keyword_reading *r, enum schema_limit limit)
{
    if (!json_is_number(r->value))
        keyword_must_be(r, "a number");
    r->node->limits |= limit;
    return json_number_value(r->value);
}

static void
take_minimum(const struct keyword_reading *r)
{
    r->node->minimum = read_number(r, SCHEMA_HAS_MINIMUM);
}

static void
take_maximum(const struct keyword_reading *r)
{
    r->node->maximum = read_number(r, SCHEMA_HAS_MAXIMUM);
}

/* A number; draft-04 has true beside a minimum. */
static void
take_exclusive_minimum(const struct keyword_reading *r)
{
    const json_t *minimum = json_object_get(r->whole, "minimum");
    struct keyword_reading number = *r;
    if (json_is_boolean(r->value) && json_is_number(minimum)) {
        if (json_is_false(r->value))
            return;
        number.value = minimum;
    }
    r->node->exclusive_minimum = read_number(&number, SCHEMA_HAS_EXCLUSIVE_MINIMUM);
}

static void
take_exclusive_maximum(const struct keyword_reading *r)
{
    const json_t *maximum = json_object_get(r->whole, "maximum");
    struct keyword_reading number = *r;
    if (json_is_boolean(r->value) && json_is_number(maximum)) {
        if (json_is_false(r->value))
            return;
        number.value = maximum;
    }
    r->node->exclusive_maximum = read_number(&number, SCHEMA_HAS_EXCLUSIVE_MAXIMUM);
}

static void
take_multiple_of(const struct keyword_reading *r)
{
    r->node->multiple_of = read_number(r, SCHEMA_HAS_MULTIPLE_OF);
    if (r->b->rc == ERR_OK && r->node->multiple_of <= 0)
        keyword_must_be(r, "above 0");
}

static size_t
read_size(const struct keyword_reading *r)
{
    double number = json_number_value(r->value);
    if (!json_is_number(r->value) || number < 0 || (json_types(r->value) & SCHEMA_INTEGER) == 0) {
        keyword_must_be(r, "a whole number, 0 or more");
        return 0;
    }
    return number < 1e15 ? (size_t)number : SIZE_MAX;
}

static void
take_size(const struct keyword_reading *r)
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
take_unique_items(const struct keyword_reading *r)
{
    if (!json_is_boolean(r->value))
        keyword_must_be(r, "true or false");
    r->node->unique_items = json_is_true(r->value);
}

const struct pattern *
keyword_read_pattern(const struct keyword_reading *r, const char *text, size_t len,
                     const char *place)
{
    struct pattern *pattern = NULL;
    struct err err;
    enum err_code rc = pattern_compile(r->b->arena, text, len, &pattern, &err);
    if (rc != ERR_OK)
        builder_fail(r->b, rc, place, "%s", err.msg);
    return pattern;
}

static void
take_pattern(const struct keyword_reading *r)
{
    r->node->pattern_text = read_text(r);
    if (r->node->pattern_text != NULL)
        r->node->pattern = keyword_read_pattern(r, json_string_value(r->value),
                                                json_string_length(r->value), here(r));
}

/* Sorted by name. `aside` is what draft-07 still reads beside a $ref. */
static const struct {
    const char *name;
    void (*take)(const struct keyword_reading *r);
    bool aside;
} keywords[] = {
    {"$defs", keyword_take_definitions, true},
    {"$dynamicRef", keyword_take_ref, false},
    {"$ref", keyword_take_ref, true},
    {"additionalProperties", keyword_take_schema, false},
    {"allOf", keyword_take_choice, false},
    {"anyOf", keyword_take_choice, false},
    {"const", take_const, false},
    {"contains", keyword_take_schema, false},
    {"default", take_default, true},
    {"definitions", keyword_take_definitions, true},
    {"dependencies", keyword_take_dependencies, false},
    {"dependentRequired", keyword_take_dependencies, false},
    {"dependentSchemas", keyword_take_dependencies, false},
    {"description", take_description, true},
    {"else", keyword_take_schema, false},
    {"enum", take_enum, false},
    {"example", take_examples, true},
    {"examples", take_examples, true},
    {"exclusiveMaximum", take_exclusive_maximum, false},
    {"exclusiveMinimum", take_exclusive_minimum, false},
    {"format", take_format, false},
    {"if", keyword_take_schema, false},
    {"items", keyword_take_items, false},
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
    {"not", keyword_take_schema, false},
    {"nullable", take_nullable, false},
    {"oneOf", keyword_take_choice, false},
    {"pattern", take_pattern, false},
    {"patternProperties", keyword_take_pattern_properties, false},
    {"prefixItems", keyword_take_choice, false},
    {"properties", keyword_take_properties, false},
    {"propertyNames", keyword_take_schema, false},
    {"required", keyword_take_required, false},
    {"then", keyword_take_schema, false},
    {"title", take_title, true},
    {"type", take_type, false},
    {"unevaluatedItems", keyword_take_schema, false},
    {"unevaluatedProperties", keyword_take_schema, false},
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
        keywords[row].take(&(struct keyword_reading){
            .b = b, .node = node, .keyword = keywords[row].name, .value = value, .whole = json});
    }
}
