/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/store_internal.h - what the files of the object store share; nobody else includes it. */
#pragma once

#include "store/cache.h"
#include "store/s3.h"
#include "store/store.h"

#include <stdatomic.h>

enum { FOLDER_COUNT = 65536, FOLDER_WORDS = FOLDER_COUNT / 64 };

struct store {
    int objects_fd; /* -1 on S3 */
    int tmp_fd;
    struct s3 *s3;       /* NULL: the folder */
    struct cache *cache; /* of S3 */
    /* One bit a fan-out folder: this process has seen its name reach the disk. */
    _Atomic uint64_t durable[FOLDER_WORDS];
};

/* --- path.c: the only place that knows where an object lies --- */

/* True for 32 lower-case hexadecimal digits. */
bool path_id_valid(const char *id);

/* ERR_INPUT for anything that is no id, without repeating it. */
MUST_CHECK
enum err_code path_check_id(const char *id, struct err *err);

/* 128 random bits. */
void path_new_id(char ret_id[OBJECT_ID_SIZE]);

/* The folder of a valid id, as a descriptor that the caller closes. ERR_NOT_FOUND if there is no
 * such folder. No symbolic link is followed. */
MUST_CHECK
enum err_code path_open_folder(const struct store *store, const char *id, int *ret_fd,
                               struct err *err);

/* As above, but makes the folder where it is missing, its name durable on return. */
MUST_CHECK
enum err_code path_make_folder(struct store *store, const char *id, int *ret_fd, struct err *err);

/* --- sink.c --- */

/* Makes tmp/<id> for writing. */
MUST_CHECK
enum err_code sink_make_file(const struct store *store, const char *id, int *ret_fd,
                             struct err *err);

/* fsync of the written tmp/<id>, rename to its place, fsync of the folder. Where it fails the file
 * is removed; a failed fsync is never tried again, because the kernel may have dropped the pages
 * that it could not write and would report success. */
MUST_CHECK
enum err_code sink_publish(struct store *store, const char *id, int fd, struct err *err);

/* --- folder.c, join.c: the folder as it stands behind the calls of store.h --- */

MUST_CHECK
enum err_code folder_open(const struct store_config *config, struct store **ret, struct err *err);
void folder_close(struct store **store);
MUST_CHECK
enum err_code folder_join(struct store *store, const char *const *ids, size_t n,
                          char ret_id[OBJECT_ID_SIZE], uint64_t *ret_size, struct err *err);
MUST_CHECK
enum err_code folder_fetch(const struct store *store, const char *id, int *ret_fd,
                           uint64_t *ret_size, struct err *err);
MUST_CHECK
enum err_code folder_remove(const struct store *store, const char *id, struct err *err);
MUST_CHECK
enum err_code folder_walk(const struct store *store, int64_t min_age_ms,
                          enum err_code (*seen)(void *ctx, const char *id, struct err *err),
                          void *ctx, struct err *err);

/* --- sink.c --- */

/* As sink_open, under an id that is known already. */
MUST_CHECK
enum err_code sink_open_as(struct store *store, const char *id, uint64_t max_bytes,
                           struct store_sink **ret, struct err *err);
