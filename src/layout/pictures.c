/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/pictures.c - what is written in pictures on a page that has text of its own.
 *
 * Labels of charts, photographs, logos are of no column and no table, and say nothing of how exact
 * the page's sizes are. A picture's lines are labels if they are short on the whole; running text
 * in a picture is text. Method: our own. */
#include "layout/layout_internal.h"

#include <string.h>

/* Of the page: smaller is ornament, larger is a scan. */
static const float least_share = 0.01f, most_share = 0.85f;

enum { LINE_WORDS = 3, LINES_MAX = 80 };

static bool
is_from_pixels(const struct page *page, const struct page_line *line)
{
    for (uint32_t i = 0; i < line->word_count; i++)
        if (page->words[line->first_word + i].witness != WITNESS_PIXELS)
            return false;
    return line->word_count > 0;
}

static bool
is_of(const struct page *page, const struct page_line *line, struct box picture)
{
    return box_holds_center(picture, line->box) && is_from_pixels(page, line);
}

static void
mark_labels(struct layout *layout, uint32_t region)
{
    const struct page *page = layout->page;
    struct box box = page->regions[region].box;
    uint32_t lines = 0, words = 0;

    for (uint32_t l = 0; l < page->line_count; l++) {
        if (!is_of(page, &page->lines[l], box))
            continue;
        lines++;
        words += page->lines[l].word_count;
    }
    if (lines == 0 || lines > LINES_MAX || words > lines * LINE_WORDS)
        return;
    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        for (uint32_t i = 0; is_of(page, line, box) && i < line->word_count; i++)
            layout->pictured[line->first_word + i] = region + 1;
    }
}

bool
pictures_find(struct layout *layout)
{
    const struct page *page = layout->page;

    if (!page->from_layer || !page->from_pixels)
        return true;
    layout->pictured = arena_array(layout->arena, page->word_count, sizeof(*layout->pictured));
    if (layout->pictured == NULL)
        return false;
    memset(layout->pictured, 0, page->word_count * sizeof(*layout->pictured));
    for (uint32_t r = 0; r < page->region_count; r++) {
        float share = box_area(page->regions[r].box) / (page->width * page->height + 1);
        if (page->regions[r].kind == REGION_PICTURE && share >= least_share && share <= most_share)
            mark_labels(layout, r);
    }
    return true;
}

/* The picture that all of the fragment stands in: 1 + its region; 0: none. */
static uint32_t
picture_of(const struct layout *layout, const struct frag *frag)
{
    const uint32_t *ids = layout->word_ids + frag->first_word;
    uint32_t picture = frag->word_count > 0 ? layout->pictured[ids[0]] : 0;

    for (uint32_t i = 1; i < frag->word_count; i++)
        if (layout->pictured[ids[i]] != picture)
            return 0;
    return picture;
}

uint32_t
pictures_part(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *scratch)
{
    uint32_t kept = 0, moved = 0;

    if (layout->pictured == NULL)
        return n;
    for (uint32_t i = 0; i < n; i++) {
        if (picture_of(layout, &layout->frags[ids[i]]) != 0)
            scratch[moved++] = ids[i];
        else
            ids[kept++] = ids[i];
    }
    if (moved > 0)
        memcpy(ids + kept, scratch, moved * sizeof(*ids));
    return kept;
}

uint32_t
pictures_next(const struct layout *layout, uint32_t *ids, uint32_t n)
{
    uint32_t picture = n > 0 ? picture_of(layout, &layout->frags[ids[0]]) : 0, count = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (picture_of(layout, &layout->frags[ids[i]]) != picture)
            continue;
        uint32_t id = ids[i];
        ids[i] = ids[count];
        ids[count++] = id;
    }
    return count;
}
