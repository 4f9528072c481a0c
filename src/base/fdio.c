/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/fdio.h"

#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void
fd_close(int *fd)
{
    int number = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = number;
}

enum err_code
fd_read_exact(int fd, void *out, size_t len, struct err *err)
{
    uint8_t *at = out;

    while (len > 0) {
        ssize_t n = read(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "read");
        if (n == 0)
            return err_set(err, ERR_PROTOCOL, "the stream ended %zu bytes early", len);
        at += n;
        len -= (size_t)n;
    }
    return ERR_OK;
}

enum err_code
fd_write_all(int fd, const void *bytes, size_t len, struct err *err)
{
    const uint8_t *at = bytes;

    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "write");
        at += n;
        len -= (size_t)n;
    }
    return ERR_OK;
}

enum err_code
fd_load_file(struct arena *arena, int dir_fd, const char *path, size_t max_bytes,
             struct span *ret_bytes, struct err *err)
{
    enum err_code rc;
    struct stat st;
    uint8_t *bytes;
    int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "%s: no such file", path);
    if (fd < 0 || fstat(fd, &st) != 0) {
        rc = err_sys(err, "%s", path);
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        rc = err_set(err, ERR_INPUT, "%s: not a regular file", path);
        goto out;
    }
    if ((uint64_t)st.st_size > max_bytes) {
        rc = err_set(err, ERR_LIMIT, "%s: %lld bytes, limit %zu", path, (long long)st.st_size,
                     max_bytes);
        goto out;
    }
    bytes = arena_alloc(arena, (size_t)st.st_size + 1);
    if (bytes == NULL) {
        rc = err_set(err, ERR_MEMORY, "%s: no memory for %lld bytes", path, (long long)st.st_size);
        goto out;
    }
    rc = fd_read_exact(fd, bytes, (size_t)st.st_size, err);
    if (rc == ERR_OK)
        *ret_bytes = (struct span){bytes, (size_t)st.st_size};
out:
    fd_close(&fd);
    return rc;
}

enum err_code
fd_sync_dir(int dir_fd, struct err *err)
{
    return fsync(dir_fd) == 0 ? ERR_OK : err_sys(err, "fsync of a folder");
}

/* The folder that holds path, for its fsync. */
static int
open_parent(int dir_fd, const char *path)
{
    char parent[512];
    int len = snprintf(parent, sizeof(parent), "%s", path);

    if (len < 0 || (size_t)len >= sizeof(parent)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    while (len > 0 && parent[len - 1] != '/')
        len--;
    parent[len] = '\0';
    return openat(dir_fd, len == 0 ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum err_code
fd_draft_open(struct fd_draft *draft, int dir_fd, const char *path, unsigned mode, struct err *err)
{
    char suffix[13];
    int len;

    draft->fd = -1;
    draft->dir_fd = dir_fd;
    random_text(suffix, sizeof(suffix) - 1);
    len = snprintf(draft->path, sizeof(draft->path), "%s", path);
    if (len < 0 || (size_t)len + sizeof(suffix) >= sizeof(draft->path))
        return err_set(err, ERR_INPUT, "%s: the name is too long", path);
    snprintf(draft->name, sizeof(draft->name), "%s.%s", draft->path, suffix);
    draft->fd = openat(dir_fd, draft->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    return draft->fd >= 0 ? ERR_OK : err_sys(err, "%s", draft->name);
}

enum err_code
fd_draft_keep(struct fd_draft *draft, struct err *err)
{
    enum err_code rc = ERR_OK;

    if (renameat(draft->dir_fd, draft->name, draft->dir_fd, draft->path) == 0)
        fd_close(&draft->fd);
    else
        rc = err_sys(err, "rename to %s", draft->path);
    return rc;
}

void
fd_draft_drop(struct fd_draft *draft)
{
    if (draft->fd >= 0)
        (void)unlinkat(draft->dir_fd, draft->name, 0); /* an error was reported before it */
    fd_close(&draft->fd);
}

enum err_code
fd_store_file(int dir_fd, const char *path, unsigned mode, struct span bytes, struct err *err)
{
    struct fd_draft draft;
    int parent = open_parent(dir_fd, path);

    if (parent < 0)
        return err_sys(err, "%s", path);
    enum err_code rc = fd_draft_open(&draft, dir_fd, path, mode, err);
    if (rc == ERR_OK)
        rc = fd_write_all(draft.fd, bytes.data, bytes.len, err);
    if (rc == ERR_OK && fsync(draft.fd) != 0)
        rc = err_sys(err, "fsync of %s", draft.name);
    if (rc == ERR_OK)
        rc = fd_draft_keep(&draft, err);
    if (rc == ERR_OK)
        rc = fd_sync_dir(parent, err);
    fd_draft_drop(&draft);
    fd_close(&parent);
    return rc;
}
