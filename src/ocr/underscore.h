/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/underscore.h - the underscore between two words that the network took for a space.
 *
 * Once rows are shrunk to what the network likes, an underscore is a pale line a pixel high, and
 * names such as ORDER_ID fall apart. It is looked for in the picture: between the words, below the
 * baseline, a bar with nothing above it that does not go on below the letters, as an underline
 * does. Method: our own. */
#pragma once

#include "ocr/lstm.h"

/* Whether one stands between the boxes of two words of an upright row, left to right, in pixels of
 * picture. */
bool underscore_between(const struct pixmap *picture, const struct lstm_row *row, struct box left,
                        struct box right);
