/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/base64.h - Base64 (RFC 4648), in the usual alphabet and in that for URLs. Strict: no white
 * space, no stray bits, padding exactly as the form says. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>

enum base64_form {
    BASE64_PADDED, /* '+', '/', '=' at the end */
    BASE64_URL     /* '-', '_', no padding */
};

/* The decoded bytes in the arena; false for anything malformed, or where the arena is full. */
MUST_CHECK
bool base64_decode(struct arena *arena, enum base64_form form, struct span text, struct span *ret);

void base64_encode(enum base64_form form, struct span bytes, struct buf *out);
