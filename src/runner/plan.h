/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/plan.h - how much of a document goes into one run, and what that run may use. Pure. */
#pragma once

#include "jobs/jobs.h"
#include "runner/runner.h"

/* Pages of each task of a document. */
uint32_t plan_batch_pages(const struct wire_probe *probe, const struct wire_hint *hint);

/* Whether the task writes a searchable PDF; how large it may get. */
bool plan_is_searchable(const struct task *task);
uint64_t plan_searchable_bytes(uint64_t document_bytes);

/* The run of a task, with limits that grow with its pages. */
struct wire_run plan_run(const struct runner_config *config, const struct task *task);
