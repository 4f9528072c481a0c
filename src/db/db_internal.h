/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/db_internal.h - what the adapter of one database gives to the parts that are the same for all
 * of them (migrations, transactions, the writer). No other folder includes it. */
#pragma once

#include "db/db.h"
#include "db/move.h"

/* What a database can do; each adapter (sqlite.c, pg.c) has one of these. The functions mean what
 * those of db.h mean, db->driver being theirs. */
struct db_driver {
    bool shared;                  /* see db_is_shared */
    void (*close)(struct db *db); /* frees it */
    bool (*is_dead)(const struct db *db);
    bool (*in_transaction)(const struct db *db);
    /* owners: one or two for DB_SHARES, waited for in this order; up to DB_OWNERS_MAX for DB_TRIES,
     * else none */
    enum err_code (*begin)(struct db *db, enum db_mode mode, const char *const *owners, size_t n,
                           struct err *err);
    enum err_code (*commit)(struct db *db, struct err *err);
    void (*left)(struct db *db); /* the transaction is over, however it ended; NULL: no matter */
    /* The last transaction was of DB_TRIES and all its owners were busy; NULL: never */
    bool (*was_busy)(const struct db *db);
    bool (*has_owner)(const struct db *db, size_t i); /* see db_has_owner; NULL: always */
    /* Makes another owner's rows ours too, or says that somebody has them; NULL: all are ours */
    enum err_code (*join)(struct db *db, const char *owner, bool *ret_joined, struct err *err);
    /* see db_post; NULL: as query */
    enum err_code (*post)(struct db *db, const char *sql, const struct db_value *args, size_t n,
                          struct err *err);
    enum err_code (*query)(struct db *db, const char *sql, const struct db_value *args, size_t n,
                           struct db_rows **ret_rows, struct err *err);
    enum err_code (*next)(struct db_rows *rows, bool *ret_row, struct err *err);
    /* Rows that the statement changed, once db_next has given no more. */
    int64_t (*changed)(const struct db_rows *rows);
    void (*end)(struct db_rows *rows);
    bool (*is_null)(const struct db_rows *rows, int column);
    int64_t (*column_int)(const struct db_rows *rows, int column);
    double (*column_real)(const struct db_rows *rows, int column);
    struct span (*column_bytes)(const struct db_rows *rows, int column);
    enum err_code (*script)(struct db *db, const char *sql, struct err *err);
    enum err_code (*schema_version)(struct db *db, int64_t *ret_version, struct err *err);
    enum err_code (*set_schema_version)(struct db *db, int64_t version, struct err *err);
    enum err_code (*describe)(struct db *db, struct buf *ret_text, struct err *err);
    /* NULL: it is no server */
    enum err_code (*measure)(struct db *db, struct db_distance *ret, struct err *err);
    enum err_code (*checkpoint)(struct db *db, struct err *err);
    void (*set_patience)(struct db *db, int64_t ms); /* NULL: nothing is waited for */
    /* --- db/move.h --- */
    const char
        *tables_sql; /* table, column, type, place in the primary key from 1 (0: not in it) */
    const char *now_sql;
    const char *(*load_text)(struct arena *arena, const struct db_table *table);
    enum err_code (*load)(struct db *db, const struct db_table *table,
                          const struct db_value *values, size_t rows, struct err *err);
    enum err_code (*loosen)(struct db *db, struct err *err);
    enum err_code (*tighten)(struct db *db, struct err *err);
    enum err_code (*watch)(struct db *db, const struct db_table *table, struct err *err);
    enum err_code (*unwatch)(struct db *db, const struct db_table *table, struct err *err);
    enum err_code (*make_log)(struct db *db, struct err *err);
    enum err_code (*drop_log)(struct db *db, struct err *err);
    enum err_code (*lock_all)(struct db *db, const struct db_table *tables, size_t n,
                              struct err *err);
};

/* First member of each adapter's own. */
struct db {
    const struct db_driver *driver;
};

struct db_rows {
    struct db *db;
};

/* Without migrating. place: a path, or a postgres:// address. */
MUST_CHECK
enum err_code sqlite_open(const char *place, struct db **ret_db, struct err *err);
MUST_CHECK
enum err_code pg_open(const char *place, struct db **ret_db, struct err *err);

struct db_migration {
    int64_t version; /* from 1, without gaps */
    int64_t least;   /* programs that know this schema may work on the new one, see migrate.c */
    const char *name;
    const char *sql;
};

/* Made from migrations/NNNN_name.sql by tools/embed_sql.py. */
extern const struct db_migration db_migrations[];
extern const size_t db_migration_count;

/* Brings the schema from what the file has to the newest of this binary. */
MUST_CHECK
enum err_code db_migrate(struct db *db, struct err *err);

/* Several statements without arguments, as a migration has them. */
MUST_CHECK
enum err_code db_script(struct db *db, const char *sql, struct err *err);

/* --- move.c: texts of statements --- */

/* "a, b, c" of the fields, all or those of the key. */
void db_put_names(struct buf *out, const struct db_table *table, bool keys);
/* Ends the buffer. NULL: no memory. */
const char *db_keep_text(struct arena *arena, struct buf *text);

/* 0 for an empty file; ERR_CONFLICT if another program made it. */
MUST_CHECK
enum err_code db_schema_version(struct db *db, int64_t *ret_version, struct err *err);
MUST_CHECK
enum err_code db_set_schema_version(struct db *db, int64_t version, struct err *err);

/* What clients are told while nothing can be written. */
#define DB_FROZEN "the service is being moved, nothing can be written for a moment"

/* Transactions. begin waits for the lock that the mode asks for; end commits, or rolls back when rc
 * is an error or the commit fails, and returns what became of it. */
MUST_CHECK
enum err_code db_begin(struct db *db, enum db_mode mode, const char *const *owners, size_t n,
                       struct err *err);
MUST_CHECK
enum err_code db_finish(struct db *db, enum err_code rc, struct err *err);

/* In a transaction of DB_SHARES, before what it does for another owner: *ret_joined false where
 * that one would have to be waited for, which might be for ever. */
MUST_CHECK
enum err_code db_join(struct db *db, const char *owner, bool *ret_joined, struct err *err);

/* False also after the database has rolled back by itself (disk full, I/O error). */
bool db_in_transaction(const struct db *db);
