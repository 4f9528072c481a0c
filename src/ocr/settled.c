/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/settled.h"

#include <math.h>

/* Each word of the earlier reading has to be this sure, and its line as long as the row but for
 * this share: rows put together otherwise are a reading of their own. */
static const float sure_least = 0.9F, alike_least = 0.9F;

/* Lines that share less of the lower one's height stand above or below. */
static const float beside_least = 0.5F;

static bool
is_sure(const struct page *page, const struct page_line *line)
{
    for (uint32_t i = 0; i < line->word_count; i++)
        if (page->words[line->first_word + i].confidence < sure_least)
            return false;
    return line->word_count > 0;
}

/* The line that alone stands there, if it is sure; else NULL. */
static const struct page_line *
find_sure(const struct page *page, uint32_t first_line, struct box row)
{
    const struct page_line *found = NULL;
    float shared = 0;

    for (uint32_t i = first_line; i < page->line_count; i++) {
        const struct page_line *line = &page->lines[i];
        float y = fminf(line->box.y1, row.y1) - fmaxf(line->box.y0, row.y0);
        float x = fminf(line->box.x1, row.x1) - fmaxf(line->box.x0, row.x0);
        if (x <= 0 || y <= beside_least * fminf(box_height(line->box), box_height(row)))
            continue;
        if (found != NULL)
            return NULL;
        found = line;
        shared = x;
    }
    bool settled = found != NULL && !found->vertical &&
                   shared >= alike_least * fmaxf(box_width(found->box), box_width(row)) &&
                   is_sure(page, found);
    return settled ? found : NULL;
}

/* Copies the line's words. */
static bool
take_words(const struct page *page, const struct page_line *line, const struct mapping *mapping,
           struct arena *arena, struct settled *ret)
{
    struct page_word *words = arena_array(arena, line->word_count, sizeof(*words));

    if (words == NULL)
        return false;
    for (uint32_t i = 0; i < line->word_count; i++) {
        words[i] = page->words[line->first_word + i];
        words[i].box = mapping_back(mapping, words[i].box);
        words[i].size /= mapping->factor;
        words[i].alt_count = 0;
    }
    *ret = (struct settled){words, line->word_count};
    return true;
}

struct settled *
settled_find(const struct page *page, uint32_t first_line, const struct mapping *mapping,
             const struct tess_rows *rows, struct arena *arena)
{
    struct settled *settled = arena_array(arena, rows->count + 1, sizeof(*settled));

    for (size_t i = 0; settled != NULL && i < rows->count; i++) {
        const struct tess_row *row = &rows->rows[i];
        const struct page_line *line =
            row->turn != 0 ? NULL : find_sure(page, first_line, mapping_box(mapping, row->box));
        settled[i] = (struct settled){0};
        if (line != NULL && !take_words(page, line, mapping, arena, &settled[i]))
            return NULL;
    }
    return settled;
}
