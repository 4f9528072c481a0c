/* SPDX-License-Identifier: AGPL-3.0-or-later
 * jobs/jobs_internal.h - what the steps of a job's life share: the held task, the queue's counters
 * and the two ways in which a job ends. All run in the caller's transaction. */
#pragma once

#include "account/credits.h"
#include "hooks/note.h"
#include "jobs/jobs.h"

/* A claimed task as the database has it now, with what the steps need of its job. */
struct held {
    int64_t id, token;
    enum task_kind kind;
    int64_t page_from, page_to;
    int64_t weight; /* what it adds to the team's pages in flight */
    int64_t attempt;
    int64_t turn_ms; /* see queue_add */
    char job_id[UUID_TEXT_SIZE];
    char team_id[UUID_TEXT_SIZE];
    int64_t price; /* credits a page */
    int64_t total_pages, done_pages, failed_pages;
    int64_t crashes;
    enum job_format format;
    char extraction_id[UUID_TEXT_SIZE]; /* of a TASK_EXTRACT; else "" */
};

/* ERR_STALE unless the token is the newest, the task runs and its job goes on. */
MUST_CHECK
enum err_code held_find(struct db *db, int64_t task_id, int64_t token, struct held *ret,
                        struct err *err);

/* --- find.c --- */

/* The columns that job_read takes, in its order. */
#define JOB_COLUMNS                                                                                \
    "id, team_id, status, format, bounding_boxes, save_as_template, credits_per_page, "            \
    "file_bytes, total_pages, done_pages, failed_pages, credits_used, created_ms, started_ms, "    \
    "updated_ms, completed_ms, deleted_ms, round, surcharge_per_page, template_internal, "         \
    "confidence, template_id, template_name, model, file_name, content_type, template_slug, "      \
    "reason, message"
enum { JOB_COLUMN_COUNT = 29 };
MUST_CHECK
enum err_code job_read(struct arena *arena, const struct db_rows *rows, struct job *ret,
                       struct err *err);

/* --- tally.c --- */

/* by (1 or -1) to the count that the job as it is now belongs to: -1 before a change of what lists
 * can be narrowed to, 1 after it. */
MUST_CHECK
enum err_code tally_add(struct db *db, const char *job_id, int64_t by, struct err *err);

/* --- stat.c --- */

/* The job has ended: what analytics keeps of it, and its mean confidence. */
MUST_CHECK
enum err_code stat_record(struct db *db, const char *job_id, struct err *err);
MUST_CHECK
enum err_code stat_forget(struct db *db, const char *job_id, struct err *err);

/* --- rank.c --- */

/* The job's row of job_stat is there: it counts in rankings; or is about to go, and does not. */
MUST_CHECK
enum err_code rank_add(struct db *db, const char *job_id, struct err *err);
MUST_CHECK
enum err_code rank_forget(struct db *db, const char *job_id, struct err *err);

/* --- remove.c --- */

/* The job's pages are gone; ids of their objects go to the list. */
struct ids {
    struct arena *arena;
    char (*list)[OBJECT_ID_SIZE];
    size_t n, cap;
};
/* Everything in the store that belongs to the job; its upload rows and pages are gone afterwards.
 */
MUST_CHECK
enum err_code job_objects(struct ids *ids, struct db *db, const char *job_id, struct err *err);
MUST_CHECK
enum err_code pages_objects(struct ids *ids, struct db *db, const char *job_id, struct err *err);
MUST_CHECK
enum err_code pages_drop(struct ids *ids, struct db *db, const char *job_id, struct err *err);

/* --- choose.c --- */

/* Whether it takes less than all (hold_ms aside); NULL does not. */
bool choice_narrows(const struct task_choice *choice);
/* The next task in the order of task_claim among the chosen that were due at due_ms; *ret_id 0:
 * none is. */
MUST_CHECK
enum err_code choice_find(struct arena *arena, struct db *db, const struct task_choice *choice,
                          int64_t due_ms, char ret_team[UUID_TEXT_SIZE], int64_t *ret_id,
                          struct err *err);

/* --- queue.c --- */

/* Pages, or 1 for a probe and an extraction. */
int64_t task_weight(enum task_kind kind, int64_t page_from, int64_t page_to);

/* Tasks that cover the pages up to page_to, each at most batch of them (a probe or extraction:
 * one task without pages), due at once. turn_ms: the age of the job in the order of its team. The
 * counters follow.
 */
