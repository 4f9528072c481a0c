/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/uploads_direct.c - POST /ocr/uploads/direct with JSON: a job, and URLs to send the file to,
 * here or, where objects lie there, to the S3 service. */
#include "api/base_url.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/replay.h"
#include "api/spec.h"
#include "api/upload_reply.h"
#include "api/wanted.h"
#include "api/work.h"
#include "base/clock.h"

enum { URL_SCRATCH_BYTES = 256 << 10, URLS_BYTES = 8 << 20 };

struct submission {
    struct principal who;
    struct job_spec spec;
    struct idempotency request;
    int64_t now_ms;
    struct upload upload;
    bool replayed;
    /* Where parts go to the S3 service: what it has begun for this submission. */
    char object_id[OBJECT_ID_SIZE];
    char remote_id[STORE_REMOTE_SIZE];
    struct err refused; /* why the submission failed all the same */
    struct arena *url_arena;
    const char **urls;
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
    if (rc == ERR_OK && s->object_id[0] != '\0')
        rc = upload_send_to(db, &s->upload, s->object_id, s->remote_id, err);
    work_audit_target(work, s->upload.job_id);
    return rc != ERR_OK ? rc : idempotency_add(db, &s->request, job_id, s->now_ms, err);
}

static void
reply(struct call *call, const void *state)
{
    const struct submission *s = state;

    if (s->replayed)
        replay_mark(call);
    upload_reply(call, &(struct upload_reply){.upload = &s->upload,
                                              .spec = &s->spec,
                                              .created_ms = s->now_ms,
                                              .urls = s->urls});
}

static void
answer(struct work *work)
{
    work_answer(work, reply);
}

/* --- parts that go to the S3 service --- */

static enum err_code
make_url(struct store *store, struct submission *s, uint32_t number, struct err *err)
{
    struct arena *scratch = arena_new(URL_SCRATCH_BYTES);
    int64_t life_s = (s->upload.expires_ms - s->now_ms) / 1000; /* it ends with the upload */
    const char *url = NULL;
    enum err_code rc =
        scratch == NULL ? err_set(err, ERR_MEMORY, "no memory to sign a URL") : ERR_OK;

    if (rc == ERR_OK)
        rc = store_upload_url(store, scratch, s->upload.object_id, s->upload.remote_id, number,
                              s->now_ms, life_s < 1 ? 1 : life_s, &url, err);
    if (rc == ERR_OK && (s->urls[number - 1] = arena_strdup(s->url_arena, url)) == NULL)
        rc = err_set(err, ERR_LIMIT, "the URLs of an upload are too long");
    arena_drop(&scratch);
    return rc;
}

/* Also gives up what was begun and is not of use: the submission was refused, or made before. */
static enum err_code
make_urls(struct work *work, struct err *err)
{
    struct submission *s = work->state;
    struct store *store = work->api->store;
    struct err ignored; /* the collector of uploads finds it */
    enum err_code rc = ERR_OK;

    if ((s->refused.code != ERR_OK || s->replayed) &&
        store_upload_abort(store, s->object_id, s->remote_id, &ignored) != ERR_OK)
        s->object_id[0] = '\0';
    if (s->refused.code != ERR_OK)
        return err_set(err, s->refused.code, "%s", s->refused.msg);
    if (s->upload.object_id[0] == '\0')
        return ERR_OK;
    s->url_arena = arena_new(URLS_BYTES);
    if (s->url_arena != NULL)
        s->urls = arena_array(s->url_arena, s->upload.part_count, sizeof(*s->urls));
    if (s->urls == NULL)
        return err_set(err, ERR_UNAVAILABLE, "no memory for the URLs of an upload");
    for (uint32_t number = 1; rc == ERR_OK && number <= s->upload.part_count; number++)
        rc = make_url(store, s, number, err);
    return rc;
}

static void
drop_urls(struct work *work)
{
    arena_drop(&((struct submission *)work->state)->url_arena);
}

static void
submitted(struct work *work)
{
    struct submission *s = work->state;

    if (s->object_id[0] == '\0') {
        answer(work);
        return;
    }
    s->refused = work->rc != ERR_OK ? work->err : (struct err){.code = ERR_OK};
    work_io(work, make_urls, answer);
}

static enum err_code
begin_upload(struct work *work, struct err *err)
{
    struct submission *s = work->state;

    return store_upload_begin(work->api->store, s->object_id, s->remote_id, err);
}

static void
begun(struct work *work)
{
    struct submission *s = work->state;

    if (work->rc == ERR_OK && work->call != NULL && !work->api->closing) {
        work_write_for_team(work, submit, submitted);
        return;
    }
    if (work->rc != ERR_OK)
        s->object_id[0] = '\0';
    answer(work); /* nobody to answer: the collector of uploads finds it */
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
    bool remote = store_is_remote(call->api->store);
    if (rc == ERR_OK && !remote)
        rc = store_check_room(call->api->store, s->spec.file_bytes, &err);
    if (rc != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    work->on_drop = drop_urls;
    if (remote)
        work_io(work, begin_upload, begun);
    else
        work_write_for_team(work, submit, submitted);
}
