/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

/* How many of the jobs that ended last the pace is taken from. */
enum { PACE_JOBS = 50 };

/* clang-format off */
#define HOUR_OF(condition) \
    "INSERT INTO job_hour (team_id, hour_ms, jobs, completed, failed, cancelled, faulty, " \
    "completion_ms, active_ms, begun, total_pages, done_pages, failed_pages, empty_pages, " \
    "crash_pages, text_bytes, credits, scored_pages, low_pages, medium_pages, high_pages, " \
    "file_bytes, bytes_least, bytes_most, with_pages, small, mid, large, confidence_sum, " \
    "confidence_min, confidence_max) SELECT team_id, created_ms / 3600000 * 3600000, " \
    "COUNT(*), COUNT(CASE WHEN status < 5 THEN 1 END), COUNT(CASE WHEN status = 5 AND " \
    "cancelled = 0 THEN 1 END), COUNT(CASE WHEN cancelled = 1 THEN 1 END), COUNT(CASE WHEN " \
    "failed_pages > 0 OR (status = 5 AND cancelled = 0) THEN 1 END), CAST(SUM(CASE WHEN " \
    "status < 5 THEN completed_ms - created_ms ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN " \
    "status < 5 AND started_ms > 0 THEN completed_ms - started_ms ELSE 0 END) AS BIGINT), " \
    "COUNT(CASE WHEN status < 5 AND started_ms > 0 THEN 1 END), CAST(SUM(total_pages) AS " \
    "BIGINT), CAST(SUM(done_pages) AS BIGINT), CAST(SUM(failed_pages) AS BIGINT), " \
    "CAST(SUM(empty_pages) AS BIGINT), CAST(SUM(crash_pages) AS BIGINT), " \
    "CAST(SUM(text_bytes) AS BIGINT), CAST(SUM(credits) AS BIGINT), CAST(SUM(scored_pages) " \
    "AS BIGINT), CAST(SUM(low_pages) AS BIGINT), CAST(SUM(medium_pages) AS BIGINT), " \
    "CAST(SUM(high_pages) AS BIGINT), CAST(SUM(file_bytes) AS BIGINT), MIN(file_bytes), " \
    "MAX(file_bytes), COUNT(CASE WHEN total_pages > 0 THEN 1 END), COUNT(CASE WHEN " \
    "total_pages BETWEEN 1 AND 5 THEN 1 END), COUNT(CASE WHEN total_pages BETWEEN 6 AND 20 " \
    "THEN 1 END), COUNT(CASE WHEN total_pages BETWEEN 21 AND 100 THEN 1 END), " \
    "SUM(confidence_sum), MIN(CASE WHEN scored_pages > 0 THEN confidence_min END), MAX(CASE " \
    "WHEN scored_pages > 0 THEN confidence_max END) FROM job_stat WHERE " \
    condition " GROUP BY team_id, created_ms / 3600000 "
