/* SPDX-License-Identifier: AGPL-3.0-or-later
 * What clients ask for, in all the spellings that are published. */
#include "api/spec.h"
#include "schema/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_MAX UINT64_C(1073741824)

static enum err_code
read_text(struct arena *arena, const char *text, bool is_form, struct job_spec *ret,
          struct err *err)
{
    const struct spec_limits limits = {.file_bytes_max = FILE_MAX, .is_form = is_form};
    json_t *fields;

    assert_int_equal(json_read(span_of(text), &fields, err), ERR_OK);
    enum err_code rc = spec_read(arena, fields, &limits, ret, err);
    json_decref(fields);
    return rc;
}

/* --- accepted --- */

struct accepted {
    const char *body;
    const char *file_name;
    uint64_t file_bytes;
    const char *model;
    const char *instructions;
    int64_t price;
    bool boxes;
};

#define NAME "\"file_name\":\"a.pdf\""

static const struct accepted accepted[] = {
    {"{" NAME ",\"content_type\":\"application/pdf\",\"file_size\":1048576}", "a.pdf", 1048576,
     "standard-v2", NULL, 1, false},
    {"{" NAME "}", "a.pdf", 0, "standard-v2", NULL, 1, false},
    {"{" NAME ",\"file_size\":1}", "a.pdf", 1, "standard-v2", NULL, 1, false},
    {"{" NAME ",\"file_size\":1073741824}", "a.pdf", FILE_MAX, "standard-v2", NULL, 1, false},
    {"{" NAME ",\"file_size\":null,\"model\":null,\"schema\":null,\"template_slug\":null,"
     "\"format\":null,\"instructions\":null,\"extract_bounding_boxes\":null}",
     "a.pdf", 0, "standard-v2", NULL, 1, false},
    {"{" NAME ",\"model\":\"\",\"schema\":\"\",\"template_slug\":\"\",\"instructions\":\"\"}",
     "a.pdf", 0, "standard-v2", NULL, 1, false},
    {"{" NAME ",\"format\":\"markdown\"}", "a.pdf", 0, "standard-v2", NULL, 1, false},
    {"{" NAME ",\"output_type\":\"markdown\"}", "a.pdf", 0, "standard-v2", NULL, 1, false},
    {"{" NAME ",\"format\":\"markdown\",\"output_type\":\"markdown\"}", "a.pdf", 0, "standard-v2",
     NULL, 1, false},
    {"{" NAME ",\"model\":\"pro-v2\"}", "a.pdf", 0, "pro-v2", NULL, 3, false},
    {"{" NAME ",\"model\":\"standard-v1\"}", "a.pdf", 0, "standard-v1", NULL, 1, false},
    {"{" NAME ",\"model\":\"english-pro-v1\"}", "a.pdf", 0, "english-pro-v1", NULL, 2, false},
    {"{" NAME ",\"model\":\"pro-v1\"}", "a.pdf", 0, "pro-v1", NULL, 3, false},
    {"{" NAME ",\"model\":\"my own model\"}", "a.pdf", 0, "my own model", NULL, 1, false},
    {"{" NAME ",\"tier\":\"swift\"}", "a.pdf", 0, "standard-v1", NULL, 1, false},
    {"{" NAME ",\"tier\":\"core\"}", "a.pdf", 0, "standard-v2", NULL, 1, false},
    {"{" NAME ",\"tier\":\"intelli\"}", "a.pdf", 0, "pro-v2", NULL, 3, false},
    {"{" NAME ",\"tier\":\"anything\",\"model\":\"pro-v1\"}", "a.pdf", 0, "pro-v1", NULL, 3, false},
    {"{" NAME ",\"format\":\"markdown\",\"instructions\":\"in French\"}", "a.pdf", 0, "standard-v2",
     "in French", 2, false},
    {"{" NAME ",\"format\":\"markdown\",\"instruction\":\"in French\"}", "a.pdf", 0, "standard-v2",
     "in French", 2, false},
    {"{" NAME ",\"format\":\"markdown\",\"model\":\"standard-v1\",\"instructions\":\"x\"}", "a.pdf",
     0, "standard-v1", "x", 3, false},
    {"{" NAME ",\"extract_bounding_boxes\":true,\"save_as_template\":false}", "a.pdf", 0,
     "standard-v2", NULL, 1, true},
    {"{" NAME ",\"team_id\":\"x\",\"credits\":-1,\"status\":\"completed\",\"url\":{}}", "a.pdf", 0,
     "standard-v2", NULL, 1, false},
    {"{\"file_name\":\"/home/me/scans/a b.pdf\"}", "a b.pdf", 0, "standard-v2", NULL, 1, false},
    {"{\"file_name\":\"C:\\\\scans\\\\a.pdf\"}", "a.pdf", 0, "standard-v2", NULL, 1, false},
    {"{\"file_name\":7}", "7", 0, "standard-v2", NULL, 1, false},
    {"{\"file_name\":\"a\\tb\\u202ec.pdf\"}",
     "a\tb\xe2\x80\xae"
     "c.pdf",
     0, "standard-v2", NULL, 1, false},
    {"{\"file_name\":\"\\u6587\\u66f8.pdf\"}", "\xe6\x96\x87\xe6\x9b\xb8.pdf", 0, "standard-v2",
     NULL, 1, false},
};

