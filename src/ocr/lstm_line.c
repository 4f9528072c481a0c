/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_line.c - reads one line: scaling, network, the negative where the positive reads badly,
 * the mean of several sights, search, words. */
#include "ocr/lstm_internal.h"

#include <string.h>

/* A mean certainty of the codes below this calls for the negative as well, if the line may be light
 * on dark. */
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

/* Whether the line is surely dark on light: its mean is above the middle of its darkest and
 * brightest (a hundredth of its pixels each), as letters cover less than half of it. */
static bool
is_positive(const struct lstm_gray *gray)
{
    size_t all = (size_t)gray->width * gray->height, counts[256] = {0}, sum = 0, below = 0;
    unsigned dark = 0, bright = 255;

    for (size_t i = 0; i < all; i++) {
        counts[gray->pixels[i]]++;
        sum += gray->pixels[i];
    }
    while (dark < 255 && (below += counts[dark]) * 100 < all)
        dark++;
    below = 0;
    while (bright > 0 && (below += counts[bright]) * 100 < all)
        bright--;
    return 2 * sum > (size_t)(dark + bright) * all;
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
    if (mean >= invert_below || is_positive(gray))
        return ERR_OK;
    invert(gray);
    rc = run_network(arena, model, gray, &negative, err);
    if (rc == ERR_OK && mean_best(model, &negative) > mean) {
        *ret = negative;
        *ret_inverted = true;
    }
    return rc;
}

bool
lstm_seen_keep(struct arena *arena, struct lstm_seen *seen)
{
    size_t n = (size_t)seen->steps * seen->n_codes;
    float *probs = seen->probs == NULL ? NULL : arena_array(arena, n, sizeof(*probs));

    if (probs != NULL)
        memcpy(probs, seen->probs, n * sizeof(*probs));
    bool kept = probs != NULL || seen->probs == NULL;
    seen->probs = probs;
    return kept;
}

/* What the network makes of one sight; no steps: too narrow for one, nothing to read. */
static enum err_code
run_sight(struct arena *arena, const struct lstm_model *model, const struct lstm_sight *sight,
          struct lstm_seen *ret, struct err *err)
{
    struct lstm_gray gray;
    struct lstm_output output;

    *ret = (struct lstm_seen){0};
    if (sight->seen != NULL && sight->seen->probs != NULL) {
        *ret = *sight->seen;
        return lstm_seen_keep(arena, ret) ? ERR_OK : err_set(err, ERR_MEMORY, "no memory to read");
    }
    enum err_code rc =
        lstm_image_scale(arena, sight->picture, sight->box, model->input_height, &gray, err);
    if (rc != ERR_OK || gray.width < model->x_scale)
        return rc;
    rc = run_best_polarity(arena, model, &gray, &output, &ret->inverted, err);
    if (rc == ERR_OK) {
        ret->probs = output.probs;
        ret->steps = output.steps;
        ret->n_codes = output.n_codes;
        ret->factor = gray.factor;
    }
    return rc;
}

/* sum += seen, if it has as many steps. */
static bool
add_seen(struct lstm_seen *sum, const struct lstm_seen *seen)
{
    size_t n = (size_t)sum->steps * sum->n_codes;

    if (seen->steps != sum->steps)
        return false;
    for (size_t i = 0; i < n; i++)
        sum->probs[i] += seen->probs[i];
    return true;
}

/* The mean over the sights. */
static enum err_code
run_sights(struct arena *arena, const struct lstm_model *model, const struct lstm_sight *sights,
           size_t n, struct lstm_seen *ret, struct err *err)
{
    enum err_code rc = run_sight(arena, model, &sights[0], ret, err);
    size_t taken = 1;

    for (size_t i = 1; rc == ERR_OK && ret->steps > 0 && i < n; i++) {
        struct lstm_seen seen;
        rc = run_sight(arena, model, &sights[i], &seen, err);
        if (rc == ERR_OK)
            taken += add_seen(ret, &seen);
    }
    for (size_t i = 0; taken > 1 && i < (size_t)ret->steps * ret->n_codes; i++)
        ret->probs[i] /= (float)taken;
    return rc;
}

enum err_code
lstm_read_sights(struct arena *arena, const struct lstm_model *model,
                 const struct lstm_sight *sights, size_t n, struct lstm_line *ret_line,
                 struct err *err)
{
    struct lstm_line line = {0};
    struct lstm_path path = {0};
    enum err_code rc = run_sights(arena, model, sights, n, &line.seen, err);

    if (rc != ERR_OK || line.seen.steps == 0) {
        *ret_line = (struct lstm_line){0};
        return rc;
    }
    struct lstm_output output = {line.seen.probs, line.seen.steps, line.seen.n_codes};
    line.inverted = line.seen.inverted;
    rc = lstm_decode(arena, model, &output, &path, err);
    if (rc == ERR_OK)
        rc = lstm_words_build(
            arena, model, &output, &path,
            (struct lstm_scale){(float)(sights[0].box.x0 < 0 ? 0 : sights[0].box.x0),
                                (float)model->x_scale / line.seen.factor},
            &line, err);
    if (rc == ERR_OK)
        *ret_line = line;
    return rc;
}

enum err_code
lstm_read_line(struct arena *arena, const struct lstm_model *model, const struct pixmap *picture,
               struct lstm_box box, struct lstm_line *ret_line, struct err *err)
{
    struct lstm_sight sight = {picture, box, NULL};

    return lstm_read_sights(arena, model, &sight, 1, ret_line, err);
}