static const char hour_add[] = HOUR_OF("job_id = $1")
    "ON CONFLICT (team_id, hour_ms) DO UPDATE SET jobs = job_hour.jobs + excluded.jobs, "
    "completed = job_hour.completed + excluded.completed, failed = job_hour.failed + "
    "excluded.failed, cancelled = job_hour.cancelled + excluded.cancelled, faulty = "
    "job_hour.faulty + excluded.faulty, completion_ms = job_hour.completion_ms + "
    "excluded.completion_ms, active_ms = job_hour.active_ms + excluded.active_ms, begun = "
    "job_hour.begun + excluded.begun, total_pages = job_hour.total_pages + "
    "excluded.total_pages, done_pages = job_hour.done_pages + excluded.done_pages, "
    "failed_pages = job_hour.failed_pages + excluded.failed_pages, empty_pages = "
    "job_hour.empty_pages + excluded.empty_pages, crash_pages = job_hour.crash_pages + "
    "excluded.crash_pages, text_bytes = job_hour.text_bytes + excluded.text_bytes, credits = "
    "job_hour.credits + excluded.credits, scored_pages = job_hour.scored_pages + "
    "excluded.scored_pages, low_pages = job_hour.low_pages + excluded.low_pages, "
    "medium_pages = job_hour.medium_pages + excluded.medium_pages, high_pages = "
    "job_hour.high_pages + excluded.high_pages, file_bytes = job_hour.file_bytes + "
    "excluded.file_bytes, with_pages = job_hour.with_pages + excluded.with_pages, small = "
    "job_hour.small + excluded.small, mid = job_hour.mid + excluded.mid, large = "
    "job_hour.large + excluded.large, bytes_least = CASE WHEN excluded.bytes_least < "
    "job_hour.bytes_least THEN excluded.bytes_least ELSE job_hour.bytes_least END, "
    "bytes_most = CASE WHEN excluded.bytes_most > job_hour.bytes_most THEN "
    "excluded.bytes_most ELSE job_hour.bytes_most END, confidence_sum = "
    "job_hour.confidence_sum + excluded.confidence_sum, confidence_min = CASE WHEN "
    "job_hour.confidence_min IS NULL OR excluded.confidence_min < job_hour.confidence_min "
    "THEN excluded.confidence_min ELSE job_hour.confidence_min END, confidence_max = CASE "
    "WHEN job_hour.confidence_max IS NULL OR excluded.confidence_max > "
    "job_hour.confidence_max THEN excluded.confidence_max ELSE job_hour.confidence_max END";
/* clang-format on */

static const char hour_again[] = HOUR_OF("team_id = $1 AND created_ms >= $2 AND created_ms < $3");

/* Sums can be taken back, the least and the most cannot: the hour is added up anew. */
static enum err_code
hour_without(struct db *db, const char *team_id, int64_t created_ms, struct err *err)
{
    int64_t hour = created_ms / 3600000 * 3600000;
    enum err_code rc = db_exec(db, "DELETE FROM job_hour WHERE team_id = $1 AND hour_ms = $2",
                               DB_ARGS(db_text(team_id), db_int(hour)), NULL, err);

    return rc != ERR_OK ? rc
                        : db_exec(db, hour_again,
                                  DB_ARGS(db_text(team_id), db_int(hour), db_int(hour + 3600000)),
                                  NULL, err);
}

static enum err_code
find_recorded(struct db *db, const char *job_id, char ret_team[UUID_TEXT_SIZE],
              int64_t *ret_created_ms, bool *ret_there, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT team_id, created_ms FROM job_stat WHERE job_id = $1",
                                DB_ARGS(db_text(job_id)), &rows, err);

    *ret_there = rc == ERR_OK && rows != NULL;
    if (*ret_there && !db_column_copy(rows, 0, ret_team, UUID_TEXT_SIZE))
        rc = err_set(err, ERR_SYSTEM, "a team has an id that is too long");
    if (*ret_there)
        *ret_created_ms = db_column_int(rows, 1);
    db_end(&rows);
    return rc;
}

enum err_code
stat_forget(struct db *db, const char *job_id, struct err *err)
{
    char team_id[UUID_TEXT_SIZE] = "";
    int64_t created_ms = 0;
    bool there = false;
    enum err_code rc = find_recorded(db, job_id, team_id, &created_ms, &there, err);

    if (rc != ERR_OK || !there)
        return rc;
    rc = rank_forget(db, job_id, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM job_stat WHERE job_id = $1", DB_ARGS(db_text(job_id)), NULL,
                     err);
    return rc == ERR_OK ? hour_without(db, team_id, created_ms, err) : rc;
}

