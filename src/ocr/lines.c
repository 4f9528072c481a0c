/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/lines.h"

#include "ocr/underscore.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct writer {
    bool french;
    bool rightward; /* the page's language is read from the right */
    const struct pixmap *picture;
    struct page *page;
    struct err *err;
};

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

/* Two single quotes side by side are what the models make of a double one. */
static void
join_quotes(char *text)
{
    static const struct {
        const char *two, *one;
    } quotes[] = {{"\'\'", "\""}, {"\u2018\u2018", "\u201c"}, {"\u2019\u2019", "\u201d"}};

    for (size_t i = 0; i < ARRAY_LEN(quotes); i++)
        for (char *at = text; (at = strstr(at, quotes[i].two)) != NULL;) {
            size_t two = strlen(quotes[i].two), one = strlen(quotes[i].one);
            memcpy(at, quotes[i].one, one);
            memmove(at + one, at + two, strlen(at + two) + 1);
            at += one;
        }
}

/* Old print sets these a hair apart from the word before; a space that is less than half the row's
 * height is none. French has a real one. */
static bool
is_set_apart(const struct writer *w, const char *text, struct box box, float size)
{
    const struct page_line *line = &w->page->lines[w->page->line_count - 1];

    if (w->french || w->rightward || line->word_count == 0 || text[0] == '\0' || text[1] != '\0' ||
        strchr(";:!?", text[0]) == NULL)
        return false;
    return box.x0 - w->page->words[w->page->word_count - 2].box.x1 < 0.5F * size;
}

static enum err_code
add_others(struct writer *w, const struct lstm_word *read)
{
    struct page_word *word = &w->page->words[w->page->word_count - 1];

    word->first_alt = w->page->alt_count;
    for (uint32_t i = 0; i < read->other_count; i++) {
        struct page_alt *alt = page_add_alt(w->page);
        char *text = alt == NULL ? NULL : arena_strdup(w->page->arena, read->others[i].text);

        if (text == NULL)
            return err_set(w->err, ERR_LIMIT, "page %u has more words than a page may have",
                           w->page->index + 1);
        join_quotes(text);
        *alt =
            (struct page_alt){text, fminf(1, word->confidence * read->others[i].share), ALT_BEAM};
        word->alt_count++;
    }
    return ERR_OK;
}

static enum err_code
add_word(struct writer *w, const struct lstm_word *read, struct box box, float size, bool glued)
{
    struct page_word *word = page_add_word(w->page);
    char *text = word == NULL ? NULL : arena_strdup(w->page->arena, read->text);

    if (text == NULL)
        return err_set(w->err, ERR_LIMIT, "page %u has more words than a page may have",
                       w->page->index + 1);
    join_quotes(text);
    word->text = text;
    word->box = box;
    word->confidence = fminf(1, fmaxf(0, read->confidence));
    word->size = size;
    word->witness = WITNESS_PIXELS;
    word->glued = glued || is_set_apart(w, text, box, size);
    struct page_line *line = &w->page->lines[w->page->line_count - 1];
    line->box = line->word_count == 0 ? box : box_union(line->box, box);
    line->word_count++;
    return add_others(w, read);
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

/* The word goes on from the one before, with an underscore between. */
static enum err_code
join_underscored(struct writer *w, const struct lstm_word *read, struct box box)
{
    struct page_word *word = &w->page->words[w->page->word_count - 1];
    struct page_line *line = &w->page->lines[w->page->line_count - 1];
    size_t before = strlen(word->text), size = before + strlen(read->text) + 2;
    char *text = arena_alloc(w->page->arena, size);

    if (text == NULL)
        return err_set(w->err, ERR_LIMIT, "page %u has more text than a page may have",
                       w->page->index + 1);
    (void)snprintf(text, size, "%s_%s", word->text, read->text);
    join_quotes(text);
    word->text = text;
    word->box = box_union(word->box, box);
    word->confidence = fminf(word->confidence, fminf(1, fmaxf(0, read->confidence)));
    word->alt_count = 0; /* they are readings of a part */
    line->box = box_union(line->box, box);
    return ERR_OK;
}

static enum err_code
add_run(struct writer *w, const struct reading *reading, size_t run)
{
    const struct tess_row *row = reading->row;
    const struct lstm_line *line = &reading->runs[run];
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < line->count; i++) {
        const struct lstm_word *word = &line->words[i];
        struct box box = row->turn == 0
                             ? word_box(&row->row, reading->boxes[run], word->x0, word->x1)
                             : place_turned(row->box, row->turn, word->x0, word->x1);
        if (i > 0 && word->has_leading_space && row->turn == 0 && !w->rightward &&
            underscore_between(w->picture, &row->row, w->page->words[w->page->word_count - 1].box,
                               box))
            rc = join_underscored(w, word, box);
        else
            rc = add_word(w, word, box, row->row.height, i > 0 && !word->has_leading_space);
    }
    return rc;
}

/* The words that the row is known to have. */
static enum err_code
add_settled(struct writer *w, const struct settled *settled)
{
    for (uint32_t i = 0; i < settled->count; i++) {
        struct page_word *word = page_add_word(w->page);
        if (word == NULL)
            return err_set(w->err, ERR_LIMIT, "page %u has more words than a page may have",
                           w->page->index + 1);
        *word = settled->words[i];
        struct page_line *line = &w->page->lines[w->page->line_count - 1];
        line->box = line->word_count == 0 ? word->box : box_union(line->box, word->box);
        line->word_count++;
    }
    return ERR_OK;
}

static enum err_code
add_row(struct writer *w, const struct reading *reading)
{
    const struct tess_row *row = reading->row;
    struct page_line *line = page_add_line(w->page);
    enum err_code rc;

    if (line == NULL)
        return err_set(w->err, ERR_LIMIT, "page %u has more lines than a page may have",
                       w->page->index + 1);
    line->first_word = w->page->word_count;
    line->source = row->paragraph;
    line->baseline = row->baseline;
    line->size = row->row.height;
    line->vertical = row->turn == 90 || row->turn == 270;
    rc = add_settled(w, &reading->settled);
    for (size_t i = 0; rc == ERR_OK && i < reading->count; i++)
        rc = add_run(w, reading, i);
    if (w->page->lines[w->page->line_count - 1].word_count == 0)
        w->page->line_count--;
    return rc;
}

enum err_code
lines_add(const struct readings *readings, struct page *page, struct err *err)
{
    struct writer w = {.picture = readings->picture, .page = page, .err = err};

    size_t language = languages_detect(readings->languages) ? readings->language : 0;
    const char *name = language == SIZE_MAX ? "" : languages_name(readings->languages, language);
    enum err_code rc = ERR_OK;

    w.french = readings->language != SIZE_MAX && strcmp(name, "fra") == 0;
    w.rightward = language_is_right_to_left(name, strlen(name));

    for (size_t i = 0; rc == ERR_OK && i < readings->count; i++)
        rc = add_row(&w, &readings->items[i]);
    return rc;
}
