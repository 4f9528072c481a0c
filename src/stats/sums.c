/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stats/stats.h"

static const int64_t hour_ms = 3600000;

/* A range as whole hours and what stands out at both ends; a part may be empty. */
struct hours {
    struct stats_scope before, whole, behind;
};

static struct hours
hours_of(const struct stats_scope *scope)
{
    const char *team = scope->team_id;
    int64_t from = (scope->from_ms + hour_ms - 1) / hour_ms * hour_ms;
    int64_t to = scope->to_ms / hour_ms * hour_ms;

    if (from >= to)
        from = to = scope->to_ms;
    return (struct hours){.before = {team, scope->from_ms, from},
                          .whole = {team, from, to},
                          .behind = {team, to, scope->to_ms}};
}

/* Both give the columns that read_sums takes: of single jobs, and of whole hours of them. */
static const char of_jobs[] =
    "SELECT COUNT(*), COUNT(CASE WHEN status < 5 THEN 1 END), COUNT(CASE WHEN status = 5 AND "
    "cancelled = 0 THEN 1 END), COUNT(CASE WHEN cancelled = 1 THEN 1 END), COUNT(CASE WHEN "
    "failed_pages > 0 OR (status = 5 AND cancelled = 0) THEN 1 END), CAST(COALESCE(SUM(CASE "
    "WHEN status < 5 THEN completed_ms - created_ms ELSE 0 END), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(CASE WHEN status < 5 AND started_ms > 0 THEN completed_ms - "
    "started_ms ELSE 0 END), 0) AS BIGINT), COUNT(CASE WHEN status < 5 AND started_ms > 0 "
    "THEN 1 END), CAST(COALESCE(SUM(total_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(done_pages), 0) AS BIGINT), CAST(COALESCE(SUM(failed_pages), 0) AS "
    "BIGINT), CAST(COALESCE(SUM(empty_pages), 0) AS BIGINT), CAST(COALESCE(SUM(crash_pages), "
    "0) AS BIGINT), CAST(COALESCE(SUM(text_bytes), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(credits), 0) AS BIGINT), CAST(COALESCE(SUM(scored_pages), 0) AS "
    "BIGINT), CAST(COALESCE(SUM(low_pages), 0) AS BIGINT), CAST(COALESCE(SUM(medium_pages), "
    "0) AS BIGINT), CAST(COALESCE(SUM(high_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(file_bytes), 0) AS BIGINT), CAST(COALESCE(MIN(file_bytes), 0) AS "
    "BIGINT), CAST(COALESCE(MAX(file_bytes), 0) AS BIGINT), COUNT(CASE WHEN total_pages > 0 "
    "THEN 1 END), COUNT(CASE WHEN total_pages BETWEEN 1 AND 5 THEN 1 END), COUNT(CASE WHEN "
    "total_pages BETWEEN 6 AND 20 THEN 1 END), COUNT(CASE WHEN total_pages BETWEEN 21 AND "
    "100 THEN 1 END), COALESCE(SUM(confidence_sum), 0), COALESCE(MIN(CASE WHEN scored_pages "
    "> 0 THEN confidence_min END), 0), COALESCE(MAX(CASE WHEN scored_pages > 0 THEN "
    "confidence_max END), 0) FROM job_stat WHERE team_id = $1 AND created_ms >= $2 AND "
    "created_ms < $3";
static const char of_hours[] =
    "SELECT CAST(COALESCE(SUM(jobs), 0) AS BIGINT), CAST(COALESCE(SUM(completed), 0) AS "
    "BIGINT), CAST(COALESCE(SUM(failed), 0) AS BIGINT), CAST(COALESCE(SUM(cancelled), 0) AS "
    "BIGINT), CAST(COALESCE(SUM(faulty), 0) AS BIGINT), CAST(COALESCE(SUM(completion_ms), 0) "
    "AS BIGINT), CAST(COALESCE(SUM(active_ms), 0) AS BIGINT), CAST(COALESCE(SUM(begun), 0) "
    "AS BIGINT), CAST(COALESCE(SUM(total_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(done_pages), 0) AS BIGINT), CAST(COALESCE(SUM(failed_pages), 0) AS "
    "BIGINT), CAST(COALESCE(SUM(empty_pages), 0) AS BIGINT), CAST(COALESCE(SUM(crash_pages), "
    "0) AS BIGINT), CAST(COALESCE(SUM(text_bytes), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(credits), 0) AS BIGINT), CAST(COALESCE(SUM(scored_pages), 0) AS "
    "BIGINT), CAST(COALESCE(SUM(low_pages), 0) AS BIGINT), CAST(COALESCE(SUM(medium_pages), "
    "0) AS BIGINT), CAST(COALESCE(SUM(high_pages), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(file_bytes), 0) AS BIGINT), CAST(COALESCE(MIN(bytes_least), 0) AS "
    "BIGINT), CAST(COALESCE(MAX(bytes_most), 0) AS BIGINT), CAST(COALESCE(SUM(with_pages), "
    "0) AS BIGINT), CAST(COALESCE(SUM(small), 0) AS BIGINT), CAST(COALESCE(SUM(mid), 0) AS "
    "BIGINT), CAST(COALESCE(SUM(large), 0) AS BIGINT), COALESCE(SUM(confidence_sum), 0), "
    "COALESCE(MIN(confidence_min), 0), COALESCE(MAX(confidence_max), 0) FROM job_hour WHERE "
    "team_id = $1 AND hour_ms >= $2 AND hour_ms < $3";

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

