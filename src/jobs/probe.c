/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

#include <string.h>

static enum err_code
find_document(struct db *db, const char *job_id, char ret_id[OBJECT_ID_SIZE], struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT document_id FROM job WHERE id = $1",
                                DB_ARGS(db_text(job_id)), &rows, err);

    ret_id[0] = '\0';
    if (rc == ERR_OK && rows != NULL && !db_column_copy(rows, 0, ret_id, OBJECT_ID_SIZE))
        rc = err_set(err, ERR_SYSTEM, "job %s: the document's id is too long", job_id);
    db_end(&rows);
    return rc;
}

enum err_code
task_document(struct arena *arena, struct db *db, const struct task *task, const char *object_id,
              char (**ret_old)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err)
{
    struct held held;
    char before[OBJECT_ID_SIZE], (*old)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    enum err_code rc = held_find(db, task->id, task->token, &held, err);

    if (rc == ERR_OK && held.kind != TASK_PROBE)
        rc = err_set(err, ERR_INPUT, "only a probe can bring the document of its job");
    if (rc == ERR_OK)
        rc = find_document(db, held.job_id, before, err);
    if (rc == ERR_OK)
        rc = upload_joined(arena, db, held.job_id, object_id, &old, &n, err);
    if (rc == ERR_OK && before[0] != '\0' && strcmp(before, object_id) != 0) {
        old = arena_grow(arena, old, n, n + 1, sizeof(*old));
        if (old == NULL)
            return err_set(err, ERR_LIMIT, "too many parts to list");
        memcpy(old[n++], before, sizeof(before));
    }
    if (rc == ERR_OK)
        rc = db_post(db, "UPDATE job SET document_id = $1 WHERE id = $2",
                     DB_ARGS(db_text(object_id), db_text(held.job_id)), err);
    if (rc == ERR_OK) {
        *ret_old = old;
        *ret_n = n;
    }
    return rc;
}

/* What is wrong with so many pages; ERR_OK: nothing. */
static enum err_code
judge_pages(struct db *db, const struct held *held, int64_t pages, struct err *ret_why)
{
    if (pages == 0)
        return err_set(ret_why, ERR_FORMAT, "the document has no pages");
    int64_t most = JOB_PAGES_MAX;
    enum err_code rc = job_pages_limit(db, held->team_id, &most, ret_why);
    if (rc != ERR_OK)
        return rc;
    if (pages > most)
        return err_set(ret_why, ERR_PAGES, "the document has %lld pages, the limit is %lld",
                       (long long)pages, (long long)most);
    if (held->price > CREDITS_MAX / pages)
        return err_set(ret_why, ERR_CREDITS, "not enough credits for %lld pages", (long long)pages);
    return credits_raise(db, held->team_id, held->job_id, pages * held->price, ret_why);
}

static enum err_code
start_pages(struct db *db, const struct held *held, int64_t pages, int64_t batch_pages,
            int64_t now_ms, struct err *err)
{
    enum err_code rc = tally_add(db, held->job_id, -1, err);

    if (rc == ERR_OK)
        rc = db_post(
            db,
            "UPDATE job SET status = $1, total_pages = $2, started_ms = $3, updated_ms = $3 "
            "WHERE id = $4",
            DB_ARGS(db_int(JOB_PROCESSING), db_int(pages), db_int(now_ms), db_text(held->job_id)),
            err);
    if (rc == ERR_OK)
        rc = tally_add(db, held->job_id, 1, err);
    if (rc == ERR_OK)
        rc = queue_drop_job(db, held->job_id, held->team_id, err);
    if (rc == ERR_OK)
        rc = queue_add(db,
                       &(struct queue_entry){.job_id = held->job_id,
                                             .team_id = held->team_id,
                                             .kind = TASK_PAGES,
                                             .page_to = pages,
                                             .batch = batch_pages,
                                             .now_ms = now_ms,
                                             .turn_ms = held->turn_ms},
                       err);
    if (rc == ERR_OK)
        rc = hooks_note(db, held->team_id, held->job_id, HOOK_JOB_STARTED, now_ms, err);
    return rc;
}

enum err_code
task_probed(struct db *db, const struct task *task, int64_t pages, int64_t batch_pages,
            int64_t now_ms, struct err *err)
{
    struct held held;
    struct err why = {0};
    enum err_code rc = held_find(db, task->id, task->token, &held, err);

    if (rc != ERR_OK)
        return rc;
    if (held.kind != TASK_PROBE || pages < 0 || batch_pages < 1)
        return err_set(err, ERR_INPUT, "a probe tells 0 or more pages, in batches of at least 1");
    rc = judge_pages(db, &held, pages, &why);
    if (rc == ERR_OK)
        return start_pages(db, &held, pages, batch_pages < pages ? batch_pages : pages, now_ms,
                           err);
    if (rc == ERR_FORMAT || rc == ERR_PAGES || rc == ERR_CREDITS)
        return job_fail(db, held.job_id, held.team_id, &why, now_ms, err);
    return err_set(err, rc, "%s", why.msg);
}
