/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/fdio.h - whole reads and writes on descriptors, and what durability needs of folders. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/* Closes and sets *fd to -1; -1 is accepted. errno is kept. */
void fd_close(int *fd);

/* Reads exactly len bytes; ERR_PROTOCOL if the stream ends before. EINTR is waited out. */
MUST_CHECK
enum err_code fd_read_exact(int fd, void *out, size_t len, struct err *err);

/* Writes all; ERR_STORAGE_FULL, ERR_SYSTEM. EINTR and short writes are carried on. */
MUST_CHECK
enum err_code fd_write_all(int fd, const void *bytes, size_t len, struct err *err);

/* The whole of a regular file into the arena; ERR_NOT_FOUND, or ERR_LIMIT past max_bytes. */
MUST_CHECK
enum err_code fd_load_file(struct arena *arena, int dir_fd, const char *path, size_t max_bytes,
                           struct span *ret_bytes, struct err *err);

/* Creates or replaces path under dir_fd so that after OK either the old or the new content is
 * found whole whatever happens (write to a temporary name, fsync, rename, fsync of the folder). */
MUST_CHECK
enum err_code fd_store_file(int dir_fd, const char *path, unsigned mode, struct span bytes,
                            struct err *err);

/* A file that is written piece by piece and appears whole, in place of one of its name. Nothing
 * waits for the disk: a kill of this process leaves the old one, a power cut may leave neither. */
struct fd_draft {
    int fd; /* to be written to; -1: none, or kept */
    int dir_fd;
    char path[4096], name[4096 + 16]; /* as it will be called, and as it is */
};

MUST_CHECK
enum err_code fd_draft_open(struct fd_draft *draft, int dir_fd, const char *path, unsigned mode,
                            struct err *err);
MUST_CHECK
enum err_code fd_draft_keep(struct fd_draft *draft, struct err *err);
/* Removes what was not kept. */
void fd_draft_drop(struct fd_draft *draft);

/* fsync of a folder after a rename or unlink in it. */
MUST_CHECK
enum err_code fd_sync_dir(int dir_fd, struct err *err);
