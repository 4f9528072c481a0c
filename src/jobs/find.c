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
    int64_t *const numbers[] = {&job->spec.credits_per_page,
                                NULL,
                                &job->total_pages,
                                &job->done_pages,
                                &job->failed_pages,
                                &job->credits_used,
                                &job->created_ms,
                                &job->started_ms,
                                &job->updated_ms,
                                &job->completed_ms,
                                &job->deleted_ms,
                                &job->round,
                                &job->spec.surcharge_per_page};

    job->status = (enum job_status)db_column_int(rows, 2);
    job->spec.format = (enum job_format)db_column_int(rows, 3);
    job->spec.bounding_boxes = db_column_int(rows, 4) != 0;
    job->spec.save_as_template = db_column_int(rows, 5) != 0;
    job->spec.file_bytes = (uint64_t)db_column_int(rows, 7);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (numbers[i] != NULL)
            *numbers[i] = db_column_int(rows, 6 + (int)i);
    job->spec.template_internal = db_column_int(rows, 19) != 0;
    job->confidence = db_is_null(rows, 20) ? -1 : db_column_real(rows, 20);
}

/* False if the arena is full. */
static bool
read_texts(struct arena *arena, const struct db_rows *rows, int column, const char **const *texts,
           size_t n)
{
    for (size_t i = 0; i < n; i++, column++) {
        if (db_is_null(rows, column))
            continue;
        *texts[i] = db_column_text(arena, rows, column);
        if (*texts[i] == NULL)
            return false;
    }
    return true;
}

enum err_code
job_read(struct arena *arena, const struct db_rows *rows, struct job *ret, struct err *err)
{
    struct job job = {0};
    const char **const texts[] = {
        &job.spec.template_id,  &job.spec.template_name, &job.spec.model, &job.spec.file_name,
        &job.spec.content_type, &job.spec.template_slug, &job.reason,     &job.message};

    if (!db_column_copy(rows, 0, job.id, sizeof(job.id)) ||
        !db_column_copy(rows, 1, job.team_id, sizeof(job.team_id)))
        return err_set(err, ERR_SYSTEM, "a job has an id that is too long");
    if (!read_texts(arena, rows, 21, texts, ARRAY_LEN(texts)))
        return err_set(err, ERR_LIMIT, "the job's texts are too long to read");
    read_numbers(rows, &job);
    *ret = job;
    return ERR_OK;
}

enum err_code
job_find(struct arena *arena, struct db *db, const char *team_id, const char *job_id,
         struct job *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    struct job job = {0};
    const char **const texts[] = {&job.spec.instructions, &job.spec.schema_json,
                                  &job.spec.source_url};
    enum err_code rc =
        db_first(db,
                 "SELECT " JOB_COLUMNS ", instructions, schema_json, source_url FROM job "
                 "WHERE id = $1 AND team_id = $2 AND deleted_ms = 0",
                 DB_ARGS(db_text(job_id), db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such job");
    if (rc == ERR_OK)
        rc = job_read(arena, rows, &job, err);
    if (rc == ERR_OK && !read_texts(arena, rows, JOB_COLUMN_COUNT, texts, ARRAY_LEN(texts)))
        rc = err_set(err, ERR_LIMIT, "the job's texts are too long to read");
    if (rc == ERR_OK)
        *ret = job;
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
                                "SELECT 1 FROM job_page WHERE object_id = $1 UNION ALL "
                                "SELECT 1 FROM upload WHERE object_id = $1 UNION ALL "
                                "SELECT 1 FROM extraction WHERE object_id = $1 LIMIT 1",
                                DB_ARGS(db_text(object_id)), &rows, err);

    if (rc == ERR_OK)
        *ret_needed = rows != NULL;
    db_end(&rows);
    return rc;
}
