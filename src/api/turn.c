/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/turn.h"

#include "api/errors.h"

static void begin_next(struct api *api);

enum err_code
turn_room(const struct api *api, struct err *err)
{
    if (api->turns.waiting < TURN_WAITING_MAX)
        return ERR_OK;
    return err_set(err, ERR_UNAVAILABLE, "%d requests that read a lot wait, the limit",
                   TURN_WAITING_MAX);
}

static enum err_code
run(struct work *work, struct err *err)
{
    struct db *db = NULL;
    enum err_code rc = db_open(work->api->config.db_place, &db, err);

    if (rc == ERR_OK)
        rc = work->turn.read(work, db, err);
    db_close(&db);
    return rc;
}

static void
done(struct work *work)
{
    struct api *api = work->api;

    if (work->call != NULL && work->rc != ERR_OK)
        reply_error(work->call, &work->err);
    else if (work->call != NULL)
        work->turn.reply(work);
    work_drop(&work);
    api->turns.busy = false;
    begin_next(api);
}

/* Of those whose client has gone away nothing is left to do. */
static void
begin_next(struct api *api)
{
    if (api->closing) /* work_drain sees to all of them */
        return;
    while (api->turns.first != NULL && !api->turns.busy) {
        struct work *work = api->turns.first;
        api->turns.first = work->turn.next;
        api->turns.waiting--;
        if (work->call == NULL) {
            work_drop(&work);
            continue;
        }
        api->turns.busy = true;
        work_io(work, run, done);
    }
}

void
turn_take(struct work *work,
          enum err_code (*read)(struct work *work, struct db *db, struct err *err),
          void (*reply)(struct work *work))
{
    struct api *api = work->api;
    struct work **last = &api->turns.first;

    work->turn.read = read;
    work->turn.reply = reply;
    while (*last != NULL)
        last = &(*last)->turn.next;
    *last = work;
    api->turns.waiting++;
    begin_next(api);
}
