/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/batch.h - the pages of a task on their way into the store and the database.
 *
 * Pages are checked as hostile input, appended to one object (markdown, then tree), and recorded
 * together: object durable first, then one transaction. Pages that a TASK_BIND changed go the same
 * way, all at its end. The object of a task that is not ours any
 * more is removed; one whose record failed otherwise is left to the collector of orphans, because
 * the commit may have come through. */
#pragma once

#include "jobs/jobs.h"
#include "wire/message.h"

struct batch;

/* store and db are borrowed; task only says which pages may come. */
MUST_CHECK
enum err_code batch_new(struct store *store, struct db *db, const struct task *task,
                        uint32_t page_bytes, uint64_t batch_bytes, struct batch **ret,
                        struct err *err);
/* Forgets what was not flushed. */
void batch_drop(struct batch **batch);

/* ERR_PROTOCOL if the tree is none; ERR_STORAGE_FULL and the like from the store. */
MUST_CHECK
enum err_code batch_add(struct batch *batch, const struct wire_page *page, struct err *err);
MUST_CHECK
enum err_code batch_add_failed(struct batch *batch, const struct wire_failure *failure,
                               struct err *err);

/* Pages not recorded yet, and when recording last ended (monotonic). */
size_t batch_waiting(const struct batch *batch);
int64_t batch_flushed_ms(const struct batch *batch);

/* Records what waits; task moves on. After an error what waited is forgotten: those pages are read
 * again. ERR_STALE: the task is not ours any more. */
MUST_CHECK
enum err_code batch_flush(struct batch *batch, struct task *task, struct err *err);

/* The end of a TASK_BIND, also where no page changed: records what waits, and the task is over.
 * arena: for the ids of objects that go. Errors as above. */
MUST_CHECK
enum err_code batch_bind(struct batch *batch, struct arena *arena, const struct task *task,
                         struct err *err);

/* Removes an object that nothing needs; if that fails it is logged, and found as an orphan later.
 */
void batch_discard_object(struct store *store, const char *id);
