/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/blanks.h"

#include <string.h>

/* What pixels gave ends at the ink: white at both ends of a word, of a letter's place. */
static const float pixels_white = 0.45f;

static float
white_of(const struct page_word *word)
{
    return word->witness == WITNESS_PIXELS ? pixels_white : 0;
}

static uint32_t
count_letters(const char *text)
{
    uint32_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

float
blanks_character(const struct page *page, const struct page_block *block)
{
    float width = 0, characters = 0;

    for (uint32_t i = 0; i < block->line_count; i++) {
        const struct page_line *line = &page->lines[block->first_line + i];
        for (uint32_t k = 0; k < line->word_count; k++) {
            const struct page_word *word = &page->words[line->first_word + k];
            width += box_width(word->box);
            characters += (float)count_letters(word->text) - white_of(word);
        }
    }
    return characters > 0 && width > 0 ? width / characters : 6;
}

uint32_t
blanks_before(const struct page_word *word, bool first, float left, float character)
{
    static const float gap_max = 120;
    float columns = (word->box.x0 - left) / character - (first ? 0 : white_of(word)) + 0.5f;
    uint32_t gap = columns < 0 ? 0 : (uint32_t)(columns > gap_max ? gap_max : columns);

    if (first)
        return gap;
    return word->glued ? 0 : gap == 0 ? 1 : gap;
}
