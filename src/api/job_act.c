/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/job_act.c - POST .../jobs/{job_id}/cancel and .../retry. The runner is woken by both: to let
 * go of what is cancelled, to begin what is tried again. */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/job_json.h"
#include "api/watch.h"
#include "api/work.h"
#include "base/clock.h"

#include <string.h>

struct act {
    char team_id[UUID_TEXT_SIZE];
    const char *job_id;
    bool retry;
    struct quirks quirks;
    struct job job; /* afterwards */
    char (*objects)[OBJECT_ID_SIZE];
    size_t n;
};

static enum err_code
change(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct act *act = work->state;
    int64_t now_ms = clock_utc_ms();
    enum err_code rc = act->retry ? job_retry(work->arena, db, act->team_id, act->job_id, now_ms,
                                              &act->objects, &act->n, err)
                                  : job_cancel(work->arena, db, act->team_id, act->job_id, now_ms,
                                               &act->objects, &act->n, err);

    return rc != ERR_OK ? rc : job_find(work->arena, db, act->team_id, act->job_id, &act->job, err);
}

static void
reply(struct work *work)
{
    struct act *act = work->state;
    struct call *call = work->call;

    if (call != NULL) {
        struct jsonw w = call_json(call);
        jsonw_object(&w, NULL);
        jsonw_bool(&w, "success", true);
        jsonw_string(&w, "action", act->retry ? "retry" : "cancel");
        jsonw_string(&w, "message", act->retry ? "The job is read again" : "The job was cancelled");
        job_put(&w, "job", &act->job, &act->quirks);
        jsonw_end(&w);
        call_reply_json(call, 200);
    }
    work_drop(&work);
}

static void
changed(struct work *work)
{
    struct act *act = work->state;

    if (work->rc != ERR_OK) {
        if (work->call != NULL)
            reply_error(work->call, &work->err);
        work_drop(&work);
        return;
    }
    watch_note(work->api, act->job_id);
    if (act->n > 0)
        work_remove_objects(work, act->objects, act->n, reply);
    else
        reply(work);
}

static void
begin(struct call *call, bool retry)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct act));

    if (work == NULL)
        return;
    struct act *act = work->state;
    memcpy(act->team_id, call->who.team_id, sizeof(act->team_id));
    act->quirks = call->quirks;
    act->retry = retry;
    act->job_id = arena_strdup(work->arena, call->params[0]);
    if (act->job_id == NULL) {
        work_drop(&work);
        err_set(&err, ERR_NOT_FOUND, "there is no such job");
        reply_error(call, &err);
        return;
    }
    work->wakes = true;
    work_write_for_team(work, change, changed);
}

void
job_retry_post(struct call *call)
{
    begin(call, true);
}

void
job_cancel_post(struct call *call)
{
    begin(call, false);
}
