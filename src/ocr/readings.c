/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/readings_internal.h"

#include "ocr/mixed.h"
#include "ocr/soften.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_MAX = 256 };

/* At a row that is read again. */
enum { LOOKS_MORE = 2 };

/* Letters of words, times confidence, that a language is told by; then rows are read in it. */
static const double letters_told = 400;

/* Rows of a lower score are no text. Those that run sideways or upside down on a page that was
 * found upright have to be surer, as most are mistaken. */
static const double score_least = 0.2, turned_score_least = 0.75;

/* What the page's language is ahead of the first by where both read a row equally well. */
static const double page_bonus = 0.02;

/* Rows of a lower score are read again. */
static const double doubt_score = 0.85;

/* What the network saw of a row is kept for reading it again up to this many numbers: pages of
 * Latin letters have 50,000 a row. */
static const size_t seen_most = 200000;

/* ---- reading ---- */

/* The part of the picture in box, turned upright. False if it is empty or the arena is full. */
static bool
cut_turned(struct readings *r, struct box box, int turn, struct pixmap *ret)
{
    const struct pixmap *picture = r->picture;
    struct box all = {0, 0, (float)picture->width, (float)picture->height};
    struct box cut = box_cut(box, all);
    uint32_t w = (uint32_t)box_width(cut), h = (uint32_t)box_height(cut);
    bool sideways = turn != 180;
    struct pixmap out = {
        .width = sideways ? h : w, .height = sideways ? w : h, .dpi = picture->dpi};

    if (w == 0 || h == 0)
        return false;
    out.stride = out.width;
    out.pixels = arena_array(r->arena, out.height, out.stride);
    if (out.pixels == NULL)
        return false;
    for (uint32_t y = 0; y < h; y++) {
        const uint8_t *from =
            picture->pixels + ((size_t)cut.y0 + y) * picture->stride + (size_t)cut.x0;
        for (uint32_t x = 0; x < w; x++) {
            uint32_t tx = turn == 90 ? h - 1 - y : turn == 270 ? y : w - 1 - x;
            uint32_t ty = turn == 90 ? x : turn == 270 ? w - 1 - x : h - 1 - y;
            out.pixels[ty * out.stride + tx] = from[x];
        }
    }
    *ret = out;
    return true;
}

/* The boxes of the row's runs, and the picture that they lie in; none if the row is settled. */
static bool
find_runs(struct readings *r, const struct tess_row *row, const struct settled *settled,
          struct reading *ret)
{
    struct lstm_box boxes[RUNS_MAX];
    struct lstm_row part = row->row;
    size_t n = 1;

    *ret = (struct reading){.row = row};
    if (settled != NULL && settled->count > 0) {
        ret->settled = *settled;
        return true;
    }
    if (row->turn != 0) {
        if (!cut_turned(r, row->box, row->turn, &ret->turned))
            return true; /* nothing to read */
        boxes[0] = (struct lstm_box){0, 0, (int32_t)ret->turned.width, (int32_t)ret->turned.height};
    } else {
        part.count = part.count > RUNS_MAX ? RUNS_MAX : part.count;
        lstm_row_mend(&part);
        n = lstm_row_boxes(&part, boxes);
    }
    struct lstm_box *kept = arena_array(r->arena, n, sizeof(*kept));
    if (kept == NULL)
        return false;
    memcpy(kept, boxes, n * sizeof(*kept));
    ret->boxes = kept;
    ret->count = n;
    return true;
}

/* From the scratch to where they last. */
static bool
keep_others(struct arena *arena, struct lstm_word *word)
{
    const struct lstm_other *from = word->others;

    if (word->other_count == 0)
        return true;
    word->others = arena_array(arena, word->other_count, sizeof(*word->others));
    for (uint32_t i = 0; word->others != NULL && i < word->other_count; i++) {
        word->others[i] = from[i];
        word->others[i].text = arena_strdup(arena, from[i].text);
        if (word->others[i].text == NULL)
            return false;
    }
    return word->others != NULL;
}

