/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/extract_again.c - POST /ocr/jobs/{job_id}/extract: other structured data out of a job's pages
 * as they were read. The extraction is a task like any other; the call waits for it, and replies
 * with the result, or 202 where it takes longer. Nothing is charged. */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/result.h"
#include "api/spec.h"
#include "api/watch.h"
#include "api/work.h"
#include "base/clock.h"
#include "jobs/extraction.h"

#include <string.h>

/* So long a call waits for its extraction. */
static const int64_t wait_ms = 20000;

struct again {
    char team_id[UUID_TEXT_SIZE];
    char job_id[UUID_TEXT_SIZE];
    struct extraction_spec spec;
    int64_t now_ms;
    char id[UUID_TEXT_SIZE];
};

/* In the call's arena, while it waits. */
struct waiting {
    struct watch watch;
    char id[UUID_TEXT_SIZE];
};

static void
reply_later(struct call *call, const char *id, const char *job_id)
{
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_string(&w, "job_id", job_id);
    jsonw_string(&w, "extraction_id", id);
    jsonw_string(&w, "status", "processing");
    jsonw_end(&w);
    call_reply_json(call, 202);
}

static void
look(struct watch *watch)
{
    struct call *call = watch->call;
    const struct waiting *waiting = watch->state;
    struct extraction x;
    struct err err;
    enum err_code rc =
        extraction_find(call->arena, call->api->db, watch->job_id, waiting->id, &x, &err);

    if (rc == ERR_OK && x.state == EXTRACTION_WAITING)
        return;
    watch_drop(watch);
    if (rc == ERR_OK)
        result_reply(call, waiting->id);
    else
        reply_error(call, &err); /* the job was deleted meanwhile */
}

static void
give_up(struct watch *watch)
{
    struct call *call = watch->call;
    const struct waiting *waiting = watch->state;

    watch_drop(watch);
    reply_later(call, waiting->id, call->params[0]);
}

static void
wait_for(struct call *call, const struct again *again)
{
    struct waiting *waiting = arena_alloc(call->arena, sizeof(*waiting));
    struct err err;

    if (waiting == NULL) {
        reply_later(call, again->id, again->job_id);
        return;
    }
    waiting->watch = (struct watch){.call = call,
                                    .due_ms = clock_mono_ms() + wait_ms,
                                    .state = waiting,
                                    .on_change = look,
                                    .on_due = give_up,
                                    .on_stop = give_up};
    memcpy(waiting->watch.job_id, again->job_id, sizeof(again->job_id));
    memcpy(waiting->id, again->id, sizeof(again->id));
    if (watch_add(&waiting->watch, &err) != ERR_OK)
        reply_later(call, again->id, again->job_id);
    else
        look(&waiting->watch); /* it may have been quick */
}

static enum err_code
submit(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct again *again = work->state;

    return extraction_submit(work->arena, db, again->team_id, again->job_id, &again->spec,
                             again->now_ms, again->id, err);
}

static void
submitted(struct work *work)
{
    struct call *call = work->call;
    const struct again again = *(const struct again *)work->state;
    struct err err = work->err;
    bool good = work->rc == ERR_OK;

    work_drop(&work);
    if (call == NULL)
        return;
    if (good)
        wait_for(call, &again);
    else
        reply_error(call, &err);
}

static enum err_code
read_body(struct call *call, struct work *work, struct err *err)
{
    struct again *again = work->state;
    const struct spec_limits limits = {.db = call->api->db, .team_id = call->who.team_id};
    struct job_spec spec;
    json_t *fields = NULL;

    if (strlen(call->params[0]) >= sizeof(again->job_id))
        return err_set(err, ERR_NOT_FOUND, "there is no such job");
    enum err_code rc = json_read(http_body(call->http), &fields, err);
    if (rc == ERR_OK)
        rc = spec_read_extraction(work->arena, fields, &limits, &spec, err);
    json_decref(fields);
    if (rc != ERR_OK)
        return rc;
    again->spec = (struct extraction_spec){.format = spec.format,
                                           .min_confidence = spec.min_confidence,
                                           .template_slug = spec.template_slug,
                                           .instructions = spec.instructions,
                                           .schema_json = spec.schema_json};
    strcpy(again->job_id, call->params[0]);
    memcpy(again->team_id, call->who.team_id, sizeof(again->team_id));
    again->now_ms = clock_utc_ms();
    return ERR_OK;
}

void
extract_again(struct call *call)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct again));

    if (work == NULL)
        return;
    if (read_body(call, work, &err) != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
    } else {
        work->wakes = true;
        work_write_for_team(work, submit, submitted);
    }
}
