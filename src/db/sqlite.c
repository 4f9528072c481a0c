/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "base/fdio.h"
#include "db/sqlite_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* How long anybody waits for a lock; checkpoints in idle moments wait less. */
static const int64_t lock_wait_ms = 5000;
static const int64_t idle_checkpoint_wait_ms = 50;

/* "LOCR": tells our file from another program's. */
enum { APPLICATION_ID = 0x4c4f4352 };

static bool
is_dead(const struct db *base)
{
    return ((const struct sqlite_db *)base)->dead;
}

static bool
in_transaction(const struct db *base)
{
    return sqlite3_get_autocommit(((const struct sqlite_db *)base)->handle) == 0;
}

/* --- errors --- */

enum err_code
sqlite_refuse_dead(const struct sqlite_db *db, struct err *err)
{
    return err_set(err, ERR_SYSTEM, "the database handle is dead: %s", db->death);
}

static void
kill_handle(struct sqlite_db *db, int code)
{
    db->dead = true;
    snprintf(db->death, sizeof(db->death), "%s (SQLite %d, errno %d)", sqlite3_errmsg(db->handle),
             code, sqlite3_system_errno(db->handle));
}

/* A disk that is full is not a disk that fails: growing the shared index of the log reports it as
 * an I/O error, and so does a quota. An fsync that fails for want of room has lost pages as any
 * other that fails: not this. */
static bool
is_full(struct sqlite_db *db, int code)
{
    int number = sqlite3_system_errno(db->handle);

    if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
        return false;
    return (code & 0xff) == SQLITE_FULL ||
           ((code & 0xff) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT)) ||
           code == SQLITE_IOERR_SHMSIZE;
}

static enum err_code
fail_constraint(struct sqlite_db *db, int code, struct err *err)
{
    if (code == SQLITE_CONSTRAINT_TRIGGER) /* of sqlite_move.c: the only ones that there are */
        return err_set(err, ERR_UNAVAILABLE, "%s", sqlite3_errmsg(db->handle));
    bool theirs = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                  code == SQLITE_CONSTRAINT_CHECK || code == SQLITE_CONSTRAINT_FOREIGNKEY;

    return err_set(err, theirs ? ERR_CONFLICT : ERR_SYSTEM, "%s", sqlite3_errmsg(db->handle));
}

/* After a failed fsync the kernel may have thrown the pages away, so that asking again would lie;
 * only a new process that reads the log tells what is there. */
enum err_code
sqlite_fail(struct sqlite_db *db, int code, const char *doing, struct err *err)
{
    if (is_full(db, code))
        return err_set(err, ERR_STORAGE_FULL, "the disk that holds the database is full");
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_PROTOCOL:
        return err_set(err, ERR_UNAVAILABLE, "the database was busy for %lld s",
                       (long long)(db->wait_ms / 1000));
    case SQLITE_CONSTRAINT:
        return fail_constraint(db, code, err);
    case SQLITE_NOMEM:
        return err_set(err, ERR_MEMORY, "%s: out of memory", doing);
    case SQLITE_TOOBIG:
        return err_set(err, ERR_LIMIT, "%s: a value is too large for the database", doing);
    case SQLITE_IOERR:
        if (code == SQLITE_IOERR_NOMEM)
            return err_set(err, ERR_MEMORY, "%s: out of memory", doing);
        kill_handle(db, code);
        return sqlite_refuse_dead(db, err);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        kill_handle(db, code);
        return sqlite_refuse_dead(db, err);
    default:
        return err_set(err, ERR_SYSTEM, "%s: %s (SQLite %d)", doing, sqlite3_errmsg(db->handle),
                       code);
    }
}

/* --- waiting for locks --- */

/* Commits take well under a millisecond, so the first looks are close together. */
static int
wait_for_lock(void *arg, int tries)
{
    static const int sleep_us[] = {50, 100, 200, 300, 500, 1000, 1000, 2000, 2000, 4000};
    struct sqlite_db *db = arg;
    int64_t now = clock_mono_ms();

    if (tries == 0)
        db->wait_from_ms = now;
    if (now - db->wait_from_ms >= db->wait_ms)
        return 0;
    size_t step = (size_t)tries < ARRAY_LEN(sleep_us) ? (size_t)tries : ARRAY_LEN(sleep_us) - 1;
    nanosleep(&(struct timespec){.tv_nsec = sleep_us[step] * 1000L}, NULL);
    return 1;
}

/* Every COMMIT that leaves enough in the log moves it into the file. SQLite's own hook forgets what
 * went wrong there; a failed fsync has to end the handle, though this commit itself is safe. */
