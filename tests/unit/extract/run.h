/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/extract/run.h - one extraction from pages drawn by hand. */
#pragma once

#include "base/json.h"
#include "extract/extract.h"
#include "schema/schema.h"
#include "sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct run {
    struct arena *arena;
    struct page *pages[8];
    struct extract_input input;
    struct extract_output output;
    json_t *result, *evidence;
};

static inline struct page *
page_of(struct run *run)
{
    struct page *page = sheet_new(run->arena, run->input.page_count);

    run->pages[run->input.page_count++] = page;
    return page;
}

static inline int
set_up(void **state)
{
    struct run *run = test_calloc(1, sizeof(*run));

    run->arena = arena_new(MiB(256));
    run->input.pages = run->pages;
    *state = run;
    return run->arena == NULL;
}

static inline int
tear_down(void **state)
{
    struct run *run = *state;

    json_decref(run->result);
    json_decref(run->evidence);
    arena_drop(&run->arena);
    test_free(run);
    return 0;
}

static inline void
read_it(struct run *run, const char *schema_text)
{
    struct schema *schema = NULL;
    struct err err = {0};

    if (schema_text != NULL)
        assert_int_equal(schema_compile(run->arena, span_of(schema_text), &schema, &err), ERR_OK);
    run->input.schema = schema;
    if (extract_run(run->arena, &run->input, &run->output, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(json_read(span_of(run->output.records[0].result), &run->result, NULL), ERR_OK);
    assert_int_equal(json_read(span_of(run->output.records[0].evidence), &run->evidence, NULL),
                     ERR_OK);
}

static inline const char *
text_at(const struct run *run, const char *name)
{
    const char *text = json_string_value(json_object_get(run->result, name));

    return text == NULL ? "" : text;
}

/* Member of an object of the evidence as text; "" if it is none. */
static inline const char *
evidence_of(const struct run *run, const char *pointer, const char *name)
{
    const json_t *value = json_object_get(json_object_get(run->evidence, pointer), name);

    return json_is_string(value) ? json_string_value(value) : "";
}

#define test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
