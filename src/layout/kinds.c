/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/kinds.c - what each block is: list nesting, caption, footnote, code; headings.c and
 * running.c say the rest. Sizes are compared with the page's own body size. */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

enum { NESTING = 6 };

/* In body sizes or shares of the page. */
static const float footnote_size = 0.93f, footnote_top_share = 0.5f;

/* Of a page's text: that its tags call quotes, code, captions, formulas or notes. */
static const float said_most = 0.6f;

const struct text_line *
draft_head(const struct drafts *d, const struct draft *block)
{
    return &d->lines[block->first];
}

/* Nothing but small type stands below the block in its column. */
static bool
is_at_foot(const struct drafts *d, const struct draft *block)
{
    for (uint32_t i = 0; i < d->count; i++) {
        const struct draft *other = &d->blocks[i];
        bool beside = other->box.x1 < block->box.x0 || other->box.x0 > block->box.x1;
        if (!beside && other->kind != BLOCK_FOOTER && other->box.y0 > block->box.y1 &&
            (other->kind == BLOCK_TABLE || other->size > footnote_size * d->layout->body_size))
            return false;
    }
    return true;
}

static bool
is_footnote(const struct drafts *d, const struct draft *block)
{
    const struct text_line *line = draft_head(d, block);
    bool marked = line->raised || char_is_digit(line->first_char) || line->first_char == '*' ||
                  line->first_char == 0x2020 || line->first_char == 0x2021 ||
                  line->first_char == 0xb9 || line->first_char == 0xb2 || line->first_char == 0xb3;

    return marked && d->layout->exact && block->size <= footnote_size * d->layout->body_size &&
           block->box.y0 > footnote_top_share * d->layout->page->height &&
           (block->kind == BLOCK_PARAGRAPH || is_at_foot(d, block));
}

static bool
is_caption(const struct drafts *d, const struct draft *block)
{
    const struct text_line *line = draft_head(d, block);

    if (block->kind == BLOCK_TABLE || block->end - block->first > 6 || line->words < 2)
        return false;
    const struct page_word *second = draft_word(d->layout, line->item, 1);
    const struct page_word *third = draft_word(d->layout, line->item, 2);
    return marker_is_caption(line->first_word, second->text, third == NULL ? NULL : third->text);
}

/* Where the column of running text that a block stands in begins. */
static float
flow_left(const struct drafts *d, const struct draft *block)
{
    float left = INFINITY;

    for (uint32_t i = 0; i < d->line_count; i++)
        if (d->lines[i].item->kind == ITEM_LINE &&
            d->lines[i].item->flow == draft_head(d, block)->item->flow)
            left = fminf(left, d->lines[i].box.x0);
    return left;
}

/* The nesting so far: where the markers of each depth stand, from their column's left edge. */
struct nest {
    float lefts[NESTING];
    uint32_t depth;
    uint32_t flow; /* whose edge is known */
    float edge;
};

static void
nest_item(const struct drafts *d, struct nest *nest, uint32_t i)
{
    struct draft *block = &d->blocks[i];
    const struct text_line *line = draft_head(d, block);
    float x0 = line->box.x0 - nest->edge;

    if (nest->depth > 0 && i > 0 && d->blocks[i - 1].kind == BLOCK_LIST_ITEM) {
        const struct draft *last = &d->blocks[i - 1];
        /* Beside the last item, not below it: another one of its kind, or another list. */
        if (line->box.x0 > last->box.x1)
            nest->depth = 0;
        else if (line->box.x0 > last->box.x0 &&
                 line->baseline < draft_head(d, last)->baseline + 0.5f * line->size)
            nest->lefts[nest->depth - 1] = x0;
    }
    while (nest->depth > 0 && x0 < nest->lefts[nest->depth - 1] - 0.5f * line->size)
        nest->depth--;
    if (nest->depth == 0 ||
        (x0 > nest->lefts[nest->depth - 1] + 0.5f * line->size && nest->depth < NESTING))
        nest->lefts[nest->depth++] = x0;
    block->level = line->entry != 0 ? line->depth : (uint8_t)(nest->depth - 1);
    block->ordered = line->marker.kind == MARKER_NUMBER;
}

