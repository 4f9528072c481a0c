/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/binarise.h - ink and paper of a grey picture, told apart by the edges between them.
 *
 * What is darker than the edges around it, on the average, is ink (weighted by their strength:
 * Kittler, Illingworth, Foeglein 1985). Stripes and grain have weak edges, which do not count; and
 * a page with hardly any ink is parted as well as a full one, which thresholds from the histogram
 * do not achieve. */
#pragma once

#include "base/attrs.h"
#include "page/pixmap.h"

#include <stdbool.h>

/* Sets the bits of ink in words: wpl 32-bit words a row, the first pixel in the highest bit; all
 * others become 0. The picture's paper has to be even. False for want of memory. */
MUST_CHECK
bool binarise(const struct pixmap *even, uint32_t *words, size_t wpl);

/* Whether the paper itself has edges: noise. More than half of a page is paper. */
bool binarise_has_grain(const struct pixmap *picture);
