/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/filing.h - an extraction on its way: stored page trees to a child, its records to the
 * store. The trees are passed on as they lie in the store, the records are checked as hostile
 * input; object durable first, then one transaction. Searchable PDFs go the same way. */
#pragma once

#include "jobs/jobs.h"
#include "wire/extract.h"

struct filing;

/* store and db are borrowed. */
MUST_CHECK
enum err_code filing_new(struct store *store, struct db *db, uint64_t bytes_max,
                         struct filing **ret, struct err *err);
void filing_drop(struct filing **filing);

/* The Markdown of the pages that were read, at most max bytes of it: *ret_cut says whether there is
 * more. */
MUST_CHECK
enum err_code filing_text(struct filing *filing, struct arena *arena, const struct task *task,
                          size_t max, struct buf *out, bool *ret_cut, struct err *err);
/* A warning of the runner's own, beside the child's. */
void filing_warn(struct filing *filing, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Request and trees of the task's job, as the child reads them: a descriptor the caller closes.
 * proposal: values that somebody else proposes, UTF-8 (empty: none).
 * ERR_LIMIT where the trees take more than memory_max. */
MUST_CHECK
enum err_code filing_pages(struct filing *filing, struct arena *arena, const struct task *task,
                           struct span proposal, uint64_t memory_max, int *ret_fd, struct err *err);

/* For a searchable PDF: the trees of all pages, as a SEARCHABLE run takes them. */
MUST_CHECK
enum err_code filing_trees(struct filing *filing, const struct task *task, int *ret_fd,
                           struct err *err);

/* The trees that a BIND run of pages of the task's job takes (wire/message.h). */
MUST_CHECK
enum err_code filing_binding(struct store *store, struct db *db, const struct task *task,
                             const struct wire_run *run, int *ret_fd, struct err *err);

/* The next bytes of that PDF, straight into the store. ERR_OUTPUT past bytes_max. */
MUST_CHECK
enum err_code filing_data(struct filing *filing, struct span bytes, struct err *err);

/* ERR_PROTOCOL if it is none, ERR_OUTPUT past bytes_max. */
MUST_CHECK
enum err_code filing_add(struct filing *filing, const struct wire_record *record, struct err *err);
MUST_CHECK
enum err_code filing_add_warnings(struct filing *filing, struct span warnings, struct err *err);

/* Stores and records it; the task is done. ERR_STALE: it is not ours any more. */
MUST_CHECK
enum err_code filing_end(struct filing *filing, const struct task *task, struct err *err);
