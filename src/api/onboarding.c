/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/onboarding.c - /onboarding: how far somebody has come with his first steps. */
#include "account/onboarding.h"
#include "api/body.h"
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/work.h"
#include "base/clock.h"

#include <string.h>

struct onboarding_work {
    char team_id[UUID_TEXT_SIZE];
    const char *external_id;
    struct onboarding row;
    bool has_steps, has_metadata, has_completed; /* of an update: the others stay */
    int status;
};

static void
reply_row(struct call *call, int status, const struct onboarding *row)
{
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_string(&w, "external_id", row->external_id);
    jsonw_string(&w, "entity_type", row->entity_type);
    jsonw_raw(&w, "steps_completed", row->steps_json);
    jsonw_raw(&w, "metadata", row->metadata_json != NULL ? row->metadata_json : "null");
    jsonw_time(&w, "completed_at", row->completed_ms);
    jsonw_time(&w, "created_at", row->created_ms);
    jsonw_time(&w, "updated_at", row->updated_ms);
    jsonw_end(&w);
    call_reply_json(call, status);
}

void
onboarding_show(struct call *call)
{
    struct onboarding row;
    struct err err;

    if (onboarding_find(call->arena, call->api->db, call->who.team_id, call->params[0], &row,
                        &err) != ERR_OK)
        reply_error(call, &err);
    else
        reply_row(call, 200, &row);
}

static void
reply(struct call *call, const void *state)
{
    const struct onboarding_work *o = state;

    if (o->status == 204)
        call_reply(call, 204, NULL, (struct span){0});
    else
        reply_row(call, o->status, &o->row);
}

static void
done(struct work *work)
{
    work_answer(work, reply);
}

static enum err_code
read_steps(struct arena *arena, const json_t *body, struct onboarding_work *o, struct err *err)
{
    const json_t *steps = json_object_get(body, "steps_completed");
    const json_t *step;
    size_t i;

    o->has_steps = steps != NULL && !json_is_null(steps);
    if (!o->has_steps) {
        o->row.steps_json = "[]";
        return ERR_OK;
    }
    if (!json_is_array(steps) || json_array_size(steps) > ONBOARDING_STEPS_MAX)
        return err_set(err, ERR_INPUT, "'steps_completed' must be a list of at most %d strings",
                       ONBOARDING_STEPS_MAX);
    json_array_foreach(steps, i, step)
    {
        if (!json_is_string(step))
            return err_set(err, ERR_INPUT, "'steps_completed' must be a list of strings");
    }
    return body_json(arena, body, "steps_completed", ONBOARDING_JSON_MAX, &o->row.steps_json, err);
}

/* What POST and PUT have in common. */
static enum err_code
read_common(struct arena *arena, const json_t *body, struct onboarding_work *o, struct err *err)
{
    enum err_code rc = read_steps(arena, body, o, err);

    if (rc == ERR_OK)
        rc = body_json(arena, body, "metadata", ONBOARDING_JSON_MAX, &o->row.metadata_json, err);
    if (rc == ERR_OK)
        rc = body_time(body, "completed_at", 0, &o->row.completed_ms, err);
    o->has_metadata = json_object_get(body, "metadata") != NULL;
    o->has_completed = json_object_get(body, "completed_at") != NULL;
    o->row.created_ms = o->row.updated_ms = clock_utc_ms();
    return rc;
}

static enum err_code
read_new(struct call *call, struct work *work, struct err *err)
{
    struct onboarding_work *o = work->state;
    json_t *body = NULL;
    enum err_code rc = body_object(call, &body, err);

    if (rc == ERR_OK)
        rc = body_text(work->arena, body, "external_id", ONBOARDING_ID_MAX, true,
                       &o->row.external_id, err);
    if (rc == ERR_OK)
        rc = body_text(work->arena, body, "entity_type", ONBOARDING_TYPE_MAX, true,
                       &o->row.entity_type, err);
    if (rc == ERR_OK)
        rc = read_common(work->arena, body, o, err);
    json_decref(body);
    return rc;
}

static enum err_code
read_update(struct call *call, struct work *work, struct err *err)
{
    json_t *body = NULL;
    enum err_code rc = body_object(call, &body, err);

    if (rc == ERR_OK)
        rc = read_common(work->arena, body, work->state, err);
    json_decref(body);
    return rc;
}

static enum err_code
create(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    const struct onboarding_work *o = work->state;

    work_audit_target(work, o->row.external_id);
    return onboarding_create(db, o->team_id, &o->row, err);
}

static enum err_code
update(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct onboarding_work *o = work->state;
    struct onboarding row;
    enum err_code rc = onboarding_find(work->arena, db, o->team_id, o->external_id, &row, err);

    if (rc != ERR_OK)
        return rc;
    if (o->has_steps)
        row.steps_json = o->row.steps_json;
    if (o->has_metadata)
        row.metadata_json = o->row.metadata_json;
    if (o->has_completed)
        row.completed_ms = o->row.completed_ms;
    row.updated_ms = o->row.updated_ms;
    o->row = row;
    return onboarding_update(db, o->team_id, &row, err);
}

static enum err_code
drop(struct db *db, void *arg, struct err *err)
{
    const struct onboarding_work *o = ((struct work *)arg)->state;

    return onboarding_remove(db, o->team_id, o->external_id, err);
}

static void
begin(struct call *call, enum err_code (*read)(struct call *, struct work *, struct err *),
      db_work write, int status)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct onboarding_work));

    if (work == NULL)
        return;
    struct onboarding_work *o = work->state;
    memcpy(o->team_id, call->who.team_id, sizeof(o->team_id));
    o->status = status;
    o->external_id = arena_strdup(work->arena, call->params[0] != NULL ? call->params[0] : "");
    enum err_code rc = o->external_id == NULL ? err_set(&err, ERR_LIMIT, "the id is too long")
                       : read != NULL         ? read(call, work, &err)
                                              : ERR_OK;
    if (rc != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    work_write(work, write, done);
}

void
onboarding_begin(struct call *call)
{
    begin(call, read_new, create, 201);
}

void
onboarding_change(struct call *call)
{
    begin(call, read_update, update, 200);
}

void
onboarding_delete(struct call *call)
{
    begin(call, NULL, drop, 204);
}
