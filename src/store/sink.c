/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/fdio.h"
#include "store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Write-out is started each time this much has come, so that a large upload neither piles up dirty
 * pages nor leaves them all to the fsync at its end. */
static const uint64_t writeout_bytes = MiB(8);

struct store_sink {
    struct store *store;
    struct hash_stream *hash;
    int fd;
    uint64_t size;
    uint64_t max_bytes;
    uint64_t writeout_from;
    struct err broken; /* code ERR_OK: sound; else why nothing more may be written or committed */
    char id[OBJECT_ID_SIZE];
};

enum err_code
sink_make_file(const struct store *store, const char *id, int *ret_fd, struct err *err)
{
    int fd = openat(store->tmp_fd, id, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);

    if (fd < 0)
        return err_sys(err, "new file of the store");
    *ret_fd = fd;
    return ERR_OK;
}

enum err_code
sink_publish(struct store *store, const char *id, int fd, struct err *err)
{
    enum err_code rc = ERR_OK;
    int folder = -1;
    bool placed = false;

    if (fsync(fd) != 0)
        rc = err_sys(err, "fsync of object %s", id);
    if (rc == ERR_OK)
        rc = path_make_folder(store, id, &folder, err);
    if (rc == ERR_OK && renameat(store->tmp_fd, id, folder, id) != 0)
        rc = err_sys(err, "rename of object %s", id);
    if (rc == ERR_OK) {
        placed = true;
        rc = fd_sync_dir(folder, err);
    }
    /* The first error is the one to report; what stays behind is garbage under a name that nobody
     * was told. */
    if (rc != ERR_OK && placed)
        (void)unlinkat(folder, id, 0);
    else if (rc != ERR_OK)
        (void)unlinkat(store->tmp_fd, id, 0);
    fd_close(&folder);
    return rc;
}

static void
sink_drop(struct store_sink **sink)
{
    fd_close(&(*sink)->fd);
    hash_stream_drop(&(*sink)->hash);
    free(*sink);
    *sink = NULL;
}

enum err_code
sink_open(struct store *store, uint64_t max_bytes, struct store_sink **ret, struct err *err)
{
    char id[OBJECT_ID_SIZE];

    path_new_id(id);
    return sink_open_as(store, id, max_bytes, ret, err);
}

enum err_code
sink_open_as(struct store *store, const char *id, uint64_t max_bytes, struct store_sink **ret,
             struct err *err)
{
    struct store_sink *sink = calloc(1, sizeof(*sink));

    if (sink == NULL)
        return err_set(err, ERR_MEMORY, "no memory to write an object");
    sink->store = store;
    sink->max_bytes = max_bytes;
    sink->fd = -1;
    sink->hash = hash_stream_new();
    memcpy(sink->id, id, sizeof(sink->id));
    enum err_code rc = sink->hash == NULL ? err_set(err, ERR_MEMORY, "no memory to write an object")
                                          : store_check_room(store, 0, err);
    if (rc == ERR_OK)
        rc = sink_make_file(store, sink->id, &sink->fd, err);
    if (rc != ERR_OK) {
        sink_drop(&sink);
        return rc;
    }
    *ret = sink;
    return ERR_OK;
}

/* Only starts the write-out, never waits for it: an event loop may be writing here. */
static enum err_code
start_writeout(struct store_sink *sink, struct err *err)
{
    if (sink->store->s3 != NULL || sink->size - sink->writeout_from < writeout_bytes)
        return ERR_OK; /* a spool need not reach the disk */
    if (sync_file_range(sink->fd, (off_t)sink->writeout_from,
                        (off_t)(sink->size - sink->writeout_from), SYNC_FILE_RANGE_WRITE) != 0 &&
        (errno == EIO || errno == ENOSPC || errno == EDQUOT))
        return err_sys(err, "write-out of an object");
    sink->writeout_from = sink->size;
    return ERR_OK;
}

enum err_code
sink_write(struct store_sink *sink, struct span bytes, struct err *err)
{
    if (sink->broken.code != ERR_OK)
        return err_set(err, sink->broken.code, "%s", sink->broken.msg);
    if (bytes.len > sink->max_bytes - sink->size) {
        (void)err_set(&sink->broken, ERR_LIMIT, "more than %llu bytes",
                      (unsigned long long)sink->max_bytes);
        return err_set(err, ERR_LIMIT, "%s", sink->broken.msg);
    }
    enum err_code rc = store_check_room(sink->store, bytes.len, &sink->broken);
    if (rc == ERR_OK)
        rc = fd_write_all(sink->fd, bytes.data, bytes.len, &sink->broken);
    if (rc == ERR_OK) {
        hash_stream_add(sink->hash, bytes.data, bytes.len);
        sink->size += bytes.len;
        rc = start_writeout(sink, &sink->broken);
    }
    return rc == ERR_OK ? ERR_OK : err_set(err, rc, "%s", sink->broken.msg);
}

/* To the service; what was spooled stays at hand for whoever reads it next. */
static enum err_code
send_off(struct store_sink *s, const struct store_written *written, struct err *err)
{
    enum err_code rc = s3_put(s->store->s3, written, s->fd, err);

    (void)unlinkat(s->store->tmp_fd, s->id, 0);
    if (rc == ERR_OK)
        cache_add(s->store->cache, s->id, &s->fd, s->size);
    return rc;
}

enum err_code
sink_commit(struct store_sink **sink, struct store_written *ret, struct err *err)
{
    struct store_sink *s = *sink;
    struct store_written written = {.size = s->size};
    enum err_code rc = s->broken.code;

    if (rc != ERR_OK) {
        (void)err_set(err, rc, "%s", s->broken.msg);
        sink_abort(sink);
        return rc;
    }
    hash_stream_end(s->hash, written.md5, written.sha256);
    (void)snprintf(written.id, sizeof(written.id), "%s", s->id);
    rc = s->store->s3 != NULL ? send_off(s, &written, err)
                              : sink_publish(s->store, s->id, s->fd, err);
    if (rc == ERR_OK)
        *ret = written;
    sink_drop(sink);
    return rc;
}

void
sink_abort(struct store_sink **sink)
{
    if (*sink == NULL)
        return;
    /* A file that cannot be removed now is removed when tmp/ is emptied at the next start. */
    (void)unlinkat((*sink)->store->tmp_fd, (*sink)->id, 0);
    sink_drop(sink);
}
