/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/beat.h"

#include "base/clock.h"
#include "base/log.h"

#include <stddef.h>

static enum err_code
do_beat(struct db *db, void *arg, struct err *err)
{
    const struct api_beat *beat = arg;

    return node_beat(db, &beat->node, clock_utc_ms(), err);
}

static enum err_code
do_leave(struct db *db, void *arg, struct err *err)
{
    const struct api_beat *beat = arg;

    return node_leave(db, beat->node.name, beat->node.owner, err);
}

/* On the writer's thread. */
static void
done(struct db_job *job)
{
    struct api_beat *beat = (struct api_beat *)((char *)job - offsetof(struct api_beat, job));
    char text[LOG_QUOTE_SIZE];

    if (job->rc != ERR_OK)
        log_line(LOG_WARN, "this node could not say that it is there", "error=%s",
                 log_quote(text, job->err.msg));
    atomic_store(&beat->under_way, false);
}

static void
post(struct api *api, db_work work)
{
    struct api_beat *beat = &api->beat;

    beat->due_ms = clock_mono_ms() + NODE_BEAT_MS;
    if (atomic_exchange(&beat->under_way, true))
        return;
    beat->job = (struct db_job){.work = work, .done = done, .arg = beat};
    db_writer_post(api->writer, &beat->job);
}

void
beat_open(struct api *api)
{
    if (api->config.node == NULL)
        return;
    api->beat.node = *api->config.node;
    api->beat.node.started_ms = clock_utc_ms();
    post(api, do_beat);
    beat_alarm(api, 0);
}

void
beat_tick(struct api *api)
{
    if (api->config.node != NULL && clock_mono_ms() >= api->beat.due_ms)
        post(api, do_beat);
}

void
beat_close(struct api *api)
{
    if (api->config.node != NULL && api->writer != NULL)
        post(api, do_leave);
}

void
beat_alarm(struct api *api, int64_t due_ms)
{
    int64_t beat_ms = api->config.node != NULL ? api->beat.due_ms : 0;

    if (due_ms == 0 || (beat_ms > 0 && beat_ms < due_ms))
        due_ms = beat_ms;
    http_alarm(api->server, due_ms);
}