static void
read_sums(const struct db_rows *rows, struct stats_jobs *s)
{
    int64_t *const numbers[] = {
        &s->ended,         &s->completed,   &s->failed,        &s->cancelled,  &s->faulty,
        &s->completion_ms, &s->active_ms,   &s->begun,         &s->pages,      &s->done,
        &s->pages_failed,  &s->pages_empty, &s->pages_crashed, &s->text_bytes, &s->credits,
        &s->scored,        &s->low,         &s->medium,        &s->high,       &s->bytes,
        &s->bytes_least,   &s->bytes_most,  &s->with_pages,    &s->small,      &s->mid,
        &s->large};
    double *const reals[] = {&s->confidence_sum, &s->confidence_min, &s->confidence_max};

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        *numbers[i] = db_column_int(rows, (int)i);
    for (size_t i = 0; i < ARRAY_LEN(reals); i++)
        *reals[i] = db_column_real(rows, (int)(ARRAY_LEN(numbers) + i));
}

/* The least and the most of a part without any say nothing. */
static void
add(struct stats_jobs *sum, const struct stats_jobs *part)
{
    const int64_t *from = &part->ended;
    int64_t *to = &sum->ended;
    struct stats_jobs before = *sum;

    if (part->ended == 0)
        return;
    for (size_t i = 0; i < STATS_JOBS_NUMBERS; i++)
        to[i] += from[i];
    sum->bytes_least = before.ended == 0 || part->bytes_least < before.bytes_least
                           ? part->bytes_least
                           : before.bytes_least;
    sum->bytes_most = part->bytes_most > before.bytes_most ? part->bytes_most : before.bytes_most;
    if (part->scored == 0)
        return;
    sum->confidence_sum += part->confidence_sum;
    if (before.scored == 0 || part->confidence_min < before.confidence_min)
        sum->confidence_min = part->confidence_min;
    if (before.scored == 0 || part->confidence_max > before.confidence_max)
        sum->confidence_max = part->confidence_max;
}

static enum err_code
add_part(struct db *db, const char *sql, const struct stats_scope *scope, struct stats_jobs *sum,
         struct err *err)
{
    struct db_rows *rows = NULL;
    struct stats_jobs part = {0};

    if (scope->from_ms >= scope->to_ms)
        return ERR_OK;
    enum err_code rc = db_first(
        db, sql, DB_ARGS(db_text(scope->team_id), db_int(scope->from_ms), db_int(scope->to_ms)),
        &rows, err);
    if (rc == ERR_OK && rows != NULL)
        read_sums(rows, &part);
    db_end(&rows);
    if (rc == ERR_OK)
        add(sum, &part);
    return rc;
}

/* Whole hours from their sums, what stands out at both ends job by job. */
enum err_code
stats_jobs(struct db *db, const struct stats_scope *scope, struct stats_jobs *ret, struct err *err)
{
    struct hours hours = hours_of(scope);
    struct stats_jobs s = {0};
    enum err_code rc = add_part(db, of_jobs, &hours.before, &s, err);

    if (rc == ERR_OK)
        rc = add_part(db, of_hours, &hours.whole, &s, err);
    if (rc == ERR_OK)
        rc = add_part(db, of_jobs, &hours.behind, &s, err);
    if (rc == ERR_OK)
        rc = count_active(db, scope, &s.active, err);
    if (rc == ERR_OK)
        *ret = s;
    return rc;
}

/* Of single entries, and of whole hours of them. */
static const char of_entries[] =
    "SELECT CAST(COALESCE(SUM(CASE WHEN kind = 'granted' THEN amount END), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(CASE WHEN kind = 'consumed' THEN amount END), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(CASE WHEN kind = 'refunded' THEN amount END), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(CASE WHEN kind <> 'adjusted' THEN 0 WHEN source = 'issued' THEN amount "
    "ELSE -amount END), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(CASE WHEN kind = 'expired' THEN amount END), 0) AS BIGINT) "
    "FROM credit_entry WHERE team_id = $1 AND created_ms >= $2 AND created_ms < $3 "
    "AND kind NOT IN ('reserved', 'released')";
static const char of_credit_hours[] =
    "SELECT CAST(COALESCE(SUM(granted), 0) AS BIGINT), CAST(COALESCE(SUM(consumed), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(refunded), 0) AS BIGINT), CAST(COALESCE(SUM(adjusted), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(expired), 0) AS BIGINT) FROM credit_hour "
    "WHERE team_id = $1 AND hour_ms >= $2 AND hour_ms < $3";

static enum err_code
add_credits(struct db *db, const char *sql, const struct stats_scope *scope,
            struct stats_credits *sum, struct err *err)
{
    struct db_rows *rows = NULL;

    if (scope->from_ms >= scope->to_ms)
        return ERR_OK;
    enum err_code rc = db_first(
        db, sql, DB_ARGS(db_text(scope->team_id), db_int(scope->from_ms), db_int(scope->to_ms)),
        &rows, err);
    if (rc == ERR_OK && rows != NULL) {
        sum->granted += db_column_int(rows, 0);
        sum->consumed += db_column_int(rows, 1);
        sum->refunded += db_column_int(rows, 2);
        sum->adjusted += db_column_int(rows, 3);
        sum->expired += db_column_int(rows, 4);
    }
    db_end(&rows);
    return rc;
}

enum err_code
stats_credits(struct db *db, const struct stats_scope *scope, struct stats_credits *ret,
              struct err *err)
{
    struct hours hours = hours_of(scope);
    struct stats_credits sum = {0};
    enum err_code rc = add_credits(db, of_entries, &hours.before, &sum, err);

    if (rc == ERR_OK)
        rc = add_credits(db, of_credit_hours, &hours.whole, &sum, err);
    if (rc == ERR_OK)
        rc = add_credits(db, of_entries, &hours.behind, &sum, err);
    if (rc == ERR_OK)
        *ret = sum;
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
