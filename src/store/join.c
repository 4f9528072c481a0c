/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/fdio.h"
#include "store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t copy_step_bytes = MiB(64);    /* of one copy_file_range call */
static const size_t copy_buffer_bytes = KiB(256); /* where the bytes must pass through here */

/* A kernel or file system without copy_file_range between these files, as copy_file_range(2) says.
 */
static bool
cannot_copy_range(int number)
{
    return number == ENOSYS || number == EXDEV || number == EINVAL || number == EOPNOTSUPP ||
           number == EPERM;
}

static enum err_code
copy_by_hand(int from, int to, uint64_t left, struct err *err)
{
    enum err_code rc = ERR_OK;
    uint8_t *piece = malloc(copy_buffer_bytes);

    if (piece == NULL)
        return err_set(err, ERR_MEMORY, "no memory to join objects");
    while (rc == ERR_OK && left > 0) {
        size_t want = left < copy_buffer_bytes ? (size_t)left : copy_buffer_bytes;
        rc = fd_read_exact(from, piece, want, err);
        if (rc == ERR_OK)
            rc = fd_write_all(to, piece, want, err);
        left -= want;
    }
    free(piece);
    return rc;
}

/* Appends size bytes of from at to's offset. */
static enum err_code
copy_whole(int from, int to, uint64_t size, struct err *err)
{
    uint64_t left = size;

    while (left > 0) {
        size_t want = left < copy_step_bytes ? (size_t)left : copy_step_bytes;
        ssize_t n = copy_file_range(from, NULL, to, NULL, want, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && cannot_copy_range(errno))
            return copy_by_hand(from, to, left, err);
        if (n < 0)
            return err_sys(err, "join of objects");
        if (n == 0)
            return err_set(err, ERR_SYSTEM, "an object is shorter than its size");
        left -= (uint64_t)n;
    }
    return ERR_OK;
}

static enum err_code
append_object(struct store *store, const char *id, int to, uint64_t *total, struct err *err)
{
    uint64_t size;
    int from;
    enum err_code rc = folder_fetch(store, id, &from, &size, err);

    if (rc != ERR_OK)
        return rc;
    if (__builtin_add_overflow(*total, size, total) || *total > INT64_MAX)
        rc = err_set(err, ERR_LIMIT, "joined objects are larger than a file can be");
    else
        rc = store_check_room(store, size, err);
    if (rc == ERR_OK)
        rc = copy_whole(from, to, size, err);
    fd_close(&from);
    return rc;
}

/* Objects never change, so that a second name for the same bytes is as good as a copy: each of the
 * two can be removed without the other. *ret_linked false with OK: not possible here, copy. */
static enum err_code
link_object(struct store *store, const char *id, const char *new_id, bool *ret_linked,
            struct err *err)
{
    int from = -1, to = -1;
    bool linked = false;
    enum err_code rc = path_open_folder(store, id, &from, err);

    if (rc == ERR_OK)
        rc = path_make_folder(store, new_id, &to, err);
    if (rc == ERR_OK) {
        linked = linkat(from, id, to, new_id, 0) == 0;
        if (!linked && errno != EPERM && errno != EMLINK && errno != EOPNOTSUPP && errno != EXDEV)
            rc = err_sys(err, "second name of object %s", id);
    }
    if (linked) {
        rc = fd_sync_dir(to, err);
        if (rc != ERR_OK)
            (void)unlinkat(to, new_id, 0); /* garbage under a name that nobody was told */
    }
    fd_close(&from);
    fd_close(&to);
    if (rc == ERR_OK)
        *ret_linked = linked;
    return rc;
}

static enum err_code
size_of(const struct store *store, const char *id, uint64_t *ret_size, struct err *err)
{
    int fd;
    enum err_code rc = folder_fetch(store, id, &fd, ret_size, err);

    if (rc == ERR_OK)
        fd_close(&fd);
    return rc;
}

static enum err_code
copy_objects(struct store *store, const char *const *ids, size_t n, const char *new_id,
             uint64_t *ret_size, struct err *err)
{
    uint64_t total = 0;
    int to;
    enum err_code rc = sink_make_file(store, new_id, &to, err);

    if (rc != ERR_OK)
        return rc;
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = append_object(store, ids[i], to, &total, err);
    if (rc == ERR_OK)
        rc = sink_publish(store, new_id, to, err);
    else
        (void)unlinkat(store->tmp_fd, new_id, 0); /* the first error is the one to report */
    fd_close(&to);
    if (rc == ERR_OK)
        *ret_size = total;
    return rc;
}

enum err_code
folder_join(struct store *store, const char *const *ids, size_t n, char ret_id[OBJECT_ID_SIZE],
            uint64_t *ret_size, struct err *err)
{
    char id[OBJECT_ID_SIZE];
    uint64_t size = 0;
    bool linked = false;
    enum err_code rc = n > 0 ? ERR_OK : err_set(err, ERR_INPUT, "no objects to join");

    path_new_id(id);
    if (n == 1)
        rc = size_of(store, ids[0], &size, err);
    if (rc == ERR_OK && n == 1)
        rc = link_object(store, ids[0], id, &linked, err);
    if (rc == ERR_OK && !linked)
        rc = copy_objects(store, ids, n, id, &size, err);
    if (rc == ERR_OK) {
        memcpy(ret_id, id, sizeof(id));
        *ret_size = size;
    }
    return rc;
}
