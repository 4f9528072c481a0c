/* SPDX-License-Identifier: AGPL-3.0-or-later
 * What people see of a result, and how patient the client is. */
#include "leapocr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
check_content(const char *json, bool markdown, const char *expected)
{
    struct leapocr_error error;
    char *text = NULL;
    bool is_markdown = !markdown;

    assert_int_equal(leapocr_content(json, &text, &is_markdown, &error), LEAPOCR_OK);
    assert_int_equal(is_markdown, markdown);
    assert_string_equal(text, expected);
    leapocr_free(text);
}

static void
pages_are_set_apart_by_one_empty_line(void **state)
{
    (void)state;
    check_content("{\"result_format\":\"markdown\",\"pages\":["
                  "{\"page_number\":1,\"result\":\"a\\n\\n\\n\"},"
                  "{\"page_number\":2,\"result\":\"b\"},"
                  "{\"page_number\":3,\"result\":null},"
                  "{\"page_number\":4,\"result\":\"\"},"
                  "{\"page_number\":5,\"result\":\"c\\n\"}]}",
                  true, "a\n\nb\n\n<!-- page 3 could not be read -->\n\nc\n");
    check_content("{\"pages\":[]}", true, "");
}

static void
values_are_json(void **state)
{
    (void)state;
    check_content("{\"result_format\":\"structured\",\"pages\":[{\"result\":{\"a\":0.97}}]}", false,
                  "{\n  \"a\": 0.97\n}\n");
    check_content("{\"pages\":[{\"result\":{\"a\":1}},{\"result\":null}]}", false,
                  "[\n  {\n    \"a\": 1\n  },\n  null\n]\n");
}

static void
what_is_no_result_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "[]", "{}", "{\"pages\":{}}", "{\"pages\":[", "null"};
    struct leapocr_error error;
    char *text = NULL;
    bool markdown;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(leapocr_content(bad[i], &text, &markdown, &error), LEAPOCR_INPUT);
        assert_int_equal(error.status, LEAPOCR_INPUT);
        assert_int_equal(leapocr_content(bad[i], &text, &markdown, NULL), LEAPOCR_INPUT);
    }
    assert_null(text);
}

static void
patience_grows_to_two_seconds(void **state)
{
    (void)state;
    int64_t before = 0, sum = 0;

    assert_int_equal(leapocr_poll_delay_ms(0), 50);
    for (unsigned n = 0; n < 100; n++) {
        int64_t delay = leapocr_poll_delay_ms(n);
        assert_true(delay >= before && delay <= 2000);
        before = delay;
        sum += n < 10 ? delay : 0;
    }
    assert_int_equal(before, 2000);
    assert_int_equal(leapocr_poll_delay_ms(~0u), 2000);
    assert_true(sum < 10000); /* ten questions in the first ten seconds */
}

static void
ids_that_do_not_fit_a_path_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "../x", "a/b", "a?b", "a b", "a\r\nb", "\xc3\xa4"};
    struct leapocr *client = NULL;
    struct leapocr_job job;
    struct leapocr_error error;
    char *json = NULL;

    assert_int_equal(
        leapocr_new(&(struct leapocr_config){.base_url = "http://127.0.0.1:1"}, &client, &error),
        LEAPOCR_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(leapocr_job_status(client, bad[i], &job, &error), LEAPOCR_INPUT);
        assert_int_equal(leapocr_result(client, bad[i], &json, &error), LEAPOCR_INPUT);
        assert_int_equal(leapocr_delete(client, bad[i], &error), LEAPOCR_INPUT);
    }
    assert_int_equal(leapocr_job_status(client, "x", &job, NULL), LEAPOCR_UNREACHABLE);
    leapocr_drop(&client);
    assert_null(client);
    leapocr_drop(&client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_set_apart_by_one_empty_line),
        cmocka_unit_test(values_are_json),
        cmocka_unit_test(what_is_no_result_is_refused),
        cmocka_unit_test(patience_grows_to_two_seconds),
        cmocka_unit_test(ids_that_do_not_fit_a_path_are_refused),
    };
    return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
