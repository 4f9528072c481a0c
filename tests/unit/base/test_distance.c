/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/distance.h: edits between texts, up to a bound. */
#include "base/distance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
edits_are_counted(void **state)
{
    (void)state;
    assert_int_equal(distance_edits("", "", 0), 0);
    assert_int_equal(distance_edits("total", "total", 0), 0);
    assert_int_equal(distance_edits("total", "tota1", 2), 1);
    assert_int_equal(distance_edits("total", "ttal", 2), 1);
    assert_int_equal(distance_edits("kitten", "sitting", 5), 3);
    assert_int_equal(distance_edits("sitting", "kitten", 5), 3);
    assert_int_equal(distance_edits("", "abc", 3), 3);
}

static void
past_the_bound_is_one_more(void **state)
{
    (void)state;
    assert_int_equal(distance_edits("kitten", "sitting", 2), 3);
    assert_int_equal(distance_edits("abcdef", "uvwxyz", 1), 2);
    assert_int_equal(distance_edits("a", "abcdef", 3), 4);
    assert_int_equal(distance_edits("a", "b", 0), 1);
}

static void
long_texts_are_the_same_or_not(void **state)
{
    char a[DISTANCE_BYTES_MAX + 2], b[DISTANCE_BYTES_MAX + 2];

    (void)state;
    memset(a, 'a', sizeof(a));
    a[DISTANCE_BYTES_MAX + 1] = '\0';
    memcpy(b, a, sizeof(a));
    assert_int_equal(distance_edits(a, b, 3), 0);
    b[5] = 'b';
    assert_int_equal(distance_edits(a, b, 3), 4);
    a[DISTANCE_BYTES_MAX] = b[DISTANCE_BYTES_MAX] = '\0';
    assert_int_equal(distance_edits(a, b, 3), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_counted),
        cmocka_unit_test(past_the_bound_is_one_more),
        cmocka_unit_test(long_texts_are_the_same_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
