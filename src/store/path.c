/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/fdio.h"
#include "base/random.h"
#include "store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool
path_id_valid(const char *id)
{
    return strspn(id, "0123456789abcdef") == OBJECT_ID_SIZE - 1 && id[OBJECT_ID_SIZE - 1] == '\0';
}

enum err_code
path_check_id(const char *id, struct err *err)
{
    if (path_id_valid(id))
        return ERR_OK;
    return err_set(err, ERR_INPUT, "not an object id: %d lower-case hexadecimal digits expected",
                   OBJECT_ID_SIZE - 1);
}

void
path_new_id(char ret_id[OBJECT_ID_SIZE])
{
    uint8_t bits[(OBJECT_ID_SIZE - 1) / 2];

    random_bytes(bits, sizeof(bits));
    hash_hex(bits, sizeof(bits), ret_id);
}

/* "aa" and "bb" of an id that begins with aabb. */
static void
folder_names(const char *id, char ret_outer[3], char ret_inner[3])
{
    memcpy(ret_outer, id, 2);
    memcpy(ret_inner, id + 2, 2);
    ret_outer[2] = ret_inner[2] = '\0';
}

enum err_code
path_open_folder(const struct store *store, const char *id, int *ret_fd, struct err *err)
{
    enum err_code rc = ERR_OK;
    char outer_name[3], inner_name[3];
    int inner = -1;

    folder_names(id, outer_name, inner_name);
    int outer = openat(store->objects_fd, outer_name, folder_flags);
    if (outer >= 0)
        inner = openat(outer, inner_name, folder_flags);
    if (inner >= 0)
        *ret_fd = inner;
    else if (errno == ENOENT)
        rc = err_set(err, ERR_NOT_FOUND, "no such object: %s", id);
    else
        rc = err_sys(err, "folder of object %s", id);
    fd_close(&outer);
    return rc;
}

/* Makes name under parent_fd unless it is there, and has parent_fd fsynced even then: another
 * thread or process may have made the folder a moment ago, its own fsync still to come. */
static enum err_code
make_durable(int parent_fd, const char *name, int *ret_fd, struct err *err)
{
    if (mkdirat(parent_fd, name, 0700) != 0 && errno != EEXIST)
        return err_sys(err, "make folder %s of the store", name);
    enum err_code rc = fd_sync_dir(parent_fd, err);
    if (rc != ERR_OK)
        return rc;
    int fd = openat(parent_fd, name, folder_flags);
    if (fd < 0)
        return err_sys(err, "folder %s of the store", name);
    *ret_fd = fd;
    return ERR_OK;
}

enum err_code
path_make_folder(struct store *store, const char *id, int *ret_fd, struct err *err)
{
    char outer_name[3], inner_name[3];
    uint8_t number[2];
    int outer = -1;

    (void)hash_unhex(id, 4, number, 2); /* a valid id begins with four digits */
    unsigned index = (unsigned)number[0] << 8 | number[1];
    _Atomic uint64_t *word = &store->durable[index / 64];
    uint64_t bit = UINT64_C(1) << (index % 64);
    if ((atomic_load(word) & bit) != 0)
        return path_open_folder(store, id, ret_fd, err);

    folder_names(id, outer_name, inner_name);
    enum err_code rc = make_durable(store->objects_fd, outer_name, &outer, err);
    if (rc == ERR_OK)
        rc = make_durable(outer, inner_name, ret_fd, err);
    if (rc == ERR_OK)
        atomic_fetch_or(word, bit);
    fd_close(&outer);
    return rc;
}
