/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/verdict.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct wire_limits limits = {.memory_bytes = MiB(1024), .cpu_s = 30, .wall_ms = 5000};

static struct err
judge(struct wire_ended ended)
{
    struct err why = {.code = ERR_OK};

    verdict_of(&ended, &limits, &why);
    return why;
}

static void
each_end_has_its_code(void **state)
{
    (void)state;
    static const struct {
        struct wire_ended ended;
        enum err_code code;
    } rows[] = {
        {{.exit_status = -1, .signal = SIGKILL, .timed_out = true}, ERR_DEADLINE},
        {{.exit_status = -1, .signal = SIGXCPU}, ERR_DEADLINE},
        {{.exit_status = -1, .signal = SIGKILL, .cpu_ms = 30900}, ERR_DEADLINE},
        {{.exit_status = -1, .signal = SIGKILL, .cpu_ms = 29000}, ERR_MEMORY},
        {{.exit_status = WIRE_EXIT_MEMORY}, ERR_MEMORY},
        {{.exit_status = -1, .signal = SIGSEGV}, ERR_CRASH},
        {{.exit_status = -1, .signal = SIGABRT}, ERR_CRASH},
        {{.exit_status = -1, .signal = SIGSYS}, ERR_CRASH},
        {{.exit_status = 3}, ERR_CRASH},
        {{.exit_status = WIRE_EXIT_CONFINE}, ERR_SYSTEM},
        {{.exit_status = 0}, ERR_PROTOCOL},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(judge(rows[i].ended).code, rows[i].code);
}

static void
the_text_names_the_limit(void **state)
{
    (void)state;
    struct wire_ended ended = {.exit_status = -1, .signal = SIGXCPU};

    assert_non_null(strstr(judge(ended).msg, "30 s"));
    ended.timed_out = true;
    assert_non_null(strstr(judge(ended).msg, "5000 ms"));
    ended = (struct wire_ended){.exit_status = WIRE_EXIT_MEMORY};
    assert_non_null(strstr(judge(ended).msg, "1024 MiB"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_end_has_its_code),
        cmocka_unit_test(the_text_names_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
