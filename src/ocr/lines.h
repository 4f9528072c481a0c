/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lines.h - reads the rows that the layout analysis found with our own line reader
 * (ocr/lstm.h).
 *
 * The text is that of Tesseract's recogniser, in a fraction of its time. Of several languages the
 * one whose reading of a row is surest wins the row. */
#pragma once

#include "ocr/tess.h"

enum { LINES_MODELS_MAX = 8 };

/* picture: what the rows were found in. Appends words and lines in its pixels. work: scratch that
 * is emptied; must hold what reading one line takes (docs/lstm.md). */
MUST_CHECK
enum err_code lines_read(struct lstm_model *const *models, size_t model_count,
                         const struct pixmap *picture, const struct tess_rows *rows,
                         struct arena *work, struct page *page, struct err *err);
