/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/pdfout.h"

enum { IDENTIFIER_BYTES = 16 };

static void
sink_write(fz_context *ctx, void *state, const void *bytes, size_t len)
{
    struct pdfout *o = state;

    if (!o->sink(o->sink_ctx, bytes, len)) {
        o->full = true;
        fz_throw(ctx, FZ_ERROR_ABORT, "the sink is full");
    }
    o->written += (int64_t)len;
}

static int64_t
sink_tell(fz_context *ctx, void *state)
{
    const struct pdfout *o = state;

    (void)ctx;
    return o->written;
}

void
pdfout_begin(struct pdfout *o)
{
    o->out = fz_new_output(o->ctx, 1 << 16, o, sink_write, NULL, NULL);
    o->out->tell = sink_tell;
    if (o->made) /* bytes past ASCII show that the file is binary */
        fz_write_string(o->ctx, o->out, "%PDF-1.7\n%\xc2\xb5\xc2\xb6\n\n");
}

static fz_buffer *
deflate(fz_context *ctx, fz_buffer *bytes)
{
    size_t len;
    unsigned char *data = fz_new_deflated_data_from_buffer(ctx, &len, bytes, FZ_DEFLATE_DEFAULT);
    fz_buffer *small = NULL;

    fz_try(ctx) small = fz_new_buffer_from_copied_data(ctx, data, len); /* data has room to spare */
    fz_always(ctx) fz_free(ctx, data);
    fz_catch(ctx) fz_rethrow(ctx);
    return small;
}

pdf_obj *
pdfout_add_stream(fz_context *ctx, pdf_document *pdf, fz_buffer *bytes)
{
    fz_buffer *small = deflate(ctx, bytes);
    pdf_obj *dict = NULL, *added = NULL;

    fz_var(dict);
    fz_try(ctx)
    {
        dict = pdf_new_dict(ctx, pdf, 2);
        pdf_dict_put(ctx, dict, PDF_NAME(Filter), PDF_NAME(FlateDecode));
        added = pdf_add_stream(ctx, pdf, small, dict, 1);
    }
    fz_always(ctx)
    {
        pdf_drop_obj(ctx, dict);
        fz_drop_buffer(ctx, small);
    }
    fz_catch(ctx) fz_rethrow(ctx);
    return added;
}

/* ---- objects of a PDF that is made here ---- */

static void
note_place(struct pdfout *o, int number)
{
    if (number >= o->cap) {
        int cap = number < 512 ? 1024 : 2 * number;
        o->places = fz_realloc_array(o->ctx, o->places, (size_t)cap, int64_t);
        for (int i = o->cap; i < cap; i++)
            o->places[i] = 0;
        o->cap = cap;
    }
    o->places[number] = fz_tell_output(o->ctx, o->out);
}

static bool
is_written(const struct pdfout *o, int number)
{
    return number < o->cap && o->places[number] != 0;
}

static void
begin_object(struct pdfout *o, int number, pdf_obj *object)
{
    note_place(o, number);
    fz_write_printf(o->ctx, o->out, "%d 0 obj\n", number);
    pdf_print_obj(o->ctx, o->out, object, 1, 0);
}

/* Compressed, if it is not yet: what MuPDF makes of pictures without a coding of their own. */
static void
put_stream(struct pdfout *o, int number, pdf_obj *reference)
{
    fz_context *ctx = o->ctx;
    fz_buffer *bytes = pdf_load_raw_stream_number(ctx, o->pdf, number), *small = NULL;

    fz_var(small);
    fz_try(ctx)
    {
        if (pdf_dict_get(ctx, reference, PDF_NAME(Filter)) == NULL) {
            small = deflate(ctx, bytes);
            pdf_dict_put(ctx, reference, PDF_NAME(Filter), PDF_NAME(FlateDecode));
            pdf_update_stream(ctx, o->pdf, reference, small, 1);
        }
        begin_object(o, number, pdf_resolve_indirect(ctx, reference));
        fz_write_string(ctx, o->out, "\nstream\n");
        fz_write_buffer(ctx, o->out, small != NULL ? small : bytes);
        fz_write_string(ctx, o->out, "\nendstream\nendobj\n\n");
    }
    fz_always(ctx)
    {
        fz_drop_buffer(ctx, bytes);
        fz_drop_buffer(ctx, small);
    }
    fz_catch(ctx) fz_rethrow(ctx);
}

