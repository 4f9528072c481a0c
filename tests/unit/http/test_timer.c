/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/timer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
deadlines_come_in_order_of_setting(void **state)
{
    (void)state;
    struct timer_class tc;
    struct timer a = {0}, b = {0}, c = {0};

    timer_class_init(&tc, 100);
    assert_null(timer_first(&tc));
    timer_set(&tc, &a, 0);
    timer_set(&tc, &b, 10);
    timer_set(&tc, &c, 20);
    assert_ptr_equal(timer_first(&tc), &a);
    timer_set(&tc, &a, 30); /* progress was made */
    assert_ptr_equal(timer_first(&tc), &b);
    assert_int_equal(b.due_ms, 110);
    timer_drop(&b);
    timer_drop(&b);
    assert_ptr_equal(timer_first(&tc), &c);
    timer_drop(&c);
    assert_ptr_equal(timer_first(&tc), &a);
    assert_int_equal(a.due_ms, 130);
    timer_drop(&a);
    assert_null(timer_first(&tc));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(deadlines_come_in_order_of_setting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
