/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/db.h - one query interface over the databases (SQLite now, PostgreSQL behind the same calls).
 *
 * SQL is written once for both: placeholders $1, $2, ... numbered in order of first appearance,
 * BIGINT/TEXT/BYTEA-like types only through bound values, no vendor functions. Statements are
 * prepared once a handle and kept by the address of their text, so sql must be a literal.
 * A handle belongs to one thread. Time limits: a writer waits at most 5 s for the lock, then
 * ERR_UNAVAILABLE. Disk full is ERR_STORAGE_FULL; a failed fsync or a corrupt file is fatal to the
 * handle (every later call gives ERR_SYSTEM): the process has to end and recover from the log.
 * A handle never crosses a fork. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_rows;

enum { DB_OWNERS_MAX = 4 };

/* DB_READS sees one moment and waits for nobody; DB_WRITES is alone with the database; DB_SHARES is
 * alone with what belongs to one owner; DB_TRIES is alone with
 * what belongs to some of a few owners, whichever are free. */
enum db_mode { DB_READS, DB_WRITES, DB_SHARES, DB_TRIES };

enum db_kind { DB_NULL, DB_INT, DB_REAL, DB_TEXT, DB_BLOB };

struct db_value {
    enum db_kind kind;
    int64_t integer;
    double real;
    struct span bytes; /* DB_TEXT, DB_BLOB: borrowed until the call returns (exec) or db_end */
};

struct db_value db_int(int64_t v);
struct db_value db_real(double v);
struct db_value db_text(const char *v); /* NULL gives DB_NULL */
struct db_value db_blob(struct span v);
struct db_value db_null(void);

/* The two arguments `args, n` of the calls below: DB_ARGS(db_int(1), db_text("x")). */
#define DB_ARGS(...)                                                                               \
    (const struct db_value[]){__VA_ARGS__},                                                        \
        sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)

/* place: path of a SQLite file, also as sqlite://PATH; or postgres://[user@]host[:port]/database,
 * an address as libpq takes it, to which pooler=transaction may be added (docs/postgres.md).
 * SQLite: creates the file with mode 0600 whatever the umask (an existing file
 * keeps its mode), brings the schema up to date (each migration one transaction; several processes
 * may open at once), refuses a schema newer than this binary knows (ERR_VERSION) and a database of
 * another program (ERR_CONFLICT). */
MUST_CHECK
enum err_code db_open(const char *place, struct db **ret_db, struct err *err);
void db_close(struct db **db);

/* An address of a server, so that nothing of the database lies in a file of ours. */
bool db_place_is_server(const char *place);

/* How long a call waits for a server to answer before the connection is given up and the call is
 * ERR_UNAVAILABLE; first 35 s, which is more than any statement may take. For threads that must not
 * wait. Nothing on SQLite. */
void db_set_patience(struct db *db, int64_t ms);

/* True once an I/O error or corruption has ended the use of the handle. */
bool db_is_dead(const struct db *db);

/* A statement without rows; *ret_changed (may be NULL) is the number of rows changed.
 * A broken UNIQUE or CHECK is ERR_CONFLICT. */
MUST_CHECK
enum err_code db_exec(struct db *db, const char *sql, const struct db_value *args, size_t n,
                      int64_t *ret_changed, struct err *err);

/* A statement of which nothing has to be known but that it succeeds: inside a transaction on a
 * server it travels with the next statement that is waited for, or with the COMMIT, which then fail
 * with its error. What may fail for a reason that the caller tells apart is for db_exec. */
MUST_CHECK
enum err_code db_post(struct db *db, const char *sql, const struct db_value *args, size_t n,
                      struct err *err);

/* A statement with rows: db_next gives ERR_OK with *ret_row true while there are rows. db_end
 * always, also after an error; it accepts NULL. */
MUST_CHECK
enum err_code db_query(struct db *db, const char *sql, const struct db_value *args, size_t n,
                       struct db_rows **ret_rows, struct err *err);
MUST_CHECK
enum err_code db_next(struct db_rows *rows, bool *ret_row, struct err *err);
void db_end(struct db_rows **rows);

/* db_query and the first db_next in one: *ret_rows stands on the first row, or is NULL if there is
 * none. */
MUST_CHECK
enum err_code db_first(struct db *db, const char *sql, const struct db_value *args, size_t n,
                       struct db_rows **ret_rows, struct err *err);

/* Columns of the present row, from 0. Text and blobs are copied into the arena (NULL if the column
 * is NULL or the arena is full). */
bool db_is_null(const struct db_rows *rows, int column);
int64_t db_column_int(const struct db_rows *rows, int column);
double db_column_real(const struct db_rows *rows, int column);
const char *db_column_text(struct arena *arena, const struct db_rows *rows, int column);
struct span db_column_blob(struct arena *arena, const struct db_rows *rows, int column);
/* The bytes of a text or blob where they lie: valid until db_next or db_end. */
struct span db_column_bytes(const struct db_rows *rows, int column);

/* Copies the text of the column (NULL gives "") into out; false, and out untouched, if it takes cap
 * bytes or more. */
MUST_CHECK
bool db_column_copy(const struct db_rows *rows, int column, char *out, size_t cap);

/* Runs work(db, arg) inside BEGIN IMMEDIATE ... COMMIT; any error rolls back and is returned. What
 * work gave out may be acknowledged only after this has returned ERR_OK. Not to be nested. */
typedef enum err_code (*db_work)(struct db *db, void *arg, struct err *err);
MUST_CHECK
enum err_code db_transact(struct db *db, db_work work, void *arg, struct err *err);

/* The same where everything that work reads for writing, and writes, belongs to one owner (a team):
 * on a server it is alone with that owner's rows only, and others go on beside it. On SQLite it is
 * db_transact. owner: any text, its hash is what is locked. */
MUST_CHECK
enum err_code db_transact_for(struct db *db, const char *owner, db_work work, void *arg,
                              struct err *err);

/* The same for those of n owners (1..DB_OWNERS_MAX) for whom nobody else works just now; where that
 * is none, nothing is done: *ret_busy, and ERR_OK. */
MUST_CHECK
enum err_code db_transact_any(struct db *db, const char *const *owners, size_t n, db_work work,
                              void *arg, bool *ret_busy, struct err *err);
/* In its work, once a statement has been waited for: whether the i-th owner is one of those. What
 * was read of others is not to be relied on. */
bool db_has_owner(const struct db *db, size_t i);

/* Others write beside us: what was read outside a transaction has to be looked at again in it. */
bool db_is_shared(const struct db *db);

/* Runs work inside a transaction that only reads: all of it sees the same moment, and several short
 * reads cost a third less than one by one. Nobody is waited for. */
MUST_CHECK
enum err_code db_read(struct db *db, db_work work, void *arg, struct err *err);

/* Text of the library's version and of the durability settings in force, for doctor and health. */
MUST_CHECK
enum err_code db_describe(struct db *db, struct buf *ret_text, struct err *err);

/* What it is like to work with a server, for doctor. */
struct db_distance {
    int64_t trip_us;  /* there and back, the quickest of several */
    int64_t ahead_ms; /* its clock before ours, within half a trip */
    bool keeps;       /* what is acknowledged outlives a loss of power */
};

/* On SQLite: no distance, and it keeps. */
MUST_CHECK
enum err_code db_measure(struct db *db, struct db_distance *ret, struct err *err);

/* For idle moments: moves the write-ahead log into the file and empties it, so that deleted content
 * does not linger there. Gives up quietly (ERR_OK) after 50 ms if readers are in the way. */
MUST_CHECK
enum err_code db_checkpoint(struct db *db, struct err *err);
