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
enum err_code pg_begin(struct db *base, enum db_mode mode, const char *owner, struct err *err);
enum err_code pg_commit(struct db *base, struct err *err);
void pg_left(struct db *base);

/* --- pg_schema.c --- */
enum err_code pg_script(struct db *base, const char *sql, struct err *err);
enum err_code pg_schema_version(struct db *base, int64_t *ret_version, struct err *err);
enum err_code pg_set_schema_version(struct db *base, int64_t version, struct err *err);
enum err_code pg_describe(struct db *base, struct buf *ret_text, struct err *err);
enum err_code pg_measure(struct db *base, struct db_distance *ret, struct err *err);
