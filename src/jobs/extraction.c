/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/extraction.h"

#include "jobs/jobs_internal.h"

#include <string.h>

static enum err_code
queue_it(struct db *db, const char *job_id, const char *team_id, const char *id, int64_t now_ms,
         int64_t turn_ms, struct err *err)
{
    return queue_add(db,
                     &(struct queue_entry){.job_id = job_id,
                                           .team_id = team_id,
                                           .kind = TASK_EXTRACT,
                                           .extraction_id = id,
                                           .batch = 1,
                                           .now_ms = now_ms,
                                           .turn_ms = turn_ms},
                     err);
}

enum err_code
extraction_begin(struct db *db, const struct held *held, int64_t now_ms, struct err *err)
{
    enum err_code rc =
        db_exec(db,
                "INSERT INTO extraction (id, job_id, format, created_ms, min_confidence, "
                "template_slug, instructions, schema_json, set_aside) SELECT id, id, format, "
                "CAST($1 AS BIGINT), min_confidence, template_slug, instructions, schema_json, "
                "set_aside "
                "FROM job WHERE id = $2",
                DB_ARGS(db_int(now_ms), db_text(held->job_id)), NULL, err);

    return rc != ERR_OK ? rc
                        : queue_it(db, held->job_id, held->team_id, held->job_id, now_ms,
                                   held->turn_ms, err);
}

enum err_code
extraction_failed(struct db *db, const struct held *held, const struct err *why, int64_t now_ms,
                  struct err *err)
{
    enum err_code rc =
        db_exec(db,
                "UPDATE extraction SET state = $1, completed_ms = $2, reason = $3, message = $4 "
                "WHERE id = $5",
                DB_ARGS(db_int(EXTRACTION_FAILED), db_int(now_ms), db_text(err_reason(why->code)),
                        db_text(job_public_message(why)), db_text(held->extraction_id)),
                NULL, err);

    if (rc != ERR_OK)
        return rc;
    if (strcmp(held->extraction_id, held->job_id) == 0)
        return job_fail(db, held->job_id, held->team_id, why, now_ms, err);
    return task_drop(db, held, err);
}

enum err_code
task_extracted(struct db *db, const struct task *task, const char *object_id, uint64_t bytes,
               int64_t records, int64_t now_ms, struct err *err)
{
    struct held held;
    enum err_code rc = held_find(db, task->id, task->token, &held, err);

    if (rc == ERR_OK && held.kind != TASK_EXTRACT)
        rc = err_set(err, ERR_INPUT, "task %lld does not extract", (long long)task->id);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE extraction SET state = $1, completed_ms = $2, object_id = $3, "
                     "bytes = $4, records = $5 WHERE id = $6",
                     DB_ARGS(db_int(EXTRACTION_DONE), db_int(now_ms), db_text(object_id),
                             db_int((int64_t)bytes), db_int(records), db_text(held.extraction_id)),
                     NULL, err);
    if (rc == ERR_OK)
        rc = task_drop(db, &held, err);
    if (rc == ERR_OK && strcmp(held.extraction_id, held.job_id) == 0)
        rc = job_finish(db, &held, held.failed_pages, now_ms, err);
    return rc;
}

/* Room for one more: too many waiting is an error, too many kept is not. */
static enum err_code
make_room(struct db *db, const char *job_id, struct err *err)
{
    struct db_rows *rows = NULL;
    int64_t all = 0, waiting = 0;
    enum err_code rc = db_first(db,
                                "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN state = 0 THEN 1 "
                                "ELSE 0 END), 0) AS BIGINT) FROM extraction WHERE job_id = $1",
                                DB_ARGS(db_text(job_id)), &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        all = db_column_int(rows, 0);
        waiting = db_column_int(rows, 1);
    }
    db_end(&rows);
    if (rc == ERR_OK && waiting >= EXTRACTIONS_WAITING_MAX)
        rc = err_set(err, ERR_RATE, "%lld extractions of this job are waiting, which is the limit",
                     (long long)waiting);
    if (rc == ERR_OK && all >= EXTRACTIONS_PER_JOB_MAX) /* its object goes as an orphan */
        rc = db_exec(db,
                     "DELETE FROM extraction WHERE id = (SELECT id FROM extraction WHERE "
                     "job_id = $1 AND id <> $1 AND state <> 0 ORDER BY created_ms LIMIT 1)",
                     DB_ARGS(db_text(job_id)), NULL, err);
    return rc;
}

