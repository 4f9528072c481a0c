/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_rank.h - which codes of a step are worth following, and how certain they are. */
#pragma once

#include "ocr/lstm_internal.h"

/* Lower ranks are tried only where a higher one continues no path. */
enum lstm_rank { LSTM_RANK_TOP2, LSTM_RANK_TOP5, LSTM_RANK_REST, LSTM_RANK_COUNT };

enum { LSTM_RANKED = 5 };

/* Log probabilities: of the code, of it and the null together, and of these and its rival. */
struct lstm_certainties {
    float alone, with_null, with_rival;
};

struct lstm_ranking {
    const float *probs; /* of this step, borrowed */
    uint8_t *rank;      /* [n_codes] */
    struct lstm_certainties
        *certainty; /* [n_codes]; alone valid for ranks above REST, all for TOP2 */
    uint32_t codes[LSTM_RANK_REST][LSTM_RANKED + 1], count[LSTM_RANK_REST]; /* by rank */
    uint32_t top, second;                                                   /* each other's rival */
};

/* False if there is no memory. */
MUST_CHECK
bool lstm_ranking_init(struct arena *arena, uint32_t n_codes, struct lstm_ranking *ret);

/* Ranks the codes of a step. The null always counts as one of the top two. */
void lstm_ranking_set(struct lstm_ranking *ranking, const struct lstm_model *model,
                      const float *probs);

/* Lowest certainty there is; paths that meet it are as good as dead. */
extern const float lstm_certainty_floor;

float lstm_certainty(float prob);
