/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/pg_internal.h - what the halves of the PostgreSQL adapter share.
 *
 * A handle is one connection. Where it is lost, what was under way is ERR_UNAVAILABLE and the next
 * call outside a transaction connects anew. Values travel in binary, results are held whole. */
#pragma once

#include "db/db_internal.h"

#include <libpq-fe.h>

enum {
    PG_BUCKETS = 256,
    PG_ARGS_MAX = 64,
    PG_XID_SIZE = 24, /* digits of a 64-bit number */
    PG_BURST_MAX = 64,
};

/* A statement prepared on the present connection, for arguments of these kinds: the server settles
 * the types of placeholders when it prepares, and a NULL has none. */
struct pg_statement {
    struct pg_statement *next; /* in the bucket */
    const char *sql;           /* the literal */
    size_t n;
    uint8_t kinds[PG_ARGS_MAX]; /* enum db_kind */
    char name[16];
};

/* A statement on its way. */
struct pg_sent {
    const char *sql;
    struct pg_statement *made; /* what it prepares; else NULL */
};

struct pg_db {
    struct db base;
    PGconn *conn; /* NULL: none */
    char *uri;    /* without our own parameters */
    bool pooled;  /* behind a pooler that keeps no session: nothing may outlive a transaction */
    bool within;  /* a transaction: if its connection goes, no statement of it runs on another */
    bool dead;
    char death[160];
    int64_t patience_ms;      /* for an answer; longer than the server's own limit */
    struct pg_prober *prober; /* looks for a server while there is no connection; else NULL */
    char xid[PG_XID_SIZE];    /* of the transaction that writes */
    int backend;              /* its process */
    bool locked; /* the answer to the transaction's locks has come, and with it xid and backend */
    bool got[DB_OWNERS_MAX];           /* it was that these of the owners are ours */
    bool busy;                         /* and that they are none */
    struct pg_sent sent[PG_BURST_MAX]; /* in a transaction: not answered yet */
    size_t sent_count, lock_at; /* lock_at: which of them asks for the locks, unless locked */
    unsigned statements;
    struct pg_statement *cache[PG_BUCKETS];
};

struct pg_rows {
    struct db_rows base;
    PGresult *result;
    int row; /* -1 before the first */
};

static inline struct pg_db *
pg_of(struct db *base)
{
    return (struct pg_db *)base;
}

/* What the result says if it is no success; NULL: the connection is lost. */
enum err_code pg_fail(struct pg_db *db, const PGresult *result, const char *doing, struct err *err);

/* The address names a pooler that keeps no session. */
bool pg_place_is_pooled(const char *place);

enum err_code pg_refuse_dead(const struct pg_db *db, struct err *err);

/* Runs text without arguments; *ret_result (may be NULL) is cleared by the caller. */
MUST_CHECK
enum err_code pg_run(struct pg_db *db, const char *sql, PGresult **ret_result, struct err *err);

/* --- pg_burst.c: inside a transaction statements are sent together --- */

/* Adds one; its arguments are copied. */
MUST_CHECK
enum err_code pg_burst_add(struct pg_db *db, const char *sql, const struct db_value *values,
                           size_t n, struct err *err);
/* Sends them and waits. *ret_last (may be NULL): the result of the last one, which the caller
 * clears. The first that failed is what is told; those behind it have not run. */
MUST_CHECK
enum err_code pg_burst_end(struct pg_db *db, PGresult **ret_last, struct err *err);
/* The same, and leaves the mode in which the connection takes nothing else, if it was in it: for
 * what cannot be gathered. */
MUST_CHECK
enum err_code pg_burst_pause(struct pg_db *db, bool *ret_paused, struct err *err);
void pg_burst_resume(struct pg_db *db, bool paused);
/* What the answer to the transaction's locks says; pg_transact.c. */
MUST_CHECK
enum err_code pg_note_locks(struct pg_db *db, const PGresult *result, struct err *err);

/* Statements go with the connection that they were prepared on. */
void pg_forget_statements(struct pg_db *db);

/* --- pg_connect.c --- */

/* The first connection of a handle, waited for. */
MUST_CHECK
enum err_code pg_connect(struct pg_db *db, struct err *err);

/* A connection in working order. One that was lost outside a transaction is made anew by a thread:
 * until then this is ERR_UNAVAILABLE, at once but for the first 100 ms. */
