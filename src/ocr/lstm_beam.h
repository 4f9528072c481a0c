/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_beam.h - the best few of the paths of one kind at one step of the search. */
#pragma once

#include "ocr/lstm_internal.h"

enum { LSTM_BEAM_MAX = 16 };

/* The best nodes of a kind, as a heap with the worst on top. Where scores are equal the order
 * decides which path wins, so the heap is the textbook's binary one, as Tesseract has it. */
struct lstm_beam {
    struct lstm_node *nodes; /* one more than the width; NULL while empty */
    uint32_t count;
    uint8_t heap[LSTM_BEAM_MAX + 1]; /* places in nodes */
    uint8_t spare;                   /* the place not in use once count is the width */
};

/* Whether a node of this score would not be kept. */
bool lstm_beam_refuses(const struct lstm_beam *beam, uint32_t width, float score);

/* Keeps the width (<= LSTM_BEAM_MAX) best of different paths; of equal ones the better. False if
 * there is no memory. */
MUST_CHECK
bool lstm_beam_push(struct arena *arena, struct lstm_beam *beam, uint32_t width,
                    const struct lstm_node *node);
