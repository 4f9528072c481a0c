/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

const char *
job_status_name(enum job_status status)
{
    switch (status) {
    case JOB_UPLOADING:
    case JOB_QUEUED:
        return "pending";
    case JOB_PROCESSING:
        return "processing";
    case JOB_COMPLETED:
        return "completed";
    case JOB_PARTIAL:
        return "partially_done";
    case JOB_FAILED:
        break;
    }
    return "failed";
}

const char *
job_format_name(enum job_format format)
{
    switch (format) {
    case JOB_STRUCTURED:
        return "structured";
    case JOB_PER_PAGE_STRUCTURED:
        return "per_page_structured";
    case JOB_MARKDOWN:
        break;
    }
    return "markdown";
}

bool
job_is_terminal(enum job_status status)
{
    return status >= JOB_COMPLETED;
}

static void
read_numbers(const struct db_rows *rows, struct job *job)
{
    job->status = (enum job_status)db_column_int(rows, 0);
    job->spec.format = (enum job_format)db_column_int(rows, 1);
    job->spec.bounding_boxes = db_column_int(rows, 2) != 0;
    job->spec.save_as_template = db_column_int(rows, 3) != 0;
    job->spec.credits_per_page = db_column_int(rows, 4);
    job->spec.file_bytes = (uint64_t)db_column_int(rows, 5);
    job->total_pages = db_column_int(rows, 6);
    job->done_pages = db_column_int(rows, 7);
    job->failed_pages = db_column_int(rows, 8);
    job->credits_used = db_column_int(rows, 9);
    job->created_ms = db_column_int(rows, 10);
    job->started_ms = db_column_int(rows, 11);
    job->updated_ms = db_column_int(rows, 12);
    job->completed_ms = db_column_int(rows, 13);
}

/* False if the arena is full. */
static bool
read_texts(struct arena *arena, const struct db_rows *rows, struct job *job)
{
    const char **const texts[] = {
        &job->spec.model,         &job->spec.file_name,   &job->spec.content_type,
        &job->spec.template_slug, &job->reason,           &job->message,
        &job->spec.instructions,  &job->spec.schema_json, &job->spec.source_url};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        int column = 14 + (int)i;
        if (db_is_null(rows, column))
            continue;
        *texts[i] = db_column_text(arena, rows, column);
        if (*texts[i] == NULL)
            return false;
    }
    return true;
}

enum err_code
job_find(struct arena *arena, struct db *db, const char *team_id, const char *job_id,
         struct job *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    struct job job = {0};
    enum err_code rc = db_first(
        db,
        "SELECT status, format, bounding_boxes, save_as_template, credits_per_page, file_bytes, "
        "total_pages, done_pages, failed_pages, credits_used, created_ms, started_ms, updated_ms, "
        "completed_ms, model, file_name, content_type, template_slug, reason, message, "
        "instructions, schema_json, source_url, id, team_id FROM job "
        "WHERE id = $1 AND team_id = $2 AND deleted_ms = 0",
        DB_ARGS(db_text(job_id), db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such job");
    if (rc == ERR_OK && (!db_column_copy(rows, 23, job.id, sizeof(job.id)) ||
                         !db_column_copy(rows, 24, job.team_id, sizeof(job.team_id))))
        rc = err_set(err, ERR_SYSTEM, "a job has an id that is too long");
    if (rc == ERR_OK && !read_texts(arena, rows, &job))
        rc = err_set(err, ERR_LIMIT, "the job's texts are too long to read");
    if (rc == ERR_OK) {
        read_numbers(rows, &job);
        *ret = job;
    }
    db_end(&rows);
    return rc;
}

enum err_code
job_needs_object(struct db *db, const char *object_id, bool *ret_needed, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT 1 FROM upload_part WHERE object_id = $1 UNION ALL "
                                "SELECT 1 FROM job WHERE document_id = $1 UNION ALL "
                                "SELECT 1 FROM job_page WHERE object_id = $1 LIMIT 1",
                                DB_ARGS(db_text(object_id)), &rows, err);

    if (rc == ERR_OK)
        *ret_needed = rows != NULL;
    db_end(&rows);
    return rc;
}
