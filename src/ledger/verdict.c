/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which fonts of a layer are believed, which are mended, and which are rejected. */
#include "ledger/witness_internal.h"

#include <string.h>

/* Lines of a font are the same text in both, the recogniser's mistakes aside. Sound layers of
 * scripts and languages that the model does not know still reach it; garbled ones have 0.1. */
static const float alike_least = 0.5F;
static const float mended_least = 0.6F;

/* What was read so surely is what stands there: a font has to be alike so far, or it has holes or
 * other letters here and there. A mended one must come nearer by the gain. */
static const float sure_confidence = 0.85F, sure_alike_least = 0.85F;
static const float mended_gain = 0.05F, sure_mended_least = 0.93F;

/* A substitution changes as much of the characters; of a font with some swapped, less, and it has
 * to explain the difference to what was seen. */
static const float moved_least = 0.25F, swapped_least = 0.03F, swapped_gain = 0.02F;

/* Of a font whose glyphs tell which characters are others, any gain is one. */
static const float told_gain = 0.005F;

enum { LINE_WORDS_MAX = 200 };

static void
seen_codes(const struct page *seen, struct box box, struct codes *ret)
{
    uint32_t words[LINE_WORDS_MAX];
    uint32_t n = seen_in(seen, box, words, LINE_WORDS_MAX);

    ret->count = 0;
    for (uint32_t i = 0; i < n; i++)
        codes_add_word(ret, &seen->words[words[i]]);
}

enum err_code
witness_alike(const struct page *page, const struct page *seen, struct arena *scratch, float *ret,
              struct err *err)
{
    struct codes *layer = arena_array(scratch, 2, sizeof(*layer));
    double sum = 0, weight = 0;

    if (layer == NULL)
        return witness_no_room(page, err);
    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        layer[0].count = 0;
        for (uint32_t i = 0; i < line->word_count; i++)
            codes_add_word(&layer[0], &page->words[line->first_word + i]);
        seen_codes(seen, line->box, &layer[1]);
        if (layer[1].count == 0)
            continue;
        sum += (double)(codes_alike(&layer[0], &layer[1]) * (float)layer[0].count);
        weight += layer[0].count;
    }
    *ret = weight > 0 ? (float)(sum / weight) : -1;
    return ERR_OK;
}

/* ---- fonts in doubt ---- */
/* ---- fonts in doubt ---- */

bool
trial_is_asked(const struct trial *t, uint32_t word)
{
    return t->c->doubted[t->c->fonts[word]];
}

/* The run of words of one font from first on, in a line that ends at end. */
uint32_t
trial_run_end(const struct trial *t, uint32_t first, uint32_t end)
{
    uint32_t i = first + 1;

    while (i < end && t->c->fonts[i] == t->c->fonts[first])
        i++;
    return i;
}

struct box
witness_run_box(const struct page *page, uint32_t first, uint32_t end)
{
    struct box box = page->words[first].box;

    for (uint32_t i = first + 1; i < end; i++)
        box = box_union(box, page->words[i].box);
    return box;
}

/* The characters of a run as the layer has them, and as they were seen. */
static void
take_run(struct trial *t, uint32_t first, uint32_t end)
{
    const struct page *page = t->c->page;

    t->layer.count = 0;
    for (uint32_t i = first; i < end; i++)
        codes_add_word(&t->layer, &page->words[i]);
    t->box = witness_run_box(page, first, end);
    seen_codes(t->c->seen, t->box, &t->seen);
}

/* Calls note for each run of a font in doubt. */
static void
each_run(struct trial *t, void (*note)(struct trial *t, struct tally *tally))
{
    const struct page *page = t->c->page;

    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        uint32_t end = line->first_word + line->word_count;
        for (uint32_t i = line->first_word; i < end;) {
            uint32_t next = trial_run_end(t, i, end);
            if (trial_is_asked(t, i)) {
                take_run(t, i, next);
                if (t->seen.count > 0)
                    note(t, &t->tallies[t->c->fonts[i]]);
            }
            i = next;
        }
    }
}

