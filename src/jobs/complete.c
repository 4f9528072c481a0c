/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

/* ERR_NOT_FOUND for another team's job and for a deleted one. */
static enum err_code
find_status(struct db *db, const char *team_id, const char *job_id, enum job_status *ret,
            struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db, "SELECT status, source_url FROM job WHERE id = $1 AND team_id = $2 AND deleted_ms = 0",
        DB_ARGS(db_text(job_id), db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such job");
    if (rc == ERR_OK)
        *ret = (enum job_status)db_column_int(rows, 0);
    if (rc == ERR_OK && !db_is_null(rows, 1))
        rc = err_set(err, ERR_CONFLICT, "the document of this job comes from a URL");
    db_end(&rows);
    return rc;
}

enum err_code
job_has_ended(struct db *db, const char *team_id, const char *job_id, bool *ret, struct err *err)
{
    enum job_status status = JOB_FAILED;
    enum err_code rc = find_status(db, team_id, job_id, &status, err);

    if (rc == ERR_OK)
        *ret = job_is_terminal(status);
    return rc;
}

enum err_code
job_complete(struct db *db, const char *team_id, const char *job_id,
             const struct upload_claim *claims, size_t n, int64_t now_ms, struct err *err)
{
    enum job_status status = JOB_FAILED;
    struct upload upload;
    uint64_t total = 0;
    enum err_code rc = find_status(db, team_id, job_id, &status, err);

    if (rc != ERR_OK)
        return rc;
    rc = upload_of_job(db, job_id, &upload, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, ERR_CONFLICT, "the upload was not completed in time and is closed");
    if (rc == ERR_OK)
        rc = upload_seal(db, upload.id, claims, n, &total, err);
    if (rc != ERR_OK || status != JOB_UPLOADING)
        return rc;
    rc = db_exec(db, "UPDATE job SET status = $1, updated_ms = $2 WHERE id = $3",
                 DB_ARGS(db_int(JOB_QUEUED), db_int(now_ms), db_text(job_id)), NULL, err);
    if (rc == ERR_OK)
        rc = queue_add(db,
                       &(struct queue_entry){.job_id = job_id,
                                             .team_id = team_id,
                                             .kind = TASK_PROBE,
                                             .batch = 1,
                                             .now_ms = now_ms,
                                             .turn_ms = now_ms},
                       err);
    return rc;
}
