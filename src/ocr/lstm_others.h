/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_others.h - what else a stretch of a line may say.
 *
 * Method: prefix search over the network's output (Graves et al. 2006; Hannun et al. 2014): all
 * ways to spell the same text are summed, so readings are distinct by construction. No word lists:
 * what comes out is what the network saw. Only stretches of a doubtful word are searched, which is
 * a small part of the time that the network takes for the line. */
#pragma once

#include "ocr/lstm_internal.h"

enum {
    LSTM_OTHERS_STEPS_MAX = 512, /* of a stretch; longer ones have no other readings */
};

/* Steps [begin, end) of a line's output were read as text. The other readings without spaces that
 * are at least 1 / 200 times as likely as text, the likeliest first, LSTM_OTHERS_MAX at
 * most; NULL, 0 where there are none. False if there is no memory. */
MUST_CHECK
bool lstm_others_find(struct arena *arena, const struct lstm_model *model,
                      const struct lstm_output *output, uint32_t begin, uint32_t end,
                      const char *text, struct lstm_other **ret, uint32_t *ret_count);
