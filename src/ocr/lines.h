/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lines.h - rows as read (ocr/readings.h) become words and lines of a page. */
#pragma once

#include "ocr/readings.h"

/* Appends words and lines, in pixels of the picture that was read. */
MUST_CHECK
enum err_code lines_add(const struct readings *readings, struct page *page, struct err *err);