/* Writes it, and lets go of what it holds. */
static void
pass_stream(struct pdfout *o, int number)
{
    fz_context *ctx = o->ctx;
    pdf_obj *reference = pdf_new_indirect(ctx, o->pdf, number, 0);
    fz_buffer *nothing = NULL;

    fz_var(nothing);
    fz_try(ctx)
    {
        put_stream(o, number, reference);
        nothing = fz_new_buffer(ctx, 1);
        pdf_update_stream(ctx, o->pdf, reference, nothing, 1);
    }
    fz_always(ctx)
    {
        fz_drop_buffer(ctx, nothing);
        pdf_drop_obj(ctx, reference);
    }
    fz_catch(ctx) fz_rethrow(ctx);
}

void
pdfout_pass(struct pdfout *o)
{
    int count = o->made ? pdf_xref_len(o->ctx, o->pdf) : 0;

    for (; o->next < count; o->next++)
        if (o->next > 0 && pdf_obj_num_is_stream(o->ctx, o->pdf, o->next))
            pass_stream(o, o->next);
}

static void
put_rest(struct pdfout *o)
{
    int count = pdf_xref_len(o->ctx, o->pdf);

    pdfout_pass(o);
    for (int i = 1; i < count; i++) {
        if (is_written(o, i) || pdf_get_xref_entry(o->ctx, o->pdf, i)->type != 'n')
            continue;
        pdf_obj *object = pdf_load_object(o->ctx, o->pdf, i);
        fz_try(o->ctx)
        {
            begin_object(o, i, object);
            fz_write_string(o->ctx, o->out, "\nendobj\n\n");
        }
        fz_always(o->ctx) pdf_drop_obj(o->ctx, object);
        fz_catch(o->ctx) fz_rethrow(o->ctx);
    }
}

/* The table of places; numbers that nothing has are free. */
static void
put_places(struct pdfout *o)
{
    int count = pdf_xref_len(o->ctx, o->pdf);

    fz_write_printf(o->ctx, o->out, "xref\n0 %d\n0000000000 65535 f \n", count);
    for (int i = 1; i < count; i++) {
        bool written = is_written(o, i);
        fz_write_printf(o->ctx, o->out, "%010ld %05d %c \n", written ? o->places[i] : INT64_C(0),
                        written ? 0 : 65535, written ? 'n' : 'f');
    }
}

static void
put_trailer(struct pdfout *o, int64_t table)
{
    fz_context *ctx = o->ctx;
    unsigned char identifier[IDENTIFIER_BYTES];
    pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, o->pdf), PDF_NAME(Root));

    fz_memrnd(ctx, identifier, sizeof(identifier));
    fz_write_printf(ctx, o->out, "trailer\n<</Size %d/Root %d 0 R/ID[", pdf_xref_len(ctx, o->pdf),
                    pdf_to_num(ctx, root));
    for (int twice = 0; twice < 2; twice++) { /* of the first version of the file, and of this */
        fz_write_string(ctx, o->out, "<");
        for (int i = 0; i < IDENTIFIER_BYTES; i++)
            fz_write_printf(ctx, o->out, "%02x", identifier[i]);
        fz_write_string(ctx, o->out, ">");
    }
    fz_write_printf(ctx, o->out, "]>>\nstartxref\n%ld\n%%%%EOF\n", table);
}

/* ---- the end ---- */

/* MuPDF draws the file's new identifier by chance, begun with the time: here with what is written,
 * so that the same document gives the same bytes each time (PDF 1.7, 14.4 asks for no more). */
static void
begin_chance(struct pdfout *o, uint64_t digest)
{
    for (unsigned i = 0; i < 3; i++) /* of drand48 */
        o->ctx->seed48[i] = (uint16_t)(digest >> (16 * i));
}

void
pdfout_end(struct pdfout *o, uint64_t digest)
{
    pdf_write_options options = pdf_default_write_options;

    begin_chance(o, digest);
    if (o->made) {
        put_rest(o);
        int64_t table = fz_tell_output(o->ctx, o->out);
        put_places(o);
        put_trailer(o, table);
    } else {
        options.do_compress = 1;
        options.do_compress_fonts = 1;
        options.do_compress_images = 1; /* streams that are compressed already stay as they are */
        options.do_garbage = 1;
        pdf_write_document(o->ctx, o->pdf, o->out, &options);
    }
    fz_close_output(o->ctx, o->out);
}

void
pdfout_fini(struct pdfout *o)
{
    fz_drop_output(o->ctx, o->out);
    fz_free(o->ctx, o->places);
}
