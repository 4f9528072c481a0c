/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_weights.c - reads weights and brings them into the order in which kernels use them. */
#include "ocr/lstm_weights.h"

#include <math.h>

enum { MODE_INT8 = 1, MODE_DOUBLE = 128, CACHE_LINE = 64 };

static const double scale_limit = 1e6; /* far beyond any trained one; keeps sums finite */

enum err_code
lstm_weights_read(struct lstm_cursor *cursor, uint32_t rows, uint32_t columns,
                  struct lstm_stored *ret, struct err *err)
{
    uint8_t mode = lstm_cursor_u8(cursor);
    struct lstm_stored s = {0};
    uint32_t n_scales;

    if ((mode & MODE_INT8) == 0 || (mode & MODE_DOUBLE) == 0)
        return err_set(err, ERR_FORMAT,
                       "model: weights are not 8-bit integers of the present format "
                       "(tessdata_fast has such)");
    s.rows = lstm_cursor_u32(cursor);
    s.columns = lstm_cursor_u32(cursor);
    (void)lstm_cursor_u8(cursor); /* value of an empty element */
    if (cursor->bad || s.rows != rows || s.columns != columns)
        return err_set(err, ERR_FORMAT, "model: weights of %u by %u where %u by %u belong", s.rows,
                       s.columns, rows, columns);
    s.weights = (const int8_t *)lstm_cursor_take(cursor, (size_t)rows * columns);
    n_scales = lstm_cursor_u32(cursor);
    s.scales = lstm_cursor_take(cursor, (size_t)n_scales * sizeof(double));
    if (cursor->bad || n_scales < rows)
        return err_set(err, ERR_FORMAT, "model: weights are cut off");
    *ret = s;
    return ERR_OK;
}

enum err_code
lstm_weights_new(struct arena *arena, uint32_t n_in, uint32_t n_out, struct lstm_matrix *ret,
                 struct err *err)
{
    struct lstm_matrix m = {0};
    size_t outs;
    uint8_t *weights;

    m.groups = (n_in + LSTM_GROUP - 1) / LSTM_GROUP;
    m.blocks = (n_out + LSTM_BLOCK - 1) / LSTM_BLOCK;
    outs = (size_t)m.blocks * LSTM_BLOCK;
    weights = arena_alloc(arena, outs * m.groups * LSTM_GROUP + CACHE_LINE);
    m.bias = arena_array(arena, outs, sizeof(*m.bias));
    m.excess = arena_array(arena, outs, sizeof(*m.excess));
    m.scale = arena_array(arena, outs, sizeof(*m.scale));
    if (weights == NULL || m.bias == NULL || m.excess == NULL || m.scale == NULL)
        return err_set(err, ERR_MEMORY, "model: no memory for its weights");
    m.weights = (int8_t *)(weights + (-(uintptr_t)weights & (CACHE_LINE - 1)));
    *ret = m;
    return ERR_OK;
}

enum err_code
lstm_weights_pack(const struct lstm_stored *stored, struct lstm_row_part part,
                  struct lstm_matrix *m, struct err *err)
{
    const int8_t *from = stored->weights + (size_t)part.row * stored->columns;
    struct lstm_cursor cursor = {stored->scales + (size_t)part.row * sizeof(double), sizeof(double),
                                 false};
    double scale = lstm_cursor_f64(&cursor);
    size_t block = part.out / LSTM_BLOCK, lane = part.out % LSTM_BLOCK;

    if (!isfinite(scale) || scale < 0 || scale > scale_limit)
        return err_set(err, ERR_FORMAT, "model: a scale of weights is %g", scale);
    for (uint32_t i = 0; i < part.count; i++) {
        int8_t w = from[part.first + i];
        size_t group = block * m->groups + i / LSTM_GROUP;

        if (w == INT8_MIN)
            return err_set(err, ERR_FORMAT, "model: a weight is -128, the lowest is -127");
        m->weights[(group * LSTM_BLOCK + lane) * LSTM_GROUP + i % LSTM_GROUP] = w;
        m->excess[part.out] += 128 * w;
    }
    m->bias[part.out] = from[stored->columns - 1] * 127;
    m->scale[part.out] = (float)(scale / 127);
    return ERR_OK;
}
