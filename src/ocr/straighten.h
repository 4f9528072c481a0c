/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/straighten.h - the picture of a page with bent rows as it would be were they straight. */
#pragma once

#include "page/pixmap.h"
#include "page/warp.h"

/* from    grey, upright
 * warp    in its pixels, once from was turned clockwise by degrees about its middle
 * to      its pixels are the caller's, as many as the frame is wide and high; what lies beyond from
 *         becomes white */
void straighten(const struct pixmap *from, const struct page_warp *warp, float degrees,
                struct pixmap *to);
