/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/pg_schema.c - PostgreSQL: migrations, and what doctor and health say of the server. */
#include "base/clock.h"
#include "db/pg_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { SCRIPT_MAX = 1 << 20, TRIPS = 7 };

/* Lists go on behind a row by comparing texts, so they are ordered by bytes whatever the language
 * of the database: each TEXT of a migration becomes TEXT COLLATE "C". */
enum err_code
pg_script(struct db *base, const char *sql, struct err *err)
{
    struct pg_db *db = pg_of(base);
    struct buf text;
    enum err_code rc = pg_ready(db, err);

    if (rc != ERR_OK)
        return rc;
    buf_init(&text, SCRIPT_MAX);
    for (const char *at = sql; *at != '\0';) {
        const char *next = strstr(at, "TEXT");
        if (next == NULL)
            next = at + strlen(at);
        buf_append(&text, at, (size_t)(next - at));
        bool is_type = *next != '\0' && (next == sql || !isalnum((unsigned char)next[-1])) &&
                       !isalnum((unsigned char)next[4]) && next[4] != '_';
        buf_printf(&text, "%s", *next == '\0' ? "" : is_type ? "TEXT COLLATE \"C\"" : "TEXT");
        at = *next == '\0' ? next : next + 4;
    }
    buf_char(&text, '\0');
    rc = buf_check(&text, "migration", err);
    if (rc == ERR_OK)
        rc = pg_run(db, (const char *)text.data, NULL, err);
    buf_fini(&text);
    return rc;
}

/* In one statement, so that a migration of another process is seen whole or not at all. */
enum err_code
pg_schema_version(struct db *base, int64_t *ret_version, struct err *err)
{
    int64_t tables = 0;
    bool ours = false;
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(base,
                 "SELECT to_regclass('leapocr_schema') IS NOT NULL, (SELECT COUNT(*) "
                 "FROM pg_tables WHERE schemaname = current_schema())",
                 NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        ours = db_column_int(rows, 0) != 0;
        tables = db_column_int(rows, 1);
    }
    db_end(&rows);
    if (rc != ERR_OK)
        return rc;
    if (!ours && tables > 0)
        return err_set(err, ERR_CONFLICT, "the database holds tables of another program");
    *ret_version = 0;
    if (ours)
        rc = db_first(base, "SELECT version FROM leapocr_schema", NULL, 0, &rows, err);
    if (rc == ERR_OK && rows != NULL)
        *ret_version = db_column_int(rows, 0);
    db_end(&rows);
    return rc;
}

enum err_code
pg_set_schema_version(struct db *base, int64_t version, struct err *err)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "CREATE TABLE IF NOT EXISTS leapocr_schema (id BIGINT PRIMARY KEY CHECK (id = 1), "
             "version BIGINT NOT NULL); INSERT INTO leapocr_schema (id, version) VALUES (1, %lld) "
             "ON CONFLICT (id) DO UPDATE SET version = excluded.version",
             (long long)version);
    return pg_script(base, sql, err);
}

enum err_code
pg_describe(struct db *base, struct buf *ret_text, struct err *err)
{
    int64_t version = 0;
    struct db_rows *rows = NULL;
    enum err_code rc = pg_schema_version(base, &version, err);

    if (rc == ERR_OK)
        rc = db_first(base,
                      "SELECT current_setting('server_version'), current_setting('fsync'), "
                      "current_setting('synchronous_commit'), current_setting('full_page_writes')",
                      NULL, 0, &rows, err);
    if (rc == ERR_OK && rows != NULL) {
        char text[4][64];
        for (int i = 0; i < 4; i++)
            if (!db_column_copy(rows, i, text[i], sizeof(text[i])))
                snprintf(text[i], sizeof(text[i]), "?");
        buf_printf(ret_text,
                   "PostgreSQL %s, fsync %s, synchronous_commit %s, full_page_writes %s, schema "
                   "%lld",
                   text[0], text[1], text[2], text[3], (long long)version);
    }
    db_end(&rows);
    return rc;
}

enum err_code
pg_measure(struct db *base, struct db_distance *ret, struct err *err)
{
    static const char sql[] =
        "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT), "
        "current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off' AND "
        "current_setting('full_page_writes') = 'on'";
    struct db_rows *rows = NULL;
    enum err_code rc = ERR_OK;

    *ret = (struct db_distance){.trip_us = INT64_MAX};
    for (int i = 0; rc == ERR_OK && i < TRIPS; i++) {
        int64_t begun_us = clock_mono_us(), now_ms = clock_utc_ms();
        rc = db_first(base, sql, NULL, 0, &rows, err);
        int64_t took_us = clock_mono_us() - begun_us;
        if (rc == ERR_OK && rows != NULL && took_us < ret->trip_us)
            *ret =
                (struct db_distance){.trip_us = took_us,
                                     .ahead_ms = db_column_int(rows, 0) - now_ms - took_us / 2000,
                                     .keeps = db_column_int(rows, 1) != 0};
        db_end(&rows);
    }
    return rc;
}
