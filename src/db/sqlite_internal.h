/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/sqlite_internal.h - what the two halves of the SQLite adapter share: the handle, the
 * statements it keeps, and the one place that judges SQLite's result codes. */
#pragma once

#include "db/db_internal.h"

#include <sqlite3.h>

/* Statements are found by address; twice as many slots as the program has statements. */
enum { CACHE_BUCKETS = 256 };

/* A prepared statement; while it runs, also the cursor that the caller holds. */
struct db_rows {
    struct db *db;
    struct db_rows *next; /* in the bucket */
    const char *sql;      /* the literal */
    sqlite3_stmt *stmt;
    bool in_use;
    bool cached;
};

struct db {
    sqlite3 *handle;
    struct db_rows *cache[CACHE_BUCKETS];
    int64_t wait_ms;      /* longest wait for a lock */
    int64_t wait_from_ms; /* monotonic: when the present wait began */
    bool dead;
    char death[160];
};

/* Turns a result code into ours; ends the handle where it must not be used any more. */
enum err_code sqlite_fail(struct db *db, int code, const char *doing, struct err *err);

/* ERR_SYSTEM with the reason of death. */
enum err_code sqlite_refuse_dead(const struct db *db, struct err *err);

/* Frees a statement that no bucket holds. */
void sqlite_drop_statement(struct db_rows *rows);
