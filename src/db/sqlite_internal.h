/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/sqlite_internal.h - what the two halves of the SQLite adapter share: the handle, the
 * statements it keeps, and the one place that judges SQLite's result codes. */
#pragma once

#include "db/db_internal.h"

#include <sqlite3.h>

/* Statements are found by address; twice as many slots as the program has statements. */
enum { CACHE_BUCKETS = 256 };

/* A prepared statement; while it runs, also the cursor that the caller holds. */
struct sqlite_rows {
    struct db_rows base;
    struct sqlite_rows *next; /* in the bucket */
    const char *sql;          /* the literal */
    sqlite3_stmt *stmt;
    bool in_use;
    bool cached;
};

struct sqlite_db {
    struct db base;
    sqlite3 *handle;
    struct sqlite_rows *cache[CACHE_BUCKETS];
    int64_t wait_ms;      /* longest wait for a lock */
    int64_t wait_from_ms; /* monotonic: when the present wait began */
    bool dead;
    char death[160];
};

static inline struct sqlite_db *
sqlite_of(struct db *base)
{
    return (struct sqlite_db *)base;
}

/* Turns a result code into ours; ends the handle where it must not be used any more. */
enum err_code sqlite_fail(struct sqlite_db *db, int code, const char *doing, struct err *err);

/* ERR_SYSTEM with the reason of death. */
enum err_code sqlite_refuse_dead(const struct sqlite_db *db, struct err *err);

/* Frees a statement that no bucket holds. */
void sqlite_drop_statement(struct sqlite_rows *rows);

/* --- sqlite_rows.c: the part of the driver that runs statements --- */
enum err_code sqlite_query(struct db *base, const char *sql, const struct db_value *args, size_t n,
                           struct db_rows **ret_rows, struct err *err);
enum err_code sqlite_next(struct db_rows *base, bool *ret_row, struct err *err);
int64_t sqlite_changed(const struct db_rows *base);
void sqlite_end(struct db_rows *base);
bool sqlite_is_null(const struct db_rows *base, int column);
int64_t sqlite_column_int(const struct db_rows *base, int column);
double sqlite_column_real(const struct db_rows *base, int column);
struct span sqlite_column_bytes(const struct db_rows *base, int column);

/* --- sqlite_move.c: the part of the driver that moves use --- */
#define SQLITE_TABLES_SQL                                                                          \
    "SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m, pragma_table_info(m.name) c "       \
    "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid"
#define SQLITE_NOW_SQL "(CAST(strftime('%s', 'now') AS INTEGER) * 1000)"
const char *sqlite_load_text(struct arena *arena, const struct db_table *table);
enum err_code sqlite_load(struct db *base, const struct db_table *table,
                          const struct db_value *values, size_t rows, struct err *err);
enum err_code sqlite_loosen(struct db *base, struct err *err);
enum err_code sqlite_tighten(struct db *base, struct err *err);
enum err_code sqlite_watch(struct db *base, const struct db_table *table, struct err *err);
enum err_code sqlite_unwatch(struct db *base, const struct db_table *table, struct err *err);
enum err_code sqlite_make_log(struct db *base, struct err *err);
enum err_code sqlite_drop_log(struct db *base, struct err *err);
enum err_code sqlite_lock_all(struct db *base, const struct db_table *tables, size_t n,
                              struct err *err);
