/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/witness_internal.h"

#include "base/utf8.h"

#include <math.h>
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

/* Of words: of a mended or believed font where the seen word differs; of a font that nothing was
 * seen of; and half the doubt goes where both agree. */
static const float differing_confidence = 0.85F, unseen_confidence = 0.3F;

/* A seen word of less gives way to what an invisible layer says. */
static const float seen_least = 0.5F;

enum { LINE_WORDS_MAX = 200 };

enum verdict { VERDICT_KEEP, VERDICT_MEND, VERDICT_REJECT, VERDICT_UNSEEN };

struct tally {
    double alike, weight; /* over its lines where something was seen */
    double sure;          /* the confidence of what was seen */
    double mended;        /* as alike, after mending */
    struct mend *mend;
    enum verdict verdict;
};

static enum err_code
no_room(const struct page *page, struct err *err)
{
    return err_set(err, ERR_LIMIT, "page %u: no room to compare its text layer with its pixels",
                   page->index + 1);
}

static float
sum_doubt(float confidence)
{
    return (1 + confidence) / 2;
}

/* ---- lines of both ---- */

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
        return no_room(page, err);
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

struct trial {
    const struct witness_case *c;
    struct tally tallies[WITNESS_FONTS_MAX];
    struct page *made;        /* what the page will be */
    struct owners kept;       /* words of it */
    struct codes layer, seen; /* of the run at hand, which is in the box */
    struct box box;
};

static bool
is_asked(const struct trial *t, uint32_t word)
{
    return t->c->doubted[t->c->fonts[word]];
}

/* The run of words of one font from first on, in a line that ends at end. */
static uint32_t
run_end(const struct trial *t, uint32_t first, uint32_t end)
{
    uint32_t i = first + 1;

    while (i < end && t->c->fonts[i] == t->c->fonts[first])
        i++;
    return i;
}

