/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/status.c - GET /ocr/status/{job_id}: the request that clients send most, so it allocates
 * nothing outside the request's arena and waits for no other thread. With ?wait=SECONDS it is
 * answered when the job has ended, or when that time is over. */
#include "api/status.h"

#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/progress.h"
#include "api/query.h"
#include "api/watch.h"
#include "base/clock.h"

#include <string.h>

enum { WAIT_MAX_S = 60 };

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

static void
put_estimate(struct call *call, struct jsonw *w, const struct job *job, int64_t now_ms)
{
    int64_t left = progress_left(call->api, job, now_ms);

    if (left < 0 || job_is_terminal(job->status)) {
        jsonw_null(w, "estimated_completion");
        return;
    }
    jsonw_time(w, "estimated_completion", now_ms + left * 1000);
    jsonw_int(w, "eta_seconds", left);
}

void
status_put(struct call *call, struct jsonw *w, const struct job *job)
{
    double percent = progress_percent(job);
    int64_t now_ms = clock_utc_ms();

    jsonw_object(w, NULL);
    jsonw_string(w, "id", job->id);
    jsonw_string(w, "job_id", job->id);
    jsonw_string(w, "status", quirks_status(&call->quirks, job->status));
    jsonw_string(w, "file_name", job->spec.file_name);
    jsonw_string(w, "result_format", job_format_name(job->spec.format));
    jsonw_string(w, "model", job->spec.model);
    jsonw_int(w, "processed_pages", job->done_pages);
    jsonw_int(w, "failed_pages", job->failed_pages);
    jsonw_int(w, "total_pages", job->total_pages);
    jsonw_real(w, "progress", percent, 1);
    jsonw_real(w, "progress_percentage", percent, 1);
    put_estimate(call, w, job, now_ms);
    jsonw_int(w, "processing_time", progress_seconds(job, now_ms));
    jsonw_time(w, "created_at", job->created_ms);
    jsonw_time(w, "updated_at", job->updated_ms != 0 ? job->updated_ms : job->created_ms);
    jsonw_time(w, "completed_at", job->completed_ms);
    jsonw_string(w, "template_name", job->spec.template_name);
    jsonw_bool(w, "template_internal", job->spec.template_internal);
    put_error(w, job);
    jsonw_end(w);
}

static enum err_code
find(struct call *call, struct job *ret, struct err *err)
{
    return job_find(call->arena, call->api->db, call->who.team_id, call->params[0], ret, err);
}

static void
reply(struct call *call, const struct job *job)
{
    struct jsonw w = call_json(call);

    status_put(call, &w, job);
    call_reply_json(call, 200);
}

/* --- who waits --- */

static void
reply_now(struct watch *watch)
{
    struct call *call = watch->call;
    struct job job;
    struct err err;

    if (find(call, &job, &err) != ERR_OK)
        reply_error(call, &err);
    else
        reply(call, &job);
}

/* The job's texts pile up in the request's arena at each look: it is asked for its state alone. */
static void
look(struct watch *watch)
{
    struct call *call = watch->call;
    struct err err;
    bool ended = false;

    if (job_has_ended(call->api->db, call->who.team_id, watch->job_id, &ended, &err) != ERR_OK)
        reply_error(call, &err);
    else if (ended)
        reply_now(watch);
}

static void
wait_for(struct call *call, const struct job *job, int64_t seconds)
{
    struct err err;
    struct watch *watch = arena_alloc(call->arena, sizeof(*watch));

    if (watch == NULL) {
        err_set(&err, ERR_UNAVAILABLE, "no memory to wait");
        reply_error(call, &err);
        return;
    }
    *watch = (struct watch){.call = call,
                            .due_ms = clock_mono_ms() + seconds * 1000,
                            .on_change = look,
                            .on_due = reply_now,
                            .on_stop = reply_now};
    memcpy(watch->job_id, job->id, sizeof(watch->job_id));
    if (watch_add(watch, &err) != ERR_OK)
        reply_error(call, &err);
}

void
status_show(struct call *call)
{
    int64_t wait = 0;
    struct job job;
    struct err err;

    if (query_int(http_query(call->http), "wait", 0, WAIT_MAX_S, 0, &wait, &err) != ERR_OK ||
        find(call, &job, &err) != ERR_OK)
        reply_error(call, &err);
    else if (wait > 0 && !job_is_terminal(job.status))
        wait_for(call, &job, wait);
    else
        reply(call, &job);
}