/* Mean confidence of what was seen of the run, weighted by length. */
static float
sureness(const struct trial *t, struct box box)
{
    uint32_t words[LINE_WORDS_MAX];
    uint32_t n = seen_in(t->c->seen, box, words, LINE_WORDS_MAX);
    float sum = 0, weight = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct page_word *word = &t->c->seen->words[words[i]];
        float len = (float)strlen(word->text);
        sum += len * word->confidence;
        weight += len;
    }
    return weight > 0 ? sum / weight : 0;
}

static void
note_alike(struct trial *t, struct tally *tally)
{
    tally->sure += (double)(sureness(t, t->box) * (float)t->layer.count);
    tally->alike += (double)(codes_alike(&t->layer, &t->seen) * (float)t->layer.count);
    tally->weight += t->layer.count;
}

static void
note_mend(struct trial *t, struct tally *tally)
{
    if (tally->mend != NULL)
        mend_learn(tally->mend, &t->layer, &t->seen);
}

static void
note_mended(struct trial *t, struct tally *tally)
{
    if (tally->mend == NULL)
        return;
    mend_apply_all(tally->mend, &t->layer);
    tally->mended += (double)(codes_alike(&t->layer, &t->seen) * (float)t->layer.count);
}

static bool
is_sure(const struct trial *t, size_t font)
{
    const struct tally *tally = &t->tallies[font];

    return !t->c->swapped[font] && tally->sure >= (double)sure_confidence * tally->weight;
}

/* Whether the font's lines are as alike as they would be if it were sound. */
static bool
is_alike(const struct trial *t, size_t font)
{
    const struct tally *tally = &t->tallies[font];

    return tally->alike >=
           (double)(is_sure(t, font) ? sure_alike_least : alike_least) * tally->weight;
}

/* What becomes of a font, when all is known. */
static enum verdict
verdict_on(const struct trial *t, size_t font)
{
    const struct tally *tally = &t->tallies[font];
    double least = (double)(is_sure(t, font) ? sure_mended_least : mended_least);
    bool few = tally->mend != NULL && tally->mend->few;
    double gain = tally->mended - tally->alike;

    if (tally->weight <= 0)
        return VERDICT_UNSEEN;
    if (few && tally->mend->mixed > 0 && gain >= 0)
        return VERDICT_MEND;
    if (t->c->swapped[font] && tally->mend != NULL &&
        gain > (double)(few ? told_gain : swapped_gain) * tally->weight &&
        tally->mended >= (double)mended_least * tally->weight)
        return VERDICT_MEND;
    if (is_alike(t, font))
        return VERDICT_KEEP;
    if (tally->mended >= least * tally->weight && gain > (double)mended_gain * tally->weight)
        return VERDICT_MEND;
    return VERDICT_REJECT;
}

bool
trial_judge(struct trial *t)
{
    each_run(t, note_alike);
    for (size_t f = 0; f < WITNESS_FONTS_MAX; f++) {
        struct tally *tally = &t->tallies[f];
        if (tally->weight <= 0 || (is_alike(t, f) && !t->c->swapped[f]))
            continue;
        tally->mend = arena_alloc(t->c->scratch, sizeof(*tally->mend));
        if (tally->mend == NULL)
            return false;
    }
    each_run(t, note_mend);
    for (uint32_t i = 0; i < t->c->swap_count; i++) {
        const struct witness_swap *swap = &t->c->swaps[i];
        if (t->tallies[swap->font].mend != NULL)
            mend_tell(t->tallies[swap->font].mend, swap->from, swap->to);
    }
    for (size_t f = 0; f < WITNESS_FONTS_MAX; f++)
        if (t->tallies[f].mend != NULL &&
            !mend_is_consistent(t->tallies[f].mend, t->c->swapped[f] ? swapped_least : moved_least))
            t->tallies[f].mend = NULL;
    each_run(t, note_mended);
    for (size_t f = 0; f < WITNESS_FONTS_MAX; f++)
        t->tallies[f].verdict = verdict_on(t, f);
    return true;
}
