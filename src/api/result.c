/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/result.c - GET /ocr/result/{job_id}: the pages of a finished job.
 *
 * Rows are read on the loop's thread; the pages' bytes are read, and their boxes rendered, on a
 * thread of the pool, so that a large result delays nobody's status. A failed job answers 200 with
 * status "failed" and the pages that there are: client libraries expect every key in that case too.
 */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/progress.h"
#include "api/query.h"
#include "api/result_form.h"
#include "api/work.h"
#include "base/clock.h"
#include "render/render.h"

#include <inttypes.h>

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };

static const int64_t page_max = 1000000000; /* keeps page x limit far from overflow */

struct result {
    struct job job;
    struct quirks quirks;
    int64_t page, limit;
    struct job_page *pages;
    size_t n;
    struct buf body;
    struct arena *tree; /* of one page at a time */
    struct page_bytes bytes;
    enum form_id form; /* FORM_COUNT: the API's own JSON */
};

static void
result_drop(struct work *work)
{
    struct result *r = work->state;

    buf_fini(&r->body);
    arena_drop(&r->tree);
    page_bytes_fini(&r->bytes);
}

/* --- on a thread of the pool --- */

static enum err_code
put_boxes(struct result *r, const struct job_page *page, struct jsonw *w, struct err *err)
{
    struct page *tree;
    struct buf boxes;
    enum err_code rc = page_bytes_tree(&r->bytes, r->tree, page, &tree, err);

    if (rc != ERR_OK)
        return rc;
    buf_init(&boxes, API_REPLY_MAX);
    render_boxes(tree, render_api_dpi, &boxes);
    rc = buf_check(&boxes, "bounding boxes of a page", err);
    if (rc == ERR_OK)
        jsonw_raw(w, "bounding_boxes", boxes.len > 0 ? buf_text(&boxes) : "[]");
    buf_fini(&boxes);
    return rc;
}

static void
put_dimensions(const struct job_page *page, struct jsonw *w)
{
    if (page->width_px <= 0 || page->height_px <= 0) {
        jsonw_null(w, "dimensions");
        return;
    }
    jsonw_object(w, "dimensions");
    jsonw_int(w, "width", page->width_px);
    jsonw_int(w, "height", page->height_px);
    jsonw_end(w);
}

/* Old client libraries read these beside "result". */
static void
put_old_fields(const struct result *r, struct span text, struct jsonw *w)
{
    if (!r->quirks.page_text)
        return;
    jsonw_bytes(w, "text", text.data, text.len);
    jsonw_time(w, "processed_at", r->job.completed_ms);
    jsonw_object(w, "metadata");
    jsonw_end(w);
}

static enum err_code
put_read_page(struct result *r, const struct job_page *page, struct jsonw *w, struct err *err)
{
    struct span text;
    enum err_code rc = page_bytes_markdown(&r->bytes, r->tree, page, &text, err);

    if (rc != ERR_OK)
        return rc;
    jsonw_bytes(w, "result", text.data, text.len);
    jsonw_real(w, "confidence", page->confidence, 4);
    put_dimensions(page, w);
    jsonw_null(w, "error_message");
    put_old_fields(r, text, w);
    bool boxes = r->job.spec.bounding_boxes && !r->quirks.no_boxes;
    jsonw_bool(w, "has_bounding_boxes", boxes);
    if (boxes)
        return put_boxes(r, page, w, err);
    jsonw_array(w, "bounding_boxes");
    jsonw_end(w);
    return ERR_OK;
}

static void
put_failed_page(const struct result *r, const struct job_page *page, struct jsonw *w)
{
    jsonw_null(w, "result");
    jsonw_null(w, "confidence");
    put_dimensions(page, w);
    jsonw_string(w, "error_message", page->message != NULL ? page->message : page->reason);
    put_old_fields(r, (struct span){(const uint8_t *)"", 0}, w);
    jsonw_bool(w, "has_bounding_boxes", false);
    jsonw_array(w, "bounding_boxes");
    jsonw_end(w);
}

static enum err_code
put_pages(struct result *r, struct jsonw *w, struct err *err)
{
    enum err_code rc = ERR_OK;

    jsonw_array(w, "pages");
    for (size_t i = 0; i < r->n && rc == ERR_OK; i++) {
        const struct job_page *page = &r->pages[i];
        arena_reset(r->tree);
        jsonw_object(w, NULL);
        jsonw_string(w, "id", page->id);
        jsonw_int(w, "page_number", page->number);
        if (page->reason != NULL)
            put_failed_page(r, page, w);
        else
            rc = put_read_page(r, page, w, err);
        jsonw_end(w);
        if (rc == ERR_OK && r->body.spoilt)
            rc = err_set(err, ERR_LIMIT,
                         "the result is larger than the limit of %d bytes; ask for fewer pages "
                         "with a smaller limit, it was %" PRId64,
                         API_REPLY_MAX, r->limit);
    }
    jsonw_end(w);
    return rc;
}

