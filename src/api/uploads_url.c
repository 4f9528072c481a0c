/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/uploads_url.c - POST /ocr/uploads/url: a job whose document is fetched. What can be said
 * against the URL without asking anybody is said at once; the rest becomes the job's reason. */
#include "api/errors.h"
#include "api/handlers.h"
#include "api/replay.h"
#include "api/spec.h"
#include "api/wanted.h"
#include "api/work.h"
#include "base/clock.h"

#include <string.h>

struct url_submission {
    struct principal who;
    struct job_spec spec;
    struct idempotency request;
    int64_t now_ms;
    char job_id[UUID_TEXT_SIZE];
    bool replayed;
};

static enum err_code
submit(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct url_submission *s = work->state;
    struct job job;
    enum err_code rc =
        replay_find(work->arena, db, &s->request, s->now_ms, &job, &s->replayed, err);

    if (rc != ERR_OK)
        return rc;
    if (s->replayed) {
        work_audit_nothing(work);
        memcpy(s->job_id, job.id, sizeof(s->job_id));
        s->now_ms = job.created_ms;
        return ERR_OK;
    }
    const struct api_config *config = &work->api->config;
    const struct job_room room = {config->team_jobs_max, config->team_bytes_max};
    rc = wanted_submit(work->arena, db, &s->who, &s->spec, s->now_ms, err);
    if (rc == ERR_OK)
        rc = job_check_room(db, s->who.team_id, &room, 0, err);
    if (rc == ERR_OK)
        rc = job_submit_url(db, &s->who, &s->spec, s->now_ms, config->uploads_open_max, s->job_id,
                            err);
    work_audit_target(work, s->job_id);
    return rc != ERR_OK ? rc : idempotency_add(db, &s->request, s->job_id, s->now_ms, err);
}

static void
reply(struct call *call, const void *state)
{
    const struct url_submission *s = state;
    struct jsonw w = call_json(call);

    if (s->replayed)
        replay_mark(call);
    else
        call_note_job(call, s->job_id);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "job_id", s->job_id);
    jsonw_string(&w, "status", job_status_name(JOB_QUEUED));
    if (!call->quirks.no_created_at)
        jsonw_time(&w, "created_at", s->now_ms);
    jsonw_string(&w, "source_url", s->spec.source_url);
    jsonw_end(&w);
    call_reply_json(call, 200);
}

static void
submitted(struct work *work)
{
    work_answer(work, reply);
}

static enum err_code
read_body(struct call *call, struct work *work, struct err *err)
{
    struct url_submission *s = work->state;
    const struct spec_limits limits = {.is_url = true,
                                       .db = work->api->db,
                                       .catalog = work->api->catalog,
                                       .team_id = s->who.team_id};
    json_t *fields = NULL;
    struct url url;
    enum err_code rc = json_read(http_body(call->http), &fields, err);

    if (rc == ERR_OK)
        rc = spec_read(work->arena, fields, &limits, &s->spec, err);
    s->spec.trace = call_trace(call, work->arena);
    if (rc == ERR_OK)
        rc = url_parse(s->spec.source_url, &url, err);
    if (rc == ERR_OK)
        rc = netpolicy_check_url(&call->api->policy, &url, err);
    if (rc == ERR_OK)
        rc = replay_read(call, work->arena, fields, &s->request, err);
    json_decref(fields);
    return rc;
}

void
uploads_url(struct call *call)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct url_submission));

    if (work == NULL)
        return;
    struct url_submission *s = work->state;
    s->who = call->who;
    s->now_ms = clock_utc_ms();
    if (read_body(call, work, &err) != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    work->wakes = true;
    work_write_for_team(work, submit, submitted);
}
