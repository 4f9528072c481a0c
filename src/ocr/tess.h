/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/tess.h - Tesseract 5 through its C API: finds lines in a prepared picture and reads them.
 *
 * LSTM only, so that nothing learnt on one page is used on the next. Everything that reading needs
 * is loaded by tess_open; a child forked afterwards opens no file. Tesseract starts OpenMP threads
 * unless OMP_THREAD_LIMIT=1 was in the environment when the process started: the caller sees to
 * that. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/err.h"
#include "ocr/lstm.h"
#include "page/page.h"

struct Pix;
struct tess;

/* languages NULL: for tess_find_rows alone; of model_dir nothing is read then. */
MUST_CHECK
enum err_code tess_open(const char *model_dir, const char *languages, struct tess **ret,
                        struct err *err);
void tess_close(struct tess **tess);
const char *tess_version(void);

/* Reads pix (8 or 1 bit) and appends words and lines (boxes in pixels of pix), rules and pictures
 * that the layout analysis found. ERR_LIMIT past a limit of the page; nothing found is ERR_OK. */
MUST_CHECK
enum err_code tess_read(struct tess *tess, struct Pix *pix, int dpi, struct page *page,
                        struct err *err);

/* A row of text as the layout analysis finds it, not read yet. Pixels of pix. */
struct tess_row {
    struct lstm_row row; /* words in the arena */
    struct box box;
    float baseline; /* y at the left end */
    int32_t paragraph;
    int turn; /* degrees clockwise that bring the row upright */
};

struct tess_rows {
    struct tess_row *rows;
    size_t count;
};

/* Layout analysis only: the rows, in reading order, in the arena; pictures to page.
 * one_block: the picture is taken for one block of text, without columns and pictures: for what the
 * analysis of the page has passed over. */
MUST_CHECK
enum err_code tess_find_rows(struct tess *tess, struct Pix *pix, int dpi, bool one_block,
                             struct arena *arena, struct page *page, struct tess_rows *ret,
                             struct err *err);
