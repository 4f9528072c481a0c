/* SPDX-License-Identifier: AGPL-3.0-or-later
 * traceparent fields (W3C Trace Context). */
#include "base/attrs.h"
#include "base/trace.h"

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
    char trace[TRACE_SIZE], field[TRACEPARENT_SIZE], again[TRACE_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].field);
        assert_int_equal(trace_read(span_of(rows[i].field), trace), rows[i].good);
        assert_true(trace_is_sound(trace));
        if (!rows[i].good) {
            assert_string_equal(trace, "");
            continue;
        }
        assert_memory_equal(trace, ID "-0", 34);
        assert_int_equal(trace[34], rows[i].field[54]);
        trace_write(trace, field);
        assert_true(trace_read(span_of(field), again));
        assert_string_equal(again, trace);
        assert_memory_not_equal(field + 36, rows[i].field + 36, 16);
    }
    static const char *const unsound[] = {ID, ID "-02", ID "-01x", "\n", ID "\n01"};
    for (size_t i = 0; i < ARRAY_LEN(unsound); i++)
        assert_false(trace_is_sound(unsound[i]));
    assert_false(trace_read((struct span){0}, trace));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
