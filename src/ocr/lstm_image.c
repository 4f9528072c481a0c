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

/* Weight, in sixteenths, of source pixel k of those from first to last that a target pixel covers
 * from sixteenth f0 of the first to f1 of the last. */
static uint32_t
cover(uint32_t k, uint32_t first, uint32_t last, uint32_t f0, uint32_t f1)
{
    return k == first ? 16 - f0 : k == last ? f1 : 16;
}

static uint8_t
mean_of_area(const struct view *from, uint32_t x0, uint32_t x1, uint32_t y0, uint32_t y1)
{
    uint32_t left = x0 >> 4, right = x1 >> 4, top = y0 >> 4, bottom = y1 >> 4;
    uint32_t area = (16 - (x0 & 15) + 16 * (right - left - 1) + (x1 & 15)) *
                    (16 - (y0 & 15) + 16 * (bottom - top - 1) + (y1 & 15));
    uint32_t sum = 128;

    for (uint32_t y = top; y <= bottom; y++) {
        const uint8_t *row = row_of(from, y);
        uint32_t line = (16 - (x0 & 15)) * row[left] + (x1 & 15) * row[right];

        for (uint32_t x = left + 1; x < right; x++)
            line += 16 * row[x];
        sum += cover(y, top, bottom, y0 & 15, y1 & 15) * line;
    }
    return (uint8_t)(sum / area);
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

static void
average(const struct view *from, struct lstm_gray *to)
{
    float step_x = (float)(16. * (float)from->width / (float)to->width);
    float step_y = (float)(16. * (float)from->height / (float)to->height);

    for (uint32_t i = 0; i < to->height; i++) {
        uint32_t y0 = (uint32_t)(step_y * (float)i);
        uint32_t y1 = (uint32_t)(step_y * (i + 1.0));
        uint8_t *out = to->pixels + (size_t)i * to->width;

        for (uint32_t j = 0; j < to->width; j++) {
            uint32_t x0 = (uint32_t)(step_x * (float)j);
            uint32_t x1 = (uint32_t)(step_x * (j + 1.0));
            bool at_edge = (x1 >> 4) + 2 > from->width || (y1 >> 4) + 2 > from->height;

            out[j] = at_edge ? row_of(from, y0 >> 4)[x0 >> 4] : mean_of_area(from, x0, x1, y0, y1);
        }
    }
}

/* Sums of 2 * half + 1 pixels along a row; the ends stay 0 and unused. */
static void
sum_row(const uint8_t *row, uint32_t width, uint32_t half, uint32_t *sums)
{
    for (uint32_t x = half; x + half < width; x++) {
        sums[x] = 0;
        for (uint32_t k = x - half; k <= x + half; k++)
            sums[x] += row[k];
    }
}

/* pixel + fraction * (pixel - mean of the square around it), except at the margins. */
static enum err_code
sharpen(struct arena *arena, struct lstm_gray *gray, uint32_t half, float fraction, struct err *err)
{
    size_t width = gray->width;
    uint32_t side = 2 * half + 1;
    float norm = (float)(1.0 / (side * side));
    uint32_t *sums = arena_array(arena, gray->height, width * sizeof(*sums));
    uint8_t *out;

    if (gray->width < side || gray->height < side)
        return ERR_OK;
    out = arena_alloc(arena, gray->height * width);
    if (sums == NULL || out == NULL)
        return err_set(err, ERR_LIMIT, "line: more memory than the page has");
    memcpy(out, gray->pixels, gray->height * width);
    for (uint32_t y = 0; y < gray->height; y++)
        sum_row(gray->pixels + y * width, gray->width, half, sums + y * width);
    for (uint32_t y = half; y + half < gray->height; y++)
        for (uint32_t x = half; x + half < gray->width; x++) {
            int32_t pixel = gray->pixels[y * width + x];
            uint32_t sum = 0;
            int32_t value;

            for (uint32_t k = y - half; k <= y + half; k++)
                sum += sums[k * width + x];
            value = (int32_t)((float)pixel + fraction * ((float)pixel - norm * (float)sum) + 0.5);
            out[y * width + x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
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
        average(&view, ret);
        return gray.factor > sharpen_above ? sharpen(arena, ret, 1, 0.2f, err) : ERR_OK;
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
