/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/admin_move.c - `leapocr admin move`: the places and keys of a move; see move/move.h. */
#include "base/fdio.h"
#include "base/hash.h"
#include "cmd/admin_internal.h"
#include "cmd/cmd.h"
#include "cmd/operator.h"
#include "cmd/storage.h"
#include "cmd/usage.h"
#include "jobs/jobs.h"
#include "move/move.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PLACE_MAX = 4096, AWAY_TRIES = 60, SECRET_BYTES_MAX = 4096 };

static const char file_scheme[] = "sqlite://";

static const enum option_id allowed[] = {
    OPTION_FROM,     OPTION_MOVE_TO,        OPTION_FROM_STORE, OPTION_TO_STORE,    OPTION_DATA,
    OPTION_SECRETS,  OPTION_TO_SECRETS,     OPTION_CANCEL,     OPTION_S3_ENDPOINT, OPTION_S3_REGION,
    OPTION_S3_STYLE, OPTION_S3_CREDENTIALS, OPTION_S3_CA,      OPTION_S3_SSE,
};

static const struct usage usage = {
    .command = "admin move",
    .synopsis =
        "usage: leapocr admin move --to URL [--from URL] [--to-store URL] [OPTIONS]\n"
        "       leapocr admin move --cancel [--from URL]\n"
        "\nMoves an installation with its documents, jobs, keys, ledger, webhooks and templates "
        "into\n"
        "an empty database, while it works. At the end nothing can be written in the old one for\n"
        "some seconds (clients are answered 503 and ask again), all rows of both are compared, "
        "and\n"
        "the old one is marked as moved. What is killed goes on where it was when the same "
        "command\n"
        "is given again. See docs/move.md.\n",
    .allowed = allowed,
    .allowed_count = ARRAY_LEN(allowed),
};

struct places {
    const struct options *options;
    char from[PLACE_MAX], to[PLACE_MAX];            /* as db_open takes them */
    char from_name[256], to_name[256];              /* for people */
    char folder[PLACE_MAX], to_folder[PLACE_MAX];   /* of the old and new data; "": none */
    char secrets[PLACE_MAX], to_secrets[PLACE_MAX]; /* ""; not known */
    struct storage old_storage, new_storage;
    struct store *old_store, *new_store;
    int64_t given_back; /* tasks that the old installation was working on */
};

/* --- places --- */

/* "postgres://user@host/name", without a password and without parameters. */
static void
name_place(const char *place, char ret[256])
{
    const char *user = strstr(place, "://");
    size_t host = user != NULL ? strcspn(user + 3, "/?") : 0;
    const char *at = user != NULL ? memchr(user + 3, '@', host) : NULL;
    const char *colon = at != NULL ? memchr(user + 3, ':', (size_t)(at - user - 3)) : NULL;

    if (!db_place_is_server(place))
        snprintf(ret, 256, "%.250s", place);
    else if (colon != NULL)
        snprintf(ret, 256, "%.*s%.*s", (int)(colon - place), place, (int)strcspn(at, "?"), at);
    else
        snprintf(ret, 256, "%.*s", (int)strcspn(place, "?"), place);
}

/* An absolute sqlite://PATH, so that its name is the same from wherever it is called. */
static enum err_code
set_file(const char *path, char ret[PLACE_MAX], char ret_folder[PLACE_MAX], struct err *err)
{
    char absolute[PATH_MAX], folder[PLACE_MAX];
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;

    if (strlen(path) >= PLACE_MAX - 16 || *base == '\0')
        return err_set(err, ERR_INPUT, "'%.80s' is no path of a database", path);
    snprintf(folder, sizeof(folder), "%.*s", slash != NULL ? (int)(slash - path) : 1,
             slash != NULL ? path : ".");
    if (folder[0] == '\0')
        strcpy(folder, "/");
    if (realpath(folder, absolute) == NULL)
        return err_sys(err, "folder '%.120s'", folder);
    if (strlen(absolute) + strlen(base) >= PLACE_MAX - 16)
        return err_set(err, ERR_INPUT, "'%.80s...' is too long", absolute);
    snprintf(ret_folder, PLACE_MAX, "%s", absolute);
    snprintf(ret, PLACE_MAX, "%s%s/%s", file_scheme, absolute, base);
    return ERR_OK;
}

static enum err_code
set_database(const char *url, const char *flag, char ret[PLACE_MAX], char ret_folder[PLACE_MAX],
             struct err *err)
{
    size_t n = sizeof(file_scheme) - 1;

    if (strncmp(url, file_scheme, n) == 0)
        return set_file(url + n, ret, ret_folder, err);
    if (!db_place_is_server(url) || strlen(url) >= PLACE_MAX)
        return err_set(err, ERR_INPUT,
                       "%s: '%.60s' is neither postgres://USER@HOST/NAME nor sqlite://PATH", flag,
                       url);
    strcpy(ret, url);
    return ERR_OK;
}

