/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stats/stats.h"

static const char job_sums[] =
    "SELECT COUNT(*), COUNT(CASE WHEN status < 5 THEN 1 END), "
    "COUNT(CASE WHEN status = 5 AND cancelled = 0 THEN 1 END), "
    "COUNT(CASE WHEN cancelled = 1 THEN 1 END), "
    "COUNT(CASE WHEN failed_pages > 0 OR (status = 5 AND cancelled = 0) THEN 1 END), "
    "CAST(COALESCE(SUM(CASE WHEN status < 5 THEN completed_ms - created_ms END), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(CASE WHEN status < 5 AND started_ms > 0 THEN completed_ms - started_ms "
    "END), "
    "0) AS BIGINT), COUNT(CASE WHEN status < 5 AND started_ms > 0 THEN 1 END), "
    "CAST(COALESCE(SUM(total_pages), 0) AS BIGINT), CAST(COALESCE(SUM(done_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(failed_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(empty_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(crash_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(text_bytes), 0) AS BIGINT), CAST(COALESCE(SUM(credits), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(scored_pages), 0) AS BIGINT), CAST(COALESCE(SUM(low_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(medium_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(high_pages), 0) AS BIGINT), CAST(COALESCE(SUM(file_bytes), 0) AS BIGINT), "
    "COALESCE(MIN(file_bytes), 0), COALESCE(MAX(file_bytes), 0), "
    "COUNT(CASE WHEN total_pages > 0 THEN 1 END), "
    "COUNT(CASE WHEN total_pages BETWEEN 1 AND 5 THEN 1 END), "
    "COUNT(CASE WHEN total_pages BETWEEN 6 AND 20 THEN 1 END), "
    "COUNT(CASE WHEN total_pages BETWEEN 21 AND 100 THEN 1 END), "
    "COALESCE(SUM(confidence_sum), 0), "
    "COALESCE(MIN(CASE WHEN scored_pages > 0 THEN confidence_min END), 0), "
    "COALESCE(MAX(CASE WHEN scored_pages > 0 THEN confidence_max END), 0) "
    "FROM job_stat WHERE team_id = $1 AND created_ms >= $2 AND created_ms < $3";

static enum err_code
count_active(struct db *db, const struct stats_scope *scope, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT COUNT(*) FROM job WHERE team_id = $1 AND created_ms >= $2 AND created_ms < $3 "
        "AND deleted_ms = 0 AND status < 3",
        DB_ARGS(db_text(scope->team_id), db_int(scope->from_ms), db_int(scope->to_ms)), &rows, err);

    if (rc == ERR_OK && rows != NULL)
        *ret = db_column_int(rows, 0);
    db_end(&rows);
    return rc;
}

enum err_code
stats_jobs(struct db *db, const struct stats_scope *scope, struct stats_jobs *ret, struct err *err)
{
    struct stats_jobs s = {0};
    int64_t *const numbers[] = {&s.ended,         &s.completed,     &s.failed,       &s.cancelled,
                                &s.faulty,        &s.completion_ms, &s.active_ms,    &s.begun,
                                &s.pages,         &s.done,          &s.pages_failed, &s.pages_empty,
                                &s.pages_crashed, &s.text_bytes,    &s.credits,      &s.scored,
                                &s.low,           &s.medium,        &s.high,         &s.bytes,
                                &s.bytes_least,   &s.bytes_most,    &s.with_pages,   &s.small,
                                &s.mid,           &s.large};
    double *const reals[] = {&s.confidence_sum, &s.confidence_min, &s.confidence_max};
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db, job_sums,
        DB_ARGS(db_text(scope->team_id), db_int(scope->from_ms), db_int(scope->to_ms)), &rows, err);

    for (size_t i = 0; rc == ERR_OK && rows != NULL && i < ARRAY_LEN(numbers); i++)
        *numbers[i] = db_column_int(rows, (int)i);
    for (size_t i = 0; rc == ERR_OK && rows != NULL && i < ARRAY_LEN(reals); i++)
        *reals[i] = db_column_real(rows, (int)(ARRAY_LEN(numbers) + i));
    db_end(&rows);
    if (rc == ERR_OK)
        rc = count_active(db, scope, &s.active, err);
    if (rc == ERR_OK)
        *ret = s;
    return rc;
}

enum err_code
stats_credits(struct db *db, const struct stats_scope *scope, struct stats_credits *ret,
              struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT CAST(COALESCE(SUM(CASE WHEN kind = 'granted' THEN amount END), 0) AS BIGINT), "
        "CAST(COALESCE(SUM(CASE WHEN kind = 'consumed' THEN amount END), 0) AS BIGINT), "
        "CAST(COALESCE(SUM(CASE WHEN kind = 'refunded' THEN amount END), 0) AS BIGINT), "
        "CAST(COALESCE(SUM(CASE WHEN kind <> 'adjusted' THEN 0 WHEN source = 'issued' THEN amount "
        "ELSE -amount END), 0) AS BIGINT), "
        "CAST(COALESCE(SUM(CASE WHEN kind = 'expired' THEN amount END), 0) AS BIGINT) "
        "FROM credit_entry WHERE team_id = $1 AND created_ms >= $2 AND created_ms < $3 "
        "AND kind NOT IN ('reserved', 'released')",
        DB_ARGS(db_text(scope->team_id), db_int(scope->from_ms), db_int(scope->to_ms)), &rows, err);

    if (rc == ERR_OK && rows != NULL)
        *ret = (struct stats_credits){.granted = db_column_int(rows, 0),
                                      .consumed = db_column_int(rows, 1),
                                      .refunded = db_column_int(rows, 2),
                                      .adjusted = db_column_int(rows, 3),
                                      .expired = db_column_int(rows, 4)};
    db_end(&rows);
    return rc;
}

enum err_code
stats_balance(struct db *db, const char *team_id, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT granted - consumed FROM credit_account WHERE team_id = $1",
                 DB_ARGS(db_text(team_id)), &rows, err);

    *ret = rc == ERR_OK && rows != NULL ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}
