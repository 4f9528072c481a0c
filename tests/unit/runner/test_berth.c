/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/berth.h"

#include "base/fdio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void
count_up(void *arg)
{
    ++*(int *)arg; /* plain: the berth has to order it */
}

static void
what_the_work_wrote_is_seen_when_the_berth_is_free(void **state)
{
    (void)state;
    struct berth *berth = NULL;
    struct err err;
    int told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), count = 0;

    assert_int_equal(berth_open(told, &berth, &err), ERR_OK);
    for (int i = 0; i < 1000; i++) {
        struct pollfd fd = {.fd = told, .events = POLLIN};
        uint64_t ends;
        berth_post(berth, count_up, &count);
        while (berth_is_busy(berth) || read(told, &ends, sizeof(ends)) < 0)
            assert_true(poll(&fd, 1, 10000) >= 0);
        assert_int_equal(count, i + 1);
    }
    berth_close(&berth);
    assert_null(berth);
    fd_close(&told);
}

static void
work_under_way_is_waited_for(void **state)
{
    (void)state;
    struct err err;
    int told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), count = 0;

    for (int i = 0; i < 200; i++) {
        struct berth *berth = NULL;
        assert_int_equal(berth_open(told, &berth, &err), ERR_OK);
        berth_post(berth, count_up, &count);
        berth_close(&berth);
        assert_int_equal(count, i + 1);
    }
    fd_close(&told);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_work_wrote_is_seen_when_the_berth_is_free),
        cmocka_unit_test(work_under_way_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
