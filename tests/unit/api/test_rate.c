/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Token buckets by a clock of the test's own. */
#include "api/rate.h"
#include "base/attrs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int
set_up(void **state)
{
    *state = calloc(1, sizeof(struct rate));
    return *state != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
    free(*state);
    return 0;
}

static void
a_bucket_empties_and_fills(void **state)
{
    struct rate *rate = *state;
    struct rate_state now;

    for (int i = 9; i >= 0; i--) {
        assert_int_equal(rate_take(rate, "k", 60, 1000, &now), 0);
        assert_int_equal(now.remaining, i);
        assert_int_equal(now.limit, 10);
    }
    assert_int_equal(now.reset_s, 10);
    assert_int_equal(rate_take(rate, "k", 60, 1000, &now), 1);
    assert_int_equal(rate_take(rate, "k", 60, 1500, &now), 1);
    assert_int_equal(rate_take(rate, "k", 60, 2000, &now), 0);
    assert_int_equal(rate_take(rate, "k", 60, 2000, &now), 1);
    assert_int_equal(rate_take(rate, "other", 60, 2000, &now), 0);
    assert_int_equal(rate_take(rate, "k", 60, 100000000, &now), 0);
    assert_int_equal(now.remaining, 9);
}

static void
a_small_limit_lets_one_through(void **state)
{
    struct rate *rate = *state;
    struct rate_state now;

    assert_int_equal(rate_take(rate, "k", 1, 1000, &now), 0);
    assert_int_equal(rate_take(rate, "k", 1, 1000, &now), 60);
    assert_int_equal(rate_take(rate, "k", 1, 31000, &now), 30);
    assert_int_equal(rate_take(rate, "k", 1, 61000, &now), 0);
}

/* Over a minute no more than the burst and what comes in. */
static void
the_limit_holds_over_time(void **state)
{
    struct rate *rate = *state;
    struct rate_state now;
    int taken = 0;

    for (int64_t ms = 1000; ms < 61000; ms += 7)
        taken += rate_take(rate, "k", 600, ms, &now) == 0;
    assert_in_range(taken, 690, 700);
}

static void
memory_is_constant(void **state)
{
    struct rate *rate = *state;
    struct rate_state now;
    char id[40];

    for (int i = 0; i < 100000; i++) {
        snprintf(id, sizeof(id), "00000000-0000-7000-8000-%012d", i);
        assert_int_equal(rate_take(rate, id, 60, 1000 + i, &now), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_bucket_empties_and_fills, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_small_limit_lets_one_through, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_limit_holds_over_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_is_constant, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
