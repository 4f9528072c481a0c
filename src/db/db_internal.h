/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/db_internal.h - what the adapter of one database gives to the parts that are the same for all
 * of them (migrations, transactions, the writer). No other folder includes it. */
#pragma once

#include "db/db.h"

struct db_migration {
    int64_t version; /* from 1, without gaps */
    const char *name;
    const char *sql;
};

/* Made from migrations/NNNN_name.sql by tools/embed_sql.py. */
extern const struct db_migration db_migrations[];
extern const size_t db_migration_count;

/* Brings the schema from what the file has to the newest of this binary. */
MUST_CHECK
enum err_code db_migrate(struct db *db, struct err *err);

/* Several statements without arguments, as a migration has them. */
MUST_CHECK
enum err_code db_script(struct db *db, const char *sql, struct err *err);

/* 0 for an empty file; ERR_CONFLICT if another program made it. */
MUST_CHECK
enum err_code db_schema_version(struct db *db, int64_t *ret_version, struct err *err);
MUST_CHECK
enum err_code db_set_schema_version(struct db *db, int64_t version, struct err *err);

/* Write transactions. begin waits for the lock; end commits, or rolls back when rc is an error or
 * the commit fails, and returns what became of it. */
MUST_CHECK
enum err_code db_begin(struct db *db, struct err *err);
MUST_CHECK
enum err_code db_finish(struct db *db, enum err_code rc, struct err *err);

/* False also after the database has rolled back by itself (disk full, I/O error). */
bool db_in_transaction(const struct db *db);
