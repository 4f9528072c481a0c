/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which of the two back ends a call goes to. */
#include "store/store.h"

#include "base/fdio.h"
#include "base/random.h"
#include "store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COPY_BYTES = 256 << 10 };

enum err_code
store_open(const struct store_config *config, struct store **ret, struct err *err)
{
    struct store *store = NULL;
    enum err_code rc = folder_open(config, &store, err);

    if (rc == ERR_OK && config->s3 != NULL)
        rc = s3_open(config->s3, &store->s3, err);
    if (rc == ERR_OK && config->s3 != NULL &&
        (store->cache = cache_new(config->s3->cache_bytes)) == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory to open the store");
    if (rc == ERR_OK)
        *ret = store;
    else
        store_close(&store);
    return rc;
}

void
store_close(struct store **store)
{
    if (*store == NULL)
        return;
    s3_close(&(*store)->s3);
    cache_drop(&(*store)->cache);
    folder_close(store);
}

bool
store_is_remote(const struct store *store)
{
    return store->s3 != NULL;
}

void
store_hurry(const struct store *store)
{
    if (store->s3 != NULL)
        s3_hurry(store->s3);
}

/* --- reading --- */

/* A file in tmp/ without a name. */
static enum err_code
open_scratch(const struct store *store, int *ret_fd, struct err *err)
{
    char name[OBJECT_ID_SIZE];
    int fd = openat(store->tmp_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
        path_new_id(name);
        fd = openat(store->tmp_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0)
            (void)unlinkat(store->tmp_fd, name, 0);
    }
    if (fd < 0)
        return err_sys(err, "scratch file of an object");
    *ret_fd = fd;
    return ERR_OK;
}

static enum err_code
fetch_remote(const struct store *store, const char *id, int *ret_fd, uint64_t *ret_size,
             struct err *err)
{
    int scratch = -1;
    uint64_t size = 0;
    int fd = cache_fetch(store->cache, id, ret_size);

    if (fd >= 0) {
        *ret_fd = fd;
        return ERR_OK;
    }
    enum err_code rc = store_check_room(store, 0, err);
    if (rc == ERR_OK)
        rc = open_scratch(store, &scratch, err);
    if (rc == ERR_OK)
        rc = s3_fetch(store->s3, id, scratch, &size, err);
    if (rc == ERR_OK && (fd = cache_reopen(scratch)) < 0)
        rc = err_sys(err, "scratch file of an object");
    if (rc == ERR_OK) {
        cache_add(store->cache, id, &scratch, size);
        *ret_fd = fd;
        *ret_size = size;
    }
    fd_close(&scratch);
    return rc;
}

enum err_code
store_fetch(const struct store *store, const char *id, int *ret_fd, uint64_t *ret_size,
            struct err *err)
{
    enum err_code rc = path_check_id(id, err);

    if (rc != ERR_OK)
        return rc;
    return store->s3 != NULL ? fetch_remote(store, id, ret_fd, ret_size, err)
                             : folder_fetch(store, id, ret_fd, ret_size, err);
}

/* --- copying --- */

static enum err_code
pour(int fd, uint64_t size, struct store_sink *sink, struct err *err)
{
    enum err_code rc = ERR_OK;
    uint8_t *piece = malloc(COPY_BYTES);

    if (piece == NULL)
        return err_set(err, ERR_MEMORY, "no memory to copy an object");
    while (rc == ERR_OK && size > 0) {
        size_t n = size < COPY_BYTES ? (size_t)size : COPY_BYTES;
        rc = fd_read_exact(fd, piece, n, err);
        if (rc == ERR_OK)
            rc = sink_write(sink, (struct span){piece, n}, err);
        size -= n;
    }
    free(piece);
    return rc;
}

/* Appends an object of a store to a sink of it or of another. */
static enum err_code
pour_object(const struct store *from, const char *id, struct store_sink *sink, struct err *err)
{
    uint64_t size = 0;
    int fd = -1;
    enum err_code rc = store_fetch(from, id, &fd, &size, err);

    if (rc == ERR_OK)
        rc = pour(fd, size, sink, err);
    fd_close(&fd);
    return rc;
}

static enum err_code
join_remote(struct store *store, const char *const *ids, size_t n, char ret_id[OBJECT_ID_SIZE],
            uint64_t *ret_size, struct err *err)
{
    struct store_sink *sink = NULL;
    struct store_written written;
    enum err_code rc = n == 0 ? err_set(err, ERR_INPUT, "no objects to join")
                              : sink_open(store, INT64_MAX, &sink, err);

    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = pour_object(store, ids[i], sink, err);
    if (rc == ERR_OK)
        rc = sink_commit(&sink, &written, err);
    sink_abort(&sink);
    if (rc == ERR_OK) {
        memcpy(ret_id, written.id, sizeof(written.id));
        *ret_size = written.size;
    }
    return rc;
}

enum err_code
store_join(struct store *store, const char *const *ids, size_t n, char ret_id[OBJECT_ID_SIZE],
           uint64_t *ret_size, struct err *err)
{
    return store->s3 != NULL ? join_remote(store, ids, n, ret_id, ret_size, err)
                             : folder_join(store, ids, n, ret_id, ret_size, err);
}

static enum err_code
size_of(struct store *store, const char *id, uint64_t *ret_size, struct err *err)
{
    int fd = -1;

    if (store->s3 != NULL)
        return s3_size(store->s3, id, ret_size, err);
    enum err_code rc = folder_fetch(store, id, &fd, ret_size, err);
    fd_close(&fd);
    return rc;
}

enum err_code
store_copy(struct store *from, struct store *to, const char *id, struct err *err)
{
    struct store_sink *sink = NULL;
    struct store_written written;
    uint64_t wanted = 0, there = 0;
    enum err_code rc = path_check_id(id, err);

    if (rc == ERR_OK)
        rc = size_of(from, id, &wanted, err);
    if (rc != ERR_OK)
        return rc;
    rc = size_of(to, id, &there, err);
    if (rc == ERR_OK && there == wanted)
        return ERR_OK;
    if (rc != ERR_OK && rc != ERR_NOT_FOUND)
        return rc;
    (void)unlinkat(to->tmp_fd, id, 0); /* the half that a killed copy left */
    rc = sink_open_as(to, id, wanted, &sink, err);
    if (rc == ERR_OK)
        rc = pour_object(from, id, sink, err);
    if (rc == ERR_OK)
        rc = sink_commit(&sink, &written, err);
    sink_abort(&sink);
    return rc;
}

/* --- the rest --- */

enum err_code
store_remove(const struct store *store, const char *id, struct err *err)
{
    enum err_code rc = path_check_id(id, err);

    if (rc != ERR_OK || store->s3 == NULL)
        return rc != ERR_OK ? rc : folder_remove(store, id, err);
    cache_forget(store->cache, id);
    return s3_remove(store->s3, id, err);
}

enum err_code
store_walk(const struct store *store, int64_t min_age_ms,
           enum err_code (*seen)(void *ctx, const char *id, struct err *err), void *ctx,
           struct err *err)
{
    return store->s3 != NULL ? s3_walk(store->s3, min_age_ms, seen, ctx, err)
                             : folder_walk(store, min_age_ms, seen, ctx, err);
}

enum err_code
store_probe(struct store *store, int64_t *ret_skew_ms, struct err *err)
{
    uint8_t bytes[32], read[sizeof(bytes)];
    struct store_sink *sink = NULL;
    struct store_written written;
    uint64_t size = 0;
    int fd = -1;

    random_bytes(bytes, sizeof(bytes));
    enum err_code rc = sink_open(store, sizeof(bytes), &sink, err);
    if (rc == ERR_OK)
        rc = sink_write(sink, (struct span){bytes, sizeof(bytes)}, err);
    if (rc == ERR_OK)
        rc = sink_commit(&sink, &written, err);
    sink_abort(&sink);
    if (rc != ERR_OK)
        return rc;
    if (store->cache != NULL) /* the service is asked, not the spool */
        cache_forget(store->cache, written.id);
    rc = store_fetch(store, written.id, &fd, &size, err);
    if (rc == ERR_OK)
        rc = fd_read_exact(fd, read, sizeof(read), err);
    if (rc == ERR_OK && !hash_equal(bytes, read, sizeof(read)))
        rc = err_set(err, ERR_SYSTEM, "the store gives other bytes than were put");
    fd_close(&fd);
    struct err why;
    enum err_code removed = store_remove(store, written.id, &why);
    if (rc == ERR_OK && removed != ERR_OK)
        rc = err_set(err, removed, "%s", why.msg);
    if (rc == ERR_OK)
        *ret_skew_ms = store->s3 != NULL ? s3_clock_skew_ms(store->s3) : 0;
    return rc;
}

/* --- uploads --- */

enum err_code
store_upload_begin(struct store *store, char ret_id[OBJECT_ID_SIZE],
                   char ret_remote[STORE_REMOTE_SIZE], struct err *err)
{
    path_new_id(ret_id);
    return s3_upload_begin(store->s3, ret_id, ret_remote, err);
}

enum err_code
store_upload_url(struct store *store, struct arena *arena, const char *id, const char *remote,
                 uint32_t number, int64_t now_ms, int64_t life_s, const char **ret_url,
                 struct err *err)
{
    return s3_upload_url(store->s3, arena, id, remote, number, now_ms, life_s, ret_url, err);
}

enum err_code
store_upload_parts(struct store *store, struct arena *arena, const char *id, const char *remote,
                   struct store_part **ret, size_t *ret_n, struct err *err)
{
    return s3_upload_parts(store->s3, arena, id, remote, ret, ret_n, err);
}

enum err_code
store_upload_finish(struct store *store, const char *id, const char *remote,
                    const struct store_part *parts, size_t n, struct err *err)
{
    return s3_upload_finish(store->s3, id, remote, parts, n, err);
}

enum err_code
store_upload_abort(struct store *store, const char *id, const char *remote, struct err *err)
{
    return s3_upload_abort(store->s3, id, remote, err);
}

enum err_code
store_upload_walk(struct store *store, int64_t min_age_ms,
                  enum err_code (*seen)(void *ctx, const char *id, const char *remote,
                                        struct err *err),
                  void *ctx, struct err *err)
{
    return s3_upload_walk(store->s3, min_age_ms, seen, ctx, err);
}

bool
store_etag_plain(const char *text, char ret_etag[STORE_ETAG_SIZE])
{
    size_t len = strlen(text);

    if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= STORE_ETAG_SIZE)
        return false;
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~' || strchr("\"&<>'", text[i]) != NULL)
            return false;
    memcpy(ret_etag, text, len);
    ret_etag[len] = '\0';
    return true;
}
