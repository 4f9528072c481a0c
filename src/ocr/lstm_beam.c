/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_beam.c - a small binary heap of search nodes. */
#include "ocr/lstm_beam.h"

static float
score_at(const struct lstm_beam *beam, uint32_t at)
{
    return beam->nodes[beam->heap[at]].score;
}

/* Where place, of this score, belongs on the way up from the hole at. */
static uint32_t
sift_up(struct lstm_beam *beam, uint32_t at, float score)
{
    for (; at > 0 && score < score_at(beam, (at - 1) / 2); at = (at - 1) / 2)
        beam->heap[at] = beam->heap[(at - 1) / 2];
    return at;
}

static uint32_t
sift_down(struct lstm_beam *beam, uint32_t at, float score)
{
    for (;;) {
        uint32_t child = 2 * at + 1;

        if (child + 1 < beam->count && score_at(beam, child + 1) < score_at(beam, child))
            child++;
        if (child >= beam->count || !(score_at(beam, child) < score))
            return at;
        beam->heap[at] = beam->heap[child];
        at = child;
    }
}

static void
drop_worst(struct lstm_beam *beam)
{
    uint8_t place = beam->heap[--beam->count];

    beam->spare = beam->heap[0];
    beam->heap[sift_down(beam, 0, beam->nodes[place].score)] = place;
}

static void
replace(struct lstm_beam *beam, uint32_t at, const struct lstm_node *node)
{
    uint8_t place = beam->heap[at];

    beam->nodes[place] = *node;
    at = sift_down(beam, at, node->score);
    beam->heap[sift_up(beam, at, node->score)] = place;
}

bool
lstm_beam_refuses(const struct lstm_beam *beam, uint32_t width, float score)
{
    return beam->count >= width && score <= score_at(beam, 0);
}

bool
lstm_beam_push(struct arena *arena, struct lstm_beam *beam, uint32_t width,
               const struct lstm_node *node)
{
    uint8_t place;

    if (lstm_beam_refuses(beam, width, node->score))
        return true;
    if (beam->nodes == NULL) {
        beam->nodes = arena_array(arena, width + 1, sizeof(*beam->nodes));
        beam->spare = (uint8_t)width;
    }
    if (beam->nodes == NULL)
        return false;
    for (uint32_t at = 0; at < beam->count; at++) {
        const struct lstm_node *old = &beam->nodes[beam->heap[at]];

        if (old->hash == node->hash && old->code == node->code && old->kind == node->kind &&
            old->starts_places == node->starts_places) {
            if (node->score > old->score)
                replace(beam, at, node);
            return true;
        }
    }
    place = beam->count < width ? (uint8_t)beam->count : beam->spare;
    beam->nodes[place] = *node;
    beam->heap[sift_up(beam, beam->count, node->score)] = place;
    beam->count++;
    if (beam->count > width)
        drop_worst(beam);
    return true;
}