static struct box
run_box(const struct page *page, uint32_t first, uint32_t end)
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
    t->box = run_box(page, first, end);
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
            uint32_t next = run_end(t, i, end);
            if (is_asked(t, i)) {
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
mend_codes(const struct mend *mend, struct codes *codes)
{
    for (uint32_t i = 0; i < codes->count; i++) {
        uint32_t code = mend_apply(mend, codes->codes[i]);
        codes->codes[i] = code != 0 ? code : 0xfffd;
    }
}

static void
note_mended(struct trial *t, struct tally *tally)
{
    if (tally->mend == NULL)
        return;
    mend_codes(tally->mend, &t->layer);
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

static bool
judge_fonts(struct trial *t)
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
    for (size_t f = 0; f < WITNESS_FONTS_MAX; f++)
        if (t->tallies[f].mend != NULL &&
            !mend_is_consistent(t->tallies[f].mend, t->c->swapped[f] ? swapped_least : moved_least))
            t->tallies[f].mend = NULL;
    each_run(t, note_mended);
    for (size_t f = 0; f < WITNESS_FONTS_MAX; f++) {
        struct tally *tally = &t->tallies[f];
        double least = (double)(is_sure(t, f) ? sure_mended_least : mended_least);
        bool gains = tally->mended > tally->alike + (double)swapped_gain * tally->weight;
        if (tally->weight <= 0)
            tally->verdict = VERDICT_UNSEEN;
        else if (t->c->swapped[f] && tally->mend != NULL && gains)
            tally->verdict = VERDICT_MEND;
        else if (is_alike(t, f))
            tally->verdict = VERDICT_KEEP;
        else if (tally->mended >= least * tally->weight &&
                 tally->mended > tally->alike + (double)mended_gain * tally->weight)
            tally->verdict = VERDICT_MEND;
        else
            tally->verdict = VERDICT_REJECT;
    }
    return true;
}

/* ---- the page made anew ---- */

struct page_word *
witness_take_word(struct page *to, const struct page *from, uint32_t word)
{
    struct page_word *added = page_add_word(to);
    uint32_t first = to->alt_count;

    if (added == NULL)
        return NULL;
    *added = from->words[word];
    for (uint32_t i = 0; i < added->alt_count; i++) {
        struct page_alt *alt = page_add_alt(to);
        if (alt == NULL)
            return NULL;
        *alt = from->alts[from->words[word].first_alt + i];
    }
    added->first_alt = first;
    return added;
}

/* Notes another reading of the page's newest word, whose other readings are the newest too. */
static bool
add_alt(struct page *page, const char *text, float confidence)
{
    struct page_word *word = &page->words[page->word_count - 1];

    for (uint32_t i = 0; i < word->alt_count; i++)
        if (strcmp(page->alts[word->first_alt + i].text, text) == 0)
            return true;
    if (word->alt_count == PAGE_WORD_ALTS_MAX)
        return true;
    struct page_alt *alt = page_add_alt(page);
    if (alt == NULL)
        return false;
    alt->text = text;
    alt->confidence = confidence;
    if (word->alt_count++ == 0)
        word->first_alt = page->alt_count - 1;
    return true;
}

/* The one seen word at the place, or NULL. */
static const struct page_word *
seen_at(const struct page *seen, struct box box)
{
    uint32_t found[2];

    return seen_in(seen, box, found, 2) == 1 ? &seen->words[found[0]] : NULL;
}

/* Sets witness and confidence of the newest word of made by what was seen at its place. */
static bool
confront(struct trial *t)
{
    struct page *made = t->made;
    struct page_word *word = &made->words[made->word_count - 1];
    const struct page_word *seen = seen_at(t->c->seen, word->box);

    if (seen == NULL)
        return true;
    if (strcmp(seen->text, word->text) == 0) {
        word->witness = WITNESS_BOTH;
        word->confidence = fmaxf(word->confidence, sum_doubt(seen->confidence));
        return true;
    }
    word->witness = WITNESS_CONFLICT;
    word->confidence = fminf(word->confidence, differing_confidence);
    return add_alt(made, seen->text, 1 - word->confidence);
}

static bool
copy_word(struct trial *t, uint32_t word)
{
    struct page_word *added = page_add_word(t->made);

    if (added == NULL)
        return false;
    *added = t->c->page->words[word];
    owners_paint(&t->kept, added->box, t->made->word_count - 1);
    return true;
}

/* Adds codes [first, end) of the mended run as a word; its stretch of the word's box. */
static bool
add_mended(struct trial *t, uint32_t word, const struct codes *codes, uint32_t first, uint32_t end)
{
    struct page_word *added;
    struct box box = t->c->page->words[word].box;
    float step = box_width(box) / (float)codes->count;
    char *text = arena_alloc(t->made->arena, (size_t)(end - first) * UTF8_MAX_BYTES + 1);
    size_t len = 0;

    if (text == NULL || !copy_word(t, word))
        return false;
    added = &t->made->words[t->made->word_count - 1];
    for (uint32_t i = first; i < end; i++)
        len += utf8_encode(codes->codes[i], text + len);
    text[len] = '\0';
    added->text = text;
    added->box.x0 = box.x0 + (float)first * step;
    added->box.x1 = box.x0 + (float)end * step;
    added->glued = added->glued && first == 0;
    added->confidence = differing_confidence;
    return confront(t);
}

/* The word with its characters mended: one word or, where spaces were hidden in it, several. */
static bool
mend_word(struct trial *t, uint32_t word, const struct mend *mend)
{
    struct codes codes = {.count = 0};

    codes_add_word(&codes, &t->c->page->words[word]);
    mend_codes(mend, &codes);
    for (uint32_t i = 0; i < codes.count;) {
        uint32_t end = i;
        while (end < codes.count && codes.codes[end] != ' ')
            end++;
        if (end > i && !add_mended(t, word, &codes, i, end))
            return false;
        i = end + 1;
    }
    return true;
}

static bool
file_rejected(struct page *page, const struct page *from, uint32_t first, uint32_t end)
{
    struct page_hidden *hidden = page_add_hidden(page);
    struct page_line line = {.first_word = first, .word_count = end - first};

    if (hidden == NULL)
        return false;
    hidden->kind = HIDDEN_REJECTED;
    hidden->box = run_box(from, first, end);
    hidden->text = page_line_text(page->arena, from, &line);
    return hidden->text != NULL;
}

/* One run of a line, by the verdict on its font. */
static bool
settle_run(struct trial *t, uint32_t first, uint32_t end)
{
    const struct tally *tally = &t->tallies[t->c->fonts[first]];
    bool ok = true;

    if (is_asked(t, first) && tally->verdict == VERDICT_REJECT)
        return file_rejected(t->made, t->c->page, first, end);
    for (uint32_t i = first; ok && i < end; i++) {
        if (!is_asked(t, i)) {
            ok = copy_word(t, i);
        } else if (tally->verdict == VERDICT_MEND) {
            ok = mend_word(t, i, tally->mend);
        } else {
            ok = copy_word(t, i);
            if (ok && tally->verdict == VERDICT_UNSEEN)
                t->made->words[t->made->word_count - 1].confidence = unseen_confidence;
            ok = ok && confront(t);
        }
    }
    return ok;
}

static bool
settle_line(struct trial *t, const struct page_line *line)
{
    uint32_t first = t->made->word_count, end = line->first_word + line->word_count;

    for (uint32_t i = line->first_word; i < end;) {
        uint32_t next = run_end(t, i, end);
        if (!settle_run(t, i, next))
            return false;
        i = next;
    }
    if (t->made->word_count == first)
        return true;
    struct page_line *added = page_add_line(t->made);
    if (added == NULL)
        return false;
    *added = *line;
    added->first_word = first;
    added->word_count = t->made->word_count - first;
    added->box = run_box(t->made, first, t->made->word_count);
    t->made->words[first].glued = false;
    return true;
}

/* Seen words where nothing was kept. */
static bool
add_seen(struct trial *t)
{
    const struct page *seen = t->c->seen;

    for (uint32_t l = 0; l < seen->line_count; l++) {
        const struct page_line *line = &seen->lines[l];
        uint32_t first = t->made->word_count;
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++) {
            if (owners_find(&t->kept, seen->words[i].box) != 0)
                continue;
            struct page_word *added = witness_take_word(t->made, seen, i);
            if (added == NULL)
                return false;
            added->witness = WITNESS_CONFLICT;
            added->glued = added->glued && t->made->word_count - 1 > first;
        }
        if (t->made->word_count == first)
            continue;
        struct page_line *added = page_add_line(t->made);
        if (added == NULL)
            return false;
        *added = *line;
        added->first_word = first;
        added->word_count = t->made->word_count - first;
    }
    return true;
}

