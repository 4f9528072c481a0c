/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/upload.h - multipart uploads in the database: which parts there are, sealed or open.
 *
 * Parts come to this server, where their sizes are free, or go to the S3 service itself
 * (store/upload_direct.h), which wants 5 MiB of each but the last. A file is cut into equal slices,
 * because the official JavaScript SDK ignores the ranges it is given and cuts so; only the sum must
 * be the declared size, when one was declared. All functions run in the caller's transaction. */
#pragma once

#include "base/arena.h"
#include "base/random.h"
#include "db/db.h"
#include "store/store.h"

#define UPLOAD_PART_BYTES   UINT64_C(5242880)    /* at least, of a part but the last: 5 MiB */
#define UPLOAD_SINGLE_BYTES UINT64_C(52428800)   /* from here on several parts: 50 MiB */
#define UPLOAD_MAX_BYTES    UINT64_C(1073741824) /* 1 GiB */
enum { UPLOAD_ID_SIZE = 33, UPLOAD_PARTS_MAX = 10000 };

/* UPLOAD_CLOSING: the list of parts stands, and the S3 service is being told. */
enum upload_state { UPLOAD_OPEN, UPLOAD_SEALED, UPLOAD_CLOSING };

struct upload {
    char id[UPLOAD_ID_SIZE]; /* random, opaque */
    char job_id[UUID_TEXT_SIZE];
    uint64_t declared_bytes; /* 0: not declared */
    uint32_t part_count;
    int64_t expires_ms;
    enum upload_state state;
    char object_id[OBJECT_ID_SIZE];    /* "": the parts come to this server */
    char remote_id[STORE_REMOTE_SIZE]; /* the S3 service's name of the upload */
};

struct upload_part {
    uint32_t number; /* 1 .. part_count */
    uint64_t size;
    uint8_t md5[MD5_SIZE];
    uint8_t sha256[SHA256_SIZE];
    char object_id[OBJECT_ID_SIZE];
};

/* How many parts a file of this size is cut into (1 below UPLOAD_SINGLE_BYTES). 0 gives 1. */
uint32_t upload_part_count(uint64_t file_bytes);
/* Size of each part but the last, which is smaller: what a client that cuts evenly takes as well.
 */
uint64_t upload_slice_bytes(uint64_t file_bytes);
/* Inclusive range of part number (from 1), covering the file exactly. */
void upload_part_range(uint64_t file_bytes, uint32_t number, uint64_t *ret_start,
                       uint64_t *ret_end);
/* Most bytes that a PUT of this part may bring. */
uint64_t upload_part_ceiling(const struct upload *upload);

MUST_CHECK
enum err_code upload_create(struct db *db, const char *job_id, uint64_t declared_bytes,
                            int64_t expires_ms, struct upload *ret, struct err *err);
/* By upload id, for a PUT: ERR_NOT_FOUND if there is none (or its job was deleted). */
MUST_CHECK
enum err_code upload_find(struct db *db, const char *upload_id, struct upload *ret,
                          struct err *err);
MUST_CHECK
enum err_code upload_of_job(struct db *db, const char *job_id, struct upload *ret, struct err *err);
/* Records a part that is durable in the store; the last completed PUT of a number wins whole, the
 * object it displaces goes into ret_displaced ("" if none) and is removed by the caller after the
 * commit. ERR_CONFLICT if sealed, ERR_INPUT for a number out of range, ERR_LIMIT past the part's
 * ceiling, ERR_NOT_FOUND for an unknown upload. */
MUST_CHECK
enum err_code upload_put_part(struct db *db, const char *upload_id, const struct upload_part *part,
                              char ret_displaced[OBJECT_ID_SIZE], struct err *err);

struct upload_claim {
    int64_t number;
    const char *etag; /* as the client sent it, with or without quotes */
};
/* The exact check of `complete`: numbers 1..part_count in order, each there, ETags equal (32
 * hexadecimal digits of either case, optional quotes, nothing else), sizes sum to the declared. OK
 * seals; sealed already with the same list is OK again, with another list ERR_CONFLICT. Errors are
 * ERR_INPUT naming the part. */
MUST_CHECK
enum err_code upload_seal(struct db *db, const char *upload_id, const struct upload_claim *claims,
                          size_t n, uint64_t *ret_total, struct err *err);
/* Parts in order; object_id is "" once the document has been joined. */
MUST_CHECK
enum err_code upload_parts(struct arena *arena, struct db *db, const char *job_id,
                           struct upload_part **ret, size_t *ret_n, struct err *err);
/* The parts live on in one document, object_id: their objects are given up (their ETags stay, so
 * that a repeated complete can be judged). ids: of the objects to remove after the commit, never
 * object_id itself. Repeatable. */
MUST_CHECK
enum err_code upload_joined(struct arena *arena, struct db *db, const char *job_id,
                            const char *object_id, char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n,
                            struct err *err);
/* Forgets the rows; ids of the objects to remove from the store after the commit. An upload that
 * the S3 service was not told the end of is noted for upload_gone. */
MUST_CHECK
enum err_code upload_forget(struct arena *arena, struct db *db, const char *job_id,
                            char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err);
