/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Ending a job before its end, and beginning a failed one again. */
#include "jobs/jobs_internal.h"

enum err_code
job_cancel(struct arena *arena, struct db *db, const char *team_id, const char *job_id,
           int64_t now_ms, char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err)
{
    struct ids ids = {.arena = arena};
    struct err why = {0};
    struct job job;
    enum err_code rc = job_find(arena, db, team_id, job_id, &job, err);

    if (rc != ERR_OK)
        return rc;
    if (job_is_terminal(job.status))
        return err_set(err, ERR_CONFLICT, "the job has ended already, it is %s",
                       job_status_name(job.status));
    (void)err_set(&why, ERR_CANCELLED, "the job was cancelled");
    if (job.status == JOB_UPLOADING)
        rc = job_objects(&ids, db, job_id, err);
    if (rc == ERR_OK)
        rc = job_fail(db, job_id, team_id, &why, now_ms, err);
    if (rc == ERR_OK) {
        *ret_ids = ids.list;
        *ret_n = ids.n;
    }
    return rc;
}

/* The joined document, the parts that a probe joins, or where it can be fetched again. */
static enum err_code
check_file(struct db *db, const char *job_id, bool *ret_here, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT 1 FROM job WHERE id = $1 AND document_id IS NOT NULL "
                                "UNION ALL SELECT 1 FROM upload WHERE job_id = $1 AND sealed = 1 "
                                "UNION ALL SELECT 0 FROM job WHERE id = $1 AND source_url IS NOT "
                                "NULL ORDER BY 1 DESC",
                                DB_ARGS(db_text(job_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_CONFLICT, "the job has no file to read: send it again as a new job");
    if (rc == ERR_OK)
        *ret_here = db_column_int(rows, 0) != 0;
    db_end(&rows);
    return rc;
}

static enum err_code
reset(struct db *db, const struct job *job, int64_t now_ms, struct err *err)
{
    enum err_code rc = stat_forget(db, job->id, err);

    if (rc == ERR_OK)
        rc = tally_add(db, job->id, -1, err);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE job SET status = $1, round = round + 1, total_pages = 0, "
                     "done_pages = 0, failed_pages = 0, crashes = 0, credits_used = 0, "
                     "started_ms = 0, completed_ms = 0, updated_ms = $2, confidence = NULL, "
                     "reason = NULL, message = NULL WHERE id = $3",
                     DB_ARGS(db_int(JOB_QUEUED), db_int(now_ms), db_text(job->id)), NULL, err);
    return rc != ERR_OK ? rc : tally_add(db, job->id, 1, err);
}

enum err_code
job_retry(struct arena *arena, struct db *db, const char *team_id, const char *job_id,
          int64_t now_ms, char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err)
{
    struct ids ids = {.arena = arena};
    struct job job;
    bool here = false;
    enum err_code rc = job_find(arena, db, team_id, job_id, &job, err);

    if (rc == ERR_OK && job.status != JOB_FAILED)
        rc = err_set(err, ERR_CONFLICT, "only a failed job can be tried again, this one is %s",
                     job_status_name(job.status));
    if (rc == ERR_OK)
        rc = check_file(db, job_id, &here, err);
    if (rc == ERR_OK)
        rc = credits_reserve_again(db, team_id, job_id, job.round + 1, job.spec.credits_per_page,
                                   err);
    if (rc == ERR_OK)
        rc = pages_drop(&ids, db, job_id, err);
    if (rc == ERR_OK)
        rc = reset(db, &job, now_ms, err);
    if (rc == ERR_OK && !here)
        rc = fetch_add(db, job_id, team_id, now_ms, err);
    else if (rc == ERR_OK)
        rc = queue_add(db,
                       &(struct queue_entry){.job_id = job_id,
                                             .team_id = team_id,
                                             .kind = TASK_PROBE,
                                             .batch = 1,
                                             .now_ms = now_ms,
                                             .turn_ms = now_ms},
                       err);
    if (rc == ERR_OK) {
        *ret_ids = ids.list;
        *ret_n = ids.n;
    }
    return rc;
}
