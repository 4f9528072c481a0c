/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/thread.h"

#include <signal.h>
#include <time.h>

int
thread_start(pthread_t *ret, void *(*run)(void *arg), void *arg)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(ret, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number;
}

void
thread_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;

    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(cond, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
}

bool
thread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    return (until_ms == INT64_MAX ? pthread_cond_wait(cond, mutex)
                                  : pthread_cond_timedwait(cond, mutex, &until)) == 0;
}
