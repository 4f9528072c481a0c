/* SPDX-License-Identifier: AGPL-3.0-or-later
 * jobs/jobs.h - the life of a job, each step one transaction (the caller's; see db_transact).
 *
 *   submit -> uploading -> complete -> queued -> probe -> processing -> completed
 *                                                                       partially_done | failed
 *   failed -> retry -> queued
 * Money moves in the same transactions: reserved at submit, raised at probe, settled at the end. A
 * terminal state changes by a retry alone. An id of another team answers exactly as an unknown one.
 * What this file promises and its failure model: docs/reliability.md. */
#pragma once

#include "account/account.h"
#include "base/arena.h"
#include "base/trace.h"
#include "db/db.h"
#include "jobs/choice.h"
#include "store/upload.h"
#include "store/upload_direct.h"

enum job_status {
    JOB_UPLOADING, /* the API says pending */
    JOB_QUEUED,    /* pending */
    JOB_PROCESSING,
    JOB_COMPLETED,
    JOB_PARTIAL, /* partially_done */
    JOB_FAILED
};

enum job_format { JOB_MARKDOWN, JOB_STRUCTURED, JOB_PER_PAGE_STRUCTURED };

/* What the caller asked for, validated by api/. Strings may be NULL where it says so. */
struct job_spec {
    const char *file_name;
    const char *source_url;   /* NULL: the document is uploaded */
    const char *trace;        /* NULL: none; not read back */
    const char *content_type; /* NULL: not given; never believed, only kept */
    uint64_t file_bytes;      /* 0: not declared */
    enum job_format format;
    const char *model;
    const char *instructions;  /* NULL */
    const char *schema_json;   /* NULL */
    const char *template_slug; /* NULL */
    bool bounding_boxes;
    bool save_as_template;
    int64_t credits_per_page;   /* all of it */
    int64_t surcharge_per_page; /* the part of it that is not the model's own price */
    double min_confidence;      /* extracted values below it are listed for review */
    const char *template_id;    /* NULL */
    const char *template_name;  /* NULL */
    bool template_internal;
};

struct job {
    char id[UUID_TEXT_SIZE];
    char team_id[UUID_TEXT_SIZE];
    enum job_status status;
    struct job_spec spec;
    int64_t total_pages; /* 0 until probed */
    int64_t done_pages;  /* read, well or not */
    int64_t failed_pages;
    int64_t credits_used; /* 0 until the end */
    int64_t round;        /* how often it was begun again */
    double confidence;    /* mean of its pages; below 0: not known (yet) */
    const char *reason;   /* failed: word of the closed list (err.h); else NULL */
    const char *message;  /* failed: for people; else NULL */
    int64_t created_ms, started_ms, updated_ms, completed_ms, deleted_ms; /* 0: not yet */
};

const char *job_status_name(enum job_status status); /* the API's five words */
const char *job_format_name(enum job_format format);
bool job_is_terminal(enum job_status status);

/* T-submit: job, upload and the reservation for one page; ERR_CREDITS. ERR_RATE past open_max
 * unfinished uploads of the team. */
MUST_CHECK
enum err_code job_submit(struct db *db, const struct principal *who, const struct job_spec *spec,
                         int64_t now_ms, int64_t upload_ttl_ms, int64_t open_max,
                         char ret_id[UUID_TEXT_SIZE], struct upload *ret_upload, struct err *err);

/* What a team may have in work; 0: no limit. A team's own limits (account/settings.h) go before. */
struct job_room {
    int64_t jobs_max, bytes_max;
};
/* ERR_RATE where one more job with so many bytes would be too much. Before job_submit, in its
 * transaction. */
MUST_CHECK
enum err_code job_check_room(struct db *db, const char *team_id, const struct job_room *server,
                             int64_t bytes, struct err *err);

/* T-submit of a document at spec->source_url: job queued, its fetch, and the reservation for one
 * page; ERR_CREDITS. ERR_RATE past open_max documents of the team that wait to be fetched. */
MUST_CHECK
enum err_code job_submit_url(struct db *db, const struct principal *who,
                             const struct job_spec *spec, int64_t now_ms, int64_t open_max,
                             char ret_id[UUID_TEXT_SIZE], struct err *err);

