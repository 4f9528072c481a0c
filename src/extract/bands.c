/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Segments of a section as bands, with what can show where a record begins. */
#include "extract/blocks.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A gap so many letters high, where none was before, ends a section: what follows is its page's
 * foot, or a signature. */
static const float gap_of_end = 4.5F;

static const float first_gap = 1000;

struct making {
    struct solve *solve;
    struct bands *bands;
};

static bool
is_list_mark(const char *text)
{
    static const char *const marks[] = {"•", "●", "∙", "·", "■", "▪", "◦", "○", "‣", "➢",
                                        "►", "*", "-", "–", "—", "+", "o", "»", "✓", "→"};

    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (strcmp(marks[i], text) == 0)
            return true;
    return false;
}

/* "3.", "[3]", "3)", "(3)": the number; -1: it is none. */
static int
number_of(const char *text)
{
    bool open = *text == '[' || *text == '(';
    const char *s = open ? text + 1 : text;
    int value = 0, n = 0;

    for (; isdigit((unsigned char)s[n]) && n < 3; n++)
        value = value * 10 + (s[n] - '0');
    if (n == 0 || (s[n] != '.' && s[n] != ')' && s[n] != ']' && s[n] != ':') || s[n + 1] != '\0')
        return -1;
    return value;
}

/* "Item 3", "Partie 2:", "Lieferung Nr. 4 -": one word and a whole number. */
static int
counted_of(const struct solve *solve, const struct seg *seg, uint32_t *ret_tokens)
{
    const struct token *tokens = &solve->doc->tokens[seg->first];
    uint32_t at = 1;
    char *end;

    if (seg->count < 2 || !isalpha((unsigned char)tokens[0].text[0]) || strlen(tokens[0].key) < 3 ||
        month_of(tokens[0].key) > 0)
        return -1;
    if (seg->count > 2 &&
        (strcasecmp(tokens[1].text, "no.") == 0 || strcasecmp(tokens[1].text, "nr.") == 0 ||
         strcmp(tokens[1].text, "#") == 0))
        at = 2;
    const char *text = tokens[at].text;
    text += *text == '#' ? 1 : 0;
    long value = strtol(text, &end, 10);
    if (end == text || value < 1 || value > 400 ||
        (*end != '\0' && (strchr(":.)-", *end) == NULL || end[1] != '\0')))
        return -1;
    bool closed = *end != '\0' || seg->count == at + 1;
    if (!closed) { /* a dash, or a change of style */
        const char *next = tokens[at + 1].text;
        closed = is_list_mark(next) || strcmp(next, ":") == 0;
        at += closed ? 1 : 0;
    }
    *ret_tokens = at + 1;
    return closed ? (int)value : -1;
}

static void
read_marker(const struct solve *solve, struct band *band)
{
    const struct seg *seg = &solve->doc->segs[band->segs[0]];
    const char *text = solve->doc->tokens[seg->first].text;
    uint32_t more = band->seg_count > 1 || seg->count > 1;

    band->number = -1;
    if (more && is_list_mark(text)) {
        band->bullet = true;
        band->marker = 1;
        return;
    }
    band->number = more ? number_of(text) : -1;
    if (band->number >= 0)
        band->marker = 1;
    else
        band->number = counted_of(solve, seg, &band->marker);
    if (band->number < 0)
        band->marker = 0;
}

static void
read_period(struct solve *solve, struct band *band)
{
    for (uint32_t s = 0; s < band->seg_count; s++) {
        const struct seg *seg = &solve->doc->segs[band->segs[s]];
        uint32_t stop = seg->first + seg->count;
        for (uint32_t t = seg->first + (s == 0 && band->bullet ? 1 : 0); t < stop; t++) {
            struct period period;
            if (!period_at(solve, t, stop, &period))
                continue;
            if (band->period.count > 0 && !(period.range && !band->period.range))
                continue;
            band->period = period;
            band->period_seg = s;
            if (period.range)
                return;
            t += period.count - 1;
        }
    }
}

/* Words of a sentence: German ones have many capitals, so its full stop counts too. */
static bool
is_prose(const struct solve *solve, const struct band *band)
{
    for (uint32_t s = 0; s < band->seg_count; s++) {
        const struct seg *seg = &solve->doc->segs[band->segs[s]];
        const char *last = solve->doc->tokens[seg->first + seg->count - 1].text;
        uint32_t small = 0;
        for (uint32_t t = seg->first; t < seg->first + seg->count; t++)
            small += islower((unsigned char)solve->doc->tokens[t].text[0]) != 0;
        bool stop = last[strlen(last) - 1] == '.' && strlen(last) > 4;
        if (doc_is_prose(solve->doc, seg->first, seg->count) ||
            (seg->count >= 5 && small >= 2 && stop) ||
            (seg->count >= 9 && small * 5 >= seg->count * 2))
            return true;
    }
    return false;
}

