/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "layout/slanted.h"

#include <string.h>

/* Type of a watermark, in sizes of the page's usual type; so large that it need not be pale. */
static const float large_least = 2.2F, huge_least = 3.5F;

/* Words of text under one that stands level, and under one that is not pale; its letters. */
enum { UNDER_LEAST = 2, UNDER_DARK_LEAST = 4, LETTERS_LEAST = 3 };

/* Of a line's height, above and below: where its letters hardly are. */
static const float slack = 0.2F;

/* Pale lines that say the same, on one page. */
enum { ALIKE_LEAST = 4, ALIKE_MAX = 400 };

/* Of sizes that are told apart. */
enum { HALF_POINTS = 200 };

enum { KEPT, STAMP, WATERMARK };

static bool
is_whole(const struct page *page, const struct page_line *line)
{
    return line->word_count > 0 && line->first_word <= page->word_count &&
           line->word_count <= page->word_count - line->first_word;
}

/* ---- which lines are set aside ---- */

/* The median size of the page's words, to half a point; 0: unknown. */
static float
find_usual(const struct page *page)
{
    uint32_t counts[HALF_POINTS] = {0}, seen = 0;
    int at = 0;

    for (uint32_t i = 0; i < page->word_count; i++) {
        float twice = 2 * page->words[i].size;
        counts[twice < HALF_POINTS - 1 ? (int)twice : HALF_POINTS - 1]++;
    }
    while (at < HALF_POINTS - 1 && (seen += counts[at]) * 2 < page->word_count)
        at++;
    return (float)at / 2;
}

static size_t
count_bytes(const struct page *page, const struct page_line *line)
{
    size_t n = 0;

    for (uint32_t i = 0; i < line->word_count; i++)
        n += strlen(page->words[line->first_word + i].text);
    return n;
}

/* Words of smaller type whose middle lies in the line's letters. */
static uint32_t
count_under(const struct page *page, const struct page_line *line)
{
    struct box b = line->box;
    uint32_t n = 0;
    float cut = slack * (line->vertical ? box_width(b) : box_height(b));

    b = line->vertical ? (struct box){b.x0 + cut, b.y0, b.x1 - cut, b.y1}
                       : (struct box){b.x0, b.y0 + cut, b.x1, b.y1 - cut};
    for (uint32_t i = 0; i < page->word_count; i++) {
        const struct page_word *word = &page->words[i];
        float x = (word->box.x0 + word->box.x1) / 2, y = (word->box.y0 + word->box.y1) / 2;
        n += word->size * large_least <= line->size && x > b.x0 && x < b.x1 && y > b.y0 && y < b.y1;
    }
    return n;
}

/* Whether a line in large type is one, by its look. */
static bool
is_across(const struct page *page, const struct page_line *line, float usual)
{
    bool huge = line->size >= huge_least * usual;

    if (count_bytes(page, line) < LETTERS_LEAST || (!line->pale && !huge))
        return false;
    if (line->slanted && (line->pale || huge))
        return true;
    return count_under(page, line) >= (line->pale ? UNDER_LEAST : UNDER_DARK_LEAST);
}

/* Pale lines that lean and come again: a pattern over the page. */
static void
mark_alike(const struct page *page, uint8_t *kinds)
{
    uint32_t pale[ALIKE_MAX], n = 0;

    for (uint32_t l = 0; l < page->line_count && n < ALIKE_MAX; l++)
        if (page->lines[l].pale && kinds[l] == STAMP)
            pale[n++] = l;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t alike = 0;
        for (uint32_t k = 0; k < n; k++)
            alike += page_lines_agree(page, &page->lines[pale[i]], &page->lines[pale[k]]);
        if (alike >= ALIKE_LEAST)
            kinds[pale[i]] = WATERMARK;
    }
}

/* [line_count]; only lines in large type are looked at twice. */
static void
sort_lines(const struct page *page, uint8_t *kinds)
{
    float usual = find_usual(page);

    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        bool large = usual > 0 && line->size >= large_least * usual;
        if (page->words[line->first_word].role == ROLE_WATERMARK ||
            (large && is_across(page, line, usual)))
            kinds[l] = WATERMARK;
        else if (line->slanted)
            kinds[l] = STAMP;
    }
    mark_alike(page, kinds);
}

