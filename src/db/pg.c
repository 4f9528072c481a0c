/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/pg.c - PostgreSQL: the connection and its errors.
 * Source: PostgreSQL 15 documentation, 34 (libpq). docs/postgres.md */
#include "db/pg_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The server ends a statement after 30 s; one that does not even do that is gone. */
static const int64_t patience_ms = 35000;

/* --- errors --- */

enum err_code
pg_refuse_dead(const struct pg_db *db, struct err *err)
{
    return err_set(err, ERR_SYSTEM, "the database handle is dead: %s", db->death);
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

    if (pg_is_lost(db) || state == NULL)
        return err_set(err, ERR_UNAVAILABLE, "%.60s: the connection to the database was lost",
                       doing);
    if (is_class(state, "XX001 XX002")) {
        db->dead = true;
        snprintf(db->death, sizeof(db->death), "%.120s (SQLSTATE %.5s)", text, state);
        return pg_refuse_dead(db, err);
    }
    enum err_code code = code_of(state);
    /* A server that has become a standby stays one: the next call looks for the new primary. */
    if (strcmp(state, "25006") == 0)
        pg_disconnect(db);
    return code == ERR_SYSTEM
               ? err_set(err, code, "%.100s: %.200s (SQLSTATE %.5s)", doing, text, state)
               : err_set(err, code, "%.200s", text);
}

/* --- statements without arguments --- */

enum err_code
pg_run(struct pg_db *db, const char *sql, PGresult **ret_result, struct err *err)
{
    bool paused = false;
    enum err_code rc = pg_burst_pause(db, &paused, err);

    if (rc != ERR_OK)
        return rc;
    PGresult *result = pg_await(db, PQsendQuery(db->conn, sql) == 1);
    ExecStatusType status = PQresultStatus(result);
    pg_burst_resume(db, paused);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        rc = pg_fail(db, result, sql, err);
    if (rc == ERR_OK && ret_result != NULL)
        *ret_result = result;
    else
        PQclear(result);
    return rc;
}

static bool
is_dead(const struct db *base)
{
    return ((const struct pg_db *)base)->dead;
}

/* --- opening and closing --- */

static void
close_handle(struct db *base)
{
    struct pg_db *db = pg_of(base);

    pg_disconnect(db);
    pg_prober_drop(&db->prober);
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

    return db->dead ? pg_refuse_dead(db, err) : ERR_OK;
}

static void
set_patience(struct db *base, int64_t ms)
{
    pg_of(base)->patience_ms = ms;
}

static const struct db_driver driver = {
    .shared = true,
    .close = close_handle,
    .is_dead = is_dead,
    .in_transaction = pg_in_transaction,
    .begin = pg_begin,
    .commit = pg_commit,
    .left = pg_left,
    .was_busy = pg_was_busy,
    .has_owner = pg_has_owner,
    .join = pg_join,
    .post = pg_post,
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
    .measure = pg_measure,
    .checkpoint = checkpoint,
    .set_patience = set_patience,
    .tables_sql = PG_TABLES_SQL,
    .now_sql = "SELECT " PG_NOW_SQL,
    .load_text = pg_load_text,
    .load = pg_load,
    .loosen = pg_loosen,
    .tighten = pg_tighten,
    .watch = pg_watch,
    .unwatch = pg_unwatch,
    .make_log = pg_make_log,
    .drop_log = pg_drop_log,
    .lock_all = pg_lock_all,
};

static const char pooled[] = "pooler=transaction";

/* Our own parameter of an address, where it stands as a whole one. */
static const char *
find_pooled(const char *place)
{
    const char *at = strstr(place, pooled);
    char end = at != NULL ? at[sizeof(pooled) - 1] : 'x';

    return at != NULL && (at[-1] == '?' || at[-1] == '&') && (end == '&' || end == '\0') ? at
                                                                                         : NULL;
}

bool
pg_place_is_pooled(const char *place)
{
    return find_pooled(place) != NULL;
}

/* Cuts it out: libpq refuses parameters that it does not know. */
static void
take_pooled(struct pg_db *db)
{
    const char *found = find_pooled(db->uri);

    db->pooled = found != NULL;
    if (found == NULL)
        return;
    char *at = db->uri + (found - db->uri), *end = at + sizeof(pooled) - 1;
    if (*end == '&')
        memmove(at, end + 1, strlen(end + 1) + 1);
    else
        at[-1] = '\0';
}

enum err_code
pg_open(const char *place, struct db **ret_db, struct err *err)
{
    struct pg_db *db = calloc(1, sizeof(*db));

    if (db == NULL)
        return err_set(err, ERR_MEMORY, "open database: out of memory");
    db->base.driver = &driver;
    db->patience_ms = patience_ms;
    db->uri = strdup(place);
    if (db->uri == NULL) {
        close_handle(&db->base);
        return err_set(err, ERR_MEMORY, "open database: out of memory");
    }
    take_pooled(db);
    enum err_code rc = pg_connect(db, err);
    if (rc == ERR_OK)
        *ret_db = &db->base;
    else
        close_handle(&db->base);
    return rc;
}
