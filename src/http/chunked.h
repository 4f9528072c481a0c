/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/chunked.h - the chunked transfer coding (RFC 9112, 7.1), decoded as its bytes arrive.
 *
 * Strict: CRLF only, hexadecimal sizes without sign, space or overflow. Extensions and trailer
 * fields are checked for form, limited and dropped. Nothing is copied or kept. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    CHUNKED_SIZE_DIGITS = 16,
    CHUNKED_EXTENSION_BYTES = 4096, /* in the whole body: they cost work and carry nothing */
    CHUNKED_TRAILER_BYTES = 8192,
};

struct chunked {
    uint64_t rest; /* of the current chunk */
    uint32_t extension_bytes;
    uint32_t trailer_bytes;
    uint8_t state;
    uint8_t digits;
    bool done; /* the last byte of the body has been taken */
};

void chunked_init(struct chunked *chunked);

/* Takes bytes from the front of *input up to the end of one piece of data, of the body, or of the
 * input. *ret_piece lies in the input and is empty where there was no data yet. Bytes behind the
 * body's end stay in *input. ERR_SYNTAX, ERR_HEADERS past the limits above; it must not be called
 * again then. */
MUST_CHECK
enum err_code chunked_next(struct chunked *chunked, struct span *input, struct span *ret_piece,
                           struct err *err);