/* Reads only; ERR_NOT_FOUND also for another team's and for a deleted one. */
MUST_CHECK
enum err_code job_find(struct arena *arena, struct db *db, const char *team_id, const char *job_id,
                       struct job *ret, struct err *err);

/* The same, of its state alone. */
MUST_CHECK
enum err_code job_has_ended(struct db *db, const char *team_id, const char *job_id, bool *ret,
                            struct err *err);

/* What a list of jobs may be narrowed to. */
struct job_filter {
    int status;              /* an enum job_status (JOB_UPLOADING: pending); -1: any */
    int format;              /* an enum job_format; -1: any */
    const char *model;       /* NULL: any */
    const char *template_id; /* NULL: any */
    bool with_deleted;
};

/* Whether an index has the list in order under its filter: its cost is then that of its rows. Under
 * several filters, or one over deleted jobs too, rows are looked at until enough fit. */
bool job_list_is_quick(const struct job_filter *filter);

/* Jobs of the team, newest first, from behind (before_ms, before_id) on; at most max (1..
 * JOB_LIST_MAX). Where it is quick any page costs the same: order and place come from an index. */
MUST_CHECK
enum err_code job_list(struct arena *arena, struct db *db, const char *team_id,
                       const struct job_filter *filter, int64_t before_ms, const char *before_id,
                       int64_t max, struct job **ret, size_t *ret_n, struct err *err);
/* How many the list has in all. */
MUST_CHECK
enum err_code job_count(struct db *db, const char *team_id, const struct job_filter *filter,
                        int64_t *ret, struct err *err);

/* T-complete: upload_seal, then the probe task. Repeatable (see upload_seal), also after the end of
 * the job. ERR_CONFLICT for another list of parts, or once job_sweep has failed the job. */
MUST_CHECK
enum err_code job_complete(struct db *db, const char *team_id, const char *job_id,
                           const struct upload_claim *claims, size_t n, int64_t now_ms,
                           struct err *err);

/* The same where the parts went to the S3 service, in three steps with the service's between them:
 * job_complete_close; store_upload_finish; job_complete_end, which is T-complete. All repeatable.
 * The upload tells which of the two ways it is (object_id). Errors as above. */
struct job_completion {
    const char *team_id, *job_id;
    const struct upload_claim *claims;
    size_t n;
    struct upload_came came; /* of store_upload_parts */
    uint64_t max_bytes;
};
MUST_CHECK
enum err_code job_upload(struct db *db, const char *team_id, const char *job_id, struct upload *ret,
                         struct err *err);
MUST_CHECK
enum err_code job_complete_close(struct arena *arena, struct db *db, const struct job_completion *c,
                                 struct store_part **ret_parts, size_t *ret_n, struct err *err);
/* The service did not take the list: it can be given again. */
MUST_CHECK
enum err_code job_complete_refused(struct db *db, const struct job_completion *c, struct err *err);
MUST_CHECK
enum err_code job_complete_end(struct db *db, const struct job_completion *c, int64_t now_ms,
                               struct err *err);

/* T-delete: row redacted and marked, pages and tasks gone, money released (nothing is charged for a
 * job that had not ended), late workers refused. Ids of the objects to remove from the store after
 * the commit. ERR_NOT_FOUND the second time. */
MUST_CHECK
enum err_code job_remove(struct arena *arena, struct db *db, const char *team_id,
                         const char *job_id, int64_t now_ms, char (**ret_ids)[OBJECT_ID_SIZE],
                         size_t *ret_n, struct err *err);

/* T-cancel: the job fails with reason cancelled, its tasks are gone, money is released; an upload
 * in progress is closed. Ids of the objects to remove after the commit. ERR_CONFLICT for one that
 * has ended. */
MUST_CHECK
enum err_code job_cancel(struct arena *arena, struct db *db, const char *team_id,
                         const char *job_id, int64_t now_ms, char (**ret_ids)[OBJECT_ID_SIZE],
                         size_t *ret_n, struct err *err);

/* T-retry: a failed job is read again from its document, reserved for anew. Ids of objects of its
 * earlier pages, to remove after the commit. ERR_CONFLICT for one that has not failed, or whose
 * file is not there; ERR_CREDITS. */
