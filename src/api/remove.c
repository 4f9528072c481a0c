/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/remove.c - DELETE of a job in all its spellings. Answered when row and bytes are gone. The
 * second time it is 404. */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/watch.h"
#include "api/work.h"
#include "base/clock.h"

#include <string.h>

struct removal_of_job {
    char team_id[UUID_TEXT_SIZE];
    const char *job_id;
    int64_t now_ms;
    char (*objects)[OBJECT_ID_SIZE];
    size_t n;
};

static enum err_code
remove_job(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct removal_of_job *r = work->state;

    return job_remove(work->arena, db, r->team_id, r->job_id, r->now_ms, &r->objects, &r->n, err);
}

static void
reply(struct call *call, const void *state)
{
    const struct removal_of_job *r = state;
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_string(&w, "job_id", r->job_id);
    jsonw_string(&w, "id", r->job_id);
    jsonw_string(&w, "message", "Job deleted successfully");
    jsonw_end(&w);
    call_reply_json(call, 200);
}

static void
gone(struct work *work)
{
    work_answer(work, reply);
}

static void
removed(struct work *work)
{
    const struct removal_of_job *r = work->state;

    if (work->rc == ERR_OK)
        watch_note(work->api, r->job_id);
    if (work->rc == ERR_OK)
        work_remove_objects(work, r->objects, r->n, gone);
    else
        gone(work);
}

void
job_delete(struct call *call)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct removal_of_job));

    if (work == NULL)
        return;
    struct removal_of_job *r = work->state;
    memcpy(r->team_id, call->who.team_id, sizeof(r->team_id));
    r->now_ms = clock_utc_ms();
    r->job_id = arena_strdup(work->arena, call->params[0]);
    if (r->job_id == NULL) {
        work_drop(&work);
        err_set(&err, ERR_NOT_FOUND, "there is no such job");
        reply_error(call, &err);
        return;
    }
    work->wakes = true; /* a reader may be at it */
    work_write_for_team(work, remove_job, removed);
}
