/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/events.c - GET /ocr/jobs/{job_id}/events: a job as server-sent events (WHATWG HTML, 9.2).
 *
 *   event: status   whenever it has changed; data as of GET /ocr/status
 *   event: page     one a page, in the order in which they are done; data as in a result's pages;
 *                   id: <round>-<n>, from which Last-Event-ID goes on
 *   event: end      the job has ended; data as of status; nothing follows
 *   event: error    the job is not there any more; nothing follows
 * Pages of structured jobs come at the end: what is extracted may span pages. A comment is sent
 * where nothing else was for HEARTBEAT_MS. Pages are rendered by the pool, a few at a time, and the
 * next ones when the client has taken those: a slow one costs its own buffer, and is cut off when
 * it takes nothing at all. */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/page_json.h"
#include "api/query.h"
#include "api/status.h"
#include "api/watch.h"
#include "api/work.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES_AT_ONCE = 16, LOOK_ARENA = 1 << 20, LAST_ID_MAX = 40 };

static const size_t piece_bytes = KiB(256); /* of pages at once, the last one on top */
static const int64_t heartbeat_ms = 15000;

struct events {
    struct watch watch;
    struct arena *arena; /* of one look */
    int64_t round, seq;  /* of the last page sent */
    bool again;          /* the last pages could not be read, and are looked for once more */
    bool said;           /* a status was sent: */
    enum job_status status;
    int64_t done_pages, total_pages;
};

/* Of pages, for a thread of the pool. */
struct rendering {
    struct job job;
    struct quirks quirks;
    struct job_page *pages;
    size_t n;
    int64_t seq;                /* of the last page in body */
    struct extracted extracted; /* row.id empty: Markdown, or none that is done */
    struct buf body;
};

static void look(struct watch *watch);

/* --- what is sent --- */

static void
put_status(struct call *call, struct buf *out, const char *event, const struct job *job)
{
    struct jsonw w = {.out = out};

    buf_printf(out, "event: %s\ndata: ", event);
    status_put(call, &w, job);
    buf_string(out, "\n\n");
}

static void
send_scratch(struct events *events)
{
    http_send(events->watch.call->http, buf_span(&events->watch.call->api->scratch));
    events->watch.due_ms = clock_mono_ms() + heartbeat_ms;
}

static void
say_status(struct events *events, const struct job *job)
{
    struct call *call = events->watch.call;

    if (events->said && events->status == job->status && events->done_pages == job->done_pages &&
        events->total_pages == job->total_pages)
        return;
    events->said = true;
    events->status = job->status;
    events->done_pages = job->done_pages;
    events->total_pages = job->total_pages;
    buf_clear(&call->api->scratch);
    put_status(call, &call->api->scratch, "status", job);
    send_scratch(events);
}

static void
end(struct events *events, const struct job *job)
{
    struct call *call = events->watch.call;

    buf_clear(&call->api->scratch);
    put_status(call, &call->api->scratch, "end", job);
    send_scratch(events);
    call_finish(call);
}

static void
fail(struct events *events, const struct err *why)
{
    struct call *call = events->watch.call;
    struct buf *out = &call->api->scratch;

    api_heed(call->api, why);
    buf_clear(out);
    buf_string(out, "event: error\ndata: ");
    error_body(why, out);
    buf_string(out, "\n\n");
    send_scratch(events);
    call_finish(call);
}

/* --- pages --- */

static enum err_code
render_page(struct page_reader *reader, struct rendering *r, const struct job_page *page,
            struct err *err)
{
    struct jsonw w = {.out = &r->body};

    buf_printf(&r->body, "id: %" PRId64 "-%" PRId64 "\nevent: page\ndata: ", r->job.round,
               page->seq);
    jsonw_object(&w, NULL);
    enum err_code rc = page_put(reader, page, &w, err);
    jsonw_end(&w);
    buf_string(&r->body, "\n\n");
    return rc == ERR_OK ? buf_check(&r->body, "page", err) : rc;
}

