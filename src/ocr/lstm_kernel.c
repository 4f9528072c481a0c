/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_kernel.c - portable kernels, the activation tables, and the choice of implementation. */
#include "ocr/lstm_kernel.h"

#include "ocr/lstm_kernel_x86.h"

#include <math.h>

void
lstm_tables_init(struct lstm_tables *tables)
{
    for (size_t i = 0; i < LSTM_TABLE; i++) {
        double x = (double)i / 256.0;
        double next = (double)(i + 1) / 256.0;
        float t0 = (float)tanh(x);
        float l0 = (float)(1.0 / (1.0 + exp(-x)));

        tables->tanh[i] = (struct lstm_table_entry){t0, (float)tanh(next) - t0};
        tables->logistic[i] = (struct lstm_table_entry){l0, (float)(1.0 / (1.0 + exp(-next))) - l0};
    }
    /* From the last entry on the function is taken as 1. */
    tables->tanh[LSTM_TABLE - 1] = (struct lstm_table_entry){1.0f, 0.0f};
    tables->logistic[LSTM_TABLE - 1] = (struct lstm_table_entry){1.0f, 0.0f};
}

static float
look_up(const struct lstm_table_entry *table, float x)
{
    float scaled = x * 256.0f;
    uint32_t index;

    if (!(scaled < (float)(LSTM_TABLE - 1)))
        return 1.0f;
    index = (uint32_t)scaled;
    return table[index].value + table[index].step * (scaled - (float)index);
}

float
lstm_tanh(const struct lstm_tables *tables, float x)
{
    return x < 0 ? -look_up(tables->tanh, -x) : look_up(tables->tanh, x);
}

float
lstm_logistic(const struct lstm_tables *tables, float x)
{
    return x < 0 ? 1.0f - look_up(tables->logistic, -x) : look_up(tables->logistic, x);
}

int8_t
lstm_to_int8(float x)
{
    float scaled = x * 127.0f;
    int32_t rounded;

    if (!(scaled > -127.0f))
        return -127;
    if (!(scaled < 127.0f))
        return 127;
    rounded = scaled >= 0 ? (int32_t)(scaled + 0.5f) : -(int32_t)(0.5f - scaled);
    return (int8_t)rounded;
}

static void
multiply_block(const int8_t *weights, size_t groups, const int8_t *in, int32_t *sums)
{
    for (size_t g = 0; g < groups; g++) {
        for (size_t o = 0; o < LSTM_BLOCK; o++) {
            const int8_t *w = weights + (g * LSTM_BLOCK + o) * LSTM_GROUP;
            const int8_t *x = in + g * LSTM_GROUP;

            sums[o] += w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] * x[3];
        }
    }
}

static void
multiply(const struct lstm_matrix *m, struct lstm_rows in, struct lstm_init init,
         struct lstm_sums out)
{
    size_t block_size = (size_t)m->groups * LSTM_BLOCK * LSTM_GROUP;

    for (size_t b = 0; b < m->blocks; b++) {
        for (size_t r = 0; r < in.count; r++) {
            int32_t sums[LSTM_BLOCK];

            for (size_t o = 0; o < LSTM_BLOCK; o++)
                sums[o] = init.values[r * init.stride + b * LSTM_BLOCK + o];
            multiply_block(m->weights + b * block_size, m->groups, in.values + r * in.stride, sums);
            for (size_t o = 0; o < LSTM_BLOCK; o++)
                out.values[r * out.stride + b * LSTM_BLOCK + o] = sums[o];
        }
    }
}

static void
cells_step(const struct lstm_tables *tables, const struct lstm_cells *c)
{
    for (size_t i = 0; i < c->count; i++) {
        size_t at = i / LSTM_LANES * LSTM_BLOCK + i % LSTM_LANES;
        float gate[LSTM_GATES];
        float kept, added, s;

        for (size_t g = 0; g < LSTM_GATES; g++)
            gate[g] = (float)c->sums[at + g * LSTM_LANES] * c->scale[at + g * LSTM_LANES];
        kept = lstm_logistic(tables, gate[2]) * c->state[i];
        added = lstm_tanh(tables, gate[0]) * lstm_logistic(tables, gate[1]);
        s = kept + added;
        s = s < -100.0f ? -100.0f : s > 100.0f ? 100.0f : s;
        c->state[i] = s;
        c->output[i] = lstm_to_int8(lstm_tanh(tables, s) * lstm_logistic(tables, gate[3]));
    }
}

static void
pool_rows(const struct lstm_pool *p)
{
    for (size_t x = 0; x < p->width; x++) {
        const int32_t *sums = p->sums + x * p->pool * p->outs;
        int32_t *most = p->most + x * p->outs;

        for (size_t o = 0; o < p->outs; o++) {
            int32_t value = p->goes_on ? most[o] : sums[o];

            for (size_t k = 0; k < p->pool; k++)
                value = sums[k * p->outs + o] > value ? sums[k * p->outs + o] : value;
            most[o] = value;
        }
    }
}

static void
tanh_row(const struct lstm_tables *tables, const int32_t *sums, const float *scale, size_t n,
         int8_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = lstm_to_int8(lstm_tanh(tables, (float)sums[i] * scale[i]));
}

static const struct lstm_kernel portable = {
    .name = "portable",
    .multiply = multiply,
    .cells = cells_step,
    .pool = pool_rows,
    .tanh_row = tanh_row,
};

const struct lstm_kernel *const *
lstm_kernels(size_t *ret_count)
{
    static const struct lstm_kernel *const only_portable[] = {&portable};
#if LSTM_HAVE_X86
    static const struct lstm_kernel *const with_avx2[] = {&lstm_kernel_avx2, &portable};
    static const struct lstm_kernel *const with_vnni[] = {&lstm_kernel_vnni, &lstm_kernel_avx2,
                                                          &portable};

    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) {
        if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl")) {
            *ret_count = ARRAY_LEN(with_vnni);
            return with_vnni;
        }
        *ret_count = ARRAY_LEN(with_avx2);
        return with_avx2;
    }
#endif
    *ret_count = ARRAY_LEN(only_portable);
    return only_portable;
}

const struct lstm_kernel *
lstm_kernel_best(void)
{
    size_t count;

    return lstm_kernels(&count)[0];
}
