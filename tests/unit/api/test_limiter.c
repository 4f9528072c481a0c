/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Wrong keys are counted by address. */
#include "api/limiter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct limiter *
fill(const char *peer, int hits)
{
    struct limiter *limiter = calloc(1, sizeof(*limiter));

    for (int i = 0; i < hits; i++)
        assert_int_equal(limiter_hit(limiter, peer, 1000), 0);
    return limiter;
}

static void
test_window(void **state)
{
    struct limiter *limiter = fill("192.0.2.1", LIMITER_HITS);

    (void)state;
    assert_int_equal(limiter_hit(limiter, "192.0.2.1", 1000), 60);
    assert_int_equal(limiter_hit(limiter, "192.0.2.1", 31000), 30);
    assert_int_equal(limiter_hit(limiter, "192.0.2.1", 60999), 1);
    assert_int_equal(limiter_hit(limiter, "192.0.2.1", 61000), 0);
    free(limiter);
}

static void
test_peers_are_apart(void **state)
{
    struct limiter *limiter = fill("192.0.2.1", LIMITER_HITS);

    (void)state;
    assert_int_equal(limiter_hit(limiter, "192.0.2.2", 1000), 0);
    assert_int_equal(limiter_hit(limiter, "2001:db8::1", 1000), 0);
    assert_int_not_equal(limiter_hit(limiter, "::ffff:192.0.2.1", 1000), 0);
    free(limiter);
}

static void
test_ipv6_counts_by_its_first_half(void **state)
{
    struct limiter *limiter = fill("2001:db8:1:2::1", LIMITER_HITS);

    (void)state;
    assert_int_not_equal(limiter_hit(limiter, "2001:db8:1:2:ffff::9", 1000), 0);
    assert_int_equal(limiter_hit(limiter, "2001:db8:1:3::1", 1000), 0);
    free(limiter);
}

/* More addresses than there is room for: memory stays, and each newcomer is counted still. */
static void
test_flood(void **state)
{
    struct limiter *limiter = calloc(1, sizeof(*limiter));
    char peer[32];

    (void)state;
    for (int i = 0; i < 100000; i++) {
        snprintf(peer, sizeof(peer), "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        assert_int_equal(limiter_hit(limiter, peer, 1000 + i), 0);
    }
    for (int i = 1; i < LIMITER_HITS; i++)
        assert_int_equal(limiter_hit(limiter, peer, 101000), 0);
    assert_int_not_equal(limiter_hit(limiter, peer, 101000), 0);
    free(limiter);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_peers_are_apart),
        cmocka_unit_test(test_ipv6_counts_by_its_first_half),
        cmocka_unit_test(test_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
