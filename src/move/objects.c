/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Objects never change, so one that is there is done. Several are on their way at once, because a
 * service answers each in its own time. */
#include "base/fdio.h"
#include "base/thread.h"
#include "move/move_internal.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_THREADS = 8, READ_BYTES = 256 << 10 };

bool
object_column(const char *table, const char *column)
{
    /* What these name comes into being when the client is done; then the job names it. */
    if (strcmp(table, "upload") == 0 || strcmp(table, "upload_gone") == 0)
        return false;
    return strcmp(column, "object_id") == 0 || strcmp(column, "document_id") == 0;
}

struct copying {
    struct store *from, *to;
    const char *const *ids;
    size_t n;
    atomic_size_t next;
    atomic_llong missing;
    atomic_bool failed;
    pthread_mutex_t lock; /* of the error: the first one stays */
    struct err err;
};

static enum err_code
digest_of(const struct store *store, const char *id, uint8_t ret[SHA256_SIZE], struct err *err)
{
    uint64_t size = 0;
    int fd = -1;
    uint8_t md5[MD5_SIZE], *piece = malloc(READ_BYTES);
    struct hash_stream *hash = hash_stream_new();
    enum err_code rc = piece == NULL || hash == NULL ? err_set(err, ERR_MEMORY, "no memory")
                                                     : store_fetch(store, id, &fd, &size, err);

    while (rc == ERR_OK && size > 0) {
        size_t n = size < READ_BYTES ? (size_t)size : READ_BYTES;
        rc = fd_read_exact(fd, piece, n, err);
        if (rc == ERR_OK)
            hash_stream_add(hash, piece, n);
        size -= n;
    }
    if (rc == ERR_OK)
        hash_stream_end(hash, md5, ret);
    hash_stream_drop(&hash);
    fd_close(&fd);
    free(piece);
    return rc;
}

/* What is there already may be the half of an earlier try, or somebody else's. */
static enum err_code
copy_one(struct copying *c, const char *id, struct err *err)
{
    uint8_t before[SHA256_SIZE], after[SHA256_SIZE];
    bool equal = false;
    enum err_code rc = digest_of(c->from, id, before, err);

    for (int tries = 0; rc == ERR_OK && !equal && tries < 2; tries++) {
        if (tries > 0)
            rc = store_remove(c->to, id, err);
        if (rc == ERR_OK)
            rc = store_copy(c->from, c->to, id, err);
        if (rc == ERR_OK)
            rc = digest_of(c->to, id, after, err);
        equal = rc == ERR_OK && memcmp(before, after, sizeof(before)) == 0;
    }
    if (rc == ERR_NOT_FOUND)
        return rc;
    if (rc == ERR_OK && !equal)
        rc = err_set(err, ERR_SYSTEM, "object %s is not in the new store what it is in the old one",
                     id);
    return rc;
}

static void *
copy_some(void *arg)
{
    struct copying *c = arg;
    struct err err = {0};

    while (!atomic_load(&c->failed)) {
        size_t i = atomic_fetch_add(&c->next, 1);
        if (i >= c->n)
            break;
        enum err_code rc = copy_one(c, c->ids[i], &err);
        if (rc == ERR_NOT_FOUND) {
            atomic_fetch_add(&c->missing, 1);
        } else if (rc != ERR_OK) {
            pthread_mutex_lock(&c->lock);
            if (!atomic_exchange(&c->failed, true))
                c->err = err;
            pthread_mutex_unlock(&c->lock);
        }
    }
    return NULL;
}

static int
compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A batch's pages are in one object. */
static size_t
drop_twins(const char **ids, size_t n)
{
    size_t kept = 0;

    qsort(ids, n, sizeof(*ids), compare_ids);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || strcmp(ids[kept - 1], ids[i]) != 0)
            ids[kept++] = ids[i];
    return kept;
}

enum err_code
objects_copy(struct move *m, const char *const *ids, size_t n, struct err *err)
{
    pthread_t threads[COPY_THREADS];
    size_t started = 0;
    const char **sorted = arena_array(m->arena, n + 1, sizeof(*sorted));

    if (sorted == NULL)
        return err_set(err, ERR_MEMORY, "no memory for objects");
    memcpy(sorted, ids, n * sizeof(*ids));
    struct copying c = {.from = m->config->from_store,
                        .to = m->config->to_store,
                        .ids = sorted,
                        .n = drop_twins(sorted, n),
                        .lock = PTHREAD_MUTEX_INITIALIZER};
    while (started < COPY_THREADS && started + 1 < c.n &&
           thread_start(&threads[started], copy_some, &c) == 0)
        started++;
    (void)copy_some(&c);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    m->missing += atomic_load(&c.missing);
    if (!atomic_load(&c.failed))
        return ERR_OK;
    *err = c.err;
    return c.err.code;
}