MUST_CHECK
enum err_code pg_ready(struct pg_db *db, struct err *err);
bool pg_is_lost(const struct pg_db *db);
void pg_disconnect(struct pg_db *db);
void pg_prober_drop(struct pg_prober **prober);

/* The result of what was sent by PQsend...(), of which `sent` is the answer; of several statements
 * the failed one's, else the last one's. NULL: the connection is lost, or the server has not
 * answered within the handle's patience and the connection was given up. */
PGresult *pg_await(struct pg_db *db, bool sent);

/* --- pg_rows.c --- */

/* What libpq wants of arguments; points into itself and into the values. */
struct pg_args {
    Oid types[PG_ARGS_MAX];
    const char *values[PG_ARGS_MAX];
    int lengths[PG_ARGS_MAX];
    int formats[PG_ARGS_MAX];
    uint8_t numbers[PG_ARGS_MAX][8];
};
MUST_CHECK
enum err_code pg_set_args(struct pg_args *args, const struct db_value *values, size_t n,
                          const char *sql, struct err *err);
/* The statement as it is prepared, or is to be (*ret_new: it is in the cache already). */
MUST_CHECK
enum err_code pg_find_statement(struct pg_db *db, const char *sql, const struct db_value *values,
                                size_t n, struct pg_statement **ret, bool *ret_new,
                                struct err *err);
/* It could not be prepared. */
void pg_drop_statement(struct pg_db *db, struct pg_statement *statement);
enum err_code pg_post(struct db *base, const char *sql, const struct db_value *args, size_t n,
                      struct err *err);
enum err_code pg_query(struct db *base, const char *sql, const struct db_value *args, size_t n,
                       struct db_rows **ret_rows, struct err *err);
enum err_code pg_next(struct db_rows *base, bool *ret_row, struct err *err);
int64_t pg_changed(const struct db_rows *base);
void pg_end(struct db_rows *base);
bool pg_is_null(const struct db_rows *base, int column);
int64_t pg_column_int(const struct db_rows *base, int column);
double pg_column_real(const struct db_rows *base, int column);
struct span pg_column_bytes(const struct db_rows *base, int column);

/* --- pg_transact.c --- */
bool pg_in_transaction(const struct db *base);
enum err_code pg_begin(struct db *base, enum db_mode mode, const char *const *owners, size_t n,
                       struct err *err);
enum err_code pg_commit(struct db *base, struct err *err);
bool pg_was_busy(const struct db *base);
bool pg_has_owner(const struct db *base, size_t i);
enum err_code pg_join(struct db *base, const char *owner, bool *ret_joined, struct err *err);
void pg_left(struct db *base);

/* --- pg_schema.c --- */
enum err_code pg_script(struct db *base, const char *sql, struct err *err);
enum err_code pg_schema_version(struct db *base, int64_t *ret_version, struct err *err);
enum err_code pg_set_schema_version(struct db *base, int64_t version, struct err *err);
enum err_code pg_describe(struct db *base, struct buf *ret_text, struct err *err);
enum err_code pg_measure(struct db *base, struct db_distance *ret, struct err *err);

/* --- pg_move.c --- */
#define PG_TABLES_SQL                                                                              \
    "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), "                                    \
    "upper(format_type(a.atttypid, a.atttypmod)), "                                                \
    "COALESCE(array_position(CAST(i.indkey AS INT2[]), a.attnum) + 1, 0) FROM pg_class c "         \
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "           \
    "LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary "                               \
    "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = CAST(current_schema() AS regnamespace) "   \
    "ORDER BY CAST(c.relname AS TEXT) COLLATE \"C\", a.attnum"
#define PG_NOW_SQL "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
const char *pg_load_text(struct arena *arena, const struct db_table *table);
enum err_code pg_load(struct db *base, const struct db_table *table, const struct db_value *values,
                      size_t rows, struct err *err);
enum err_code pg_loosen(struct db *base, struct err *err);
enum err_code pg_tighten(struct db *base, struct err *err);
enum err_code pg_watch(struct db *base, const struct db_table *table, struct err *err);
enum err_code pg_unwatch(struct db *base, const struct db_table *table, struct err *err);
enum err_code pg_make_log(struct db *base, struct err *err);
enum err_code pg_drop_log(struct db *base, struct err *err);
enum err_code pg_lock_all(struct db *base, const struct db_table *tables, size_t n,
                          struct err *err);
