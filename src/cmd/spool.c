/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/spool.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void
spool_init(struct spool *spool)
{
    *spool = (struct spool){.fd = -1};
    buf_init(&spool->first, SPOOL_MEMORY_BYTES);
}

void
spool_fini(struct spool *spool)
{
    if (spool->first.limit == 0)
        return;
    buf_fini(&spool->first);
    fd_close(&spool->fd);
    spool->first.limit = 0;
}

int
spool_open_file(void)
{
    const char *folder = getenv("TMPDIR");
    int fd = open(folder != NULL && folder[0] == '/' ? folder : "/tmp",
                  O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    return fd >= 0 ? fd : memfd_create("pages", MFD_CLOEXEC);
}

enum err_code
spool_put(struct spool *spool, struct span bytes, struct spooled *ret, struct err *err)
{
    enum err_code rc = ERR_OK;

    if (spool->fd < 0 && bytes.len <= spool->first.limit - spool->first.len) {
        buf_append(&spool->first, bytes.data, bytes.len);
        rc = buf_check(&spool->first, "what is kept of the pages", err);
    } else {
        if (spool->fd < 0 && (spool->fd = spool_open_file()) < 0)
            return err_sys(err, "a file for what is kept of the pages");
        rc = fd_write_all(spool->fd, bytes.data, bytes.len, err);
        if (rc != ERR_OK) /* what came of it is written over by the next */
            (void)lseek(spool->fd, (off_t)(spool->len - spool->first.len), SEEK_SET);
    }
    if (rc == ERR_OK) {
        *ret = (struct spooled){spool->len, bytes.len};
        spool->len += bytes.len;
    }
    return rc;
}

/* at: in the spool, behind what is in memory. */
static enum err_code
load(const struct spool *spool, uint64_t at, uint8_t *to, size_t len, struct err *err)
{
    for (size_t done = 0; done < len;) {
        off_t from = (off_t)(at - spool->first.len + done);
        ssize_t n = pread(spool->fd, to + done, len - done, from);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "what was kept of a page");
        if (n == 0)
            return err_set(err, ERR_PROTOCOL, "what was kept of a page is cut short");
        done += (size_t)n;
    }
    return ERR_OK;
}

enum err_code
spool_load(const struct spool *spool, struct spooled which, struct buf *hold, struct span *ret,
           struct err *err)
{
    if (which.len == 0) {
        *ret = (struct span){0};
        return ERR_OK;
    }
    if (which.at < spool->first.len) {
        *ret = (struct span){spool->first.data + which.at, which.len};
        return ERR_OK;
    }
    buf_clear(hold);
    uint8_t *to = buf_extend(hold, which.len);
    if (to == NULL)
        return err_set(err, ERR_MEMORY, "no memory for what was kept of a page");
    enum err_code rc = load(spool, which.at, to, which.len, err);
    if (rc != ERR_OK)
        return rc;
    *ret = buf_span(hold);
    return ERR_OK;
}

enum err_code
spool_each(const struct spool *spool,
           enum err_code (*take)(void *ctx, struct span bytes, struct err *err), void *ctx,
           struct err *err)
{
    enum { PIECE_BYTES = 1 << 16 };
    uint8_t piece[PIECE_BYTES];
    enum err_code rc = spool->first.len > 0 ? take(ctx, buf_span(&spool->first), err) : ERR_OK;

    for (uint64_t at = spool->first.len; rc == ERR_OK && at < spool->len;) {
        uint64_t left = spool->len - at;
        size_t len = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        rc = load(spool, at, piece, len, err);
        if (rc == ERR_OK)
            rc = take(ctx, (struct span){piece, len}, err);
        at += len;
    }
    return rc;
}
