/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/lines.h"

#include <math.h>
#include <string.h>

enum { BOXES_MAX = 256 }; /* runs of a row; rows of tables have some dozens */

struct reader {
    struct lstm_model *const *models;
    size_t model_count;
    struct arena *work;
    struct page *page;
    struct err *err;
};

/* How sure the reading is, weighted by length. */
static double
sureness(const struct lstm_line *line)
{
    double sum = 0, weight = 0;

    for (size_t i = 0; i < line->count; i++) {
        double n = (double)strlen(line->words[i].text);
        sum += n * (double)line->words[i].confidence;
        weight += n;
    }
    return weight > 0 ? sum / weight : 0;
}

static enum err_code
read_box(struct reader *r, const struct pixmap *picture, struct lstm_box box, struct lstm_line *ret)
{
    enum err_code rc = lstm_read_line(r->work, r->models[0], picture, box, ret, r->err);

    for (size_t i = 1; rc == ERR_OK && i < r->model_count; i++) {
        struct lstm_line other;
        rc = lstm_read_line(r->work, r->models[i], picture, box, &other, r->err);
        if (rc == ERR_OK && sureness(&other) > sureness(ret))
            *ret = other;
    }
    return rc;
}

/* The recogniser knows only roughly where a word begins and ends; the layout's words, cut at gaps
 * of ink, know it exactly but may hold several words, or half of one. Each of those that lies in
 * [x0, x1] for the better part counts whole; of others an edge counts that is near the
 * recogniser's. */
static struct box
word_box(const struct lstm_row *row, struct lstm_box run, float x0, float x1)
{
    struct box box = {x0, (float)run.y0, x1, (float)run.y1};
    float near = 0.6F * row->height, left = x1, right = x0;
    bool found = false;

    for (size_t i = 0; i < row->count; i++) {
        struct lstm_box w = row->words[i].box;
        float wx0 = (float)w.x0, wx1 = (float)w.x1;
        float shared = fminf(x1, wx1) - fmaxf(x0, wx0);
        if (shared <= 0 || (shared < 0.5F * (wx1 - wx0) && shared < 0.5F * (x1 - x0)))
            continue;
        bool inside = shared >= 0.5F * (wx1 - wx0) && wx0 > x0 - near && wx1 < x1 + near;
        if (inside || fabsf(wx0 - x0) < near)
            left = fminf(left, wx0);
        if (inside || fabsf(wx1 - x1) < near)
            right = fmaxf(right, wx1);
        box.y0 = found ? fminf(box.y0, (float)w.y0) : (float)w.y0;
        box.y1 = found ? fmaxf(box.y1, (float)w.y1) : (float)w.y1;
        found = true;
    }
    box.x0 = left < x1 ? left : x0;
    box.x1 = right > x0 ? right : x1;
    if (box.x1 <= box.x0)
        return (struct box){x0, box.y0, x1, box.y1};
    return box;
}

static enum err_code
add_word(struct reader *r, const struct lstm_word *read, struct box box, float size, bool glued)
{
    struct page_word *word = page_add_word(r->page);
    const char *text = word == NULL ? NULL : arena_strdup(r->page->arena, read->text);

    if (text == NULL)
        return err_set(r->err, ERR_LIMIT, "page %u has more words than a page may have",
                       r->page->index + 1);
    word->text = text;
    word->box = box;
    word->confidence = fminf(1, fmaxf(0, read->confidence));
    word->size = size;
    word->witness = WITNESS_PIXELS;
    word->glued = glued;
    struct page_line *line = &r->page->lines[r->page->line_count - 1];
    line->box = line->word_count == 0 ? box : box_union(line->box, box);
    line->word_count++;
    return ERR_OK;
}

/* ---- upright rows ---- */

static enum err_code
read_run(struct reader *r, const struct pixmap *picture, const struct tess_row *row,
         struct lstm_box run)
{
    struct lstm_line line;
    enum err_code rc = read_box(r, picture, run, &line);

