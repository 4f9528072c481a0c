/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Numbers in the query of a URL. */
#include "api/query.h"

#include "base/attrs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct row {
    const char *query;
    int64_t value; /* -1: refused */
};

static const struct row rows[] = {
    {"", 100},
    {"limit=5", 5},
    {"page=2&limit=5", 5},
    {"limit=5&page=2", 5},
    {"limits=7", 100},
    {"xlimit=7", 100},
    {"&&limit=7&", 7},
    {"limit=1", 1},
    {"limit=1000", 1000},
    {"limit=007", 7},
    {"limit", -1},
    {"limit=", -1},
    {"limit=0", -1},
    {"limit=1001", -1},
    {"limit=-1", -1},
    {"limit=+1", -1},
    {"limit=1.5", -1},
    {"limit=1e2", -1},
    {"limit=%31", -1},
    {"limit=5&limit=5", -1},
    {"limit=99999999999999999999999999", -1},
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = {0};
        int64_t got = -1;
        enum err_code rc = query_int(span_of(rows[i].query), "limit", 1, 1000, 100, &got, &err);
        print_message("%s\n", rows[i].query);
        assert_int_equal(rc, rows[i].value < 0 ? ERR_INPUT : ERR_OK);
        assert_int_equal(got, rows[i].value);
    }
}

struct text_row {
    const char *query;
    const char *value; /* NULL: none */
    enum err_code rc;
};

static const struct text_row text_rows[] = {
    {"", NULL, ERR_OK},
    {"q=", "", ERR_OK},
    {"q", "", ERR_OK},
    {"p=1&q=a%20b+c%C3%A4", "a b c\xc3\xa4", ERR_OK},
    {"q=%26%3D%25", "&=%", ERR_OK},
    {"q=12345678", "12345678", ERR_OK},
    {"q=123456789", NULL, ERR_INPUT},
    {"q=%2", NULL, ERR_INPUT},
    {"q=%zz", NULL, ERR_INPUT},
    {"q=%00", NULL, ERR_INPUT},
    {"q=%0a", NULL, ERR_INPUT},
    {"q=%ff", NULL, ERR_INPUT},
    {"q=a&q=b", NULL, ERR_INPUT},
};

static void
test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(text_rows); i++) {
        const struct text_row *row = &text_rows[i];
        struct arena *arena = arena_new(KiB(4));
        struct err err = {0};
        const char *got = NULL;
        print_message("%s\n", row->query);
        assert_int_equal(query_text(arena, span_of(row->query), "q", 8, &got, &err), row->rc);
        assert_int_equal(got != NULL, row->value != NULL);
        if (got != NULL)
            assert_string_equal(got, row->value);
        arena_drop(&arena);
    }
}

static void
test_bools(void **state)
{
    struct err err;
    bool got = false;

    (void)state;
    assert_int_equal(query_bool(span_of(""), "b", true, &got, &err), ERR_OK);
    assert_true(got);
    assert_int_equal(query_bool(span_of("b=0"), "b", true, &got, &err), ERR_OK);
    assert_false(got);
    assert_int_equal(query_bool(span_of("b=true"), "b", false, &got, &err), ERR_OK);
    assert_true(got);
    assert_int_equal(query_bool(span_of("b=yes"), "b", false, &got, &err), ERR_INPUT);
    assert_int_equal(query_bool(span_of("b"), "b", false, &got, &err), ERR_INPUT);
}

static void
test_times(void **state)
{
    struct arena *arena = arena_new(KiB(4));
    struct err err;
    int64_t got = 0;

    (void)state;
    assert_int_equal(query_time(arena, span_of("a=1"), "t", 7, &got, &err), ERR_OK);
    assert_int_equal(got, 7);
    assert_int_equal(query_time(arena, span_of("t=2013-05-24"), "t", 7, &got, &err), ERR_OK);
    assert_int_equal(got, INT64_C(1369353600000));
    assert_int_equal(query_time(arena, span_of("t=2013-05-24T02:00:00+02:00"), "t", 7, &got, &err),
                     ERR_OK);
    assert_int_equal(got, INT64_C(1369353600000));
    assert_int_equal(query_time(arena, span_of("t=yesterday"), "t", 7, &got, &err), ERR_INPUT);
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_bools),
        cmocka_unit_test(test_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