/* Depth of each item among the items around it, by where their markers stand in their columns. */
static void
nest_items(struct drafts *d)
{
    struct nest nest = {.flow = UINT32_MAX};

    for (uint32_t i = 0; i < d->count; i++) {
        struct draft *block = &d->blocks[i];
        const struct text_line *line = draft_head(d, block);
        if (block->kind == BLOCK_HEADER || block->kind == BLOCK_FOOTER)
            continue;
        if (line->item->kind == ITEM_LINE && line->item->flow != nest.flow) {
            nest.flow = line->item->flow;
            nest.edge = flow_left(d, block);
        }
        /* More of an item stands under its text. */
        if (block->kind == BLOCK_LIST_ITEM)
            nest_item(d, &nest, i);
        else if (block->kind == BLOCK_TABLE || nest.depth == 0 ||
                 line->box.x0 - nest.edge < nest.lefts[0] + 0.8f * line->size)
            nest.depth = 0;
    }
}

/* A paragraph cut by the end of its column, or by what stands between: a figure and its caption. */
static void
find_continued(struct drafts *d)
{
    struct draft *last = NULL;
    bool caption = false;

    for (uint32_t i = 0; i < d->count; i++) {
        struct draft *block = &d->blocks[i];
        if (block->kind == BLOCK_HEADER || block->kind == BLOCK_FOOTER)
            continue;
        if (block->kind == BLOCK_CAPTION) {
            caption = true;
            continue;
        }
        const struct text_line *line = draft_head(d, block);
        if (last != NULL && last->kind == BLOCK_PARAGRAPH && block->kind == BLOCK_PARAGRAPH) {
            const struct text_line *end = &d->lines[last->end - 1];
            bool column = caption || end->item->region != line->item->region;
            bool open = char_is_letter(end->last_char) || end->last_char == ',' ||
                        end->last_char == '-' || end->last_char == 0xad || end->last_char == 0x2010;
            float ratio = last->size / block->size;
            last->continues = column && open && char_is_lower(line->first_char) && end->words > 1 &&
                              ratio > 0.9f && ratio < 1.11f;
        }
        last = block;
        caption = false;
    }
}

/* Most of the page is set in it: then it says nothing about code. */
static bool
is_all_mono(const struct drafts *d)
{
    uint64_t mono = 0, all = 0;

    for (uint32_t i = 0; i < d->line_count; i++) {
        all += d->lines[i].characters;
        mono += d->lines[i].mono ? d->lines[i].characters : 0;
    }
    return mono * 2 > all;
}

/* Kinds that the file may say of blocks, unless of too much of the page to be true. */
static const struct {
    uint8_t role, kind;
} sayable[] = {{ROLE_QUOTE, BLOCK_QUOTE},
               {ROLE_CODE, BLOCK_CODE},
               {ROLE_CAPTION, BLOCK_CAPTION},
               {ROLE_FORMULA, BLOCK_FORMULA},
               {ROLE_NOTE, BLOCK_FOOTNOTE}};

static void
take_said(struct drafts *d)
{
    uint64_t all = 0, said[ARRAY_LEN(sayable)] = {0};

    for (uint32_t i = 0; i < d->count; i++) {
        all += d->blocks[i].characters;
        for (size_t k = 0; k < ARRAY_LEN(sayable); k++)
            said[k] += d->blocks[i].role == sayable[k].role ? d->blocks[i].characters : 0;
    }
    for (uint32_t i = 0; i < d->count; i++)
        for (size_t k = 0; k < ARRAY_LEN(sayable); k++)
            if (d->blocks[i].role == sayable[k].role && d->blocks[i].kind == BLOCK_PARAGRAPH &&
                (float)said[k] <= said_most * (float)all)
                d->blocks[i].kind = sayable[k].kind;
}

void
kinds_assign(struct drafts *d)
{
    bool all_mono = d->layout->exact && is_all_mono(d) && !d->layout->listing;

    running_find(d);
    take_said(d);
    bool said = headings_are_said(d);
    for (uint32_t i = 0; i < d->count; i++) {
        struct draft *block = &d->blocks[i];
        if (block->kind != BLOCK_PARAGRAPH && block->kind != BLOCK_LIST_ITEM)
            continue;
        if (block->kind == BLOCK_LIST_ITEM && draft_head(d, block)->begins &&
            block->role == ROLE_NONE)
            continue;
        float rank = headings_size(d, i, said, &block->said_level);
        if (is_caption(d, block)) {
            block->kind = BLOCK_CAPTION;
        } else if (block->mono && !all_mono && block->end - block->first >= 2) {
            block->kind = BLOCK_CODE;
        } else if (rank > 0 && draft_head(d, block)->marker.kind != MARKER_BULLET) {
            block->kind = BLOCK_HEADING;
            block->rank = rank;
        } else if (is_footnote(d, block)) {
            block->kind = BLOCK_FOOTNOTE;
        }
    }
    headings_level(d);
    formulas_find(d);
    quotes_find(d);
    nest_items(d);
    find_continued(d);
}