static enum err_code
find_old(struct places *p, struct err *err)
{
    const char *from = p->options->text[OPTION_FROM], *data = p->options->text[OPTION_DATA];
    const char *secrets = p->options->text[OPTION_SECRETS];
    char path[PLACE_MAX];

    if ((size_t)snprintf(path, sizeof(path), "%s%s/leapocr.db", file_scheme, data) >= sizeof(path))
        return err_set(err, ERR_INPUT, "--data: the path is too long");
    enum err_code rc =
        set_database(from[0] != '\0' ? from : path, "--from", p->from, p->folder, err);
    if (rc == ERR_OK && p->folder[0] != '\0' &&
        access(p->from + sizeof(file_scheme) - 1, F_OK) != 0)
        rc = err_set(err, ERR_NOT_FOUND,
                     "there is no database '%.120s'; name the old one with --from or --data",
                     p->from + sizeof(file_scheme) - 1);
    if (rc != ERR_OK)
        return rc;
    if (p->folder[0] == '\0' && access(data, F_OK) == 0)
        snprintf(p->folder, sizeof(p->folder), "%s", data);
    if (secrets[0] != '\0')
        snprintf(p->secrets, sizeof(p->secrets), "%s", secrets);
    else if (p->folder[0] != '\0')
        snprintf(p->secrets, sizeof(p->secrets), "%.4000s/secrets", p->folder);
    name_place(p->from, p->from_name);
    return ERR_OK;
}

static enum err_code
find_new(struct places *p, struct err *err)
{
    const char *to = p->options->text[OPTION_MOVE_TO];
    const char *secrets = p->options->text[OPTION_TO_SECRETS];

    if (to[0] == '\0')
        return err_set(err, ERR_INPUT, "--to: say where to, as in postgres://USER@HOST/NAME");
    enum err_code rc = set_database(to, "--to", p->to, p->to_folder, err);
    if (rc != ERR_OK)
        return rc;
    if (strcmp(p->from, p->to) == 0)
        return err_set(err, ERR_INPUT, "--to: that is where it is");
    if (secrets[0] != '\0')
        snprintf(p->to_secrets, sizeof(p->to_secrets), "%s", secrets);
    else if (p->to_folder[0] != '\0')
        snprintf(p->to_secrets, sizeof(p->to_secrets), "%.4000s/secrets", p->to_folder);
    name_place(p->to, p->to_name);
    return ERR_OK;
}

static enum err_code
open_store(const struct places *p, const char *url, const char *flag, struct storage *storage,
           struct store **ret, struct err *err)
{
    enum err_code rc = storage_init_at(p->options, url, p->folder, storage, err);

    if (rc == ERR_OK && storage->config.dir[0] == '\0')
        rc = err_set(err, ERR_INPUT,
                     "%s: a store needs a folder for what is on its way: --data DIR", flag);
    if (rc == ERR_OK && storage->config.s3 == NULL && mkdir(storage->config.dir, 0700) != 0 &&
        errno != EEXIST)
        rc = err_sys(err, "folder '%.120s'", storage->config.dir);
    storage->s3.cache_bytes = 0; /* what is read again comes from the service */
    return rc == ERR_OK ? store_open(&storage->config, ret, err) : rc;
}

static enum err_code
open_stores(struct places *p, struct err *err)
{
    const char *from = p->options->text[OPTION_FROM_STORE];
    const char *to = p->options->text[OPTION_TO_STORE];

    if (to[0] == '\0')
        return ERR_OK;
    if (from[0] == '\0' && db_place_is_server(p->from))
        return err_set(err, ERR_INPUT, "--from-store: say where the objects are now");
    enum err_code rc = open_store(p, from, "--from-store", &p->old_storage, &p->old_store, err);
    if (rc == ERR_OK)
        rc = open_store(p, to, "--to-store", &p->new_storage, &p->new_store, err);
    return rc;
}

/* --- keys --- */

static enum err_code
bring_key(const struct places *p, struct arena *arena, const char *name, struct err *err)
{
    struct span old = {0}, there = {0};
    struct err why;
    const char *from = arena_printf(arena, "%s/%s", p->secrets, name);
    const char *to = arena_printf(arena, "%s/%s", p->to_secrets, name);
    enum err_code rc = from == NULL || to == NULL
                           ? err_set(err, ERR_MEMORY, "no memory")
                           : fd_load_file(arena, AT_FDCWD, from, SECRET_BYTES_MAX, &old, err);

    if (rc != ERR_OK)
        return rc;
    if (access(to, F_OK) != 0)
        return fd_store_file(AT_FDCWD, to, 0600, old, err);
    rc = fd_load_file(arena, AT_FDCWD, to, SECRET_BYTES_MAX, &there, &why);
    return rc == ERR_OK && span_equal(old, there)
               ? ERR_OK
               : err_set(err, ERR_CONFLICT, "%s is another key than %s: take it away first", to,
                         from);
}

