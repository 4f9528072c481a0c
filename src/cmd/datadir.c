/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/datadir.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "base/random.h"
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SECRET_BYTES = 32 };

static const int64_t dying_ms = 3000; /* what killed processes take to be gone, and more */

static enum err_code
fill_paths(const struct options *options, struct datadir *dir, struct err *err)
{
    const char *path = options->text[OPTION_DATA];
    const char *secrets = options->text[OPTION_SECRETS];
    char absolute[PATH_MAX];

    if (realpath(path, absolute) == NULL)
        return errno == ENOENT
                   ? err_set(err, ERR_NOT_FOUND,
                             "there is no data folder '%.120s'; name it with --data, or start "
                             "`leapocr serve` once to make it",
                             path)
                   : err_sys(err, "data folder '%.120s'", path);
    if (strlen(absolute) >= sizeof(dir->path))
        return err_set(err, ERR_INPUT, "the data folder's path is longer than %zu bytes",
                       sizeof(dir->path) - 1);
    memcpy(dir->path, absolute, strlen(absolute) + 1);
    if (options->text[OPTION_DATABASE][0] == '\0')
        snprintf(dir->db, sizeof(dir->db), "%s/leapocr.db", dir->path);
    if (secrets[0] == '\0')
        snprintf(dir->secrets, sizeof(dir->secrets), "%s/secrets", dir->path);
    else if (realpath(secrets, absolute) == NULL)
        return err_sys(err, "folder of secrets '%.120s'", secrets);
    else
        snprintf(dir->secrets, sizeof(dir->secrets), "%s", absolute);
    snprintf(dir->secret, sizeof(dir->secret), "%s/presign", dir->secrets);
    snprintf(dir->metrics, sizeof(dir->metrics), "%s/metrics", dir->secrets);
    snprintf(dir->webhook_key, sizeof(dir->webhook_key), "%s/webhooks", dir->secrets);
    return ERR_OK;
}

static enum err_code
take_database(const struct options *options, struct datadir *dir, struct err *err)
{
    const char *address = options->text[OPTION_DATABASE];

    if (strlen(address) >= sizeof(dir->db))
        return err_set(err, ERR_INPUT, "the database's address is longer than %zu bytes",
                       sizeof(dir->db) - 1);
    strcpy(dir->db, address);
    return ERR_OK;
}

/* The lock, waiting for it where the supervisor that took it is gone: its roles hold it as well,
 * and die with it, but not in the same instant. False with errno set. */
static bool
lock_soon(int fd, char text[32])
{
    int64_t until = clock_mono_ms() + dying_ms;

    for (;;) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        int number = errno;
        ssize_t n = pread(fd, text, 31, 0);
        text[n > 0 ? n : 0] = '\0';
        pid_t holder = (pid_t)strtol(text, NULL, 10);
        bool lives = holder > 0 && (kill(holder, 0) == 0 || errno != ESRCH);
        if (number != EWOULDBLOCK || lives || clock_mono_ms() >= until) {
            errno = number;
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
}

static enum err_code
take_lock(struct datadir *dir, struct err *err)
{
    char name[DATADIR_PATH_MAX];
    char text[32] = "";

    snprintf(name, sizeof(name), "%s/lock", dir->path);
    dir->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (dir->lock_fd < 0)
        return err_sys(err,
                       "cannot write to the data folder '%.120s' (it has to be this user's own)",
                       dir->path);
    if (!lock_soon(dir->lock_fd, text)) {
        if (errno != EWOULDBLOCK)
            return err_sys(err, "lock %s", name);
        return err_set(
            err, ERR_CONFLICT,
            "the data folder '%.120s' is in use by a server, process %d; stop that one or "
            "name another folder with --data",
            dir->path, (int)strtol(text, NULL, 10));
    }
    int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    if (ftruncate(dir->lock_fd, 0) != 0 || write(dir->lock_fd, text, (size_t)len) != len)
        return err_sys(err, "write %s", name);
    return ERR_OK;
}

/* A key is made once and never leaves the folder. */
static enum err_code
make_secret(const char *path, struct err *err)
{
    uint8_t raw[SECRET_BYTES];
    char hex[2 * SECRET_BYTES + 1];

    if (access(path, F_OK) == 0)
        return ERR_OK;
    random_bytes(raw, sizeof(raw));
    hash_hex(raw, sizeof(raw), hex);
    enum err_code rc = fd_store_file(AT_FDCWD, path, 0600, span_of(hex), err);
    hash_wipe(raw, sizeof(raw));
    hash_wipe(hex, sizeof(hex));
    return rc;
}

/* What signs upload URLs, and what seals the secrets of webhooks. */
static enum err_code
make_secrets(const struct datadir *dir, struct err *err)
{
    if (mkdir(dir->secrets, 0700) != 0 && errno != EEXIST)
        return err_sys(err, "%s", dir->secrets);
    enum err_code rc = make_secret(dir->secret, err);
    if (rc == ERR_OK)
        rc = make_secret(dir->metrics, err);
    return rc != ERR_OK ? rc : make_secret(dir->webhook_key, err);
}

enum err_code
datadir_create(const struct options *options, struct datadir *ret, struct err *err)
{
    const char *path = options->text[OPTION_DATA];
    struct datadir dir = {.lock_fd = -1};
    enum err_code rc;

    umask(077);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return err_sys(err, "cannot make the data folder '%.120s'", path);
    rc = take_database(options, &dir, err);
    if (rc == ERR_OK)
        rc = fill_paths(options, &dir, err);
    if (rc == ERR_OK)
        rc = take_lock(&dir, err);
    if (rc == ERR_OK)
        rc = make_secrets(&dir, err);
    if (rc == ERR_OK)
        *ret = dir;
    else
        fd_close(&dir.lock_fd);
    return rc;
}

enum err_code
datadir_find(const struct options *options, struct datadir *ret, struct err *err)
{
    struct datadir dir = {.lock_fd = -1};
    bool on_server = db_place_is_server(options->text[OPTION_DATABASE]);

    umask(077);
    enum err_code rc = take_database(options, &dir, err);
    if (rc == ERR_OK)
        rc = fill_paths(options, &dir, err);
    if (rc == ERR_NOT_FOUND && on_server)
        rc = ERR_OK;
    else if (rc == ERR_OK && !on_server && access(dir.db, R_OK | W_OK) != 0)
        rc =
            errno == ENOENT
                ? err_set(err, ERR_NOT_FOUND,
                          "'%.120s' is no data folder (there is no leapocr.db in it); name it "
                          "with --data, or start `leapocr serve` once to make it",
                          dir.path)
                : err_sys(err,
                          "cannot write to the data folder '%.120s' (it has to be this user's own)",
                          dir.path);
    if (rc == ERR_OK)
        *ret = dir;
    return rc;
}

void
datadir_fini(struct datadir *dir)
{
    fd_close(&dir->lock_fd);
}
