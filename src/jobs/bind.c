/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * All pages are in: they are looked at beside each other, and those that change are filed anew. */
#include "jobs/jobs_internal.h"

#include <stdlib.h>
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

static int
compare_ids(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Keeps of the list what no page of the job points to any more: no other job's ever did. */
static enum err_code
keep_unused(struct db *db, const char *job_id, struct ids *ids, struct err *err)
{
    struct ids used = {.arena = ids->arena};
    size_t kept = 0;
    enum err_code rc = pages_objects(&used, db, job_id, err);

    if (rc != ERR_OK || used.n == 0)
        return rc;
    qsort(used.list, used.n, sizeof(*used.list), compare_ids);
    for (size_t i = 0; i < ids->n; i++) {
        if (bsearch(ids->list[i], used.list, used.n, sizeof(*used.list), compare_ids) == NULL)
            memmove(ids->list[kept++], ids->list[i], sizeof(ids->list[i]));
    }
    ids->n = kept;
    return ERR_OK;
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
        rc = keep_unused(db, held.job_id, &ids, err);
    if (rc == ERR_OK)
        rc = bind_end(db, &held, now_ms, err);
    if (rc == ERR_OK) {
        *ret_old = ids.list;
        *ret_n = ids.n;
    }
    return rc;
}
