/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/render.c - pictures of pages, grey, on white paper, straight into the arena. */
#include "doc/sketch.h"

#include <math.h>
#include <string.h>

/* Around a part that is drawn: what lies there may reach into it by rounding. */
static const float pixels_round = 1.5F, points_round = 0.5F;

/* The pixels that the area takes at dpi; false if none or more than the limit. */
static bool
size_in_pixels(const struct doc *doc, struct box area, float dpi, uint32_t *ret_width,
               uint32_t *ret_height)
{
    /* A hundredth of a pixel more than a whole number is the noise of float arithmetic. */
    double width = ceil((double)box_width(area) * dpi / 72 - 0.01);
    double height = ceil((double)box_height(area) * dpi / 72 - 0.01);

    width = fmax(width, 1);
    height = fmax(height, 1);
    if (!(width * height <= (double)doc->limits.pixels_max) || width > INT32_MAX / 4 ||
        height > INT32_MAX / 4)
        return false;
    *ret_width = (uint32_t)width;
    *ret_height = (uint32_t)height;
    return true;
}

/* The page as a list of what it draws. Throws. */
static fz_display_list *
record(struct doc *doc, uint32_t index)
{
    fz_context *ctx = doc->ctx;
    fz_display_list *list = NULL;
    fz_device *dev = NULL;

    fz_var(list);
    fz_var(dev);
    fz_try(ctx)
    {
        list = fz_new_display_list(ctx, pdf_bound_page(ctx, doc_open_page(doc, index)));
        dev = fz_new_list_device(ctx, list);
        doc_run(doc, index, dev, fz_identity);
        fz_close_device(ctx, dev);
    }
    fz_always(ctx) fz_drop_device(ctx, dev);
    fz_catch(ctx)
    {
        fz_drop_display_list(ctx, list);
        fz_rethrow(ctx);
    }
    return list;
}

/* A page that is drawn in parts is interpreted once for all of them, and what lies outside a part
 * is passed over: its pictures are not decoded, its letters and masks not drawn. Throws. */
static void
run_part(struct doc *doc, uint32_t index, fz_device *dev, fz_matrix ctm, fz_rect part, bool whole)
{
    (void)doc_open_page(doc, index);
    if (doc->draws++ == 0 && whole) {
        doc_run(doc, index, dev, ctm);
        return;
    }
    if (doc->list == NULL)
        doc->list = record(doc, index);
    fz_run_display_list(doc->ctx, doc->list, dev, ctm, part, NULL);
}

/* The group that the library begins for a page with anything transparent on it. Throws. */
static void
begin_group(struct doc *doc, pdf_page *page, fz_device *dev, fz_rect area)
{
    fz_context *ctx = doc->ctx;
    pdf_obj *space = pdf_dict_get(ctx, pdf_page_group(ctx, page), PDF_NAME(CS));
    fz_colorspace *colours = NULL;

    if (space != NULL) {
        fz_try(ctx) colours = pdf_load_colorspace(ctx, space);
        fz_catch(ctx) colours = NULL; /* as the library does */
    }
    fz_try(ctx) fz_begin_group(ctx, dev, area, colours, 1, 0, 0, 1);
    fz_always(ctx) fz_drop_colorspace(ctx, colours);
    fz_catch(ctx) fz_rethrow(ctx);
}

/* Pictures alone. Throws. */
static void
draw_sketch(struct doc *doc, uint32_t index, fz_device *dev, fz_matrix ctm, struct box part)
{
    pdf_page *page = doc_open_page(doc, index);

    if (page->transparency)
        begin_group(doc, page, dev, fz_transform_rect(pdf_bound_page(doc->ctx, page), ctm));
    sketch_draw(doc->ctx, doc->sketch, dev, ctm, part);
    if (page->transparency)
        fz_end_group(doc->ctx, dev);
}

/* Throws. */
static void
run(struct doc *doc, uint32_t index, fz_device *dev, fz_matrix ctm, const struct pixmap *to,
    bool whole)
{
    const float pt = 72 / to->dpi, margin = fmaxf(pixels_round * pt, points_round);
    const struct box part = {to->x0 - margin, to->y0 - margin,
                             to->x0 + (float)to->width * pt + margin,
                             to->y0 + (float)to->height * pt + margin};

    if (doc->kind == DOC_IMAGE)
        image_doc_run(doc, index, true, dev, ctm);
    else if (sketch_shows(doc->sketch, index, part))
        draw_sketch(doc, index, dev, ctm, part);
    else
        run_part(doc, index, dev, ctm, fz_make_rect(0, 0, (float)to->width, (float)to->height),
                 whole);
}

/* Throws. */
static void
draw(struct doc *doc, uint32_t index, const struct pixmap *to, bool whole)
{
    fz_context *ctx = doc->ctx;
    fz_pixmap *pixmap = NULL;
    fz_device *dev = NULL;
    float scale = to->dpi / 72;
    fz_matrix ctm = fz_concat(fz_translate(-to->x0, -to->y0), fz_scale(scale, scale));

    fz_var(pixmap);
    fz_var(dev);
    fz_try(ctx)
    {
        pixmap = fz_new_pixmap_with_data(ctx, fz_device_gray(ctx), (int)to->width, (int)to->height,
                                         NULL, 0, (int)to->stride, to->pixels);
        dev = fz_new_draw_device(ctx, fz_identity, pixmap);
        run(doc, index, dev, ctm, to, whole);
        fz_close_device(ctx, dev);
    }
    fz_always(ctx)
    {
        fz_drop_device(ctx, dev);
        fz_drop_pixmap(ctx, pixmap);
    }
    fz_catch(ctx) fz_rethrow(ctx);
}

enum err_code
doc_render(struct doc *doc, uint32_t index, float dpi, const struct box *clip, struct arena *arena,
           struct pixmap *ret, struct err *err)
{
    fz_context *ctx = doc->ctx;
    struct box area = {0};
    struct pixmap picture = {.dpi = dpi};
    enum err_code rc = doc_check_index(doc, index, err);

    if (rc == ERR_OK)
        rc = doc_measure(doc, index, &area.x1, &area.y1, err);
    if (rc != ERR_OK)
        return rc;
    if (clip != NULL)
        area = box_cut(*clip, area);
    if (!(dpi > 0) || !size_in_pixels(doc, area, dpi, &picture.width, &picture.height))
        return err_set(
            err, ERR_PIXELS,
            "page %u is %.0f x %.0f pt; at %.0f dpi that is over the limit of %llu pixels",
            index + 1, (double)box_width(area), (double)box_height(area), (double)dpi,
            (unsigned long long)doc->limits.pixels_max);
    picture.x0 = area.x0;
    picture.y0 = area.y0;
    picture.stride = picture.width;
    picture.pixels = arena_room(arena, picture.height, picture.stride);
    if (picture.pixels == NULL)
        return err_set(err, ERR_LIMIT, "page %u: no room for %u x %u pixels", index + 1,
                       picture.width, picture.height);
    memset(picture.pixels, 255, picture.stride * picture.height);
    fz_var(rc);
    fz_try(ctx)
    {
        bool done = false;
        if (doc->kind == DOC_IMAGE && clip == NULL)
            image_doc_copy(doc, index, dpi, picture.pixels, picture.width, picture.height, &done);
        if (!done)
            draw(doc, index, &picture, clip == NULL);
    }
    fz_catch(ctx) rc = mupdf_error(ctx, err, "the page cannot be drawn");
    if (rc == ERR_OK)
        *ret = picture;
    return rc;
}
