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

static enum err_code
find_upload(struct db *db, const char *job_id, struct upload *ret, struct err *err)
{
    enum err_code rc = upload_of_job(db, job_id, ret, err);

    return rc == ERR_NOT_FOUND
               ? err_set(err, ERR_CONFLICT, "the upload was not completed in time and is closed")
               : rc;
}

/* document_id: NULL where the parts are still to be joined. */
static enum err_code
start_probe(struct db *db, const char *team_id, const char *job_id, const char *document_id,
            int64_t now_ms, struct err *err)
{
    enum err_code rc =
        db_exec(db, "UPDATE job SET status = $1, updated_ms = $2, document_id = $3 WHERE id = $4",
                DB_ARGS(db_int(JOB_QUEUED), db_int(now_ms), db_text(document_id), db_text(job_id)),
                NULL, err);

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
    rc = find_upload(db, job_id, &upload, err);
    if (rc == ERR_OK)
        rc = upload_seal(db, upload.id, claims, n, &total, err);
    if (rc != ERR_OK || status != JOB_UPLOADING)
        return rc;
    return start_probe(db, team_id, job_id, NULL, now_ms, err);
}

/* --- where the parts went to the S3 service --- */

enum err_code
job_upload(struct db *db, const char *team_id, const char *job_id, struct upload *ret,
           struct err *err)
{
    enum job_status status = JOB_FAILED;
    enum err_code rc = find_status(db, team_id, job_id, &status, err);

    return rc == ERR_OK ? find_upload(db, job_id, ret, err) : rc;
}

enum err_code
job_complete_close(struct arena *arena, struct db *db, const struct job_completion *c,
                   struct store_part **ret_parts, size_t *ret_n, struct err *err)
{
    struct upload upload;
    enum err_code rc = job_upload(db, c->team_id, c->job_id, &upload, err);

    return rc == ERR_OK ? upload_close(arena, db, &upload, c->claims, c->n, &c->came, c->max_bytes,
                                       ret_parts, ret_n, err)
                        : rc;
}

enum err_code
job_complete_refused(struct db *db, const struct job_completion *c, struct err *err)
{
    struct upload upload;
    enum err_code rc = job_upload(db, c->team_id, c->job_id, &upload, err);

    return rc == ERR_OK ? upload_reopen(db, upload.id, err) : rc;
}

enum err_code
job_complete_end(struct db *db, const struct job_completion *c, int64_t now_ms, struct err *err)
{
    enum job_status status = JOB_FAILED;
    struct upload upload;
    enum err_code rc = find_status(db, c->team_id, c->job_id, &status, err);

    if (rc == ERR_OK)
        rc = find_upload(db, c->job_id, &upload, err);
    if (rc == ERR_OK && upload.state == UPLOAD_OPEN)
        rc = err_set(err, ERR_CONFLICT, "the list of parts was taken back meanwhile");
    if (rc != ERR_OK || upload.state == UPLOAD_SEALED)
        return rc;
    rc = upload_end(db, upload.id, err);
    return rc == ERR_OK && status == JOB_UPLOADING
               ? start_probe(db, c->team_id, c->job_id, upload.object_id, now_ms, err)
               : rc;
}
