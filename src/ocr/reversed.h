/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/reversed.h - light print on bands of dark colour (heads of tables, title bars) made dark
 * print on paper.
 *
 * Layout analysis takes such bands for pictures and rules. A band is dark ground that hangs
 * together, of one brightness, between straight edges, with some light print in it: photographs,
 * logos and large letters are none. Method: our own. */
#pragma once

#include "base/attrs.h"
#include "page/pixmap.h"

#include <stdbool.h>

/* Mends the picture in place; ret_bands: how many bands there were. False for want of memory. */
MUST_CHECK
bool reversed_mend(const struct pixmap *picture, uint32_t *ret_bands);
