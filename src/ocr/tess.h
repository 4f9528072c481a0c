/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/tess.h - Tesseract 5 through its C API: finds lines in a prepared picture and reads them.
 *
 * LSTM only, so that nothing learnt on one page is used on the next. Everything that reading needs
 * is loaded by tess_open; a child forked afterwards opens no file. Tesseract starts OpenMP threads
 * unless OMP_THREAD_LIMIT=1 was in the environment when the process started: the caller sees to
 * that. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "page/page.h"

struct Pix;
struct tess;

MUST_CHECK
enum err_code tess_open(const char *model_dir, const char *languages, struct tess **ret,
                        struct err *err);
void tess_close(struct tess **tess);
const char *tess_version(void);

/* What came of a reading, to compare readings of the same page. */
struct tess_result {
    uint32_t words, letters; /* letters and digits in them */
    float confidence;        /* mean over letters, 0..1; 0 if there are none */
};

/* Reads pix (8 or 1 bit) and appends words and lines (boxes in pixels of pix), rules and pictures
 * that the layout analysis found. ERR_LIMIT past a limit of the page; nothing found is ERR_OK. */
MUST_CHECK
enum err_code tess_read(struct tess *tess, struct Pix *pix, int dpi, struct page *page,
                        struct tess_result *ret, struct err *err);
