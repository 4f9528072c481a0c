/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/listing.c - whether a page is a listing of source code.
 *
 * All of it is in a typewriter's letters, few lines fill its width, and what programs are written
 * with and texts are not stands all over it. Such a page has no columns: its white space is part of
 * it. Method: our own. Fails on: listings of data (directories, logs), which are read as text. */
#include "layout/layout_internal.h"

#include <math.h>
#include <string.h>

enum { LINES_LEAST = 6 };

static const float mono_least = 0.95f;                   /* of the page's words */
static const float signs_least = 0.03f;                  /* of its characters */
static const float full_share = 0.85f, full_most = 0.3f; /* of its width, by a line; of its lines */

static bool
is_text_wide(const struct layout *layout)
{
    float x0 = INFINITY, x1 = -INFINITY;
    uint32_t full = 0;

    for (uint32_t i = 0; i < layout->page->line_count; i++) {
        x0 = fminf(x0, layout->page->lines[i].box.x0);
        x1 = fmaxf(x1, layout->page->lines[i].box.x1);
    }
    for (uint32_t i = 0; i < layout->page->line_count; i++)
        full += layout->page->lines[i].box.x1 - x0 >= full_share * (x1 - x0);
    return (float)full > full_most * (float)layout->page->line_count;
}

bool
listing_is(const struct layout *layout)
{
    const struct page *page = layout->page;
    uint32_t mono = 0;
    size_t signs = 0, all = 0;

    if (!layout->exact || page->line_count < LINES_LEAST || page->field_count > 0)
        return false;
    for (uint32_t i = 0; i < page->word_count; i++) {
        const struct page_word *word = &page->words[i];
        mono += (word->style & STYLE_MONO) != 0;
        for (const char *s = word->text; *s != '\0'; s++, all++)
            signs += strchr("{}();=<>[]_\\|&", *s) != NULL;
    }
    return (float)mono >= mono_least * (float)page->word_count &&
           (float)signs >= signs_least * (float)all && !is_text_wide(layout);
}