/* From the scratch to where it lasts. seen: what the network saw too, if that is not too much. */
static bool
keep_line(struct arena *arena, const struct lstm_line *line, bool seen, struct lstm_line *ret)
{
    *ret = *line;
    if (!seen || (size_t)line->seen.steps * line->seen.n_codes > seen_most)
        ret->seen.probs = NULL;
    else if (!lstm_seen_keep(arena, &ret->seen))
        return false;
    ret->words = arena_array(arena, line->count + 1, sizeof(*ret->words));
    if (ret->words == NULL)
        return false;
    for (size_t i = 0; i < line->count; i++) {
        ret->words[i] = line->words[i];
        ret->words[i].text = arena_strdup(arena, line->words[i].text);
        if (ret->words[i].text == NULL || !keep_others(arena, &ret->words[i]))
            return false;
    }
    return true;
}

static bool
may_reread(const struct readings *r, const struct reading *item)
{
    return r->rereads && item->row->turn == 0;
}

static enum err_code
read_runs(struct readings *r, const struct reading *item, size_t language, struct lstm_line *runs,
          struct err *err)
{
    const struct pixmap *picture = item->row->turn != 0 ? &item->turned : r->picture;
    const struct lstm_model *model = languages_model(r->languages, language);
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < item->count; i++) {
        struct lstm_line line;
        arena_reset(r->work);
        rc = lstm_read_line(r->work, model, picture, item->boxes[i], &line, err);
        r->effort->spent += rc == ERR_OK ? line.seen.steps : 0;
        if (rc == ERR_OK && !keep_line(r->arena, &line, may_reread(r, item), &runs[i]))
            rc = err_set(err, ERR_LIMIT, "the page has more text than a page may have");
    }
    return rc;
}

enum err_code
read_in(struct readings *r, struct reading *item, size_t language, struct lstm_line **ret,
        struct err *err)
{
    if (item->tried == NULL)
        item->tried = arena_array(r->arena, LANGUAGES_MAX, sizeof(struct lstm_line *));
    struct lstm_line *runs = item->tried == NULL ? NULL : item->tried[language];
    enum err_code rc = ERR_OK;

    if (runs == NULL) {
        runs = arena_array(r->arena, item->count + 1, sizeof(*runs));
        if (item->tried == NULL || runs == NULL)
            return err_set(err, ERR_LIMIT, "the page has more text than a page may have");
        rc = read_runs(r, item, language, runs, err);
    }
    if (rc == ERR_OK)
        *ret = item->tried[language] = runs;
    return rc;
}

enum err_code
read_reversed(struct readings *r, const struct reading *item, size_t language,
              struct lstm_line *ret, struct err *err)
{
    struct pixmap turned;

    *ret = (struct lstm_line){0};
    if (!cut_turned(r, item->row->box, 180, &turned))
        return ERR_OK; /* nothing to read */
    struct lstm_box all = {0, 0, (int32_t)turned.width, (int32_t)turned.height};
    arena_reset(r->work);
    enum err_code rc =
        lstm_read_line(r->work, languages_model(r->languages, language), &turned, all, ret, err);
    r->effort->spent += rc == ERR_OK ? ret->seen.steps : 0;
    return rc;
}

static uint64_t
steps_of(const struct reading *item)
{
    uint64_t steps = 0;

    for (size_t i = 0; i < item->count; i++)
        steps += item->runs[i].seen.steps;
    return steps;
}

/* Reads a doubtful row again, as the mean of what the network makes of it as it is, smoothed, and
 * cut out a pixel lower: what hangs on grain or on where exactly it was cut goes away. */
