/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside a transaction statements are gathered, and travel together with the first of which
 * something has to be known: BEGIN and the locks with the first query, what is only written with
 * the COMMIT. A way to the server and back costs more than most statements, and locks are held for
 * it. Source: PostgreSQL 15 documentation, 34.5 (pipeline mode). */
#include "db/pg_internal.h"

/* In the pipeline, behind what it needs. */
static enum err_code
add(struct pg_db *db, const char *sql, struct pg_statement *made, int sent, struct err *err)
{
    if (sent != 1)
        return pg_fail(db, NULL, sql, err);
    db->sent[db->sent_count++] = (struct pg_sent){sql, made};
    return ERR_OK;
}

enum err_code
pg_burst_add(struct pg_db *db, const char *sql, const struct db_value *values, size_t n,
             struct err *err)
{
    struct pg_args args;
    struct pg_statement *s = NULL;
    bool is_new = false;
    enum err_code rc = pg_set_args(&args, values, n, sql, err);

    if (rc == ERR_OK && db->sent_count + 2 > PG_BURST_MAX)
        rc = pg_burst_end(db, NULL, err);
    if (rc != ERR_OK)
        return rc;
    if (db->pooled)
        return add(db, sql, NULL,
                   PQsendQueryParams(db->conn, sql, (int)n, args.types, args.values, args.lengths,
                                     args.formats, 1),
                   err);
    rc = pg_find_statement(db, sql, values, n, &s, &is_new, err);
    if (rc == ERR_OK && is_new) {
        rc = add(db, sql, s, PQsendPrepare(db->conn, s->name, sql, (int)n, args.types), err);
        if (rc != ERR_OK)
            pg_drop_statement(db, s);
    }
    if (rc != ERR_OK)
        return rc;
    return add(
        db, sql, NULL,
        PQsendQueryPrepared(db->conn, s->name, (int)n, args.values, args.lengths, args.formats, 1),
        err);
}

/* Of the i-th. Where rc is an error already, an earlier one has failed and this has not run. */
static enum err_code
take_result(struct pg_db *db, size_t i, const PGresult *result, enum err_code rc, struct err *err)
{
    const struct pg_sent *sent = &db->sent[i];
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

    if (!good && sent->made != NULL && db->conn != NULL) /* else all are forgotten */
        pg_drop_statement(db, sent->made);
    if (rc != ERR_OK)
        return rc;
    if (!good)
        return pg_fail(db, result, sent->sql, err);
    return !db->locked && i == db->lock_at ? pg_note_locks(db, result, err) : ERR_OK;
}

enum err_code
pg_burst_end(struct pg_db *db, PGresult **ret_last, struct err *err)
{
    enum err_code rc = ERR_OK;
    PGresult *result = NULL;
    size_t n = db->sent_count;

    db->sent_count = 0;
    if (PQpipelineSync(db->conn) != 1)
        return pg_fail(db, NULL, n > 0 ? db->sent[n - 1].sql : "transaction", err);
    for (size_t i = 0; i < n; i++) {
        PQclear(result);
        result = pg_await(db, db->conn != NULL);
        rc = take_result(db, i, result, rc, err);
    }
    PQclear(pg_await(db, db->conn != NULL)); /* of the synchronisation */
    if (rc == ERR_OK && pg_is_lost(db))
        rc = pg_fail(db, NULL, n > 0 ? db->sent[n - 1].sql : "transaction", err);
    if (rc == ERR_OK && ret_last != NULL)
        *ret_last = result;
    else
        PQclear(result);
    return rc;
}

enum err_code
pg_burst_pause(struct pg_db *db, bool *ret_paused, struct err *err)
{
    *ret_paused = PQpipelineStatus(db->conn) != PQ_PIPELINE_OFF;
    enum err_code rc = *ret_paused && db->sent_count > 0 ? pg_burst_end(db, NULL, err) : ERR_OK;

    if (rc == ERR_OK && *ret_paused && PQexitPipelineMode(db->conn) != 1)
        rc = err_set(err, ERR_SYSTEM, "the connection is in use");
    return rc;
}

void
pg_burst_resume(struct pg_db *db, bool paused)
{
    if (paused && db->conn != NULL)
        (void)PQenterPipelineMode(db->conn); /* fails where statements are under way: none is */
}
