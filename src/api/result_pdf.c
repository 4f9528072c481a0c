/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/result_pdf.h"

#include "api/errors.h"
#include "api/result.h"
#include "api/watch.h"
#include "api/work.h"
#include "base/clock.h"
#include "base/fdio.h"
#include "jobs/extraction.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* So long a call waits for the file to be written. */
static const int64_t wait_ms = 20000;

enum { PIECE_BYTES = 256 << 10 };

/* In the call's arena, from the moment it waits to its end. */
struct sending {
    struct watch watch;
    struct job job;
    bool begun; /* the head of the reply is out */
    int fd;
    uint64_t at, size;
};

/* For a thread of the pool. */
struct piece {
    int fd;
    uint64_t at;
    size_t len;
    uint8_t bytes[PIECE_BYTES];
};

static void go_on(struct watch *watch);

/* --- sending --- */

static enum err_code
read_piece(struct work *work, struct err *err)
{
    struct piece *piece = work->state;
    size_t got = 0;

    while (got < piece->len) {
        ssize_t n =
            pread(piece->fd, piece->bytes + got, piece->len - got, (off_t)(piece->at + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? err_sys(err, "read of a searchable PDF")
                         : err_set(err, ERR_SYSTEM, "a searchable PDF ends at byte %llu",
                                   (unsigned long long)(piece->at + got));
        got += (size_t)n;
    }
    return ERR_OK;
}

static void
have_piece(struct work *work)
{
    const struct piece *piece = work->state;
    struct call *call = work->call;

    if (call == NULL) {
        work_drop(&work);
        return;
    }
    struct sending *s = call->watch->state;
    if (work->rc != ERR_OK) { /* the reply is under way: all that is left is to cut it short */
        api_heed(call->api, &work->err);
        work_drop(&work);
        call_cut(call);
        return;
    }
    http_send(call->http, (struct span){piece->bytes, piece->len});
    s->at += piece->len;
    work_drop(&work);
    go_on(&s->watch);
}

static void
drop_piece(struct work *work)
{
    fd_close(&((struct piece *)work->state)->fd);
}

static void
send_more(struct sending *s)
{
    struct call *call = s->watch.call;

    if (s->at == s->size) {
        call_finish(call);
        return;
    }
    struct work *work = work_new(call->api, call, sizeof(struct piece));
    int fd = work != NULL ? dup(s->fd) : -1;
    if (fd < 0) {
        work_drop(&work);
        call_cut(call);
        return;
    }
    struct piece *piece = work->state;
    piece->fd = fd; /* its own: the call may end while the thread reads */
    piece->at = s->at;
    piece->len = s->size - s->at < PIECE_BYTES ? (size_t)(s->size - s->at) : PIECE_BYTES;
    work->on_drop = drop_piece;
    work_io(work, read_piece, have_piece);
}

static void
fail(struct sending *s, const struct err *why)
{
    struct call *call = s->watch.call;

    watch_drop(&s->watch);
    reply_error(call, why);
}

struct opening {
    struct sending *sending;
    char object_id[OBJECT_ID_SIZE];
    int fd;
    uint64_t size;
};

static enum err_code
open_object(struct work *work, struct err *err)
{
    struct opening *o = work->state;
    enum err_code rc = store_fetch(work->api->store, o->object_id, &o->fd, &o->size, err);

    return rc == ERR_NOT_FOUND
               ? err_set(err, ERR_SYSTEM, "object %s of a searchable PDF is missing", o->object_id)
               : rc;
}

static void
drop_opening(struct work *work)
{
    fd_close(&((struct opening *)work->state)->fd);
}

/* The call is there still, and so is what it waits with. */
static void
opened(struct work *work)
{
    struct opening *o = work->state;
    struct sending *s = o->sending;
    struct call *call = work->call;
    struct err err = work->err;
    bool good = work->rc == ERR_OK;

    if (call != NULL && good) {
        s->fd = o->fd;
        s->size = o->size;
        o->fd = -1;
    }
    work_drop(&work);
    if (call == NULL)
        return;
    if (!good) {
        fail(s, &err);
        return;
    }
    s->begun = true;
    s->watch.due_ms = INT64_MAX;
    if (call_begin(call, 200, "application/pdf"))
        send_more(s);
}

static void
begin(struct sending *s, const struct extraction *x)
{
    struct call *call = s->watch.call;
    struct work *work = work_begin(call, sizeof(struct opening));

    if (work == NULL)
        return;
    struct opening *o = work->state;
    *o = (struct opening){.sending = s, .fd = -1};
    memcpy(o->object_id, x->object_id, sizeof(o->object_id));
    work->on_drop = drop_opening;
    s->watch.due_ms = INT64_MAX;
    work_io(work, open_object, opened);
}

/* --- waiting --- */

/* Looks how far it is; or sends on. */
static void
go_on(struct watch *watch)
{
    struct sending *s = watch->state;
    struct call *call = watch->call;
    struct extraction x;
    struct err err;

    if (call->work != NULL || (s->begun && http_unsent(call->http) > 0))
        return;
    if (s->begun) {
        send_more(s);
        return;
    }
    enum err_code rc =
        extraction_find_searchable(call->arena, call->api->db, watch->job_id, &x, &err);
    if (rc == ERR_OK && x.state == EXTRACTION_WAITING)
        return;
    if (rc == ERR_OK && x.state == EXTRACTION_FAILED)
        rc = err_set(&err, ERR_CONFLICT, "the searchable PDF could not be written: %s",
                     x.message != NULL ? x.message : x.reason);
    if (rc == ERR_OK)
        begin(s, &x);
    else
        fail(s, &err);
}

static void
give_up(struct watch *watch)
{
    const struct sending *s = watch->state;
    struct call *call = watch->call;

    if (s->begun)
        return;
    watch_drop(watch);
    call_header(call, "Retry-After", "5");
    result_reply_unfinished(call, &s->job);
}

static void
stop(struct watch *watch)
{
    const struct sending *s = watch->state;

    if (s->begun)
        call_cut(watch->call);
    else
        give_up(watch);
}

static void
drop_sending(struct watch *watch)
{
    fd_close(&((struct sending *)watch->state)->fd);
}

static void
wait_for(struct call *call, const struct job *job)
{
    struct sending *s = arena_alloc(call->arena, sizeof(*s));
    struct err err;

    if (s == NULL) {
        err_set(&err, ERR_UNAVAILABLE, "no memory to send a file");
        reply_error(call, &err);
        return;
    }
    *s = (struct sending){.job = *job, .fd = -1};
    s->watch = (struct watch){.call = call,
                              .due_ms = clock_mono_ms() + wait_ms,
                              .state = s,
                              .on_change = go_on,
                              .on_due = give_up,
                              .on_drained = go_on,
                              .on_stop = stop,
                              .on_drop = drop_sending};
    memcpy(s->watch.job_id, job->id, sizeof(job->id));
    if (watch_add(&s->watch, &err) != ERR_OK)
        reply_error(call, &err);
    else
        go_on(&s->watch); /* it may be there already */
}

/* --- asking for it --- */

struct asking {
    struct job job;
    int64_t now_ms;
};

static enum err_code
submit(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    const struct asking *asking = work->state;

    return extraction_submit_searchable(work->arena, db, asking->job.team_id, asking->job.id,
                                        asking->now_ms, err);
}

static void
submitted(struct work *work)
{
    struct call *call = work->call;
    const struct job job = ((const struct asking *)work->state)->job;
    struct err err = work->err;
    bool good = work->rc == ERR_OK;

    work_drop(&work);
    if (call == NULL)
        return;
    if (good)
        wait_for(call, &job);
    else
        reply_error(call, &err);
}

void
result_pdf(struct call *call, const struct job *job)
{
    struct work *work = work_begin(call, sizeof(struct asking));

    if (work == NULL)
        return;
    struct asking *asking = work->state;
    *asking = (struct asking){.job = *job, .now_ms = clock_utc_ms()};
    asking->job.spec = (struct job_spec){.format = job->spec.format};
    asking->job.reason = asking->job.message = NULL;
    work->wakes = true;
    work_write_for_team(work, submit, submitted);
}
