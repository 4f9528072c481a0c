/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/metrics.h - GET /metrics in the text form of Prometheus: requests by route and status, the
 * queue, fetches, pages by engine, times of the stages, memory of each process, ledger, webhooks.
 *
 * The figures are of the whole server, not of a team, so no key of a team opens them: a Bearer
 * token does, which stands in the data folder's secrets/metrics. */
#pragma once

#include "base/attrs.h"

#include <stdint.h>

struct call;
struct metrics;

/* NULL without memory. */
MUST_CHECK
struct metrics *metrics_new(void);
void metrics_drop(struct metrics **metrics);

/* A call of the route (NULL: of none) has been answered. */
void metrics_note(struct call *call, int status);
