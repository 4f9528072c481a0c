/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_network.c - reads the network of a model and packs its weights for the kernels.
 *
 * The file holds a tree: series, layers side by side, and wrappers that reverse or transpose what
 * comes in. Here it becomes a list of layers with flags. Supported is what tessdata_fast is made
 * of: one window convolution with its maximum pool, LSTM layers in any direction, a softmax. */
#include "ocr/lstm_weights.h"

enum { MAX_DEPTH = 8, MAX_UNITS = 4096, MAX_HEIGHT = 128, MAX_WINDOW = 7, FLAG_LAYER_RATES = 64 };

enum node_type {
    NODE_INPUT,
    NODE_CONVOLVE,
    NODE_MAXPOOL,
    NODE_PARALLEL,
    NODE_SERIES,
    NODE_X_REVERSED,
    NODE_TRANSPOSED,
    NODE_LSTM,
    NODE_SUMMARY,
    NODE_TANH,
    NODE_LOGISTIC,
    NODE_RELU,
    NODE_LINEAR,
    NODE_SOFTMAX,
};

static const struct {
    const char *name;
    enum node_type type;
} node_names[] = {
    {"Input", NODE_INPUT},
    {"Convolve", NODE_CONVOLVE},
    {"Maxpool", NODE_MAXPOOL},
    {"Parallel", NODE_PARALLEL},
    {"ParBidiLSTM", NODE_PARALLEL},
    {"DepParUDLSTM", NODE_PARALLEL},
    {"Series", NODE_SERIES},
    {"RTLReversed", NODE_X_REVERSED},
    {"XYTranspose", NODE_TRANSPOSED},
    {"LSTM", NODE_LSTM},
    {"SummLSTM", NODE_SUMMARY},
    {"Tanh", NODE_TANH},
    {"Logistic", NODE_LOGISTIC},
    {"Relu", NODE_RELU},
    {"Linear", NODE_LINEAR},
    {"Softmax", NODE_SOFTMAX},
};

struct node {
    enum node_type type;
    uint32_t flags;
    uint32_t n_in, n_out;
};

/* The wrappers around the node that is being read. */
struct context {
    unsigned depth;
    bool transposed, reversed, alone; /* alone: only one LSTM layer may stand here */
};

struct reader {
    struct lstm_cursor cursor;
    struct lstm_model *model;
    struct err *err;
    uint32_t height, features;   /* of what the next layer gets */
    uint32_t window_x, window_y; /* of a convolution whose weights are still to come; 0: none */
};

static enum err_code
reject(const struct reader *reader, const char *what)
{
    return err_set(reader->err, ERR_FORMAT, "model: network has %s, which is not supported", what);
}

static enum err_code
broken(const struct reader *reader, const char *what)
{
    return err_set(reader->err, ERR_FORMAT, "model: network is broken at its %s", what);
}

static enum err_code
read_header(struct reader *reader, struct node *ret)
{
    struct lstm_cursor *cursor = &reader->cursor;
    struct span name;
    struct node node = {0};
    bool found = false;

    if (lstm_cursor_u8(cursor) != 0)
        return broken(reader, "layer name");
    name = lstm_cursor_string(cursor);
    (void)lstm_cursor_u16(cursor); /* of training */
    node.flags = lstm_cursor_u32(cursor);
    node.n_in = lstm_cursor_u32(cursor);
    node.n_out = lstm_cursor_u32(cursor);
    (void)lstm_cursor_u32(cursor); /* number of weights */
    (void)lstm_cursor_string(cursor);
    if (cursor->bad)
        return broken(reader, "layer header");
    for (size_t i = 0; i < ARRAY_LEN(node_names) && !found; i++) {
        found = span_equal(name, span_of(node_names[i].name));
        node.type = node_names[i].type;
    }
    if (!found)
        return err_set(reader->err, ERR_FORMAT, "model: layer '%.*s' is not supported",
                       (int)(name.len < 40 ? name.len : 40), (const char *)name.data);
    if (node.n_in > MAX_UNITS || node.n_out > MAX_UNITS)
        return err_set(reader->err, ERR_FORMAT, "model: layer of %u by %u, limit %d", node.n_in,
                       node.n_out, MAX_UNITS);
    *ret = node;
    return ERR_OK;
}

