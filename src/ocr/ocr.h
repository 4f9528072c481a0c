/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/ocr.h - reads words from the pixels of a page, through an engine interface.
 *
 * The engine is opened once in the reader (models loaded, touched, shared by copy-on-write) and
 * used in the confined children that it forks: reading opens no file and starts no thread. Pixels
 * in, words and lines appended to a page in points; foreign units (pixels, 0..100) end here. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "page/page.h"
#include "page/pixmap.h"

#include <stdbool.h>

struct ocr;

struct ocr_config {
    const char *model_dir; /* folder of *.traineddata; NULL: the usual places */
    const char *languages; /* "auto": each page's own, among those installed; "eng", "eng+deu": each
                            * row in the one that reads it best; NULL: "eng" */
    bool as_searched;      /* doubtful words keep the reading that the search took: for fitting what
                            * chooses among them (ocr/verdict.h) */
};

/* ERR_NOT_FOUND names the file that is missing and the Debian package that has it. */
MUST_CHECK
enum err_code ocr_open(const struct ocr_config *config, struct ocr **ret, struct err *err);
void ocr_close(struct ocr **ocr);
const char *ocr_describe(const struct ocr *ocr); /* "tesseract 5.3.0, eng" */

/* Whether the word is in the list of the language's model ("eng"); false where there is none. */
bool ocr_knows(struct ocr *ocr, const char *language, const char *word);

/* Resolution at which a picture whose own is native_dpi (0: unknown) should be rendered to be read.
 */
float ocr_pick_dpi(float native_dpi, float page_width_pt, float page_height_pt);

/* Times the median height of letters, pixels: the resolution at which they would be those of
 * 10.5 pt type (that height is half an em). */
static const float ocr_dpi_per_letter_pixel = 13.7F;

/* Before a page: what was spent on the one before is forgotten. */
void ocr_begin_page(struct ocr *ocr);

/* What was spent on the page since, or since the last ocr_read: steps (ocr/effort.h). */
uint64_t ocr_spent(const struct ocr *ocr);

/* Reads the picture: straightens what little is needed, finds lines, appends words and lines
 * (witness PIXELS) and rules found in the picture to page. Finding nothing is ERR_OK. A picture
 * that is the whole page and whose text does not stand upright turns the page (page->turned). The
 * pixmap may be changed. */
MUST_CHECK
enum err_code ocr_read(struct ocr *ocr, struct pixmap *picture, struct page *page, struct err *err);

/* The same with one look: the picture is taken to stand upright, in the page's language if it has
 * one, and read badly if it does not. For small pictures of which it is not sure that there is
 * writing in them at all. Draws on what the last ocr_read of the page has left of its budget
 * (ocr/effort.h); when that is spent, nothing is read. */
MUST_CHECK
enum err_code ocr_glance(struct ocr *ocr, struct pixmap *picture, struct page *page,
                         struct err *err);
