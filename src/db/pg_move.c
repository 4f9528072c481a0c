/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * PostgreSQL as one side of a move. Source: documentation of PostgreSQL 15, COPY (binary format),
 * CREATE TRIGGER, pg_constraint. */
#include "db/pg_internal.h"

#include <stdio.h>
#include <string.h>

enum { SCRIPT_MAX = 65536, COPY_MAX = 512 << 20 };

/* --- rows in bulk --- */

/* Ends the buffer. */
static enum err_code
run_text(struct db *base, struct buf *text, struct err *err)
{
    enum err_code rc = buf_check(text, "script", err);

    if (rc == ERR_OK)
        rc = pg_run(pg_of(base), buf_text(text), NULL, err);
    buf_fini(text);
    return rc;
}

const char *
pg_load_text(struct arena *arena, const struct db_table *table)
{
    struct buf out;

    buf_init(&out, SCRIPT_MAX);
    buf_printf(&out, "COPY %s (", table->name);
    db_put_names(&out, table, false);
    buf_string(&out, ") FROM STDIN (FORMAT binary)");
    return db_keep_text(arena, &out);
}

static void
put_number(struct buf *out, uint64_t v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        buf_char(out, (char)(uint8_t)(v >> (8 * i)));
}

static void
put_value(struct buf *out, const struct db_value *value)
{
    uint64_t bits = (uint64_t)value->integer;

    if (value->kind == DB_REAL)
        memcpy(&bits, &value->real, sizeof(bits));
    switch (value->kind) {
    case DB_NULL:
        put_number(out, UINT32_MAX, 4);
        break;
    case DB_INT:
    case DB_REAL:
        put_number(out, 8, 4);
        put_number(out, bits, 8);
        break;
    case DB_TEXT:
    case DB_BLOB:
        put_number(out, value->bytes.len, 4);
        buf_append(out, value->bytes.data, value->bytes.len);
        break;
    }
}

static void
put_rows(struct buf *out, const struct db_value *values, size_t rows, size_t fields)
{
    static const char head[] = "PGCOPY\n\377\r\n"; /* the zero byte at its end belongs to it */

    buf_append(out, head, sizeof(head));
    put_number(out, 0, 8); /* flags, length of what may follow them */
    for (size_t row = 0; row < rows; row++) {
        put_number(out, fields, 2);
        for (size_t i = 0; i < fields; i++)
            put_value(out, &values[row * fields + i]);
    }
    put_number(out, UINT16_MAX, 2);
}

/* pg_await would wait for the end of what has only begun with COPY; a lost server is noticed by the
 * limits of the connection. */