static enum err_code
read_again(struct readings *r, struct reading *item, struct err *err)
{
    const struct lstm_model *model = languages_model(r->languages, item->language);
    enum err_code rc = ERR_OK;

    if (!may_reread(r, item) || item->score >= doubt_score ||
        !effort_has(r->effort, LOOKS_MORE * steps_of(item)))
        return ERR_OK;
    r->effort->spent += LOOKS_MORE * steps_of(item);
    for (size_t i = 0; rc == ERR_OK && i < item->count; i++) {
        struct lstm_box box = item->boxes[i];
        struct lstm_box lower = {box.x0, box.y0 + 1, box.x1, box.y1 + 1};
        struct pixmap soft;
        struct lstm_line line;
        arena_reset(r->work);
        if (!soften(r->work, r->picture, box, &soft))
            return err_set(err, ERR_MEMORY, "no memory to read a row again");
        struct lstm_box all = {0, 0, (int32_t)soft.width, (int32_t)soft.height};
        const struct lstm_sight sights[] = {
            {r->picture, box, &item->runs[i].seen}, {&soft, all, NULL}, {r->picture, lower, NULL}};
        rc = lstm_read_sights(r->work, model, sights, ARRAY_LEN(sights), &line, err);
        if (rc == ERR_OK && !keep_line(r->arena, &line, false, &item->runs[i]))
            rc = err_set(err, ERR_LIMIT, "the page has more text than a page may have");
    }
    item->score = lines_score(item->runs, item->count);
    return rc;
}

static bool
is_latin(const struct readings *r, size_t language)
{
    return strcmp(languages_script(r->languages, language), "Latn") == 0;
}

/* Reads the row with another model and keeps the better reading. */
static enum err_code
try_language(struct readings *r, struct reading *item, size_t language, double bonus,
             struct err *err)
{
    struct lstm_line *runs = NULL;

    if (item->language == language || languages_model(r->languages, language) == NULL)
        return ERR_OK;
    enum err_code rc = read_in(r, item, language, &runs, err);
    if (rc != ERR_OK)
        return rc;
    double score = lines_score(runs, item->count);
    bool better = score + bonus > item->score;
    if (is_latin(r, item->language) != is_latin(r, language) && is_latin(r, language) != better)
        item->latin = better ? item->runs : runs;
    if (better) {
        item->runs = runs;
        item->score = score;
        item->language = language;
    }
    return ERR_OK;
}

static enum err_code
take_latin_words(struct readings *r, struct reading *item, struct err *err)
{
    if (item->latin == NULL || is_latin(r, item->language))
        return ERR_OK;
    for (size_t i = 0; i < item->count; i++)
        if (!mixed_take_latin(r->arena, &item->runs[i], &item->latin[i]))
            return err_set(err, ERR_LIMIT, "the page has more text than a page may have");
    item->score = lines_score(item->runs, item->count);
    return ERR_OK;
}

/* Rows that are hardly text: rules of dashes, texture, a column of numbers taken for a line that
 * runs upwards. They count as unread. */
static void
drop_unsure(struct readings *r)
{
    for (size_t i = 0; i < r->count; i++) {
        struct reading *item = &r->items[i];
        if (item->score < (item->row->turn != 0 ? turned_score_least : score_least))
            item->count = 0;
    }
}

/* ---- all rows ---- */

enum err_code
read_row(struct readings *r, struct reading *item, size_t language, struct err *err)
{
    enum err_code rc = read_in(r, item, language, &item->runs, err);

    if (rc != ERR_OK)
        return rc;
    item->language = language;
    item->score = lines_score(item->runs, item->count);
    item->is_read = true;
    return ERR_OK;
}

/* Reads rows with the first model, the longest first, until a language can be told by them. */
static enum err_code
read_samples(struct readings *r, struct err *err)
{
    struct reading **order = longest_first(r);
    struct weight sum = {0};
    enum err_code rc = ERR_OK;

    if (order == NULL)
        return err_set(err, ERR_LIMIT, "the page has more rows than a page may have");
    for (size_t i = 0; rc == ERR_OK && i < r->count; i++) {
        if (i >= READINGS_SAMPLES && sum.plain >= letters_told)
            break;
        rc = read_row(r, order[i], 0, err);
        for (size_t k = 0; rc == ERR_OK && k < order[i]->count; k++)
            line_weigh(&order[i]->runs[k], &sum);
    }
    return rc;
}

