/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Steps in turn: store, database, store, database. Each can be repeated, so that a client whose
 * answer was lost at any of them just asks again; they go on without the client, too. */
#include "api/completion.h"

#include "base/clock.h"

static struct job_completion
asked(const struct work *work)
{
    const struct completion *c = work->state;

    return (struct job_completion){.team_id = c->team_id,
                                   .job_id = c->job_id,
                                   .claims = c->claims,
                                   .n = c->n,
                                   .came = c->came,
                                   .max_bytes = work->api->config.file_bytes_max};
}

static void
finish(struct work *work)
{
    ((struct completion *)work->state)->done(work);
}

/* False: it is over, and the work with it. */
static bool
goes_on(struct work *work)
{
    if (work->rc == ERR_OK && !work->api->closing)
        return true;
    finish(work);
    return false;
}

/* --- 4: the job is queued --- */

static enum err_code
end_upload(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct completion *c = work->state;
    const struct job_completion what = asked(work);
    enum err_code rc = job_complete_end(db, &what, clock_utc_ms(), err);

    return rc == ERR_OK ? job_find(work->arena, db, c->team_id, c->job_id, &c->job, err) : rc;
}

/* --- 3: the service makes one object of the parts --- */

static enum err_code
finish_upload(struct work *work, struct err *err)
{
    const struct completion *c = work->state;
    enum err_code rc = store_upload_finish(work->api->store, c->upload.object_id,
                                           c->upload.remote_id, c->parts, c->part_count, err);

    return rc == ERR_NOT_FOUND
               ? err_set(err, ERR_CONFLICT, "the upload was not completed in time and is closed")
               : rc;
}

static enum err_code
take_back(struct db *db, void *arg, struct err *err)
{
    const struct job_completion what = asked(arg);

    return job_complete_refused(db, &what, err);
}

/* What the service said is what the client is told. */
static void
taken_back(struct work *work)
{
    struct completion *c = work->state;

    work->rc = c->refused.code;
    work->err = c->refused;
    finish(work);
}

static void
finished(struct work *work)
{
    struct completion *c = work->state;

    if (work->rc == ERR_CONFLICT && !work->api->closing) {
        c->refused = work->err;
        work_write_for_team(work, take_back, taken_back);
    } else if (goes_on(work)) {
        work->wakes = true;
        work_write_for_team(work, end_upload, finish);
    }
}

/* --- 2: the list stands --- */

static enum err_code
close_list(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct completion *c = work->state;
    const struct job_completion what = asked(work);

    return job_complete_close(work->arena, db, &what, &c->parts, &c->part_count, err);
}

static void
closed(struct work *work)
{
    if (goes_on(work))
        work_io(work, finish_upload, finished);
}

/* --- 1: what has come --- */

static enum err_code
list_parts(struct work *work, struct err *err)
{
    struct completion *c = work->state;
    struct store_part *parts = NULL;
    enum err_code rc = store_upload_parts(work->api->store, work->arena, c->upload.object_id,
                                          c->upload.remote_id, &parts, &c->came.n, err);

    c->came.parts = parts;
    c->came.gone = rc == ERR_NOT_FOUND;
    return c->came.gone ? ERR_OK : rc;
}

static void
listed(struct work *work)
{
    if (goes_on(work))
        work_write_for_team(work, close_list, closed);
}

void
completion_direct(struct work *work, void (*done)(struct work *work))
{
    struct completion *c = work->state;

    c->done = done;
    if (c->upload.state == UPLOAD_OPEN)
        work_io(work, list_parts, listed);
    else
        work_write_for_team(work, close_list, closed);
}
