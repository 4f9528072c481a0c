/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/extracted.h - structured data of a job as the API shows it.
 *
 * Where what stands: the object of a record is the `result` of the record's first page; the first
 * record's is that of page 1. The other pages of a `structured` job have an empty object, so that
 * those who read pages[0], those who read every page, and those who merge all pages get the same.
 * Reads the store: for threads of the pool. */
#pragma once

#include "base/jsonw.h"
#include "jobs/extraction.h"
#include "page/records.h"
#include "store/store.h"

struct extracted {
    struct extraction row;
    uint8_t *bytes; /* heap */
    struct record *records;
    size_t count;
    struct span warnings;
};

/* row.state must be EXTRACTION_DONE; the rest of *ret is filled in. */
MUST_CHECK
enum err_code extracted_load(struct store *store, struct extracted *x, struct err *err);
/* The same from bytes that lie elsewhere and outlive *x; row.records and row.bytes must be set. */
MUST_CHECK
enum err_code extracted_read(struct span bytes, struct extracted *x, struct err *err);
/* Zeroed storage is accepted. */
void extracted_fini(struct extracted *x);

/* The members "result", "record", "evidence" and "review" of a page (number from 1). is_read: a
 * page that was not has null, unless it is where the first record stands. ret_json: the object
 * alone, for those who show it elsewhere too; borrowed. */
void extracted_put_page(const struct extracted *x, int64_t number, bool is_read, struct jsonw *w,
                        struct span *ret_json);

/* "records" and "warnings" of the whole result, and "extraction_id" before them. */
void extracted_put_records(const struct extracted *x, struct jsonw *w);
void extracted_put_whole(const struct extracted *x, struct jsonw *w);
