/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/ocr_internal.h - what the engine (ocr.c) and its looks at a picture (looks.c) share. */
#pragma once

#include "ocr/effort.h"
#include "ocr/languages.h"
#include "ocr/ocr.h"
#include "ocr/prepare.h"
#include "ocr/rows.h"

struct ocr {
    bool as_searched;
    struct tess *tess;
    struct languages *languages; /* for our line reader; NULL: Tesseract reads by itself */
    char description[128];
    struct effort effort; /* of the page that is read */
};

/* What was read, and how surely. */
struct outcome {
    struct page page;
    struct page before; /* the page before its words, in the frame of the picture */
    struct prepared prepared;
    int turn;
    double letters, sure; /* letters times confidence */
    struct rows_told told;
};

/* The page's language, if another picture of it has told and it is not one of those before the
 * first; else SIZE_MAX. */
size_t language_told(const struct ocr *ocr, const struct page *page, size_t first);

/* Reads the picture onto a copy of the page as the reader says, unless it is swamped with grain. */
MUST_CHECK
enum err_code look_once(struct ocr *ocr, const struct pixmap *picture, struct prepare_way way,
                        struct rows_reader reader, const struct page *page, struct outcome *ret,
                        struct err *err);

/* The surest reading of the ways up that it may stand. */
MUST_CHECK
enum err_code look_upright(struct ocr *ocr, const struct pixmap *picture, const struct page *page,
                           struct outcome *best, struct err *err);

/* What is doubtful is read from the picture seen in other ways too, and the readings made one. */
MUST_CHECK
enum err_code look_at_views(struct ocr *ocr, const struct pixmap *picture, struct outcome *best,
                            struct err *err);
