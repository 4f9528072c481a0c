/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/work.h"

#include "api/call.h"
#include "api/errors.h"
#include "api/routes.h"
#include "base/log.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORK_OF(pointer, member) ((struct work *)((char *)(pointer)-offsetof(struct work, member)))

enum { TARGET_MAX = 255 }; /* bytes of an id that the audit log keeps */

struct removal {
    char (*ids)[OBJECT_ID_SIZE];
    size_t n;
    void (*then)(struct work *work);
};

/* At most TARGET_MAX bytes; NULL for "" too. */
static const char *
copy(struct arena *arena, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return NULL;
    size_t len = strlen(text);
    return arena_strndup(arena, text, len < TARGET_MAX ? len : TARGET_MAX);
}

/* Copies of all that the entry says; false without memory. */
static bool
note_audit(struct work *work, const struct call *call)
{
    struct arena *arena = work->arena;
    const struct route *route = call->route;

    if (call->who.actor[0] == '\0' || strcmp(route->method, "GET") == 0)
        return true;
    struct audit_entry *entry = arena_alloc(arena, sizeof(*entry));
    if (entry == NULL)
        return false;
    *entry = (struct audit_entry){
        .organization_id = copy(arena, call->who.organization_id),
        .team_id = copy(arena, call->who.team_id),
        .actor = arena_strdup(arena, call->who.actor),
        .action = arena_printf(arena, "%s %s", route->method, route->pattern),
        .target = copy(arena, call->params[0]),
        .origin = arena_strdup(arena, call->peer),
        .request_id = arena_strdup(arena, call->id),
    };
    work->audit = entry;
    return entry->actor != NULL && entry->action != NULL;
}

struct work *
work_new(struct api *api, struct call *call, size_t state_size)
{
    struct work *work = calloc(1, sizeof(*work));

    if (work == NULL)
        return NULL;
    work->arena = arena_new(API_WORK_ARENA);
    if (work->arena != NULL)
        work->state = arena_alloc(work->arena, state_size);
    if (work->state == NULL) {
        arena_drop(&work->arena);
        free(work);
        return NULL;
    }
    work->api = api;
    work->call = call;
    if (call != NULL)
        call->work = work;
    if (call != NULL && !note_audit(work, call)) {
        work_drop(&work);
        return NULL;
    }
    work->next = api->works;
    if (work->next != NULL)
        work->next->prev = work;
    api->works = work;
    return work;
}

struct work *
work_begin(struct call *call, size_t state_size)
{
    struct work *work = work_new(call->api, call, state_size);
    struct err err;

    if (work == NULL) {
        err_set(&err, ERR_UNAVAILABLE, "no memory for a request's work");
        reply_error(call, &err);
    }
    return work;
}

void
work_audit_target(struct work *work, const char *id)
{
    if (work->audit != NULL)
        work->audit->target = id;
}

void
work_audit_nothing(struct work *work)
{
    work->audit = NULL;
}

void
work_drop(struct work **held)
{
    struct work *work = *held;

    *held = NULL;
    if (work == NULL)
        return;
    assert(!work->busy);
    if (work->on_drop != NULL)
        work->on_drop(work);
    if (work->call != NULL)
        work->call->work = NULL;
    if (work->prev != NULL)
        work->prev->next = work->next;
    else
        work->api->works = work->next;
    if (work->next != NULL)
        work->next->prev = work->prev;
    arena_drop(&work->arena);
    free(work);
}

void
work_answer(struct work *work, void (*reply)(struct call *call, const void *state))
{
    if (work->call != NULL && work->rc != ERR_OK)
        reply_error(work->call, &work->err);
    else if (work->call != NULL)
        reply(work->call, work->state);
    work_drop(&work);
}

static void
back(struct work *work)
{
    work->busy = false;
    if (work->rc != ERR_OK)
        api_heed(work->api, &work->err);
    work->then(work);
}

static void
arrived(struct http_mail *mail)
{
    back(WORK_OF(mail, mail));
}

/* Adds to the counter of the eventfd; it is full only if the runner has a wake-up waiting anyway.
 */
static void
wake_runner(const struct api *api)
{
    const uint64_t one = 1;

    if (api->config.wake_fd >= 0)
        (void)!write(api->config.wake_fd, &one, sizeof(one));
}

static void
written(struct db_job *job)
{
    struct work *work = WORK_OF(job, db);

    work->rc = job->rc;
    work->err = job->err;
    if (work->rc == ERR_OK)
        work->audit = NULL;
    if (work->rc == ERR_OK && work->wakes)
        wake_runner(work->api);
    work->mail.call = arrived;
    http_post(work->api->server, &work->mail);
}

