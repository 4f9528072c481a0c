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

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
