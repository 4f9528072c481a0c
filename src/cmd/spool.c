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

static int
open_unnamed(void)
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
        if (spool->fd < 0 && (spool->fd = open_unnamed()) < 0)
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
    off_t at = (off_t)(which.at - spool->first.len);
    if (to == NULL)
        return err_set(err, ERR_MEMORY, "no memory for what was kept of a page");
    for (size_t done = 0; done < which.len;) {
        ssize_t n = pread(spool->fd, to + done, which.len - done, at + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "what was kept of a page");
        if (n == 0)
            return err_set(err, ERR_PROTOCOL, "what was kept of a page is cut short");
        done += (size_t)n;
    }
    *ret = buf_span(hold);
    return ERR_OK;
}
