/* SPDX-License-Identifier: AGPL-3.0-or-later
 * What each client library is spared. */
#include "api/quirks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct row {
    const char *user_agent; /* NULL: none sent */
    struct quirks quirks;
};

static const struct row rows[] = {
    {NULL, {0}},
    {"", {0}},
    {"curl/7.88.1", {0}},
    {"leapocr-php/2.0.1", {.no_created_at = true, .no_boxes = true}},
    {"leapocr-phpx/1", {0}},
    {"leapocr-sdk-js/2.0.1", {.partial_is_done = true}},
    {"leapocr-python/0.0.4", {.partial_is_done = true}},
    {"leapocr-python/0.0.3", {.partial_is_done = true, .page_text = true}},
    {"leapocr-go/2.0.0", {.partial_is_done = true}},
    {"leapocr-go/0.0.4", {.partial_is_done = true, .page_text = true}},
    {"leapocr-go-sdk-test/1.0.0", {.partial_is_done = true, .page_text = true}},
    {"OpenAPI-Generator/1.0.0/go", {.partial_is_done = true, .page_text = true}},
    {"OpenAPI-Generator/1.0.0/python", {0}},
    {"Go-http-client/1.1", {.partial_is_done = true, .page_text = true}},
    {"my-leapocr-php/2.0.1", {0}},
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct span sent = {0};
        if (rows[i].user_agent != NULL)
            sent = span_of(rows[i].user_agent);
        struct quirks got = quirks_of(sent);
        const struct quirks *want = &rows[i].quirks;
        print_message("%s\n", rows[i].user_agent != NULL ? rows[i].user_agent : "(none)");
        assert_int_equal(got.no_created_at, want->no_created_at);
        assert_int_equal(got.no_boxes, want->no_boxes);
        assert_int_equal(got.partial_is_done, want->partial_is_done);
        assert_int_equal(got.page_text, want->page_text);
    }
}

static void
test_status_words(void **state)
{
    const struct quirks plain = {0}, polls = {.partial_is_done = true};

    (void)state;
    assert_string_equal(quirks_status(&plain, JOB_PARTIAL), "partially_done");
    assert_string_equal(quirks_status(&polls, JOB_PARTIAL), "completed");
    assert_string_equal(quirks_status(&polls, JOB_UPLOADING), "pending");
    assert_string_equal(quirks_status(&polls, JOB_QUEUED), "pending");
    assert_string_equal(quirks_status(&polls, JOB_PROCESSING), "processing");
    assert_string_equal(quirks_status(&polls, JOB_FAILED), "failed");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_status_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
