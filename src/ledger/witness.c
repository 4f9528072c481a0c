/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/witness_internal.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

/* Of words: of a mended or believed font where the seen word differs; of a font that nothing was
 * seen of; and half the doubt goes where both agree. */
static const float sure_confidence = 0.85F; /* of a seen word, to stand for an unclear one */
static const float differing_confidence = 0.85F, unseen_confidence = 0.3F;

enum err_code
witness_no_room(const struct page *page, struct err *err)
{
    return err_set(err, ERR_LIMIT, "page %u: no room to compare its text layer with its pixels",
                   page->index + 1);
}

float
witness_sum_doubt(float confidence)
{
    return (1 + confidence) / 2;
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
bool
witness_add_alt(struct page *page, const char *text, float confidence)
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
const struct page_word *
witness_seen_at(const struct page *seen, struct box box)
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
    const struct page_word *seen = witness_seen_at(t->c->seen, word->box);

    if (seen == NULL)
        return true;
    if (strcmp(seen->text, word->text) == 0) {
        word->witness = WITNESS_BOTH;
        word->confidence = fmaxf(word->confidence, witness_sum_doubt(seen->confidence));
        return true;
    }
    word->witness = WITNESS_CONFLICT;
    word->confidence = fminf(word->confidence, differing_confidence);
    return witness_add_alt(made, seen->text, 1 - word->confidence);
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
    /* A table that has one character for both cases tells no case, and none of two for one
     * character; the pixels do. */
    const struct page_word *seen = witness_seen_at(t->c->seen, added->box);
    const struct mend *mend = t->tallies[t->c->fonts[word]].mend;
    if (seen != NULL && ((!mend->few && strcasecmp(seen->text, added->text) == 0) ||
                         (seen->confidence >= sure_confidence && mend_is_mixed(mend, codes))))
        added->text = seen->text;
    return confront(t);
}

/* The word with its characters mended: one word or, where spaces were hidden in it, several. */
static bool
mend_word(struct trial *t, uint32_t word, const struct mend *mend)
{
    struct codes codes = {.count = 0};

    codes_add_word(&codes, &t->c->page->words[word]);
    mend_apply_all(mend, &codes);
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

bool
witness_reject(struct page *page, const struct page *from, uint32_t first, uint32_t end)
{
    struct page_hidden *hidden = page_add_hidden(page);
    struct page_line line = {.first_word = first, .word_count = end - first};

    if (hidden == NULL)
        return false;
    hidden->kind = HIDDEN_REJECTED;
    hidden->box = witness_run_box(from, first, end);
    hidden->text = page_line_text(page->arena, from, &line);
    return hidden->text != NULL;
}

/* One run of a line, by the verdict on its font. */
static bool
settle_run(struct trial *t, uint32_t first, uint32_t end)
{
    const struct tally *tally = &t->tallies[t->c->fonts[first]];
    bool ok = true;

    if (trial_is_asked(t, first) && tally->verdict == VERDICT_REJECT)
        return witness_reject(t->made, t->c->page, first, end);
    for (uint32_t i = first; ok && i < end; i++) {
        if (!trial_is_asked(t, i)) {
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
        uint32_t next = trial_run_end(t, i, end);
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
    added->box = witness_run_box(t->made, first, t->made->word_count);
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
void
witness_take_page(struct page *page, const struct page *made)
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
struct page *
witness_new_page(const struct page *page)
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
        return witness_no_room(c->page, err);
    t->c = c;
    t->made = witness_new_page(c->page);
    if (t->made == NULL || !owners_new(c->scratch, c->page, &t->kept) || !trial_judge(t))
        return witness_no_room(c->page, err);
    for (uint32_t l = 0; l < c->page->line_count; l++)
        if (!settle_line(t, &c->page->lines[l]))
            return witness_no_room(c->page, err);
    if (!add_seen(t))
        return witness_no_room(c->page, err);
    witness_take_page(c->page, t->made);
    return ERR_OK;
}