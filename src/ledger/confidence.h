/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/confidence.h - what a recogniser's confidence is worth: the share of such words that are
 * right.
 *
 * Method: logistic regression over the features below, then a monotone table (isotonic regression)
 * of the share right by its score; both fitted by bench/calibrate into confidence_table.h, with the
 * reliability in docs/ledger.md. Holds for the recogniser and the kinds of pages it was fitted on.
 */
#pragma once

#include "ledger/witness.h"
#include "page/page.h"

enum confidence_feature {
    FEATURE_ONE, /* always 1 */
    FEATURE_RAW, /* -log of the doubt, what the recogniser said of the word */
    FEATURE_RAW_SQUARE,
    FEATURE_LINE,  /* the same, mean of the other words of the line */
    FEATURE_ALONE, /* the only word of its line */
    FEATURE_ONE_CHAR,
    FEATURE_TWO_CHARS,
    FEATURE_LONG,       /* 1, 2, 7 and more characters */
    FEATURE_DIGITS,     /* has a digit */
    FEATURE_MIXED,      /* has letters and digits, or a capital behind a small letter */
    FEATURE_NO_LETTER,  /* neither letter nor digit */
    FEATURE_ODD_BOX,    /* its letters cannot fill its box */
    FEATURE_SMALL,      /* pixels that the line is lower than 16 */
    FEATURE_RIVAL,      /* how near the next best reading comes, 0..1 */
    FEATURE_WIDE,       /* wider or narrower than its letters usually are here, |log|, 1 at most */
    FEATURE_NEXT,       /* how near another reading of the same look comes, log, 0..1 */
    FEATURE_KNOWN,      /* 5 letters and more, in a word list */
    FEATURE_UNKNOWN,    /* 3 and more, in none, with a small one first */
    FEATURE_NAME,       /* the same with a capital */
    FEATURE_CAPITALS,   /* the same of nothing else */
    FEATURE_NEXT_KNOWN, /* in none, and how near a reading comes that is, log, 0..1 */
    CONFIDENCE_FEATURES
};

/* What all words of a reading say of each. */
struct confidence_reading {
    float dpi;                             /* of the pixels that were read */
    float pitch;                           /* usual width of a letter, in heights; 0 not known */
    const struct witness_lexicon *lexicon; /* NULL: no words of the language are known */
};

/* The reading of the lines from first_line on. */
struct confidence_reading confidence_look(const struct page *page, uint32_t first_line, float dpi,
                                          const struct witness_lexicon *lexicon);

/* Of word, in line. */
void confidence_features(const struct page *page, const struct page_line *line, uint32_t word,
                         const struct confidence_reading *reading, float ret[CONFIDENCE_FEATURES]);

/* Puts the probability of being right in the place of the confidence of the words of the lines from
 * first_line on. lexicon: of the page's language; NULL: none. */
void confidence_calibrate(struct page *page, uint32_t first_line, float dpi,
                          const struct witness_lexicon *lexicon);
