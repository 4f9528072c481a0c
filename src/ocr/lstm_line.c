/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_line.c - reads one line: scaling, network, the negative where the positive reads badly,
 * search, words. */
#include "ocr/lstm_internal.h"

/* A mean certainty of the codes below this calls for the negative as well. */
static const float invert_below = 0.7f;

/* Mean probability of the best codes that are not null; in steps of 1/127 as Tesseract has it. */
static float
mean_best(const struct lstm_model *model, const struct lstm_output *output)
{
    uint64_t sum = 0, count = 0;

    for (uint32_t t = 0; t < output->steps; t++) {
        const float *probs = output->probs + (size_t)t * output->n_codes;
        uint32_t best = 0;

        for (uint32_t code = 1; code < output->n_codes; code++)
            if (probs[code] > probs[best])
                best = code;
        if (best == model->null_code)
            continue;
        sum += (uint64_t)(127 * probs[best]);
        count++;
    }
    return count == 0 ? 0 : (float)((double)sum / (double)count / 127);
}

static void
invert(struct lstm_gray *gray)
{
    for (size_t i = 0; i < (size_t)gray->width * gray->height; i++)
        gray->pixels[i] = (uint8_t)(255 - gray->pixels[i]);
}

static enum err_code
run_network(struct arena *arena, const struct lstm_model *model, const struct lstm_gray *gray,
            struct lstm_output *ret, struct err *err)
{
    struct lstm_input input;
    enum err_code rc = lstm_image_normalise(arena, gray, &input, err);

    return rc == ERR_OK ? lstm_net_run(arena, model, &input, ret, err) : rc;
}

static enum err_code
run_best_polarity(struct arena *arena, const struct lstm_model *model, struct lstm_gray *gray,
                  struct lstm_output *ret, bool *ret_inverted, struct err *err)
{
    struct lstm_output positive, negative;
    enum err_code rc = run_network(arena, model, gray, &positive, err);
    float mean;

    if (rc != ERR_OK)
        return rc;
    *ret = positive;
    *ret_inverted = false;
    mean = mean_best(model, &positive);
    if (mean >= invert_below)
        return ERR_OK;
    invert(gray);
    rc = run_network(arena, model, gray, &negative, err);
    if (rc == ERR_OK && mean_best(model, &negative) > mean) {
        *ret = negative;
        *ret_inverted = true;
    }
    return rc;
}

enum err_code
lstm_read_line(struct arena *arena, const struct lstm_model *model, const struct pixmap *picture,
               struct lstm_box box, struct lstm_line *ret_line, struct err *err)
{
    struct lstm_line line = {0};
    struct lstm_gray gray;
    struct lstm_output output;
    struct lstm_path path = {0};
    enum err_code rc = lstm_image_scale(arena, picture, box, model->input_height, &gray, err);

    if (rc != ERR_OK)
        return rc;
    /* Too narrow for one step of the network: nothing to read. */
    if (gray.width < model->x_scale) {
        *ret_line = line;
        return ERR_OK;
    }
    rc = run_best_polarity(arena, model, &gray, &output, &line.inverted, err);
    if (rc == ERR_OK)
        rc = lstm_decode(arena, model, &output, &path, err);
    if (rc == ERR_OK)
        rc = lstm_words_build(arena, model, &path,
                              (struct lstm_scale){(float)(box.x0 < 0 ? 0 : box.x0),
                                                  (float)model->x_scale / gray.factor},
                              &line, err);
    if (rc == ERR_OK)
        *ret_line = line;
    return rc;
}
