/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/page_json.h - one page of a job as the API shows it, in results and in streams of events.
 * Reads the store: for threads of the pool. */
#pragma once

#include "api/extracted.h"
#include "api/page_bytes.h"
#include "api/quirks.h"
#include "base/jsonw.h"
#include "jobs/jobs.h"

/* All but job and quirks is its own. */
struct page_reader {
    const struct job *job;
    const struct quirks *quirks;
    struct arena *tree; /* of one page at a time */
    struct page_bytes bytes;
    const struct extracted *extracted; /* borrowed; NULL: none yet, or Markdown was asked for */
};

/* Borrows what it is given until page_reader_fini, which is also good for storage after
 * page_bytes_init alone. ERR_UNAVAILABLE without memory. */
MUST_CHECK
enum err_code page_reader_init(struct page_reader *reader, struct store *store,
                               const struct job *job, const struct quirks *quirks, struct err *err);
void page_reader_fini(struct page_reader *reader);

/* The members of the page's object, which the caller opens and ends. */
MUST_CHECK
enum err_code page_put(struct page_reader *reader, const struct job_page *page, struct jsonw *w,
                       struct err *err);
