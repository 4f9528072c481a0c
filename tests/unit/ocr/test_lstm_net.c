/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The network over a whole picture gives what plain loops over its definition give, to the bit. */
#include "lstm_maker.h"
#include "ocr/lstm_internal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 130, STEPS = WIDTH / 3, ROWS = MADE_HEIGHT / 3 }; /* more steps than go at once */

static struct lstm_tables tables;
static int8_t picture[MADE_HEIGHT][WIDTH];

static struct lstm_model *
make_model(void)
{
    struct lstm_model *model = NULL;
    struct buf bytes;
    struct err err;

    buf_init(&bytes, MiB(1));
    made_model(&bytes);
    assert_int_equal(lstm_model_parse(buf_span(&bytes), &model, &err), ERR_OK);
    buf_fini(&bytes);
    return model;
}

/* Sum over in[n] and the bias in the column after. */
static float
dot(unsigned layer, unsigned gate, unsigned row, const int8_t *in, unsigned n)
{
    int32_t sum = made_weight(layer, gate, row, n) * 127;

    for (unsigned i = 0; i < n; i++)
        sum += made_weight(layer, gate, row, i) * in[i];
    return (float)sum * (float)(made_scale(layer, gate, row) / 127);
}

struct cell_state {
    float state[MADE_BACKWARD];
    int8_t output[MADE_BACKWARD];
};

static void
plain_step(unsigned layer, const int8_t *in, unsigned n_in, unsigned n, struct cell_state *c)
{
    int8_t both[64], next[MADE_BACKWARD];

    memcpy(both, in, n_in);
    memcpy(both + n_in, c->output, n);
    for (unsigned i = 0; i < n; i++) {
        float input = lstm_tanh(&tables, dot(layer, 0, i, both, n_in + n));
        float admit = lstm_logistic(&tables, dot(layer, 1, i, both, n_in + n));
        float keep = lstm_logistic(&tables, dot(layer, 2, i, both, n_in + n));
        float show = lstm_logistic(&tables, dot(layer, 3, i, both, n_in + n));
        float kept = keep * c->state[i];
        float added = input * admit;

        c->state[i] = kept + added;
        next[i] = lstm_to_int8(lstm_tanh(&tables, c->state[i]) * show);
    }
    memcpy(c->output, next, n);
}

static uint64_t noise;

static int8_t
plain_noise(void)
{
    double x;

    noise = noise * 48271 % 2147483647;
    x = 127 * 2.0 * (double)noise / 2147483647 - 127;
    return (int8_t)(x >= 0 ? (int)(x + 0.5) : -(int)(0.5 - x));
}

static int8_t
pixel(int y, int x)
{
    return y < 0 || x < 0 || y >= MADE_HEIGHT || x >= WIDTH ? plain_noise() : picture[y][x];
}

static void
plain_conv(int8_t out[ROWS][STEPS][MADE_CONV])
{
    noise = UINT64_C(3) * 0x10000001 % 2147483647;
    (void)plain_noise();
    memset(out, -128, ROWS * STEPS * MADE_CONV);
    for (int y = 0; y < MADE_HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int8_t window[9];

            for (int k = 0; k < 9; k++)
                window[k] = pixel(y + k % 3 - 1, x + k / 3 - 1);
            for (unsigned o = 0; o < MADE_CONV && x / 3 < STEPS; o++) {
                int8_t v = lstm_to_int8(lstm_tanh(&tables, dot(0, 0, o, window, 9)));
                int8_t *to = &out[y / 3][x / 3][o];

                *to = v > *to ? v : *to;
            }
        }
}

static void
plain_network(float probs[STEPS][MADE_CODES])
{
    static int8_t conv[ROWS][STEPS][MADE_CONV];
    int8_t summary[STEPS][MADE_SUMMARY], forward[STEPS][MADE_FORWARD];
    struct cell_state c;

    plain_conv(conv);
    for (int x = 0; x < STEPS; x++) {
        memset(&c, 0, sizeof(c));
        for (int y = 0; y < ROWS; y++)
            plain_step(1, conv[y][x], MADE_CONV, MADE_SUMMARY, &c);
        memcpy(summary[x], c.output, MADE_SUMMARY);
    }
    memset(&c, 0, sizeof(c));
    for (int x = 0; x < STEPS; x++) {
        plain_step(2, summary[x], MADE_SUMMARY, MADE_FORWARD, &c);
        memcpy(forward[x], c.output, MADE_FORWARD);
    }
    memset(&c, 0, sizeof(c));
    for (int x = STEPS - 1; x >= 0; x--) {
        float total = 0;

        plain_step(3, forward[x], MADE_FORWARD, MADE_BACKWARD, &c);
        for (unsigned code = 0; code < MADE_CODES; code++) {
            probs[x][code] = expf(dot(4, 0, code, c.output, MADE_BACKWARD));
            total += probs[x][code];
        }
        for (unsigned code = 0; code < MADE_CODES; code++)
            probs[x][code] /= total;
    }
}

static void
test_network(void **unused)
{
    static float expected[STEPS][MADE_CODES];
    struct lstm_model *model = make_model();
    struct arena *arena = arena_new(MiB(64));
    struct lstm_input input = {&picture[0][0], MADE_HEIGHT, WIDTH};
    struct lstm_output output;
    struct err err;

    (void)unused;
    lstm_tables_init(&tables);
    for (int i = 0; i < MADE_HEIGHT * WIDTH; i++)
        picture[i / WIDTH][i % WIDTH] = (int8_t)(i * 7919 % 255 - 127);
    plain_network(expected);
    assert_int_equal(lstm_net_run(arena, model, &input, &output, &err), ERR_OK);
    assert_int_equal(output.steps, STEPS);
    assert_int_equal(output.n_codes, MADE_CODES);
    for (int x = 0; x < STEPS; x++)
        for (int code = 0; code < MADE_CODES; code++) {
            /* The softmax takes the largest away first: equal but for the last bits. */
            double a = output.probs[x * MADE_CODES + code], b = expected[x][code];

            assert_true(fabs(a - b) < 1e-5 * (a + b) + 1e-12);
        }
    arena_drop(&arena);
    lstm_model_close(&model);
}

static void
test_needs_memory(void **unused)
{
    struct lstm_model *model = make_model();
    struct lstm_input input = {&picture[0][0], MADE_HEIGHT, WIDTH};
    struct lstm_output output;
    struct err err;
    bool enough = false;

    (void)unused;
    for (size_t limit = 1000; !enough; limit += 5000) {
        struct arena *arena = arena_new(limit);
        enum err_code rc = lstm_net_run(arena, model, &input, &output, &err);

        assert_true(rc == ERR_OK || rc == ERR_LIMIT);
        enough = rc == ERR_OK;
        assert_true(limit > 1000 || !enough);
        arena_drop(&arena);
    }
    lstm_model_close(&model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network),
        cmocka_unit_test(test_needs_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