static void
test_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
        const struct accepted *want = &accepted[i];
        struct arena *arena = arena_new(MiB(1));
        struct job_spec spec;
        struct err err = {0};
        print_message("%s\n", want->body);
        assert_int_equal(read_text(arena, want->body, false, &spec, &err), ERR_OK);
        assert_string_equal(spec.file_name, want->file_name);
        assert_int_equal(spec.file_bytes, want->file_bytes);
        assert_string_equal(spec.model, want->model);
        assert_int_equal(spec.credits_per_page, want->price);
        assert_int_equal(spec.bounding_boxes, want->boxes);
        assert_int_equal(spec.format, JOB_MARKDOWN);
        assert_int_equal(spec.instructions != NULL, want->instructions != NULL);
        if (want->instructions != NULL)
            assert_string_equal(spec.instructions, want->instructions);
        arena_drop(&arena);
    }
}

/* --- refused --- */

struct refused {
    const char *body;
    const char *names; /* the message has it */
    enum err_code code;
};

static const struct refused refused[] = {
    {"[]", "object", ERR_INPUT},
    {"\"x\"", "object", ERR_INPUT},
    {"null", "object", ERR_INPUT},
    {"{}", "'file_name' is missing", ERR_INPUT},
    {"{\"file_name\":null}", "'file_name'", ERR_INPUT},
    {"{\"file_name\":\"\"}", "'file_name'", ERR_INPUT},
    {"{\"file_name\":\"a/\"}", "'file_name'", ERR_INPUT},
    {"{\"file_name\":\"a/..\"}", "'file_name'", ERR_INPUT},
    {"{\"file_name\":\".\"}", "'file_name'", ERR_INPUT},
    {"{\"file_name\":[\"a\"]}", "'file_name'", ERR_INPUT},
    {"{\"file_name\":1.5}", "'file_name'", ERR_INPUT},
    {"{\"file_name\":true}", "'file_name'", ERR_INPUT},
    {"{" NAME ",\"file_size\":0}", "'file_size'", ERR_INPUT},
    {"{" NAME ",\"file_size\":-1}", "'file_size'", ERR_INPUT},
    {"{" NAME ",\"file_size\":1.5}", "'file_size'", ERR_INPUT},
    {"{" NAME ",\"file_size\":1e3}", "'file_size'", ERR_INPUT},
    {"{" NAME ",\"file_size\":\"1\"}", "'file_size'", ERR_INPUT},
    {"{" NAME ",\"file_size\":\"\"}", "'file_size'", ERR_INPUT},
    {"{" NAME ",\"file_size\":true}", "'file_size'", ERR_INPUT},
    {"{" NAME ",\"file_size\":[]}", "'file_size'", ERR_INPUT},
    {"{" NAME ",\"file_size\":1073741825}", "limit 1073741824", ERR_LIMIT},
    {"{" NAME ",\"file_size\":9223372036854775807}", "limit 1073741824", ERR_LIMIT},
    {"{" NAME ",\"content_type\":5}", "'content_type'", ERR_INPUT},
    {"{" NAME ",\"format\":\"xml\"}", "'format'", ERR_INPUT},
    {"{" NAME ",\"format\":\"Markdown\"}", "'format'", ERR_INPUT},
    {"{" NAME ",\"format\":1}", "'format'", ERR_INPUT},
    {"{" NAME ",\"output_type\":\"xml\"}", "'format'", ERR_INPUT},
    {"{" NAME ",\"format\":\"markdown\",\"output_type\":\"structured\"}", "differ", ERR_INPUT},
    {"{" NAME ",\"instruction\":\"a\",\"instructions\":\"b\"}", "differ", ERR_INPUT},
    {"{" NAME ",\"instructions\":{}}", "'instructions'", ERR_INPUT},
    {"{" NAME ",\"model\":5}", "'model'", ERR_INPUT},
    {"{" NAME ",\"tier\":\"best\"}", "'tier'", ERR_INPUT},
    {"{" NAME ",\"extract_bounding_boxes\":\"true\"}", "'extract_bounding_boxes'", ERR_INPUT},
    {"{" NAME ",\"extract_bounding_boxes\":1}", "'extract_bounding_boxes'", ERR_INPUT},
    {"{" NAME ",\"save_as_template\":\"x\"}", "'save_as_template'", ERR_INPUT},
    {"{" NAME ",\"schema\":5}", "'schema'", ERR_INPUT},
    {"{" NAME ",\"schema\":[1]}", "'schema'", ERR_INPUT},
    {"{" NAME ",\"schema\":\"{\"}", "'schema' as text", ERR_INPUT},
    {"{" NAME ",\"schema\":\"[1]\"}", "'schema'", ERR_INPUT},
    {"{" NAME ",\"schema\":\"{\\\"a\\\":1,\\\"a\\\":2}\"}", "'schema' as text", ERR_INPUT},
    {"{" NAME ",\"template_slug\":\"a b\"}", "'template_slug'", ERR_INPUT},
    {"{" NAME ",\"template_id\":\"../x\"}", "'template_id'", ERR_INPUT},
    {"{" NAME ",\"category_id\":5}", "'category_id'", ERR_INPUT},
    /* The documentation page's rule, where its spelling is used. */
    {"{" NAME ",\"instruction\":\"x\",\"schema\":{}}", "only one of", ERR_INPUT},
    {"{" NAME ",\"instruction\":\"x\",\"template_slug\":\"t\"}", "only one of", ERR_INPUT},
    {"{" NAME ",\"template_slug\":\"no-such-template\"}", "there is no template", ERR_INPUT},
    {"{" NAME ",\"category_id\":\"0193a5b2-0000-7000-8000-000000000000\"}", "there is no template",
     ERR_INPUT},
    {"{" NAME ",\"schema\":{\"a\":\"strng\"}}", "at \"/a\"", ERR_INPUT},
    {"{" NAME ",\"schema\":{\"properties\":{\"a\":{\"enum\":[]}}}}", "at \"/properties/a\"",
     ERR_INPUT},
    {"{" NAME ",\"format\":\"markdown\",\"schema\":{\"a\":\"strng\"}}", "at \"/a\"", ERR_INPUT},
    {"{" NAME ",\"min_confidence\":2}", "'min_confidence'", ERR_INPUT},
    /* What is wrong otherwise is said first. */
    {"{" NAME ",\"format\":\"structured\",\"extract_bounding_boxes\":1}",
     "'extract_bounding_boxes'", ERR_INPUT},
};

