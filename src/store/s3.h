/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/s3.h - the object store on an S3 service; what store/store.h says holds here, too.
 *
 * An object is KEY = prefix + id. Calls block, seconds at worst: each is tried again after network
 * errors, 5xx, 429 and SlowDown, with growing pauses of random length, until `patience_ms` are over
 * in which nothing moved; then it is ERR_UNAVAILABLE. All of them may be repeated: an id is written
 * once, with bytes that never change. Thread-safe.
 * Source: Amazon S3 API Reference. */
#pragma once

#include "base/arena.h"
#include "store/s3_config.h"
#include "store/store.h"

struct s3;

/* Checks what is given; nothing is asked of the service. ERR_INPUT. */
MUST_CHECK
enum err_code s3_open(const struct s3_config *config, struct s3 **ret, struct err *err);
void s3_close(struct s3 **s3);
/* Calls under way try no more; for the end of a process. Also from other threads. */
void s3_hurry(struct s3 *s3);

/* --- objects: store/s3_object.c --- */

/* The first `object->size` bytes of fd. Durable after OK; the digests travel along: the service
 * refuses other bytes. */
MUST_CHECK
enum err_code s3_put(struct s3 *s3, const struct store_written *object, int fd, struct err *err);
/* Into fd, which is empty. A transfer that is cut goes on where it was; the bytes are checked
 * against the digest that the object was put with (or the ETag of its parts). ERR_NOT_FOUND. */
MUST_CHECK
enum err_code s3_fetch(struct s3 *s3, const char *id, int fd, uint64_t *ret_size, struct err *err);
/* ERR_NOT_FOUND. */
MUST_CHECK
enum err_code s3_size(struct s3 *s3, const char *id, uint64_t *ret_size, struct err *err);
MUST_CHECK
enum err_code s3_remove(struct s3 *s3, const char *id, struct err *err);
/* As store_walk, but each call sees a sixteenth of the objects, one after another. */
MUST_CHECK
enum err_code s3_walk(struct s3 *s3, int64_t min_age_ms,
                      enum err_code (*seen)(void *ctx, const char *id, struct err *err), void *ctx,
                      struct err *err);
/* How far the service's clock is ahead of ours, in ms, by its last answer; 0 before the first. */
int64_t s3_clock_skew_ms(const struct s3 *s3);

/* --- multipart uploads: store/s3_upload.c; see store.h --- */

MUST_CHECK
enum err_code s3_upload_begin(struct s3 *s3, const char *id, char ret_remote[STORE_REMOTE_SIZE],
                              struct err *err);
MUST_CHECK
enum err_code s3_upload_url(struct s3 *s3, struct arena *arena, const char *id, const char *remote,
                            uint32_t number, int64_t now_ms, int64_t life_s, const char **ret_url,
                            struct err *err);
MUST_CHECK
enum err_code s3_upload_parts(struct s3 *s3, struct arena *arena, const char *id,
                              const char *remote, struct store_part **ret, size_t *ret_n,
                              struct err *err);
MUST_CHECK
enum err_code s3_upload_finish(struct s3 *s3, const char *id, const char *remote,
                               const struct store_part *parts, size_t n, struct err *err);
MUST_CHECK
enum err_code s3_upload_abort(struct s3 *s3, const char *id, const char *remote, struct err *err);
MUST_CHECK
enum err_code s3_upload_walk(struct s3 *s3, int64_t min_age_ms,
                             enum err_code (*seen)(void *ctx, const char *id, const char *remote,
                                                   struct err *err),
                             void *ctx, struct err *err);