static enum err_code
add_layer(struct reader *reader, enum lstm_layer_type type, struct lstm_layer **ret)
{
    struct lstm_model *model = reader->model;
    struct lstm_layer *layer;

    if (model->n_layers >= LSTM_MAX_LAYERS)
        return err_set(reader->err, ERR_FORMAT, "model: network has more than %d layers",
                       LSTM_MAX_LAYERS);
    if (model->input_height == 0 || model->n_codes != 0)
        return broken(reader, "order of layers");
    layer = &model->layers[model->n_layers++];
    *layer = (struct lstm_layer){.type = type, .pool_x = 1, .pool_y = 1};
    *ret = layer;
    return ERR_OK;
}

static enum err_code
read_input(struct reader *reader)
{
    struct lstm_cursor *cursor = &reader->cursor;
    uint32_t batch = lstm_cursor_u32(cursor);
    uint32_t height = lstm_cursor_u32(cursor);
    uint32_t width = lstm_cursor_u32(cursor);
    uint32_t depth = lstm_cursor_u32(cursor);

    (void)lstm_cursor_u32(cursor); /* kind of loss, of training */
    if (cursor->bad || reader->model->input_height != 0)
        return broken(reader, "input");
    if (batch > 1 || height < 2 || height > MAX_HEIGHT || width != 0 || depth != 1)
        return reject(reader, "an input other than one grey line of a fixed height");
    reader->model->input_height = height;
    reader->height = height;
    reader->features = 1;
    return ERR_OK;
}

static enum err_code
read_convolve(struct reader *reader)
{
    uint32_t half_x = lstm_cursor_u32(&reader->cursor);
    uint32_t half_y = lstm_cursor_u32(&reader->cursor);

    if (reader->cursor.bad || half_x > MAX_WINDOW || half_y > MAX_WINDOW)
        return broken(reader, "convolution");
    if (reader->features != 1 || reader->model->n_layers != 0)
        return reject(reader, "a convolution of more than the picture");
    reader->window_x = 2 * half_x + 1;
    reader->window_y = 2 * half_y + 1;
    return ERR_OK;
}

static enum err_code
read_pool(struct reader *reader)
{
    struct lstm_model *model = reader->model;
    uint32_t x = lstm_cursor_u32(&reader->cursor);
    uint32_t y = lstm_cursor_u32(&reader->cursor);
    struct lstm_layer *layer = model->n_layers == 1 ? &model->layers[0] : NULL;

    if (reader->cursor.bad || x == 0 || y == 0 || x > 8 || y > 8 || y > reader->height)
        return broken(reader, "maximum pool");
    if (layer == NULL || layer->type != LSTM_LAYER_CONV || model->x_scale != 1)
        return reject(reader, "a maximum pool elsewhere than after the convolution");
    layer->pool_x = x;
    layer->pool_y = y;
    reader->height /= y;
    model->x_scale = x;
    return ERR_OK;
}

static enum err_code
read_connected(struct reader *reader, const struct node *node)
{
    bool is_conv = reader->window_x != 0;
    uint32_t n_in = is_conv ? reader->window_x * reader->window_y : reader->features;
    struct lstm_layer *layer;
    struct lstm_stored s = {0};
    enum err_code rc;

    if (node->n_in != n_in || node->n_out == 0)
        return broken(reader, "connected layer");
    if (is_conv ? node->type != NODE_TANH : node->type != NODE_SOFTMAX)
        return reject(reader, "this function of a connected layer");
    rc = add_layer(reader, is_conv ? LSTM_LAYER_CONV : LSTM_LAYER_SOFTMAX, &layer);
    if (rc == ERR_OK)
        rc = lstm_weights_read(&reader->cursor, node->n_out, n_in + 1, &s, reader->err);
    if (rc == ERR_OK)
        rc = lstm_weights_new(reader->model->arena, n_in, node->n_out, &layer->input, reader->err);
    for (uint32_t i = 0; rc == ERR_OK && i < node->n_out; i++)
        rc = lstm_weights_pack(&s, (struct lstm_row_part){i, 0, n_in, i}, &layer->input,
                               reader->err);
    if (rc != ERR_OK)
        return rc;
    layer->n_in = n_in;
    layer->n_out = layer->out_total = node->n_out;
    layer->window_x = reader->window_x;
    layer->window_y = reader->window_y;
    reader->window_x = reader->window_y = 0;
    reader->features = node->n_out;
    if (!is_conv)
        reader->model->n_codes = node->n_out;
    return ERR_OK;
}

