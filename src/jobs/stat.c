/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

/* How many of the jobs that ended last the pace is taken from. */
enum { PACE_JOBS = 50 };

enum err_code
stat_forget(struct db *db, const char *job_id, struct err *err)
{
    return db_exec(db, "DELETE FROM job_stat WHERE job_id = $1", DB_ARGS(db_text(job_id)), NULL,
                   err);
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
        rc = db_exec(db, record,
                     DB_ARGS(db_text(err_reason(ERR_CANCELLED)), db_text(err_reason(ERR_CRASH)),
                             db_text(err_reason(ERR_DEADLINE)), db_text(err_reason(ERR_MEMORY)),
                             db_text(err_reason(ERR_PROTOCOL)), db_text(job_id)),
                     NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE job SET confidence = (SELECT CASE WHEN scored_pages > 0 THEN "
                     "confidence_sum / scored_pages END FROM job_stat WHERE job_id = $1) "
                     "WHERE id = $1",
                     DB_ARGS(db_text(job_id)), NULL, err);
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
