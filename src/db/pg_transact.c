/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/pg_transact.c - PostgreSQL: transactions, their locks, and what becomes of a COMMIT.
 *
 * Who writes holds one advisory lock: exclusively, or shared and beside it the lock of the owner
 * whose rows alone it touches. So check-then-write inside a transaction means on many nodes what it
 * means on one machine, and no statement fails for want of serialisation. Source: PostgreSQL 15
 * documentation, 13.3.5 (advisory locks), 9.27.9 (pg_xact_status). docs/postgres.md */
#include "base/clock.h"
#include "db/pg_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "leapocr\0" as a number: the lock of who writes. */
#define WRITER_LOCK "7810762132318253568"

static const int64_t resolve_ms = 20000; /* how long the fate of a COMMIT is asked for */

bool
pg_in_transaction(const struct db *base)
{
    const struct pg_db *db = (const struct pg_db *)base;

    if (pg_is_lost(db))
        return false;
    PGTransactionStatusType status = PQtransactionStatus(db->conn);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

/* FNV-1a, 64 bits. Two owners of one number wait for each other now and then, nothing worse. */
static int64_t
lock_number(const char *owner)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *owner != '\0'; owner++)
        hash = (hash ^ (uint8_t)*owner) * UINT64_C(0x100000001b3);
    return (int64_t)hash;
}

/* The number of a transaction that writes is what its COMMIT is asked for by if the connection is
 * lost in it. */
static void
put_locks(struct buf *sql, enum db_mode mode, const char *owner)
{
    if (mode == DB_SHARES)
        buf_printf(sql,
                   "SELECT pg_advisory_xact_lock_shared(" WRITER_LOCK "); "
                   "SELECT pg_advisory_xact_lock(%lld), ",
                   (long long)lock_number(owner));
    else
        buf_printf(sql, "SELECT pg_advisory_xact_lock(" WRITER_LOCK "), ");
    buf_printf(sql, "pg_current_xact_id(), pg_backend_pid()");
}

/* One message for all of it. */
enum err_code
pg_begin(struct db *base, enum db_mode mode, const char *owner, struct err *err)
{
    static const char local[] = "SET LOCAL statement_timeout = 30000; SET LOCAL lock_timeout = "
                                "5000; SET LOCAL idle_in_transaction_session_timeout = 60000; ";
    struct pg_db *db = pg_of(base);
    PGresult *result = NULL;
    struct buf sql;
    enum err_code rc = pg_ready(db, err);

    if (rc != ERR_OK)
        return rc;
    buf_init(&sql, 1024);
    buf_printf(&sql, "BEGIN ISOLATION LEVEL %s; %s",
               mode == DB_READS ? "REPEATABLE READ READ ONLY" : "READ COMMITTED READ WRITE",
               db->pooled ? local : "");
    if (mode != DB_READS)
        put_locks(&sql, mode, owner);
    rc = buf_check(&sql, "statement", err);
    if (rc == ERR_OK)
        rc = pg_run(db, buf_text(&sql), &result, err);
    if (rc == ERR_OK && mode != DB_READS) {
        snprintf(db->xid, sizeof(db->xid), "%.20s", PQgetvalue(result, 0, 1));
        db->backend = (int)strtol(PQgetvalue(result, 0, 2), NULL, 10);
    }
    PQclear(result);
    buf_fini(&sql);
    db->within = rc == ERR_OK;
    if (rc != ERR_OK && pg_in_transaction(base)) {
        enum err_code undone = pg_run(db, "ROLLBACK", NULL, NULL);
        (void)undone;
    }
    return rc;
}

/* What became of the transaction, as the server tells it: 'c'ommitted, 'a'borted, 'i'n progress,
 * or 0 where it does not know any more. The backend may not have noticed yet that nobody listens.
 */
static enum err_code
ask_fate(struct pg_db *db, char *ret_fate, struct err *err)
{
    char sql[160];
    PGresult *result = NULL;

    snprintf(sql, sizeof(sql), "SELECT pg_xact_status('%s'::xid8), pg_terminate_backend(%d)",
             db->xid, db->backend);
    enum err_code rc = pg_ready(db, err);
    if (rc == ERR_OK)
        rc = pg_run(db, sql, &result, err);
    if (rc == ERR_OK)
        *ret_fate = PQgetisnull(result, 0, 0) ? '\0' : PQgetvalue(result, 0, 0)[0];
    PQclear(result);
    return rc;
}

/* The connection was lost in COMMIT. Nothing is said of it before the server has: a piece of work
 * that was told to have failed would be done again. */
static enum err_code
resolve(struct pg_db *db, struct err *err)
{
    int64_t until = clock_mono_ms() + resolve_ms;
    char fate = 'i';

    do {
        struct err why;
        enum err_code rc = ask_fate(db, &fate, &why);
        if (rc == ERR_OK && fate == 'c')
            return ERR_OK;
        if (rc == ERR_OK && fate == 'a')
            return err_set(err, ERR_UNAVAILABLE,
                           "the connection to the database was lost, nothing was written");
        if (rc == ERR_OK && fate == '\0')
            break;
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    } while (clock_mono_ms() < until);
    db->dead = true;
    snprintf(db->death, sizeof(db->death),
             "the connection was lost in COMMIT of transaction %s, and the server did not tell its "
             "outcome",
             db->xid);
    return pg_refuse_dead(db, err);
}

void
pg_left(struct db *base)
{
    pg_of(base)->within = false;
}

enum err_code
pg_commit(struct db *base, struct err *err)
{
    struct pg_db *db = pg_of(base);
    PGresult *result = pg_await(db, PQsendQuery(db->conn, "COMMIT") == 1);
    enum err_code rc = ERR_OK;

    /* Of a transaction in which a statement failed, COMMIT is a ROLLBACK, and succeeds. */
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
            rc = err_set(err, ERR_SYSTEM, "a statement of the transaction had failed");
    } else if (pg_is_lost(db)) {
        pg_left(base); /* from here on it is another connection's business */
        rc = resolve(db, err);
    } else {
        rc = pg_fail(db, result, "COMMIT", err);
    }
    PQclear(result);
    return rc;
}
