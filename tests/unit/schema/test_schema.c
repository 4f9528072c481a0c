/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* "schema", "instance", the keyword that fails first; NULL: valid */
static const struct {
    const char *schema, *instance, *keyword;
} cases[] = {
    {"{\"type\":\"integer\"}", "1.0", NULL},
    {"{\"type\":\"integer\"}", "1.5", "type"},
    {"{\"enum\":[[1],{\"a\":null}]}", "{\"a\":null}", NULL},
    {"{\"const\":1}", "1.0", NULL},
    {"{\"const\":false}", "0", "const"},
    {"{\"multipleOf\":0.01}", "4.07", NULL},
    {"{\"multipleOf\":0.01}", "4.071", "multipleOf"},
    {"{\"minLength\":2}", "\"\\ud83d\\ude00\"", "minLength"},
    {"{\"pattern\":\"^\\\\d{4}-\\\\d\\\\d$\"}", "\"2024-01\"", NULL},
    {"{\"pattern\":\"a+\"}", "\"xxaaxx\"", NULL},
    {"{\"pattern\":\"^a*$\"}", "\"aab\"", "pattern"},
    {"{\"required\":[\"a\"]}", "{}", "required"},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"b\":1}", ""},
    {"{\"patternProperties\":{\"^x\":{\"type\":\"null\"}}}", "{\"xa\":1}", "type"},
    {"{\"prefixItems\":[{},{}],\"items\":false}", "[1,2]", NULL},
    {"{\"prefixItems\":[{},{}],\"items\":false}", "[1,2,3]", ""},
    {"{\"items\":[{}],\"additionalItems\":{\"type\":\"null\"}}", "[1,null]", NULL},
    {"{\"contains\":{\"const\":1},\"maxContains\":1}", "[1,1]", "maxContains"},
    {"{\"uniqueItems\":true}", "[{\"a\":1},{\"a\":1.0}]", "uniqueItems"},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":3}]}", "2", "anyOf"},
    {"{\"oneOf\":[{\"minimum\":1},{\"minimum\":3}]}", "4", "oneOf"},
    {"{\"not\":{\"type\":\"null\"}}", "null", "not"},
    {"{\"if\":{\"minimum\":5},\"then\":{\"maximum\":9},\"else\":{\"const\":0}}", "10", "maximum"},
    {"{\"if\":{\"minimum\":5},\"then\":{\"maximum\":9},\"else\":{\"const\":0}}", "1", "const"},
    {"{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "dependentRequired"},
    {"{\"dependencies\":{\"a\":{\"required\":[\"c\"]}}}", "{\"a\":1}", "required"},
    {"{\"allOf\":[{\"properties\":{\"a\":{}}}],\"unevaluatedProperties\":false}", "{\"a\":1}",
     NULL},
    {"{\"allOf\":[{\"properties\":{\"a\":{}}}],\"unevaluatedProperties\":false}",
     "{\"a\":1,\"b\":1}", ""},
    {"{\"$defs\":{\"n\":{\"$anchor\":\"x\",\"type\":\"null\"}},\"items\":{\"$ref\":\"#x\"}}",
     "[null,1]", "type"},
    {"{\"$id\":\"http://h/a/b\",\"$defs\":{\"n\":{\"$id\":\"c\",\"type\":\"null\"}},"
     "\"items\":{\"$ref\":\"../a/c\"}}",
     "[1]", "type"},
    {"{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"definitions\":{\"t\":{}},"
     "\"$ref\":\"#/definitions/t\",\"type\":\"null\"}",
     "1", NULL},
    {"{\"format\":\"date\"}", "\"2024-02-29\"", NULL},
    {"{\"format\":\"date\"}", "\"2023-02-29\"", "format"},
    {"{\"format\":\"email\"}", "\"a@example.com\"", NULL},
    {"{\"format\":\"uuid\"}", "\"x\"", "format"},
};

static void
test_cases(void **state)
{
    struct schema_options raw = {.raw = true};
    struct err err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *arena = arena_new(MiB(4));
        struct schema *schema;
        struct schema_problem problem;
        size_t count = 9;
        json_t *instance = NULL;
        if (schema_compile_as(arena, span_of(cases[i].schema), &raw, &schema, &err) != ERR_OK)
            fail_msg("%s: %s", cases[i].schema, err.msg);
        assert_int_equal(json_read(span_of(cases[i].instance), &instance, &err), ERR_OK);
        assert_int_equal(schema_validate(arena, schema, instance, &problem, 1, &count, &err),
                         ERR_OK);
        if (count != (cases[i].keyword != NULL) ||
            (count > 0 && strcmp(problem.keyword, cases[i].keyword) != 0))
            fail_msg("%s with %s: %s", cases[i].schema, cases[i].instance,
                     count > 0 ? problem.keyword : "valid");
        json_decref(instance);
        arena_drop(&arena);
    }
}

static void
test_problem_names_the_place(void **state)
{
    struct arena *arena = arena_new(MiB(4));
    struct schema *schema;
    struct schema_problem problems[4];
    size_t count;
    struct err err;
    json_t *instance = NULL;

    (void)state;
    assert_int_equal(schema_compile(arena,
                                    span_of("{\"items\":[{\"a/b\":\"number\",\"d\":\"date\"}]}"),
                                    &schema, &err),
                     ERR_OK);
    assert_int_equal(
        json_read(span_of("{\"items\":[{},{\"a/b\":\"x\",\"d\":\"1.2.2024\"}]}"), &instance, &err),
        ERR_OK);
    assert_int_equal(schema_validate(arena, schema, instance, problems, 4, &count, &err), ERR_OK);
    assert_int_equal(count, 2);
    assert_string_equal(problems[0].instance, "/items/1/a~1b");
    assert_string_equal(problems[0].schema, "/properties/items/items/properties/a~1b/type");
    assert_string_equal(problems[1].keyword, "format");
    json_decref(instance);
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_problem_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
