/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/glyphless.h - fonts without ink for the invisible text of a PDF.
 *
 * Each character that occurs gets the next of 255 codes of the present font; a full font is
 * followed by another. All of these functions throw MuPDF's exceptions. */
#pragma once

#include "doc/mupdf_internal.h"

/* 65,535 different characters; what comes later shares the code of U+FFFD. */
enum { GLYPHLESS_FONTS_MAX = 257, GLYPHLESS_CODES = 255, GLYPHLESS_BLOCKS = 0x110000 / 256 };

/* Width of every character, in font sizes. */
extern const float glyphless_advance;

struct glyphless {
    fz_context *ctx;
    pdf_document *pdf;
    uint16_t *blocks[GLYPHLESS_BLOCKS]; /* [256] each: 1 + slot of the character; NULL: none seen */
    uint32_t *characters;               /* of the slots */
    uint32_t count, cap;
    pdf_obj *fonts[GLYPHLESS_FONTS_MAX]; /* indirect; filled in at the end */
};

void glyphless_init(struct glyphless *g, fz_context *ctx, pdf_document *pdf);
/* Never throws. */
void glyphless_fini(struct glyphless *g);

/* Where the character is: number of the font, and code in it from 1. */
struct glyphless_place {
    uint32_t font, code;
};
struct glyphless_place glyphless_find(struct glyphless *g, uint32_t character);

/* Writes the name of a font, as it stands in resources and content. */
void glyphless_name(uint32_t font, char out[16]);

/* Fills in the fonts; once, after the last glyphless_find. */
void glyphless_finish(struct glyphless *g);
