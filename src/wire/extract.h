/* SPDX-License-Identifier: AGPL-3.0-or-later
 * wire/extract.h - what a run of extraction is given in place of a document, and what it answers.
 *
 * The first descriptor of an EXTRACT run holds a request and the encoded trees of the pages that
 * were read (page/codec.h), written by the runner. The child answers with a RECORD for each
 * document that it told apart (or for each page), WARNINGS once, and DONE. */
#pragma once

#include "wire/message.h"

enum { WIRE_RECORDS_MAX = 5000, WIRE_SCHEMA_BYTES_MAX = 64 << 10, WIRE_ASK_BYTES_MAX = 1 << 20 };

struct wire_ask {
    bool per_page;
    double min_confidence;    /* 0..1 */
    struct span schema;       /* JSON text; empty: what the document offers */
    struct span instructions; /* UTF-8; empty: none */
    struct span proposal;     /* JSON text; empty: none */
    uint32_t page_count;      /* trees that follow, each a run of bytes behind a u32 length */
};

/* The request alone; the trees follow it, each written by wire_put_bytes or alike. */
void wire_put_ask(struct buf *out, const struct wire_ask *ask);
MUST_CHECK
enum err_code wire_take_ask(struct wire_fields *fields, struct wire_ask *ret, struct err *err);

void wire_put_record(struct buf *out, const struct wire_record *record);
void wire_put_warnings(struct buf *out, struct span warnings);
MUST_CHECK
enum err_code wire_take_record(struct span payload, struct wire_record *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_warnings(struct span payload, struct span *ret, struct err *err);
