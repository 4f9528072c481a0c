/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/pg.c - PostgreSQL: the connection, its errors, and transactions.
 *
 * Who writes holds one advisory lock, exclusively: check-then-write inside a transaction means on
 * many nodes what it means on one machine. Source: PostgreSQL 15 documentation, 13.3.5 (advisory
 * locks), 9.27.9 (pg_xact_status), 34 (libpq). docs/postgres.md */
#include "base/clock.h"
#include "db/pg_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* "leapocr\0" as a number: the lock of who writes. */
#define WRITER_LOCK "7810762132318253568"

static const int64_t quiet_ms = 1000;    /* after a failure to connect */
static const int64_t resolve_ms = 20000; /* how long the fate of a COMMIT is asked for */

/* --- errors --- */

static enum err_code
refuse_dead(const struct pg_db *db, struct err *err)
{
    return err_set(err, ERR_SYSTEM, "the database handle is dead: %s", db->death);
}

static bool
is_lost(const struct pg_db *db)
{
    return db->conn == NULL || PQstatus(db->conn) == CONNECTION_BAD;
}

static bool
is_class(const char *state, const char *classes)
{
    for (const char *at = classes; *at != '\0'; at += strcspn(at, " ") + (strchr(at, ' ') != NULL))
        if (strncmp(state, at, strcspn(at, " ")) == 0)
            return true;
    return false;
}

