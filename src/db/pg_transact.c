/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/pg_transact.c - PostgreSQL: transactions, their locks, and what becomes of a COMMIT.
 *
 * Who writes holds one advisory lock: exclusively, or shared and beside it the lock of the owner
 * whose rows alone it touches. So check-then-write inside a transaction means on many nodes what it
 * means on one machine, and no statement fails for want of serialisation. Source: PostgreSQL 15
 * documentation, 13.3.5 (advisory locks), 9.27.9 (pg_xact_status). docs/postgres.md */
#include "base/clock.h"
#include "base/fnv.h"
#include "db/pg_internal.h"

#include <assert.h>
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

    return db->within && !pg_is_lost(db);
}

/* Two owners of one number wait for each other now and then, nothing worse. */
static int64_t
lock_number(const char *owner)
{
    return (int64_t)fnv_add(FNV_BEGIN, owner, strlen(owner));
}

/* The number of a transaction that writes is what its COMMIT is asked for by if the connection is
 * lost in it. */
#define WRITER " pg_current_xact_id()::text, pg_backend_pid(), "
#define ALONE  "pg_advisory_xact_lock(" WRITER_LOCK ")"
#define BESIDE "pg_advisory_xact_lock_shared(" WRITER_LOCK ")"
#define TRY(n) "pg_try_advisory_xact_lock($" #n ")"
enum { LOCKS_XID = 1, LOCKS_BACKEND, LOCKS_OWNERS }; /* columns of the answer */

static enum err_code
ask_locks(struct pg_db *db, enum db_mode mode, const char *const *owners, size_t n, struct err *err)
{
    static const char alone[] = "SELECT " ALONE "," WRITER "true";
    static const char beside[] =
        "SELECT " BESIDE "," WRITER "pg_advisory_xact_lock($1) IS NOT NULL";
    static const char beside_two[] =
        "SELECT " BESIDE "," WRITER "pg_advisory_xact_lock($1) IS NOT NULL, "
        "pg_advisory_xact_lock($2) IS NOT NULL";
    static const char try_one[] = "SELECT " BESIDE "," WRITER TRY(1);
    static const char try_four[] =
        "SELECT " BESIDE "," WRITER TRY(1) ", " TRY(2) ", " TRY(3) ", " TRY(4);
    struct db_value numbers[DB_OWNERS_MAX];
    const char *sql = mode == DB_WRITES ? alone : mode == DB_SHARES ? beside : try_one;

    static_assert(DB_OWNERS_MAX == 4, "the statement has so many");
    size_t count = n;
    if (n > 1) {
        sql = mode == DB_SHARES ? beside_two : try_four;
        count = mode == DB_SHARES ? 2 : DB_OWNERS_MAX;
    }
    for (size_t i = 0; i < DB_OWNERS_MAX; i++) /* a lock that one has already one gets again */
        numbers[i] = db_int(n > 0 ? lock_number(owners[i < n ? i : 0]) : 0);
    enum err_code rc = pg_burst_add(db, sql, numbers, count, err);
    db->lock_at = db->sent_count - 1;
    return rc;
}

enum err_code
pg_note_locks(struct pg_db *db, const PGresult *result, struct err *err)
{
    uint32_t pid = 0;

    db->locked = true;
    db->busy = true;
    for (int i = 0; i < DB_OWNERS_MAX && LOCKS_OWNERS + i < PQnfields(result); i++) {
        db->got[i] = PQgetvalue(result, 0, LOCKS_OWNERS + i)[0] != 0;
        db->busy = db->busy && !db->got[i];
    }
    snprintf(db->xid, sizeof(db->xid), "%.*s", PQgetlength(result, 0, LOCKS_XID),
             PQgetvalue(result, 0, LOCKS_XID));
    for (int i = 0; i < PQgetlength(result, 0, LOCKS_BACKEND); i++)
        pid = pid << 8 | (uint8_t)PQgetvalue(result, 0, LOCKS_BACKEND)[i];
    db->backend = (int)pid;
    return db->busy ? err_set(err, ERR_UNAVAILABLE, "others work for these owners") : ERR_OK;
}

bool
pg_was_busy(const struct db *base)
{
    return ((const struct pg_db *)base)->busy;
}

bool
pg_has_owner(const struct db *base, size_t i)
{
    return ((const struct pg_db *)base)->got[i];
}

enum err_code
pg_join(struct db *base, const char *owner, bool *ret_joined, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(base, "SELECT pg_try_advisory_xact_lock($1)",
                                DB_ARGS(db_int(lock_number(owner))), &rows, err);

    if (rc == ERR_OK && rows != NULL)
        *ret_joined = db_column_int(rows, 0) != 0;
    db_end(&rows);
    return rc;
}

/* All of it travels with the first statement. */
enum err_code
pg_begin(struct db *base, enum db_mode mode, const char *const *owners, size_t n, struct err *err)
{
    static const char reads[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    static const char writes[] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
    static const char local[] =
        "SELECT set_config('statement_timeout', '30000', true), set_config('lock_timeout', "
        "'5000', true), set_config('idle_in_transaction_session_timeout', '10000', true)";
    struct pg_db *db = pg_of(base);
    enum err_code rc = pg_ready(db, err);

    if (rc != ERR_OK)
        return rc;
    if (PQenterPipelineMode(db->conn) != 1)
        return err_set(err, ERR_SYSTEM, "the connection is in use");
    db->within = true;
    db->busy = false;
    db->locked = mode == DB_READS;
    db->sent_count = 0;
    rc = pg_burst_add(db, mode == DB_READS ? reads : writes, NULL, 0, err);
    if (rc == ERR_OK && db->pooled)
        rc = pg_burst_add(db, local, NULL, 0, err);
    if (rc == ERR_OK && mode != DB_READS)
        rc = ask_locks(db, mode, owners, n, err);
    if (rc != ERR_OK)
        pg_left(base);
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

/* Whatever of it the server has not undone yet goes with the connection. */
void
pg_left(struct db *base)
{
    struct pg_db *db = pg_of(base);

    db->within = false;
    if (db->conn != NULL && PQpipelineStatus(db->conn) != PQ_PIPELINE_OFF &&
        (db->sent_count > 0 || PQexitPipelineMode(db->conn) != 1))
        pg_disconnect(db);
    db->sent_count = 0;
}

/* The answer to the locks has to be there before: it names the transaction, and may be no. */
enum err_code
pg_commit(struct db *base, struct err *err)
{
    struct pg_db *db = pg_of(base);
    PGresult *result = NULL;
    enum err_code rc = db->locked ? ERR_OK : pg_burst_end(db, NULL, err);

    if (rc == ERR_OK)
        rc = pg_burst_add(db, "COMMIT", NULL, 0, err);
    if (rc != ERR_OK)
        return rc;
    rc = pg_burst_end(db, &result, err);
    if (pg_is_lost(db)) {
        pg_left(base); /* from here on it is another connection's business */
        rc = resolve(db, err);
    } else if (rc == ERR_OK && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        /* Of a transaction in which a statement failed, COMMIT is a ROLLBACK, and succeeds. */
        rc = err_set(err, ERR_SYSTEM, "a statement of the transaction had failed");
    }
    PQclear(result);
    if (!pg_is_lost(db) && PQtransactionStatus(db->conn) == PQTRANS_IDLE)
        pg_left(base);
    return rc;
}
