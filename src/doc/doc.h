/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/doc.h - opens the bytes of a document as pages with text and pictures.
 *
 * Inputs: PDF, PNG, JPEG (EXIF orientation, CMYK), TIFF (many pages, CCITT), WebP, BMP, GIF. The
 * type is decided by content. Runs in the confined child only: the bytes are hostile, MuPDF is
 * assumed exploitable. MuPDF's exceptions end in doc/mupdf.c. One document at a time, one thread.
 */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"
#include "page/page.h"
#include "page/pixmap.h"

enum doc_kind { DOC_PDF, DOC_IMAGE };

struct doc_limits {
    size_t memory_bytes; /* for MuPDF's own allocations */
    uint32_t pages_max;  /* ERR_PAGES */
    uint64_t pixels_max; /* of one rendered page or one source image: ERR_PIXELS */
};

struct doc;

/* Makes what every document needs (MuPDF's context), once in the reader, before it forks. */
MUST_CHECK
enum err_code doc_warm(struct err *err);

/* And loads the fonts that a page may ask for without bringing them, so that the children share
 * them: worth it for a reader of several documents. */
MUST_CHECK
enum err_code doc_warm_fonts(struct err *err);

/* fd: the document, read-only, seekable; kept open by the caller until doc_close. ERR_MEDIA (no
 * known type; says what was found), ERR_FORMAT, ERR_ENCRYPTED (the empty password does not open
 * it), ERR_PAGES. */
MUST_CHECK
enum err_code doc_open(int fd, const struct doc_limits *limits, struct doc **ret, struct err *err);
void doc_close(struct doc **doc);

enum doc_kind doc_kind(const struct doc *doc);
const char *doc_type_name(const struct doc *doc); /* "PDF 1.7", "JPEG", "TIFF", ... */
uint32_t doc_page_count(const struct doc *doc);

/* The text layer of a page: words, lines, links, field values (AcroForm values stand as words where
 * they are shown), rules (REGION_RULE, from vector drawing) and pictures (REGION_PICTURE). Text
 * that nobody can see (render mode 3, transparent, in the colour of its ground, painted over,
 * clipped away, off the page) goes to page->hiddens, unless the page's whole text is an invisible
 * OCR layer over a scan, which is trusted less: see ret_trust. ERR_FORMAT if the page cannot be
 * interpreted. */
enum doc_trust {
    TRUST_LAYER, /* born digital: believe it */
    TRUST_DOUBT, /* garbage maps, or somebody's OCR layer: pixels decide */
    TRUST_NONE   /* no text layer */
};
MUST_CHECK
enum err_code doc_load_text(struct doc *doc, uint32_t index, struct arena *arena,
                            struct page **ret_page, enum doc_trust *ret_trust, struct err *err);

/* More of the layer that doc_load_text gave last; it lives in that arena. */
enum { DOC_FONTS_MAX = 64 }; /* told apart on a page; those past it count as one */
enum doc_doubt {
    DOUBT_NONE,
    DOUBT_TEXT, /* what the font gives looks like no text: pixels decide */
    DOUBT_NAMES /* its glyphs are named or drawn otherwise: pixels decide between characters */
};

/* A character whose glyph looks like another one. */
struct doc_swap {
    uint32_t from, to;
    uint8_t font; /* its number */
};

struct doc_layer {
    uint32_t word_count;           /* as it was given; layout may move words later */
    const uint8_t *fonts;          /* [word_count] number of the font of each word */
    uint8_t doubts[DOC_FONTS_MAX]; /* enum doc_doubt */
    const bool *shown; /* [word_count] of a scan: drawn for all to see, in a font without doubt;
                        * else NULL */
    bool invisible;    /* all of it is somebody's OCR layer that nobody sees */
    const struct box
        *outlines;          /* [outline_count] filled shapes as large as letters, which may be */
    uint32_t outline_count; /* text drawn without a font */
    const struct doc_swap *swaps; /* [swap_count] of fonts in doubt and others */
    uint32_t swap_count;
};
const struct doc_layer *doc_layer(const struct doc *doc);

/* Resolution (dpi) of the picture that covers most of the page; 0 if pictures do not matter. */
MUST_CHECK
enum err_code doc_native_dpi(struct doc *doc, uint32_t index, float *ret_dpi, struct err *err);

/* Grey picture of the page, or of clip (page points) if not NULL, at dpi, in the arena. */
MUST_CHECK
enum err_code doc_render(struct doc *doc, uint32_t index, float dpi, const struct box *clip,
                         struct arena *arena, struct pixmap *ret, struct err *err);

/* The page as PNG with the boxes of its tree drawn on it, at dpi (colour by kind), into out. */
MUST_CHECK
enum err_code doc_draw_overlay(struct doc *doc, uint32_t index, float dpi, const struct page *page,
                               struct buf *out, struct err *err);
