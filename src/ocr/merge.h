/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/merge.h - two readings of the same picture become one, row by row and word by word.
 *
 * Method: words that stand at the same place are rivals; the surer one stays, the other becomes an
 * alternative (in the manner of ROVER, Fiscus 1997, with places instead of an alignment of texts).
 * Rivals that say the same confirm each other, unless they are one text taken over (the same string
 * in memory). Knows boxes, texts and confidences only. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "page/page.h"

/* before: the page as both began. first and second: before with words and lines appended, in the
 * same frame and arena; ret: before with the lines of both. Rows that only second has are taken
 * where they are sure. Where the readings are too long to be compared, ret is first. */
MUST_CHECK
enum err_code merge_readings(const struct page *before, const struct page *first,
                             const struct page *second, struct page *ret, struct err *err);
