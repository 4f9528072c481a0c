/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/status.c - GET /ocr/status/{job_id}: the request that clients send most, so it allocates
 * nothing outside the request's arena and waits for no other thread. */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/progress.h"
#include "base/clock.h"

static void
put_error(struct jsonw *w, const struct job *job)
{
    jsonw_string(w, "error_message", job->message);
    if (job->status != JOB_FAILED)
        return;
    jsonw_object(w, "error");
    jsonw_string(w, "code", err_api_code(err_from_reason(job->reason)));
    jsonw_string(w, "reason", job->reason);
    jsonw_string(w, "message", job->message);
    jsonw_end(w);
}

void
status_show(struct call *call)
{
    struct job job;
    struct err err;

    if (job_find(call->arena, call->api->db, call->who.team_id, call->params[0], &job, &err) !=
        ERR_OK) {
        reply_error(call, &err);
        return;
    }
    double percent = progress_percent(&job);
    struct jsonw w = call_json(call);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "id", job.id);
    jsonw_string(&w, "job_id", job.id);
    jsonw_string(&w, "status", quirks_status(&call->quirks, job.status));
    jsonw_string(&w, "file_name", job.spec.file_name);
    jsonw_string(&w, "result_format", job_format_name(job.spec.format));
    jsonw_string(&w, "model", job.spec.model);
    jsonw_int(&w, "processed_pages", job.done_pages);
    jsonw_int(&w, "failed_pages", job.failed_pages);
    jsonw_int(&w, "total_pages", job.total_pages);
    jsonw_real(&w, "progress", percent, 1);
    jsonw_real(&w, "progress_percentage", percent, 1);
    jsonw_int(&w, "processing_time", progress_seconds(&job, clock_utc_ms()));
    jsonw_time(&w, "created_at", job.created_ms);
    jsonw_time(&w, "updated_at", job.updated_ms != 0 ? job.updated_ms : job.created_ms);
    jsonw_time(&w, "completed_at", job.completed_ms);
    jsonw_null(&w, "template_name");
    jsonw_bool(&w, "template_internal", false);
    put_error(&w, &job);
    jsonw_end(&w);
    call_reply_json(call, 200);
}