static enum err_code
render(struct work *work, struct err *err)
{
    struct rendering *r = work->state;
    struct page_reader reader;
    enum err_code rc = page_reader_init(&reader, work->api->store, &r->job, &r->quirks, err);

    if (rc == ERR_OK && r->extracted.row.id[0] != '\0') {
        reader.extracted = &r->extracted;
        rc = extracted_load(work->api->store, &r->extracted, err);
    }
    for (size_t i = 0; rc == ERR_OK && i < r->n && r->body.len < piece_bytes; i++) {
        rc = render_page(&reader, r, &r->pages[i], err);
        r->seq = r->pages[i].seq;
    }
    page_reader_fini(&reader);
    return rc;
}

static void
drop_rendering(struct work *work)
{
    struct rendering *r = work->state;

    extracted_fini(&r->extracted);
    buf_fini(&r->body);
}

static void
rendered(struct work *work)
{
    const struct rendering *r = work->state;
    struct call *call = work->call;
    struct events *events = call != NULL ? call->watch->state : NULL;

    if (call == NULL) {
        work_drop(&work);
        return;
    }
    if (work->rc != ERR_OK) {
        struct err why = work->err;
        work_drop(&work);
        /* A page that its neighbours changed has moved, and its old place may be gone. */
        if (why.code == ERR_SYSTEM && !events->again) {
            events->again = true;
            look(&events->watch);
        } else {
            fail(events, &why);
        }
        return;
    }
    http_send(call->http, buf_span(&r->body));
    events->watch.due_ms = clock_mono_ms() + heartbeat_ms;
    events->seq = r->seq;
    events->again = false;
    work_drop(&work);
    look(&events->watch);
}

/* What was taken out of a structured job that has ended. */
static enum err_code
find_extracted(struct work *work, struct err *err)
{
    struct rendering *r = work->state;
    struct extraction row;
    enum err_code rc = extraction_find(work->arena, work->api->db, r->job.id, r->job.id, &row, err);

    if (rc == ERR_OK && row.state == EXTRACTION_DONE)
        r->extracted.row = row;
    return rc == ERR_NOT_FOUND ? ERR_OK : rc;
}

static enum err_code
load_pages(struct work *work, const struct events *events, struct err *err)
{
    struct rendering *r = work->state;
    const struct call *call = events->watch.call;
    enum err_code rc =
        job_find(work->arena, call->api->db, call->who.team_id, events->watch.job_id, &r->job, err);

    if (rc == ERR_OK)
        rc = job_pages_since(work->arena, call->api->db, r->job.id, events->seq, PAGES_AT_ONCE,
                             &r->pages, &r->n, err);
    if (rc == ERR_OK && r->job.spec.format != JOB_MARKDOWN)
        rc = find_extracted(work, err);
    if (rc == ERR_OK && r->n == 0)
        rc = err_set(err, ERR_SYSTEM, "job %s has fewer pages than it says", r->job.id);
    return rc;
}

static void
start_pages(struct events *events)
{
    struct call *call = events->watch.call;
    struct err err;
    struct work *work = work_new(call->api, call, sizeof(struct rendering));

    if (work == NULL) {
        err_set(&err, ERR_UNAVAILABLE, "no memory for pages");
        fail(events, &err);
        return;
    }
    struct rendering *r = work->state;
    r->quirks = call->quirks;
    buf_init(&r->body, API_REPLY_MAX);
    work->on_drop = drop_rendering;
    if (load_pages(work, events, &err) != ERR_OK) {
        work_drop(&work);
        fail(events, &err);
        return;
    }
    work_io_long(work, render, rendered);
}

/* --- the life of a stream --- */

static bool
shows_pages(const struct job *job)
{
    return job->spec.format == JOB_MARKDOWN || job_is_terminal(job->status);
}

