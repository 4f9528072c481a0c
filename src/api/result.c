/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/result.c - GET /ocr/result/{job_id}: the pages of a finished job.
 *
 * Rows are read on the loop's thread; the pages' bytes are read, and their boxes rendered, on a
 * thread of the pool, so that a large result delays nobody's status. A failed job answers 200 with
 * status "failed" and the pages that there are: client libraries expect every key in that case too.
 */
#include "api/result.h"
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/page_json.h"
#include "api/progress.h"
#include "api/query.h"
#include "api/result_form.h"
#include "api/result_pdf.h"
#include "api/work.h"
#include "base/clock.h"

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
    struct page_reader reader;
    const char *extraction_id;  /* asked for; NULL: see find_extraction */
    struct extracted extracted; /* row.id empty: Markdown */
    enum form_id form;          /* FORM_COUNT: the API's own JSON */
    bool pdf;                   /* a searchable PDF: form is FORM_COUNT too */
};

static void
result_drop(struct work *work)
{
    struct result *r = work->state;

    buf_fini(&r->body);
    extracted_fini(&r->extracted);
    page_reader_fini(&r->reader);
}

/* --- on a thread of the pool --- */

static enum err_code
put_pages(struct result *r, struct jsonw *w, struct err *err)
{
    enum err_code rc = ERR_OK;

    jsonw_array(w, "pages");
    for (size_t i = 0; i < r->n && rc == ERR_OK; i++) {
        const struct job_page *page = &r->pages[i];
        jsonw_object(w, NULL);
        rc = page_put(&r->reader, page, w, err);
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
    jsonw_string(&w, "result_format",
                 job_format_name(r->extracted.row.id[0] != '\0' ? r->extracted.row.format
                                                                : job->spec.format));
    jsonw_int(&w, "total_pages", job->total_pages);
    jsonw_int(&w, "processed_pages", job->done_pages);
    jsonw_int(&w, "credits_used", job->credits_used);
    jsonw_time(&w, "completed_at", job->completed_ms);
    jsonw_int(&w, "processing_time_seconds", progress_seconds(job, job->completed_ms));
    jsonw_string(&w, "error_message", job->message);
    enum err_code rc = put_pages(r, &w, err);
    if (r->reader.extracted != NULL)
        extracted_put_whole(&r->extracted, &w);
    put_pagination(r, &w);
    jsonw_end(&w);
    return rc == ERR_OK ? buf_check(&r->body, "result", err) : rc;
}

static enum err_code
render(struct work *work, struct err *err)
{
    struct result *r = work->state;
    enum err_code rc = page_reader_init(&r->reader, work->api->store, &r->job, &r->quirks, err);

    if (rc == ERR_OK && r->form == FORM_COUNT && r->extracted.row.id[0] != '\0') {
        r->reader.extracted = &r->extracted;
        rc = extracted_load(work->api->store, &r->extracted, err);
    }
    if (rc != ERR_OK)
        return rc;
    rc = r->form == FORM_COUNT ? put_result(r, err)
                               : result_form_write(r->form, &r->job, r->pages, r->n,
                                                   &r->reader.bytes, r->reader.tree, &r->body, err);
    page_reader_fini(&r->reader);
    return rc;
}

/* --- on the loop's thread --- */

/* Text of documents is escaped in each form; should that ever fail, a browser that shows the reply
 * runs nothing of it and loads nothing for it. */
static void
forbid_scripts(struct call *call)
{
    call_header(call, "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; sandbox");
}

static void
reply(struct call *call, const void *state)
{
    const struct result *r = state;

    call_reply(call, 200, r->form == FORM_COUNT ? "application/json" : forms[r->form].content_type,
               buf_span(&r->body));
}

static void
rendered(struct work *work)
{
    const struct result *r = work->state;

    if (work->call != NULL && r->form != FORM_COUNT)
        forbid_scripts(work->call);
    work_answer(work, reply);
}

void
result_reply_unfinished(struct call *call, const struct job *job)
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

/* extraction_id=ID of the query, or the job's own one, if it has one that is done. */
static enum err_code
find_extraction(struct work *work, const struct call *call, struct err *err)
{
    struct result *r = work->state;
    struct extraction *x = &r->extracted.row;
    const char *id = r->extraction_id;
    enum err_code rc = ERR_OK;

    if (id == NULL)
        rc = query_text(work->arena, http_query(call->http), "extraction_id", UUID_TEXT_SIZE, &id,
                        err);
    if (rc != ERR_OK || (id == NULL && r->job.spec.format == JOB_MARKDOWN))
        return rc;
    rc =
        extraction_find(work->arena, call->api->db, r->job.id, id != NULL ? id : r->job.id, x, err);
    if (id == NULL && (rc == ERR_NOT_FOUND || (rc == ERR_OK && x->state != EXTRACTION_DONE))) {
        x->id[0] = '\0'; /* a job that failed before, or with it, has its reason */
        return ERR_OK;
    }
    if (rc == ERR_OK && x->state == EXTRACTION_FAILED)
        rc = err_set(err, err_from_reason(x->reason), "%s",
                     x->message != NULL ? x->message : "the extraction failed");
    return rc;
}

static enum err_code
load(struct work *work, const struct call *call, struct err *err)
{
    struct result *r = work->state;
    struct span query = http_query(call->http);
    enum err_code rc = result_form_read(query, work->arena, &r->form, &r->pdf, err);

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
    if (rc == ERR_OK && job_is_terminal(r->job.status))
        rc = find_extraction(work, call, err);
    return rc;
}

void
result_reply(struct call *call, const char *extraction_id)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct result));

    if (work == NULL)
        return;
    struct result *r = work->state;
    r->extraction_id = extraction_id;
    page_bytes_init(&r->reader.bytes, call->api->store);
    r->quirks = call->quirks;
    buf_init(&r->body, API_REPLY_MAX);
    work->on_drop = result_drop;
    if (load(work, call, &err) != ERR_OK) {
        reply_error(call, &err);
        work_drop(&work);
    } else if (!job_is_terminal(r->job.status) ||
               (r->extracted.row.id[0] != '\0' && r->extracted.row.state == EXTRACTION_WAITING)) {
        result_reply_unfinished(call, &r->job);
        work_drop(&work);
    } else if (r->pdf) {
        struct job job = r->job;
        work_drop(&work);
        result_pdf(call, &job);
    } else {
        work_io_long(work, render, rendered);
    }
}

void
result_show(struct call *call)
{
    result_reply(call, NULL);
}
