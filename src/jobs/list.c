/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

/* One statement for each index of 0004_templates.sql that gives a list its order; the filters that
 * are not the index's own are looked at row by row. */
#define LIST(own)                                                                                  \
    "SELECT " JOB_COLUMNS " FROM job WHERE team_id = $1 AND (created_ms, id) < ($2, $3) AND "      \
    "+status BETWEEN $4 AND $5 AND +format BETWEEN $6 AND $7 AND "                                 \
    "model = COALESCE($8, model) AND COALESCE(template_id, '') = "                                 \
    "COALESCE($9, template_id, '')" own " ORDER BY created_ms DESC, id DESC LIMIT $10"
#define LIVE " AND deleted_ms = 0"

static const char *
statement(const struct job_filter *filter)
{
    if (filter->template_id != NULL && filter->with_deleted)
        return LIST(" AND template_id = $9");
    if (filter->template_id != NULL)
        return LIST(" AND template_id = $9" LIVE);
    if (filter->with_deleted)
        return LIST("");
    if (filter->status == JOB_UPLOADING)
        return LIST(LIVE " AND status < 2");
    if (filter->status >= 0)
        return LIST(LIVE " AND status = $5");
    if (filter->model != NULL)
        return LIST(LIVE " AND model = $8");
    if (filter->format >= 0)
        return LIST(LIVE " AND format = $7");
    return LIST(LIVE);
}

enum err_code
job_list(struct arena *arena, struct db *db, const char *team_id, const struct job_filter *filter,
         int64_t before_ms, const char *before_id, int64_t max, struct job **ret, size_t *ret_n,
         struct err *err)
{
    struct db_rows *rows = NULL;
    struct job *jobs = NULL;
    size_t n = 0;
    bool row = false;
    bool pending = filter->status == JOB_UPLOADING;

    if (max < 1 || max > JOB_LIST_MAX)
        return err_set(err, ERR_INPUT, "a list has 1 to %d jobs", JOB_LIST_MAX);
    jobs = arena_array(arena, (size_t)max, sizeof(*jobs));
    if (jobs == NULL)
        return err_set(err, ERR_LIMIT, "no memory for a list of jobs");
    enum err_code rc =
        db_query(db, statement(filter),
                 DB_ARGS(db_text(team_id), db_int(before_ms), db_text(before_id),
                         db_int(filter->status < 0 ? 0 : filter->status),
                         db_int(filter->status < 0 ? JOB_FAILED
                                : pending          ? JOB_QUEUED
                                                   : filter->status),
                         db_int(filter->format < 0 ? 0 : filter->format),
                         db_int(filter->format < 0 ? JOB_PER_PAGE_STRUCTURED : filter->format),
                         db_text(filter->model), db_text(filter->template_id), db_int(max)),
                 &rows, err);
    while (rc == ERR_OK && n < (size_t)max && (rc = db_next(rows, &row, err)) == ERR_OK && row)
        rc = job_read(arena, rows, &jobs[n++], err);
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = jobs;
        *ret_n = n;
    }
    return rc;
}
