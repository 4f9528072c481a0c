/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/turn.h"

#include "api/call.h"
#include "api/errors.h"
#include "api/work.h"

static void begin_next(struct api *api);

/* Of the one that is under way. */
static enum err_code
handle(struct api *api, struct db **ret, struct err *err)
{
    if (api->turns.db != NULL && db_is_dead(api->turns.db))
        db_close(&api->turns.db);
    if (api->turns.db == NULL) {
        enum err_code rc = db_open(api->config.db_place, &api->turns.db, err);
        if (rc != ERR_OK)
            return rc;
    }
    *ret = api->turns.db;
    return ERR_OK;
}

static enum err_code
run(struct work *work, struct err *err)
{
    struct db *db = NULL;
    enum err_code rc = handle(work->api, &db, err);

    return rc == ERR_OK ? db_read(db, work->turn.how->load, work->state, err) : rc;
}

static void
done(struct work *work)
{
    struct api *api = work->api;

    work_answer(work, work->turn.how->reply);
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

static void
wait(struct work *work)
{
    struct api *api = work->api;
    struct work **last = &api->turns.first;

    while (*last != NULL)
        last = &(*last)->turn.next;
    *last = work;
    api->turns.waiting++;
    begin_next(api);
}

static void
drop_state(struct work *work)
{
    work->turn.how->drop(work->state);
}

static enum err_code
room(const struct api *api, struct err *err)
{
    if (api->turns.waiting < TURN_WAITING_MAX)
        return ERR_OK;
    return err_set(err, ERR_UNAVAILABLE, "%d requests that read a lot wait, the limit",
                   TURN_WAITING_MAX);
}

void
turn_answer(struct call *call, const struct turn_read *how)
{
    struct work *work = work_begin(call, how->state_size);
    bool quick = false;
    struct err err;

    if (work == NULL)
        return;
    work->turn.how = how;
    work->on_drop = how->drop != NULL ? drop_state : NULL;
    enum err_code rc = how->ask(call, work->arena, work->state, &err);
    if (rc == ERR_OK)
        quick = how->is_quick != NULL && how->is_quick(work->state);
    if (rc == ERR_OK)
        rc = quick ? db_read(call->api->db, how->load, work->state, &err) : room(call->api, &err);
    if (rc == ERR_OK && !quick) {
        wait(work);
        return;
    }
    if (rc != ERR_OK)
        reply_error(call, &err);
    else
        how->reply(call, work->state);
    work_drop(&work);
}

void
turn_close(struct api *api)
{
    db_close(&api->turns.db);
}
