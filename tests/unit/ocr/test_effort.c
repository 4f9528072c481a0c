/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/effort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
a_page_is_read_once_whatever_that_takes(void **state)
{
    const struct effort effort = {.spent = 100000000};

    (void)state;
    assert_true(effort_has(&effort, 100000000));
}

static void
a_small_page_gets_the_least(void **state)
{
    struct effort effort = {.spent = 1000};

    (void)state;
    effort_settle(&effort);
    assert_true(effort_has(&effort, 100000));
    assert_false(effort_has(&effort, 1000000));
}

static void
a_large_page_gets_some_times_what_it_took(void **state)
{
    struct effort effort = {.spent = 10000000};

    (void)state;
    effort_settle(&effort);
    assert_true(effort_has(&effort, 10000000));
    assert_false(effort_has(&effort, 100000000));
    effort.spent *= 7; /* of that nothing is left, and it is not settled again */
    effort_settle(&effort);
    assert_false(effort_has(&effort, 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_read_once_whatever_that_takes),
        cmocka_unit_test(a_small_page_gets_the_least),
        cmocka_unit_test(a_large_page_gets_some_times_what_it_took),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
