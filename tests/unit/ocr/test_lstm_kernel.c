/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Every kernel that this machine runs gives the bits of the portable one. */
#include "ocr/lstm_kernel.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_GROUPS = 50, MAX_BLOCKS = 3, ROWS = 5, OUTS = MAX_BLOCKS * LSTM_BLOCK };

static uint32_t state = 1;

static uint32_t
random_below(uint32_t n)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % n;
}

/* Extreme values are frequent, so that a sum that saturates shows. */
static int8_t
random_value(void)
{
    uint32_t kind = random_below(4);

    return (int8_t)(kind == 0 ? 127 : kind == 1 ? -127 : (int)random_below(255) - 127);
}

static void
check_multiply(const struct lstm_kernel *kernel, const struct lstm_kernel *portable,
               uint32_t groups, uint32_t blocks, size_t rows)
{
    static int8_t weights[MAX_BLOCKS * MAX_GROUPS * LSTM_BLOCK * LSTM_GROUP];
    static int8_t in[ROWS * MAX_GROUPS * LSTM_GROUP];
    static int32_t excess[OUTS], init[OUTS * ROWS], a[OUTS * ROWS], b[OUTS * ROWS];
    struct lstm_matrix m = {
        .groups = groups, .blocks = blocks, .weights = weights, .excess = excess};
    struct lstm_rows rows_in = {in, (size_t)groups * LSTM_GROUP, rows};
    size_t outs = (size_t)blocks * LSTM_BLOCK;

    memset(excess, 0, sizeof(excess));
    for (size_t i = 0; i < outs * groups * LSTM_GROUP; i++) {
        weights[i] = random_value();
        excess[i / ((size_t)groups * LSTM_BLOCK * LSTM_GROUP) * LSTM_BLOCK +
               i / LSTM_GROUP % LSTM_BLOCK] += 128 * weights[i];
    }
    for (size_t i = 0; i < rows * groups * LSTM_GROUP; i++)
        in[i] = random_value();
    for (size_t i = 0; i < outs * rows; i++)
        init[i] = (int32_t)random_below(100000) - 50000;
    kernel->multiply(&m, rows_in, (struct lstm_init){init, outs}, (struct lstm_sums){a, outs});
    portable->multiply(&m, rows_in, (struct lstm_init){init, outs}, (struct lstm_sums){b, outs});
    assert_memory_equal(a, b, outs * rows * sizeof(a[0]));
    kernel->multiply(&m, rows_in, (struct lstm_init){init, 0}, (struct lstm_sums){a, outs});
    portable->multiply(&m, rows_in, (struct lstm_init){init, 0}, (struct lstm_sums){b, outs});
    assert_memory_equal(a, b, outs * rows * sizeof(a[0]));
}

static void
test_multiply(void **unused)
{
    size_t count;
    const struct lstm_kernel *const *kernels = lstm_kernels(&count);

    (void)unused;
    assert_true(count >= 1);
    for (size_t k = 0; k < count; k++)
        for (uint32_t groups = 1; groups <= MAX_GROUPS; groups += 7)
            for (uint32_t blocks = 1; blocks <= MAX_BLOCKS; blocks++)
                for (size_t rows = 1; rows <= ROWS; rows++)
                    check_multiply(kernels[k], kernels[count - 1], groups, blocks, rows);
}

/* One output by hand, so that the portable one is not only compared with itself. */
static void
test_multiply_by_hand(void **unused)
{
    int8_t weights[LSTM_BLOCK * LSTM_GROUP] = {0}, in[LSTM_GROUP] = {1, -2, 3, 127};
    int32_t init[LSTM_BLOCK] = {0}, excess[LSTM_BLOCK] = {0}, out[LSTM_BLOCK];
    struct lstm_matrix m = {.groups = 1, .blocks = 1, .weights = weights, .excess = excess};
    size_t count;
    const struct lstm_kernel *const *kernels = lstm_kernels(&count);

    (void)unused;
    memcpy(weights + 5 * LSTM_GROUP, (int8_t[]){10, 20, -30, 127}, LSTM_GROUP);
    excess[5] = 128 * 127;
    init[5] = 7;
    for (size_t k = 0; k < count; k++) {
        kernels[k]->multiply(&m, (struct lstm_rows){in, LSTM_GROUP, 1}, (struct lstm_init){init, 0},
                             (struct lstm_sums){out, LSTM_BLOCK});
        assert_int_equal(out[5], 7 + 10 - 40 - 90 + 127 * 127);
        assert_int_equal(out[4], 0);
    }
}