MUST_CHECK
enum err_code job_retry(struct arena *arena, struct db *db, const char *team_id, const char *job_id,
                        int64_t now_ms, char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n,
                        struct err *err);

/* Milliseconds that a page took on average in what ended last, over all teams; 0: nothing did. */
MUST_CHECK
enum err_code job_pace(struct db *db, int64_t *ret_ms, struct err *err);

/* --- pages of a result --- */
struct job_page {
    char id[UUID_TEXT_SIZE]; /* derived from job and number: the same at every reading */
    int64_t number;          /* from 1 */
    int64_t seq;             /* from 1 without gaps: the how-manieth of the job that came in */
    const char *reason;      /* NULL: read; else why not (closed list) */
    const char *message;
    double confidence; /* 0..1 */
    int64_t width_px, height_px;
    /* Where the page lies in an object of the store: markdown then tree (page/codec.h). */
    char object_id[OBJECT_ID_SIZE];
    uint64_t offset;
    uint32_t markdown_bytes;
    uint32_t tree_bytes;
};
/* Pages first..first+count-1 (numbers from 1), those that are there, in order. count is cut to
 * JOB_PAGE_LIST_MAX. The caller has shown by job_find that the job is his. */
MUST_CHECK
enum err_code job_pages(struct arena *arena, struct db *db, const char *job_id, int64_t first,
                        int64_t count, struct job_page **ret, size_t *ret_n, struct err *err);

/* Pages that came in after the seq-th, in that order, at most count. */
MUST_CHECK
enum err_code job_pages_since(struct arena *arena, struct db *db, const char *job_id, int64_t seq,
                              int64_t count, struct job_page **ret, size_t *ret_n, struct err *err);

/* --- tasks: the unit of work, claimed with a lease and a fencing token --- */
enum task_kind { TASK_PROBE, TASK_PAGES, TASK_EXTRACT, TASK_BIND };

struct task {
    int64_t id;
    int64_t token; /* larger at each claim; every later step checks it */
    enum task_kind kind;
    char job_id[UUID_TEXT_SIZE];
    char team_id[UUID_TEXT_SIZE];
    char trace[TRACE_SIZE]; /* of the job's request */
    int64_t page_from;      /* from 0 */
    int64_t page_to;        /* one past the last */
    int64_t attempt;        /* of page_from (or of the probe), from 1 */
    int64_t lease_until_ms; /* UTC */
    /* What the reader has to know. */
    char object_id[OBJECT_ID_SIZE]; /* the joined document; "" before the probe has joined it */
    const char *model;
    enum job_format format;
    bool bounding_boxes;
    int64_t total_pages;
    /* Of a TASK_EXTRACT, whose format is the extraction's; see jobs/extraction.h. */
    char extraction_id[UUID_TEXT_SIZE];
    bool searchable;                                        /* writes the document as a PDF */
    const char *schema_json, *instructions, *template_slug; /* NULL */
    double min_confidence;
};

enum {
    TASK_ATTEMPTS_MAX = 3,
    TASK_CRASHES_PER_JOB_MAX = 12,
    JOB_PAGES_MAX = 100000,   /* a backstop behind the reader's own limit */
    JOB_PAGE_LIST_MAX = 1000, /* of one job_pages */
    JOB_LIST_MAX = 101,       /* of one job_list: a page of 100, and whether there is more */
    JOB_SWEEP_MAX = 100,      /* of one job_sweep */
    JOB_UPLOAD_GRACE_MS = 3600 * 1000 /* a PUT begun before the end may still finish */
};

/* T-claim: the next task in fair order: the team with the fewest pages in flight first, then the
 * one that waits longest; within a team the one whose job was completed first, where each page of a
 * document counts as a second later than the page before it, so that a long document does not block
 * a short one behind it. ERR_NOT_FOUND if there is none due, with the time of the next in
 * *ret_next_due_ms (0: none); then nothing was written. A task whose lease ran out is an abnormal
 * end (reader_crashed) and due again at once. owner names the runner's incarnation. */
MUST_CHECK
enum err_code task_claim(struct arena *arena, struct db *db, const char *owner, int64_t now_ms,
                         int64_t lease_ms, struct task *ret, int64_t *ret_next_due_ms,
                         struct err *err);