/* What there is to say; it goes on by itself when pages are rendered, or taken. */
static void
look(struct watch *watch)
{
    struct events *events = watch->state;
    struct call *call = watch->call;
    struct job job;
    struct err err;

    if (call->work != NULL || http_unsent(call->http) > 0)
        return;
    arena_reset(events->arena);
    if (job_find(events->arena, call->api->db, call->who.team_id, watch->job_id, &job, &err) !=
        ERR_OK) {
        fail(events, &err);
        return;
    }
    if (job.round != events->round) { /* begun again: so are its pages */
        events->round = job.round;
        events->seq = 0;
    }
    say_status(events, &job);
    if (shows_pages(&job) && job.done_pages > events->seq)
        start_pages(events);
    else if (job_is_terminal(job.status))
        end(events, &job);
}

static void
heartbeat(struct watch *watch)
{
    watch->due_ms = clock_mono_ms() + heartbeat_ms;
    if (http_unsent(watch->call->http) == 0)
        http_send(watch->call->http, span_of(": still there\n\n"));
}

/* The client comes back with the id of the last page that it has. */
static void
stop(struct watch *watch)
{
    call_finish(watch->call);
}

static void
drop(struct watch *watch)
{
    arena_drop(&((struct events *)watch->state)->arena);
}

/* Of Last-Event-ID, or of a parameter for clients that cannot set it. What is none of ours begins
 * at the beginning. */
static enum err_code
read_last_id(struct call *call, struct events *events, struct err *err)
{
    struct span field = http_field(call->http, "Last-Event-ID");
    const char *text = NULL;
    char *after;
    enum err_code rc =
        query_text(call->arena, http_query(call->http), "last_event_id", LAST_ID_MAX, &text, err);

    if (rc == ERR_OK && field.data != NULL && field.len <= LAST_ID_MAX)
        text = arena_strndup(call->arena, (const char *)field.data, field.len);
    if (rc != ERR_OK || text == NULL)
        return rc;
    int64_t round = strtoll(text, &after, 10);
    int64_t seq = *after == '-' ? strtoll(after + 1, &after, 10) : 0;
    if (*after == '\0' && round >= 0 && seq >= 0) {
        events->round = round;
        events->seq = seq;
    }
    return ERR_OK;
}

static enum err_code
open_events(struct call *call, const struct job *job, struct events **ret, struct err *err)
{
    struct events *events = arena_alloc(call->arena, sizeof(*events));
    enum err_code rc = ERR_OK;

    if (events == NULL)
        return err_set(err, ERR_UNAVAILABLE, "no memory for a stream of events");
    events->watch = (struct watch){.call = call,
                                   .due_ms = clock_mono_ms() + heartbeat_ms,
                                   .state = events,
                                   .on_change = look,
                                   .on_due = heartbeat,
                                   .on_drained = look,
                                   .on_stop = stop,
                                   .on_drop = drop};
    memcpy(events->watch.job_id, job->id, sizeof(job->id));
    rc = read_last_id(call, events, err);
    if (rc == ERR_OK && (events->arena = arena_new(LOOK_ARENA)) == NULL)
        rc = err_set(err, ERR_UNAVAILABLE, "no memory for a stream of events");
    if (rc == ERR_OK && (rc = watch_add(&events->watch, err)) != ERR_OK)
        arena_drop(&events->arena);
    *ret = events;
    return rc;
}

void
events_show(struct call *call)
{
    struct events *events = NULL;
    struct job job;
    struct err err;
    enum err_code rc =
        job_find(call->arena, call->api->db, call->who.team_id, call->params[0], &job, &err);

    if (rc == ERR_OK)
        rc = open_events(call, &job, &events, &err);
    if (rc != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    call_header(call, "X-Accel-Buffering", "no"); /* nginx would keep them back */
    if (!call_begin(call, 200, "text/event-stream"))
        return;
    http_send(call->http, span_of("retry: 2000\n\n"));
    look(&events->watch);
}
