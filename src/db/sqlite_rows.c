/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/sqlite_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- statements --- */

/* "$1", "$2", ... must first appear in that order: SQLite numbers names as it meets them. */
static enum err_code
check_placeholders(const struct sqlite_rows *rows, struct err *err)
{
    int n = sqlite3_bind_parameter_count(rows->stmt);

    for (int i = 1; i <= n; i++) {
        char want[16];
        const char *name = sqlite3_bind_parameter_name(rows->stmt, i);
        snprintf(want, sizeof(want), "$%d", i);
        if (name == NULL || strcmp(name, want) != 0)
            return err_set(err, ERR_SYSTEM, "placeholder %s is not in order in: %.120s",
                           name == NULL ? "?" : name, rows->sql);
    }
    return ERR_OK;
}

void
sqlite_drop_statement(struct sqlite_rows *rows)
{
    sqlite3_finalize(rows->stmt);
    free(rows);
}

static enum err_code
prepare(struct sqlite_db *db, const char *sql, bool keep, struct sqlite_rows **ret, struct err *err)
{
    enum err_code rc;
    struct sqlite_rows *rows = calloc(1, sizeof(*rows));

    if (rows == NULL)
        return err_set(err, ERR_MEMORY, "prepare statement: out of memory");
    *rows = (struct sqlite_rows){.base.db = &db->base, .sql = sql, .cached = keep};
    int code = sqlite3_prepare_v3(db->handle, sql, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0,
                                  &rows->stmt, NULL);
    rc = code == SQLITE_OK ? check_placeholders(rows, err) : sqlite_fail(db, code, sql, err);
    if (rc != ERR_OK) {
        sqlite_drop_statement(rows);
        return rc;
    }
    *ret = rows;
    return ERR_OK;
}

/* The cached statement of this text, or a passing one where that is running already. */
static enum err_code
take_statement(struct sqlite_db *db, const char *sql, struct sqlite_rows **ret, struct err *err)
{
    size_t bucket = (size_t)(((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
    struct sqlite_rows *rows = db->cache[bucket];

    static_assert(CACHE_BUCKETS == 256, "the shift above gives eight bits");
    while (rows != NULL && rows->sql != sql)
        rows = rows->next;
    assert(rows == NULL || strcmp(sqlite3_sql(rows->stmt), sql) == 0);
    if (rows == NULL || rows->in_use) {
        bool keep = rows == NULL;
        enum err_code rc = prepare(db, sql, keep, &rows, err);
        if (rc != ERR_OK)
            return rc;
        if (keep) {
            rows->next = db->cache[bucket];
            db->cache[bucket] = rows;
        }
    }
    rows->in_use = true;
    *ret = rows;
    return ERR_OK;
}

static int
bind_one(sqlite3_stmt *stmt, int index, const struct db_value *value)
{
    /* A NULL pointer would bind NULL where an empty value is meant. */
    const void *bytes = value->bytes.len > 0 ? (const void *)value->bytes.data : "";

    switch (value->kind) {
    case DB_INT:
        return sqlite3_bind_int64(stmt, index, value->integer);
    case DB_REAL:
        return sqlite3_bind_double(stmt, index, value->real);
    case DB_TEXT:
        return sqlite3_bind_text64(stmt, index, bytes, value->bytes.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(stmt, index, bytes, value->bytes.len, SQLITE_STATIC);
    case DB_NULL:
        break;
    }
    return sqlite3_bind_null(stmt, index);
}

void
sqlite_end(struct db_rows *base)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)base;

    sqlite3_reset(rows->stmt); /* repeats the error that next has told */
    rows->in_use = false;
    if (!rows->cached)
        sqlite_drop_statement(rows);
}

enum err_code
sqlite_query(struct db *base, const char *sql, const struct db_value *args, size_t n,
             struct db_rows **ret_rows, struct err *err)
{
    struct sqlite_db *db = sqlite_of(base);
    struct sqlite_rows *rows = NULL;
    enum err_code rc;

    if (db->dead)
        return sqlite_refuse_dead(db, err);
    rc = take_statement(db, sql, &rows, err);
    if (rc != ERR_OK)
        return rc;
    if (n != (size_t)sqlite3_bind_parameter_count(rows->stmt))
        rc = err_set(err, ERR_SYSTEM, "%zu arguments for: %.120s", n, sql);
    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        int code = bind_one(rows->stmt, (int)i + 1, &args[i]);
        if (code != SQLITE_OK)
            rc = sqlite_fail(db, code, sql, err);
    }
    if (rc == ERR_OK)
        *ret_rows = &rows->base;
    else
        sqlite_end(&rows->base);
    return rc;
}

enum err_code
sqlite_next(struct db_rows *base, bool *ret_row, struct err *err)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)base;
    struct sqlite_db *db = sqlite_of(base->db);

    if (db->dead)
        return sqlite_refuse_dead(db, err);
    int code = sqlite3_step(rows->stmt);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return sqlite_fail(db, code, rows->sql, err);
    *ret_row = code == SQLITE_ROW;
    return ERR_OK;
}

int64_t
sqlite_changed(const struct db_rows *base)
{
    return sqlite3_changes64(sqlite_of(base->db)->handle);
}

/* --- columns --- */

static sqlite3_stmt *
stmt_of(const struct db_rows *base)
{
    return ((const struct sqlite_rows *)base)->stmt;
}

bool
sqlite_is_null(const struct db_rows *base, int column)
{
    return sqlite3_column_type(stmt_of(base), column) == SQLITE_NULL;
}

int64_t
sqlite_column_int(const struct db_rows *base, int column)
{
    return sqlite3_column_int64(stmt_of(base), column);
}

double
sqlite_column_real(const struct db_rows *base, int column)
{
    return sqlite3_column_double(stmt_of(base), column);
}

/* Of a number its digits, as the same call gives for a text that holds one. */
struct span
sqlite_column_bytes(const struct db_rows *base, int column)
{
    sqlite3_stmt *stmt = stmt_of(base);
    const void *bytes = sqlite3_column_type(stmt, column) == SQLITE_BLOB
                            ? sqlite3_column_blob(stmt, column)
                            : sqlite3_column_text(stmt, column);

    return (struct span){bytes, (size_t)sqlite3_column_bytes(stmt, column)};
}