/* Who claims, and what he takes. */
struct task_claimer {
    const char *owner;
    const struct task_choice *choice; /* NULL: all */
    int64_t now_ms, lease_ms;
};
/* The same, of the tasks that this runner takes. Where models or teams are chosen, *ret_next_due_ms
 * is 0: it has to look now and then. */
MUST_CHECK
enum err_code task_claim_chosen(struct arena *arena, struct db *db,
                                const struct task_claimer *claimer, struct task *ret,
                                int64_t *ret_next_due_ms, struct err *err);
/* The same where many runners share a database: in transactions of its own, each of one team. A
 * task of which the lease ran out is taken back, and claimed at a later call. */
MUST_CHECK
enum err_code task_claim_shared(struct arena *arena, struct db *db,
                                const struct task_claimer *claimer, struct task *ret,
                                int64_t *ret_next_due_ms, struct err *err);
/* ERR_STALE if the token is no longer the newest, the lease was lost to another claim, or the job
 * has ended or was deleted; so for every step below. A lease that ran out but was not claimed by
 * anybody else is still good. */
MUST_CHECK
enum err_code task_extend(struct db *db, const struct task *task, int64_t now_ms, int64_t lease_ms,
                          struct err *err);
/* Whether the task is still its holder's to work on. Reads only. */
MUST_CHECK
enum err_code task_is_held(struct db *db, const struct task *task, bool *ret_held, struct err *err);
/* Gives a task back untouched (shutdown): no attempt is burnt. */
MUST_CHECK
enum err_code task_release(struct db *db, const struct task *task, struct err *err);
/* At start, under the data folder's lock: tasks that others than owner left claimed are due at
 * once. That the process ended says little about the page: the attempt does not count, but the
 * job's abnormal ends do, so that a document that brings down runners fails with reader_crashed at
 * TASK_CRASHES_PER_JOB_MAX. */
MUST_CHECK
enum err_code task_recover(struct db *db, const char *owner, int64_t now_ms, int64_t *ret_count,
                           struct err *err);

/* The same at the start of one node among several: what owner, its runner before, left claimed. */
MUST_CHECK
enum err_code task_recover_of(struct db *db, const char *owner, int64_t now_ms, int64_t *ret_count,
                              struct err *err);

/* The joined document, before the probe is read (repeatable). ret_old: parts' objects, or an
 * earlier join, to remove after the commit. */
MUST_CHECK
enum err_code task_document(struct arena *arena, struct db *db, const struct task *task,
                            const char *object_id, char (**ret_old)[OBJECT_ID_SIZE], size_t *ret_n,
                            struct err *err);

/* T-probe: page count known: reservation raised to pages x price, or the job fails with
 * less_credits; page tasks of batch_pages each queued; status processing. 0 pages: the job fails
 * with unreadable_document; more than JOB_PAGES_MAX: with too_many_pages. OK in all these cases:
 * the step is done and the task gone. */
MUST_CHECK
enum err_code task_probed(struct db *db, const struct task *task, int64_t pages,
                          int64_t batch_pages, int64_t now_ms, struct err *err);

/* In the transaction of task_probed, behind it: when all pages are in, and before the job ends or
 * its extraction begins, a TASK_BIND is queued. Nothing happens for a document of one page. */
MUST_CHECK
enum err_code task_wants_binding(struct db *db, const struct task *task, struct err *err);

/* T-page: the next pages of this task (any number, in order, without gaps; those that were told
 * before are skipped, so that the step can be repeated), progress up, page_from moved past them and
 * attempt back to 1. A page with a reason counts as failed. The task is gone when its last page is
 * in; when the last page of the job is in: T-finish (terminal state, money settled: price x pages
 * read). ERR_INPUT for pages that are not the next ones. */
MUST_CHECK
enum err_code task_pages_done(struct db *db, struct task *task, const struct job_page *pages,
                              size_t n, int64_t now_ms, struct err *err);

/* T-bind: what the pages tell about each other. The given ones, each read before, lie in the store
 * anew; the task is gone, and the job goes on as after its last page. ret_old: objects that no page
 * points to any more, to remove after the commit. */
MUST_CHECK
enum err_code task_bound(struct arena *arena, struct db *db, const struct task *task,
                         const struct job_page *pages, size_t n, int64_t now_ms,
                         char (**ret_old)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err);