static void
test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct arena *arena = arena_new(MiB(1));
        struct job_spec spec;
        struct err err = {0};
        print_message("%s\n", refused[i].body);
        assert_int_equal(read_text(arena, refused[i].body, false, &spec, &err), refused[i].code);
        assert_int_equal(err.code, refused[i].code);
        assert_non_null(strstr(err.msg, refused[i].names));
        arena_drop(&arena);
    }
}

/* --- limits, from both sides --- */

static enum err_code
read_long(const char *field, const char *unit, size_t count, struct err *err)
{
    struct arena *arena = arena_new(MiB(4));
    struct job_spec spec;
    struct buf body;

    buf_init(&body, MiB(1));
    buf_string(&body, "{\"format\":\"markdown\"");
    if (strcmp(field, "file_name") != 0)
        buf_string(&body, "," NAME);
    buf_printf(&body, ",\"%s\":\"", field);
    for (size_t i = 0; i < count; i++)
        buf_string(&body, unit);
    buf_string(&body, "\"}");
    enum err_code rc = read_text(arena, buf_text(&body), false, &spec, err);
    buf_fini(&body);
    arena_drop(&arena);
    return rc;
}

static void
test_lengths(void **state)
{
    static const struct {
        const char *field;
        size_t limit;
    } fields[] = {
        {"file_name", SPEC_FILE_NAME_MAX},
        {"content_type", SPEC_TYPE_MAX},
        {"instructions", SPEC_INSTRUCTIONS_MAX},
        {"model", 100},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        char limit[32];
        snprintf(limit, sizeof(limit), "limit %zu", fields[i].limit);
        /* Characters count, not bytes. */
        assert_int_equal(read_long(fields[i].field, "\xc3\xa9", fields[i].limit, &err), ERR_OK);
        assert_int_equal(read_long(fields[i].field, "x", fields[i].limit + 1, &err), ERR_INPUT);
        assert_non_null(strstr(err.msg, limit));
        assert_non_null(strstr(err.msg, fields[i].field));
    }
}

static enum err_code
read_schema_of(size_t depth, size_t padding, struct err *err)
{
    struct arena *arena = arena_new(MiB(4));
    struct job_spec spec;
    struct buf body;

    buf_init(&body, MiB(1));
    buf_string(&body, "{" NAME ",\"schema\":");
    for (size_t i = 1; i < depth; i++)
        buf_string(&body, "{\"a\":");
    buf_string(&body, "{\"");
    for (size_t i = 0; i < padding; i++)
        buf_char(&body, 'x');
    buf_string(&body, "\":\"any\"}");
    for (size_t i = 0; i < depth; i++)
        buf_char(&body, '}');
    enum err_code rc = read_text(arena, buf_text(&body), false, &spec, err);
    buf_fini(&body);
    arena_drop(&arena);
    return rc;
}

