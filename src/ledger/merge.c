/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A layer that nobody sees, beside what was seen. */
#include "ledger/witness_internal.h"

#include <math.h>
#include <string.h>

/* A seen word of less gives way to what an invisible layer says. */
static const float seen_least = 0.5F;

/* Of a word that the layer and the pixels give otherwise. */
static const float differing_confidence = 0.85F;

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
    const struct page_word *other = witness_seen_at(layer, word->box);

    if (!believe || other == NULL ||
        other->text == word->text) /* the last: it is the layer's own */
        return true;
    if (strcmp(other->text, word->text) == 0) {
        word->witness = WITNESS_BOTH;
        word->confidence = witness_sum_doubt(word->confidence);
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
    return witness_add_alt(made, loser, doubt);
}

enum err_code
witness_merge(struct page *page, const struct page *seen, bool believe,
              const struct witness_lexicon *lexicon, struct err *err)
{
    struct page *made = witness_new_page(page);

    if (made == NULL)
        return witness_no_room(page, err);
    for (uint32_t l = 0; l < seen->line_count; l++) {
        const struct page_line *line = &seen->lines[l];
        struct page_line *added = page_add_line(made);
        if (added == NULL)
            return witness_no_room(page, err);
        *added = *line;
        added->first_word = made->word_count;
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++) {
            if (witness_take_word(made, seen, i) == NULL)
                return witness_no_room(page, err);
            if (!weigh(made, page, believe, lexicon))
                return witness_no_room(page, err);
        }
    }
    for (uint32_t l = 0; !believe && l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        if (line->word_count > 0 &&
            !witness_reject(made, page, line->first_word, line->first_word + line->word_count))
            return witness_no_room(page, err);
    }
    witness_take_page(page, made);
    return ERR_OK;
}