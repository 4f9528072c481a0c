/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Where records begin among the bands of a section: what repeats at their beginnings. The surest
 * sign that the section shows is used: numbers that count up, a label that returns, periods, bold
 * or larger lines, gaps, marks of a list, and at last lines of one form. */
#include "extract/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A record's period stands on its first line or at most so many below. */
enum { HEAD_BANDS_MAX = 3 };

struct cut {
    struct solve *solve;
    const struct bands *bands;
    bool *starts; /* [bands->count] */
    uint32_t count;
};

static bool
mark(struct cut *cut, uint32_t at)
{
    cut->count += !cut->starts[at];
    return cut->starts[at] = true;
}

static void
clear(struct cut *cut)
{
    memset(cut->starts, 0, cut->bands->count * sizeof(bool));
    cut->count = 0;
}

static int
by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* The usual distance of lines. */
static float
usual_gap(struct cut *cut)
{
    float *gaps = arena_array(cut->solve->arena, cut->bands->count + 1, sizeof(*gaps));
    uint32_t n = 0;

    if (gaps == NULL)
        return 0;
    for (uint32_t i = 1; i < cut->bands->count; i++)
        if (cut->bands->bands[i].gap < 500)
            gaps[n++] = fmaxf(cut->bands->bands[i].gap, 0);
    qsort(gaps, n, sizeof(*gaps), by_value);
    return n == 0 ? 0 : gaps[n / 3];
}

/* "1.", "2.", "3.": from one on, each once. */
static bool
by_numbers(struct cut *cut)
{
    int next = -1;

    clear(cut);
    for (uint32_t i = 0; i < cut->bands->count; i++) {
        int number = cut->bands->bands[i].number;
        if (number < 0 || (next < 0 && number > 1 && i > 0))
            continue;
        if (next < 0 || number == next || number == next - 2) { /* or counted down */
            mark(cut, i);
            next = number + 1;
        }
    }
    return cut->count >= 2;
}

/* The first label of the section returns. */
static bool
by_label(struct cut *cut)
{
    const struct solve *solve = cut->solve;
    const char *key = NULL;

    clear(cut);
    for (uint32_t i = 0; i < cut->bands->count; i++) {
        const struct band *band = &cut->bands->bands[i];
        uint32_t run = solve->labels->run_of[solve->doc->segs[band->segs[0]].first];
        if (!band->labelled || run == NONE)
            continue;
        if (key == NULL)
            key = solve->labels->runs[run].key;
        if (strcmp(key, solve->labels->runs[run].key) == 0)
            mark(cut, i);
    }
    if (cut->count < 2 || cut->starts[0])
        return cut->count >= 2;
    /* A line above the first label is the title of its record: so are those above the others. */
    uint32_t lead = 0;
    while (!cut->starts[lead])
        lead++;
    if (lead > 1)
        return false;
    for (uint32_t i = 1; i < cut->bands->count; i++)
        if (cut->starts[i]) {
            cut->starts[i] = false;
            cut->starts[i - 1] = true;
        }
    return true;
}

/* Where in its band the period stands: records of one section agree. */
enum period_place { ALONE, LEFT, RIGHT, INSIDE, PLACES };

static enum period_place
place_of(const struct solve *solve, const struct band *band)
{
    const struct seg *seg = &solve->doc->segs[band->segs[band->period_seg]];
    bool whole = band->period.first <= seg->first + (band->period_seg == 0 ? band->marker : 0) &&
                 band->period.first + band->period.count >= seg->first + seg->count;

    if (band->seg_count == 1)
        return whole ? ALONE : band->period.first <= seg->first + band->marker ? LEFT : INSIDE;
    if (band->period_seg == 0 && band->period.first <= seg->first + band->marker)
        return LEFT;
    return band->period_seg + 1 == band->seg_count ? RIGHT : INSIDE;
}

