/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/schema_internal.h"

#include <math.h>
#include <string.h>

unsigned
json_types(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_NULL:
        return SCHEMA_NULL;
    case JSON_TRUE:
    case JSON_FALSE:
        return SCHEMA_BOOLEAN;
    case JSON_INTEGER:
        return SCHEMA_INTEGER | SCHEMA_NUMBER;
    case JSON_REAL: /* 1.0 is an integer to JSON Schema */
        return json_real_value(json) == floor(json_real_value(json))
                   ? SCHEMA_INTEGER | SCHEMA_NUMBER
                   : SCHEMA_NUMBER;
    case JSON_STRING:
        return SCHEMA_STRING;
    case JSON_ARRAY:
        return SCHEMA_ARRAY;
    default:
        return SCHEMA_OBJECT;
    }
}

static bool
value_of_many(struct builder *b, const json_t *json, struct schema_value *value)
{
    value->count = json_is_array(json) ? json_array_size(json) : json_object_size(json);
    struct schema_value *items = builder_alloc(b, value->count, sizeof(*items));
    if (items == NULL)
        return false;
    value->items = items;
    if (json_is_array(json)) {
        for (size_t i = 0; i < value->count; i++)
            if (!value_of(b, json_array_get(json, i), &items[i]))
                return false;
        return true;
    }
    const char **names = builder_alloc(b, value->count, sizeof(*names));
    const char *name;
    json_t *item;
    size_t n = 0;
    if (names == NULL)
        return false;
    value->names = names;
    json_object_foreach((json_t *)(uintptr_t)json, name, item)
    {
        names[n] = arena_strdup(b->arena, name);
        if (names[n] == NULL)
            return builder_no_memory(b);
        if (!value_of(b, item, &items[n++]))
            return false;
    }
    return true;
}

bool
value_of(struct builder *b, const json_t *json, struct schema_value *ret_value)
{
    struct schema_value value = {0};
    unsigned types = json_types(json);

    value.type = (types & SCHEMA_NUMBER) == 0 ? (enum schema_type)types
                 : json_is_integer(json)      ? SCHEMA_INTEGER
                                              : SCHEMA_NUMBER;
    value.boolean = json_is_true(json);
    value.integer = json_is_integer(json) ? json_integer_value(json) : 0;
    value.number = json_number_value(json);
    if (json_is_string(json)) {
        value.len = json_string_length(json);
        value.string = arena_strndup(b->arena, json_string_value(json), value.len);
        if (value.string == NULL)
            return builder_no_memory(b);
    }
    if (json_is_array(json) || json_is_object(json))
        if (!value_of_many(b, json, &value))
            return false;
    *ret_value = value;
    return true;
}

static bool
object_equals(const struct schema_value *value, const json_t *json)
{
    for (size_t i = 0; i < value->count; i++) {
        const json_t *item = json_object_get(json, value->names[i]);
        if (item == NULL || !value_equals(&value->items[i], item))
            return false;
    }
    return true;
}

bool
value_equals(const struct schema_value *value, const json_t *json)
{
    switch (value->type) {
    case SCHEMA_NULL:
        return json_is_null(json);
    case SCHEMA_BOOLEAN:
        return json_is_boolean(json) && json_is_true(json) == value->boolean;
    case SCHEMA_INTEGER:
        if (json_is_integer(json))
            return json_integer_value(json) == value->integer;
        return json_is_real(json) && json_real_value(json) == value->number;
    case SCHEMA_NUMBER:
        return json_is_number(json) && json_number_value(json) == value->number;
    case SCHEMA_STRING:
        return json_is_string(json) && json_string_length(json) == value->len &&
               memcmp(json_string_value(json), value->string, value->len) == 0;
    case SCHEMA_ARRAY:
        if (!json_is_array(json) || json_array_size(json) != value->count)
            return false;
        for (size_t i = 0; i < value->count; i++)
            if (!value_equals(&value->items[i], json_array_get(json, i)))
                return false;
        return true;
    default:
        return json_is_object(json) && json_object_size(json) == value->count &&
               object_equals(value, json);
    }
}

bool
json_same(const json_t *a, const json_t *b)
{
    const char *name;
    json_t *item;

    if (json_is_number(a) && json_is_number(b))
        return json_is_integer(a) && json_is_integer(b)
                   ? json_integer_value(a) == json_integer_value(b)
                   : json_number_value(a) == json_number_value(b);
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_array(a)) {
        for (size_t i = 0; i < json_array_size(a); i++)
            if (i >= json_array_size(b) || !json_same(json_array_get(a, i), json_array_get(b, i)))
                return false;
        return json_array_size(a) == json_array_size(b);
    }
    if (!json_is_object(a))
        return json_equal(a, b) != 0;
    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach((json_t *)(uintptr_t)a, name, item)
    {
        const json_t *other = json_object_get(b, name);
        if (other == NULL || !json_same(item, other))
            return false;
    }
    return true;
}

json_t *
schema_value_json(const struct schema_value *value)
{
    json_t *made;

    switch (value->type) {
    case SCHEMA_NULL:
        return json_null();
    case SCHEMA_BOOLEAN:
        return json_boolean(value->boolean);
    case SCHEMA_INTEGER:
        return json_integer(value->integer);
    case SCHEMA_NUMBER:
        return json_real(value->number);
    case SCHEMA_STRING:
        return json_stringn(value->string, value->len);
    default:
        break;
    }
    made = value->type == SCHEMA_ARRAY ? json_array() : json_object();
    for (size_t i = 0; made != NULL && i < value->count; i++) {
        json_t *item = schema_value_json(&value->items[i]);
        int failed = value->type == SCHEMA_ARRAY ? json_array_append_new(made, item)
                                                 : json_object_set_new(made, value->names[i], item);
        if (failed != 0) {
            json_decref(made);
            return NULL;
        }
    }
    return made;
}
