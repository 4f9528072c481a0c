/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/sigv4_internal.h - the computation that making and judging a URL share. */
#pragma once

#include "base/hash.h"
#include "store/sigv4.h"

#define SIGV4_ALGORITHM "AWS4-HMAC-SHA256"

enum { SIGV4_DATE_SIZE = 17, SIGV4_SIGNATURE_SIZE = SHA256_HEX_SIZE };

/* What is signed. query: canonical (sorted, without X-Amz-Signature); all spans without control
 * characters; date "20130524T000000Z". */
struct sigv4_message {
    struct span method;
    struct span path;
    struct span query;
    struct span host;
    const char *date;
};

/* The signature of a canonical request. */
MUST_CHECK
enum err_code sigv4_sign_text(struct arena *arena, const struct sigv4_key *key, const char *date,
                              const char *request, char ret_signature[SIGV4_SIGNATURE_SIZE],
                              struct err *err);

/* The signature as lower-case hexadecimal; ERR_LIMIT if the arena is full. */
MUST_CHECK
enum err_code sigv4_sign(struct arena *arena, const struct sigv4_key *key,
                         const struct sigv4_message *message,
                         char ret_signature[SIGV4_SIGNATURE_SIZE], struct err *err);

/* True for text in which every character is unreserved, or allowed by also, or an escape %XX in
 * upper case of a character that had to be escaped. */
bool sigv4_is_canonical(struct span text, const char *also);

/* A path from '/' in canonical escapes, without empty, "." or ".." segments. */
bool sigv4_is_canonical_path(struct span path);