static int
after_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
    static const int checkpoint_pages = 1000; /* about 4 MiB of log */
    struct sqlite_db *db = arg;

    if (pages < checkpoint_pages)
        return SQLITE_OK;
    int code = sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (((code & 0xff) == SQLITE_IOERR && !is_full(db, code) && code != SQLITE_IOERR_NOMEM) ||
        (code & 0xff) == SQLITE_CORRUPT)
        kill_handle(db, code);
    return SQLITE_OK;
}

/* --- opening and closing --- */

/* mknod makes the file without a descriptor: closing one here would drop the locks that another
 * handle of this process holds on it. */
static enum err_code
create_file(const char *place, struct err *err)
{
    enum err_code rc = ERR_OK;
    int dir = -1;
    char *folder = strdup(place);

    if (folder == NULL)
        return err_set(err, ERR_MEMORY, "open database: out of memory");
    if (mknod(place, S_IFREG | 0600, 0) != 0) {
        if (errno != EEXIST)
            rc = err_sys(err, "create database '%.150s'", place);
        goto out;
    }
    if (chmod(place, 0600) != 0) {
        rc = err_sys(err, "set the mode of database '%.150s'", place);
        goto out;
    }
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    dir = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        rc = err_sys(err, "open the folder of database '%.150s'", place);
    else
        rc = fd_sync_dir(dir, err);
out:
    fd_close(&dir);
    free(folder);
    return rc;
}

static enum err_code
script(struct db *base, const char *sql, struct err *err)
{
    struct sqlite_db *db = sqlite_of(base);

    if (db->dead)
        return sqlite_refuse_dead(db, err);
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? ERR_OK : sqlite_fail(db, code, "run script", err);
}

/* Changing to WAL needs the file alone for a moment, and SQLite does not wait for that by itself.
 */
static enum err_code
enter_wal(struct sqlite_db *db, struct err *err)
{
    for (int tries = 0;; tries++) {
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
        if (code == SQLITE_OK)
            code = sqlite3_step(stmt);
        const char *mode = code == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
        bool done = mode != NULL && strcmp(mode, "wal") == 0;
        sqlite3_finalize(stmt);
        if (done)
            return ERR_OK;
        if (code == SQLITE_ROW)
            return err_set(err, ERR_SYSTEM, "the database cannot keep a write-ahead log here");
        if ((code & 0xff) != SQLITE_BUSY || !wait_for_lock(db, tries))
            return sqlite_fail(db, code, "open database", err);
    }
}

static enum err_code
configure(struct sqlite_db *db, struct err *err)
{
    enum err_code rc;

    sqlite3_busy_handler(db->handle, wait_for_lock, db);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    rc = enter_wal(db, err);
    if (rc == ERR_OK)
        rc = script(&db->base,
                    "PRAGMA synchronous = FULL;"
                    "PRAGMA foreign_keys = ON;"
                    "PRAGMA secure_delete = ON;"
                    "PRAGMA temp_store = MEMORY;" /* savepoints keep no file in /var/tmp */
                    "PRAGMA cell_size_check = ON;"
                    "PRAGMA journal_size_limit = 16777216;"
                    "PRAGMA cache_size = -8192;", /* 8 MiB a handle */
                    err);
    sqlite3_wal_hook(db->handle, after_commit, db);
    return rc;
}

static void
close_handle(struct db *base)
{
    struct sqlite_db *db = sqlite_of(base);

    for (size_t i = 0; i < CACHE_BUCKETS; i++)
        for (struct sqlite_rows *rows = db->cache[i], *next; rows != NULL; rows = next) {
            next = rows->next;
            assert(!rows->in_use);
            sqlite_drop_statement(rows);
        }
    if (db->handle != NULL) {
        if (db->dead)
            (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        int code = sqlite3_close(db->handle);
        assert(code == SQLITE_OK);
        (void)code;
    }
    free(db);
}

/* --- the schema and the log --- */

static enum err_code
read_number(struct db *db, const char *sql, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, sql, NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL)
        *ret = db_column_int(rows, 0);
    db_end(&rows);
    return rc;
}

static enum err_code
schema_version(struct db *db, int64_t *ret_version, struct err *err)
{
    int64_t version = 0, id = 0, tables = 0;
    struct db_rows *rows = NULL;
    /* One statement, so that a migration of another process is seen whole or not at all. */
    enum err_code rc = db_first(db,
                                "SELECT COUNT(*), (SELECT user_version FROM pragma_user_version), "
                                "(SELECT application_id FROM pragma_application_id) "
                                "FROM sqlite_master",
                                NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        tables = db_column_int(rows, 0);
        version = db_column_int(rows, 1);
        id = db_column_int(rows, 2);
    }
    db_end(&rows);
    if (rc == ERR_OK && id != APPLICATION_ID && (version != 0 || tables != 0))
        rc = err_set(err, ERR_CONFLICT, "the database file belongs to another program");
    if (rc == ERR_OK)
        *ret_version = version;
    return rc;
}

