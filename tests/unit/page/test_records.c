/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct record
make(uint32_t from, const char *result)
{
    return (struct record){.page_from = from,
                           .page_to = from + 2,
                           .confidence = 0.75,
                           .kind = span_of("invoice"),
                           .result = span_of(result),
                           .evidence = span_of("{}"),
                           .review = span_of("[]")};
}

static void
what_is_written_is_read(void **state)
{
    struct record one = make(0, "{\"a\":1}"), two = make(2, "{}"), got;
    struct buf out;
    struct err err;
    bool found;

    (void)state;
    buf_init(&out, MiB(1));
    record_put(&out, &one);
    record_put(&out, &two);
    record_put_end(&out, span_of("[\"w\"]"));
    struct record_reader reader = {.left = buf_span(&out)};
    assert_int_equal(record_next(&reader, &got, &found, &err), ERR_OK);
    assert_true(found && got.page_from == 0 && got.page_to == 2 && got.confidence == 0.75);
    assert_true(span_equal(got.result, one.result) && span_equal(got.kind, one.kind));
    assert_int_equal(record_next(&reader, &got, &found, &err), ERR_OK);
    assert_true(found && got.page_from == 2);
    assert_int_equal(record_next(&reader, &got, &found, &err), ERR_OK);
    assert_false(found);
    assert_true(span_equal(reader.warnings, span_of("[\"w\"]")));
    buf_fini(&out);
}

static void
cut_or_changed_bytes_are_refused(void **state)
{
    struct record one = make(0, "{\"a\":1}"), got;
    struct buf out;
    struct err err;
    bool found;

    (void)state;
    buf_init(&out, MiB(1));
    record_put(&out, &one);
    record_put_end(&out, span_of("[]"));
    for (size_t len = 0; len < out.len; len++) {
        struct record_reader reader = {.left = {out.data, len}};
        enum err_code rc = ERR_OK;
        for (found = true; rc == ERR_OK && found;)
            rc = record_next(&reader, &got, &found, &err);
        assert_int_equal(rc, ERR_PROTOCOL);
    }
    buf_fini(&out);
}

static void
only_json_of_its_kind_is_taken(void **state)
{
    static const char *const wrong[] = {"", "[]", "1", "{", "{\"a\":1}x", "{\"a\":1,\"a\":2}"};
    struct err err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct record r = make(0, wrong[i]);
        assert_int_equal(record_check(&r, &err), ERR_PROTOCOL);
    }
    struct record good = make(0, "{\"a\":[1,null]}");
    assert_int_equal(record_check(&good, &err), ERR_OK);
    assert_int_equal(record_check_warnings(span_of("{}"), &err), ERR_PROTOCOL);
    assert_int_equal(record_check_warnings(span_of("[]"), &err), ERR_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(cut_or_changed_bytes_are_refused),
        cmocka_unit_test(only_json_of_its_kind_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
