/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/sets.h: disjoint sets, against a plain list of who belongs to whom. */
#include "base/sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 60 };

static void
each_number_begins_alone(void **state)
{
    uint32_t parents[3];

    (void)state;
    sets_init(parents, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(sets_root(parents, i), i);
    assert_int_equal(sets_join(parents, 2, 2), 2);
}

static void
the_least_stands_for_all_in_any_order(void **state)
{
    uint32_t parents[5];

    (void)state;
    sets_init(parents, 5);
    assert_int_equal(sets_join(parents, 4, 3), 3);
    assert_int_equal(sets_join(parents, 2, 1), 1);
    assert_int_equal(sets_join(parents, 4, 2), 1);
    assert_int_equal(sets_join(parents, 3, 1), 1);
    assert_int_equal(sets_root(parents, 4), 1);
    assert_int_equal(sets_root(parents, 0), 0);
}

static void
sets_are_those_of_a_plain_list(void **state)
{
    uint32_t parents[MOST], plain[MOST], seed = 1;

    (void)state;
    for (int round = 0; round < 50; round++) {
        sets_init(parents, MOST);
        for (uint32_t i = 0; i < MOST; i++)
            plain[i] = i;
        for (int pairs = 0; pairs < MOST; pairs++) {
            uint32_t a = (seed = seed * 1664525U + 1013904223U) >> 8;
            uint32_t b = (seed = seed * 1664525U + 1013904223U) >> 8;
            uint32_t one = plain[a % MOST], other = plain[b % MOST];
            uint32_t least = one < other ? one : other;
            for (uint32_t i = 0; i < MOST; i++)
                if (plain[i] == one || plain[i] == other)
                    plain[i] = least;
            assert_int_equal(sets_join(parents, a % MOST, b % MOST), least);
        }
        for (uint32_t i = 0; i < MOST; i++)
            assert_int_equal(sets_root(parents, i), plain[i]);
    }
}

static void
a_long_chain_is_walked_once(void **state)
{
    enum { LONG = 100000 };
    uint32_t *parents = malloc(LONG * sizeof(*parents));

    (void)state;
    assert_non_null(parents);
    for (uint32_t i = 0; i < LONG; i++) /* the worst way there is */
        parents[i] = i > 0 ? i - 1 : 0;
    for (uint32_t i = LONG; i-- > 0;)
        assert_int_equal(sets_root(parents, i), 0);
    free(parents);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_begins_alone),
        cmocka_unit_test(the_least_stands_for_all_in_any_order),
        cmocka_unit_test(sets_are_those_of_a_plain_list),
        cmocka_unit_test(a_long_chain_is_walked_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
