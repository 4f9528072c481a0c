/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/s3_digest.h - whether the bytes that a store gives are those that it was given.
 *
 * An object of ours carries its SHA-256. A document that a client sent in parts has an ETag that is
 * the MD5 of its parts' MD5s and their number, "<32 digits>-N"; it is checked for parts of equal
 * size, which is how upload URLs are given out; one that was cut in another way is right when two
 * transfers of it agree. An ETag that is no MD5 (under aws:kms) leaves only the length. */
#pragma once

#include "base/hash.h"
#include "store/s3_http.h"

struct s3_digest {
    struct hash_stream *stream; /* NULL: nothing to check by */
    struct hash_stream *parts;  /* of the parts' MD5s; NULL: by SHA-256 */
    uint64_t part_bytes, part_left;
    uint32_t part_count;
    uint8_t wanted[SHA256_SIZE]; /* an MD5 where there are parts */
};

/* By the head of the answer. Begins anew if it was begun before. */
MUST_CHECK
enum err_code s3_digest_begin(struct s3_digest *digest, const struct s3_answer *answer,
                              struct err *err);
MUST_CHECK
enum err_code s3_digest_add(struct s3_digest *digest, struct span bytes, struct err *err);
enum s3_verdict { S3_RIGHT, S3_WRONG, S3_UNSURE };
/* ret_digest: of what came, for a comparison with another transfer where that is S3_UNSURE. */
MUST_CHECK
enum err_code s3_digest_end(struct s3_digest *digest, enum s3_verdict *ret_verdict,
                            uint8_t ret_digest[SHA256_SIZE], struct err *err);
void s3_digest_drop(struct s3_digest *digest);
