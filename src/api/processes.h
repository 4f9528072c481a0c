/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/processes.h - memory of each process of this service, from /proc: the supervisor and what
 * descends from it. */
#pragma once

#include "base/buf.h"

/* A line of Prometheus for each process that can be seen; none where /proc cannot be read. */
void processes_put(struct buf *out);
