/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/pattern.h"
#include "schema/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The property of that name; NULL if the shape has none. */
static const struct schema_shape *
property(const struct schema_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->property_count; i++)
        if (strcmp(shape->properties[i]->name, name) == 0)
            return shape->properties[i];
    return NULL;
}

static struct arena *arena;
static struct err err;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(MiB(16));
    return arena == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

static const struct schema_shape *
shape_of(const char *text)
{
    struct schema *schema;
    enum err_code rc = schema_compile(arena, span_of(text), &schema, &err);
    if (rc != ERR_OK)
        fail_msg("%s", err.msg);
    return schema_root(schema);
}

static const struct schema_shape *
at(const struct schema_shape *shape, const char *name)
{
    const struct schema_shape *found = property(shape, name);
    assert_non_null(found);
    return found;
}

static void
refused(const char *text, enum err_code code, const char *pointer)
{
    struct schema *schema;
    char want[100];
    (void)snprintf(want, sizeof(want), "at \"%s\"", pointer);
    assert_int_equal(schema_compile(arena, span_of(text), &schema, &err), code);
    if (strstr(err.msg, want) == NULL)
        fail_msg("%s: expected %s", err.msg, want);
}

static void
test_plain(void **state)
{
    (void)state;
    const struct schema_shape *s = shape_of(
        "{\"type\":\"object\",\"title\":\"Invoice\",\"required\":[\"number\"],\"properties\":{"
        "\"number\":{\"type\":\"string\",\"description\":\"its number\",\"examples\":[\"A-1\"]},"
        "\"total\":{\"type\":[\"number\",\"null\"],\"minimum\":0},"
        "\"currency\":{\"enum\":[\"EUR\",\"USD\"],\"default\":\"EUR\"},"
        "\"items\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
        "\"text\":{\"type\":\"string\",\"pattern\":\"^[A-Z]\",\"maxLength\":20}}}}}}");
    assert_string_equal(s->title, "Invoice");
    assert_int_equal(s->property_count, 4);
    assert_string_equal(s->properties[0]->name, "number");
    assert_true(at(s, "number")->required);
    assert_string_equal(at(s, "number")->examples[0].string, "A-1");
    assert_int_equal(at(s, "total")->types, SCHEMA_NUMBER | SCHEMA_INTEGER | SCHEMA_NULL);
    assert_true(at(s, "total")->nullable);
    assert_true((at(s, "total")->limits & SCHEMA_HAS_MINIMUM) != 0);
    assert_int_equal(at(s, "currency")->types, SCHEMA_STRING);
    assert_int_equal(at(s, "currency")->enum_count, 2);
    assert_string_equal(at(s, "currency")->preset->string, "EUR");
    const struct schema_shape *text = at(at(s, "items")->items, "text");
    assert_string_equal(text->pointer, "/properties/items/items/properties/text");
    assert_true(pattern_matches(text->matchers[0], "Abc", 3));
    assert_int_equal(text->max_length, 20);
    assert_int_equal(text->depth, 3);
}

static void
test_references_and_choices(void **state)
{
    (void)state;
    const struct schema_shape *s = shape_of(
        "{\"$defs\":{\"party\":{\"type\":\"object\",\"title\":\"Party\",\"properties\":{"
        "\"name\":{\"type\":\"string\"},\"parent\":{\"$ref\":\"#/$defs/party\"}}},"
        "\"money\":{\"$anchor\":\"money\",\"type\":\"number\"}},"
        "\"allOf\":[{\"properties\":{\"seller\":{\"$ref\":\"#/$defs/party\"}},"
        "\"required\":[\"seller\"]},{\"properties\":{\"total\":{\"$ref\":\"#money\"}}}],"
        "\"properties\":{\"due\":{\"anyOf\":[{\"type\":\"string\",\"format\":\"date\"},"
        "{\"type\":\"null\"}],\"description\":\"when\"},"
        "\"kind\":{\"oneOf\":[{\"const\":\"a\"},{\"const\":\"b\"}]},"
        "\"to\":{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"vat\":{\"type\":\"string\"}},"
        "\"required\":[\"vat\"]},{\"type\":\"object\",\"properties\":{\"tax\":{}}}]}}}");
    assert_true(at(s, "seller")->required);
    assert_string_equal(at(s, "seller")->title, "Party");
    const struct schema_shape *parent = at(at(s, "seller"), "parent");
    assert_true(at(parent, "parent")->recursive);
    assert_int_equal(at(s, "total")->types, SCHEMA_NUMBER | SCHEMA_INTEGER);
    assert_int_equal(at(s, "due")->types, SCHEMA_STRING | SCHEMA_NULL);
    assert_string_equal(at(s, "due")->format, "date");
    assert_int_equal(at(s, "kind")->enum_count, 2);
    assert_int_equal(at(s, "to")->property_count, 2);
    assert_false(at(at(s, "to"), "vat")->required);
}

