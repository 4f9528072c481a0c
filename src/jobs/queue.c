/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

/* By how much each page of a document stands behind the page before it. About what reading one
 * takes: then a short document that comes later passes the long one, which still moves on steadily
 * while short ones keep coming. */
static const int64_t turn_ms_a_page = 1000;

int64_t
task_weight(enum task_kind kind, int64_t page_from, int64_t page_to)
{
    return kind == TASK_PROBE || page_to <= page_from ? 1 : page_to - page_from;
}

/* The first of n numbers that no other task has or had. */
static enum err_code
take_numbers(struct db *db, int64_t n, int64_t *ret_first, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "UPDATE counter SET value = value + $1 WHERE name = 'task' RETURNING value",
                 DB_ARGS(db_int(n)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_SYSTEM, "the counter of tasks is missing");
    if (rc == ERR_OK)
        *ret_first = db_column_int(rows, 0) - n + 1;
    db_end(&rows);
    return rc;
}

static enum err_code
add_one(struct db *db, int64_t id, const struct queue_entry *entry, int64_t page_from,
        int64_t page_to, struct err *err)
{
    return db_exec(
        db,
        "INSERT INTO task (id, job_id, team_id, kind, page_from, page_to, weight, "
        "due_ms, turn_ms, extraction_id, model) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, (SELECT model FROM job WHERE id = $2))",
        DB_ARGS(db_int(id), db_text(entry->job_id), db_text(entry->team_id), db_int(entry->kind),
                db_int(page_from), db_int(page_to),
                db_int(task_weight(entry->kind, page_from, page_to)), db_int(entry->now_ms),
                db_int(entry->turn_ms + page_from * turn_ms_a_page), db_text(entry->extraction_id)),
        NULL, err);
}

enum err_code
queue_add(struct db *db, const struct queue_entry *entry, struct err *err)
{
    bool probe = entry->kind != TASK_PAGES; /* or what follows the pages: one task */
    int64_t count = probe ? 1 : (entry->page_to + entry->batch - 1) / entry->batch;
    int64_t first = 0;
    enum err_code rc = take_numbers(db, count, &first, err);

    for (int64_t i = 0; rc == ERR_OK && i < count; i++) {
        int64_t end = (i + 1) * entry->batch;
        rc = add_one(db, first + i, entry, probe ? 0 : i * entry->batch,
                     end < entry->page_to ? end : entry->page_to, err);
    }
    if (rc == ERR_OK)
        rc = queue_count(db, entry->team_id, count, 0, 0, err);
    return rc;
}

static enum err_code
update_load(struct db *db, const char *team_id, int64_t waiting, int64_t running, int64_t pages,
            int64_t *ret_changed, struct err *err)
{
    return db_exec(db,
                   "UPDATE team_load SET waiting = waiting + $1, running = running + $2, "
                   "running_pages = running_pages + $3, head_ms = (SELECT MIN(due_ms) FROM task "
                   "WHERE team_id = $4 AND state = 0) WHERE team_id = $4",
                   DB_ARGS(db_int(waiting), db_int(running), db_int(pages), db_text(team_id)),
                   ret_changed, err);
}

enum err_code
queue_count(struct db *db, const char *team_id, int64_t waiting, int64_t running,
            int64_t running_pages, struct err *err)
{
    int64_t changed = 0;
    enum err_code rc = update_load(db, team_id, waiting, running, running_pages, &changed, err);

    if (rc != ERR_OK || changed != 0)
        return rc;
    rc = db_exec(db, "INSERT INTO team_load (team_id) VALUES ($1) ON CONFLICT (team_id) DO NOTHING",
                 DB_ARGS(db_text(team_id)), NULL, err);
    return rc != ERR_OK ? rc : update_load(db, team_id, waiting, running, running_pages, NULL, err);
}

enum err_code
queue_drop_job(struct db *db, const char *job_id, const char *team_id, struct err *err)
{
    struct db_rows *rows = NULL;
    int64_t all = 0, running = 0, pages = 0;
    enum err_code rc = db_first(db,
                                "SELECT COUNT(*), CAST(COALESCE(SUM(state), 0) AS BIGINT), "
                                "CAST(COALESCE(SUM(state * weight), 0) AS BIGINT) "
                                "FROM task WHERE job_id = $1",
                                DB_ARGS(db_text(job_id)), &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        all = db_column_int(rows, 0);
        running = db_column_int(rows, 1);
        pages = db_column_int(rows, 2);
    }
    db_end(&rows);
    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM fetch_task WHERE job_id = $1", DB_ARGS(db_text(job_id)), NULL,
                     err);
    if (rc != ERR_OK || all == 0)
        return rc;
    rc = db_exec(db, "DELETE FROM task WHERE job_id = $1", DB_ARGS(db_text(job_id)), NULL, err);
    return rc != ERR_OK ? rc : queue_count(db, team_id, running - all, -running, -pages, err);
}

enum err_code
job_counts(struct db *db, struct job_counts *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT CAST(COALESCE(SUM(waiting), 0) AS BIGINT), "
                                "CAST(COALESCE(SUM(running), 0) AS BIGINT), "
                                "COALESCE(MIN(head_ms), 0) FROM team_load",
                                NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL)
        *ret = (struct job_counts){.queued_tasks = db_column_int(rows, 0),
                                   .running_tasks = db_column_int(rows, 1),
                                   .oldest_due_ms = db_column_int(rows, 2)};
    db_end(&rows);
    return rc;
}
