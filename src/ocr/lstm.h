/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm.h - reads the text of one line of a page with a Tesseract LSTM model.
 *
 * A model is a *.traineddata file in its integer form (tessdata_fast): a small recurrent network,
 * the set of characters and, if the file has them, word lists. Once open it is immutable, so
 * children forked afterwards share it. The network is computed as libtesseract 5 computes it, to
 * the bit, and the words are searched for in the same lattice, so that the text of a line is the
 * same; what differs is the time. Where lines are is not found here: docs/lstm.md says how to
 * obtain them. Sources: Hochreiter & Schmidhuber 1997 (LSTM), Graves et al. 2006 (CTC); the file
 * formats are those of the Tesseract project (tessdatamanager, network, weightmatrix,
 * unicharcompress, dawg). */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"
#include "page/pixmap.h"

#include <stdbool.h>

enum {
    LSTM_MAX_MODEL_BYTES = 64 << 20, /* the largest of tessdata_fast has 17 MiB */
    LSTM_MAX_COLUMNS = 24000,        /* of a line scaled to the model's height */
};

struct lstm_model;

/* Whole file in memory; nothing of bytes is kept. ERR_FORMAT says what is wrong or not supported
 * (float models, other layers than those of tessdata_fast). */
MUST_CHECK
enum err_code lstm_model_parse(struct span bytes, struct lstm_model **ret, struct err *err);
/* ERR_NOT_FOUND if there is no such file. */
MUST_CHECK
enum err_code lstm_model_open(const char *path, struct lstm_model **ret, struct err *err);
void lstm_model_close(struct lstm_model **model);

/* Whether the file (whole, in memory) also has settings for the rest of Tesseract, as those of
 * scripts without spaces do. */
bool lstm_model_has_settings(struct span bytes);

/* "1,36,0,1Ct3,3,16..." as the model's makers noted it; not interpreted. */
const char *lstm_model_spec(const struct lstm_model *model);

/* Whether the model's list of words has the text, as it is or with a small first letter; marks at
 * its ends aside. */
bool lstm_model_knows(const struct lstm_model *model, const char *text);

/* Pixels of a picture, half open: x0 <= x < x1. */
struct lstm_box {
    int32_t x0, y0, x1, y1;
};

enum { LSTM_OTHERS_MAX = 4 };

/* Another reading of a word, over the same stretch of the line. */
struct lstm_other {
    const char *text;
    float share; /* how likely beside the word's own text: 1 as likely, above 1 likelier (the word
                    lists decided otherwise) */
};

struct lstm_word {
    const char *text;          /* UTF-8, no spaces */
    float confidence;          /* 0..1, Tesseract's scale / 100 */
    struct lstm_other *others; /* of a word that is not sure; the likeliest first */
    uint32_t other_count;      /* <= LSTM_OTHERS_MAX */
    float x0, x1;              /* in pixels of the picture */
    bool is_known;             /* found in the model's word lists, or a number or punctuation */
    bool has_leading_space;    /* false where a word follows another without one (scripts without
                                  spaces) and for the first of a line */
};

/* What the network made of a sight of a line, by a model. */
struct lstm_seen {
    float *probs; /* [steps][n_codes]; NULL: not kept, or nothing to see */
    uint32_t steps, n_codes;
    float factor;  /* pixels of its input for one of the picture */
    bool inverted; /* of the negative */
};

struct lstm_line {
    struct lstm_word *words;
    size_t count;
    bool inverted;         /* light text on dark ground was read from the negative */
    struct lstm_seen seen; /* of the sight, or the mean of several */
};

/* Reads what stands in box of picture (clipped to it; text upright, one line). Nothing readable is
 * ERR_OK with count 0. ret_line lives in arena, which also serves as scratch. */
MUST_CHECK
enum err_code lstm_read_line(struct arena *arena, const struct lstm_model *model,
                             const struct pixmap *picture, struct lstm_box box,
                             struct lstm_line *ret_line, struct err *err);

/* Makes what was seen last as long as the arena does. False if that is full: it is not kept. */
bool lstm_seen_keep(struct arena *arena, struct lstm_seen *seen);

/* One look at a line: a place in a picture. */
struct lstm_sight {
    const struct pixmap *picture;
    struct lstm_box box;
    const struct lstm_seen *seen; /* by the same model, earlier; NULL or without probs: not known */
};

/* Reads a line that was looked at n times, n > 0: what the network makes of each sight is averaged,
 * step by step, and then searched. A sight that is not as wide and high as the first may be left
 * out; places are the first's. Else as lstm_read_line. */
MUST_CHECK
enum err_code lstm_read_sights(struct arena *arena, const struct lstm_model *model,
                               const struct lstm_sight *sights, size_t n,
                               struct lstm_line *ret_line, struct err *err);

/* A word of a row as layout analysis reports it, in pixels of the picture. */
struct lstm_row_word {
    struct lstm_box box;
    int32_t baseline_x0, baseline_y0, baseline_x1, baseline_y1; /* y down, as the box */
};

struct lstm_row {
    const struct lstm_row_word *words; /* from left to right */
    size_t count;
    float height;  /* from the descender line to the ascender line, pixels, > 0 */
    float descent; /* of the descender line from the baseline, negative below it */
    int32_t picture_height;
};

/* A row whose height its words contradict gets the one that print of their height has. */
void lstm_row_mend(struct lstm_row *row);

/* The boxes to hand to lstm_read_line, from left to right: row->count at most, returned is how
 * many. They may reach over the picture's edges. */
size_t lstm_row_boxes(const struct lstm_row *row, struct lstm_box *ret_boxes);