static void
test_schema_limits(void **state)
{
    static const size_t frame = sizeof("{\"\":\"any\"}") - 1;
    struct err err;

    (void)state;
    assert_int_equal(read_schema_of(SCHEMA_MAX_DEPTH, 0, &err), ERR_OK);
    assert_int_equal(read_schema_of(SCHEMA_MAX_DEPTH + 1, 0, &err), ERR_INPUT);
    assert_non_null(strstr(err.msg, "limit of 32"));
    assert_int_equal(read_schema_of(1, SCHEMA_MAX_BYTES - frame, &err), ERR_OK);
    assert_int_equal(read_schema_of(1, SCHEMA_MAX_BYTES - frame + 1, &err), ERR_INPUT);
    assert_non_null(strstr(err.msg, "limit of 65536 bytes"));
}

/* What is wanted: the format without one named, spellings of a schema, a template's precedence. */
static void
test_wanted(void **state)
{
    static const struct {
        const char *body;
        enum job_format format;
        const char *schema, *template_slug; /* part of it; NULL: none */
        int64_t credits;
    } cases[] = {
        {"{" NAME ",\"format\":\"structured\"}", JOB_STRUCTURED, NULL, NULL, 2},
        {"{" NAME ",\"format\":\"per_page_structured\"}", JOB_PER_PAGE_STRUCTURED, NULL, NULL, 2},
        {"{" NAME ",\"instructions\":\"x\"}", JOB_STRUCTURED, NULL, NULL, 2},
        {"{" NAME ",\"schema\":{\"a\":\"string\"}}", JOB_STRUCTURED, "{\"a\":\"string\"}", NULL, 2},
        {"{" NAME ",\"schema\":[]}", JOB_STRUCTURED, "{}", NULL, 2},
        {"{" NAME ",\"schema\":\"{\\\"a\\\":\\\"string\\\"}\"}", JOB_STRUCTURED,
         "{\"a\":\"string\"}", NULL, 2},
        {"{" NAME ",\"format\":\"markdown\",\"schema\":{}}", JOB_MARKDOWN, "{}", NULL, 1},
        {"{" NAME ",\"instructions\":\"x\",\"schema\":{\"type\":\"object\",\"properties\":[]}}",
         JOB_STRUCTURED, "properties", NULL, 2},
        {"{" NAME ",\"template_slug\":\"invoice-extraction\"}", JOB_STRUCTURED, "invoice_number",
         "invoice-extraction", 2},
        {"{" NAME ",\"template_slug\":\"receipt-template\",\"format\":\"markdown\","
         "\"schema\":{\"a\":\"string\"}}",
         JOB_STRUCTURED, "merchant_name", "receipt-template", 2},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *arena = arena_new(MiB(1));
        struct job_spec spec;
        struct err err = {0};
        print_message("%s\n", cases[i].body);
        assert_int_equal(read_text(arena, cases[i].body, false, &spec, &err), ERR_OK);
        assert_int_equal(spec.format, cases[i].format);
        assert_int_equal(spec.credits_per_page, cases[i].credits);
        assert_int_equal(spec.schema_json != NULL, cases[i].schema != NULL);
        if (cases[i].schema != NULL)
            assert_non_null(strstr(spec.schema_json, cases[i].schema));
        assert_int_equal(spec.template_slug != NULL, cases[i].template_slug != NULL);
        if (cases[i].template_slug != NULL) {
            assert_string_equal(spec.template_slug, cases[i].template_slug);
            assert_true(spec.template_internal);
        }
        arena_drop(&arena);
    }
}

static void
test_form(void **state)
{
    struct arena *arena = arena_new(MiB(1));
    struct job_spec spec;
    struct err err;

    (void)state;
    /* The file itself tells its size. */
    assert_int_equal(read_text(arena,
                               "{" NAME ",\"file_size\":\"no number\",\"model\":\"\","
                               "\"extract_bounding_boxes\":\"1\",\"save_as_template\":\"false\"}",
                               true, &spec, &err),
                     ERR_OK);
    assert_int_equal(spec.file_bytes, 0);
    assert_true(spec.bounding_boxes);
    assert_false(spec.save_as_template);
    assert_int_equal(
        read_text(arena, "{" NAME ",\"extract_bounding_boxes\":\"yes\"}", true, &spec, &err),
        ERR_INPUT);
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lengths),  cmocka_unit_test(test_schema_limits),
        cmocka_unit_test(test_wanted),   cmocka_unit_test(test_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
