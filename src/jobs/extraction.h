/* SPDX-License-Identifier: AGPL-3.0-or-later
 * jobs/extraction.h - structured data of a job: asked for, worked on as a task, found again.
 *
 * A job that was submitted for structured data has one extraction of its own, begun by the
 * transaction that files its last page; the job ends with it. Others may be asked for later, from
 * the pages as they were read; they cost nothing and leave the job as it is. All steps run in the
 * caller's transaction. Rows and objects go with the job. */
#pragma once

#include "jobs/jobs.h"

enum {
    EXTRACTIONS_PER_JOB_MAX = 50, /* beyond it the oldest is forgotten */
    EXTRACTIONS_WAITING_MAX = 4   /* of one job at a time */
};

/* EXTRACTION_PDF: not data but the document as a searchable PDF, made by the same steps out of the
 * document and its page trees. A job has at most one. */
enum extraction_kind { EXTRACTION_DATA, EXTRACTION_PDF };

enum extraction_state { EXTRACTION_WAITING, EXTRACTION_DONE, EXTRACTION_FAILED };

/* What is wanted. Strings may be NULL. */
struct extraction_spec {
    enum extraction_kind kind;
    enum job_format format; /* of data: structured or per_page_structured */
    double min_confidence;
    const char *template_slug;
    const char *instructions;
    const char *schema_json;
    const char *set_aside; /* a warning: what the template took the place of */
};

struct extraction {
    char id[UUID_TEXT_SIZE]; /* the job's own id for the one that it was submitted for */
    enum extraction_state state;
    enum job_format format;
    int64_t created_ms, completed_ms;
    int64_t records;
    uint64_t bytes;
    char object_id[OBJECT_ID_SIZE]; /* page/records.h; "" until done */
    const char *reason, *message;   /* failed */
};

/* One more extraction of a finished job, queued. ERR_NOT_FOUND; ERR_CONFLICT for a job that has not
 * ended or of which no page was read; ERR_RATE past EXTRACTIONS_WAITING_MAX. */
MUST_CHECK
enum err_code extraction_submit(struct arena *arena, struct db *db, const char *team_id,
                                const char *job_id, const struct extraction_spec *spec,
                                int64_t now_ms, char ret_id[UUID_TEXT_SIZE], struct err *err);

/* The caller has shown by job_find that the job is his. ERR_NOT_FOUND, also for a searchable PDF.
 */
MUST_CHECK
enum err_code extraction_find(struct arena *arena, struct db *db, const char *job_id,
                              const char *extraction_id, struct extraction *ret, struct err *err);

/* The job's searchable PDF, queued where there is none yet, or where the last one failed for a
 * reason that may have passed. Errors as of extraction_submit. */
MUST_CHECK
enum err_code extraction_submit_searchable(struct arena *arena, struct db *db, const char *team_id,
                                           const char *job_id, int64_t now_ms, struct err *err);
/* ERR_NOT_FOUND where it was not asked for. */
MUST_CHECK
enum err_code extraction_find_searchable(struct arena *arena, struct db *db, const char *job_id,
                                         struct extraction *ret, struct err *err);

/* T-extract: the result of a held TASK_EXTRACT is in the store; the task is gone, and with the
 * job's own extraction the job ends. */
MUST_CHECK
enum err_code task_extracted(struct db *db, const struct task *task, const char *object_id,
                             uint64_t bytes, int64_t records, int64_t now_ms, struct err *err);
