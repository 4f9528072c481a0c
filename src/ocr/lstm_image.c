/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_image.c - cuts a line out of a picture, scales it to the model's height, and stretches
 * its contrast.
 *
 * Models were trained on lines scaled by Leptonica's pixScale, and their reading changes with the
 * last bit of a pixel, so its arithmetic is kept: mean over areas below 0.7, linear interpolation
 * in sixteenths of a pixel above, then unsharp masking. Black and white are taken from the minima
 * and maxima along the middle row, as in Tesseract's networkio. */
#include "ocr/lstm_internal.h"

#include <string.h>

static const float area_below = 0.7f;    /* scale factors that average instead of interpolating */
static const float least_factor = 0.02f; /* what is taller is no line, and would overflow */
static const float sharpen_above = 0.2f; /* nothing to sharpen in what was reduced further */
static const float sharpen_below = 1.4f; /* nor in what was enlarged */
static const float black_share = 0.25f, white_share = 0.75f; /* quantiles of minima, maxima */

/* A part of a picture, borrowed. */
struct view {
    const uint8_t *pixels;
    size_t stride;
    uint32_t width, height;
};

static const uint8_t *
row_of(const struct view *v, uint32_t y)
{
    return v->pixels + y * v->stride;
}

static void
interpolate(const struct view *from, struct lstm_gray *to)
{
    float step_x = (float)(16. * (float)from->width / (float)to->width);
    float step_y = (float)(16. * (float)from->height / (float)to->height);
    uint32_t half = to->factor == 2.0f || to->factor == 4.0f ? 0 : 128; /* these are not rounded */

    for (uint32_t i = 0; i < to->height; i++) {
        uint32_t at_y = (uint32_t)(step_y * (float)i);
        uint32_t y = at_y >> 4, fy = at_y & 15;
        const uint8_t *row = row_of(from, y);
        const uint8_t *below = y + 1 < from->height ? row + from->stride : row;
        uint8_t *out = to->pixels + (size_t)i * to->width;

        for (uint32_t j = 0; j < to->width; j++) {
            uint32_t at_x = (uint32_t)(step_x * (float)j);
            uint32_t x = at_x >> 4, fx = at_x & 15;
            uint32_t next = x + 1 < from->width ? x + 1 : x;
            uint32_t top = (16 - fx) * row[x] + fx * row[next];
            uint32_t bottom = (16 - fx) * below[x] + fx * below[next];

            out[j] = (uint8_t)(((16 - fy) * top + fy * bottom + half) / 256);
        }
    }
}

/* What a target pixel covers of a row or column of the source: pixels first..last, of the first and
 * the last only some sixteenths. */
struct cover {
    uint32_t first, last;
    uint32_t of_first, of_last;
};

static struct cover
cover_of(float step, uint32_t index)
{
    uint32_t begin = (uint32_t)(step * (float)index);
    uint32_t end = (uint32_t)(step * (index + 1.0));

    return (struct cover){begin >> 4, end >> 4, 16 - (begin & 15), end & 15};
}

/* In sixteenths; where first is last, as Leptonica counts it: below a scale of 1 it is not. */
static uint32_t
cover_length(const struct cover *c)
{
    return c->of_first + 16 * (c->last - c->first - 1) + c->of_last;
}

/* sums[j] = what target column j covers of a row. */
static void
sum_row(const uint8_t *row, const struct cover *columns, size_t n, uint32_t *sums)
{
    for (size_t j = 0; j < n; j++) {
        const struct cover *c = &columns[j];
        uint32_t inside = 0;

        for (uint32_t x = c->first + 1; x < c->last; x++)
            inside += row[x];
        sums[j] = c->of_first * row[c->first] + 16 * inside + c->of_last * row[c->last];
    }
}

static void
add_weighted(const uint32_t *sums, uint32_t weight, size_t n, uint32_t *total)
{
    for (size_t j = 0; j < n; j++)
        total[j] += weight * sums[j];
}

/* Halves once. */
static void
halve(const struct view *from, uint32_t width, uint32_t height, uint8_t *out)
{
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            const uint8_t *row = row_of(from, 2 * y) + 2 * (size_t)x;

            *out++ = (uint8_t)((row[0] + row[1] + row[from->stride] + row[from->stride + 1]) / 4);
        }
}

/* Room for one target row. */
struct average_rows {
    struct cover *columns;
    uint32_t *sums, *total;
    double *width; /* covered, in sixteenths */
};

/* Target row covering rows c of the source. The source row c->last is the first of the next target
 * row, for which sums keeps it: *cached is its number. */
