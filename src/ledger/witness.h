/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/witness.h - two witnesses of one page: what its text layer says, and what was seen.
 *
 * Words at the same place are compared, fonts as a whole: a font whose lines are alike in both is
 * believed; one whose characters are consistently others (a shifted or swapped table to Unicode) is
 * mended by the substitution that the seen words teach; one that is neither is rejected, and the
 * seen words stand in its place. What was rejected is kept in page->hiddens. Knows words and boxes
 * only. Fails on: fonts seen in less than a handful of words; substitutions of which the recogniser
 * reads half wrong. */
#pragma once

#include "base/err.h"
#include "page/page.h"

enum { WITNESS_FONTS_MAX = 64 };

/* A character of a font whose glyph looks like another one. */
struct witness_swap {
    uint32_t from, to;
    uint8_t font;
};

struct witness_case {
    struct page *page;                /* the layer's words and lines; changed */
    const struct page *seen;          /* in the same frame, same arena */
    const uint8_t *fonts;             /* [page->word_count], < WITNESS_FONTS_MAX */
    const bool *doubted;              /* [WITNESS_FONTS_MAX]: of which fonts words are asked for */
    const bool *swapped;              /* the same: some characters are known to be others */
    const struct witness_swap *swaps; /* [swap_count] what is known of which, of any font */
    uint32_t swap_count;
    struct arena *scratch;
};

/* Adds a copy of a word of another page, with its other readings; NULL where a page_add would give
 * that. */
MUST_CHECK
struct page_word *witness_take_word(struct page *to, const struct page *from, uint32_t word);

/* How alike the lines of both are where both have words, 0..1 (1 - edit distance / length, case and
 * spaces aside), weighted by length; -1 if there is nothing to compare. */
MUST_CHECK
enum err_code witness_alike(const struct page *page, const struct page *seen, struct arena *scratch,
                            float *ret, struct err *err);

/* Settles the words of doubted fonts against what was seen where they stand. */
MUST_CHECK
enum err_code witness_settle(const struct witness_case *c, struct err *err);

/* shown: [page->word_count] of the layer of a scan, the words that the file draws for all to see,
 * in a font that makes sense. Their lines take the place of what was seen there, in seen, and leave
 * the layer's lines. */
MUST_CHECK
enum err_code witness_take_shown(struct page *page, const bool *shown, struct page *seen,
                                 bool *ret_any, struct err *err);

/* Who knows words; NULL: nobody. */
struct witness_lexicon {
    bool (*knows)(void *ctx, const char *word);
    void *ctx;
};

/* Of a layer that nobody sees (somebody's OCR) and what was seen: seen becomes the page's words; a
 * word on which both agree has two witnesses, one that was read with doubt gives way to the
 * layer's, and so does one that is not known where the layer's is. believe: the layer is worth
 * that; else all of it is rejected. */
MUST_CHECK
enum err_code witness_merge(struct page *page, const struct page *seen, bool believe,
                            const struct witness_lexicon *lexicon, struct err *err);
