/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/underscore.h"

#include <math.h>
#include <stdlib.h>

/* In heights of the row: how far the network's edges of a word may be off; how long the bar may be;
 * how far below the baseline it lies; how far up and how far below itself nothing may be; what is
 * looked at of the letters beside it. */
static const float edges_off = 0.35F, long_least = 0.3F, long_most = 1.1F, below_most = 0.24F,
                   clear_to = 0.6F, thick_most = 0.12F, clear_below = 0.28F, letters_wide = 0.8F;

/* Ink is what is darker than the paper by this share of the way to the darkest. */
static const float ink_share = 0.35F;

/* Share of columns under the letters where a line may be: descenders, and letters on the line. */
static const float under_letters_most = 0.5F;

struct strip {
    const struct pixmap *picture;
    int32_t x0, x1;        /* of the columns that may be looked at */
    int32_t top, low, end; /* rows: clear from top to low, the bar from low to end */
    uint8_t dark;          /* the lightest ink */
};

static bool
has_ink(const struct strip *s, int32_t x, int32_t from, int32_t to)
{
    for (int32_t y = from; y < to; y++)
        if (s->picture->pixels[(size_t)y * s->picture->stride + (size_t)x] <= s->dark)
            return true;
    return false;
}

/* The lightest ink of the strip: the darkest of a hundred pixels is ink, most are paper. */
static uint8_t
find_dark(const struct strip *s, int32_t from, int32_t to)
{
    uint32_t counts[256] = {0}, all = 0, seen = 0;
    int ink = -1, paper = 255;

    for (int32_t y = s->top; y < s->end; y++)
        for (int32_t x = from; x < to; x++, all++)
            counts[s->picture->pixels[(size_t)y * s->picture->stride + (size_t)x]]++;
    for (int level = 0; level < 256; level++) {
        seen += counts[level];
        if (ink < 0 && seen * 50 >= all)
            ink = level;
        if (seen * 10 >= all * 7) {
            paper = level;
            break;
        }
    }
    return (uint8_t)fmaxf(0, (float)paper - ink_share * (float)(paper - ink));
}

/* The darkest row of the bar in a column. */
static int32_t
row_of(const struct strip *s, int32_t x)
{
    int32_t best = s->low;

    for (int32_t y = s->low; y < s->end; y++)
        if (s->picture->pixels[(size_t)y * s->picture->stride + (size_t)x] <
            s->picture->pixels[(size_t)best * s->picture->stride + (size_t)x])
            best = y;
    return best;
}

/* The longest run of columns with ink below the baseline and none above. */
static int32_t
longest_run(const struct strip *s, int32_t from, int32_t to, int32_t *ret_start)
{
    int32_t best = 0, start = from;

    for (int32_t x = from; x <= to; x++) {
        if (x < to && has_ink(s, x, s->low, s->end) && !has_ink(s, x, s->top, s->low))
            continue;
        if (x - start > best) {
            best = x - start;
            *ret_start = start;
        }
        start = x + 1;
    }
    return best;
}

/* Below the bar is paper, not the tops of the next line's letters. */
static bool
is_clear_below(const struct strip *s, int32_t bar, float h, int32_t from, int32_t to)
{
    int32_t low = bar + 1 + (int32_t)ceilf(thick_most * h),
            end = bar + (int32_t)ceilf(clear_below * h);
    int32_t n = 0;

    end = end > (int32_t)s->picture->height ? (int32_t)s->picture->height : end;
    for (int32_t x = from; x < to; x++)
        n += low < end && has_ink(s, x, low, end);
    return n * 8 <= to - from;
}

/* The bar's row goes on below the letters beside it. */
static bool
goes_on(const struct strip *s, int32_t row, int32_t from, int32_t to)
{
    int32_t n = 0;

    from = from < s->x0 ? s->x0 : from;
    to = to > s->x1 ? s->x1 : to;
    for (int32_t x = from; x < to; x++)
        n += has_ink(s, x, row, row + 1);
    return to <= from || (float)n > under_letters_most * (float)(to - from);
}

/* The baseline at x, of the layout's word that is nearest. */
static float
baseline_at(const struct lstm_row *row, float x)
{
    const struct lstm_row_word *near = &row->words[0];
    float least = 1e9F;

    for (size_t i = 0; i < row->count; i++) {
        const struct lstm_row_word *w = &row->words[i];
        float off = fmaxf(fmaxf((float)w->box.x0 - x, x - (float)w->box.x1), 0);
        if (off < least) {
            least = off;
            near = w;
        }
    }
    float wide = (float)(near->baseline_x1 - near->baseline_x0);
    float t = wide > 0 ? (x - (float)near->baseline_x0) / wide : 0;
    return (float)near->baseline_y0 + t * (float)(near->baseline_y1 - near->baseline_y0);
}

bool
underscore_between(const struct pixmap *picture, const struct lstm_row *row, struct box left,
                   struct box right)
{
    struct strip s = {.picture = picture, .x1 = (int32_t)picture->width};
    float h = row->height, gap = right.x0 - left.x1;

    if (row->count == 0 || picture->pixels == NULL || gap > long_most * h || gap < -h)
        return false;
    float base = baseline_at(row, (left.x1 + right.x0) / 2);
    s.top = (int32_t)(base - clear_to * h);
    s.low = (int32_t)ceilf(base + 1);
    s.end = (int32_t)ceilf(base + below_most * h) + 1;
    int32_t from = (int32_t)(fminf(left.x1, right.x0) - edges_off * h);
    int32_t to = (int32_t)(fmaxf(left.x1, right.x0) + edges_off * h);
    from = from < 0 ? 0 : from;
    to = to > s.x1 ? s.x1 : to;
    if (s.top < 0 || s.end > (int32_t)picture->height || s.low >= s.end || from >= to)
        return false;
    int32_t wide = (int32_t)(letters_wide * h), start = from;
    s.dark = find_dark(&s, from - wide < 0 ? 0 : from - wide, to + wide > s.x1 ? s.x1 : to + wide);
    int32_t run = longest_run(&s, from, to, &start);
    if ((float)run < long_least * h || (float)run > long_most * h)
        return false;
    int32_t bar = row_of(&s, start + run / 2), level = 0;
    for (int32_t x = start; x < start + run; x++)
        level += abs(row_of(&s, x) - bar) <= 1;
    return level * 10 >= run * 9 && is_clear_below(&s, bar, h, start, start + run) &&
           !goes_on(&s, bar, start - wide, start - 1) &&
           !goes_on(&s, bar, start + run + 1, start + run + wide);
}
