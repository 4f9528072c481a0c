/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/readings_guess.c - what all rows of a picture weigh, by the longest of them: whether a
 * reading of the others, or of all upside down, may be worth its time. */
#include "ocr/readings_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows that speak for all. */
enum { GUESS_ROWS = 8 };

struct guess {
    double letters, sure; /* of those read; times confidence */
    double read, all;     /* pixels along the rows */
};

static double
length_of(const struct reading *item)
{
    return (double)fmaxf(box_width(item->row->box), box_height(item->row->box));
}

/* Longer rows first: they hold more words. */
static int
compare_lengths(const void *a, const void *b)
{
    struct box x = (*(struct reading *const *)a)->row->box;
    struct box y = (*(struct reading *const *)b)->row->box;
    float left = box_width(x) + box_height(x), right = box_width(y) + box_height(y);

    if (left != right)
        return left > right ? -1 : 1;
    return *(struct reading *const *)a < *(struct reading *const *)b ? -1 : 1;
}

struct reading **
longest_first(const struct readings *r)
{
    struct reading **order = arena_array(r->arena, r->count + 1, sizeof(struct reading *));

    for (size_t i = 0; order != NULL && i < r->count; i++)
        order[i] = &r->items[i];
    if (order != NULL)
        qsort(order, r->count, sizeof(struct reading *), compare_lengths);
    return order;
}

static void
add_run(struct guess *guess, const struct lstm_line *run)
{
    for (size_t i = 0; i < run->count; i++) {
        double len = (double)strlen(run->words[i].text);
        guess->letters += len;
        guess->sure += len * (double)run->words[i].confidence;
    }
}

static double
weight_of(const struct guess *guess)
{
    double read = guess->sure * guess->sure / fmax(guess->letters, 1);

    return read * guess->all / fmax(guess->read, 1);
}

enum err_code
guess_weight(struct readings *r, bool read, double *ret_weight, struct err *err)
{
    size_t language = r->language == SIZE_MAX ? 0 : r->language;
    struct reading **order = longest_first(r);
    struct guess guess = {0};
    enum err_code rc = ERR_OK;

    if (order == NULL)
        return err_set(err, ERR_LIMIT, "the page has more rows than a page may have");
    for (size_t i = 0; rc == ERR_OK && i < r->count; i++) {
        guess.all += length_of(order[i]);
        if (i >= GUESS_ROWS)
            continue;
        guess.read += length_of(order[i]);
        if (read)
            rc = read_row(r, order[i], language, err);
        for (size_t k = 0; rc == ERR_OK && order[i]->is_read && k < order[i]->count; k++)
            add_run(&guess, &order[i]->runs[k]);
    }
    *ret_weight = weight_of(&guess);
    return rc;
}

enum err_code
readings_upside_down(struct readings *r, double *ret_weight, struct err *err)
{
    size_t language = r->language == SIZE_MAX ? 0 : r->language, asked = 0;
    struct reading **order = longest_first(r);
    struct guess guess = {0};
    enum err_code rc = ERR_OK;

    if (order == NULL)
        return err_set(err, ERR_LIMIT, "the page has more rows than a page may have");
    for (size_t i = 0; rc == ERR_OK && i < r->count; i++) {
        struct lstm_line line;
        if (order[i]->row->turn != 0 || order[i]->settled.count > 0)
            continue;
        guess.all += length_of(order[i]);
        if (asked == GUESS_ROWS)
            continue;
        rc = read_reversed(r, order[i], language, &line, err);
        guess.read += length_of(order[i]);
        asked++;
        if (rc == ERR_OK)
            add_run(&guess, &line);
    }
    *ret_weight = asked > 0 ? weight_of(&guess) : -1;
    return rc;
}