struct queue_entry {
    const char *job_id;
    const char *team_id;
    enum task_kind kind;
    const char *extraction_id; /* TASK_EXTRACT; else NULL */
    int64_t page_to;
    int64_t batch;
    int64_t now_ms;
    int64_t turn_ms;
};
MUST_CHECK
enum err_code queue_add(struct db *db, const struct queue_entry *entry, struct err *err);

/* Moves the team's counters by the given amounts and finds its earliest due time again. */
MUST_CHECK
enum err_code queue_count(struct db *db, const char *team_id, int64_t waiting, int64_t running,
                          int64_t running_pages, struct err *err);

/* All tasks of a job, waiting or running, and the fetch of its document. */
MUST_CHECK
enum err_code queue_drop_job(struct db *db, const char *job_id, const char *team_id,
                             struct err *err);

/* --- setback.c --- */

/* The clock was set back: what would wait for the time taken back is due at once. Nothing is
 * changed as a rule. */
MUST_CHECK
enum err_code queue_set_back(struct db *db, int64_t now_ms, struct err *err);

/* --- submit.c --- */
MUST_CHECK
enum err_code job_add(struct db *db, const char *id, const struct principal *who,
                      const struct job_spec *spec, enum job_status status, int64_t now_ms,
                      struct err *err);

/* --- fetch.c --- */
MUST_CHECK
enum err_code fetch_add(struct db *db, const char *job_id, const char *team_id, int64_t now_ms,
                        struct err *err);

/* --- finish.c --- */

/* n pages behind page_from are in, failed of them without a result: moves the task (keep: it stays
 * with its holder; else it waits again), and ends the job with its last page. */
struct advance {
    int64_t pages, failed;
    bool keep;
};
MUST_CHECK
enum err_code held_advance(struct db *db, const struct held *held, const struct advance *by,
                           int64_t now_ms, struct err *err);

/* No page is to come, and none changes any more: the job's extraction begins, or it ends. */
MUST_CHECK
enum err_code pages_end(struct db *db, const struct held *held, int64_t failed_pages,
                        int64_t now_ms, struct err *err);

/* T-finish: the terminal state by what was read, and the money. */
MUST_CHECK
enum err_code job_finish(struct db *db, const struct held *held, int64_t failed_pages,
                         int64_t now_ms, struct err *err);

/* A held task is done. */
MUST_CHECK
enum err_code task_drop(struct db *db, const struct held *held, struct err *err);

/* Terminal state failed: nothing is charged, the tasks go. */
MUST_CHECK
enum err_code job_fail(struct db *db, const char *job_id, const char *team_id,
                       const struct err *why, int64_t now_ms, struct err *err);

/* The message of an error as people may see it. */
const char *job_public_message(const struct err *why);

/* --- bind.c --- */

/* All pages are in: their binding is queued, if it is wanted. */
MUST_CHECK
enum err_code bind_begin(struct db *db, const struct held *held, int64_t now_ms, bool *ret_begun,
                         struct err *err);
/* The held TASK_BIND is over. */
MUST_CHECK
enum err_code bind_end(struct db *db, const struct held *held, int64_t now_ms, struct err *err);

/* --- room.c --- */

/* Most pages of a document of this team. */
MUST_CHECK
enum err_code job_pages_limit(struct db *db, const char *team_id, int64_t *ret, struct err *err);

/* --- pages.c --- */
MUST_CHECK
enum err_code page_store(struct db *db, const char *job_id, const struct job_page *page,
                         int64_t seq, struct err *err);

/* --- extraction.c --- */

/* All pages are in: the job's own extraction is queued. */
MUST_CHECK
enum err_code extraction_begin(struct db *db, const struct held *held, int64_t now_ms,
                               struct err *err);
/* The held task's extraction cannot be done; the job fails with its own. */
MUST_CHECK
enum err_code extraction_failed(struct db *db, const struct held *held, const struct err *why,
                                int64_t now_ms, struct err *err);

/* --- abnormal.c --- */

/* An abnormal end of a held task; backoff: whether a retry waits. */
MUST_CHECK
enum err_code held_failed(struct db *db, const struct held *held, const struct err *why,
                          bool backoff, int64_t now_ms, struct err *err);

/* At most 64 tasks whose lease ran out, each an abnormal end. */
MUST_CHECK
enum err_code queue_reclaim(struct db *db, int64_t now_ms, struct err *err);
