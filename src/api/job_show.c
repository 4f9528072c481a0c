/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/job_show.c - GET .../jobs/{job_id} and .../jobs/{job_id}/status. */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/job_json.h"
#include "api/progress.h"
#include "api/query.h"
#include "base/clock.h"

#include <string.h>

/* Nothing has moved for so long although something should: worth a look by a person. */
static const int64_t stuck_ms = 600000;

static enum err_code
find(struct call *call, struct job *ret, struct err *err)
{
    return job_find(call->arena, call->api->db, call->who.team_id, call->params[0], ret, err);
}

void
job_show(struct call *call)
{
    struct job job;
    struct err err;

    if (find(call, &job, &err) != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct jsonw w = call_json(call);
    job_put(&w, NULL, &job, &call->quirks);
    call_reply_json(call, 200);
}

/* In the words of the workflow engine that the API's first makers have. */
static const char *
workflow_status(const struct job *job)
{
    if (!job_is_terminal(job->status))
        return "RUNNING";
    if (job->status != JOB_FAILED)
        return "COMPLETED";
    switch (err_from_reason(job->reason)) {
    case ERR_CANCELLED:
        return "CANCELED";
    case ERR_DEADLINE:
    case ERR_UPLOAD_EXPIRED:
        return "TIMED_OUT";
    default:
        return "FAILED";
    }
}

static void
put_workflow(struct jsonw *w, const struct job *job)
{
    jsonw_object(w, "workflow_status");
    jsonw_string(w, "status", workflow_status(job));
    jsonw_object(w, "progress");
    jsonw_string(w, "stage", job_stage(job));
    jsonw_real(w, "percentage", progress_percent(job), 1);
    jsonw_string(w, "message", job->message != NULL ? job->message : "");
    jsonw_end(w);
    jsonw_end(w);
}

void
job_status_show(struct call *call)
{
    bool workflow = false;
    struct job job;
    struct err err;

    if (query_bool(http_query(call->http), "include_workflow", false, &workflow, &err) != ERR_OK ||
        find(call, &job, &err) != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    int64_t last_ms = job.updated_ms != 0 ? job.updated_ms : job.created_ms;
    bool works = job.status == JOB_QUEUED || job.status == JOB_PROCESSING;
    struct jsonw w = call_json(call);
    jsonw_object(&w, NULL);
    job_put(&w, "job", &job, &call->quirks);
    jsonw_bool(&w, "is_retryable", job.status == JOB_FAILED);
    jsonw_bool(&w, "estimated_stuck", works && clock_utc_ms() - last_ms > stuck_ms);
    jsonw_time(&w, "last_activity", last_ms);
    if (workflow)
        put_workflow(&w, &job);
    jsonw_end(&w);
    call_reply_json(call, 200);
}