/* The end of a sentence on a line of its own. */
static void
mark_rest(const struct doc *doc, struct bands *bands)
{
    for (uint32_t i = 1; i < bands->count; i++) {
        struct band *band = &bands->bands[i];
        const struct band *above = &bands->bands[i - 1];
        const struct seg *seg = &doc->segs[band->segs[0]], *up = &doc->segs[above->segs[0]];
        const char *end = doc->tokens[up->first + up->count - 1].text;
        const char *last = doc->tokens[seg->first + seg->count - 1].text;
        if (above->prose && band->seg_count == 1 && !band->bullet && band->bold == above->bold &&
            band->gap < 0.6F * band->size && end[strlen(end) - 1] != '.' &&
            last[strlen(last) - 1] == '.')
            band->prose = true;
    }
}

static void
finish(struct solve *solve, struct band *band)
{
    const struct seg *seg = &solve->doc->segs[band->segs[0]];
    uint32_t run = solve->labels->run_of[seg->first];

    read_marker(solve, band);
    read_period(solve, band);
    band->prose = is_prose(solve, band);
    band->size = seg->size;
    uint32_t first = seg->first + (band->marker < seg->count ? band->marker : 0);
    band->bold = (solve->doc->tokens[first].word->style & STYLE_BOLD) != 0;
    band->labelled = run != NONE && solve->labels->runs[run].colon &&
                     solve->labels->runs[run].first == seg->first &&
                     solve->labels->runs[run].count <= 5;
}

static struct band *
new_band(struct making *making)
{
    struct bands *bands = making->bands;

    if (bands->count == bands->cap) {
        uint32_t cap = bands->cap * 2 + 32;
        void *more = cap > BANDS_MAX * 2 ? NULL
                                         : arena_grow(making->solve->arena, bands->bands,
                                                      bands->count, cap, sizeof(struct band));
        if (more == NULL)
            return NULL;
        bands->bands = more;
        bands->cap = cap;
    }
    struct band *band = &bands->bands[bands->count++];
    *band = (struct band){.number = -1};
    return band;
}

static bool
is_beside(const struct band *band, const struct seg *seg)
{
    float shared = fminf(band->box.y1, seg->box.y1) - fmaxf(band->box.y0, seg->box.y0);
    float least = fminf(box_height(band->box), box_height(seg->box));

    return band->page == seg->page && shared > 0.5F * least;
}

static void
put(const struct doc *doc, struct band *band, uint32_t index)
{
    const struct seg *seg = &doc->segs[index];
    uint32_t at = band->seg_count;

    while (at > 0 && doc->segs[band->segs[at - 1]].box.x0 > seg->box.x0)
        at--;
    memmove(&band->segs[at + 1], &band->segs[at], (band->seg_count - at) * sizeof(uint32_t));
    band->segs[at] = index;
    band->seg_count++;
    band->box = band->seg_count == 1 ? seg->box : box_union(band->box, seg->box);
}

/* Behind a gap like no other on the page comes no record, unless it looks like one. */
static void
cut_end(struct making *making)
{
    struct bands *bands = making->bands;
    float most = 0;

    for (uint32_t i = 1; i < bands->count; i++) {
        const struct band *band = &bands->bands[i];
        if (band->gap >= first_gap)
            continue;
        if (i >= 2 && band->gap > gap_of_end * making->solve->doc->size && band->gap > 3 * most &&
            most > 0 && bands->count - i <= 6) {
            bands->count = i;
            return;
        }
        most = fmaxf(most, band->gap);
    }
}

void
bands_make(struct solve *solve, const uint32_t *segs, uint32_t count, struct bands *ret)
{
    const struct doc *doc = solve->doc;
    struct making making = {solve, ret};
    struct band *band = NULL;

    *ret = (struct bands){.bands = NULL};
    for (uint32_t i = 0; i < count; i++) {
        const struct seg *seg = &doc->segs[segs[i]];
        if (band == NULL || !is_beside(band, seg) || band->seg_count == BAND_SEGS_MAX) {
            const float above = band == NULL ? 0 : band->box.y1;
            bool next = band != NULL && band->page == seg->page && seg->box.y0 > above - 4;
            band = new_band(&making);
            if (band == NULL)
                break;
            band->page = seg->page;
            band->gap = next ? seg->box.y0 - above : first_gap;
        }
        put(doc, band, segs[i]);
    }
    for (uint32_t i = 0; i < ret->count; i++)
        finish(solve, &ret->bands[i]);
    mark_rest(doc, ret);
    cut_end(&making);
}
