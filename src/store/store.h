/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/store.h - the embedded object store: a folder of immutable objects with random names.
 *
 * objects/aa/bb/<32 hex digits>; what is being written lies in tmp/ and is invisible. An object is
 * acknowledged only after fsync of the file, rename, and fsync of its folder. Paths are made in
 * store/path.c and nowhere else. Thread-safe where it says so; no database here. An id that is not
 * 32 lower-case hexadecimal digits is ERR_INPUT everywhere. Objects are files of mode 0400. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>

enum { OBJECT_ID_SIZE = 33 };

enum { STORE_RESERVE_BYTES = 16 << 20 }; /* objects leave this much of the disk free */

struct store;

/* data_dir: the data folder; makes objects/ and tmp/ (0700) and empties tmp/ when sole is set (the
 * caller holds the data folder's lock). */
MUST_CHECK
enum err_code store_open(const char *data_dir, bool sole, struct store **ret, struct err *err);
void store_close(struct store **store);

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
/* Durable after OK; the sink is gone either way. */
MUST_CHECK
enum err_code sink_commit(struct store_sink **sink, struct store_written *ret, struct err *err);
/* Forgets what was written. NULL is accepted. */
void sink_abort(struct store_sink **sink);

/* A new object that is the others one after another (copy_file_range: the bytes are not read
 * here); durable after OK. n >= 1; for n = 1 the new object is a second name (hard link) for the
 * same bytes, which takes no time and no space, and either can be removed without the other. */
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
 * of orphans. seen may remove the object. Ends at the first error, which is returned. */
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

/* Free and total bytes of the file system. */
MUST_CHECK
enum err_code store_space(const struct store *store, uint64_t *ret_free, uint64_t *ret_total,
                          struct err *err);
