/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/store.h - the object store: immutable objects with random names, in a folder or on an S3
 * service behind the same calls.
 *
 * Folder: objects/aa/bb/<32 hex digits>, files of mode 0400; what is being written lies in tmp/ and
 * is invisible. An object is acknowledged only after fsync of the file, rename, and fsync of its
 * folder. Paths are made in store/path.c and nowhere else.
 * S3 (store/s3.h): one object of the bucket each, acknowledged when the service has; tmp/ is the
 * spool of what is being written, and holds what was read lately, up to a limit. Calls may take
 * seconds there: never on an event loop, never within a transaction.
 *
 * Thread-safe where it says so; no database here. An id that is not 32 lower-case hexadecimal
 * digits is ERR_INPUT everywhere. ERR_UNAVAILABLE: the service cannot be reached, or has to be
 * mended; nothing is lost, the call can be made again. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>

enum { OBJECT_ID_SIZE = 33 };

enum { STORE_RESERVE_BYTES = 16 << 20 }; /* what is written leaves this much of the disk free */

struct store;

struct s3_config;
struct store_config {
    const char *dir;            /* makes objects/ (not on S3) and tmp/ in it (0700) */
    bool sole;                  /* the caller holds the folder's lock: tmp/ is emptied */
    const struct s3_config *s3; /* store/s3_config.h; NULL: the folder holds the objects */
};
MUST_CHECK
enum err_code store_open(const struct store_config *config, struct store **ret, struct err *err);
void store_close(struct store **store);

/* True where calls may take seconds. */
bool store_is_remote(const struct store *store);
/* For the end of a process: calls under way are not tried again. Thread-safe. */
void store_hurry(const struct store *store);
/* Puts, reads and removes an object: what `leapocr doctor` asks. ret_skew_ms: how far the service's
 * clock is ahead of ours; 0 for the folder. */
MUST_CHECK
enum err_code store_probe(struct store *store, int64_t *ret_skew_ms, struct err *err);

/* --- writing: one sink is used by one thread at a time, different sinks by any --- */
struct store_sink;
struct store_written {
    char id[OBJECT_ID_SIZE];
    uint64_t size;
    uint8_t md5[MD5_SIZE];
    uint8_t sha256[SHA256_SIZE];
};
/* max_bytes: ERR_LIMIT on the first piece that goes past it, of which nothing is written. */
MUST_CHECK
enum err_code sink_open(struct store *store, uint64_t max_bytes, struct store_sink **ret,
                        struct err *err);
/* Pieces of 64 KiB or more are best. After an error only sink_abort makes sense: commit gives the
 * same error again. */
MUST_CHECK
enum err_code sink_write(struct store_sink *sink, struct span bytes, struct err *err);
/* Durable after OK; the sink is gone either way. (On S3 an error leaves open whether the object is
 * there, under an id that nobody was told.) */
MUST_CHECK
enum err_code sink_commit(struct store_sink **sink, struct store_written *ret, struct err *err);
/* Forgets what was written. NULL is accepted. */
void sink_abort(struct store_sink **sink);

/* A new object that is the others one after another; durable after OK. n >= 1. In the folder the
 * bytes are not read (copy_file_range), and for n = 1 the new object is a second name (hard link)
 * for the same bytes, which takes no time and no space; either can be removed without the other. */
MUST_CHECK
enum err_code store_join(struct store *store, const char *const *ids, size_t n,
                         char ret_id[OBJECT_ID_SIZE], uint64_t *ret_size, struct err *err);

/* --- reading and removing; thread-safe --- */
/* A read-only descriptor the caller closes; ERR_NOT_FOUND. */
MUST_CHECK
enum err_code store_fetch(const struct store *store, const char *id, int *ret_fd,
                          uint64_t *ret_size, struct err *err);
/* Gone from the disk after OK; an unknown id is OK. */
MUST_CHECK
enum err_code store_remove(const struct store *store, const char *id, struct err *err);

/* Calls seen(id) for each object that is older than min_age_ms by the wall clock: for the collector
 * of orphans. seen may remove the object. Ends at the first error, which is returned. On S3 each
 * call lists a sixteenth of the objects, the next one the next. */
MUST_CHECK
enum err_code store_walk(const struct store *store, int64_t min_age_ms,
                         enum err_code (*seen)(void *ctx, const char *id, struct err *err),
                         void *ctx, struct err *err);

/* Removes files that a killed process left in tmp/, unchanged for this long. */
MUST_CHECK
enum err_code store_clear_tmp(const struct store *store, int64_t min_age_ms, struct err *err);

/* Whether this much more may be written: objects leave STORE_RESERVE_BYTES free, so that the
 * database can still note what is deleted when uploads have filled the disk. ERR_STORAGE_FULL. */
MUST_CHECK
enum err_code store_check_room(const struct store *store, uint64_t bytes, struct err *err);

/* The object under the same id in another store; there already with the same size is OK, so that
 * it can be repeated. ERR_NOT_FOUND. */
MUST_CHECK
enum err_code store_copy(struct store *from, struct store *to, const char *id, struct err *err);

/* Free and total bytes of the file system. */
MUST_CHECK
enum err_code store_space(const struct store *store, uint64_t *ret_free, uint64_t *ret_total,
                          struct err *err);

/* --- documents that clients send to the S3 service themselves, in parts; remote stores only --- */

enum { STORE_REMOTE_SIZE = 1025, STORE_ETAG_SIZE = 129 };

struct store_part {
    uint32_t number; /* from 1 */
    uint64_t size;
    char etag[STORE_ETAG_SIZE]; /* without quotes */
};

/* A new object that is to come in parts, under the service's own id of the upload. */
MUST_CHECK
enum err_code store_upload_begin(struct store *store, char ret_id[OBJECT_ID_SIZE],
                                 char ret_remote[STORE_REMOTE_SIZE], struct err *err);
/* A URL that takes a PUT of part number for life_s seconds from now_ms on. */
MUST_CHECK
enum err_code store_upload_url(struct store *store, struct arena *arena, const char *id,
                               const char *remote, uint32_t number, int64_t now_ms, int64_t life_s,
                               const char **ret_url, struct err *err);
/* Parts that have come, by number. ERR_NOT_FOUND: the upload is complete, aborted, or never was. */
MUST_CHECK
enum err_code store_upload_parts(struct store *store, struct arena *arena, const char *id,
                                 const char *remote, struct store_part **ret, size_t *ret_n,
                                 struct err *err);
/* Makes the object of exactly these parts; durable after OK. Repeatable: complete already is OK.
 * ERR_CONFLICT says why the service refuses the list; ERR_NOT_FOUND: the upload was aborted. */
MUST_CHECK
enum err_code store_upload_finish(struct store *store, const char *id, const char *remote,
                                  const struct store_part *parts, size_t n, struct err *err);
/* The parts are gone after OK; none there is OK. */
MUST_CHECK
enum err_code store_upload_abort(struct store *store, const char *id, const char *remote,
                                 struct err *err);
/* As store_walk, for uploads that were begun so long ago and are neither complete nor aborted. */
MUST_CHECK
enum err_code store_upload_walk(struct store *store, int64_t min_age_ms,
                                enum err_code (*seen)(void *ctx, const char *id, const char *remote,
                                                      struct err *err),
                                void *ctx, struct err *err);
/* An ETag without the quotes around it: 1 to 128 printable characters, none of which needs an
 * escape; false for anything else. */
bool store_etag_plain(const char *text, char ret_etag[STORE_ETAG_SIZE]);
