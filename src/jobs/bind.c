/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * All pages are in: they are looked at beside each other, and those that change are filed anew. */
#include "jobs/jobs_internal.h"

#include <string.h>

enum err_code
task_wants_binding(struct db *db, const struct task *task, struct err *err)
{
    return db_exec(db, "UPDATE job SET to_bind = 1 WHERE id = $1 AND total_pages > 1",
                   DB_ARGS(db_text(task->job_id)), NULL, err);
}

enum err_code
bind_begin(struct db *db, const struct held *held, int64_t now_ms, bool *ret_begun, struct err *err)
{
    int64_t changed = 0;
    enum err_code rc = db_exec(db, "UPDATE job SET to_bind = 0 WHERE id = $1 AND to_bind = 1",
                               DB_ARGS(db_text(held->job_id)), &changed, err);

    *ret_begun = changed > 0;
    if (rc != ERR_OK || changed == 0)
        return rc;
    return queue_add(db,
                     &(struct queue_entry){.job_id = held->job_id,
                                           .team_id = held->team_id,
                                           .kind = TASK_BIND,
                                           .batch = 1,
                                           .now_ms = now_ms,
                                           .turn_ms = held->turn_ms},
                     err);
}

enum err_code
bind_end(struct db *db, const struct held *held, int64_t now_ms, struct err *err)
{
    enum err_code rc = task_drop(db, held, err);

    return rc != ERR_OK ? rc : pages_end(db, held, held->failed_pages, now_ms, err);
}

static enum err_code
replace_page(struct db *db, const char *job_id, const struct job_page *page, struct err *err)
{
    int64_t changed = 0;
    enum err_code rc =
        db_exec(db,
                "UPDATE job_page SET object_id = $1, byte_offset = $2, markdown_bytes = $3, "
                "tree_bytes = $4 WHERE job_id = $5 AND number = $6 AND object_id IS NOT NULL",
                DB_ARGS(db_text(page->object_id), db_int((int64_t)page->offset),
                        db_int(page->markdown_bytes), db_int(page->tree_bytes), db_text(job_id),
                        db_int(page->number)),
                &changed, err);

    if (rc == ERR_OK && changed != 1)
        rc = err_set(err, ERR_INPUT, "page %lld was not read, and cannot change",
                     (long long)page->number);
    return rc;
}

static enum err_code
is_in_use(struct db *db, const char *object_id, bool *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT 1 FROM job_page WHERE object_id = $1 LIMIT 1",
                                DB_ARGS(db_text(object_id)), &rows, err);

    *ret = rows != NULL;
    db_end(&rows);
    return rc;
}

/* Keeps of the list what no page points to any more. */
static enum err_code
keep_unused(struct db *db, struct ids *ids, struct err *err)
{
    size_t kept = 0;
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < ids->n; i++) {
        bool used = true;
        rc = is_in_use(db, ids->list[i], &used, err);
        if (!used)
            memmove(ids->list[kept++], ids->list[i], sizeof(ids->list[i]));
    }
    ids->n = kept;
    return rc;
}

enum err_code
task_bound(struct arena *arena, struct db *db, const struct task *task,
           const struct job_page *pages, size_t n, int64_t now_ms, char (**ret_old)[OBJECT_ID_SIZE],
           size_t *ret_n, struct err *err)
{
    struct ids ids = {.arena = arena};
    struct held held;
    enum err_code rc = held_find(db, task->id, task->token, &held, err);

    if (rc == ERR_OK && held.kind != TASK_BIND)
        rc = err_set(err, ERR_INPUT, "task %lld does not bind pages", (long long)task->id);
    if (rc == ERR_OK && n > 0)
        rc = pages_objects(&ids, db, held.job_id, err);
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = replace_page(db, held.job_id, &pages[i], err);
    if (rc == ERR_OK && n > 0)
        rc = keep_unused(db, &ids, err);
    if (rc == ERR_OK)
        rc = bind_end(db, &held, now_ms, err);
    if (rc == ERR_OK) {
        *ret_old = ids.list;
        *ret_n = ids.n;
    }
    return rc;
}