    for (size_t i = 0; rc == ERR_OK && i < line.count; i++) {
        const struct lstm_word *word = &line.words[i];
        rc = add_word(r, word, word_box(&row->row, run, word->x0, word->x1), row->row.height,
                      i > 0 && !word->has_leading_space);
    }
    return rc;
}

static enum err_code
read_upright(struct reader *r, const struct pixmap *picture, const struct tess_row *row)
{
    struct lstm_box boxes[BOXES_MAX];
    struct lstm_row part = row->row;
    enum err_code rc = ERR_OK;

    if (part.count > BOXES_MAX)
        part.count = BOXES_MAX;
    size_t n = lstm_row_boxes(&part, boxes);
    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        arena_reset(r->work);
        rc = read_run(r, picture, row, boxes[i]);
    }
    return rc;
}

/* ---- rows that run up, down or upside down ---- */

/* The part of the picture in box, turned upright; in the work arena. */
static bool
cut_turned(struct reader *r, const struct pixmap *picture, struct box box, int turn,
           struct pixmap *ret)
{
    struct box all = {0, 0, (float)picture->width, (float)picture->height};
    struct box cut = box_cut(box, all);
    uint32_t w = (uint32_t)box_width(cut), h = (uint32_t)box_height(cut);
    bool sideways = turn != 180;
    struct pixmap out = {
        .width = sideways ? h : w, .height = sideways ? w : h, .dpi = picture->dpi};

    if (w == 0 || h == 0)
        return false;
    out.stride = out.width;
    out.pixels = arena_array(r->work, out.height, out.stride);
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

/* The word's place in the picture: its stretch [x0, x1] of the upright row, back where it came
 * from. */
static struct box
place_turned(struct box row, int turn, float x0, float x1)
{
    switch (turn) {
    case 90:
        return (struct box){row.x0, row.y1 - x1, row.x1, row.y1 - x0};
    case 270:
        return (struct box){row.x0, row.y0 + x0, row.x1, row.y0 + x1};
    default:
        return (struct box){row.x1 - x1, row.y0, row.x1 - x0, row.y1};
    }
}

static enum err_code
read_turned(struct reader *r, const struct pixmap *picture, const struct tess_row *row)
{
    struct pixmap part;
    struct lstm_line line;

    arena_reset(r->work);
    if (!cut_turned(r, picture, row->box, row->turn, &part))
        return ERR_OK; /* an empty box: nothing to read */
    struct lstm_box all = {0, 0, (int32_t)part.width, (int32_t)part.height};
    enum err_code rc = read_box(r, &part, all, &line);
    for (size_t i = 0; rc == ERR_OK && i < line.count; i++) {
        const struct lstm_word *word = &line.words[i];
        rc = add_word(r, word, place_turned(row->box, row->turn, word->x0, word->x1),
                      row->row.height, i > 0 && !word->has_leading_space);
    }
    return rc;
}

static enum err_code
read_row(struct reader *r, const struct pixmap *picture, const struct tess_row *row)
{
    struct page_line *line = page_add_line(r->page);

    if (line == NULL)
        return err_set(r->err, ERR_LIMIT, "page %u has more lines than a page may have",
                       r->page->index + 1);
    line->first_word = r->page->word_count;
    line->source = row->paragraph;
    line->baseline = row->baseline;
    line->size = row->row.height;
    line->vertical = row->turn == 90 || row->turn == 270;
    enum err_code rc =
        row->turn == 0 ? read_upright(r, picture, row) : read_turned(r, picture, row);
    if (r->page->lines[r->page->line_count - 1].word_count == 0)
        r->page->line_count--;
    return rc;
}

enum err_code
lines_read(struct lstm_model *const *models, size_t model_count, const struct pixmap *picture,
           const struct tess_rows *rows, struct arena *work, struct page *page, struct err *err)
{
    struct reader r = {
        .models = models, .model_count = model_count, .work = work, .page = page, .err = err};
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < rows->count; i++)
        rc = read_row(&r, picture, &rows->rows[i]);
    return rc;
}
