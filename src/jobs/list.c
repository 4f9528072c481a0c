/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

/* One statement for each index of 0004_templates.sql that gives a list its order; the filters that
 * are not the index's own are looked at row by row. Of several filters the counts of job_tally say
 * which one leaves fewest rows, and whether there is anything to look for. */
#define LIST(own)                                                                                  \
    "SELECT " JOB_COLUMNS " FROM job WHERE team_id = $1 AND (created_ms, id) < ($2, $3) AND "      \
    "+status BETWEEN $4 AND $5 AND +format BETWEEN $6 AND $7 AND "                                 \
    "model = COALESCE($8, model) AND COALESCE(template_id, '') = "                                 \
    "COALESCE($9, template_id, '')" own " ORDER BY created_ms DESC, id DESC LIMIT $10"
#define LIVE " AND deleted_ms = 0"

/* What a list is narrowed to, apart from being deleted. */
enum own { OWN_STATUS, OWN_MODEL, OWN_FORMAT, OWN_TEMPLATE, OWN_COUNT };

static bool
has(const struct job_filter *filter, enum own own)
{
    switch (own) {
    case OWN_STATUS:
        return filter->status >= 0;
    case OWN_MODEL:
        return filter->model != NULL;
    case OWN_FORMAT:
        return filter->format >= 0;
    default:
        return filter->template_id != NULL;
    }
}

static int
count_own(const struct job_filter *filter)
{
    int n = 0;

    for (int own = 0; own < OWN_COUNT; own++)
        n += has(filter, (enum own)own);
    return n;
}

bool
job_list_is_quick(const struct job_filter *filter)
{
    int n = count_own(filter);

    return n == 0 || (n == 1 && (!filter->with_deleted || filter->template_id != NULL));
}

/* Only this one of them. */
static struct job_filter
alone(const struct job_filter *filter, enum own own)
{
    struct job_filter one = {.status = -1, .format = -1, .with_deleted = filter->with_deleted};

    if (own == OWN_STATUS)
        one.status = filter->status;
    else if (own == OWN_MODEL)
        one.model = filter->model;
    else if (own == OWN_FORMAT)
        one.format = filter->format;
    else
        one.template_id = filter->template_id;
    return one;
}

/* The one that leaves fewest; OWN_COUNT: there is none. */
static enum err_code
choose(struct db *db, const char *team_id, const struct job_filter *filter, enum own *ret,
       struct err *err)
{
    int64_t least = INT64_MAX;
    enum err_code rc = ERR_OK;
    bool several = count_own(filter) > 1;

    *ret = OWN_COUNT;
    for (int own = 0; rc == ERR_OK && own < OWN_COUNT; own++) {
        const struct job_filter one = alone(filter, (enum own)own);
        int64_t jobs = 0;
        if (!has(filter, (enum own)own) || (filter->with_deleted && own != OWN_TEMPLATE))
            continue;
        if (several)
            rc = job_count(db, team_id, &one, &jobs, err);
        if (rc == ERR_OK && jobs < least) {
            least = jobs;
            *ret = (enum own)own;
        }
    }
    return rc;
}

static const char *
statement(const struct job_filter *filter, enum own own)
{
    switch (own) {
    case OWN_TEMPLATE:
        return filter->with_deleted ? LIST(" AND template_id = $9")
                                    : LIST(" AND template_id = $9" LIVE);
    case OWN_STATUS:
        return filter->status == JOB_UPLOADING ? LIST(LIVE " AND status < 2")
                                               : LIST(LIVE " AND status = $5");
    case OWN_MODEL:
        return LIST(LIVE " AND model = $8");
    case OWN_FORMAT:
        return LIST(LIVE " AND format = $7");
    default:
        return filter->with_deleted ? LIST("") : LIST(LIVE);
    }
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
    enum own own = OWN_COUNT;
    int64_t fit = 1;

    if (max < 1 || max > JOB_LIST_MAX)
        return err_set(err, ERR_INPUT, "a list has 1 to %d jobs", JOB_LIST_MAX);
    jobs = arena_array(arena, (size_t)max, sizeof(*jobs));
    if (jobs == NULL)
        return err_set(err, ERR_LIMIT, "no memory for a list of jobs");
    enum err_code rc = choose(db, team_id, filter, &own, err);
    if (rc == ERR_OK && count_own(filter) > 0)
        rc = job_count(db, team_id, filter, &fit, err);
    if (rc == ERR_OK && fit > 0)
        rc = db_query(db, statement(filter, own),
                      DB_ARGS(db_text(team_id), db_int(before_ms), db_text(before_id),
                              db_int(filter->status < 0 ? 0 : filter->status),
                              db_int(filter->status < 0 ? JOB_FAILED
                                     : pending          ? JOB_QUEUED
                                                        : filter->status),
                              db_int(filter->format < 0 ? 0 : filter->format),
                              db_int(filter->format < 0 ? JOB_PER_PAGE_STRUCTURED : filter->format),
                              db_text(filter->model), db_text(filter->template_id), db_int(max)),
                      &rows, err);
    while (rc == ERR_OK && rows != NULL && n < (size_t)max &&
           (rc = db_next(rows, &row, err)) == ERR_OK && row)
        rc = job_read(arena, rows, &jobs[n++], err);
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = jobs;
        *ret_n = n;
    }
    return rc;
}
