/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/ocr/lstm_maker.h - writes tiny model files in the format of tessdata_fast.
 *
 * The network has the shape of the real ones with odd small sizes and pseudo-random weights, which
 * the test can ask for again to compute the same by plain loops. */
#pragma once

#include "base/buf.h"

#include <stdint.h>

enum {
    MADE_HEIGHT = 9,
    MADE_CONV = 5,     /* outputs of the convolution */
    MADE_SUMMARY = 6,  /* cells of the LSTM down the columns */
    MADE_FORWARD = 9,  /* of the one to the right */
    MADE_BACKWARD = 10 /* and to the left */
};

/* Characters and codes of the made models. */
enum {
    MADE_A = 2,
    MADE_B,
    MADE_T,
    MADE_ONE,
    MADE_DOT,
    MADE_CH, /* spelt with two codes: that of a, and one of its own */
    MADE_CHARS
};
enum { CODE_SPACE, CODE_A, CODE_B, CODE_T, CODE_ONE, CODE_DOT, CODE_NULL, CODE_H, MADE_CODES };

/* Weight and scale of a matrix: layer 0 convolution, 1..3 LSTM, 4 softmax; gate 0 but for LSTM. */
int8_t made_weight(unsigned layer, unsigned gate, unsigned row, unsigned column);
double made_scale(unsigned layer, unsigned gate, unsigned row);

/* A whole model: words "at", "bat", "tab", a full stop after a word, numbers of one or two digits.
 */
void made_model(struct buf *out);
