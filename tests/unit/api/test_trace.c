/* SPDX-License-Identifier: AGPL-3.0-or-later
 * traceparent fields (W3C Trace Context). */
#include "api/trace.h"
#include "base/attrs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ID "0af7651916cd43dd8448eb211c80319c"

static const struct {
    const char *field;
    bool good;
} rows[] = {
    {"00-" ID "-b7ad6b7169203331-01", true},
    {"00-" ID "-b7ad6b7169203331-00", true},
    {"cc-" ID "-b7ad6b7169203331-01", true},
    {"cc-" ID "-b7ad6b7169203331-01-what-comes", true},
    {"00-" ID "-b7ad6b7169203331-01-what-comes", false},
    {"cc-" ID "-b7ad6b7169203331-01what", false},
    {"ff-" ID "-b7ad6b7169203331-01", false},
    {"00-" ID "-0000000000000000-01", false},
    {"00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
    {"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false},
    {"00-" ID "-b7ad6b7169203331-0", false},
    {"00-" ID "-b7ad6b7169203331-0g", false},
    {"00_" ID "-b7ad6b7169203331-01", false},
    {"", false},
    {"00", false},
};

static void
test_rows(void **state)
{
    char id[TRACE_ID_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].field);
        assert_int_equal(trace_read(span_of(rows[i].field), id), rows[i].good);
        assert_string_equal(id, rows[i].good ? ID : "");
    }
    assert_false(trace_read((struct span){0}, id));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
