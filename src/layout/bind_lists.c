/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lists that go on from one page to the next: the depth of their items. */
#include "layout/bind_internal.h"

#include <math.h>

/* Markers at one depth stand nearer than this, in sizes. */
static const float same_left = 0.7F;

enum { DEPTHS = 8 };

/* Where markers of each depth stand, from the left edge of their column; NAN: not known. */
struct depths {
    float lefts[DEPTHS];
    uint32_t deepest;
};

static bool
is_aside(const struct page_block *block)
{
    return block_is_furniture(block->kind) || block->kind == BLOCK_FIGURE ||
           block->kind == BLOCK_FOOTNOTE;
}

/* Left edge of the text that stands in the item's column. */
static float
column_left(const struct page *page, const struct page_block *item)
{
    float left = item->box.x0;

    for (uint32_t i = 0; i < page->block_count; i++) {
        const struct page_block *block = &page->blocks[i];
        float both = fminf(block->box.x1, item->box.x1) - fmaxf(block->box.x0, item->box.x0);
        if ((block->kind == BLOCK_PARAGRAPH || block->kind == BLOCK_LIST_ITEM) &&
            both > 0.5F * box_width(item->box) && block->line_count > 1)
            left = fminf(left, block->box.x0);
    }
    return left;
}

static float
size_of(const struct page *page, const struct page_block *block)
{
    return block->line_count > 0 ? page->lines[block->first_line].size : 0;
}

/* The list at the end of a page; false: it ends otherwise. */
static bool
read_last_list(const struct page *page, struct depths *ret)
{
    bool any = false;

    for (uint32_t k = 0; k < DEPTHS; k++)
        ret->lefts[k] = NAN;
    ret->deepest = 0;
    for (uint32_t i = page->block_count; i > 0; i--) {
        const struct page_block *block = &page->blocks[i - 1];
        if (is_aside(block))
            continue;
        if (block->kind != BLOCK_LIST_ITEM)
            break;
        if (!any)
            ret->deepest = block->level < DEPTHS ? block->level : DEPTHS - 1;
        any = true;
        /* The last one of a depth tells; deeper ones before a shallower one have ended. */
        if (block->level <= ret->deepest && isnan(ret->lefts[block->level]))
            ret->lefts[block->level] = block->box.x0 - column_left(page, block);
        if (block->level == 0)
            break;
    }
    return any && !isnan(ret->lefts[0]);
}

/* The depth of an item that stands there. */
static uint32_t
depth_at(const struct depths *depths, float left, float size)
{
    for (uint32_t k = 0; k <= depths->deepest; k++)
        if (!isnan(depths->lefts[k]) && fabsf(depths->lefts[k] - left) < same_left * size)
            return k;
    for (uint32_t k = depths->deepest + 1; k > 0; k--)
        if (!isnan(depths->lefts[k - 1]) && depths->lefts[k - 1] < left)
            return k < DEPTHS ? k : DEPTHS - 1;
    return 0;
}

void
bind_lists(const struct page *before, struct page *after, bool *ret_changed)
{
    struct depths depths;
    bool first = true, any = false;

    if (!read_last_list(before, &depths))
        return;
    for (uint32_t i = 0; i < after->block_count; i++) {
        struct page_block *block = &after->blocks[i];
        if (is_aside(block))
            continue;
        /* The rest of the last item may come first. */
        if (block->kind == BLOCK_PARAGRAPH && first) {
            first = false;
            continue;
        }
        if (block->kind != BLOCK_LIST_ITEM)
            return;
        /* The look of a page alone never puts its first item deep: the file says so. */
        if (!any && block->level > 0)
            return;
        any = true;
        first = false;
        float left = block->box.x0 - column_left(after, block);
        uint32_t depth = depth_at(&depths, left, size_of(after, block));
        depths.lefts[depth] = left;
        depths.deepest = depth;
        if (depth == block->level)
            continue;
        block->level = (uint8_t)depth;
        *ret_changed = true;
    }
}