/* The weights of one gate: of the input and of the own output, side by side in the file. */
static enum err_code
read_gate(struct reader *reader, struct lstm_layer *layer, uint32_t gate)
{
    uint32_t n = layer->n_out, n_in = layer->n_in;
    struct lstm_stored s = {0};
    enum err_code rc = lstm_weights_read(&reader->cursor, n, n_in + n + 1, &s, reader->err);

    for (uint32_t i = 0; i < n && rc == ERR_OK; i++) {
        uint32_t out = i / LSTM_LANES * LSTM_BLOCK + gate * LSTM_LANES + i % LSTM_LANES;

        rc = lstm_weights_pack(&s, (struct lstm_row_part){i, 0, n_in, out}, &layer->input,
                               reader->err);
        if (rc == ERR_OK)
            rc = lstm_weights_pack(&s, (struct lstm_row_part){i, n_in, n, out}, &layer->recurrent,
                                   reader->err);
    }
    return rc;
}

static enum err_code
read_gates(struct reader *reader, struct lstm_layer *layer)
{
    struct arena *arena = reader->model->arena;
    uint32_t outs = (layer->n_out + LSTM_LANES - 1) / LSTM_LANES * LSTM_BLOCK;
    enum err_code rc = lstm_weights_new(arena, layer->n_in, outs, &layer->input, reader->err);

    if (rc == ERR_OK)
        rc = lstm_weights_new(arena, layer->n_out, outs, &layer->recurrent, reader->err);
    for (uint32_t gate = 0; gate < LSTM_GATES && rc == ERR_OK; gate++)
        rc = read_gate(reader, layer, gate);
    return rc;
}

static enum err_code
read_lstm(struct reader *reader, const struct node *node, const struct context *context)
{
    uint32_t n_all = lstm_cursor_u32(&reader->cursor);
    struct lstm_layer *layer;
    enum err_code rc;

    if (reader->cursor.bad || node->n_in != reader->features || node->n_out == 0 ||
        reader->window_x != 0)
        return broken(reader, "LSTM layer");
    if (n_all != node->n_in + node->n_out)
        return reject(reader, "an LSTM layer in two dimensions");
    if (node->type == NODE_SUMMARY && !context->transposed)
        return reject(reader, "a summary along the line");
    rc = add_layer(reader, LSTM_LAYER_LSTM, &layer);
    if (rc != ERR_OK)
        return rc;
    layer->n_in = node->n_in;
    layer->n_out = layer->out_total = node->n_out;
    layer->along_y = context->transposed;
    layer->reversed = context->reversed;
    layer->summary = node->type == NODE_SUMMARY;
    if (!context->alone) {
        reader->features = node->n_out;
        if (layer->summary)
            reader->height = 1;
    }
    return read_gates(reader, layer);
}

static enum err_code read_node(struct reader *reader, struct context context);

/* Layers side by side get the same input; their outputs stand one after another. */
static enum err_code
read_parallel(struct reader *reader, struct context context, uint32_t count)
{
    struct lstm_model *model = reader->model;
    uint32_t first = model->n_layers, total = 0;

    context.alone = true;
    for (uint32_t i = 0; i < count; i++) {
        enum err_code rc = read_node(reader, context);
        struct lstm_layer *layer = &model->layers[first + i];

        if (rc != ERR_OK)
            return rc;
        if (model->n_layers != first + i + 1 || layer->type != LSTM_LAYER_LSTM ||
            layer->summary != model->layers[first].summary)
            return reject(reader, "layers other than alike LSTM side by side");
        layer->same_input = i > 0;
        layer->out_offset = total;
        total += layer->n_out;
    }
    for (uint32_t i = first; i < model->n_layers; i++)
        model->layers[i].out_total = total;
    reader->features = total;
    if (model->layers[first].summary)
        reader->height = 1;
    return total > MAX_UNITS ? broken(reader, "layers side by side") : ERR_OK;
}

