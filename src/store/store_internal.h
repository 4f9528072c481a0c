/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/store_internal.h - what the files of the object store share; nobody else includes it. */
#pragma once

#include "store/store.h"

#include <stdatomic.h>

enum { FOLDER_COUNT = 65536, FOLDER_WORDS = FOLDER_COUNT / 64 };

struct store {
    int objects_fd;
    int tmp_fd;
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
