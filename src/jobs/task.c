/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

static bool
read_held(const struct db_rows *rows, struct held *held)
{
    held->kind = (enum task_kind)db_column_int(rows, 0);
    held->page_from = db_column_int(rows, 1);
    held->page_to = db_column_int(rows, 2);
    held->weight = db_column_int(rows, 3);
    held->attempt = db_column_int(rows, 4);
    held->price = db_column_int(rows, 5);
    held->total_pages = db_column_int(rows, 6);
    held->done_pages = db_column_int(rows, 7);
    held->failed_pages = db_column_int(rows, 8);
    held->crashes = db_column_int(rows, 9);
    held->turn_ms = db_column_int(rows, 10);
    held->format = (enum job_format)db_column_int(rows, 13);
    if (!db_is_null(rows, 14) &&
        !db_column_copy(rows, 14, held->extraction_id, sizeof(held->extraction_id)))
        return false;
    return db_column_copy(rows, 11, held->job_id, sizeof(held->job_id)) &&
           db_column_copy(rows, 12, held->team_id, sizeof(held->team_id));
}

enum err_code
held_find(struct db *db, int64_t task_id, int64_t token, struct held *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    struct held held = {.id = task_id, .token = token};
    enum err_code rc = db_first(
        db,
        "SELECT t.kind, t.page_from, t.page_to, t.weight, t.attempt, j.credits_per_page, "
        "j.total_pages, j.done_pages, j.failed_pages, j.crashes, t.turn_ms, j.id, j.team_id, "
        "j.format, t.extraction_id "
        "FROM task t JOIN job j ON j.id = t.job_id "
        "WHERE t.id = $1 AND t.token = $2 AND t.state = 1 AND j.deleted_ms = 0 AND "
        "(j.status < $3 OR (t.extraction_id IS NOT NULL AND t.extraction_id <> t.job_id))",
        DB_ARGS(db_int(task_id), db_int(token), db_int(JOB_COMPLETED)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_STALE, "task %lld is not held with token %lld any more",
                     (long long)task_id, (long long)token);
    if (rc == ERR_OK && !read_held(rows, &held))
        rc = err_set(err, ERR_SYSTEM, "task %lld: an id is too long", (long long)task_id);
    if (rc == ERR_OK)
        *ret = held;
    db_end(&rows);
    return rc;
}

enum err_code
task_extend(struct db *db, const struct task *task, int64_t now_ms, int64_t lease_ms,
            struct err *err)
{
    struct held held;
    enum err_code rc = held_find(db, task->id, task->token, &held, err);

    if (rc == ERR_OK)
        rc = db_post(db, "UPDATE task SET lease_until_ms = $1 WHERE id = $2",
                     DB_ARGS(db_int(now_ms + lease_ms), db_int(task->id)), err);
    return rc;
}

enum err_code
task_is_held(struct db *db, const struct task *task, bool *ret_held, struct err *err)
{
    struct held held;
    enum err_code rc = held_find(db, task->id, task->token, &held, err);

    if (rc == ERR_OK || rc == ERR_STALE) {
        *ret_held = rc == ERR_OK;
        rc = ERR_OK;
    }
    return rc;
}

enum err_code
task_release(struct db *db, const struct task *task, struct err *err)
{
    struct held held;
    enum err_code rc = held_find(db, task->id, task->token, &held, err);

    if (rc == ERR_OK)
        rc = db_post(db,
                     "UPDATE task SET state = 0, attempt = attempt - 1, lease_until_ms = 0, "
                     "owner = NULL WHERE id = $1",
                     DB_ARGS(db_int(task->id)), err);
    if (rc == ERR_OK)
        rc = queue_count(db, held.team_id, 1, -1, -held.weight, err);
    return rc;
}

/* Pages that a repeated step tells again are skipped; *ret_new are the rest, which have to be the
 * next ones. */
static enum err_code
check_pages(const struct held *held, const struct job_page *pages, size_t n, size_t *ret_skip,
            struct err *err)
{
    size_t skip = 0;

    while (skip < n && pages[skip].number >= 1 && pages[skip].number <= held->page_from)
        skip++;
    for (size_t i = skip; i < n; i++) {
        int64_t want = held->page_from + 1 + (int64_t)(i - skip);
        if (pages[i].number != want || want > held->page_to)
            return err_set(err, ERR_INPUT, "page %lld of task %lld: pages %lld to %lld are due",
                           (long long)pages[i].number, (long long)held->id,
                           (long long)held->page_from + 1, (long long)held->page_to);
        if (pages[i].reason == NULL && pages[i].object_id[0] == '\0')
            return err_set(err, ERR_INPUT, "page %lld has neither a result nor a reason",
                           (long long)want);
    }
    *ret_skip = skip;
    return ERR_OK;
}

enum err_code
task_pages_done(struct db *db, struct task *task, const struct job_page *pages, size_t n,
                int64_t now_ms, struct err *err)
{
    struct held held;
    struct advance by = {.keep = true};
    size_t skip = 0;
    enum err_code rc = held_find(db, task->id, task->token, &held, err);

    if (rc == ERR_OK && held.kind != TASK_PAGES)
        rc = err_set(err, ERR_INPUT, "only a task of pages brings pages");
    if (rc == ERR_OK)
        rc = check_pages(&held, pages, n, &skip, err);
    for (size_t i = skip; rc == ERR_OK && i < n; i++) {
        rc = page_store(db, held.job_id, &pages[i], held.done_pages + by.pages + 1, err);
        by.pages++;
        by.failed += pages[i].reason != NULL;
    }
    if (rc == ERR_OK && by.pages > 0)
        rc = held_advance(db, &held, &by, now_ms, err);
    if (rc == ERR_OK) {
        task->page_from = held.page_from + by.pages;
        task->attempt = by.pages > 0 ? 1 : held.attempt;
    }
    return rc;
}
