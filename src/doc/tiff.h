/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/tiff.h - lists the pages of a TIFF file: size, resolution, orientation; decodes nothing.
 *
 * MuPDF decodes the pages but tells these things only after decoding, and the orientation never.
 * Source: TIFF revision 6.0 (1992), sections 2 and 8. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

/* Numbers of a directory's entry: so many of that size, at a place in the file. */
struct tiff_list {
    uint32_t at, count;
    uint8_t bytes; /* of each: 2 or 4; 0: not there */
};

struct tiff_page {
    uint32_t width, height;
    float x_dpi, y_dpi;  /* 0: not given */
    uint8_t orientation; /* as in EXIF, 1..8 */
    bool reduced;        /* a thumbnail of another page */
    uint32_t colours_at; /* its table of colours: so many numbers of 16 bits; 0: none */
    uint32_t colours;
    struct tiff_list strips, lengths; /* where the pixels' strips or tiles are, and their bytes */
    uint32_t strip_rows;              /* 0: one strip for all */
    uint32_t tile_width;              /* 0: strips */
};

/* Pages of the file in order, at most max; *ret_more if there are more. Directories that point back
 * to an earlier one end the list. ERR_FORMAT if there is not even one. */
MUST_CHECK
enum err_code tiff_list(struct arena *arena, struct span bytes, uint32_t max,
                        struct tiff_page **ret_pages, uint32_t *ret_count, bool *ret_more,
                        struct err *err);

/* Colours have 16 bits, of which MuPDF takes the lower 8: right for writers that repeat a colour's
 * 8 bits in both halves, black for those that leave the lower half empty. Copies the upper half to
 * the lower, unless the table has values of 8 bits, as old files have. */
void tiff_mend_colours(uint8_t *bytes, size_t len, const struct tiff_page *page);

/* Of a file that ends too early: the lengths of strips past its end are cut to what is there, so
 * that the rest of the page is decoded. Rows at the page's bottom that are missing. */
MUST_CHECK
uint32_t tiff_mend_strips(uint8_t *bytes, size_t len, const struct tiff_page *page);
