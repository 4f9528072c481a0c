/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/berth.h - a thread that does one thing at a time for one owner, who goes on meanwhile.
 *
 * Whoever posts gives up what the work uses until the berth is free again; that is all there is of
 * locking. The end of each work is told by the counter of an eventfd. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stdbool.h>

struct berth;

/* told_fd: eventfd, borrowed. */
MUST_CHECK
enum err_code berth_open(int told_fd, struct berth **ret, struct err *err);
/* Waits for the work under way. */
void berth_close(struct berth **berth);

/* Only while it is free. */
void berth_post(struct berth *berth, void (*work)(void *arg), void *arg);
bool berth_is_busy(const struct berth *berth);
