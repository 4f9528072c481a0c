/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

#include <string.h>

static enum err_code
ids_add(struct ids *ids, const char (*more)[OBJECT_ID_SIZE], size_t n, struct err *err)
{
    if (n > ids->cap - ids->n) {
        ids->cap = (ids->n + n) * 2;
        ids->list = arena_grow(ids->arena, ids->list, ids->n, ids->cap, sizeof(*ids->list));
    }
    if (ids->list == NULL && n > 0)
        return err_set(err, ERR_LIMIT, "too many objects to remove at once");
    if (n > 0)
        memcpy(ids->list + ids->n, more, n * sizeof(*more));
    ids->n += n;
    return ERR_OK;
}

/* Ends the query, whose first column is an object id. */
static enum err_code
ids_read(struct ids *ids, enum err_code rc, struct db_rows *rows, struct err *err)
{
    char id[1][OBJECT_ID_SIZE];
    bool row = false;

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row)
        rc = db_column_copy(rows, 0, id[0], sizeof(id[0]))
                 ? ids_add(ids, (const char(*)[OBJECT_ID_SIZE])id, 1, err)
                 : err_set(err, ERR_SYSTEM, "an object id is too long");
    db_end(&rows);
    return rc;
}

enum err_code
pages_objects(struct ids *ids, struct db *db, const char *job_id, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_query(db,
                                "SELECT DISTINCT object_id FROM job_page WHERE job_id = $1 AND "
                                "object_id IS NOT NULL",
                                DB_ARGS(db_text(job_id)), &rows, err);

    return ids_read(ids, rc, rows, err);
}

enum err_code
pages_drop(struct ids *ids, struct db *db, const char *job_id, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_query(db,
                                "SELECT object_id FROM job_page WHERE job_id = $1 AND "
                                "object_id IS NOT NULL UNION SELECT object_id FROM extraction "
                                "WHERE job_id = $1 AND object_id IS NOT NULL",
                                DB_ARGS(db_text(job_id)), &rows, err);

    rc = ids_read(ids, rc, rows, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM job_page WHERE job_id = $1", DB_ARGS(db_text(job_id)), NULL,
                     err);
    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM extraction WHERE job_id = $1", DB_ARGS(db_text(job_id)), NULL,
                     err);
    return rc;
}

enum err_code
job_objects(struct ids *ids, struct db *db, const char *job_id, struct err *err)
{
    struct db_rows *rows = NULL;
    char(*parts)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    enum err_code rc = upload_forget(ids->arena, db, job_id, &parts, &n, err);

    if (rc == ERR_OK)
        rc = ids_add(ids, (const char(*)[OBJECT_ID_SIZE])parts, n, err);
    if (rc == ERR_OK) {
        rc = db_query(db, "SELECT document_id FROM job WHERE id = $1 AND document_id IS NOT NULL",
                      DB_ARGS(db_text(job_id)), &rows, err);
        rc = ids_read(ids, rc, rows, err);
    }
    return rc != ERR_OK ? rc : pages_drop(ids, db, job_id, err);
}

/* A job that had not ended ends here, failed and uncharged. */
static enum err_code
redact(struct db *db, const struct job *job, int64_t now_ms, struct err *err)
{
    bool ended = job_is_terminal(job->status);
    enum err_code rc = tally_add(db, job->id, -1, err);

    if (rc == ERR_OK)
        rc = db_exec(
            db,
            "UPDATE job SET deleted_ms = $1, updated_ms = $1, completed_ms = $2, status = $3, "
            "reason = $4, file_name = '[REDACTED]', content_type = NULL, template_slug = NULL, "
            "template_name = NULL, message = NULL, instructions = NULL, schema_json = NULL, "
            "document_id = NULL, source_url = NULL WHERE id = $5",
            DB_ARGS(db_int(now_ms), db_int(ended ? job->completed_ms : now_ms),
                    db_int(ended ? job->status : JOB_FAILED),
                    db_text(ended ? job->reason : err_reason(ERR_CANCELLED)), db_text(job->id)),
            NULL, err);
    if (rc == ERR_OK)
        rc = tally_add(db, job->id, 1, err);
    if (rc == ERR_OK && !ended)
        rc = stat_record(db, job->id, err);
    return rc;
}

enum err_code
job_remove(struct arena *arena, struct db *db, const char *team_id, const char *job_id,
           int64_t now_ms, char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err)
{
    struct ids ids = {.arena = arena};
    struct job job;
    enum err_code rc = job_find(arena, db, team_id, job_id, &job, err);

    if (rc == ERR_OK && !job_is_terminal(job.status))
        rc = credits_settle(db, team_id, job_id, 0, err);
    if (rc == ERR_OK)
        rc = queue_drop_job(db, job_id, team_id, err);
    if (rc == ERR_OK)
        rc = job_objects(&ids, db, job_id, err);
    if (rc == ERR_OK)
        rc = redact(db, &job, now_ms, err);
    if (rc == ERR_OK)
        rc = hooks_redact(db, team_id, job_id, now_ms, err);
    if (rc == ERR_OK) {
        *ret_ids = ids.list;
        *ret_n = ids.n;
    }
    return rc;
}

/* --- uploads that were given up --- */

struct abandoned {
    char job_id[JOB_SWEEP_MAX][UUID_TEXT_SIZE];
    char team_id[JOB_SWEEP_MAX][UUID_TEXT_SIZE];
    size_t n;
};

static enum err_code
find_abandoned(struct db *db, int64_t now_ms, struct abandoned *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc =
        db_query(db,
                 "SELECT u.job_id, j.team_id FROM upload u JOIN job j ON j.id = u.job_id "
                 "WHERE u.sealed <> 1 AND u.expires_ms <= $1 ORDER BY u.expires_ms LIMIT $2",
                 DB_ARGS(db_int(now_ms - JOB_UPLOAD_GRACE_MS), db_int(JOB_SWEEP_MAX)), &rows, err);

    while (rc == ERR_OK && ret->n < JOB_SWEEP_MAX && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row) {
        if (!db_column_copy(rows, 0, ret->job_id[ret->n], UUID_TEXT_SIZE) ||
            !db_column_copy(rows, 1, ret->team_id[ret->n], UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a job has an id that is too long");
        ret->n++;
    }
    db_end(&rows);
    return rc;
}

enum err_code
job_sweep(struct arena *arena, struct db *db, int64_t now_ms, char (**ret_ids)[OBJECT_ID_SIZE],
          size_t *ret_n, struct err *err)
{
    struct abandoned abandoned = {.n = 0};
    struct ids ids = {.arena = arena};
    struct err why = {0};
    enum err_code rc = queue_reclaim(db, now_ms, err);

    if (rc == ERR_OK)
        rc = queue_set_back(db, now_ms, err);
    if (rc == ERR_OK)
        rc = find_abandoned(db, now_ms, &abandoned, err);
    (void)err_set(&why, ERR_UPLOAD_EXPIRED, "the upload was not completed in time");
    for (size_t i = 0; rc == ERR_OK && i < abandoned.n; i++) {
        rc = job_objects(&ids, db, abandoned.job_id[i], err);
        if (rc == ERR_OK)
            rc = job_fail(db, abandoned.job_id[i], abandoned.team_id[i], &why, now_ms, err);
    }
    if (rc == ERR_OK) {
        *ret_ids = ids.list;
        *ret_n = ids.n;
    }
    return rc;
}
