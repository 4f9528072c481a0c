/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/thread.h - threads beside a process's main one. */
#pragma once

#include "base/attrs.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* As pthread_create, with every signal blocked in the new thread: they are for the main one. 0, or
 * the number of the error. */
MUST_CHECK
int thread_start(pthread_t *ret, void *(*run)(void *arg), void *arg);

/* A condition whose waits end by the clock of clock_mono_ms. Cannot fail on Linux. */
void thread_cond_init(pthread_cond_t *cond);

/* Waits, once, with the mutex held; false when until_ms (of clock_mono_ms) has come;
 * INT64_MAX: never. */
bool thread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_ms);
