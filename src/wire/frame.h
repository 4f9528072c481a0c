/* SPDX-License-Identifier: AGPL-3.0-or-later
 * wire/frame.h - how a message looks as bytes: a fixed header, then fields.
 *
 * Header, 12 bytes, little-endian: magic u32, version u16, type u16, payload length u32. The length
 * is checked against the range of its type before anything is read or reserved for it. Fields are
 * integers, and runs of bytes behind a u32 length; nothing is ever read as a struct. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum wire_type {
    /* runner to reader */
    WIRE_RUN = 1,
    WIRE_KILL,
    /* reader to runner */
    WIRE_READY,
    WIRE_ENDED,
    /* confined child to runner: hostile */
    WIRE_PROBE,
    WIRE_HINT,
    WIRE_PAGE,
    WIRE_PAGE_FAILED,
    WIRE_FAILED,
    WIRE_DONE,
    WIRE_RECORD,
    WIRE_WARNINGS,
    WIRE_DATA,
    /* runner to courier */
    WIRE_ERRAND,
    WIRE_CANCEL,
    /* courier to runner */
    WIRE_HELLO,
    WIRE_OUTCOME,
    WIRE_TYPE_END
};

enum { WIRE_VERSION = 1, WIRE_HEADER_SIZE = 12, WIRE_TEXT_SIZE = 256 };

/* Most that markdown and tree of one page may take together, whatever a run allows. */
#define WIRE_PAGE_BYTES_MAX (UINT32_C(64) << 20)

struct wire_header {
    enum wire_type type;
    uint32_t length; /* of the payload, within the range of the type */
};

/* ERR_PROTOCOL where the bytes are no header of ours, or the length is none that the type has. */
MUST_CHECK
enum err_code wire_read_header(const uint8_t bytes[WIRE_HEADER_SIZE], struct wire_header *ret,
                               struct err *err);

/* A frame is written between these two: begin returns what end needs to fill in the length. */
size_t wire_begin(struct buf *out, enum wire_type type);
void wire_end(struct buf *out, size_t begun);

void wire_put_u8(struct buf *out, uint8_t v);
void wire_put_u16(struct buf *out, uint16_t v);
void wire_put_u32(struct buf *out, uint32_t v);
void wire_put_u64(struct buf *out, uint64_t v);
void wire_put_bytes(struct buf *out, struct span bytes);

/* Taking never reads past the end: it gives 0 or nothing, and remembers that it was asked to. */
struct wire_fields {
    const uint8_t *at;
    size_t left;
    bool bad;
};

struct wire_fields wire_fields_of(struct span payload);
uint8_t wire_take_u8(struct wire_fields *fields);
uint16_t wire_take_u16(struct wire_fields *fields);
uint32_t wire_take_u32(struct wire_fields *fields);
uint64_t wire_take_u64(struct wire_fields *fields);
bool wire_take_bool(struct wire_fields *fields); /* 0 or 1, nothing else */

/* Borrowed from the payload. */
struct span wire_take_bytes(struct wire_fields *fields, size_t max_len);

/* A terminated copy; what is not UTF-8, has a NUL inside or does not fit is bad. */
void wire_take_text(struct wire_fields *fields, char *out, size_t cap);

/* OK if all that was asked for was there, and nothing is left over. */
MUST_CHECK
enum err_code wire_fields_end(const struct wire_fields *fields, const char *message,
                              struct err *err);
