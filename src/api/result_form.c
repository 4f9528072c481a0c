/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/result_form.h"

#include "api/query.h"

#include <string.h>

enum { FORM_NAME_MAX = 20 };

enum err_code
result_form_read(struct span query, struct arena *arena, enum form_id *ret_form, bool *ret_pdf,
                 struct err *err)
{
    const char *name = NULL;
    enum err_code rc = query_text(arena, query, "as", FORM_NAME_MAX, &name, err);

    *ret_form = FORM_COUNT;
    *ret_pdf = false;
    if (rc != ERR_OK || name == NULL)
        return rc;
    *ret_form = form_find(span_of(name));
    *ret_pdf = strcmp(name, "pdf") == 0;
    if (*ret_form != FORM_COUNT || *ret_pdf)
        return ERR_OK;
    return err_set(err, ERR_INPUT,
                   "query parameter 'as' must be one of markdown, text, html, hocr, alto, json, "
                   "svg and pdf, not '%s'",
                   name);
}

static enum err_code
put_page(struct form_writer *w, const struct job_page *page, struct page_bytes *bytes,
         struct arena *arena, struct err *err)
{
    struct span markdown;
    struct page *tree;
    enum err_code rc;

    if (page->reason != NULL) {
        form_lost(w, (uint32_t)page->number, page->reason,
                  page->message != NULL ? page->message : page->reason);
        return ERR_OK;
    }
    if (w->id == FORM_MARKDOWN) {
        rc = page_bytes_markdown(bytes, arena, page, &markdown, err);
        if (rc == ERR_OK)
            form_markdown(w, markdown);
        return rc;
    }
    rc = page_bytes_tree(bytes, arena, page, &tree, err);
    if (rc == ERR_OK)
        form_page(w, tree);
    return rc;
}

enum err_code
result_form_write(enum form_id form, const struct job *job, const struct job_page *pages, size_t n,
                  struct page_bytes *bytes, struct arena *tree, struct buf *out, struct err *err)
{
    struct form_writer w;
    enum err_code rc = ERR_OK;

    form_begin(&w, form, job->spec.file_name, out);
    for (size_t i = 0; i < n && rc == ERR_OK; i++) {
        arena_reset(tree);
        rc = put_page(&w, &pages[i], bytes, tree, err);
        if (rc == ERR_OK && out->spoilt)
            rc = err_set(err, ERR_LIMIT,
                         "the result is larger than the limit of %d bytes; ask for fewer pages "
                         "with a smaller limit",
                         API_REPLY_MAX);
    }
    form_end(&w);
    return rc == ERR_OK ? buf_check(out, "result", err) : rc;
}