/* How many lines and words would be taken; none where most words of the page would. */
static void
count_taken(const struct page *page, const uint8_t *kinds, struct slanted *ret)
{
    *ret = (struct slanted){0};
    for (uint32_t l = 0; l < page->line_count; l++) {
        ret->line_count += kinds[l] != KEPT;
        ret->word_count += kinds[l] != KEPT ? page->lines[l].word_count : 0;
    }
    if (ret->word_count * 2 > page->word_count)
        *ret = (struct slanted){0};
}

static bool
is_ours(const struct page *page)
{
    uint32_t next = 0;

    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        if (!is_whole(page, line) || line->first_word < next)
            return false; /* lines that share words */
        next = line->first_word + line->word_count;
    }
    return true;
}

static void
take_out(struct page *page, const uint8_t *kinds, struct slanted *to)
{
    uint32_t lines = 0, words = 0;

    to->line_count = to->word_count = 0;
    for (uint32_t l = 0; l < page->line_count; l++) {
        struct page_line line = page->lines[l];
        const struct page_word *from = &page->words[line.first_word];
        if (kinds[l] != KEPT) {
            memcpy(&to->words[to->word_count], from, line.word_count * sizeof(*from));
            line.first_word = to->word_count;
            to->word_count += line.word_count;
            to->marks[to->line_count] = kinds[l] == WATERMARK;
            to->lines[to->line_count++] = line;
            continue;
        }
        memmove(&page->words[words], from, line.word_count * sizeof(*from));
        line.first_word = words;
        words += line.word_count;
        page->lines[lines++] = line;
    }
    page->line_count = lines;
    page->word_count = words;
}

bool
slanted_take(struct page *page, struct slanted *ret_slanted)
{
    struct slanted found;
    uint8_t *kinds = arena_array(page->arena, (size_t)page->line_count + 1, 1);

    *ret_slanted = (struct slanted){0};
    if (kinds == NULL)
        return false;
    if (!is_ours(page))
        return true;
    sort_lines(page, kinds);
    count_taken(page, kinds, &found);
    if (found.line_count == 0)
        return true;
    found.lines = arena_array(page->arena, found.line_count, sizeof(*found.lines));
    found.words = arena_array(page->arena, found.word_count, sizeof(*found.words));
    found.marks = arena_array(page->arena, found.line_count, sizeof(*found.marks));
    if (found.lines == NULL || found.words == NULL || found.marks == NULL)
        return false;
    take_out(page, kinds, &found);
    *ret_slanted = found;
    return true;
}

static float
mean_confidence(const struct page_word *words, uint32_t n)
{
    double sum = 0, weight = 0;

    for (uint32_t i = 0; i < n; i++) {
        double length = (double)strlen(words[i].text);
        sum += length * (double)words[i].confidence;
        weight += length;
    }
    return weight > 0 ? (float)(sum / weight) : 1;
}

static bool
put_line(struct page *page, const struct slanted *slanted, uint32_t index)
{
    const struct page_line *from = &slanted->lines[index];
    struct page_block *block = page_add_block(page);
    struct page_line *line = page_add_line(page);

    if (block == NULL || line == NULL)
        return false;
    *line = *from;
    line->first_word = page->word_count;
    for (uint32_t i = 0; i < from->word_count; i++) {
        struct page_word *word = page_add_word(page);
        if (word == NULL)
            return false;
        *word = slanted->words[from->first_word + i];
    }
    block->kind = slanted->marks[index] ? BLOCK_WATERMARK : BLOCK_PARAGRAPH;
    block->box = line->box;
    block->first_line = page->line_count - 1;
    block->line_count = 1;
    block->confidence = mean_confidence(&slanted->words[from->first_word], from->word_count);
    return true;
}

bool
slanted_put(struct page *page, const struct slanted *slanted)
{
    for (uint32_t l = 0; l < slanted->line_count; l++)
        if (!put_line(page, slanted, l))
            return false;
    return true;
}
