/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/intake.h"

#include "api/call.h"

#include <stdlib.h>
#include <string.h>

struct intake {
    struct work *work;
    uint64_t max_bytes;
    void (*done)(struct work *work);
    struct store_sink *sink; /* the pool's while the work is busy */
    struct buf filling;
    struct buf writing; /* the pool's while the work is busy */
    bool paused;
    bool ended;      /* no more pieces */
    bool committing; /* the last step, also the order to do it */
    bool filling_failed;
    bool failing; /* as committing: the last step, which reports the failure */
    bool over;    /* done was called, or the work is being given up */
    struct store_written written;
    struct err why;                    /* of intake_undo: what went wrong before it */
    void (*undone)(struct work *work); /* of intake_undo */
};

/* As limit for a buffer: pieces come whole, and one may come just below the mark. */
static const size_t buffer_limit = 4 * INTAKE_BUFFER;

static void step(struct intake *intake);

/* Buffers and count go as soon as no byte can come any more. */
static void
release(struct intake *intake)
{
    buf_fini(&intake->filling);
    buf_fini(&intake->writing);
    intake->over = true;
    intake->work->api->intakes--;
}

static enum err_code
abort_sink(struct work *work, struct err *err)
{
    (void)err;
    sink_abort(&work->intake->sink);
    return ERR_OK;
}

static void
aborted(struct work *work)
{
    work_drop(&work);
}

void
intake_give_up(struct work *work)
{
    struct intake *intake = work->intake;

    work->on_orphan = NULL;
    if (!intake->over)
        release(intake);
    if (intake->sink != NULL)
        work_io(work, abort_sink, aborted);
    else if (intake->written.id[0] != '\0')
        work_remove_objects(work, &intake->written.id, 1, NULL);
    else
        work_drop(&work);
}

/* The work goes on with the failure that it had before. */
static void
restore(struct work *work)
{
    work->rc = work->intake->why.code;
    work->err = work->intake->why;
    work->intake->undone(work);
}

void
intake_undo(struct work *work, void (*then)(struct work *work))
{
    struct intake *intake = work->intake;
    bool in_doubt = work->rc == ERR_SYSTEM || work->rc == ERR_MEMORY;

    intake->why = work->err;
    intake->undone = then;
    work->on_orphan = NULL;
    if (intake->sink != NULL)
        work_io(work, abort_sink, restore);
    else if (intake->written.id[0] != '\0' && !in_doubt)
        work_remove_objects(work, &intake->written.id, 1, restore);
    else
        then(work);
}

static enum err_code
write_out(struct work *work, struct err *err)
{
    struct intake *intake = work->intake;
    struct store *store = work->api->store;
    enum err_code rc = ERR_OK;

    if (intake->failing)
        rc = err_set(err, ERR_UNAVAILABLE, "no memory for the buffer of a body");
    if (rc == ERR_OK && intake->sink == NULL)
        rc = sink_open(store, intake->max_bytes, &intake->sink, err);
    if (rc == ERR_OK && intake->writing.len > 0)
        rc = sink_write(intake->sink, buf_span(&intake->writing), err);
    if (rc == ERR_OK && intake->committing)
        rc = sink_commit(&intake->sink, &intake->written, err);
    return rc;
}

static void
finish(struct intake *intake)
{
    struct work *work = intake->work;

    release(intake);
    intake->done(work);
}

static void
written_out(struct work *work)
{
    struct intake *intake = work->intake;

    buf_clear(&intake->writing);
    if (work->call == NULL || intake->over)
        intake_give_up(work);
    else if (work->rc != ERR_OK || intake->committing)
        finish(intake);
    else
        step(intake);
}

/* Hands the filled buffer to the pool if it is worth it, and sees to the socket. */
static void
step(struct intake *intake)
{
    struct work *work = intake->work;

    if (work->busy)
        return;
    if (intake->ended || intake->filling_failed || intake->filling.len >= INTAKE_BUFFER) {
        struct buf empty = intake->writing;
        intake->writing = intake->filling;
        intake->filling = empty;
        intake->committing = intake->ended;
        intake->failing = intake->filling_failed;
        work_io(work, write_out, written_out);
    }
    if (intake->paused && !intake->ended && intake->filling.len < INTAKE_BUFFER) {
        intake->paused = false;
        http_resume(work->call->http);
    }
}

enum err_code
intake_open(struct work *work, uint64_t max_bytes, void (*done)(struct work *work), struct err *err)
{
    struct api *api = work->api;

    if (api->intakes >= API_INTAKES_MAX)
        return err_set(err, ERR_UNAVAILABLE, "%d bodies are being received, the limit",
                       API_INTAKES_MAX);
    struct intake *intake = arena_alloc(work->arena, sizeof(*intake));
    if (intake == NULL)
        return err_set(err, ERR_LIMIT, "no room left in the work's arena");
    api->intakes++;
    intake->work = work;
    intake->max_bytes = max_bytes;
    intake->done = done;
    buf_init(&intake->filling, buffer_limit);
    buf_init(&intake->writing, buffer_limit);
    work->intake = intake;
    work->on_orphan = intake_give_up;
    return ERR_OK;
}

void
intake_feed(struct work *work, struct span piece)
{
    struct intake *intake = work->intake;

    if (intake->over || intake->filling_failed)
        return;
    buf_append(&intake->filling, piece.data, piece.len);
    intake->filling_failed = intake->filling.spoilt;
    step(intake);
    if (!intake->paused && intake->filling.len >= INTAKE_BUFFER) {
        intake->paused = true;
        http_pause(work->call->http);
    }
}

void
intake_end(struct work *work)
{
    work->intake->ended = true;
    if (!work->intake->over)
        step(work->intake);
}

const struct store_written *
intake_written(const struct work *work)
{
    return &work->intake->written;
}

void
intake_keep(struct work *work)
{
    work->on_orphan = NULL;
}
