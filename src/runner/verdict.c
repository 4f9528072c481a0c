/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/verdict.h"

#include <signal.h>
#include <string.h>

static void
judge_signal(const struct wire_ended *ended, const struct wire_limits *limits, struct err *ret)
{
    bool cpu_used_up = ended->cpu_ms / 1000 >= limits->cpu_s;

    if (ended->timed_out)
        err_set(ret, ERR_DEADLINE, "not read within %u ms", limits->wall_ms);
    else if (ended->signal == SIGXCPU || (ended->signal == SIGKILL && cpu_used_up))
        err_set(ret, ERR_DEADLINE, "not read within %u s of processor time", limits->cpu_s);
    else if (ended->signal == SIGKILL)
        /* Neither we nor its limits: the kernel's way when the machine has no memory left. */
        err_set(ret, ERR_MEMORY, "the reader was killed, most likely for want of memory");
    else if (ended->signal == SIGSYS)
        err_set(ret, ERR_CRASH, "the reader made a system call that it may not make");
    else
        err_set(ret, ERR_CRASH, "the reader ended by signal %u (%s)", ended->signal,
                strsignal((int)ended->signal));
}

void
verdict_of(const struct wire_ended *ended, const struct wire_limits *limits, struct err *ret)
{
    if (ended->exit_status < 0)
        judge_signal(ended, limits, ret);
    else if (ended->exit_status == WIRE_EXIT_MEMORY)
        err_set(ret, ERR_MEMORY, "more than %llu MiB of memory needed",
                (unsigned long long)(limits->memory_bytes >> 20));
    else if (ended->exit_status == WIRE_EXIT_CONFINE)
        err_set(ret, ERR_SYSTEM, "the reader could not confine itself");
    else if (ended->exit_status == WIRE_EXIT_OK)
        err_set(ret, ERR_PROTOCOL, "the reader ended without finishing its answer");
    else
        err_set(ret, ERR_CRASH, "the reader ended with status %d", ended->exit_status);
}
