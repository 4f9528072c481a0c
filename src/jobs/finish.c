/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

const char *
job_public_message(const struct err *why)
{
    return why->code == ERR_SYSTEM || why->msg[0] == '\0' ? "the service could not read this"
                                                          : why->msg;
}

enum err_code
job_fail(struct db *db, const char *job_id, const char *team_id, const struct err *why,
         int64_t now_ms, struct err *err)
{
    enum err_code rc = credits_settle(db, team_id, job_id, 0, err);

    if (rc == ERR_OK)
        rc = queue_drop_job(db, job_id, team_id, err);
    if (rc == ERR_OK)
        rc = tally_add(db, job_id, -1, err);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE job SET status = $1, reason = $2, message = $3, updated_ms = $4, "
                     "completed_ms = $4 WHERE id = $5",
                     DB_ARGS(db_int(JOB_FAILED), db_text(err_reason(why->code)),
                             db_text(job_public_message(why)), db_int(now_ms), db_text(job_id)),
                     NULL, err);
    if (rc == ERR_OK)
        rc = tally_add(db, job_id, 1, err);
    if (rc == ERR_OK)
        rc = stat_record(db, job_id, err);
    return rc != ERR_OK ? rc : hooks_note(db, team_id, job_id, HOOK_JOB_FAILED, now_ms, err);
}

/* T-finish. A job of which no page could be read fails with what was wrong with the first. */
enum err_code
job_finish(struct db *db, const struct held *held, int64_t failed_pages, int64_t now_ms,
           struct err *err)
{
    int64_t read = held->total_pages - failed_pages;
    int64_t used = read * held->price; /* at most what T-probe has checked and reserved */
    enum job_status status = failed_pages == 0 ? JOB_COMPLETED
                             : read > 0        ? JOB_PARTIAL
                                               : JOB_FAILED;
    enum err_code rc = credits_settle(db, held->team_id, held->job_id, used, err);

    if (rc == ERR_OK)
        rc = tally_add(db, held->job_id, -1, err);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE job SET status = $1, credits_used = $2, updated_ms = $3, "
                     "completed_ms = $3 WHERE id = $4",
                     DB_ARGS(db_int(status), db_int(used), db_int(now_ms), db_text(held->job_id)),
                     NULL, err);
    if (rc == ERR_OK && status == JOB_FAILED)
        rc = db_exec(db,
                     "UPDATE job SET "
                     "reason = (SELECT reason FROM job_page WHERE job_id = $1 AND number = 1), "
                     "message = (SELECT message FROM job_page WHERE job_id = $1 AND number = 1) "
                     "WHERE id = $1",
                     DB_ARGS(db_text(held->job_id)), NULL, err);
    if (rc == ERR_OK)
        rc = tally_add(db, held->job_id, 1, err);
    if (rc == ERR_OK)
        rc = stat_record(db, held->job_id, err);
    if (rc == ERR_OK)
        rc = hooks_note(db, held->team_id, held->job_id,
                        status == JOB_FAILED ? HOOK_JOB_FAILED : HOOK_JOB_COMPLETED, now_ms, err);
    return rc;
}

enum err_code
task_drop(struct db *db, const struct held *held, struct err *err)
{
    enum err_code rc =
        db_exec(db, "DELETE FROM task WHERE id = $1", DB_ARGS(db_int(held->id)), NULL, err);

    return rc != ERR_OK ? rc : queue_count(db, held->team_id, 0, -1, -held->weight, err);
}

/* A task that stays with its holder is at the first attempt of its new first page. */
static enum err_code
move_task(struct db *db, const struct held *held, const struct advance *by, int64_t now_ms,
          struct err *err)
{
    int64_t page_from = held->page_from + by->pages;
    int64_t weight = task_weight(held->kind, page_from, held->page_to);
    enum err_code rc;

    if (by->keep) {
        rc = db_exec(db, "UPDATE task SET page_from = $1, weight = $2, attempt = 1 WHERE id = $3",
                     DB_ARGS(db_int(page_from), db_int(weight), db_int(held->id)), NULL, err);
        return rc != ERR_OK ? rc : queue_count(db, held->team_id, 0, 0, weight - held->weight, err);
    }
    rc = db_exec(db,
                 "UPDATE task SET page_from = $1, weight = $2, attempt = 0, state = 0, "
                 "due_ms = $3, lease_until_ms = 0, owner = NULL WHERE id = $4",
                 DB_ARGS(db_int(page_from), db_int(weight), db_int(now_ms), db_int(held->id)), NULL,
                 err);
    return rc != ERR_OK ? rc : queue_count(db, held->team_id, 1, -1, -held->weight, err);
}

enum err_code
held_advance(struct db *db, const struct held *held, const struct advance *by, int64_t now_ms,
             struct err *err)
{
    bool task_done = held->page_from + by->pages == held->page_to;
    bool job_done = held->done_pages + by->pages == held->total_pages;
    int64_t failed_pages = held->failed_pages + by->failed;
    enum err_code rc = db_exec(
        db,
        "UPDATE job SET done_pages = done_pages + $1, failed_pages = failed_pages + $2, "
        "updated_ms = $3 WHERE id = $4",
        DB_ARGS(db_int(by->pages), db_int(by->failed), db_int(now_ms), db_text(held->job_id)), NULL,
        err);

    if (rc == ERR_OK)
        rc = task_done ? task_drop(db, held, err) : move_task(db, held, by, now_ms, err);
    if (rc != ERR_OK || !job_done)
        return rc;
    bool begun = false;
    if (failed_pages < held->total_pages)
        rc = bind_begin(db, held, now_ms, &begun, err);
    return rc != ERR_OK || begun ? rc : pages_end(db, held, failed_pages, now_ms, err);
}

enum err_code
pages_end(struct db *db, const struct held *held, int64_t failed_pages, int64_t now_ms,
          struct err *err)
{
    if (held->format != JOB_MARKDOWN && failed_pages < held->total_pages)
        return extraction_begin(db, held, now_ms, err);
    return job_finish(db, held, failed_pages, now_ms, err);
}