enum err_code
extraction_submit(struct arena *arena, struct db *db, const char *team_id, const char *job_id,
                  const struct extraction_spec *spec, int64_t now_ms, char ret_id[UUID_TEXT_SIZE],
                  struct err *err)
{
    char id[UUID_TEXT_SIZE];
    struct job job;
    enum err_code rc = job_find(arena, db, team_id, job_id, &job, err);

    random_uuid(id);
    if (rc == ERR_OK && job.status != JOB_COMPLETED && job.status != JOB_PARTIAL)
        rc = err_set(err, ERR_CONFLICT, "there are no pages to extract from: the job is %s",
                     job_status_name(job.status));
    if (rc == ERR_OK)
        rc = make_room(db, job_id, err);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "INSERT INTO extraction (id, job_id, kind, format, created_ms, "
                     "min_confidence, template_slug, instructions, schema_json, set_aside) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                     DB_ARGS(db_text(id), db_text(job_id), db_int(spec->kind), db_int(spec->format),
                             db_int(now_ms), db_real(spec->min_confidence),
                             db_text(spec->template_slug), db_text(spec->instructions),
                             db_text(spec->schema_json), db_text(spec->set_aside)),
                     NULL, err);
    if (rc == ERR_OK)
        rc = queue_it(db, job_id, team_id, id, now_ms, now_ms, err);
    if (rc == ERR_OK)
        memcpy(ret_id, id, sizeof(id));
    return rc;
}

static enum err_code
read_extraction(struct arena *arena, const struct db_rows *rows, struct extraction *ret,
                struct err *err)
{
    struct extraction x = {.state = (enum extraction_state)db_column_int(rows, 1),
                           .format = (enum job_format)db_column_int(rows, 2),
                           .created_ms = db_column_int(rows, 3),
                           .completed_ms = db_column_int(rows, 4),
                           .records = db_column_int(rows, 5),
                           .bytes = (uint64_t)db_column_int(rows, 6)};

    if (!db_is_null(rows, 7) && !db_column_copy(rows, 7, x.object_id, sizeof(x.object_id)))
        return err_set(err, ERR_SYSTEM, "an extraction has an object id that is too long");
    if (!db_column_copy(rows, 0, x.id, sizeof(x.id)))
        return err_set(err, ERR_SYSTEM, "an extraction has an id that is too long");
    x.reason = db_is_null(rows, 8) ? NULL : db_column_text(arena, rows, 8);
    x.message = db_is_null(rows, 9) ? NULL : db_column_text(arena, rows, 9);
    *ret = x;
    return ERR_OK;
}

enum err_code
extraction_find(struct arena *arena, struct db *db, const char *job_id, const char *extraction_id,
                struct extraction *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT id, state, format, created_ms, completed_ms, records, bytes, object_id, reason, "
        "message FROM extraction WHERE id = $1 AND job_id = $2 AND kind = $3",
        DB_ARGS(db_text(extraction_id), db_text(job_id), db_int(EXTRACTION_DATA)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such extraction");
    if (rc == ERR_OK)
        rc = read_extraction(arena, rows, ret, err);
    db_end(&rows);
    return rc;
}

enum err_code
extraction_find_searchable(struct arena *arena, struct db *db, const char *job_id,
                           struct extraction *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT id, state, format, created_ms, completed_ms, records, bytes, object_id, reason, "
        "message FROM extraction WHERE job_id = $1 AND kind = $2 ORDER BY created_ms DESC LIMIT "
        "1",
        DB_ARGS(db_text(job_id), db_int(EXTRACTION_PDF)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no searchable PDF of this job");
    if (rc == ERR_OK)
        rc = read_extraction(arena, rows, ret, err);
    db_end(&rows);
    return rc;
}

enum err_code
extraction_submit_searchable(struct arena *arena, struct db *db, const char *team_id,
                             const char *job_id, int64_t now_ms, struct err *err)
{
    const struct extraction_spec spec = {.kind = EXTRACTION_PDF};
    char id[UUID_TEXT_SIZE];
    struct extraction x;
    enum err_code rc = extraction_find_searchable(arena, db, job_id, &x, err);

    /* What another time may be done is not refused for good. */
    bool again = rc == ERR_OK && x.state == EXTRACTION_FAILED && x.reason != NULL &&
                 err_is_retryable(err_from_reason(x.reason));
    if (rc != ERR_NOT_FOUND && !again)
        return rc;
    return extraction_submit(arena, db, team_id, job_id, &spec, now_ms, id, err);
}
