/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/sqlite_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- statements --- */

/* "$1", "$2", ... must first appear in that order: SQLite numbers names as it meets them. */
static enum err_code
check_placeholders(const struct db_rows *rows, struct err *err)
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
sqlite_drop_statement(struct db_rows *rows)
{
    sqlite3_finalize(rows->stmt);
    free(rows);
}

static enum err_code
prepare(struct db *db, const char *sql, bool keep, struct db_rows **ret, struct err *err)
{
    enum err_code rc;
    struct db_rows *rows = calloc(1, sizeof(*rows));

    if (rows == NULL)
        return err_set(err, ERR_MEMORY, "prepare statement: out of memory");
    *rows = (struct db_rows){.db = db, .sql = sql, .cached = keep};
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
take_statement(struct db *db, const char *sql, struct db_rows **ret, struct err *err)
{
    size_t bucket = (size_t)(((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
    struct db_rows *rows = db->cache[bucket];

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

enum err_code
db_query(struct db *db, const char *sql, const struct db_value *args, size_t n,
         struct db_rows **ret_rows, struct err *err)
{
    struct db_rows *rows = NULL;
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
        *ret_rows = rows;
    else
        db_end(&rows);
    return rc;
}

enum err_code
db_next(struct db_rows *rows, bool *ret_row, struct err *err)
{
    if (rows->db->dead)
        return sqlite_refuse_dead(rows->db, err);
    int code = sqlite3_step(rows->stmt);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return sqlite_fail(rows->db, code, rows->sql, err);
    *ret_row = code == SQLITE_ROW;
    return ERR_OK;
}

void
db_end(struct db_rows **rows)
{
    if (*rows == NULL)
        return;
    sqlite3_reset((*rows)->stmt); /* repeats the error that db_next has told */
    (*rows)->in_use = false;
    if (!(*rows)->cached)
        sqlite_drop_statement(*rows);
    *rows = NULL;
}

enum err_code
db_exec(struct db *db, const char *sql, const struct db_value *args, size_t n, int64_t *ret_changed,
        struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = true;
    enum err_code rc = db_query(db, sql, args, n, &rows, err);

    while (rc == ERR_OK && row)
        rc = db_next(rows, &row, err);
    if (rc == ERR_OK && ret_changed != NULL)
        *ret_changed = sqlite3_changes64(db->handle);
    db_end(&rows);
    return rc;
}

/* --- columns --- */

bool
db_is_null(const struct db_rows *rows, int column)
{
    return sqlite3_column_type(rows->stmt, column) == SQLITE_NULL;
}

int64_t
db_column_int(const struct db_rows *rows, int column)
{
    return sqlite3_column_int64(rows->stmt, column);
}

double
db_column_real(const struct db_rows *rows, int column)
{
    return sqlite3_column_double(rows->stmt, column);
}

const char *
db_column_text(struct arena *arena, const struct db_rows *rows, int column)
{
    const unsigned char *text = sqlite3_column_text(rows->stmt, column);

    if (text == NULL)
        return NULL;
    return arena_strndup(arena, (const char *)text,
                         (size_t)sqlite3_column_bytes(rows->stmt, column));
}

struct span
db_column_bytes(const struct db_rows *rows, int column)
{
    const void *bytes = sqlite3_column_blob(rows->stmt, column);

    return (struct span){bytes, (size_t)sqlite3_column_bytes(rows->stmt, column)};
}

struct span
db_column_blob(struct arena *arena, const struct db_rows *rows, int column)
{
    struct span bytes = db_column_bytes(rows, column);
    uint8_t *copy = bytes.data == NULL ? NULL : arena_alloc(arena, bytes.len);

    if (copy == NULL)
        return (struct span){0};
    memcpy(copy, bytes.data, bytes.len);
    return (struct span){copy, bytes.len};
}

bool
db_column_copy(const struct db_rows *rows, int column, char *out, size_t cap)
{
    const unsigned char *text = sqlite3_column_text(rows->stmt, column);
    size_t len = text == NULL ? 0 : (size_t)sqlite3_column_bytes(rows->stmt, column);

    if (len >= cap)
        return false;
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
    return true;
}
