/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/settings.h"
#include "base/clock.h"

enum err_code
settings_find(struct db *db, const char *team_id, int64_t days_unset, struct team_settings *ret,
              struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db,
                 "SELECT t.created_ms, s.auto_delete, s.retention_days, s.created_ms, s.updated_ms "
                 "FROM team t LEFT JOIN team_setting s ON s.team_id = t.id WHERE t.id = $1",
                 DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such team");
    if (rc == ERR_OK && db_is_null(rows, 1)) {
        int64_t made = db_column_int(rows, 0);
        *ret = (struct team_settings){.auto_delete = days_unset >= 0,
                                      .retention_days =
                                          days_unset >= 0 ? days_unset : RETENTION_DAYS_MAX,
                                      .created_ms = made,
                                      .updated_ms = made};
    } else if (rc == ERR_OK) {
        *ret = (struct team_settings){.auto_delete = db_column_int(rows, 1) != 0,
                                      .retention_days = db_column_int(rows, 2),
                                      .created_ms = db_column_int(rows, 3),
                                      .updated_ms = db_column_int(rows, 4)};
    }
    db_end(&rows);
    return rc;
}

enum err_code
settings_set(struct db *db, const char *team_id, bool auto_delete, int64_t retention_days,
             struct err *err)
{
    if (retention_days < 0 || retention_days > RETENTION_DAYS_MAX)
        return err_set(err, ERR_INPUT, "retention is %lld days, the range is 0 to %d",
                       (long long)retention_days, RETENTION_DAYS_MAX);
    enum err_code rc = db_exec(
        db,
        "INSERT INTO team_setting (team_id, auto_delete, retention_days, created_ms, updated_ms) "
        "VALUES ($1, $2, $3, $4, $4) ON CONFLICT (team_id) DO UPDATE SET auto_delete = $2, "
        "retention_days = $3, updated_ms = $4",
        DB_ARGS(db_text(team_id), db_int(auto_delete), db_int(retention_days),
                db_int(clock_utc_ms())),
        NULL, err);

    return rc == ERR_CONFLICT ? err_set(err, ERR_NOT_FOUND, "there is no such team") : rc;
}

static int64_t
limit_of(const struct db_rows *rows, int column)
{
    return rows == NULL || db_is_null(rows, column) ? -1 : db_column_int(rows, column);
}

enum err_code
limits_find(struct db *db, const char *team_id, struct team_limits *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT requests_per_minute, jobs_max, bytes_max, pages_max "
                                "FROM team_limit WHERE team_id = $1",
                                DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK)
        *ret = (struct team_limits){limit_of(rows, 0), limit_of(rows, 1), limit_of(rows, 2),
                                    limit_of(rows, 3)};
    db_end(&rows);
    return rc;
}

static struct db_value
value_of(int64_t limit)
{
    return limit < 0 ? db_null() : db_int(limit);
}

enum err_code
limits_set(struct db *db, const char *team_id, const struct team_limits *limits, struct err *err)
{
    enum err_code rc = db_exec(db, "DELETE FROM team_limit WHERE team_id = $1",
                               DB_ARGS(db_text(team_id)), NULL, err);

    if (rc == ERR_OK)
        rc = db_exec(db,
                     "INSERT INTO team_limit (team_id, requests_per_minute, jobs_max, bytes_max, "
                     "pages_max) VALUES ($1, $2, $3, $4, $5)",
                     DB_ARGS(db_text(team_id), value_of(limits->requests_per_minute),
                             value_of(limits->jobs_max), value_of(limits->bytes_max),
                             value_of(limits->pages_max)),
                     NULL, err);
    return rc == ERR_CONFLICT ? err_set(err, ERR_NOT_FOUND, "there is no such team") : rc;
}
