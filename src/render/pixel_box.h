/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/pixel_box.h - boxes in whole pixels of the page as it is seen. */
#pragma once

#include "page/page.h"

struct pixel_box {
    int64_t x0, y0, x1, y1; /* 0 <= x0 <= x1 <= width; x1 and y1 lie outside */
};

/* The pixels that the box touches, inside the page. */
struct pixel_box pixel_box(const struct page *page, struct box box, float dpi);
