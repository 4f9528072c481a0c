/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/verdict.h - which of a doubtful word's readings is taken, once all looks at the page are
 * done.
 *
 * Method: a log-linear model over the readings of a word: what the recogniser gave each, whether a
 * word list has it, whether the same stands elsewhere on the page and was surely read there, and
 * how it is made up. Weights are fitted by bench/verdict; docs/lstm.md has the figures. Only
 * readings that the recogniser gave are taken. For scripts with word lists and cases (Latin). */
#pragma once

#include "ocr/languages.h"
#include "page/page.h"

enum verdict_feature {
    VERDICT_TAKEN,       /* the reading that the word has */
    VERDICT_EVIDENCE,    /* log of its confidence */
    VERDICT_RIVAL,       /* another picture of the page gave it */
    VERDICT_KNOWN_SHORT, /* of 1 or 2, 3 or 4, more letters, in the list */
    VERDICT_KNOWN,
    VERDICT_KNOWN_LONG,
    VERDICT_SEEN,        /* log(1 + how often) a sure word of the page is the same */
    VERDICT_SEEN_DIGITS, /* the same, of words with digits */
    VERDICT_MIXED,       /* a digit beside a letter */
    VERDICT_CASE,        /* a capital behind a small letter, or a small one among capitals */
    VERDICT_ODD,         /* marks inside that words and numbers do not have */
    VERDICT_NUMBER,      /* a number, an amount or a date, well formed */
    VERDICT_ALL_MARKS,   /* neither letters nor digits */
    VERDICT_LENGTH,      /* characters */
    VERDICT_AMOUNT,      /* a number with two decimals */
    VERDICT_SHAPE,       /* log(1 + how often) a sure word with digits is the same but for them */
    VERDICT_EDGE,  /* begins with a mark that no word begins with, or a bracket is left open */
    VERDICT_WIDTH, /* how far its letters' width is from the line's */
    VERDICT_FEATURES
};

/* The words of the page that were surely read. */
struct verdict_seen;

/* Of the words of the lines from first_line on. NULL: no memory. */
MUST_CHECK
struct verdict_seen *verdict_look(struct arena *arena, const struct page *page,
                                  uint32_t first_line);

/* Features of a reading of a word: alt < 0, the one that it has; else that alternative. */
void verdict_features(const struct lstm_model *model, const struct verdict_seen *seen,
                      const struct page *page, const struct page_line *line,
                      const struct page_word *word, int32_t alt, float ret[VERDICT_FEATURES]);

/* Words of the lines from first_line on exchange their reading for the better of their others, by
 * the model of the page's language (the first where it has none). */
MUST_CHECK
enum err_code verdict_settle(struct languages *languages, uint32_t first_line, struct page *page,
                             struct err *err);
