/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "layout/slanted.h"

#include <string.h>

static bool
is_whole(const struct page *page, const struct page_line *line)
{
    return line->word_count > 0 && line->first_word <= page->word_count &&
           line->word_count <= page->word_count - line->first_word;
}

static bool
is_set_aside(const struct page *page, const struct page_line *line)
{
    return line->slanted && is_whole(page, line);
}

/* How many lines and words would be taken; none where most words of the page lean. */
static void
count_slanted(const struct page *page, struct slanted *ret)
{
    uint32_t next = 0;

    *ret = (struct slanted){0};
    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        if (!is_whole(page, line) || line->first_word < next) {
            *ret = (struct slanted){0}; /* lines that share words: not a page of ours */
            return;
        }
        next = line->first_word + line->word_count;
        ret->line_count += line->slanted;
        ret->word_count += line->slanted ? line->word_count : 0;
    }
    if (ret->word_count * 2 > page->word_count)
        *ret = (struct slanted){0};
}

static void
take_out(struct page *page, struct slanted *to)
{
    uint32_t lines = 0, words = 0;

    to->line_count = to->word_count = 0;
    for (uint32_t l = 0; l < page->line_count; l++) {
        struct page_line line = page->lines[l];
        const struct page_word *from = &page->words[line.first_word];
        if (is_set_aside(page, &line)) {
            memcpy(&to->words[to->word_count], from, line.word_count * sizeof(*from));
            line.first_word = to->word_count;
            to->word_count += line.word_count;
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

    count_slanted(page, &found);
    *ret_slanted = (struct slanted){0};
    if (found.line_count == 0)
        return true;
    found.lines = arena_array(page->arena, found.line_count, sizeof(*found.lines));
    found.words = arena_array(page->arena, found.word_count, sizeof(*found.words));
    if (found.lines == NULL || found.words == NULL)
        return false;
    take_out(page, &found);
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
put_line(struct page *page, const struct slanted *slanted, const struct page_line *from)
{
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
    block->kind = BLOCK_PARAGRAPH;
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
        if (!put_line(page, slanted, &slanted->lines[l]))
            return false;
    return true;
}
