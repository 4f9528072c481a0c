/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/thread.h - threads beside a process's main one. */
#pragma once

#include "base/attrs.h"

#include <pthread.h>

/* As pthread_create, with every signal blocked in the new thread: they are for the main one. 0, or
 * the number of the error. */
MUST_CHECK
int thread_start(pthread_t *ret, void *(*run)(void *arg), void *arg);
