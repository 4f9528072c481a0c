/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/rows.h - reads a prepared picture row by row: Tesseract finds the rows, our line reader reads
 * them; what looks like letters outside all rows is then read as one block. */
#pragma once

#include "ocr/languages.h"
#include "ocr/prepare.h"
#include "ocr/tess.h"

struct rows_reader {
    struct tess *tess;
    struct languages *languages;
    const struct prepared *picture;
    int dpi;         /* that layout analysis is told */
    size_t language; /* of the page; SIZE_MAX: not known */

    /* The page as it was read from another view, in points, its lines from first_line on: rows that
     * are sure there are left out. NULL: none. */
    const struct page *read;
    uint32_t first_line;

    struct effort *effort;  /* of the page */
    double to_beat;         /* readings.h; 0: nothing */
    double reverse_below;   /* a reading less sure than that is asked what it weighs upside down */
    struct rows_told *told; /* NULL: nobody asks */
};

/* What one look at the rows weighs (readings.h), and what it would if they were turned upside down;
 * negative: not known. */
struct rows_told {
    double weight, reversed;
};

/* Appends words, lines and pictures to the page, in pixels of the picture, and says which language
 * it is in if that was found. */
MUST_CHECK
enum err_code rows_read(const struct rows_reader *reader, struct page *page, struct err *err);
