/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_row.c - from the words of a row, as layout analysis finds them, to the boxes to be read.
 *
 * Tesseract reads not word by word but runs of words that stand together, and cuts them out from
 * the row's descender line to its ascender line if that is more than the ink. A pixel more or less
 * changes what a model reads, so the same boxes are made here. Rules: pageres and linerec of the
 * Tesseract project. The baseline is known only in whole pixels at the ends of each word; a line
 * fitted to all of them gives it to a fraction. Rows that are far higher than their ink, which
 * would be read far too small, are mended first. */
#include "ocr/lstm.h"

static const double word_height_limit = 1.25; /* heights of the row: taller stands alone */
static const double run_height_limit = 1.25;
static const double gap_limit = 2.0; /* heights of the row between words of a run */
enum { PADDING = 4 };

/* From the descender to the ascender line is 1.1 to 1.45 times what the tallest letters reach above
 * the baseline; on clean pages no row was found past that. Rows among specks and ruled lines are,
 * by up to twice. One word alone may have no tall letter. */
static const double height_most = 1.55, height_usual = 1.35, descent_most = 0.33;
static const double tall_quantile = 0.8, speck_height = 0.25;
enum { MEND_WORDS_LEAST = 2, MEND_WORDS_MAX = 256 };

static int32_t
height_of(struct lstm_box box)
{
    return box.y1 - box.y0;
}

static struct lstm_box
union_of(struct lstm_box a, struct lstm_box b)
{
    return (struct lstm_box){a.x0 < b.x0 ? a.x0 : b.x0, a.y0 < b.y0 ? a.y0 : b.y0,
                             a.x1 > b.x1 ? a.x1 : b.x1, a.y1 > b.y1 ? a.y1 : b.y1};
}

/* What the row's tall letters reach above its baseline; 0: too few words to tell. Of n words the
 * [tall_quantile * n]th in height speaks for all, as some have specks above them. */
static double
reach_of(const struct lstm_row *row)
{
    double reach[MEND_WORDS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < row->count && n < MEND_WORDS_MAX; i++) {
        const struct lstm_row_word *word = &row->words[i];
        if (height_of(word->box) < speck_height * (double)row->height)
            continue;
        double value = (word->baseline_y0 + word->baseline_y1) / 2.0 - word->box.y0;
        size_t at = n++;
        for (; at > 0 && reach[at - 1] > value; at--)
            reach[at] = reach[at - 1];
        reach[at] = value;
    }
    return n < MEND_WORDS_LEAST ? 0 : reach[(size_t)(tall_quantile * (double)n)];
}

void
lstm_row_mend(struct lstm_row *row)
{
    double reach = reach_of(row);

    if (reach <= PADDING || (double)row->height <= height_most * reach)
        return;
    row->height = (float)(height_usual * reach);
    if ((double)-row->descent > descent_most * reach)
        row->descent = (float)(-descent_most * reach);
}

/* Words [begin, return) make a run; *ret_box is around them. */
static size_t
find_run(const struct lstm_row *row, size_t begin, struct lstm_box *ret_box)
{
    struct lstm_box box = row->words[begin].box;
    double height = (double)row->height;
    size_t end = begin + 1;

    if (height_of(box) > height * word_height_limit) {
        *ret_box = box;
        return end;
    }
    for (; end < row->count; end++) {
        struct lstm_box next = row->words[end].box;
        struct lstm_box both = union_of(box, next);

        if (height_of(next) > height * word_height_limit ||
            height_of(both) > height * run_height_limit ||
            next.x0 > (double)box.x1 + height * gap_limit)
            break;
        box = both;
    }
    *ret_box = box;
    return end;
}

/* Height above the picture's bottom of the baseline at x, by least squares. */
static double
baseline_at(const struct lstm_row_word *words, size_t n, int32_t picture_height, double x)
{
    double n_points = 2 * (double)n;
    double sx = 0, sxx = 0, sy = 0, sxy = 0, det;

    for (size_t i = 0; i < n; i++) {
        double dx[2] = {words[i].baseline_x0 - x, words[i].baseline_x1 - x};
        double y[2] = {picture_height - words[i].baseline_y0,
                       picture_height - words[i].baseline_y1};

        for (int k = 0; k < 2; k++) {
            sx += dx[k];
            sxx += dx[k] * dx[k];
            sy += y[k];
            sxy += dx[k] * y[k];
        }
    }
    det = n_points * sxx - sx * sx;
    return det > 1e-6 ? (sy * sxx - sxy * sx) / det : sy / n_points;
}

/* The box with the row's ascenders and descenders; whole pixels are cut off counting from below. */
static struct lstm_box
extend(const struct lstm_row *row, struct lstm_box box, double baseline)
{
    double bottom = baseline + (double)row->descent;
    double top = bottom + (double)row->height;

    if (bottom < row->picture_height - box.y1)
        box.y1 = row->picture_height - (int32_t)bottom;
    if (top > row->picture_height - box.y0)
        box.y0 = row->picture_height - (int32_t)top;
    return box;
}

size_t
lstm_row_boxes(const struct lstm_row *row, struct lstm_box *ret_boxes)
{
    size_t n = 0;

    for (size_t begin = 0, end; begin < row->count; begin = end) {
        struct lstm_box box;
        double middle;

        end = find_run(row, begin, &box);
        middle = ((int64_t)box.x0 + box.x1) / 2;
        box = extend(row, box,
                     baseline_at(row->words + begin, end - begin, row->picture_height, middle));
        ret_boxes[n++] = (struct lstm_box){box.x0 - PADDING, box.y0 - PADDING, box.x1 + PADDING,
                                           box.y1 + PADDING};
    }
    return n;
}
