/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/reading_internal.h - the extraction's part of reading files here. */
#pragma once

#include "cmd/reading.h"

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
