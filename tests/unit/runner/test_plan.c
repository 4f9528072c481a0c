/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/plan.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint32_t
batch(uint32_t pages, bool has_text)
{
    struct wire_probe probe = {.pages = pages};
    struct wire_hint hint = {.has_text = has_text};

    return plan_batch_pages(&probe, &hint);
}

static void
batches_share_a_document_and_stay_short(void **state)
{
    (void)state;
    assert_int_equal(batch(1, true), 1);
    assert_int_equal(batch(9, false), 3);
    assert_int_equal(batch(200, true), 50);
    assert_int_equal(batch(20000, true), 50);
    assert_int_equal(batch(20000, false), 8);
    /* Below this length the hint is not looked for: it must not matter. */
    for (uint32_t pages = 1; pages < WIRE_HINT_PAGES; pages++)
        assert_int_equal(batch(pages, true), batch(pages, false));
    assert_true(batch(WIRE_HINT_PAGES, true) != batch(WIRE_HINT_PAGES, false));
}

static void
limits_grow_with_the_pages_up_to_a_cap(void **state)
{
    (void)state;
    struct task task = {.kind = TASK_PAGES, .page_from = 10, .page_to = 12};
    struct wire_run run = plan_run(&runner_defaults, &task);

    assert_int_equal(run.kind, WIRE_RUN_PAGES);
    assert_int_equal(run.page_from, 10);
    assert_int_equal(run.limits.cpu_s, 70);
    assert_int_equal(run.limits.wall_ms, 120000);
    task.page_to = 5000;
    run = plan_run(&runner_defaults, &task);
    assert_int_equal(run.limits.cpu_s, 900);
    assert_int_equal(run.limits.wall_ms, 900000);
    task.kind = TASK_PROBE;
    run = plan_run(&runner_defaults, &task);
    assert_int_equal(run.page_to, 0);
    assert_int_equal(run.limits.wall_ms, 90000);
}

static void
binding_goes_some_pages_at_a_time(void **state)
{
    (void)state;
    struct task task = {.kind = TASK_BIND, .page_from = 0, .page_to = WIRE_BIND_PAGES + 7};
    struct wire_run run = plan_run(&runner_defaults, &task);

    assert_int_equal(run.kind, WIRE_RUN_BIND);
    assert_int_equal(run.page_to, WIRE_BIND_PAGES);
    assert_int_equal(run.limits.cpu_s,
                     runner_defaults.cpu_base_s + 10 * runner_defaults.cpu_page_s);
    task.page_from = run.page_to;
    run = plan_run(&runner_defaults, &task);
    assert_int_equal(run.page_from, WIRE_BIND_PAGES);
    assert_int_equal(run.page_to, WIRE_BIND_PAGES + 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_share_a_document_and_stay_short),
        cmocka_unit_test(binding_goes_some_pages_at_a_time),
        cmocka_unit_test(limits_grow_with_the_pages_up_to_a_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