static struct lstm_tables tables;

static void
test_tables(void **unused)
{
    (void)unused;
    lstm_tables_init(&tables);
    for (int i = -20000; i <= 20000; i++) {
        float x = (float)i / 1000;

        assert_true(fabs((double)lstm_tanh(&tables, x) - tanh((double)x)) < 3e-6);
        assert_true(fabs((double)lstm_logistic(&tables, x) - 1 / (1 + exp(-(double)x))) < 3e-6);
    }
    assert_true(lstm_tanh(&tables, 1e30f) == 1.0f && lstm_tanh(&tables, -1e30f) == -1.0f);
    assert_true(lstm_logistic(&tables, -1e30f) == 0.0f);
    assert_int_equal(lstm_to_int8(1.0f), 127);
    assert_int_equal(lstm_to_int8(-1.0f), -127);
    assert_int_equal(lstm_to_int8(0.5f), 64);
    assert_int_equal(lstm_to_int8(-0.5f), -64);
    assert_int_equal(lstm_to_int8(9.0f), 127);
}

static void
test_cells(void **unused)
{
    enum { CELLS = 24 };
    size_t count;
    const struct lstm_kernel *const *kernels = lstm_kernels(&count);
    int32_t sums[CELLS * LSTM_GATES];
    float scale[CELLS * LSTM_GATES], state_a[CELLS], state_b[CELLS];
    int8_t out_a[CELLS], out_b[CELLS];

    (void)unused;
    lstm_tables_init(&tables);
    for (size_t k = 0; k < count; k++) {
        memset(state_a, 0, sizeof(state_a));
        memset(state_b, 0, sizeof(state_b));
        for (int step = 0; step < 300; step++) {
            for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
                sums[i] = (int32_t)random_below(600000) - 300000;
                scale[i] = (float)random_below(1000) * 1e-7f;
            }
            kernels[k]->cells(&tables, &(struct lstm_cells){sums, scale, CELLS, state_a, out_a});
            kernels[count - 1]->cells(&tables,
                                      &(struct lstm_cells){sums, scale, CELLS, state_b, out_b});
            assert_memory_equal(state_a, state_b, sizeof(state_a));
            assert_memory_equal(out_a, out_b, sizeof(out_a));
            kernels[k]->tanh_row(&tables, sums, scale, CELLS, out_a);
            kernels[count - 1]->tanh_row(&tables, sums, scale, CELLS, out_b);
            assert_memory_equal(out_a, out_b, sizeof(out_a));
        }
    }
}

static void
test_pool(void **unused)
{
    enum { WIDTH = 4, POOL = 3, N = 16 };
    size_t count;
    const struct lstm_kernel *const *kernels = lstm_kernels(&count);
    int32_t sums[WIDTH * POOL * N], most[WIDTH * N];

    (void)unused;
    for (size_t i = 0; i < ARRAY_LEN(sums); i++)
        sums[i] = (int32_t)random_below(1000) - 500;
    for (size_t k = 0; k < count; k++) {
        kernels[k]->pool(&(struct lstm_pool){sums, N, WIDTH, POOL, most, false});
        for (size_t i = 0; i < ARRAY_LEN(most); i++) {
            const int32_t *from = sums + i / N * POOL * N + i % N;
            int32_t expected = from[0] > from[N] ? from[0] : from[N];

            assert_int_equal(most[i], from[2 * N] > expected ? from[2 * N] : expected);
        }
        most[5] = 1000;
        kernels[k]->pool(&(struct lstm_pool){sums, N, WIDTH, POOL, most, true});
        assert_int_equal(most[5], 1000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_multiply), cmocka_unit_test(test_multiply_by_hand),
        cmocka_unit_test(test_tables),   cmocka_unit_test(test_cells),
        cmocka_unit_test(test_pool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