static bool
is_dated(const struct cut *cut, uint32_t i, enum period_place place, bool range)
{
    const struct band *band = &cut->bands->bands[i];

    return band->period.count > 0 && (band->period.range || !range) && !band->prose &&
           place_of(cut->solve, band) == place;
}

/* The band looks like the first line of a record rather than like one in its middle. */
static float
headness(const struct cut *cut, uint32_t i, float gap)
{
    const struct band *band = &cut->bands->bands[i];
    float score = 0;

    if (band->bullet || band->prose)
        return -1;
    if (i == 0)
        return 1;
    const struct band *above = &cut->bands->bands[i - 1];
    score += band->gap > gap * 1.3F + 1 && band->gap < 500 ? 1 : 0;
    score += (band->bold && !above->bold) || band->size > above->size * 1.08F ? 0.7F : 0;
    score += above->bullet || above->prose ? 0.7F : 0;
    return score;
}

/* The lines that stand above the period within its record. */
static uint32_t
lines_above(const struct cut *cut, const uint32_t *dated, uint32_t n)
{
    float gap = usual_gap((struct cut *)(uintptr_t)cut), best = -1;
    uint32_t which = 0;

    for (uint32_t k = 0; k <= HEAD_BANDS_MAX; k++) {
        float score = dated[0] == k ? 1.2F : 0;
        bool fits = dated[0] >= k;
        for (uint32_t a = 0; a < n && fits; a++) {
            fits = dated[a] >= k && (a == 0 || dated[a] - k > dated[a - 1]);
            for (uint32_t i = 1; fits && i <= k; i++)
                fits = !cut->bands->bands[dated[a] - i].bullet;
            if (fits)
                score += headness(cut, dated[a] - k, gap) / (float)n;
        }
        if (fits && score > best + 0.01F) {
            best = score;
            which = k;
        }
    }
    return which;
}

static bool
by_periods(struct cut *cut)
{
    uint32_t counts[PLACES] = {0}, ranges[PLACES] = {0}, all = 0;
    uint32_t *dated = arena_array(cut->solve->arena, cut->bands->count + 1, sizeof(*dated));
    int best = 0;

    clear(cut);
    for (uint32_t i = 0; i < cut->bands->count; i++) {
        const struct band *band = &cut->bands->bands[i];
        if (band->period.count == 0 || band->prose)
            continue;
        counts[place_of(cut->solve, band)]++;
        ranges[place_of(cut->solve, band)] += band->period.range;
    }
    for (int p = 1; p < PLACES; p++)
        if (ranges[p] * 2 + counts[p] > ranges[best] * 2 + counts[best])
            best = p;
    bool range = ranges[best] * 2 > counts[best] && best == INSIDE;
    for (uint32_t i = 0; dated != NULL && i < cut->bands->count; i++)
        if (is_dated(cut, i, (enum period_place)best, range) && !cut->bands->bands[i].bullet)
            dated[all++] = i;
    if (all == 0) /* a list of marks, each with its period */
        for (uint32_t i = 0; dated != NULL && i < cut->bands->count; i++)
            if (is_dated(cut, i, (enum period_place)best, range))
                dated[all++] = i;
    if (all == 0 || dated == NULL || dated[0] > HEAD_BANDS_MAX)
        return false;
    uint32_t above = lines_above(cut, dated, all);
    for (uint32_t a = 0; a < all; a++)
        if (dated[a] >= above)
            mark(cut, dated[a] - above);
    if (cut->count > 0 && !cut->starts[0] && dated[0] - above <= 1)
        mark(cut, 0);
    return cut->count > 0;
}

