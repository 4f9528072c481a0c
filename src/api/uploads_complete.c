/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/uploads_complete.c - POST /ocr/uploads/{job_id}/complete: seals the parts, queues the job.
 * The same list again is answered the same way, however far the job has come. */
#include "api/call.h"
#include "api/completion.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "base/json.h"

#include <string.h>

static enum err_code
complete(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct completion *c = work->state;
    enum err_code rc = job_complete(db, c->team_id, c->job_id, c->claims, c->n, c->now_ms, err);

    if (rc == ERR_OK)
        rc = job_find(work->arena, db, c->team_id, c->job_id, &c->job, err);
    return rc;
}

static void
reply(struct call *call, const void *state)
{
    const struct completion *c = state;
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_string(&w, "job_id", c->job.id);
    jsonw_string(&w, "status", job_status_name(JOB_QUEUED));
    if (!call->quirks.no_created_at)
        jsonw_time(&w, "created_at", c->job.created_ms);
    jsonw_string(&w, "message", "Upload complete, the document is queued");
    jsonw_end(&w);
    call_reply_json(call, 200);
}

static void
completed(struct work *work)
{
    work_answer(work, reply);
}

static enum err_code
read_claim(struct arena *arena, const json_t *entry, size_t i, struct upload_claim *ret,
           struct err *err)
{
    const json_t *number = json_object_get(entry, "part_number");
    const json_t *etag = json_object_get(entry, "etag");

    if (!json_is_object(entry))
        return err_set(err, ERR_INPUT, "'parts[%zu]' must be an object", i);
    if (!json_is_integer(number) || json_integer_value(number) < 1 ||
        json_integer_value(number) > UPLOAD_PARTS_MAX)
        return err_set(err, ERR_INPUT,
                       "'parts[%zu].part_number' must be a whole number from 1 to %d", i,
                       UPLOAD_PARTS_MAX);
    if (!json_is_string(etag) || json_string_length(etag) == 0)
        return err_set(err, ERR_INPUT,
                       "'parts[%zu].etag' must be the ETag that the upload of the part returned",
                       i);
    ret->number = json_integer_value(number);
    ret->etag = arena_strndup(arena, json_string_value(etag), json_string_length(etag));
    return ret->etag != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "'parts' is too large");
}

static enum err_code
read_claims(struct work *work, const json_t *body, struct err *err)
{
    struct completion *c = work->state;
    const json_t *parts = json_object_get(body, "parts");
    enum err_code rc = ERR_OK;

    if (!json_is_object(body))
        return err_set(err, ERR_INPUT, "the body must be a JSON object");
    if (!json_is_array(parts) || json_array_size(parts) == 0)
        return err_set(err, ERR_INPUT, "'parts' must be a list of all parts");
    c->n = json_array_size(parts);
    if (c->n > UPLOAD_PARTS_MAX)
        return err_set(err, ERR_INPUT, "'parts' has %zu entries, limit %d", c->n, UPLOAD_PARTS_MAX);
    c->claims = arena_array(work->arena, c->n, sizeof(*c->claims));
    if (c->claims == NULL)
        return err_set(err, ERR_LIMIT, "'parts' is too large");
    for (size_t i = 0; i < c->n && rc == ERR_OK; i++)
        rc = read_claim(work->arena, json_array_get(parts, i), i, &c->claims[i], err);
    return rc;
}

/* One that is sealed is compared with the list, wherever its parts went. */
static void
begin(struct work *work)
{
    struct completion *c = work->state;
    struct call *call = work->call;
    struct err err;

    if (store_is_remote(work->api->store)) {
        if (job_upload(work->api->db, c->team_id, c->job_id, &c->upload, &err) != ERR_OK) {
            work_drop(&work);
            reply_error(call, &err);
            return;
        }
        if (c->upload.object_id[0] != '\0' && c->upload.state != UPLOAD_SEALED) {
            completion_direct(work, completed);
            return;
        }
    }
    work->wakes = true;
    work_write_for_team(work, complete, completed);
}

void
uploads_complete(struct call *call)
{
    struct err err;
    json_t *body = NULL;
    struct work *work = work_begin(call, sizeof(struct completion));

    if (work == NULL)
        return;
    struct completion *c = work->state;
    *c = (struct completion){.now_ms = clock_utc_ms()};
    memcpy(c->team_id, call->who.team_id, sizeof(c->team_id));
    c->job_id = arena_strdup(work->arena, call->params[0]);
    enum err_code rc = json_read(http_body(call->http), &body, &err);
    if (rc == ERR_OK)
        rc = read_claims(work, body, &err);
    if (rc == ERR_OK && c->job_id == NULL)
        rc = err_set(&err, ERR_LIMIT, "the path is too long");
    json_decref(body);
    if (rc != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    begin(work);
}
