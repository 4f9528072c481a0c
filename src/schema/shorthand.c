/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/schema_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a shorthand value may name. */
static const struct {
    const char *name, *type, *format;
} names[] = {
    {"string", "string", NULL},
    {"text", "string", NULL},
    {"str", "string", NULL},
    {"number", "number", NULL},
    {"float", "number", NULL},
    {"double", "number", NULL},
    {"decimal", "number", NULL},
    {"currency", "number", NULL},
    {"money", "number", NULL},
    {"amount", "number", NULL},
    {"percentage", "number", NULL},
    {"integer", "integer", NULL},
    {"int", "integer", NULL},
    {"boolean", "boolean", NULL},
    {"bool", "boolean", NULL},
    {"date", "string", "date"},
    {"time", "string", "time"},
    {"datetime", "string", "date-time"},
    {"date-time", "string", "date-time"},
    {"email", "string", "email"},
    {"url", "string", "uri"},
    {"uri", "string", "uri"},
    {"uuid", "string", "uuid"},
    {"array", "array", NULL},
    {"list", "array", NULL},
    {"object", "object", NULL},
    {"any", NULL, NULL},
    {"null", "null", NULL},
};

static size_t
row_named(const char *name, size_t len)
{
    size_t i = 0;
    while (i < ARRAY_LEN(names) &&
           (strlen(names[i].name) != len || strncasecmp(names[i].name, name, len) != 0))
        i++;
    return i;
}

/* "type" with a value that JSON Schema knows: one name of a type, or a list of them. */
static bool
names_types(const json_t *json)
{
    static const char *const types[] = {"string", "number", "integer", "boolean",
                                        "object", "array",  "null"};
    if (json_is_array(json)) {
        for (size_t i = 0; i < json_array_size(json); i++)
            if (!json_is_string(json_array_get(json, i)))
                return false;
        return json_array_size(json) > 0;
    }
    for (size_t i = 0; json_is_string(json) && i < ARRAY_LEN(types); i++)
        if (strcmp(json_string_value(json), types[i]) == 0)
            return true;
    return false;
}

/* Members that only a schema has, with a value of the kind that it has there. */
static bool
has_structure(const json_t *json)
{
    static const char *const objects[] = {"properties", "$defs", "definitions",
                                          "patternProperties"};
    static const char *const lists[] = {"anyOf",       "oneOf", "allOf",
                                        "prefixItems", "enum",  "required"};
    const char *ref = json_string_value(json_object_get(json, "$ref"));

    if (json_is_string(json_object_get(json, "$schema")) || (ref != NULL && ref[0] != '\0') ||
        json_is_string(json_object_get(json, "$id")) ||
        json_is_string(json_object_get(json, "$dynamicRef")))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        const json_t *value = json_object_get(json, objects[i]);
        bool empty_list = json_is_array(value) && json_array_size(value) == 0;
        if (empty_list && i == 0)
            return true;
        /* A field that is called "properties" would hold names of types, not schemas. */
        const json_t *first = json_object_iter_value(json_object_iter((json_t *)(uintptr_t)value));
        if (json_is_object(value) &&
            (first == NULL || json_is_object(first) || json_is_boolean(first)))
            return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const json_t *value = json_object_get(json, lists[i]);
        bool enum_like = i >= 4;
        if (json_is_array(value) && json_array_size(value) > 0 &&
            (enum_like ? !json_is_object(json_array_get(value, 0)) &&
                             (json_array_size(value) > 1 || json_object_get(json, "type") != NULL)
                       : json_is_object(json_array_get(value, 0))))
            return true;
    }
    return false;
}

/* At the top only an object can be meant, so that {"type": "string"} is a field called type. */
bool
shorthand_is(const json_t *json)
{
    const json_t *type = json_object_get(json, "type");

    if (!json_is_object(json))
        return json_is_array(json) && json_array_size(json) == 1;
    if (json_object_size(json) == 0 || has_structure(json))
        return false;
    if (json_is_boolean(json_object_get(json, "additionalProperties")))
        return false;
    return !(names_types(type) &&
             (json_is_array(type) || strcmp(json_string_value(type), "object") == 0 ||
              strcmp(json_string_value(type), "array") == 0));
}

static json_t *expand(struct builder *b, const json_t *json, const char *pointer, int depth);

static json_t *
expand_text(struct builder *b, const json_t *json, const char *pointer)
{
    const char *text = json_string_value(json);
    size_t len = strlen(text);
    bool optional = len > 0 && text[len - 1] == '?';
    bool list = len > 2 && strcmp(text + len - 2, "[]") == 0;

    len -= optional ? 1 : list ? 2 : 0;
    size_t row = row_named(text, len);
    if (row == ARRAY_LEN(names)) {
        builder_fail(b, ERR_INPUT, pointer,
                     "unknown type \"%.40s\"; a field is \"string\", \"number\", \"integer\", "
                     "\"boolean\", \"date\" ..., an object or a list of one",
                     text);
        return NULL;
    }
    json_t *schema = json_object();
    if (names[row].type != NULL)
        (void)json_object_set_new(schema, "type", json_string(names[row].type));
    if (names[row].format != NULL)
        (void)json_object_set_new(schema, "format", json_string(names[row].format));
    if (list)
        schema = json_pack("{s:s,s:o}", "type", "array", "items", schema);
    return schema;
}

static json_t *
expand_object(struct builder *b, const json_t *json, const char *pointer, int depth)
{
    json_t *properties = json_object();
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        json_t *made = expand(b, value, builder_pointer(b, pointer, name, NULL), depth + 1);
        if (made == NULL || json_object_set_new(properties, name, made) != 0) {
            json_decref(properties);
            return NULL;
        }
    }
    return json_pack("{s:s,s:o}", "type", "object", "properties", properties);
}

static json_t *
expand(struct builder *b, const json_t *json, const char *pointer, int depth)
{
    if (b->rc != ERR_OK)
        return NULL;
    if (depth > SCHEMA_MAX_DEPTH) {
        builder_fail(b, ERR_LIMIT, pointer, "nests deeper than the limit of %d", SCHEMA_MAX_DEPTH);
        return NULL;
    }
    if (json_is_string(json))
        return expand_text(b, json, pointer);
    if (json_is_array(json) && json_array_size(json) <= 1) {
        json_t *items = json_array_size(json) == 0
                            ? json_object()
                            : expand(b, json_array_get(json, 0),
                                     builder_pointer(b, pointer, "0", NULL), depth + 1);
        return items != NULL ? json_pack("{s:s,s:o}", "type", "array", "items", items) : NULL;
    }
    if (json_is_object(json)) {
        bool schema = depth > 0 && (json_object_size(json) == 0 || has_structure(json) ||
                                    names_types(json_object_get(json, "type")));
        return schema ? json_deep_copy(json) : expand_object(b, json, pointer, depth);
    }
    builder_fail(b, ERR_INPUT, pointer,
                 json_is_array(json) ? "a list holds one description of its items"
                                     : "a field is described by the name of a type, an object or a "
                                       "list of one");
    return NULL;
}

json_t *
shorthand_expand(struct builder *b, const json_t *json)
{
    json_t *schema = expand(b, json, "", 0);
    if (schema == NULL)
        (void)builder_no_memory(b);
    return schema;
}