static void
average_row(const struct view *from, const struct average_rows *rows, const struct cover *c,
            size_t n, uint32_t *cached, uint8_t *out)
{
    double height = cover_length(c);

    for (size_t j = 0; j < n; j++)
        rows->total[j] = 128;
    for (uint32_t y = c->first; y <= c->last; y++) {
        if (y != *cached)
            sum_row(row_of(from, y), rows->columns, n, rows->sums);
        *cached = y;
        add_weighted(rows->sums,
                     y == c->first  ? c->of_first
                     : y == c->last ? c->of_last
                                    : 16,
                     n, rows->total);
    }
    /* Both are integers far below 2^53: the quotient is cut off as in a division of integers. */
    for (size_t j = 0; j < n; j++)
        out[j] = (uint8_t)(int32_t)((double)rows->total[j] / (height * rows->width[j]));
}

/* Whoever reaches the last row or column of the source gets one pixel instead of a mean. */
static enum err_code
average(struct arena *arena, const struct view *from, struct lstm_gray *to, struct err *err)
{
    float step_x = (float)(16. * (float)from->width / (float)to->width);
    float step_y = (float)(16. * (float)from->height / (float)to->height);
    struct average_rows rows = {
        .columns = arena_array(arena, to->width, sizeof(*rows.columns)),
        .sums = arena_array(arena, to->width, sizeof(*rows.sums)),
        .total = arena_array(arena, to->width, sizeof(*rows.total)),
        .width = arena_array(arena, to->width, sizeof(*rows.width)),
    };
    uint32_t cached = UINT32_MAX;
    size_t n = 0;

    if (rows.columns == NULL || rows.sums == NULL || rows.total == NULL || rows.width == NULL)
        return err_set(err, ERR_LIMIT, "line: more memory than the page has");
    for (uint32_t j = 0; j < to->width; j++) {
        rows.columns[j] = cover_of(step_x, j);
        rows.width[j] = cover_length(&rows.columns[j]);
        if (rows.columns[j].last + 2 <= from->width)
            n = j + 1;
    }
    for (uint32_t i = 0; i < to->height; i++) {
        struct cover c = cover_of(step_y, i);
        uint8_t *out = to->pixels + (size_t)i * to->width;
        size_t means = c.last + 2 <= from->height ? n : 0;

        if (means > 0)
            average_row(from, &rows, &c, means, &cached, out);
        for (size_t j = means; j < to->width; j++)
            out[j] = row_of(from, c.first)[rows.columns[j].first];
    }
    return ERR_OK;
}

/* Adds a row to sums. */
static void
add_row(const uint8_t *row, size_t n, uint16_t *sums)
{
    for (size_t x = 0; x < n; x++)
        sums[x] = (uint16_t)(sums[x] + row[x]);
}

/* out[x] = row[x] + fraction * (row[x] - mean of the square around it), for n pixels; sums: of the
 * columns of the square, beginning half a square before x = 0. */
