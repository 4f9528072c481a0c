/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_rank.c - the few best codes of a step, and their certainties, computed once for all
 * paths. */
#include "ocr/lstm_rank.h"

#include <math.h>
#include <string.h>

const float lstm_certainty_floor = -20.0f;

static const double offset = -0.085; /* makes certain steps cost something */

float
lstm_certainty(float prob)
{
    /* Lowest probability that has a certainty: exp(lstm_certainty_floor). */
    static const float least = 2.061153622438558e-09f;

    return (float)((double)(prob > least ? logf(prob) : lstm_certainty_floor) + offset);
}

bool
lstm_ranking_init(struct arena *arena, uint32_t n_codes, struct lstm_ranking *ret)
{
    struct lstm_ranking r = {
        .rank = arena_alloc(arena, n_codes),
        .certainty = arena_array(arena, n_codes, sizeof(*r.certainty)),
    };

    *ret = r;
    return r.rank != NULL && r.certainty != NULL;
}

/* The best codes in order; of equal ones the first. Returns how many. */
static uint32_t
find_best(const float *probs, uint32_t n_codes, uint32_t best[LSTM_RANKED])
{
    float least = -1; /* to be among them */
    uint32_t n = 0;

    for (uint32_t code = 0; code < n_codes; code++) {
        uint32_t at;

        if (probs[code] <= least)
            continue;
        at = n < LSTM_RANKED ? n++ : LSTM_RANKED - 1;
        for (; at > 0 && probs[best[at - 1]] < probs[code]; at--)
            best[at] = best[at - 1];
        best[at] = code;
        least = n < LSTM_RANKED ? -1 : probs[best[LSTM_RANKED - 1]];
    }
    return n;
}

static void
add(struct lstm_ranking *r, uint32_t code, enum lstm_rank rank)
{
    r->rank[code] = (uint8_t)rank;
    r->codes[rank][r->count[rank]++] = code;
}

static void
weigh(struct lstm_ranking *r, uint32_t null_code)
{
    float null_prob = r->probs[null_code];

    for (uint32_t i = 0; i < r->count[LSTM_RANK_TOP2]; i++) {
        uint32_t code = r->codes[LSTM_RANK_TOP2][i];
        uint32_t rival = code == r->top ? r->second : r->top;
        float both = r->probs[code] + null_prob;

        r->certainty[code] =
            (struct lstm_certainties){lstm_certainty(r->probs[code]), lstm_certainty(both),
                                      lstm_certainty(both + r->probs[rival])};
    }
    for (uint32_t i = 0; i < r->count[LSTM_RANK_TOP5]; i++) {
        uint32_t code = r->codes[LSTM_RANK_TOP5][i];

        r->certainty[code].alone = lstm_certainty(r->probs[code]);
    }
}

void
lstm_ranking_set(struct lstm_ranking *ranking, const struct lstm_model *model, const float *probs)
{
    uint32_t best[LSTM_RANKED] = {0};
    uint32_t n = find_best(probs, model->n_codes, best);

    ranking->probs = probs;
    memset(ranking->rank, LSTM_RANK_REST, model->n_codes);
    memset(ranking->count, 0, sizeof(ranking->count));
    ranking->top = best[0];
    ranking->second = n > 1 ? best[1] : best[0];
    add(ranking, model->null_code, LSTM_RANK_TOP2);
    for (uint32_t i = 0; i < n; i++)
        if (best[i] != model->null_code)
            add(ranking, best[i], i < 2 ? LSTM_RANK_TOP2 : LSTM_RANK_TOP5);
    weigh(ranking, model->null_code);
}
