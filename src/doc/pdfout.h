/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/pdfout.h - the bytes of a PDF, on their way to who wants them.
 *
 * A PDF that was opened is written by MuPDF once it is complete. One that is made here goes out
 * while it is made, so that its pictures are not all held at once: streams as soon as pdfout_pass
 * is called, what else there is, the table of places and the trailer at the end (PDF 1.7, 7.5). The
 * same document gives the same bytes each time. Everything here but pdfout_fini throws. */
#pragma once

#include "doc/mupdf_internal.h"
#include "doc/searchable.h"

struct pdfout {
    fz_context *ctx;
    pdf_document *pdf; /* borrowed */
    bool made;         /* here */
    doc_sink_fn sink;
    void *sink_ctx;
    bool full; /* the sink wants no more */
    fz_output *out;
    int64_t written;
    int64_t *places; /* [cap] where the object of that number begins; 0: it is not written yet */
    int cap, next;   /* from next on, objects have not been looked at */
};

/* Set ctx, pdf, made, sink and sink_ctx; the rest is zero. */
void pdfout_begin(struct pdfout *o);
/* Writes the streams that were added since the last time; they are empty afterwards. Nothing of a
 * PDF that was opened. */
void pdfout_pass(struct pdfout *o);
/* digest: of what makes the file what it is; its identifier is drawn from it. */
void pdfout_end(struct pdfout *o, uint64_t digest);
void pdfout_fini(struct pdfout *o);

/* Adds a stream of these bytes, compressed. Returns a reference, the caller's. */
pdf_obj *pdfout_add_stream(fz_context *ctx, pdf_document *pdf, fz_buffer *bytes);