static void
put_pagination(const struct result *r, struct jsonw *w)
{
    jsonw_object(w, "pagination");
    jsonw_int(w, "page", r->page);
    jsonw_int(w, "limit", r->limit);
    jsonw_int(w, "total", r->job.total_pages);
    jsonw_int(w, "total_pages", (r->job.total_pages + r->limit - 1) / r->limit);
    jsonw_end(w);
}

static enum err_code
put_result(struct result *r, struct err *err)
{
    const struct job *job = &r->job;
    struct jsonw w = {.out = &r->body};

    jsonw_object(&w, NULL);
    jsonw_string(&w, "job_id", job->id);
    jsonw_string(&w, "status", quirks_status(&r->quirks, job->status));
    jsonw_string(&w, "file_name", job->spec.file_name);
    jsonw_string(&w, "model", job->spec.model);
    jsonw_string(&w, "result_format", job_format_name(job->spec.format));
    jsonw_int(&w, "total_pages", job->total_pages);
    jsonw_int(&w, "processed_pages", job->done_pages);
    jsonw_int(&w, "credits_used", job->credits_used);
    jsonw_time(&w, "completed_at", job->completed_ms);
    jsonw_int(&w, "processing_time_seconds", progress_seconds(job, job->completed_ms));
    jsonw_string(&w, "error_message", job->message);
    enum err_code rc = put_pages(r, &w, err);
    put_pagination(r, &w);
    jsonw_end(&w);
    return rc == ERR_OK ? buf_check(&r->body, "result", err) : rc;
}

static enum err_code
render(struct work *work, struct err *err)
{
    struct result *r = work->state;
    enum err_code rc;

    r->tree = arena_new(page_bytes_arena);
    if (r->tree == NULL)
        return err_set(err, ERR_UNAVAILABLE, "no memory to read pages into");
    rc = r->form == FORM_COUNT ? put_result(r, err)
                               : result_form_write(r->form, &r->job, r->pages, r->n, &r->bytes,
                                                   r->tree, &r->body, err);
    arena_drop(&r->tree);
    page_bytes_fini(&r->bytes);
    return rc;
}

/* --- on the loop's thread --- */

static void
rendered(struct work *work)
{
    const struct result *r = work->state;

    if (work->call != NULL && work->rc != ERR_OK)
        reply_error(work->call, &work->err);
    else if (work->call != NULL)
        call_reply(work->call, 200,
                   r->form == FORM_COUNT ? "application/json" : forms[r->form].content_type,
                   buf_span(&r->body));
    work_drop(&work);
}

static void
reply_unfinished(struct call *call, const struct job *job)
{
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_string(&w, "job_id", job->id);
    jsonw_string(&w, "status", job_status_name(job->status));
    jsonw_int(&w, "processed_pages", job->done_pages);
    jsonw_int(&w, "total_pages", job->total_pages);
    jsonw_string(&w, "result_format", job_format_name(job->spec.format));
    jsonw_null(&w, "error_message");
    jsonw_null(&w, "completed_at");
    jsonw_end(&w);
    call_reply_json(call, 202);
}

static enum err_code
load(struct work *work, const struct call *call, struct err *err)
{
    struct result *r = work->state;
    struct span query = http_query(call->http);
    enum err_code rc = result_form_read(query, work->arena, &r->form, err);

    if (rc == ERR_OK)
        rc = query_int(query, "page", 1, page_max, 1, &r->page, err);
    if (rc == ERR_OK) /* a file is wanted whole, pages of JSON one after the other */
        rc = query_int(query, "limit", 1, LIMIT_MAX,
                       r->form == FORM_COUNT ? LIMIT_DEFAULT : LIMIT_MAX, &r->limit, err);
    if (rc == ERR_OK)
        rc = job_find(work->arena, call->api->db, call->who.team_id, call->params[0], &r->job, err);
    if (rc == ERR_OK && job_is_terminal(r->job.status))
        rc = job_pages(work->arena, call->api->db, r->job.id, (r->page - 1) * r->limit + 1,
                       r->limit, &r->pages, &r->n, err);
    return rc;
}

void
result_show(struct call *call)
{
    struct err err;
    struct work *work = work_new(call->api, call, sizeof(struct result));

    if (work == NULL) {
        err_set(&err, ERR_UNAVAILABLE, "no memory for a request's work");
        reply_error(call, &err);
        return;
    }
    struct result *r = work->state;
    page_bytes_init(&r->bytes, call->api->store);
    r->quirks = call->quirks;
    buf_init(&r->body, API_REPLY_MAX);
    work->on_drop = result_drop;
    if (load(work, call, &err) != ERR_OK) {
        reply_error(call, &err);
        work_drop(&work);
    } else if (!job_is_terminal(r->job.status)) {
        reply_unfinished(call, &r->job);
        work_drop(&work);
    } else {
        work_io(work, render, rendered);
    }
}
