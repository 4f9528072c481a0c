/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/sizes.c - rows of recognition that ink of their neighbours made too high: a label of two
 * lines beside a figure at half of its height. Their words are no larger than those around. */
#include "layout/layout_internal.h"

#include "base/order.h"

enum { WORDS_LEAST = 4, LINES_LEAST = 4 };

static const float larger = 1.3f; /* than the page's lines: a row in doubt */
/* Middle height of a line's words, in sizes of the page's: those of larger type are higher
 * (capitals and letters with ascenders have 0.75 of their own size). */
static const float height_most = 0.95f;

/* The median size of the page's lines; 0: too few. scratch: [line_count]. */
static float
usual_size(const struct page *page, float *scratch)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < page->line_count; i++) {
        if (page->lines[i].word_count > 0)
            scratch[n++] = page->words[page->lines[i].first_word].size;
    }
    return n < LINES_LEAST ? 0 : order_median(scratch, n);
}

static float
middle_height(const struct page_word *words, uint32_t n, float *scratch)
{
    for (uint32_t i = 0; i < n; i++)
        scratch[i] = box_height(words[i].box);
    return order_median(scratch, n);
}

bool
sizes_settle(struct layout *layout)
{
    struct page *page = layout->page;
    float *scratch =
        arena_array(layout->arena, page->line_count + page->word_count, sizeof(*scratch));

    if (scratch == NULL)
        return false;
    float usual = usual_size(page, scratch);
    for (uint32_t i = 0; usual > 0 && i < page->line_count; i++) {
        const struct page_line *line = &page->lines[i];
        if (line->vertical || line->word_count < WORDS_LEAST ||
            line->first_word + line->word_count > page->word_count)
            continue;
        struct page_word *words = &page->words[line->first_word];
        if (words[0].size <= larger * usual ||
            middle_height(words, line->word_count, scratch) > height_most * usual)
            continue;
        for (uint32_t k = 0; k < line->word_count; k++)
            words[k].size = usual;
    }
    return true;
}
