/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_net.c - runs the network of a model over one line.
 *
 * All values between layers are bytes, -127..127 for -1..1. Where nothing depends on the step
 * before (the input's part of the gates) many steps are multiplied at once; where columns do not
 * depend on each other (LSTM along y) many columns go abreast. The maximum pool is taken of the
 * sums before tanh, which is the same, tanh and rounding being monotone, and needs the tanh of one
 * in nine. */
#include "ocr/lstm_internal.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 32 }; /* steps or columns multiplied at once: their sums stay in the L2 cache */

/* Values between layers: [height][width][stride], of which features count. */
struct map {
    int8_t *values;
    size_t height, width, features, stride;
};

struct run {
    struct arena *arena;
    const struct lstm_model *model;
    const struct lstm_kernel *kernel;
    struct err *err;
};

static enum err_code
no_memory(const struct run *run)
{
    return err_set(run->err, ERR_LIMIT, "line: its network needs more memory than the page has");
}

static enum err_code
map_new(const struct run *run, size_t height, size_t width, size_t features, struct map *ret)
{
    struct map map = {.height = height, .width = width, .features = features};

    map.stride = (features + LSTM_LANES - 1) / LSTM_LANES * LSTM_LANES;
    map.values = arena_array(run->arena, height * width, map.stride);
    if (map.values == NULL)
        return no_memory(run);
    *ret = map;
    return ERR_OK;
}

/* ---- convolution ---- */

/* Lehmer's generator with the constants of std::minstd_rand. */
struct noise {
    uint64_t state;
};

static void
noise_init(struct noise *noise, uint64_t seed)
{
    noise->state = seed % 2147483647;
    if (noise->state == 0)
        noise->state = 1;
}

static int8_t
noise_next(struct noise *noise)
{
    double x;

    noise->state = noise->state * 48271 % 2147483647;
    x = 127 * 2.0 * (double)noise->state / INT32_MAX - 127;
    return (int8_t)(x >= 0 ? (int)(x + 0.5) : -(int)(0.5 - x));
}

/* The windows around each pixel of row y, column by column; outside the picture there is noise,
 * drawn anew for each window. */
static struct lstm_rows
gather_windows(const struct lstm_layer *layer, const struct lstm_input *input, size_t y,
               struct noise *noise, int8_t *values)
{
    int64_t half_x = layer->window_x / 2, half_y = layer->window_y / 2;
    size_t stride = (size_t)layer->input.groups * LSTM_GROUP;

    for (int64_t x = 0; x < input->width; x++) {
        int8_t *out = values + (size_t)x * stride;

        for (int64_t at_x = x - half_x; at_x <= x + half_x; at_x++) {
            bool outside = at_x < 0 || at_x >= input->width;

            for (int64_t at_y = (int64_t)y - half_y; at_y <= (int64_t)y + half_y; at_y++)
                *out++ = outside || at_y < 0 || at_y >= input->height
                             ? noise_next(noise)
                             : input->values[at_y * input->width + at_x];
        }
    }
    return (struct lstm_rows){values, stride, input->width};
}

/* The same for windows three pixels wide that lie inside but for their ends: as neighbours share
 * columns, the columns one after another are the windows, a column apart. */
static struct lstm_rows
share_columns(const struct lstm_layer *layer, const struct lstm_input *input, size_t y,
              struct noise *noise, int8_t *values)
{
    size_t side = layer->window_y, width = input->width;
    int8_t *out = values + side;

    for (size_t k = 0; k < side; k++)
        values[k] = noise_next(noise);
    for (size_t k = 0; k < side; k++) {
        const int8_t *row = input->values + (y - side / 2 + k) * width;

        for (size_t x = 0; x < width; x++)
            out[x * side + k] = row[x];
    }
    for (size_t k = 0; k < side; k++)
        out[width * side + k] = noise_next(noise);
    return (struct lstm_rows){values, side, width};
}

static struct lstm_rows
windows_of_row(const struct lstm_layer *layer, const struct lstm_input *input, size_t y,
               struct noise *noise, int8_t *values)
{
    size_t half_y = layer->window_y / 2;
    bool inside = layer->window_x == 3 && y >= half_y && y + half_y < input->height;

    return inside ? share_columns(layer, input, y, noise, values)
                  : gather_windows(layer, input, y, noise, values);
}

static enum err_code
run_conv(const struct run *run, const struct lstm_layer *layer, const struct lstm_input *input,
         struct map *ret)
{
    const struct lstm_matrix *m = &layer->input;
    size_t outs = (size_t)m->blocks * LSTM_BLOCK;
    size_t width = input->width / layer->pool_x, height = input->height / layer->pool_y;
    /* some more: windows that share columns need two columns and the rest of a group */
    int8_t *values =
        arena_array(run->arena, (size_t)input->width + 3, (size_t)m->groups * LSTM_GROUP);
    int32_t *sums = arena_array(run->arena, input->width, outs * sizeof(*sums));
    int32_t *most = arena_array(run->arena, width, outs * sizeof(*most));
    int8_t *row = arena_alloc(run->arena, outs);
    struct noise noise;
    struct map map = {0};
    enum err_code rc = map_new(run, height, width, layer->n_out, &map);

    if (rc != ERR_OK)
        return rc;
    if (values == NULL || sums == NULL || most == NULL || row == NULL)
        return no_memory(run);
    noise_init(&noise, run->model->seed);
    (void)noise_next(&noise);
    for (size_t y = 0; y < height * layer->pool_y; y++) {
        struct lstm_rows windows = windows_of_row(layer, input, y, &noise, values);

        run->kernel->multiply(m, windows, (struct lstm_init){m->bias, 0},
                              (struct lstm_sums){sums, outs});
        run->kernel->pool(&(struct lstm_pool){.sums = sums,
                                              .outs = outs,
                                              .width = width,
                                              .pool = layer->pool_x,
                                              .most = most,
                                              .goes_on = y % layer->pool_y != 0});
        if ((y + 1) % layer->pool_y != 0)
            continue;
        for (size_t x = 0; x < width; x++) {
            run->kernel->tanh_row(run->model->tables, most + x * outs, m->scale, map.stride, row);
            memcpy(map.values + (y / layer->pool_y * width + x) * map.stride, row, map.features);
        }
    }
    *ret = map;
    return ERR_OK;
}

/* ---- LSTM ---- */

/* What one LSTM layer works with: CHUNK rows of each. */
struct abreast {
    const struct lstm_layer *layer;
    size_t outs;    /* sums of all gates */
    size_t cells;   /* a multiple of LSTM_LANES */
    int32_t *sums;  /* [CHUNK][outs] */
    float *state;   /* [CHUNK][cells] */
    int8_t *output; /* [CHUNK][cells] */
};

static enum err_code
abreast_init(const struct run *run, const struct lstm_layer *layer, struct abreast *ret)
{
    struct abreast a = {.layer = layer};

    a.outs = (size_t)layer->input.blocks * LSTM_BLOCK;
    a.cells = a.outs / LSTM_GATES;
    a.sums = arena_array(run->arena, CHUNK, a.outs * sizeof(*a.sums));
    a.state = arena_array(run->arena, CHUNK, a.cells * sizeof(*a.state));
    a.output = arena_array(run->arena, CHUNK, a.cells);
    if (a.sums == NULL || a.state == NULL || a.output == NULL)
        return no_memory(run);
    *ret = a;
    return ERR_OK;
}

static void
abreast_clear(struct abreast *a)
{
    memset(a->state, 0, CHUNK * a->cells * sizeof(*a->state));
    memset(a->output, 0, CHUNK * a->cells);
}

/* The input's part of the sums of rows. */
static void
multiply_input(const struct run *run, struct abreast *a, struct lstm_rows in)
{
    run->kernel->multiply(&a->layer->input, in, (struct lstm_init){a->layer->input.bias, 0},
                          (struct lstm_sums){a->sums, a->outs});
}

/* One step of the cells of a row, whose sums are complete. */
static void
step_cells(const struct run *run, struct abreast *a, const int32_t *sums, size_t row)
{
    run->kernel->cells(run->model->tables,
                       &(struct lstm_cells){.sums = sums,
                                            .scale = a->layer->input.scale,
                                            .count = a->cells,
                                            .state = a->state + row * a->cells,
                                            .output = a->output + row * a->cells});
}

/* Columns [first, first + count) abreast, from top to bottom or the other way. */
static void
run_columns(const struct run *run, struct abreast *a, const struct map *in, size_t first,
            struct map *out)
{
    const struct lstm_layer *layer = a->layer;
    size_t count = in->width - first < CHUNK ? in->width - first : CHUNK;
    struct lstm_sums sums = {a->sums, a->outs};

    abreast_clear(a);
    for (size_t t = 0; t < in->height; t++) {
        size_t y = layer->reversed ? in->height - 1 - t : t;
        size_t to_y = layer->summary ? 0 : y;

        multiply_input(run, a,
                       (struct lstm_rows){in->values + (y * in->width + first) * in->stride,
                                          in->stride, count});
        run->kernel->multiply(&layer->recurrent, (struct lstm_rows){a->output, a->cells, count},
                              (struct lstm_init){a->sums, a->outs}, sums);
        for (size_t r = 0; r < count; r++)
            step_cells(run, a, a->sums + r * a->outs, r);
        if (layer->summary && t + 1 < in->height)
            continue;
        for (size_t r = 0; r < count; r++)
            memcpy(out->values + (to_y * out->width + first + r) * out->stride + layer->out_offset,
                   a->output + r * a->cells, layer->n_out);
    }
}

/* Row y from left to right or the other way: the input's part of CHUNK steps, then each step. */
static void
run_row(const struct run *run, struct abreast *a, const struct map *in, size_t y, struct map *out)
{
    const struct lstm_layer *layer = a->layer;
    size_t width = in->width;

    abreast_clear(a);
    for (size_t done = 0; done < width; done += CHUNK) {
        size_t count = width - done < CHUNK ? width - done : CHUNK;
        size_t first = layer->reversed ? width - done - count : done;

        multiply_input(
            run, a,
            (struct lstm_rows){in->values + (y * width + first) * in->stride, in->stride, count});
        for (size_t k = 0; k < count; k++) {
            size_t r = layer->reversed ? count - 1 - k : k;
            int32_t *sums = a->sums + r * a->outs;

            run->kernel->multiply(&layer->recurrent, (struct lstm_rows){a->output, a->cells, 1},
                                  (struct lstm_init){sums, 0}, (struct lstm_sums){sums, 0});
            step_cells(run, a, sums, 0);
            memcpy(out->values + (y * width + first + r) * out->stride + layer->out_offset,
                   a->output, layer->n_out);
        }
    }
}

static enum err_code
run_lstm(const struct run *run, const struct lstm_layer *layer, const struct map *in,
         struct map *out)
{
    struct abreast a = {0};
    enum err_code rc = abreast_init(run, layer, &a);

    if (rc == ERR_OK && layer->out_offset == 0)
        rc = map_new(run, layer->summary ? 1 : in->height, in->width, layer->out_total, out);
    if (rc != ERR_OK)
        return rc;
    if (layer->along_y) {
        for (size_t x = 0; x < in->width; x += CHUNK)
            run_columns(run, &a, in, x, out);
    } else {
        for (size_t y = 0; y < in->height; y++)
            run_row(run, &a, in, y, out);
    }
    return ERR_OK;
}

/* ---- softmax ---- */

/* Activations this far below the largest count as this far, so that none becomes zero. */
static const float softmax_floor = -86.0f;

static void
softmax(const int32_t *sums, const float *scale, size_t n, float *probs)
{
    float most = (float)sums[0] * scale[0];
    float total = 0;

    for (size_t i = 0; i < n; i++) {
        probs[i] = (float)sums[i] * scale[i];
        most = probs[i] > most ? probs[i] : most;
    }
    for (size_t i = 0; i < n; i++) {
        float x = probs[i] - most;

        probs[i] = expf(x > softmax_floor ? x : softmax_floor);
        total += probs[i];
    }
    for (size_t i = 0; i < n; i++)
        probs[i] /= total;
}

static enum err_code
run_softmax(const struct run *run, const struct lstm_layer *layer, const struct map *in,
            struct lstm_output *ret)
{
    const struct lstm_matrix *m = &layer->input;
    size_t outs = (size_t)m->blocks * LSTM_BLOCK;
    int32_t *sums = arena_array(run->arena, CHUNK, outs * sizeof(*sums));
    float *probs = arena_array(run->arena, in->width, layer->n_out * sizeof(*probs));

    if (sums == NULL || probs == NULL)
        return no_memory(run);
    for (size_t t = 0; t < in->width; t += CHUNK) {
        size_t rows = in->width - t < CHUNK ? in->width - t : CHUNK;

        run->kernel->multiply(m, (struct lstm_rows){in->values + t * in->stride, in->stride, rows},
                              (struct lstm_init){m->bias, 0}, (struct lstm_sums){sums, outs});
        for (size_t r = 0; r < rows; r++)
            softmax(sums + r * outs, m->scale, layer->n_out, probs + (t + r) * layer->n_out);
    }
    *ret = (struct lstm_output){probs, (uint32_t)in->width, layer->n_out};
    return ERR_OK;
}

enum err_code
lstm_net_run(struct arena *arena, const struct lstm_model *model, const struct lstm_input *input,
             struct lstm_output *ret, struct err *err)
{
    struct run run = {arena, model, lstm_kernel_best(), err};
    struct map in = {0}, out = {0};
    enum err_code rc = run_conv(&run, &model->layers[0], input, &out);

    for (uint32_t i = 1; i < model->n_layers && rc == ERR_OK; i++) {
        const struct lstm_layer *layer = &model->layers[i];

        if (!layer->same_input)
            in = out;
        if (layer->type == LSTM_LAYER_LSTM)
            rc = run_lstm(&run, layer, &in, &out);
        else
            rc = run_softmax(&run, layer, &in, ret);
    }
    return rc;
}