static void
test_shorthand(void **state)
{
    (void)state;
    const struct schema_shape *s = shape_of(
        "{\"total\":\"number\",\"date\":\"date\",\"type\":\"string\",\"tags\":[\"string\"],"
        "\"seller\":{\"name\":\"string\",\"vat\":{\"type\":\"string\",\"description\":\"id\"}},"
        "\"items\":[{\"price\":\"number\"}]}");
    assert_int_equal(s->types, SCHEMA_OBJECT);
    assert_string_equal(at(s, "date")->format, "date");
    assert_int_equal(at(s, "type")->types, SCHEMA_STRING);
    assert_int_equal(at(s, "tags")->items->types, SCHEMA_STRING);
    assert_string_equal(at(at(s, "seller"), "vat")->description, "id");
    assert_int_equal(at(at(s, "items")->items, "price")->types, SCHEMA_NUMBER | SCHEMA_INTEGER);
    assert_int_equal(shape_of("{\"type\":\"object\",\"properties\":[]}")->property_count, 0);
    assert_int_equal(shape_of("{}")->property_count, 0);
    refused("{\"total\":\"numbr\"}", ERR_INPUT, "/total");
    refused("{\"a\":{\"b\":[\"x\"]}}", ERR_INPUT, "/a/b/0");
    refused("[{\"a\":\"string\"}]", ERR_INPUT, "");
    refused("{\"a\":5}", ERR_INPUT, "/a");
}

static void
test_refused(void **state)
{
    (void)state;
    refused("{\"properties\":{\"a\":{\"type\":\"strng\"}}}", ERR_INPUT, "/properties/a/type");
    refused("{\"properties\":{\"a\":{\"enum\":[]}}}", ERR_INPUT, "/properties/a");
    refused("{\"properties\":{\"a\":{\"type\":\"number\",\"enum\":[\"x\"]}}}", ERR_INPUT,
            "/properties/a");
    refused("{\"properties\":{\"a\":{\"type\":\"number\",\"minimum\":3,\"maximum\":2}}}", ERR_INPUT,
            "/properties/a");
    refused("{\"properties\":{\"a\":{\"allOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}}}",
            ERR_INPUT, "/properties/a/allOf/1");
    refused("{\"properties\":{\"a\":{\"$ref\":\"http://example.com/x\"}}}", ERR_INPUT,
            "/properties/a/$ref");
    refused("{\"properties\":{\"a\":{\"$ref\":\"#/$defs/none\"}}}", ERR_INPUT,
            "/properties/a/$ref");
    refused("{\"$ref\":\"#\"}", ERR_INPUT, "");
    refused("{\"properties\":{\"a\":{\"pattern\":\"(a)\\\\1\"}}}", ERR_INPUT,
            "/properties/a/pattern");
    refused("{\"type\":\"array\",\"items\":{}}", ERR_INPUT, "");
    refused("{\"properties\":{\"a\":false},\"required\":[\"a\"]}", ERR_INPUT, "/properties/a");
    refused("{\"properties\":{},\"additionalProperties\":false,\"required\":[\"a\"]}", ERR_INPUT,
            "");
    assert_int_equal(shape_of("{\"properties\":{\"a\":false,\"b\":true}}")->property_count, 1);
}

static void
test_limits(void **state)
{
    (void)state;
    struct schema *schema;
    struct buf text;
    buf_init(&text, MiB(1));
    /* references that double at each level */
    buf_string(&text, "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/d0\"}},\"$defs\":{");
    for (int i = 0; i < 30; i++)
        buf_printf(&text,
                   "\"d%d\":{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]},",
                   i, i + 1, i + 1);
    buf_string(&text, "\"d30\":{\"type\":\"string\"}}}");
    assert_int_equal(schema_compile(arena, buf_span(&text), &schema, &err), ERR_LIMIT);
    /* properties that double at each level */
    buf_clear(&text);
    arena_reset(arena);
    buf_string(&text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < 20; i++)
        buf_printf(&text,
                   "\"d%d\":{\"properties\":{\"a\":{\"$ref\":\"#/$defs/d%d\"},\"b\":{\"$ref\":\"#/"
                   "$defs/d%d\"}}},",
                   i, i + 1, i + 1);
    buf_string(&text, "\"d20\":{\"type\":\"string\"}}}");
    assert_int_equal(schema_compile(arena, buf_span(&text), &schema, &err), ERR_LIMIT);
    buf_clear(&text);
    arena_reset(arena);
    for (int i = 0; i < 40; i++)
        buf_string(&text, "{\"not\":");
    buf_string(&text, "{}");
    for (int i = 0; i < 40; i++)
        buf_string(&text, "}");
    assert_int_equal(schema_compile(arena, buf_span(&text), &schema, &err), ERR_LIMIT);
    buf_fini(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_references_and_choices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shorthand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