static enum err_code
set_schema_version(struct db *db, int64_t version, struct err *err)
{
    char sql[96];

    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %lld",
             APPLICATION_ID, (long long)version);
    return script(db, sql, err);
}

static enum err_code
checkpoint(struct db *base, struct err *err)
{
    struct sqlite_db *db = sqlite_of(base);

    if (db->dead)
        return sqlite_refuse_dead(db, err);
    db->wait_ms = idle_checkpoint_wait_ms;
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    db->wait_ms = lock_wait_ms;
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY)
        return ERR_OK;
    return sqlite_fail(db, code, "checkpoint", err);
}

static enum err_code
describe(struct db *db, struct buf *ret_text, struct err *err)
{
    static const char *const levels[] = {"off", "normal", "full", "extra"};
    int64_t level = 0, keys = 0, erase = 0, version = 0;
    enum err_code rc = read_number(db, "PRAGMA synchronous", &level, err);

    if (rc == ERR_OK)
        rc = read_number(db, "PRAGMA foreign_keys", &keys, err);
    if (rc == ERR_OK)
        rc = read_number(db, "PRAGMA secure_delete", &erase, err);
    if (rc == ERR_OK)
        rc = schema_version(db, &version, err);
    if (rc == ERR_OK)
        buf_printf(ret_text,
                   "SQLite %s, write-ahead log, synchronous %s, foreign keys %s, secure delete %s, "
                   "schema %lld",
                   sqlite3_libversion(),
                   level >= 0 && level < (int64_t)ARRAY_LEN(levels) ? levels[level] : "unknown",
                   keys != 0 ? "on" : "off", erase != 0 ? "on" : "off", (long long)version);
    return rc;
}

/* --- transactions --- */

static enum err_code
begin(struct db *db, enum db_mode mode, const char *const *owners, size_t n, struct err *err)
{
    (void)owners;
    (void)n;
    /* IMMEDIATE: takes the lock now, where waiting is safe, instead of failing half-way through. */
    return db_exec(db, mode == DB_READS ? "BEGIN" : "BEGIN IMMEDIATE", NULL, 0, NULL, err);
}

static enum err_code
commit(struct db *db, struct err *err)
{
    return db_exec(db, "COMMIT", NULL, 0, NULL, err);
}

static const struct db_driver driver = {
    .close = close_handle,
    .is_dead = is_dead,
    .in_transaction = in_transaction,
    .begin = begin,
    .commit = commit,
    .query = sqlite_query,
    .next = sqlite_next,
    .changed = sqlite_changed,
    .end = sqlite_end,
    .is_null = sqlite_is_null,
    .column_int = sqlite_column_int,
    .column_real = sqlite_column_real,
    .column_bytes = sqlite_column_bytes,
    .script = script,
    .schema_version = schema_version,
    .set_schema_version = set_schema_version,
    .describe = describe,
    .checkpoint = checkpoint,
    .tables_sql = SQLITE_TABLES_SQL,
    .now_sql = "SELECT " SQLITE_NOW_SQL,
    .load_text = sqlite_load_text,
    .load = sqlite_load,
    .loosen = sqlite_loosen,
    .tighten = sqlite_tighten,
    .watch = sqlite_watch,
    .unwatch = sqlite_unwatch,
    .make_log = sqlite_make_log,
    .drop_log = sqlite_drop_log,
    .lock_all = sqlite_lock_all,
};

enum err_code
sqlite_open(const char *place, struct db **ret_db, struct err *err)
{
    enum err_code rc;
    struct sqlite_db *db = calloc(1, sizeof(*db));

    if (db == NULL)
        return err_set(err, ERR_MEMORY, "open database: out of memory");
    db->base.driver = &driver;
    db->wait_ms = lock_wait_ms;
    rc = create_file(place, err);
    if (rc != ERR_OK)
        goto out;
    int code = sqlite3_open_v2(place, &db->handle,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                   SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
                               NULL);
    if (code != SQLITE_OK) {
        rc = db->handle == NULL ? err_set(err, ERR_MEMORY, "open database: out of memory")
                                : sqlite_fail(db, code, "open database", err);
        goto out;
    }
    rc = configure(db, err);
    if (rc == ERR_OK) {
        *ret_db = &db->base;
        db = NULL;
    }
out:
    if (db != NULL)
        close_handle(&db->base);
    return rc;
}
