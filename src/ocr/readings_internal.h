/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/readings_internal.h - what reading rows, telling the page's language and guessing what all
 * rows weigh have of each other. */
#pragma once

#include "ocr/readings.h"

enum { READINGS_SAMPLES = 16 }; /* rows that a language is told by, at most */

struct weight {
    double letters, sure;   /* all; times confidence and being known */
    double wordlike, known; /* letters of words that a list could have; of those it has */
    double fitting;         /* letters of wordlike words times confidence, half if not known */
    double plain;           /* the same, known or not */
};

/* Adds a line to sum. */
void line_weigh(const struct lstm_line *line, struct weight *sum);

/* 0..1: how sure the runs of a row are, words that the language's lists do not have less. */
double lines_score(const struct lstm_line *runs, size_t n);

/* The row's runs [item->count] read with a model, now or before. */
MUST_CHECK
enum err_code read_in(struct readings *r, struct reading *item, size_t language,
                      struct lstm_line **ret, struct err *err);

/* One look at the row with a model. */
MUST_CHECK
enum err_code read_row(struct readings *r, struct reading *item, size_t language, struct err *err);

/* The level row as it reads upside down, in r->work. */
MUST_CHECK
enum err_code read_reversed(struct readings *r, const struct reading *item, size_t language,
                            struct lstm_line *ret, struct err *err);

/* The readings [r->count], longer rows first; NULL: the arena is full. */
struct reading **longest_first(const struct readings *r);

/* What one look at all rows weighs, as the longest say; read: these are read first. */
MUST_CHECK
enum err_code guess_weight(struct readings *r, bool read, double *ret_weight, struct err *err);

/* Sets r->language by the rows that were read, if they have letters enough to tell. */
MUST_CHECK
enum err_code language_find(struct readings *r, struct err *err);
