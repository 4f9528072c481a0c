/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/reading_internal.h - parts of reading files here. */
#pragma once

#include "cmd/reading.h"

/* --- reading_bind.c --- */

/* Not all pages have been bound yet. */
bool reading_wants_binding(const struct reading_file *file);
void reading_next_binding(const struct reading_file *file, struct wire_run *ret);
/* The trees that the run is given: the caller closes it. */
MUST_CHECK
enum err_code reading_binding_fd(const struct reading_file *file, const struct wire_run *run,
                                 int *ret_fd, struct err *err);
MUST_CHECK
enum err_code reading_take_bound(struct reading_file *file, const struct wire_page *page,
                                 struct err *err);
/* The run up to page to is over. What cannot be bound stays as it was read. */
void reading_end_binding(struct reading_file *file, uint32_t to, const struct err *why);

/* --- reading_extract.c --- */

/* Request and trees of the pages that were read, as the child gets them: the caller closes it. */
MUST_CHECK
enum err_code reading_pages_fd(const struct wire_ask *wanted, const struct reading_file *file,
                               int *ret_fd, struct err *err);

/* Into file->records, checked as what comes from a child. */
MUST_CHECK
enum err_code reading_take_record(struct reading_file *file, const struct wire_record *record,
                                  struct err *err);
MUST_CHECK
enum err_code reading_take_warnings(struct reading_file *file, struct span warnings,
                                    struct err *err);