static void
sharpen_row(const uint8_t *row, const uint16_t *sums, size_t n, uint32_t half, float fraction,
            uint8_t *out)
{
    uint32_t side = 2 * half + 1;
    float norm = (float)(1.0 / (side * side));

    for (size_t x = 0; x < n; x++) {
        float pixel = row[x];
        uint32_t sum = 0;
        int32_t value;

        for (uint32_t k = 0; k < side; k++)
            sum += sums[x + k];
        /* Half is added in double, as Leptonica does it. */
        value = (int32_t)((double)(pixel + fraction * (pixel - norm * (float)(int32_t)sum)) + 0.5);
        out[x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

/* Unsharp mask, except at the margins. */
static enum err_code
sharpen(struct arena *arena, struct lstm_gray *gray, uint32_t half, float fraction, struct err *err)
{
    size_t width = gray->width;
    uint32_t side = 2 * half + 1;
    uint16_t *sums = arena_array(arena, width, sizeof(*sums));
    uint8_t *out;

    if (gray->width < side || gray->height < side)
        return ERR_OK;
    out = arena_array(arena, gray->height, width);
    if (sums == NULL || out == NULL)
        return err_set(err, ERR_LIMIT, "line: more memory than the page has");
    memcpy(out, gray->pixels, gray->height * width);
    for (size_t y = half; y + half < gray->height; y++) {
        memset(sums, 0, width * sizeof(*sums));
        for (size_t k = y - half; k <= y + half; k++)
            add_row(gray->pixels + k * width, width, sums);
        sharpen_row(gray->pixels + y * width + half, sums, width - 2 * half, half, fraction,
                    out + y * width + half);
    }
    gray->pixels = out;
    return ERR_OK;
}

static bool
clip(const struct pixmap *picture, struct lstm_box *box)
{
    int64_t width = picture->width, height = picture->height;

    box->x0 = box->x0 < 0 ? 0 : box->x0;
    box->y0 = box->y0 < 0 ? 0 : box->y0;
    box->x1 = box->x1 > width ? (int32_t)width : box->x1;
    box->y1 = box->y1 > height ? (int32_t)height : box->y1;
    return box->x0 < box->x1 && box->y0 < box->y1;
}

enum err_code
lstm_image_scale(struct arena *arena, const struct pixmap *picture, struct lstm_box box,
                 uint32_t height, struct lstm_gray *ret, struct err *err)
{
    struct lstm_gray gray = {.height = height};
    struct view view = {.stride = picture->stride};
    float width;

    *ret = (struct lstm_gray){0};
    if (!clip(picture, &box))
        return ERR_OK;
    view.pixels = picture->pixels + (size_t)box.y0 * picture->stride + (size_t)box.x0;
    view.width = (uint32_t)(box.x1 - box.x0);
    view.height = (uint32_t)(box.y1 - box.y0);
    gray.factor = (float)height / (float)view.height;
    if (gray.factor < least_factor)
        return ERR_OK;
    width = gray.factor * (float)view.width + 0.5f;
    if (!(width < (float)LSTM_MAX_COLUMNS))
        return err_set(err, ERR_LIMIT, "line: %u by %u pixels, too long for its height (%d)",
                       view.width, view.height, LSTM_MAX_COLUMNS);
    gray.width = (uint32_t)width;
    if (gray.width == 0)
        return ERR_OK;
    gray.pixels = arena_array(arena, gray.width, height);
    if (gray.pixels == NULL)
        return err_set(err, ERR_LIMIT, "line: more memory than the page has");
    *ret = gray;
    if (gray.factor == 1.0f) {
        for (uint32_t y = 0; y < height; y++)
            memcpy(gray.pixels + (size_t)y * gray.width, row_of(&view, y), gray.width);
        return ERR_OK;
    }
    if (gray.factor == 0.5f) {
        ret->width = view.width / 2;
        halve(&view, ret->width, height, ret->pixels);
        return sharpen(arena, ret, 1, 0.2f, err);
    }
    if (gray.factor < area_below) {
        enum err_code rc = average(arena, &view, ret, err);

        return rc == ERR_OK && gray.factor > sharpen_above ? sharpen(arena, ret, 1, 0.2f, err) : rc;
    }
    interpolate(&view, ret);
    return gray.factor < sharpen_below ? sharpen(arena, ret, 2, 0.4f, err) : ERR_OK;
}

/* The value below which share of the counted lie, within its bucket by proportion. */
static float
quantile(const uint32_t counts[256], uint32_t total, double share)
{
    double target = share * total;
    uint32_t sum = 0, i = 0;

    target = target < 1 ? 1 : target;
    while (i < 256 && sum < target)
        sum += counts[i++];
    return (float)(i - (sum - target) / counts[i - 1]);
}

/* Local minima and maxima of the middle row stand for ink and paper. */
static void
find_contrast(const struct lstm_gray *gray, float *ret_black, float *ret_white)
{
    const uint8_t *row = gray->pixels + (size_t)(gray->height / 2) * gray->width;
    uint32_t minima[256] = {0}, maxima[256] = {0};
    uint32_t n_min = 0, n_max = 0;

    for (uint32_t x = 1; x + 1 < gray->width; x++) {
        uint8_t before = row[x - 1], here = row[x], after = row[x + 1];

        if ((here < before && here <= after) || (here <= before && here < after)) {
            minima[here]++;
            n_min++;
        }
        if ((here > before && here >= after) || (here >= before && here > after)) {
            maxima[here]++;
            n_max++;
        }
    }
    if (n_min == 0)
        minima[0] = n_min = 1;
    if (n_max == 0)
        maxima[255] = n_max = 1;
    *ret_black = quantile(minima, n_min, black_share);
    *ret_white = quantile(maxima, n_max, white_share);
}

enum err_code
lstm_image_normalise(struct arena *arena, const struct lstm_gray *gray, struct lstm_input *ret,
                     struct err *err)
{
    size_t n = (size_t)gray->width * gray->height;
    int8_t *values = arena_alloc(arena, n);
    int8_t level[256];
    float black, white, contrast;

    if (values == NULL)
        return err_set(err, ERR_LIMIT, "line: more memory than the page has");
    find_contrast(gray, &black, &white);
    contrast = (white - black) / 2.0f;
    if (contrast <= 0.0f)
        contrast = 1.0f;
    for (int i = 0; i < 256; i++) {
        float x = 128.0f * (((float)i - black) / contrast - 1.0f);
        float rounded = x >= 0 ? x + 0.5f : x - 0.5f;

        level[i] = (int8_t)(rounded < -127 ? -127 : rounded > 127 ? 127 : rounded);
    }
    for (size_t i = 0; i < n; i++)
        values[i] = level[gray->pixels[i]];
    *ret = (struct lstm_input){values, gray->height, gray->width};
    return ERR_OK;
}