static enum err_code
send_copy(struct pg_db *db, const char *sql, struct span bytes, struct err *err)
{
    enum err_code rc = ERR_OK;
    PGresult *result = PQexec(db->conn, sql);

    if (PQresultStatus(result) != PGRES_COPY_IN)
        rc = pg_fail(db, result, sql, err);
    PQclear(result);
    if (rc != ERR_OK)
        return rc;
    if (PQputCopyData(db->conn, (const char *)bytes.data, (int)bytes.len) != 1 ||
        PQputCopyEnd(db->conn, NULL) != 1)
        rc = pg_fail(db, NULL, sql, err);
    while ((result = PQgetResult(db->conn)) != NULL) {
        if (rc == ERR_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
            rc = pg_fail(db, result, sql, err);
        PQclear(result);
    }
    return rc;
}

enum err_code
pg_load(struct db *base, const struct db_table *table, const struct db_value *values, size_t rows,
        struct err *err)
{
    struct pg_db *db = pg_of(base);
    struct buf out;
    bool paused = false;
    enum err_code rc = pg_ready(db, err);

    if (rc != ERR_OK)
        return rc;
    buf_init(&out, COPY_MAX);
    put_rows(&out, values, rows, table->field_count);
    rc = buf_check(&out, "rows to copy", err);
    if (rc == ERR_OK)
        rc = pg_burst_pause(db, &paused, err);
    if (rc == ERR_OK) {
        rc = send_copy(db, table->load, buf_span(&out), err);
        pg_burst_resume(db, paused);
    }
    buf_fini(&out);
    return rc;
}

/* --- what holds between rows --- */

static enum err_code
run_script(struct db *db, void *arg, struct err *err)
{
    return pg_run(pg_of(db), arg, NULL, err);
}

/* Foreign keys and UNIQUE go, and are noted in the transaction that takes them away. */
enum err_code
pg_loosen(struct db *base, struct err *err)
{
    static char script[] =
        "CREATE TABLE IF NOT EXISTS move_constraint (name TEXT NOT NULL, of TEXT NOT NULL, "
        "kind TEXT NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (of, name));"
        "INSERT INTO move_constraint (name, of, kind, definition) SELECT conname, "
        "CAST(CAST(conrelid AS regclass) AS TEXT), contype, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE contype IN ('f', 'u') "
        "AND connamespace = CAST(current_schema() AS regnamespace) ON CONFLICT DO NOTHING;"
        "DO $do$ DECLARE c RECORD; BEGIN FOR c IN SELECT conname, CAST(CAST(conrelid AS regclass) "
        "AS TEXT) AS of FROM pg_constraint WHERE contype IN ('f', 'u') AND connamespace = "
        "CAST(current_schema() AS regnamespace) ORDER BY contype LOOP "
        "EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.of, c.conname); "
        "END LOOP; END $do$";

    return db_transact(base, run_script, script, err);
}

/* The server looks at all rows. That takes as long as it takes. */
enum err_code
pg_tighten(struct db *base, struct err *err)
{
    static char script[] =
        "SET LOCAL statement_timeout = 0; "
        "DO $do$ DECLARE c RECORD; BEGIN IF to_regclass('move_constraint') IS NOT NULL THEN "
        "FOR c IN SELECT * FROM move_constraint ORDER BY kind DESC LOOP "
        "EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.of, c.name, c.definition); "
        "END LOOP; DROP TABLE move_constraint; END IF; END $do$";
    struct pg_db *db = pg_of(base);
    int64_t patience = db->patience_ms;

    db->patience_ms = 86400000;
    enum err_code rc = db_transact(base, run_script, script, err);
    db->patience_ms = patience;
    return rc;
}

/* --- the log of changes --- */

enum err_code
pg_make_log(struct db *base, struct err *err)
{
    return pg_run(
        pg_of(base),
        "CREATE TABLE IF NOT EXISTS move_log (id BIGINT GENERATED ALWAYS AS IDENTITY "
        "PRIMARY KEY, name TEXT NOT NULL, k1 TEXT, k2 TEXT, k3 TEXT, k4 TEXT, k5 TEXT, k6 TEXT);"
        "CREATE OR REPLACE FUNCTION move_stop() RETURNS trigger LANGUAGE plpgsql AS $do$ BEGIN "
        "IF EXISTS (SELECT 1 FROM move_state WHERE side = 0 AND frozen_until_ms > " PG_NOW_SQL
        ") THEN RAISE EXCEPTION '" DB_FROZEN "' USING ERRCODE = '57P03'; END IF; "
        "RETURN NULL; END $do$",
        NULL, err);
}

enum err_code
pg_drop_log(struct db *base, struct err *err)
{
    return pg_run(pg_of(base), "DROP TABLE IF EXISTS move_log; DROP FUNCTION IF EXISTS move_stop()",
                  NULL, err);
}

static void
put_note(struct buf *out, const struct db_table *table, const char *row)
{
    buf_string(out, "INSERT INTO move_log (name");
    for (size_t i = 0; i < table->key_count; i++)
        buf_printf(out, ", k%zu", i + 1);
    buf_printf(out, ") VALUES ('%s'", table->name);
    for (size_t i = 0; i < table->key_count; i++)
        buf_printf(out, ", CAST(%s.%s AS TEXT)", row, table->fields[table->keys[i]].name);
    buf_string(out, "); ");
}

static void
put_unwatch(struct buf *out, const char *name)
{
    buf_printf(out,
               "DROP TRIGGER IF EXISTS move_note ON %s; DROP TRIGGER IF EXISTS move_stop ON %s; "
               "DROP FUNCTION IF EXISTS move_note_%s(); ",
               name, name, name);
}

enum err_code
pg_watch(struct db *base, const struct db_table *table, struct err *err)
{
    const char *name = table->name;
    struct buf out;

    buf_init(&out, SCRIPT_MAX);
    put_unwatch(&out, name);
    buf_printf(&out,
               "CREATE FUNCTION move_note_%s() RETURNS trigger LANGUAGE plpgsql AS $do$ BEGIN "
               "IF TG_OP <> 'INSERT' THEN ",
               name);
    put_note(&out, table, "OLD");
    buf_string(&out, "END IF; IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND (");
    for (size_t i = 0; i < table->key_count; i++) {
        const char *key = table->fields[table->keys[i]].name;
        buf_printf(&out, "%sOLD.%s <> NEW.%s", i > 0 ? " OR " : "", key, key);
    }
    buf_string(&out, ")) THEN ");
    put_note(&out, table, "NEW");
    buf_printf(&out,
               "END IF; RETURN NULL; END $do$; "
               "CREATE TRIGGER move_note AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW "
               "EXECUTE FUNCTION move_note_%s(); "
               "CREATE TRIGGER move_stop BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH "
               "STATEMENT EXECUTE FUNCTION move_stop()",
               name, name, name);
    return run_text(base, &out, err);
}

enum err_code
pg_unwatch(struct db *base, const struct db_table *table, struct err *err)
{
    struct buf out;

    buf_init(&out, SCRIPT_MAX);
    put_unwatch(&out, table->name);
    return run_text(base, &out, err);
}

/* Also against programs that take no lock of ours. */
enum err_code
pg_lock_all(struct db *base, const struct db_table *tables, size_t n, struct err *err)
{
    struct buf out;

    buf_init(&out, SCRIPT_MAX);
    buf_string(&out, "LOCK TABLE ");
    for (size_t i = 0; i < n; i++)
        buf_printf(&out, "%s%s", i > 0 ? ", " : "", tables[i].name);
    buf_string(&out, " IN SHARE ROW EXCLUSIVE MODE");
    return run_text(base, &out, err);
}
