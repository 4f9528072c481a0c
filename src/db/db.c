/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/db.c - the calls of db.h, handed to the adapter of the database that was opened. */
#include "db/db_internal.h"

#include <string.h>

bool
db_place_is_server(const char *place)
{
    return strncmp(place, "postgres://", 11) == 0 || strncmp(place, "postgresql://", 13) == 0;
}

static enum err_code
open_only(const char *place, struct db **ret_db, struct err *err)
{
    static const char file_scheme[] = "sqlite://";

    if (db_place_is_server(place))
        return pg_open(place, ret_db, err);
    if (strncmp(place, file_scheme, sizeof(file_scheme) - 1) == 0)
        place += sizeof(file_scheme) - 1;
    return sqlite_open(place, ret_db, err);
}

static enum err_code
open_one(const char *place, bool for_move, struct db **ret_db, struct err *err)
{
    struct db *db = NULL;
    enum err_code rc = open_only(place, &db, err);

    if (rc == ERR_OK)
        rc = db_migrate(db, err);
    if (rc == ERR_OK && !for_move)
        rc = db_check_moved(db, err);
    if (rc == ERR_OK)
        *ret_db = db;
    else
        db_close(&db);
    return rc;
}

enum err_code
db_open(const char *place, struct db **ret_db, struct err *err)
{
    return open_one(place, false, ret_db, err);
}

enum err_code
db_open_for_move(const char *place, struct db **ret_db, struct err *err)
{
    return open_one(place, true, ret_db, err);
}

void
db_close(struct db **db)
{
    if (*db != NULL)
        (*db)->driver->close(*db);
    *db = NULL;
}

void
db_set_patience(struct db *db, int64_t ms)
{
    if (db->driver->set_patience != NULL)
        db->driver->set_patience(db, ms);
}

bool
db_is_dead(const struct db *db)
{
    return db->driver->is_dead(db);
}

bool
db_in_transaction(const struct db *db)
{
    return db->driver->in_transaction(db);
}

bool
db_is_shared(const struct db *db)
{
    return db->driver->shared;
}

enum err_code
db_script(struct db *db, const char *sql, struct err *err)
{
    return db->driver->script(db, sql, err);
}

enum err_code
db_schema_version(struct db *db, int64_t *ret_version, struct err *err)
{
    return db->driver->schema_version(db, ret_version, err);
}

enum err_code
db_set_schema_version(struct db *db, int64_t version, struct err *err)
{
    return db->driver->set_schema_version(db, version, err);
}

enum err_code
db_describe(struct db *db, struct buf *ret_text, struct err *err)
{
    return db->driver->describe(db, ret_text, err);
}

enum err_code
db_measure(struct db *db, struct db_distance *ret, struct err *err)
{
    if (db->driver->measure != NULL)
        return db->driver->measure(db, ret, err);
    *ret = (struct db_distance){.keeps = true};
    return ERR_OK;
}

enum err_code
db_checkpoint(struct db *db, struct err *err)
{
    return db->driver->checkpoint(db, err);
}

/* --- statements --- */

enum err_code
db_query(struct db *db, const char *sql, const struct db_value *args, size_t n,
         struct db_rows **ret_rows, struct err *err)
{
    return db->driver->query(db, sql, args, n, ret_rows, err);
}

enum err_code
db_next(struct db_rows *rows, bool *ret_row, struct err *err)
{
    return rows->db->driver->next(rows, ret_row, err);
}

void
db_end(struct db_rows **rows)
{
    if (*rows != NULL)
        (*rows)->db->driver->end(*rows);
    *rows = NULL;
}

enum err_code
db_first(struct db *db, const char *sql, const struct db_value *args, size_t n,
         struct db_rows **ret_rows, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(db, sql, args, n, &rows, err);

    if (rc == ERR_OK)
        rc = db_next(rows, &row, err);
    if (rc != ERR_OK || !row)
        db_end(&rows);
    if (rc == ERR_OK)
        *ret_rows = rows;
    return rc;
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
        *ret_changed = db->driver->changed(rows);
    db_end(&rows);
    return rc;
}

enum err_code
db_post(struct db *db, const char *sql, const struct db_value *args, size_t n, struct err *err)
{
    return db->driver->post != NULL ? db->driver->post(db, sql, args, n, err)
                                    : db_exec(db, sql, args, n, NULL, err);
}

/* --- columns --- */

bool
db_is_null(const struct db_rows *rows, int column)
{
    return rows->db->driver->is_null(rows, column);
}

int64_t
db_column_int(const struct db_rows *rows, int column)
{
    return rows->db->driver->column_int(rows, column);
}

double
db_column_real(const struct db_rows *rows, int column)
{
    return rows->db->driver->column_real(rows, column);
}

struct span
db_column_bytes(const struct db_rows *rows, int column)
{
    return rows->db->driver->column_bytes(rows, column);
}

const char *
db_column_text(struct arena *arena, const struct db_rows *rows, int column)
{
    struct span text = db_column_bytes(rows, column);

    if (db_is_null(rows, column))
        return NULL;
    return arena_strndup(arena, text.len > 0 ? (const char *)text.data : "", text.len);
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
    struct span text = db_is_null(rows, column) ? (struct span){0} : db_column_bytes(rows, column);

    if (text.len >= cap)
        return false;
    if (text.len > 0)
        memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}
