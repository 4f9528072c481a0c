/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/mupdf_internal.h - what the files of doc/ that speak to MuPDF share; no other folder includes
 * it.
 *
 * Rule of these files: a MuPDF call that can throw stands inside fz_try, and the fz_catch block
 * ends in mupdf_error. No exception leaves a function that is declared here without "throws" beside
 * it. */
#pragma once

#include "doc/doc.h"
#include "doc/sniff.h"

#include <mupdf/fitz.h>
#include <mupdf/pdf.h>

struct image_set;  /* doc/image.c: the pages of an image file */
struct outline;    /* doc/structure.c: the titles of a PDF */
struct identities; /* doc/identity.h: what is known of the glyphs of a PDF */
struct sketch;     /* doc/sketch.h: what a page paints where */

struct doc {
    fz_context *ctx; /* borrowed from doc/mupdf.c */
    enum doc_kind kind;
    char type_name[24];
    struct doc_limits limits;
    uint32_t page_count;
    pdf_document *pdf;             /* DOC_PDF */
    struct image_set *images;      /* DOC_IMAGE */
    struct outline *outline;       /* NULL: not read yet */
    struct identities *identities; /* DOC_PDF */
    struct text_room *text_room;   /* DOC_PDF */
    struct sketch *sketch;         /* DOC_PDF, of the page that was interpreted last */
    /* What the last interpretation of a page found, so that asking for the resolution after the
     * text does not run the page again. */
    uint32_t dpi_page;
    float dpi_value;
    bool dpi_known;
    struct doc_layer layer; /* of the page that was interpreted last */
    /* The page looked at last is kept, so that it is not loaded for each look; how often it was
     * drawn, and what it is drawn from when it is drawn in parts (doc/render.c). */
    pdf_page *open_page;
    uint32_t open_index, draws;
    fz_display_list *list;
};

/* The one context of the process; NULL before doc_warm. */
fz_context *mupdf_context(void);

/* From now on MuPDF's allocations together stay below bytes, or fail. */
void mupdf_limit_memory(size_t bytes);

/* Turns the exception that was just caught into an error: ERR_MEMORY past the memory limit, else
 * ERR_FORMAT "what: reason" with what the library said, cleaned of anything unprintable. */
enum err_code mupdf_error(fz_context *ctx, struct err *err, const char *what);

/* A seekable stream over pread; the descriptor stays the caller's. Throws. */
fz_stream *mupdf_stream(fz_context *ctx, int fd, uint64_t size);

/* doc/pdf.c */
MUST_CHECK
enum err_code pdf_doc_open(struct doc *doc, int fd, uint64_t size, struct err *err);
void pdf_doc_close(struct doc *doc);
MUST_CHECK
enum err_code pdf_doc_text(struct doc *doc, uint32_t index, struct arena *arena,
                           struct page **ret_page, enum doc_trust *ret_trust, struct err *err);

/* doc/image.c */
MUST_CHECK
enum err_code image_doc_open(struct doc *doc, int fd, uint64_t size, enum sniff_type type,
                             struct err *err);
void image_doc_close(struct doc *doc);
/* Width and height of the page in points, and the dpi at which one source pixel is one pixel. */
void image_doc_measure(const struct doc *doc, uint32_t index, float *ret_width, float *ret_height,
                       float *ret_dpi);
/* The part of the page that the file, which ends too early, does not have; false: all is there.
 * Decodes a damaged picture. Throws. */
bool image_doc_missing(struct doc *doc, uint32_t index, struct box *ret);
/* Draws the page through dev with one point = one unit under ctm. grey: dev makes grey of it, so
 * that the colours are not wanted. Throws. */
void image_doc_run(struct doc *doc, uint32_t index, bool grey, fz_device *dev, fz_matrix ctm);

/* The source's own pixels as grey on white, where dpi is the picture's own and so no resampling is
 * needed: *ret_done tells. pixels: [height][width] of the page at that dpi, as seen. Throws. */
void image_doc_copy(struct doc *doc, uint32_t index, float dpi, uint8_t *pixels, uint32_t width,
                    uint32_t height, bool *ret_done);

/* The page's size in points, as seen. */
MUST_CHECK
enum err_code doc_measure(struct doc *doc, uint32_t index, float *ret_width, float *ret_height,
                          struct err *err);
/* The page of a PDF, kept open until another is asked for; borrowed. Throws. */
pdf_page *doc_open_page(struct doc *doc, uint32_t index);
/* What was kept of it goes. */
void doc_leave_page(struct doc *doc);
/* Draws the page, annotations and fields included, through dev. Throws. */
void doc_run(struct doc *doc, uint32_t index, fz_device *dev, fz_matrix ctm);

/* ERR_INPUT for a page that the document does not have. */
MUST_CHECK
enum err_code doc_check_index(const struct doc *doc, uint32_t index, struct err *err);
