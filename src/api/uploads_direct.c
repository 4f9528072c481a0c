/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/uploads_direct.c - POST /ocr/uploads/direct with JSON: a job, and URLs to send the file to.
 */
#include "api/base_url.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/replay.h"
#include "api/spec.h"
#include "api/upload_reply.h"
#include "api/wanted.h"
#include "api/work.h"
#include "base/clock.h"

struct submission {
    struct principal who;
    struct job_spec spec;
    struct idempotency request;
    int64_t now_ms;
    struct upload upload;
    bool replayed;
};

static enum err_code
submit(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct submission *s = work->state;
    const struct api_config *config = &work->api->config;
    char job_id[UUID_TEXT_SIZE];
    struct job job;
    enum err_code rc =
        replay_find(work->arena, db, &s->request, s->now_ms, &job, &s->replayed, err);

    if (rc != ERR_OK)
        return rc;
    if (s->replayed) {
        work_audit_nothing(work);
        s->now_ms = job.created_ms;
        rc = upload_of_job(db, job.id, &s->upload, err);
        return rc == ERR_NOT_FOUND
                   ? err_set(err, ERR_CONFLICT,
                             "the upload that was made with this Idempotency-Key has expired")
                   : rc;
    }
    rc = wanted_submit(work->arena, db, &s->who, &s->spec, s->now_ms, err);
    const struct job_room room = {config->team_jobs_max, config->team_bytes_max};
    if (rc == ERR_OK)
        rc = job_check_room(db, s->who.team_id, &room, (int64_t)s->spec.file_bytes, err);
    if (rc == ERR_OK)
        rc = job_submit(db, &s->who, &s->spec, s->now_ms, config->upload_ttl_ms,
                        config->uploads_open_max, job_id, &s->upload, err);
    work_audit_target(work, s->upload.job_id);
    return rc != ERR_OK ? rc : idempotency_add(db, &s->request, job_id, s->now_ms, err);
}

static void
submitted(struct work *work)
{
    const struct submission *s = work->state;

    if (work->call != NULL && work->rc == ERR_OK && s->replayed)
        replay_mark(work->call);
    if (work->call != NULL && work->rc != ERR_OK)
        reply_error(work->call, &work->err);
    else if (work->call != NULL)
        upload_reply(work->call, &(struct upload_reply){.upload = &s->upload,
                                                        .spec = &s->spec,
                                                        .created_ms = s->now_ms});
    work_drop(&work);
}

/* Into the work's arena: the writer reads it when the request may be gone. */
static enum err_code
read_body(struct call *call, struct work *work, struct err *err)
{
    struct submission *s = work->state;
    const struct spec_limits limits = {.file_bytes_max = call->api->config.file_bytes_max,
                                       .catalog = call->api->catalog,
                                       .db = call->api->db,
                                       .team_id = call->who.team_id};
    const char *base;
    json_t *fields = NULL;

    enum err_code rc = json_read(http_body(call->http), &fields, err);
    if (rc == ERR_OK)
        rc = spec_read(work->arena, fields, &limits, &s->spec, err);
    s->spec.trace = call_trace(call, work->arena);
    if (rc == ERR_OK)
        rc = replay_read(call, work->arena, fields, &s->request, err);
    json_decref(fields);
    /* A Host that no URL can be made of is found before there is a job. */
    if (rc == ERR_OK)
        rc = base_url_of(call->arena, call->api->config.public_url, http_field(call->http, "Host"),
                         &base, err);
    return rc;
}

void
uploads_direct(struct call *call)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct submission));

    if (work == NULL)
        return;
    struct submission *s = work->state;
    s->who = call->who;
    s->now_ms = clock_utc_ms();
    /* No promise of room for the file, but no URLs either that are known to lead nowhere. */
    enum err_code rc = read_body(call, work, &err);
    if (rc == ERR_OK)
        rc = store_check_room(call->api->store, s->spec.file_bytes, &err);
    if (rc != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    work_write(work, submit, submitted);
}
