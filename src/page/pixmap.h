/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/pixmap.h - a picture of a page or of a part of it: 8-bit grey, 0 black, 255 white. */
#pragma once

#include "page/page.h"

struct pixmap {
    uint8_t *pixels; /* [height][stride] */
    uint32_t width, height;
    size_t stride;
    float dpi;    /* pixels per inch, the same both ways */
    float x0, y0; /* position of its top left corner on the page, pt */
};
