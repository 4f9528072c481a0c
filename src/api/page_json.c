/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/page_json.h"

#include "api/api_internal.h"
#include "render/render.h"

enum err_code
page_reader_init(struct page_reader *reader, struct store *store, const struct job *job,
                 const struct quirks *quirks, struct err *err)
{
    *reader = (struct page_reader){.job = job, .quirks = quirks};
    page_bytes_init(&reader->bytes, store);
    reader->tree = arena_new(page_bytes_arena);
    return reader->tree != NULL ? ERR_OK
                                : err_set(err, ERR_UNAVAILABLE, "no memory to read pages into");
}

void
page_reader_fini(struct page_reader *reader)
{
    arena_drop(&reader->tree);
    page_bytes_fini(&reader->bytes);
}

static enum err_code
put_boxes(struct page_reader *r, const struct job_page *page, struct jsonw *w, struct err *err)
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
put_old_fields(const struct page_reader *r, struct span text, struct span extracted,
               struct jsonw *w)
{
    if (!r->quirks->page_text)
        return;
    jsonw_bytes(w, "text", text.data, text.len);
    jsonw_time(w, "processed_at", r->job->completed_ms);
    jsonw_object(w, "metadata");
    if (extracted.len > 0)
        jsonw_raw_span(w, "extra", extracted);
    jsonw_end(w);
}

/* Markdown, or what was extracted; a job for structured data never has text in its place. */
static struct span
put_value(const struct page_reader *r, const struct job_page *page, struct span text,
          struct jsonw *w)
{
    struct span json = {.data = NULL, .len = 0};

    if (r->extracted != NULL)
        extracted_put_page(r->extracted, page->number, page->reason == NULL, w, &json);
    else if (r->job->spec.format != JOB_MARKDOWN || page->reason != NULL)
        jsonw_null(w, "result");
    else
        jsonw_bytes(w, "result", text.data, text.len);
    return json;
}

static enum err_code
put_read_page(struct page_reader *r, const struct job_page *page, struct jsonw *w, struct err *err)
{
    struct span text;
    enum err_code rc = page_bytes_markdown(&r->bytes, r->tree, page, &text, err);

    if (rc != ERR_OK)
        return rc;
    struct span json = put_value(r, page, text, w);
    jsonw_real(w, "confidence", page->confidence, 4);
    put_dimensions(page, w);
    jsonw_null(w, "error_message");
    put_old_fields(r, text, json, w);
    bool boxes = r->job->spec.bounding_boxes && !r->quirks->no_boxes;
    jsonw_bool(w, "has_bounding_boxes", boxes);
    if (boxes)
        return put_boxes(r, page, w, err);
    jsonw_array(w, "bounding_boxes");
    jsonw_end(w);
    return ERR_OK;
}

static void
put_failed_page(const struct page_reader *r, const struct job_page *page, struct jsonw *w)
{
    const struct span no_text = {(const uint8_t *)"", 0};
    struct span json = put_value(r, page, no_text, w);
    jsonw_null(w, "confidence");
    put_dimensions(page, w);
    jsonw_string(w, "error_message", page->message != NULL ? page->message : page->reason);
    put_old_fields(r, no_text, json, w);
    jsonw_bool(w, "has_bounding_boxes", false);
    jsonw_array(w, "bounding_boxes");
    jsonw_end(w);
}

enum err_code
page_put(struct page_reader *reader, const struct job_page *page, struct jsonw *w, struct err *err)
{
    arena_reset(reader->tree);
    jsonw_string(w, "id", page->id);
    jsonw_int(w, "page_number", page->number);
    if (page->reason == NULL)
        return put_read_page(reader, page, w, err);
    put_failed_page(reader, page, w);
    return ERR_OK;
}
