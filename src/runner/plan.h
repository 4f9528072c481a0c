/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/plan.h - how much of a document goes into one run, and what that run may use. Pure. */
#pragma once

#include "jobs/jobs.h"
#include "runner/runner.h"

/* Pages of each task of a document. */
uint32_t plan_batch_pages(const struct wire_probe *probe, const struct wire_hint *hint);

/* The run of a task, with limits that grow with its pages. Of a TASK_BIND, the next one: its pages
 * are those that are still to be bound. */
struct wire_run plan_run(const struct runner_config *config, const struct task *task);
