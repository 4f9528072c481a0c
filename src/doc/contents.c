/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/contents.c - the contents of a page with their tags.
 *
 * MuPDF 1.21 tells a device the names of tags as those of layers, and not the numbers by which they
 * hang in the structure tree, nor what else stands with them. Its interpreter is run as
 * pdf_run_page_contents does it, with the two operators that know them led past here. (It begins a
 * group for pages with transparency besides, which a device that draws nothing does not need.) */
#include "doc/device.h"

/* The interpreter of the page at hand: one at a time in a process with one thread (mupdf.c). The
 * operators are given it and nothing of ours. */
static struct {
    fz_device *dev;
    void (*begin_tag)(fz_context *, pdf_processor *, const char *, pdf_obj *, pdf_obj *);
    void (*draw_form)(fz_context *, pdf_processor *, const char *, pdf_obj *, pdf_obj *);
} at_hand;

static void
begin_tag(fz_context *ctx, pdf_processor *proc, const char *tag, pdf_obj *raw, pdf_obj *cooked)
{
    pdf_obj *number = pdf_dict_get(ctx, cooked, PDF_NAME(MCID));

    reading_device_tell_tag(
        at_hand.dev, pdf_is_int(ctx, number) ? pdf_to_int(ctx, number) : TAG_UNNUMBERED, cooked);
    at_hand.begin_tag(ctx, proc, tag, raw, cooked);
}

static void
draw_form(fz_context *ctx, pdf_processor *proc, const char *name, pdf_obj *form, pdf_obj *resources)
{
    pdf_obj *outer = reading_device_enter(ctx, at_hand.dev, form);

    fz_try(ctx) at_hand.draw_form(ctx, proc, name, form, resources);
    fz_always(ctx) reading_device_leave(at_hand.dev, outer);
    fz_catch(ctx) fz_rethrow(ctx);
}

void
contents_run(fz_context *ctx, pdf_document *pdf, pdf_page *page, fz_device *dev)
{
    pdf_processor *proc = NULL;
    fz_default_colorspaces *spaces = NULL;
    fz_matrix ctm;
    fz_rect media;

    fz_var(proc);
    fz_var(spaces);
    fz_try(ctx)
    {
        pdf_page_transform(ctx, page, &media, &ctm);
        spaces = pdf_load_default_colorspaces(ctx, pdf, page);
        if (spaces != NULL)
            fz_set_default_colorspaces(ctx, dev, spaces);
        proc = pdf_new_run_processor(ctx, dev, ctm, "View", NULL, spaces, NULL);
        at_hand.dev = dev;
        at_hand.begin_tag = proc->op_BDC;
        at_hand.draw_form = proc->op_Do_form;
        proc->op_BDC = begin_tag;
        proc->op_Do_form = draw_form;
        /* Resources first, whatever the header calls them. */
        pdf_process_contents(ctx, proc, pdf, pdf_page_resources(ctx, page),
                             pdf_page_contents(ctx, page), NULL);
        pdf_close_processor(ctx, proc);
    }
    fz_always(ctx)
    {
        pdf_drop_processor(ctx, proc);
        fz_drop_default_colorspaces(ctx, spaces);
        at_hand.dev = NULL;
    }
    fz_catch(ctx) fz_rethrow(ctx);
}
