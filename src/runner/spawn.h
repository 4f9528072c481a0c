/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/spawn.h - starts a reader process by executing the program again, or as a fork of it.
 *
 * The reader gets descriptor 3 (its end of the control channel) and standard error, /dev/null for
 * input and output, no other descriptor, and an environment of a few named variables with
 * OMP_THREAD_LIMIT=1, which OpenMP reads when it is loaded: afterwards would be too late. */
#pragma once

#include "runner/link.h"

#include <sys/types.h>

MUST_CHECK
enum err_code spawn_reader(const struct link_config *config, pid_t *ret_pid, int *ret_control_fd,
                           struct err *err);