/* Without the keys that sealed the webhooks' secrets nobody could use them. */
static enum err_code
bring_keys(const struct places *p, struct err *err)
{
    static const char *const names[] = {"presign", "webhooks", "metrics"};
    struct arena *arena;
    enum err_code rc = ERR_OK;

    if (p->to_secrets[0] == '\0' || p->secrets[0] == '\0' || strcmp(p->to_secrets, p->secrets) == 0)
        return ERR_OK;
    if (mkdir(p->to_secrets, 0700) != 0 && errno != EEXIST)
        return err_sys(err, "folder '%.120s'", p->to_secrets);
    arena = arena_new(MiB(1));
    if (arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    for (size_t i = 0; rc == ERR_OK && i < ARRAY_LEN(names); i++)
        rc = bring_key(p, arena, names[i], err);
    arena_drop(&arena);
    return rc;
}

/* --- the move --- */

static void
say(void *ctx, const char *text)
{
    (void)ctx;
    printf("%s\n", text);
    fflush(stdout);
}

/* Who was working on a task works for a database that is no more. */
static enum err_code
take_up(void *ctx, struct db *db, struct err *err)
{
    struct places *p = ctx;
    char detail[600];
    enum err_code rc = task_recover(db, "", clock_utc_ms(), &p->given_back, err);

    snprintf(detail, sizeof(detail), "from %s", p->from_name);
    return rc == ERR_OK ? operator_note(db, "admin move", NULL, NULL, detail, err) : rc;
}

static void
say_what_is_next(const struct places *p)
{
    struct buf text;

    buf_init(&text, KiB(16));
    buf_printf(&text, "now: leapocr serve");
    if (p->to_folder[0] != '\0')
        buf_printf(&text, " --data %s", p->to_folder);
    else
        buf_printf(&text, " --database %s", p->to_name);
    if (p->options->text[OPTION_TO_STORE][0] != '\0')
        buf_printf(&text, " --store %s", p->options->text[OPTION_TO_STORE]);
    else if (p->folder[0] != '\0' && p->options->text[OPTION_FROM_STORE][0] == '\0')
        buf_printf(&text, " --store file://%s", p->folder);
    if (p->to_secrets[0] != '\0')
        buf_printf(&text, " --secrets %s", p->to_secrets);
    else
        buf_printf(&text,
                   " --secrets DIR, with the keys of %s in it: upload URLs and the secrets "
                   "of webhooks are of no use without them",
                   p->secrets);
    printf("%s\n", buf_text(&text));
    buf_fini(&text);
}

/* A database or a store that is away for a moment ends no move. */
static enum err_code
move_patiently(const struct move_config *config, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (int tries = 0; tries < AWAY_TRIES; tries++) {
        rc = move_run(config, err);
        if (rc != ERR_UNAVAILABLE)
            return rc;
        printf("waiting: %s\n", err->msg);
        fflush(stdout);
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
    return rc;
}

static enum err_code
run_move(struct places *p, struct err *err)
{
    enum err_code rc = find_new(p, err);

    if (rc == ERR_OK)
        rc = open_stores(p, err);
    if (rc == ERR_OK)
        rc = bring_keys(p, err);
    const struct move_config config = {.from = p->from,
                                       .to = p->to,
                                       .from_name = p->from_name,
                                       .to_name = p->to_name,
                                       .from_store = p->old_store,
                                       .to_store = p->new_store,
                                       .say = say,
                                       .opened = take_up,
                                       .ctx = p};
    if (rc == ERR_OK)
        rc = move_patiently(&config, err);
    if (rc == ERR_OK && p->given_back > 0)
        printf("%lld tasks were under way and are done again\n", (long long)p->given_back);
    if (rc == ERR_OK)
        say_what_is_next(p);
    store_close(&p->old_store);
    store_close(&p->new_store);
    return rc;
}

int
cmd_admin_move(int argc, char **argv)
{
    struct options options;
    struct places *p = calloc(1, sizeof(*p));
    struct err err = {0};
    int rest, status = EXIT_FAILED;

    if (p == NULL)
        return EXIT_FAILED;
    umask(077);
    if (!usage_begin(&usage, argc, argv, &options, &rest, &status))
        goto out;
    if (rest > 0) {
        status = usage_mistake(&usage, "it takes options only");
        goto out;
    }
    p->options = &options;
    enum err_code rc = find_old(p, &err);
    if (rc == ERR_OK && options.number[OPTION_CANCEL] != 0) {
        rc = move_cancel(p->from, &err);
        if (rc == ERR_OK)
            printf("%s works on as if nothing had been; what was copied is of no use\n",
                   p->from_name);
    } else if (rc == ERR_OK) {
        rc = run_move(p, &err);
    }
    if (rc == ERR_INPUT)
        status = usage_mistake(&usage, err.msg);
    else
        status = rc == ERR_OK ? EXIT_DONE : cmd_fail("admin move", &err);
out:
    free(p);
    return status;
}
