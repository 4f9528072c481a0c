/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_kernel.h - integer products and activations of the line reader, for this processor.
 *
 * Every implementation gives the same bits: sums are exact integers, and float operations are done
 * in one order, without fused multiply-add. Chosen once at run time (lstm_kernel_best). */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LSTM_GROUP = 4,   /* inputs that lie side by side for one output */
    LSTM_BLOCK = 32,  /* outputs that are computed together */
    LSTM_LANES = 8,   /* cells of a block; its 32 outputs are 8 of each gate */
    LSTM_GATES = 4,   /* cell input, input gate, forget gate, output gate */
    LSTM_TABLE = 4096 /* entries of the activation tables, 256 a unit */
};

/* Weights as [blocks][groups][LSTM_BLOCK][LSTM_GROUP], the rest zero. */
struct lstm_matrix {
    uint32_t groups; /* of inputs */
    uint32_t blocks; /* of outputs */
    int8_t *weights;
    int32_t *bias;   /* [blocks * LSTM_BLOCK], times 127 already; NULL: none */
    int32_t *excess; /* [blocks * LSTM_BLOCK], 128 * the sum of an output's weights */
    float *scale;    /* [blocks * LSTM_BLOCK]; NULL: none */
};

/* Value and difference to the next entry, for linear interpolation. */
struct lstm_table_entry {
    float value, step;
};

struct lstm_tables {
    struct lstm_table_entry tanh[LSTM_TABLE];
    struct lstm_table_entry logistic[LSTM_TABLE];
};

/* Rows of inputs, -127..127; of each so many values as the matrix has groups of four. */
struct lstm_rows {
    const int8_t *values;
    size_t stride; /* values from row to row */
    size_t count;
};

/* Rows of what sums begin with; stride 0: the same for all. */
struct lstm_init {
    const int32_t *values;
    size_t stride;
};

struct lstm_sums {
    int32_t *values;
    size_t stride;
};

/* LSTM cells at one step; count is a multiple of LSTM_LANES. */
struct lstm_cells {
    const int32_t *sums; /* [count * LSTM_GATES], in blocks */
    const float *scale;  /* the same */
    size_t count;
    float *state;   /* [count], updated */
    int8_t *output; /* [count], written */
};

/* A maximum pool along rows: of sums [width * pool][outs] to most [width][outs]; outs is a multiple
 * of 8. */
struct lstm_pool {
    const int32_t *sums;
    size_t outs, width, pool;
    int32_t *most;
    bool goes_on; /* most holds maxima of a row before, which count too */
};

struct lstm_kernel {
    const char *name;

    /* out[r] = init[r] + weights * in[r] for each row; init may be out. */
    void (*multiply)(const struct lstm_matrix *m, struct lstm_rows in, struct lstm_init init,
                     struct lstm_sums out);

    void (*cells)(const struct lstm_tables *tables, const struct lstm_cells *cells);

    void (*pool)(const struct lstm_pool *pool);

    /* out[i] = tanh(sums[i] * scale[i]) times 127. n is a multiple of 8. */
    void (*tanh_row)(const struct lstm_tables *tables, const int32_t *sums, const float *scale,
                     size_t n, int8_t *out);
};

void lstm_tables_init(struct lstm_tables *tables);

/* The table's function, |x| >= 16 - 1/256 gives 1. */
float lstm_tanh(const struct lstm_tables *tables, float x);
float lstm_logistic(const struct lstm_tables *tables, float x);
int8_t lstm_to_int8(float x); /* times 127, rounded, clipped */

/* All implementations that this processor runs, best first; *ret_count at least 1. */
const struct lstm_kernel *const *lstm_kernels(size_t *ret_count);
const struct lstm_kernel *lstm_kernel_best(void);
