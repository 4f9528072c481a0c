/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/readings.h - reads rows, in the language of the page, and doubtful ones again.
 *
 * The longest rows are read with the first model. Where the words it knows are too few, they are
 * read with others whose lists know more of them, and the page is in the language that reads them
 * best; the other rows are read in that. The surer reading of each row stays. */
#pragma once

#include "ocr/effort.h"
#include "ocr/languages.h"
#include "ocr/settled.h"
#include "ocr/tess.h"

/* A row, read. */
struct reading {
    const struct tess_row *row;
    struct pixmap turned; /* for rows that do not stand upright: the row upright; else no pixels */
    const struct lstm_box *boxes; /* of its runs */
    struct lstm_line *runs;       /* [count] */
    struct lstm_line *latin;      /* [count], if runs are of another script: the same in Latin */
    struct lstm_line **tried;     /* [LANGUAGES_MAX], the runs in each language that was tried */
    size_t count;                 /* 0: not read, or hardly text */
    struct settled settled;       /* if it has words, they are the row's: it is not read */
    size_t language;
    bool is_read; /* its runs are set */
    double score; /* 0..1: confidence and known words, weighted by length */
};

struct readings {
    struct languages *languages;
    const struct pixmap *picture;  /* what the rows were found in */
    bool rereads;                  /* doubtful rows are read again */
    struct arena *arena;           /* for readings; lasts as long as they */
    struct arena *work;            /* for one line; emptied */
    const struct settled *settled; /* what is known of each row; NULL: nothing */
    size_t language;               /* of the page; SIZE_MAX: not known yet */
    struct effort *effort;         /* of the page */
    double to_beat;                /* another reading's weight; 0: none */
    double weight;                 /* (letters x confidence)^2 / letters of one look at all rows, as
                                    * the longest say */
    bool in_vain; /* it is less than to_beat: nothing more was read, none is kept */
    struct reading *items;
    size_t count;
};

/* All up to to_beat is the caller's; the rest is set. Borrows rows. */
MUST_CHECK
enum err_code readings_read(struct readings *readings, const struct tess_rows *rows,
                            struct err *err);

/* What the rows that were read would weigh upside down. Negative: none is level, which tells
 * nothing. */
MUST_CHECK
enum err_code readings_upside_down(struct readings *readings, double *ret_weight, struct err *err);
