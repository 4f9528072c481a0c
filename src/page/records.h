/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/records.h - what was extracted from a document, as bytes in the store.
 *
 * A sequence: each record with its JSON texts, then the warnings. Written by the runner from what a
 * child answered and it has checked; read by the API and by `convert`. Little-endian. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct record {
    uint32_t page_from, page_to; /* from 0; one past the last */
    double confidence;           /* 0..1 */
    struct span kind;            /* "invoice" ...; UTF-8 */
    struct span result;          /* JSON object */
    struct span evidence;        /* JSON object by JSON Pointer into result */
    struct span review;          /* JSON array */
};

/* ERR_PROTOCOL where the texts are no JSON of their kind, or hold what the service cannot pass on.
 * For what comes from a child. */
MUST_CHECK
enum err_code record_check(const struct record *record, struct err *err);
MUST_CHECK
enum err_code record_check_warnings(struct span warnings, struct err *err);

void record_put(struct buf *out, const struct record *record);
void record_put_end(struct buf *out, struct span warnings);

struct record_reader {
    struct span left;
    struct span warnings; /* JSON array of strings, once the end was reached */
};

/* The next record, borrowed from the bytes; *ret_found false at the end. ERR_PROTOCOL where the
 * bytes are no such sequence. */
MUST_CHECK
enum err_code record_next(struct record_reader *reader, struct record *ret, bool *ret_found,
                          struct err *err);
