/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/ridges.h - lines too thin or too pale to be ink: where a picture is darker than on both
 * sides.
 *
 * A line narrower than a pixel, or grey, is no ink beside black letters, but all along it the paper
 * on its two sides is brighter, by the same. Method: our own, after ridge detection by second
 * differences (Haralick 1983), smoothed along the line. */
#pragma once

#include "base/attrs.h"
#include "page/pixmap.h"

#include <stdbool.h>
#include <stdint.h>

/* Sets the bits of lines, level or upright, of `least` pixels and more in words: wpl 32-bit words a
 * row, the first pixel in the highest bit; all others become 0. Letters may touch a line from one
 * side along half of it. False for want of memory. */
MUST_CHECK
bool ridges_find(const struct pixmap *picture, bool level, uint32_t least, uint32_t *words,
                 size_t wpl);
