/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/uprights.h"

#include <math.h>
#include <string.h>

enum {
    STEPS_MOST = 48, /* of leans looked at, either way */
    ENDS_LEAST = 12,
    FINER = 2 /* rounds of halved steps */
};
static const float lean_most = 0.35F; /* 19 degrees */
static const float bin_letters =
    0.5F; /* those in two neighbouring bins stand one below the other */

/* Over the text's height edges have to go off the upright by so many letters' heights. */
static const float off_least = 0.8F;

/* Of two leans that line up as much, the smaller; and how much better it has to be than none. */
static const double small_better = 0.25, gain_least = 1.08;

struct search {
    const struct upright_end *sides[2];
    size_t n;
    uint16_t *bins;
    size_t bin_count;
    float bin, width; /* pixels of one; of the text */
    struct uprights at;
    struct box text;
};

/* How much a set of ends lines up: pairs of them in a bin and its neighbour. */
static double
score_side(struct search *s, const struct upright_end *ends, const struct uprights *u)
{
    double sum = 0;

    memset(s->bins, 0, s->bin_count * sizeof(*s->bins));
    for (size_t i = 0; i < s->n; i++) {
        float down = ends[i].y - u->mid, x = ends[i].x - u->middle;
        float straight = (x - u->lean * down) / (1 + u->spread * down);
        float place = (straight + s->width) / s->bin;
        if (place >= 0 && place < (float)s->bin_count)
            s->bins[(size_t)place]++;
    }
    for (size_t b = 0; b + 1 < s->bin_count; b++) {
        double together = s->bins[b] + s->bins[b + 1];
        sum += together * together;
    }
    return sum;
}

/* left, right: leans at the sides of the text. */
static struct uprights
uprights_of(const struct search *s, float left, float right)
{
    struct uprights u = s->at;

    u.lean = (left + right) / 2;
    u.spread = (right - left) / s->width;
    return u;
}

static double
score(struct search *s, float left, float right)
{
    struct uprights u = uprights_of(s, left, right);
    double small = 1 - small_better * (double)(fabsf(left) + fabsf(right)) / (double)lean_most;

    return small * (score_side(s, s->sides[0], &u) + score_side(s, s->sides[1], &u));
}

/* Looks at leans around two by steps of that, so many either way; keeps the best. */
static double
improve(struct search *s, float step, int steps, double best, float *left, float *right)
{
    const float from_left = *left, from_right = *right;

    for (int i = -steps; i <= steps; i++)
        for (int k = -steps; k <= steps; k++) {
            float l = from_left + step * (float)i, r = from_right + step * (float)k;
            double here = score(s, l, r);
            if (here > best) {
                best = here;
                *left = l;
                *right = r;
            }
        }
    return best;
}

bool
uprights_find(struct arena *scratch, const struct upright_end *starts,
              const struct upright_end *ends, size_t n, float letter, struct box text,
              struct uprights *ret)
{
    struct search s = {.sides = {starts, ends},
                       .n = n,
                       .bin = bin_letters * letter,
                       .width = fmaxf(box_width(text), 1),
                       .at = {.middle = (text.x0 + text.x1) / 2, .mid = (text.y0 + text.y1) / 2}};
    float high = fmaxf(box_height(text), letter), left = 0, right = 0;
    float step = fmaxf(letter / high, lean_most / STEPS_MOST);

    s.bin_count = (size_t)(2 * s.width / s.bin) + 2;
    s.bins = arena_array(scratch, s.bin_count, sizeof(*s.bins));
    if (s.bins == NULL || n < ENDS_LEAST)
        return false;
    double upright = score(&s, 0, 0);
    double best = improve(&s, step, (int)(lean_most / step), upright, &left, &right);
    for (int round = 0; round < FINER; round++) {
        step /= 2;
        best = improve(&s, step, 1, best, &left, &right);
    }
    *ret = uprights_of(&s, left, right);
    return best >= gain_least * upright &&
           fmaxf(fabsf(left), fabsf(right)) * high >= off_least * letter;
}
