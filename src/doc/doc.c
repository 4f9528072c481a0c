/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/doc.h"

#include "doc/device.h"
#include "doc/mupdf_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum err_code
read_head(int fd, uint64_t size, uint8_t head[SNIFF_BYTES], size_t *ret_len, struct err *err)
{
    size_t wanted = size < SNIFF_BYTES ? (size_t)size : SNIFF_BYTES, len = 0;

    while (len < wanted) {
        ssize_t n = pread(fd, head + len, wanted - len, (off_t)len);
        if (n < 0)
            return err_sys(err, "read document");
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret_len = len;
    return ERR_OK;
}

static enum err_code
open_by_type(struct doc *doc, int fd, uint64_t size, struct err *err)
{
    uint8_t head[SNIFF_BYTES];
    const char *name;
    size_t len = 0;
    enum err_code rc = read_head(fd, size, head, &len, err);

    if (rc != ERR_OK)
        return rc;
    enum sniff_type type = sniff((struct span){head, len}, &name);
    if (type == SNIFF_OTHER)
        return err_set(err, ERR_MEDIA,
                       "this looks like %s; PDF, PNG, JPEG, TIFF, WebP, BMP and GIF can be read",
                       name);
    (void)snprintf(doc->type_name, sizeof(doc->type_name), "%s", name);
    doc->kind = type == SNIFF_PDF ? DOC_PDF : DOC_IMAGE;
    return type == SNIFF_PDF ? pdf_doc_open(doc, fd, size, err)
                             : image_doc_open(doc, fd, size, type, err);
}

enum err_code
doc_open(int fd, const struct doc_limits *limits, struct doc **ret, struct err *err)
{
    enum err_code rc = doc_warm(err);

    if (rc != ERR_OK)
        return rc;
    off_t end = lseek(fd, 0, SEEK_END);
    if (end < 0)
        return err_sys(err, "size of the document");
    struct doc *doc = calloc(1, sizeof(*doc));
    if (doc == NULL)
        return err_set(err, ERR_MEMORY, "no memory to open the document");
    doc->ctx = mupdf_context();
    doc->limits = *limits;
    mupdf_limit_memory(limits->memory_bytes);
    rc = open_by_type(doc, fd, (uint64_t)end, err);
    if (rc != ERR_OK) {
        doc_close(&doc);
        return rc;
    }
    *ret = doc;
    return ERR_OK;
}

void
doc_close(struct doc **doc)
{
    if (*doc == NULL)
        return;
    doc_leave_page(*doc);
    pdf_doc_close(*doc);
    image_doc_close(*doc);
    free(*doc);
    *doc = NULL;
}

enum doc_kind
doc_kind(const struct doc *doc)
{
    return doc->kind;
}

const char *
doc_type_name(const struct doc *doc)
{
    return doc->type_name;
}

uint32_t
doc_page_count(const struct doc *doc)
{
    return doc->page_count;
}

enum err_code
doc_check_index(const struct doc *doc, uint32_t index, struct err *err)
{
    if (index < doc->page_count)
        return ERR_OK;
    return err_set(err, ERR_INPUT, "page %u was asked for, the document has %u", index + 1,
                   doc->page_count);
}

pdf_page *
doc_open_page(struct doc *doc, uint32_t index)
{
    if (doc->open_page != NULL && doc->open_index == index)
        return doc->open_page;
    doc_leave_page(doc);
    doc->open_page = pdf_load_page(doc->ctx, doc->pdf, (int)index);
    doc->open_index = index;
    return doc->open_page;
}

void
doc_leave_page(struct doc *doc)
{
    if (doc->open_page != NULL)
        fz_drop_page(doc->ctx, &doc->open_page->super);
    fz_drop_display_list(doc->ctx, doc->list);
    doc->open_page = NULL;
    doc->list = NULL;
    doc->draws = 0;
}

enum err_code
doc_measure(struct doc *doc, uint32_t index, float *ret_width, float *ret_height, struct err *err)
{
    fz_context *ctx = doc->ctx;
    fz_rect bounds = {0};
    float dpi;
    enum err_code rc = ERR_OK;

    if (doc->kind == DOC_IMAGE) {
        image_doc_measure(doc, index, ret_width, ret_height, &dpi);
        return ERR_OK;
    }
    fz_var(bounds);
    fz_try(ctx) bounds = pdf_bound_page(ctx, doc_open_page(doc, index));
    fz_catch(ctx) rc = mupdf_error(ctx, err, "the page cannot be read");
    if (rc != ERR_OK)
        return rc;
    *ret_width = bounds.x1 - bounds.x0;
    *ret_height = bounds.y1 - bounds.y0;
    return ERR_OK;
}

void
doc_run(struct doc *doc, uint32_t index, fz_device *dev, fz_matrix ctm)
{
    if (doc->kind == DOC_IMAGE)
        image_doc_run(doc, index, false, dev, ctm);
    else
        pdf_run_page(doc->ctx, doc_open_page(doc, index), dev, ctm, NULL);
}

/* Notes what a file that ends too early does not have of the page. */
static enum err_code
note_missing(struct doc *doc, struct page *page, struct err *err)
{
    fz_context *ctx = doc->ctx;
    struct page_region *region = NULL;
    struct box box;
    bool missing = false;
    enum err_code rc = ERR_OK;

    fz_var(missing);
    fz_var(rc);
    fz_try(ctx) missing = image_doc_missing(doc, page->index, &box);
    fz_catch(ctx) rc = mupdf_error(ctx, err, "the page cannot be drawn");
    if (rc != ERR_OK || !missing)
        return rc;
    region = page_add_region(page);
    if (region == NULL)
        return err_set(err, ERR_LIMIT, "page %u: no room for it", page->index + 1);
    *region = (struct page_region){.box = box, .kind = REGION_MISSING};
    return ERR_OK;
}

enum err_code
doc_load_text(struct doc *doc, uint32_t index, struct arena *arena, struct page **ret_page,
              enum doc_trust *ret_trust, struct err *err)
{
    float width, height, dpi;
    enum err_code rc = doc_check_index(doc, index, err);

    if (rc != ERR_OK)
        return rc;
    if (doc->kind == DOC_PDF)
        return pdf_doc_text(doc, index, arena, ret_page, ret_trust, err);
    doc->layer = (struct doc_layer){0};
    image_doc_measure(doc, index, &width, &height, &dpi);
    struct page *page = page_new(arena, index, width, height);
    if (page == NULL)
        return err_set(err, ERR_LIMIT, "page %u: no room for it", index + 1);
    rc = note_missing(doc, page, err);
    if (rc != ERR_OK)
        return rc;
    *ret_page = page;
    *ret_trust = TRUST_NONE;
    return ERR_OK;
}

const struct doc_layer *
doc_layer(const struct doc *doc)
{
    return &doc->layer;
}

enum err_code
doc_native_dpi(struct doc *doc, uint32_t index, float *ret_dpi, struct err *err)
{
    float width, height;
    enum err_code rc = doc_check_index(doc, index, err);

    if (rc != ERR_OK)
        return rc;
    if (doc->kind == DOC_IMAGE) {
        image_doc_measure(doc, index, &width, &height, ret_dpi);
        return ERR_OK;
    }
    if (!doc->dpi_known || doc->dpi_page != index) {
        /* The interpretation that gives the text gives this too. */
        struct arena *arena = arena_new(MiB(64));
        struct page *page;
        enum doc_trust trust;
        if (arena == NULL)
            return err_set(err, ERR_MEMORY, "no memory to look at page %u", index + 1);
        rc = pdf_doc_text(doc, index, arena, &page, &trust, err);
        arena_drop(&arena);
        doc->layer = (struct doc_layer){0}; /* its arrays went with the arena */
    }
    if (rc == ERR_OK)
        *ret_dpi = doc->dpi_value;
    return rc;
}
