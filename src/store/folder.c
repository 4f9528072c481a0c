/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The store as a folder, and what of it an S3 store has as well: its spool. */
#include "base/clock.h"
#include "base/fdio.h"
#include "store/store_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Makes and opens a folder of the store; whoever could read it before can no longer. */
static enum err_code
open_own_folder(int data_fd, const char *name, int *ret_fd, struct err *err)
{
    struct stat st;

    if (mkdirat(data_fd, name, 0700) != 0 && errno != EEXIST)
        return err_sys(err, "make folder %s", name);
    int fd = openat(data_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 ||
        ((st.st_mode & 077) != 0 && fchmod(fd, st.st_mode & 0700) != 0)) {
        enum err_code rc = err_sys(err, "folder %s", name);
        fd_close(&fd);
        return rc;
    }
    *ret_fd = fd;
    return ERR_OK;
}

/* A stream over a folder's entries that leaves folder_fd and its offset alone. */
static enum err_code
list_folder(int folder_fd, const char *name, DIR **ret, struct err *err)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

    if (dir == NULL) {
        enum err_code rc = err_sys(err, "list folder %s of the store", name);
        fd_close(&fd);
        return rc;
    }
    *ret = dir;
    return ERR_OK;
}

/* The next name that is neither "." nor ".."; NULL at the end, or with *rc set. */
static const char *
next_name(DIR *dir, enum err_code *rc, struct err *err)
{
    struct dirent *entry;

    do {
        errno = 0;
        entry = readdir(dir);
    } while (entry != NULL &&
             (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    if (entry == NULL && errno != 0)
        *rc = err_sys(err, "read a folder of the store");
    return entry == NULL ? NULL : entry->d_name;
}

static int64_t
changed_ms(const struct stat *st)
{
    return (int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000;
}

/* Each write moves the ctime, so that an upload that is still coming is never old. */
enum err_code
store_clear_tmp(const struct store *store, int64_t min_age_ms, struct err *err)
{
    int64_t before_ms = clock_utc_ms() - min_age_ms;
    DIR *dir = NULL;
    const char *name;
    struct stat st;
    enum err_code rc = list_folder(store->tmp_fd, ".", &dir, err);

    if (rc != ERR_OK)
        return rc;
    while ((name = next_name(dir, &rc, err)) != NULL && rc == ERR_OK) {
        bool there = fstatat(store->tmp_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
        if (there && (min_age_ms == 0 || changed_ms(&st) <= before_ms))
            there = unlinkat(store->tmp_fd, name, 0) == 0;
        if (!there && errno != ENOENT)
            rc = err_sys(err, "remove tmp/%s", name);
    }
    closedir(dir);
    return rc;
}

/* An object gets its place by rename, which does not cross file systems: better told now. */
static enum err_code
check_one_file_system(const struct store *store, struct err *err)
{
    struct stat objects, tmp;

    if (fstat(store->objects_fd, &objects) != 0 || fstat(store->tmp_fd, &tmp) != 0)
        return err_sys(err, "folders of the store");
    if (objects.st_dev != tmp.st_dev)
        return err_set(err, ERR_INPUT, "objects/ and tmp/ must lie on one file system");
    return ERR_OK;
}

enum err_code
folder_open(const struct store_config *config, struct store **ret, struct err *err)
{
    enum err_code rc;
    struct store *store = NULL;
    int data_fd = open(config->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (data_fd < 0) {
        rc = err_sys(err, "data folder %s", config->dir);
        goto out;
    }
    store = calloc(1, sizeof(*store));
    if (store == NULL) {
        rc = err_set(err, ERR_MEMORY, "no memory to open the store");
        goto out;
    }
    store->objects_fd = store->tmp_fd = -1;
    rc = config->s3 == NULL ? open_own_folder(data_fd, "objects", &store->objects_fd, err) : ERR_OK;
    if (rc == ERR_OK)
        rc = open_own_folder(data_fd, "tmp", &store->tmp_fd, err);
    if (rc == ERR_OK)
        rc = fd_sync_dir(data_fd, err);
    if (rc == ERR_OK && config->s3 == NULL)
        rc = check_one_file_system(store, err);
    if (rc == ERR_OK && config->sole)
        rc = store_clear_tmp(store, 0, err);
out:
    fd_close(&data_fd);
    if (rc == ERR_OK)
        *ret = store;
    else
        folder_close(&store);
    return rc;
}

void
folder_close(struct store **store)
{
    if (*store == NULL)
        return;
    fd_close(&(*store)->objects_fd);
    fd_close(&(*store)->tmp_fd);
    free(*store);
    *store = NULL;
}

enum err_code
folder_fetch(const struct store *store, const char *id, int *ret_fd, uint64_t *ret_size,
             struct err *err)
{
    struct stat st;
    int folder = -1, fd = -1;
    enum err_code rc = path_check_id(id, err);

    if (rc == ERR_OK)
        rc = path_open_folder(store, id, &folder, err);
    if (rc != ERR_OK)
        return rc;
    fd = openat(folder, id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        rc = err_set(err, ERR_NOT_FOUND, "no such object: %s", id);
    else if (fd < 0 || fstat(fd, &st) != 0)
        rc = err_sys(err, "object %s", id);
    else if (!S_ISREG(st.st_mode))
        rc = err_set(err, ERR_SYSTEM, "object %s is not a regular file", id);
    if (rc == ERR_OK) {
        *ret_fd = fd;
        *ret_size = (uint64_t)st.st_size;
    } else {
        fd_close(&fd);
    }
    fd_close(&folder);
    return rc;
}

enum err_code
folder_remove(const struct store *store, const char *id, struct err *err)
{
    int folder = -1;
    enum err_code rc = path_check_id(id, err);

    if (rc == ERR_OK)
        rc = path_open_folder(store, id, &folder, err);
    if (rc == ERR_NOT_FOUND)
        return ERR_OK;
    if (rc == ERR_OK && unlinkat(folder, id, 0) != 0 && errno != ENOENT)
        rc = err_sys(err, "remove object %s", id);
    /* Also where the name was gone already: whoever took it away may not have reached the disk. */
    if (rc == ERR_OK)
        rc = fd_sync_dir(folder, err);
    fd_close(&folder);
    return rc;
}

struct walk {
    int64_t before_ms;
    enum err_code (*seen)(void *ctx, const char *id, struct err *err);
    void *ctx;
};

/* The age counts from ctime: an object that store_join made by a second name keeps the mtime of the
 * first, and nobody can set a ctime. */
static enum err_code
walk_object(const struct walk *walk, int folder_fd, const char *id, struct err *err)
{
    struct stat st;

    if (!path_id_valid(id))
        return ERR_OK;
    if (fstatat(folder_fd, id, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ERR_OK : err_sys(err, "object %s", id);
    if (!S_ISREG(st.st_mode) || changed_ms(&st) > walk->before_ms)
        return ERR_OK;
    return walk->seen(walk->ctx, id, err);
}

static bool
is_fan_out(const char *name)
{
    return strspn(name, "0123456789abcdef") == 2 && name[2] == '\0';
}

/* depth: how many levels of fan-out folders are still below this one. */
static enum err_code
walk_folder(const struct walk *walk, int parent_fd, const char *name, int depth, struct err *err)
{
    DIR *dir = NULL;
    const char *entry;
    enum err_code rc = list_folder(parent_fd, name, &dir, err);

    if (rc != ERR_OK)
        return rc;
    while ((entry = next_name(dir, &rc, err)) != NULL && rc == ERR_OK) {
        if (depth == 0)
            rc = walk_object(walk, dirfd(dir), entry, err);
        else if (is_fan_out(entry))
            rc = walk_folder(walk, dirfd(dir), entry, depth - 1, err);
    }
    closedir(dir);
    return rc;
}

enum err_code
folder_walk(const struct store *store, int64_t min_age_ms,
            enum err_code (*seen)(void *ctx, const char *id, struct err *err), void *ctx,
            struct err *err)
{
    struct walk walk = {.before_ms = clock_utc_ms() - min_age_ms, .seen = seen, .ctx = ctx};

    return walk_folder(&walk, store->objects_fd, ".", 2, err);
}

enum err_code
store_check_room(const struct store *store, uint64_t bytes, struct err *err)
{
    uint64_t free_bytes = 0, total_bytes;
    enum err_code rc = store_space(store, &free_bytes, &total_bytes, err);

    if (rc == ERR_OK &&
        (free_bytes < STORE_RESERVE_BYTES || bytes > free_bytes - STORE_RESERVE_BYTES))
        rc = err_set(err, ERR_STORAGE_FULL, "%llu bytes are free on the disk, %llu are kept back",
                     (unsigned long long)free_bytes, (unsigned long long)STORE_RESERVE_BYTES);
    return rc;
}

enum err_code
store_space(const struct store *store, uint64_t *ret_free, uint64_t *ret_total, struct err *err)
{
    struct statvfs vfs;

    if (fstatvfs(store->tmp_fd, &vfs) != 0)
        return err_sys(err, "free space of the data folder");
    *ret_free = (uint64_t)vfs.f_bavail * vfs.f_frsize;
    *ret_total = (uint64_t)vfs.f_blocks * vfs.f_frsize;
    return ERR_OK;
}
