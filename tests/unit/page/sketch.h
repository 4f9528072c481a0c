/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Pages drawn by hand for the tests of render and layout: words of a fixed-width font. */
#pragma once

#include "page/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Width of a character in font sizes. */
static const float sketch_advance = 0.5f;

static inline struct page_word *
sketch_word(struct page *page, float x, float baseline, float size, uint8_t style, const char *text,
            size_t len)
{
    struct page_word *word = page_add_word(page);
    size_t characters = 0;

    assert_non_null(word);
    for (size_t i = 0; i < len; i++)
        characters += ((unsigned char)text[i] & 0xc0) != 0x80;
    word->text = arena_strndup(page->arena, text, len);
    assert_non_null(word->text);
    word->box =
        (struct box){x, baseline - 0.75f * size, x + sketch_advance * size * (float)characters,
                     baseline + 0.25f * size};
    word->size = size;
    word->style = style;
    word->confidence = 1;
    return word;
}

/* Makes the words from `first` on one line. */
static inline uint32_t
sketch_close_line(struct page *page, uint32_t first)
{
    struct page_line *line = page_add_line(page);

    assert_non_null(line);
    line->first_word = first;
    line->word_count = page->word_count - first;
    line->box = page->words[first].box;
    line->size = page->words[first].size;
    line->baseline = line->box.y0 + 0.75f * line->size;
    for (uint32_t i = first; i < page->word_count; i++)
        line->box = box_union(line->box, page->words[i].box);
    return page->line_count - 1;
}

/* One line; blanks part words, and each blank moves one character on. Returns its index. */
static inline uint32_t
sketch_line(struct page *page, float x, float baseline, float size, uint8_t style, const char *text)
{
    uint32_t first = page->word_count;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (len > 0) {
            struct page_word *word = sketch_word(page, x, baseline, size, style, text, len);
            x = word->box.x1;
            text += len;
        }
        for (; *text == ' '; text++)
            x += sketch_advance * size;
    }
    return sketch_close_line(page, first);
}

/* A block of the lines from first_line on. */
static inline struct page_block *
sketch_block(struct page *page, enum block_kind kind, uint32_t first_line)
{
    struct page_block *block = page_add_block(page);

    assert_non_null(block);
    block->kind = (uint8_t)kind;
    block->level = kind == BLOCK_HEADING;
    block->first_line = first_line;
    block->line_count = page->line_count - first_line;
    block->confidence = 1;
    for (uint32_t i = first_line; i < page->line_count; i++)
        block->box =
            i == first_line ? page->lines[i].box : box_union(block->box, page->lines[i].box);
    return block;
}