/* Words, lines, alts and hidden texts of made become the page's. */
static void
take_made(struct page *page, const struct page *made)
{
    page->words = made->words;
    page->word_count = made->word_count;
    page->word_cap = made->word_cap;
    page->lines = made->lines;
    page->line_count = made->line_count;
    page->line_cap = made->line_cap;
    page->alts = made->alts;
    page->alt_count = made->alt_count;
    page->alt_cap = made->alt_cap;
    page->hiddens = made->hiddens;
    page->hidden_count = made->hidden_count;
    page->hidden_cap = made->hidden_cap;
}

/* A page to make the new one in: what it has already of other things is the old one's. */
static struct page *
new_made(const struct page *page)
{
    struct page *made = page_new(page->arena, page->index, page->width, page->height);

    if (made == NULL)
        return NULL;
    made->alts = page->alts;
    made->alt_count = page->alt_count;
    made->alt_cap = page->alt_cap;
    made->hiddens = page->hiddens;
    made->hidden_count = page->hidden_count;
    made->hidden_cap = page->hidden_cap;
    return made;
}

enum err_code
witness_settle(const struct witness_case *c, struct err *err)
{
    struct trial *t = arena_alloc(c->scratch, sizeof(*t));

    if (t == NULL)
        return no_room(c->page, err);
    t->c = c;
    t->made = new_made(c->page);
    if (t->made == NULL || !owners_new(c->scratch, c->page, &t->kept) || !judge_fonts(t))
        return no_room(c->page, err);
    for (uint32_t l = 0; l < c->page->line_count; l++)
        if (!settle_line(t, &c->page->lines[l]))
            return no_room(c->page, err);
    if (!add_seen(t))
        return no_room(c->page, err);
    take_made(c->page, t->made);
    return ERR_OK;
}

/* ---- a layer that nobody sees ---- */

/* A word that was read with less confidence than that gives way to one that is known. */
static const float known_least = 0.9F;

static bool
gives_way(const struct page_word *word, const char *other, const struct witness_lexicon *lexicon)
{
    if (word->confidence < seen_least)
        return true;
    return lexicon != NULL && word->confidence < known_least &&
           lexicon->knows(lexicon->ctx, other) && !lexicon->knows(lexicon->ctx, word->text);
}

/* The seen word by what the layer says at its place. */
static bool
weigh(struct page *made, const struct page *layer, bool believe,
      const struct witness_lexicon *lexicon)
{
    struct page_word *word = &made->words[made->word_count - 1];
    const struct page_word *other = seen_at(layer, word->box);

    if (!believe || other == NULL ||
        other->text == word->text) /* the last: it is the layer's own */
        return true;
    if (strcmp(other->text, word->text) == 0) {
        word->witness = WITNESS_BOTH;
        word->confidence = sum_doubt(word->confidence);
        return true;
    }
    const char *loser = other->text;
    float doubt = 1 - word->confidence;
    word->witness = WITNESS_CONFLICT;
    if (gives_way(word, other->text, lexicon)) {
        loser = word->text;
        word->text = other->text;
        word->confidence = fminf(doubt, differing_confidence);
        doubt = 1 - word->confidence;
    }
    return add_alt(made, loser, doubt);
}

enum err_code
witness_merge(struct page *page, const struct page *seen, bool believe,
              const struct witness_lexicon *lexicon, struct err *err)
{
    struct page *made = new_made(page);

    if (made == NULL)
        return no_room(page, err);
    for (uint32_t l = 0; l < seen->line_count; l++) {
        const struct page_line *line = &seen->lines[l];
        struct page_line *added = page_add_line(made);
        if (added == NULL)
            return no_room(page, err);
        *added = *line;
        added->first_word = made->word_count;
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++) {
            if (witness_take_word(made, seen, i) == NULL)
                return no_room(page, err);
            if (!weigh(made, page, believe, lexicon))
                return no_room(page, err);
        }
    }
    for (uint32_t l = 0; !believe && l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        if (line->word_count > 0 &&
            !file_rejected(made, page, line->first_word, line->first_word + line->word_count))
            return no_room(page, err);
    }
    take_made(page, made);
    return ERR_OK;
}
