/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * SQLite as one side of a move. */
#include "db/sqlite_internal.h"

enum { SCRIPT_MAX = 65536 };

/* Ends the buffer. */
static enum err_code
run_text(struct db *base, struct buf *text, struct err *err)
{
    enum err_code rc = buf_check(text, "script", err);

    if (rc == ERR_OK)
        rc = db_script(base, buf_text(text), err);
    buf_fini(text);
    return rc;
}

const char *
sqlite_load_text(struct arena *arena, const struct db_table *table)
{
    struct buf out;

    buf_init(&out, SCRIPT_MAX);
    buf_printf(&out, "INSERT OR REPLACE INTO %s (", table->name);
    db_put_names(&out, table, false);
    buf_string(&out, ") VALUES (");
    for (size_t i = 0; i < table->field_count; i++)
        buf_printf(&out, "%s$%zu", i > 0 ? ", " : "", i + 1);
    buf_char(&out, ')');
    return db_keep_text(arena, &out);
}

enum err_code
sqlite_load(struct db *base, const struct db_table *table, const struct db_value *values,
            size_t rows, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < rows; i++)
        rc = db_exec(base, table->load, &values[i * table->field_count], table->field_count, NULL,
                     err);
    return rc;
}

/* Of this handle alone; nobody else writes while a move is under way. */
enum err_code
sqlite_loosen(struct db *base, struct err *err)
{
    return db_script(base, "PRAGMA foreign_keys = OFF", err);
}

enum err_code
sqlite_tighten(struct db *base, struct err *err)
{
    char table[64];
    struct db_rows *rows = NULL;
    enum err_code rc = db_script(base, "PRAGMA foreign_keys = ON", err);

    if (rc == ERR_OK)
        rc = db_first(base, "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1", NULL, 0,
                      &rows, err);
    if (rc == ERR_OK && rows != NULL && db_column_copy(rows, 0, table, sizeof(table)))
        rc =
            err_set(err, ERR_CONFLICT, "a row of table %s belongs to one that is not there", table);
    db_end(&rows);
    return rc;
}

/* --- the log of changes --- */

enum err_code
sqlite_make_log(struct db *base, struct err *err)
{
    return db_script(base,
                     "CREATE TABLE IF NOT EXISTS move_log (id INTEGER PRIMARY KEY, name TEXT NOT "
                     "NULL, k1 TEXT, k2 TEXT, k3 TEXT, k4 TEXT, k5 TEXT, k6 TEXT)",
                     err);
}

enum err_code
sqlite_drop_log(struct db *base, struct err *err)
{
    return db_script(base, "DROP TABLE IF EXISTS move_log", err);
}

/* row: NEW or OLD. of_keys: only where a key is among what is set. */
static void
put_note(struct buf *out, const struct db_table *table, const char *suffix, const char *event,
         const char *row)
{
    buf_printf(out,
               "DROP TRIGGER IF EXISTS move_%s_%s;"
               "CREATE TRIGGER move_%s_%s AFTER %s ON %s BEGIN INSERT INTO move_log (name",
               table->name, suffix, table->name, suffix, event, table->name);
    for (size_t i = 0; i < table->key_count; i++)
        buf_printf(out, ", k%zu", i + 1);
    buf_printf(out, ") VALUES ('%s'", table->name);
    for (size_t i = 0; i < table->key_count; i++)
        buf_printf(out, ", CAST(%s.%s AS TEXT)", row, table->fields[table->keys[i]].name);
    buf_string(out, "); END;");
}

static void
put_stop(struct buf *out, const struct db_table *table, const char *suffix, const char *event)
{
    buf_printf(out,
               "DROP TRIGGER IF EXISTS move_%s_%s;"
               "CREATE TRIGGER move_%s_%s BEFORE %s ON %s WHEN EXISTS (SELECT 1 FROM move_state "
               "WHERE side = 0 AND frozen_until_ms > %s) BEGIN SELECT RAISE(ABORT, '%s'); END;",
               table->name, suffix, table->name, suffix, event, table->name, SQLITE_NOW_SQL,
               DB_FROZEN);
}

enum err_code
sqlite_watch(struct db *base, const struct db_table *table, struct err *err)
{
    struct buf out, of_keys;

    buf_init(&out, SCRIPT_MAX);
    buf_init(&of_keys, SCRIPT_MAX);
    buf_string(&of_keys, "UPDATE OF ");
    db_put_names(&of_keys, table, true);
    put_note(&out, table, "added", "INSERT", "NEW");
    put_note(&out, table, "changed", "UPDATE", "NEW");
    put_note(&out, table, "renamed", buf_text(&of_keys), "OLD");
    put_note(&out, table, "removed", "DELETE", "OLD");
    put_stop(&out, table, "stop_insert", "INSERT");
    put_stop(&out, table, "stop_update", "UPDATE");
    put_stop(&out, table, "stop_delete", "DELETE");
    buf_fini(&of_keys);
    return run_text(base, &out, err);
}

enum err_code
sqlite_unwatch(struct db *base, const struct db_table *table, struct err *err)
{
    static const char *const suffixes[] = {"added",       "changed",     "renamed",    "removed",
                                           "stop_insert", "stop_update", "stop_delete"};
    struct buf out;

    buf_init(&out, SCRIPT_MAX);
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        buf_printf(&out, "DROP TRIGGER IF EXISTS move_%s_%s;", table->name, suffixes[i]);
    return run_text(base, &out, err);
}

/* BEGIN IMMEDIATE has done it. */
enum err_code
sqlite_lock_all(struct db *base, const struct db_table *tables, size_t n, struct err *err)
{
    (void)tables;
    (void)n;
    (void)err;
    return db_in_transaction(base) ? ERR_OK : ERR_SYSTEM;
}