/* SQLSTATE, or the beginning of one, to our code. Source: appendix A of the documentation. */
static enum err_code
code_of(const char *state)
{
    static const struct {
        const char *states;
        enum err_code code;
    } table[] = {
        {"23505 23514 23503", ERR_CONFLICT},
        {"53100", ERR_STORAGE_FULL},
        {"53200", ERR_MEMORY},
        {"54", ERR_LIMIT},
        {"22021 22P05 22001", ERR_INPUT}, /* no UTF-8, a zero byte, too long */
        {"08 25006 40 53 55P03 57", ERR_UNAVAILABLE},
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (is_class(state, table[i].states))
            return table[i].code;
    return ERR_SYSTEM;
}

enum err_code
pg_fail(struct pg_db *db, const PGresult *result, const char *doing, struct err *err)
{
    const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

    if (is_lost(db) || state == NULL)
        return err_set(err, ERR_UNAVAILABLE, "%.60s: the connection to the database was lost",
                       doing);
    if (is_class(state, "XX001 XX002")) {
        db->dead = true;
        snprintf(db->death, sizeof(db->death), "%.120s (SQLSTATE %.5s)", text, state);
        return refuse_dead(db, err);
    }
    enum err_code code = code_of(state);
    /* A server that has become a standby stays one: the next call looks for the new primary. */
    if (strcmp(state, "25006") == 0) {
        PQfinish(db->conn);
        db->conn = NULL;
        pg_forget_statements(db);
    }
    return code == ERR_SYSTEM
               ? err_set(err, code, "%.100s: %.200s (SQLSTATE %.5s)", doing, text, state)
               : err_set(err, code, "%.200s", text);
}

/* --- connecting --- */

static void
ignore_notice(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

static enum err_code
connect_now(struct pg_db *db, struct err *err)
{
    /* What the address says goes before ours. Behind a pooler the limits come with each
     * transaction, because settings of a session would be somebody else's next. */
    const char *keys[] = {"connect_timeout",
                          "keepalives_idle",
                          "keepalives_interval",
                          "keepalives_count",
                          "tcp_user_timeout",
                          "client_encoding",
                          "fallback_application_name",
                          "target_session_attrs",
                          "dbname",
                          "options",
                          NULL};
    const char *values[] = {"3",
                            "5",
                            "2",
                            "3",
                            "6000",
                            "UTF8",
                            "leapocr",
                            db->pooled ? "any" : "read-write",
                            db->uri,
                            db->pooled ? ""
                                       : "-c statement_timeout=30000 -c lock_timeout=5000 "
                                         "-c idle_in_transaction_session_timeout=60000",
                            NULL};

    PQfinish(db->conn);
    pg_forget_statements(db);
    db->conn = PQconnectdbParams(keys, values, 1);
    if (db->conn != NULL && PQstatus(db->conn) == CONNECTION_OK) {
        PQsetNoticeProcessor(db->conn, ignore_notice, NULL);
        db->failed_ms = 0;
        return ERR_OK;
    }
    db->failed_ms = clock_mono_ms();
    const char *why = db->conn != NULL ? PQerrorMessage(db->conn) : "out of memory";
    return err_set(err, ERR_UNAVAILABLE, "the database cannot be reached: %.*s",
                   (int)strcspn(why, "\n"), why);
}

enum err_code
pg_ready(struct pg_db *db, struct err *err)
{
    if (db->dead)
        return refuse_dead(db, err);
    if (!is_lost(db))
        return ERR_OK;
    if (db->failed_ms != 0 && clock_mono_ms() - db->failed_ms < quiet_ms)
        return err_set(err, ERR_UNAVAILABLE, "the database cannot be reached");
    return connect_now(db, err);
}

enum err_code
pg_run(struct pg_db *db, const char *sql, PGresult **ret_result, struct err *err)
{
    enum err_code rc = ERR_OK;
    PGresult *result = PQexec(db->conn, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        rc = pg_fail(db, result, sql, err);
    if (rc == ERR_OK && ret_result != NULL)
        *ret_result = result;
    else
        PQclear(result);
    return rc;
}

/* --- transactions --- */

static bool
is_dead(const struct db *base)
{
    return ((const struct pg_db *)base)->dead;
}

static bool
in_transaction(const struct db *base)
{
    const struct pg_db *db = (const struct pg_db *)base;

    if (is_lost(db))
        return false;
    PGTransactionStatusType status = PQtransactionStatus(db->conn);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

/* One message for all of it. The number of a transaction that writes is what its COMMIT is asked
 * for by if the connection is lost in it. */
static enum err_code
begin(struct db *base, enum db_mode mode, struct err *err)
{
    static const char local[] = "SET LOCAL statement_timeout = 30000; SET LOCAL lock_timeout = "
                                "5000; SET LOCAL idle_in_transaction_session_timeout = 60000; ";
    struct pg_db *db = pg_of(base);
    PGresult *result = NULL;
    char sql[640];
    enum err_code rc = pg_ready(db, err);

    if (rc != ERR_OK)
        return rc;
    snprintf(sql, sizeof(sql), "BEGIN ISOLATION LEVEL %s; %s%s",
             mode == DB_READS ? "REPEATABLE READ READ ONLY" : "READ COMMITTED READ WRITE",
             db->pooled ? local : "",
             mode == DB_READS ? ""
                              : "SELECT pg_advisory_xact_lock(" WRITER_LOCK "), "
                                "pg_current_xact_id(), pg_backend_pid()");
    rc = pg_run(db, sql, &result, err);
    if (rc == ERR_OK && mode == DB_WRITES) {
        snprintf(db->xid, sizeof(db->xid), "%.20s", PQgetvalue(result, 0, 1));
        db->backend = atoi(PQgetvalue(result, 0, 2));
    }
    PQclear(result);
    if (rc != ERR_OK && in_transaction(base)) {
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
    enum err_code rc = connect_now(db, err);
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
    return refuse_dead(db, err);
}

static enum err_code
commit(struct db *base, struct err *err)
{
    struct pg_db *db = pg_of(base);
    PGresult *result = PQexec(db->conn, "COMMIT");
    enum err_code rc = ERR_OK;

    /* Of a transaction in which a statement failed, COMMIT is a ROLLBACK, and succeeds. */
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
            rc = err_set(err, ERR_SYSTEM, "a statement of the transaction had failed");
    } else if (is_lost(db)) {
        rc = resolve(db, err);
    } else {
        rc = pg_fail(db, result, "COMMIT", err);
    }
    PQclear(result);
    return rc;
}

/* --- opening and closing --- */

static void
close_handle(struct db *base)
{
    struct pg_db *db = pg_of(base);

    pg_forget_statements(db);
    PQfinish(db->conn);
    if (db->uri != NULL)
        memset(db->uri, 0, strlen(db->uri)); /* it may hold a password */
    free(db->uri);
    free(db);
}

/* The server writes when it likes. */
static enum err_code
checkpoint(struct db *base, struct err *err)
{
    const struct pg_db *db = pg_of(base);

    return db->dead ? refuse_dead(db, err) : ERR_OK;
}

static const struct db_driver driver = {
    .close = close_handle,
    .is_dead = is_dead,
    .in_transaction = in_transaction,
    .begin = begin,
    .commit = commit,
    .query = pg_query,
    .next = pg_next,
    .changed = pg_changed,
    .end = pg_end,
    .is_null = pg_is_null,
    .column_int = pg_column_int,
    .column_real = pg_column_real,
    .column_bytes = pg_column_bytes,
    .script = pg_script,
    .schema_version = pg_schema_version,
    .set_schema_version = pg_set_schema_version,
    .describe = pg_describe,
    .checkpoint = checkpoint,
};

/* Cuts our own parameter out of the address: libpq refuses those that it does not know. */
static void
take_pooled(struct pg_db *db)
{
    static const char name[] = "pooler=transaction";
    char *at = strstr(db->uri, name);

    if (at == NULL || (at[-1] != '?' && at[-1] != '&'))
        return;
    char *end = at + sizeof(name) - 1;
    if (*end == '&')
        memmove(at, end + 1, strlen(end + 1) + 1);
    else if (*end == '\0')
        at[-1] = '\0';
    else
        return;
    db->pooled = true;
}

enum err_code
pg_open(const char *place, struct db **ret_db, struct err *err)
{
    struct pg_db *db = calloc(1, sizeof(*db));

    if (db == NULL)
        return err_set(err, ERR_MEMORY, "open database: out of memory");
    db->base.driver = &driver;
    db->uri = strdup(place);
    if (db->uri == NULL) {
        close_handle(&db->base);
        return err_set(err, ERR_MEMORY, "open database: out of memory");
    }
    take_pooled(db);
    enum err_code rc = connect_now(db, err);
    if (rc == ERR_OK)
        *ret_db = &db->base;
    else
        close_handle(&db->base);
    return rc;
}
