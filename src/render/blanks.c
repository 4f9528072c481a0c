/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/blanks.h"

#include <string.h>

float
blanks_character(const struct page *page, const struct page_block *block)
{
    float width = 0;
    size_t characters = 0;

    for (uint32_t i = 0; i < block->line_count; i++) {
        const struct page_line *line = &page->lines[block->first_line + i];
        for (uint32_t k = 0; k < line->word_count; k++) {
            width += box_width(page->words[line->first_word + k].box);
            characters += strlen(page->words[line->first_word + k].text);
        }
    }
    return characters > 0 && width > 0 ? width / (float)characters : 6;
}

uint32_t
blanks_before(const struct page_word *word, bool first, float left, float character)
{
    static const float gap_max = 120;
    float columns = (word->box.x0 - left) / character + 0.5f;
    uint32_t gap = columns < 0 ? 0 : (uint32_t)(columns > gap_max ? gap_max : columns);

    if (first)
        return gap;
    return word->glued ? 0 : gap == 0 ? 1 : gap;
}