static enum err_code
run_write(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;

    enum err_code rc = work->write(db, work, err);

    if (rc == ERR_OK && work->audit != NULL)
        rc = audit_add(db, work->audit, err);
    return rc;
}

static void
post_write(struct work *work, db_work write, void (*then)(struct work *work), const char *owner)
{
    assert(!work->busy && !work->api->closing);
    work->busy = true;
    work->write = write;
    work->then = then;
    work->db = (struct db_job){.work = run_write, .done = written, .arg = work, .owner = owner};
    db_writer_post(work->api->writer, &work->db);
}

void
work_write(struct work *work, db_work write, void (*then)(struct work *work))
{
    post_write(work, write, then, NULL);
}

void
work_write_for_team(struct work *work, db_work write, void (*then)(struct work *work))
{
    if (work->call != NULL) /* else it is that of the step before */
        snprintf(work->owner, sizeof(work->owner), "%s", work->call->who.team_id);
    post_write(work, write, then, work->owner[0] != '\0' ? work->owner : NULL);
}

static void
run_io(struct io_job *job)
{
    struct work *work = WORK_OF(job, job);

    work->rc = work->io(work, &work->err);
    work->mail.call = arrived;
    http_post(work->api->server, &work->mail);
}

/* False: it was done on the spot, because the threads have ended. */
static bool
begin_io(struct work *work, enum err_code (*io)(struct work *work, struct err *err),
         void (*then)(struct work *work))
{
    assert(!work->busy);
    work->io = io;
    work->then = then;
    if (work->api->closing) {
        work->rc = io(work, &work->err);
        then(work);
        return false;
    }
    work->busy = true;
    work->job = (struct io_job){.run = run_io};
    return true;
}

void
work_io(struct work *work, enum err_code (*io)(struct work *work, struct err *err),
        void (*then)(struct work *work))
{
    struct io_pool *pool = work->api->pool;

    if (begin_io(work, io, then))
        io_pool_post(pool, &work->job);
}

/* By the end of the id, which is random. */
static unsigned
lane_of(const struct call *call)
{
    const char *id = call != NULL ? call->who.team_id : "";
    size_t len = strlen(id);
    unsigned lane = 0;

    for (size_t i = len > 8 ? len - 8 : 0; i < len; i++)
        lane = lane * 31 + (unsigned char)id[i];
    return lane;
}

void
work_io_long(struct work *work, enum err_code (*io)(struct work *work, struct err *err),
             void (*then)(struct work *work))
{
    struct io_pool *pool = work->api->pool;
    unsigned lane = lane_of(work->call);

    if (begin_io(work, io, then))
        io_pool_post_long(pool, &work->job, lane);
}

void
work_orphan(struct work *work)
{
    work->call = NULL;
    if (!work->busy && work->on_orphan != NULL)
        work->on_orphan(work);
}

static enum err_code
remove_all(struct work *work, struct err *err)
{
    const struct removal *removal = work->removal;
    enum err_code rc = ERR_OK;

    for (size_t i = 0; i < removal->n; i++) {
        struct err each;
        if (store_remove(work->api->store, removal->ids[i], &each) != ERR_OK)
            rc = err_set(err, each.code, "%s", each.msg);
    }
    return rc;
}

static void
removed(struct work *work)
{
    const struct removal *removal = work->removal;

    if (work->rc != ERR_OK) {
        char text[LOG_QUOTE_SIZE];
        log_line(LOG_ERROR, "object not removed", "err=%s", log_quote(text, work->err.msg));
    }
    if (removal->then != NULL)
        removal->then(work);
    else
        work_drop(&work);
}

void
work_remove_objects(struct work *work, char (*ids)[OBJECT_ID_SIZE], size_t n,
                    void (*then)(struct work *work))
{
    struct removal *removal = arena_alloc(work->arena, sizeof(*removal));

    if (removal == NULL) {
        work->rc = err_set(&work->err, ERR_LIMIT, "no room left in the work's arena");
        if (then != NULL)
            then(work);
        else
            work_drop(&work);
        return;
    }
    *removal = (struct removal){ids, n, then};
    work->removal = removal;
    work->on_orphan = NULL;
    work_io(work, remove_all, removed);
}

void
work_drain(struct api *api)
{
    assert(api->closing);
    while (api->works != NULL) {
        struct work *work = api->works;
        assert(work->call == NULL);
        if (work->busy)
            back(work);
        else
            work_drop(&work);
    }
}