/* The task ended abnormally at page_from (probe: at the document). why: code and message. Retryable
 * codes: due again after a back-off, up to TASK_ATTEMPTS_MAX, or fewer when the job as a whole has
 * had TASK_CRASHES_PER_JOB_MAX abnormal ends; then, and at once for codes that are not, that page
 * fails with the reason (probe: the job fails; extraction: that fails, and with its own the job;
 * binding: the pages stay as they are)
 * and the rest of the task is due again at once. The
 * task is not held any more after OK. A message of ERR_SYSTEM is not kept: people see these. */
MUST_CHECK
enum err_code task_failed(struct db *db, struct task *task, const struct err *why, int64_t now_ms,
                          struct err *err);

/* --- documents that are fetched from URLs: jobs/fetch.c --- */
enum {
    FETCH_ATTEMPTS_MAX = 5,
    FETCH_TEAM_MAX = 6, /* of one team under way: fewer than a runner has room for */
};

struct fetch {
    char job_id[UUID_TEXT_SIZE];
    int64_t attempt; /* from 1; the fencing token too */
    const char *url;
    char trace[TRACE_SIZE];
};

/* At most max documents that are due, each with a lease: of the team with the fewest under way, and
 * of those the one that has waited longest, so that nobody waits for the slow servers of another
 * team. ERR_NOT_FOUND if there is none. *ret_next_due_ms: the time of the next (0: none). */
MUST_CHECK
enum err_code fetch_claim(struct arena *arena, struct db *db, int64_t now_ms, int64_t lease_ms,
                          struct fetch *ret, size_t max, size_t *ret_n, int64_t *ret_next_due_ms,
                          struct err *err);
/* ERR_STALE if another claim came or the job has ended; so for the two below. */
MUST_CHECK
enum err_code fetch_extend(struct db *db, const struct fetch *fetch, int64_t now_ms,
                           int64_t lease_ms, struct err *err);
/* The document is durable in the store: its probe is queued. */
MUST_CHECK
enum err_code fetch_done(struct db *db, const struct fetch *fetch, const char *object_id,
                         uint64_t size, int64_t now_ms, struct err *err);
/* Retryable codes: due again after a back-off of seconds to minutes, FETCH_ATTEMPTS_MAX in all;
 * then, and at once for codes that are not, the job fails with the reason. */
MUST_CHECK
enum err_code fetch_failed(struct db *db, const struct fetch *fetch, const struct err *why,
                           int64_t now_ms, struct err *err);
/* Gives it back untouched: no attempt is burnt. */
MUST_CHECK
enum err_code fetch_release(struct db *db, const struct fetch *fetch, int64_t now_ms,
                            struct err *err);
/* At start, under the data folder's lock: what others left claimed is due at once. */
MUST_CHECK
enum err_code fetch_recover(struct db *db, int64_t now_ms, struct err *err);

/* What time alone brings about: fails jobs whose upload was not completed JOB_UPLOAD_GRACE_MS after
 * its end (at most JOB_SWEEP_MAX at a call; ret_ids: objects to remove after the commit), and ends
 * tasks whose lease ran out, as task_claim does (which cannot where nothing is left to claim
 * afterwards). After the clock was set back it makes due what waits for the time taken back. To be
 * called every few seconds by one process. */
MUST_CHECK
enum err_code job_sweep(struct arena *arena, struct db *db, int64_t now_ms,
                        char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err);

/* Whether a row still needs this object of the store; an object older than the longest upload and
 * batch that nobody needs is garbage of a crash. */
MUST_CHECK
enum err_code job_needs_object(struct db *db, const char *object_id, bool *ret_needed,
                               struct err *err);

/* Documents that are to come from URLs. */
struct fetch_counts {
    int64_t waiting, running;
    int64_t oldest_due_ms; /* of those that wait; 0: none does */
};
MUST_CHECK
enum err_code fetch_counts(struct db *db, struct fetch_counts *ret, struct err *err);

struct job_counts {
    int64_t queued_tasks, running_tasks;
    int64_t oldest_due_ms; /* 0: none waits */
};
MUST_CHECK
enum err_code job_counts(struct db *db, struct job_counts *ret, struct err *err);
