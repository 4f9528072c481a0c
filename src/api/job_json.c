/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/job_json.h"

#include "api/progress.h"
#include "base/clock.h"

const char *
job_stage(const struct job *job)
{
    switch (job->status) {
    case JOB_UPLOADING:
        return "uploading";
    case JOB_QUEUED:
        return "queued";
    case JOB_PROCESSING:
        return job->total_pages > 0 && job->done_pages == job->total_pages ? "extracting"
                                                                           : "reading";
    default:
        return "done";
    }
}

/* What is not known is left out: clients take a null for a value of its type. */
static void
put_text(struct jsonw *w, const char *key, const char *text)
{
    if (text != NULL)
        jsonw_string(w, key, text);
}

static void
put_time(struct jsonw *w, const char *key, int64_t utc_ms)
{
    if (utc_ms != 0)
        jsonw_time(w, key, utc_ms);
}

static void
put_money(struct jsonw *w, const struct job *job)
{
    int64_t price = job->spec.credits_per_page;
    int64_t pages = price > 0 ? job->credits_used / price : 0;

    jsonw_int(w, "credits_used", job->credits_used);
    jsonw_int(w, "base_credits", pages * (price - job->spec.surcharge_per_page));
    jsonw_int(w, "surcharge_credits", pages * job->spec.surcharge_per_page);
}

static void
put_pages(struct jsonw *w, const struct job *job)
{
    jsonw_int(w, "total_pages", job->total_pages);
    jsonw_int(w, "processed_pages", job->done_pages);
    jsonw_int(w, "failed_pages", job->failed_pages);
    jsonw_real(w, "progress", progress_percent(job), 1);
    if (job->confidence >= 0)
        jsonw_real(w, "confidence", job->confidence, 4);
}

static void
put_times(struct jsonw *w, const struct job *job)
{
    int64_t end_ms = job->completed_ms != 0 ? job->completed_ms : clock_utc_ms();

    jsonw_real(w, "duration_seconds", (double)(end_ms - job->created_ms) / 1000, 3);
    jsonw_real(w, "processing_time",
               job->started_ms != 0 ? (double)(end_ms - job->started_ms) / 1000 : 0, 3);
    jsonw_time(w, "created_at", job->created_ms);
    put_time(w, "updated_at", job->updated_ms);
    put_time(w, "completed_at", job->completed_ms);
    put_time(w, "deleted_at", job->deleted_ms);
    jsonw_bool(w, "is_deleted", job->deleted_ms != 0);
}

void
job_put(struct jsonw *w, const char *key, const struct job *job, const struct quirks *quirks)
{
    jsonw_object(w, key);
    jsonw_string(w, "id", job->id);
    jsonw_string(w, "file_name", job->spec.file_name);
    jsonw_string(w, "status", quirks_status(quirks, job->status));
    jsonw_string(w, "stage", job_stage(job));
    put_text(w, "category", job->spec.template_slug);
    jsonw_string(w, "model", job->spec.model);
    jsonw_string(w, "result_format", job_format_name(job->spec.format));
    put_pages(w, job);
    put_money(w, job);
    put_times(w, job);
    put_text(w, "template_id", job->spec.template_id);
    put_text(w, "template_name", job->spec.template_name);
    jsonw_bool(w, "template_internal", job->spec.template_internal);
    put_text(w, "error_message", job->message);
    put_text(w, "reason", job->reason);
    jsonw_end(w);
}
