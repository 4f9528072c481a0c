/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/seal.h - keeps short secrets so that a copy of the database alone does not tell them:
 * AES-256-GCM under a key that lies in a file of its own (OpenSSL's EVP).
 *
 * Sealed: 12 random bytes of nonce, 16 of tag, then the text. Bound to a context (the row it
 * belongs to), so that one row's secret cannot be put into another. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

enum { SEAL_KEY_SIZE = 32, SEAL_OVERHEAD = 28, SEAL_TEXT_MAX = 256 };

struct seal_key {
    uint8_t bytes[SEAL_KEY_SIZE];
};

/* The key from its file: 64 hexadecimal digits. */
MUST_CHECK
enum err_code seal_key_load(const char *path, struct seal_key *ret, struct err *err);

/* out: text.len + SEAL_OVERHEAD bytes. */
MUST_CHECK
enum err_code seal_close(const struct seal_key *key, struct span text, struct span context,
                         uint8_t *out, struct err *err);

/* out: sealed.len - SEAL_OVERHEAD bytes and a NUL, which must fit into cap. ERR_SYSTEM if the key
 * or the context is another, or a bit has changed. */
MUST_CHECK
enum err_code seal_open(const struct seal_key *key, struct span sealed, struct span context,
                        char *out, size_t cap, struct err *err);