/* Pages that were read have no reason; the job without any has one row of NULLs. */
static const char record[] =
    "INSERT INTO job_stat (job_id, team_id, created_ms, started_ms, completed_ms, status, "
    "cancelled, credits, file_bytes, total_pages, done_pages, failed_pages, model, extension, "
    "submitted_by, template_id, reason, empty_pages, crash_pages, text_bytes, scored_pages, "
    "low_pages, medium_pages, high_pages, confidence_sum, confidence_min, confidence_max) "
    "SELECT j.id, j.team_id, j.created_ms, j.started_ms, j.completed_ms, j.status, "
    "CASE WHEN j.reason = $1 THEN 1 ELSE 0 END, j.credits_used, j.file_bytes, j.total_pages, "
    "j.done_pages, j.failed_pages, j.model, j.extension, COALESCE(j.submitted_by, ''), "
    "COALESCE(j.template_id, ''), j.reason, "
    "COUNT(CASE WHEN p.reason IS NULL AND p.markdown_bytes = 0 THEN 1 END), "
    "COUNT(CASE WHEN p.reason IN ($2, $3, $4, $5) THEN 1 END), "
    "CAST(COALESCE(SUM(p.markdown_bytes), 0) AS BIGINT), "
    "COUNT(CASE WHEN p.reason IS NULL THEN p.confidence END), "
    "COUNT(CASE WHEN p.reason IS NULL AND p.confidence < 0.5 THEN 1 END), "
    "COUNT(CASE WHEN p.reason IS NULL AND p.confidence >= 0.5 AND p.confidence < 0.7 THEN 1 END), "
    "COUNT(CASE WHEN p.reason IS NULL AND p.confidence >= 0.7 AND p.confidence < 0.9 THEN 1 END), "
    "COALESCE(SUM(CASE WHEN p.reason IS NULL THEN p.confidence END), 0), "
    "COALESCE(MIN(CASE WHEN p.reason IS NULL THEN p.confidence END), 0), "
    "COALESCE(MAX(CASE WHEN p.reason IS NULL THEN p.confidence END), 0) "
    "FROM job j LEFT JOIN job_page p ON p.job_id = j.id WHERE j.id = $6 GROUP BY j.id";

enum err_code
stat_record(struct db *db, const char *job_id, struct err *err)
{
    enum err_code rc = stat_forget(db, job_id, err);

    if (rc == ERR_OK)
        rc = db_post(db, record,
                     DB_ARGS(db_text(err_reason(ERR_CANCELLED)), db_text(err_reason(ERR_CRASH)),
                             db_text(err_reason(ERR_DEADLINE)), db_text(err_reason(ERR_MEMORY)),
                             db_text(err_reason(ERR_PROTOCOL)), db_text(job_id)),
                     err);
    if (rc == ERR_OK)
        rc = db_post(db, hour_add, DB_ARGS(db_text(job_id)), err);
    if (rc == ERR_OK)
        rc = rank_add(db, job_id, err);
    if (rc == ERR_OK)
        rc = db_post(db,
                     "UPDATE job SET confidence = (SELECT CASE WHEN scored_pages > 0 THEN "
                     "confidence_sum / scored_pages END FROM job_stat WHERE job_id = $1) "
                     "WHERE id = $1",
                     DB_ARGS(db_text(job_id)), err);
    return rc;
}

enum err_code
job_pace(struct db *db, int64_t *ret_ms, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db,
                 "SELECT CAST(COALESCE(SUM(spent_ms), 0) AS BIGINT), "
                 "CAST(COALESCE(SUM(pages), 0) AS BIGINT) FROM (SELECT completed_ms - started_ms "
                 "AS spent_ms, done_pages AS pages FROM job_stat WHERE completed_ms > 0 AND "
                 "started_ms > 0 AND done_pages > 0 ORDER BY completed_ms DESC LIMIT $1) AS latest",
                 DB_ARGS(db_int(PACE_JOBS)), &rows, err);

    if (rc == ERR_OK && rows != NULL)
        *ret_ms = db_column_int(rows, 1) > 0 ? db_column_int(rows, 0) / db_column_int(rows, 1) : 0;
    db_end(&rows);
    return rc;
}
