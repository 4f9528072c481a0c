/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_weights.h - weight matrices of a model file, and their packing for the kernels. */
#pragma once

#include "ocr/lstm_internal.h"

/* A matrix in the file, borrowed: rows of outputs, the bias last in each. */
struct lstm_stored {
    const int8_t *weights;
    const uint8_t *scales; /* doubles */
    uint32_t rows, columns;
};

/* Expects a matrix of this size, of 8-bit integers. */
MUST_CHECK
enum err_code lstm_weights_read(struct lstm_cursor *cursor, uint32_t rows, uint32_t columns,
                                struct lstm_stored *ret, struct err *err);

/* All zero. */
MUST_CHECK
enum err_code lstm_weights_new(struct arena *arena, uint32_t n_in, uint32_t n_out,
                               struct lstm_matrix *ret, struct err *err);

/* A run of a stored row that becomes output out of a matrix. */
struct lstm_row_part {
    uint32_t row;
    uint32_t first, count; /* columns */
    uint32_t out;
};

MUST_CHECK
enum err_code lstm_weights_pack(const struct lstm_stored *stored, struct lstm_row_part part,
                                struct lstm_matrix *m, struct err *err);