/* Lines that stand out by weight or size; those right below one another are one. */
static bool
by_looks(struct cut *cut)
{
    const struct bands *bands = cut->bands;

    clear(cut);
    if (!bands->bands[0].bold && bands->count > 1 &&
        bands->bands[0].size <= 1.08F * bands->bands[1].size)
        return false;
    for (uint32_t i = 0; i < bands->count; i++) {
        const struct band *band = &bands->bands[i];
        bool like = band->bold == bands->bands[0].bold &&
                    fabsf(band->size - bands->bands[0].size) < 0.08F * band->size &&
                    !band->bullet && fabsf(band->box.x0 - bands->bands[0].box.x0) < 12;
        if (like &&
            !(i > 0 && cut->starts[i - 1] && band->gap < 500 && band->gap < 0.6F * band->size))
            mark(cut, i);
    }
    return cut->count >= 2 && cut->count * 5 <= bands->count * 4;
}

static bool
by_gaps(struct cut *cut)
{
    float usual = usual_gap(cut);

    clear(cut);
    mark(cut, 0);
    for (uint32_t i = 1; i < cut->bands->count; i++)
        if (cut->bands->bands[i].gap < 500 && cut->bands->bands[i].gap > usual * 1.45F + 1.5F)
            mark(cut, i);
        else if (cut->bands->bands[i].gap >= 500 && !cut->bands->bands[i - 1].prose &&
                 headness(cut, i, usual) > 0.5F)
            mark(cut, i);
    return cut->count >= 2 && cut->count * 3 <= cut->bands->count * 2;
}

static bool
by_bullets(struct cut *cut)
{
    clear(cut);
    for (uint32_t i = 0; i < cut->bands->count; i++)
        if (cut->bands->bands[i].bullet &&
            cut->bands->bands[i].box.x0 < cut->bands->bands[0].box.x0 + 12)
            mark(cut, i);
    return cut->count >= 2 && cut->starts[0];
}

/* Each line is a record; one set in follows up. */
static bool
by_lines(struct cut *cut)
{
    float left = 1e6F;
    uint32_t prose = 0;

    clear(cut);
    for (uint32_t i = 0; i < cut->bands->count; i++) {
        left = fminf(left, cut->bands->bands[i].box.x0);
        prose += cut->bands->bands[i].prose;
    }
    for (uint32_t i = 0; i < cut->bands->count; i++)
        if (i == 0 || cut->bands->bands[i].box.x0 < left + 6)
            mark(cut, i);
    return cut->count >= 1 && prose * 3 <= cut->bands->count;
}

bool
records_add(struct solve *solve, struct block_records *records, const struct band *bands,
            uint32_t count)
{
    if (records->count == records->cap) {
        uint32_t cap = records->cap * 2 + 16;
        void *more = records->count >= BLOCK_RECORDS_MAX
                         ? NULL
                         : arena_grow(solve->arena, records->records, records->count, cap,
                                      sizeof(struct block_record));
        if (more == NULL)
            return false;
        records->records = more;
        records->cap = cap;
    }
    records->records[records->count++] = (struct block_record){bands, count};
    return true;
}

static void
give(struct cut *cut, struct block_records *ret)
{
    const struct bands *bands = cut->bands;

    for (uint32_t i = 0; i < bands->count; i++) {
        uint32_t end = i + 1;
        if (!cut->starts[i])
            continue;
        while (end < bands->count && !cut->starts[end])
            end++;
        if (!records_add(cut->solve, ret, &bands->bands[i], end - i))
            return;
    }
}

bool
repeat_cut(struct solve *solve, const struct bands *bands, bool dated, struct block_records *ret)
{
    struct cut cut = {.solve = solve, .bands = bands};

    *ret = (struct block_records){.records = NULL};
    cut.starts = arena_array(solve->arena, bands->count + 1, sizeof(bool));
    if (cut.starts == NULL || bands->count == 0) {
        solve->full = solve->full || cut.starts == NULL;
        return false;
    }
    bool found = (dated && by_periods(&cut)) || by_numbers(&cut) || by_label(&cut) ||
                 by_looks(&cut) || by_gaps(&cut) || by_bullets(&cut) || by_lines(&cut);
    if (found)
        give(&cut, ret);
    return ret->count > 0;
}
