/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

enum err_code
tally_add(struct db *db, const char *job_id, int64_t by, struct err *err)
{
    return db_post(db,
                   "INSERT INTO job_tally (team_id, deleted, status, format, model, template_id, "
                   "jobs) SELECT team_id, CASE WHEN deleted_ms = 0 THEN 0 ELSE 1 END, "
                   "CASE WHEN status < 2 THEN 0 ELSE status END, format, model, "
                   "COALESCE(template_id, ''), CAST($1 AS BIGINT) FROM job WHERE id = $2 "
                   "ON CONFLICT (team_id, deleted, status, format, model, template_id) "
                   "DO UPDATE SET jobs = job_tally.jobs + $1",
                   DB_ARGS(db_int(by), db_text(job_id)), err);
}

enum err_code
job_count(struct db *db, const char *team_id, const struct job_filter *filter, int64_t *ret,
          struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db,
                 "SELECT CAST(COALESCE(SUM(jobs), 0) AS BIGINT) FROM job_tally "
                 "WHERE team_id = $1 AND deleted <= $2 AND status BETWEEN $3 AND $4 "
                 "AND format BETWEEN $5 AND $6 AND model = COALESCE($7, model) "
                 "AND template_id = COALESCE($8, template_id)",
                 DB_ARGS(db_text(team_id), db_int(filter->with_deleted),
                         db_int(filter->status < 0 ? 0 : filter->status),
                         db_int(filter->status < 0 ? JOB_FAILED : filter->status),
                         db_int(filter->format < 0 ? 0 : filter->format),
                         db_int(filter->format < 0 ? JOB_PER_PAGE_STRUCTURED : filter->format),
                         db_text(filter->model), db_text(filter->template_id)),
                 &rows, err);

    if (rc == ERR_OK && rows != NULL)
        *ret = db_column_int(rows, 0);
    db_end(&rows);
    return rc;
}