/* Each row in the language of the page; unless that was told, in the first one too where it reads
 * badly or words of Latin letters may stand among others. */
static enum err_code
read_in_language(struct readings *r, bool told, struct err *err)
{
    size_t language = r->language == SIZE_MAX ? 0 : r->language;
    double sure = told ? 0 : is_latin(r, language) ? doubt_score : INFINITY;
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < r->count; i++) {
        struct reading *item = &r->items[i];
        bool was_read = item->is_read;
        if (!was_read)
            rc = read_row(r, item, language, err);
        else if (language != 0)
            rc = try_language(r, item, language, page_bonus, err);
        if (rc == ERR_OK && !was_read && language != 0 && item->score < sure)
            rc = try_language(r, item, 0, -page_bonus, err);
    }
    return rc;
}

/* Each row in that of the languages that reads it best. */
static enum err_code
read_in_all(struct readings *r, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < r->count; i++) {
        rc = read_row(r, &r->items[i], 0, err);
        for (size_t k = 1; rc == ERR_OK && k < languages_count(r->languages); k++)
            rc = try_language(r, &r->items[i], k, 0, err);
    }
    return rc;
}

/* Surer rows first: they are nearer to being right. */
static int
compare_scores(const void *a, const void *b)
{
    const struct reading *x = *(struct reading *const *)a, *y = *(struct reading *const *)b;

    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return x < y ? -1 : x > y;
}

static enum err_code
read_doubtful_again(struct readings *r, struct err *err)
{
    struct reading **order = longest_first(r);
    enum err_code rc = ERR_OK;

    if (order == NULL)
        return err_set(err, ERR_LIMIT, "the page has more rows than a page may have");
    qsort(order, r->count, sizeof(struct reading *), compare_scores);
    for (size_t i = 0; rc == ERR_OK && i < r->count; i++)
        rc = read_again(r, order[i], err);
    return rc;
}

/* Whether the longest rows say that all of them weigh less than what is to be beaten. */
static enum err_code
find_in_vain(struct readings *r, struct err *err)
{
    enum err_code rc = guess_weight(r, true, &r->weight, err);

    r->in_vain = rc == ERR_OK && r->weight < r->to_beat;
    for (size_t i = 0; r->in_vain && i < r->count; i++)
        r->items[i].count = 0;
    return rc;
}

enum err_code
readings_read(struct readings *r, const struct tess_rows *rows, struct err *err)
{
    bool told = r->language != SIZE_MAX;
    enum err_code rc = ERR_OK;

    r->count = 0;
    r->items = arena_array(r->arena, rows->count + 1, sizeof(*r->items));
    if (r->items == NULL)
        return err_set(err, ERR_LIMIT, "the page has more rows than a page may have");
    for (size_t i = 0; i < rows->count; i++, r->count++)
        if (!find_runs(r, &rows->rows[i], r->settled != NULL ? &r->settled[i] : NULL, &r->items[i]))
            return err_set(err, ERR_LIMIT, "the page has more rows than a page may have");
    if (r->to_beat > 0)
        rc = find_in_vain(r, err);
    if (rc != ERR_OK || r->in_vain)
        return rc;
    if (!languages_detect(r->languages)) {
        rc = read_in_all(r, err);
    } else {
        if (!told)
            rc = read_samples(r, err);
        if (rc == ERR_OK && !told)
            rc = language_find(r, err);
        if (rc == ERR_OK)
            rc = read_in_language(r, told, err);
    }
    if (rc == ERR_OK)
        rc = guess_weight(r, false, &r->weight, err);
    effort_settle(r->effort);
    if (rc == ERR_OK)
        rc = read_doubtful_again(r, err);
    for (size_t i = 0; rc == ERR_OK && i < r->count; i++)
        rc = take_latin_words(r, &r->items[i], err);
    if (rc == ERR_OK)
        drop_unsure(r);
    return rc;
}