static enum err_code
read_children(struct reader *reader, const struct node *node, struct context context)
{
    uint32_t count = lstm_cursor_u32(&reader->cursor);
    bool wraps = node->type == NODE_X_REVERSED || node->type == NODE_TRANSPOSED;
    enum err_code rc = ERR_OK;

    if (reader->cursor.bad || count == 0 || count > LSTM_MAX_LAYERS || (wraps && count != 1))
        return broken(reader, "number of layers");
    if (context.depth++ >= MAX_DEPTH)
        return reject(reader, "too deep a nesting");
    if (!wraps && (context.transposed || context.reversed || context.alone))
        return reject(reader, "a reversed or transposed group of layers");
    context.reversed ^= node->type == NODE_X_REVERSED;
    context.transposed ^= node->type == NODE_TRANSPOSED;
    if (node->type == NODE_PARALLEL)
        rc = read_parallel(reader, context, count);
    else
        for (uint32_t i = 0; i < count && rc == ERR_OK; i++)
            rc = read_node(reader, context);
    if (rc == ERR_OK && (node->flags & FLAG_LAYER_RATES) != 0) {
        uint32_t rates = lstm_cursor_u32(&reader->cursor);

        if (lstm_cursor_take(&reader->cursor, (size_t)rates * sizeof(float)) == NULL)
            rc = broken(reader, "learning rates");
    }
    return rc;
}

static enum err_code
read_node(struct reader *reader, struct context context)
{
    struct node node = {0};
    enum err_code rc = read_header(reader, &node);
    bool wrapped = context.transposed || context.reversed || context.alone;

    if (rc != ERR_OK)
        return rc;
    if (wrapped && node.type != NODE_LSTM && node.type != NODE_SUMMARY &&
        node.type != NODE_X_REVERSED && node.type != NODE_TRANSPOSED)
        return reject(reader, "something other than an LSTM layer reversed or transposed");
    switch (node.type) {
    case NODE_INPUT:
        return read_input(reader);
    case NODE_CONVOLVE:
        return read_convolve(reader);
    case NODE_MAXPOOL:
        return read_pool(reader);
    case NODE_LSTM:
    case NODE_SUMMARY:
        return read_lstm(reader, &node, &context);
    case NODE_TANH:
    case NODE_LOGISTIC:
    case NODE_RELU:
    case NODE_LINEAR:
    case NODE_SOFTMAX:
        return read_connected(reader, &node);
    default:
        return read_children(reader, &node, context);
    }
}

/* What follows the tree: the text that describes it, and counters of training, of which one seeds
 * the random numbers around the picture. */
static enum err_code
read_trailer(struct reader *reader)
{
    struct lstm_cursor *cursor = &reader->cursor;
    struct lstm_model *model = reader->model;
    struct span spec = lstm_cursor_string(cursor);
    int32_t iteration;

    (void)lstm_cursor_u32(cursor); /* flags of training */
    (void)lstm_cursor_u32(cursor); /* iterations */
    iteration = (int32_t)lstm_cursor_u32(cursor);
    model->null_code = lstm_cursor_u32(cursor);
    if (cursor->bad)
        return broken(reader, "end");
    model->seed = (uint64_t)((int64_t)iteration * 0x10000001);
    model->spec = arena_strndup(model->arena, (const char *)spec.data, spec.len);
    if (model->spec == NULL)
        return err_set(reader->err, ERR_MEMORY, "model: no memory");
    return ERR_OK;
}

enum err_code
lstm_network_parse(struct lstm_model *model, struct span bytes, struct err *err)
{
    struct reader reader = {.cursor = {bytes.data, bytes.len, false}, .model = model, .err = err};
    enum err_code rc;

    model->x_scale = 1;
    rc = read_node(&reader, (struct context){0});
    if (rc == ERR_OK)
        rc = read_trailer(&reader);
    if (rc != ERR_OK)
        return rc;
    if (model->n_codes == 0 || model->null_code >= model->n_codes || reader.height != 1 ||
        model->layers[0].type != LSTM_LAYER_CONV)
        return broken(&reader, "shape (it does not go from a picture to one row of codes)");
    return ERR_OK;
}
