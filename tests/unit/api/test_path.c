/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Paths as clients send them against patterns of routes. */
#include "api/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct row {
    const char *text;
    const char *pattern;
    bool matches;
    const char *param; /* the first; NULL: none, or not decodable */
};

static const struct row rows[] = {
    {"/", "/", true, NULL},
    {"/api/v1", "/", true, NULL},
    {"/api/v1/", "/", true, NULL},
    {"/api", "/", false, NULL},
    {"/health", "/health", true, NULL},
    {"/api/v1/health", "/health", true, NULL},
    {"//api//v1//health", "/health", true, NULL},
    {"/api/v1/api/v1/health", "/health", false, NULL},
    {"/Health", "/health", false, NULL},
    {"/healt", "/health", false, NULL},
    {"/health/x", "/health", false, NULL},
    {"/ocr/status/abc", "/ocr/status/{job_id}", true, "abc"},
    {"/ocr//status/abc", "/ocr/status/{job_id}", true, "abc"},
    {"/ocr/status/", "/ocr/status/{job_id}", false, NULL},
    {"/ocr/status/a%20b", "/ocr/status/{job_id}", true, "a b"},
    {"/ocr/status/a%2Fb", "/ocr/status/{job_id}", true, "a/b"},
    {"/ocr/status/%2e%2e", "/ocr/status/{job_id}", true, ".."},
    {"/ocr/status/%252e", "/ocr/status/{job_id}", true, "%2e"},
    {"/ocr/status/%C3%A9", "/ocr/status/{job_id}", true, "\xc3\xa9"},
    {"/ocr/status/%C3", "/ocr/status/{job_id}", true, NULL},
    {"/ocr/status/a%00b", "/ocr/status/{job_id}", true, NULL},
    {"/ocr/status/a%2", "/ocr/status/{job_id}", true, NULL},
    {"/ocr/status/a%", "/ocr/status/{job_id}", true, NULL},
    {"/ocr/status/a%zz", "/ocr/status/{job_id}", true, NULL},
    {"/ocr/stat%75s/a", "/ocr/status/{job_id}", false, NULL},
    {"/ocr/uploads/1/complete", "/ocr/uploads/{job_id}/complete", true, "1"},
    {"/ocr/uploads/1/2/complete", "/ocr/uploads/{job_id}/complete", false, NULL},
    {"/ocr/uploads/direct", "/ocr/uploads/{job_id}/complete", false, NULL},
};

static void
test_matches(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        struct path path;
        const char *param = NULL;
        struct arena *arena = arena_new(KiB(4));
        print_message("%s against %s\n", row->text, row->pattern);
        assert_true(path_split(span_of(row->text), &path));
        assert_int_equal(path_matches(&path, row->pattern), row->matches);
        if (row->matches && path_params(arena, &path, row->pattern, &param, 1) &&
            row->param != NULL)
            assert_string_equal(param, row->param);
        else
            assert_null(row->param);
        arena_drop(&arena);
    }
}

static void
test_too_many_segments(void **state)
{
    struct path path;

    (void)state;
    assert_true(path_split(span_of("/1/2/3/4/5/6/7/8/9/10/11/12"), &path));
    assert_int_equal(path.count, PATH_SEGMENTS_MAX);
    assert_false(path_split(span_of("/1/2/3/4/5/6/7/8/9/10/11/12/13"), &path));
}

static void
test_all_params(void **state)
{
    static const char pattern[] = "/organizations/{o}/teams/{t}/jobs/{j}";
    struct arena *arena = arena_new(KiB(4));
    const char *params[3];
    struct path path;

    (void)state;
    assert_true(path_split(span_of("/api/v1/organizations/a/teams/b/jobs/c"), &path));
    assert_true(path_matches(&path, pattern));
    assert_false(path_params(arena, &path, pattern, params, 2));
    assert_true(path_params(arena, &path, pattern, params, 3));
    assert_string_equal(params[0], "a");
    assert_string_equal(params[1], "b");
    assert_string_equal(params[2], "c");
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_too_many_segments),
        cmocka_unit_test(test_all_params),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
