/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/running.c - running heads and feet as one page tells them; bind.h finds more over pages.
 */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

enum { RUNNING_CHARACTERS = 140, TINY_CHARACTERS = 40 };

/* In body sizes or shares of the page. */
static const float margin_share = 0.085f;    /* where running heads and feet stand */
static const float said_share = 0.16f;       /* where the file may say that they do */
static const float number_top_share = 0.13f; /* where a page number alone may stand */
static const float number_foot_share = 0.5f; /* pages may end before the paper does */
static const float tiny_type = 0.75f; /* of the body's size: a foot that stands a little higher */

/* Plain text of a short block; false if it does not fit. */
static bool
short_text(const struct drafts *d, const struct draft *block, char *out, size_t size)
{
    size_t len = 0;

    for (uint32_t i = block->first; i < block->end; i++) {
        for (uint32_t k = 0; k < d->lines[i].words; k++) {
            const char *text = draft_word(d->layout, d->lines[i].item, k)->text;
            size_t n = strlen(text);
            if (n + 2 > size - len)
                return false;
            if (len > 0)
                out[len++] = ' ';
            memcpy(out + len, text, n);
            len += n;
        }
    }
    out[len] = '\0';
    return true;
}

/* Nothing else on the page stands above (or below) the block. */
static bool
is_outermost(const struct drafts *d, const struct draft *block, bool top)
{
    for (uint32_t i = 0; i < d->count; i++) {
        const struct draft *other = &d->blocks[i];
        if (other == block || other->kind == BLOCK_HEADER || other->kind == BLOCK_FOOTER)
            continue;
        float slack = 0.5f * block->size;
        if (top ? other->box.y0 < block->box.y0 - slack : other->box.y1 > block->box.y1 + slack)
            return false;
    }
    return true;
}

/* White space between the block and what is next to it, in its sizes. */
static float
space_beside(const struct drafts *d, const struct draft *block, bool top)
{
    float space = INFINITY;

    for (uint32_t i = 0; i < d->count; i++) {
        const struct draft *other = &d->blocks[i];
        if (other == block || other->kind == BLOCK_HEADER || other->kind == BLOCK_FOOTER)
            continue;
        float gap = top ? other->box.y0 - block->box.y1 : block->box.y0 - other->box.y1;
        /* What stands beside it in the same margin is no neighbour. */
        bool beside = other->box.y0 < block->box.y1 && other->box.y1 > block->box.y0;
        if (!beside && gap > -block->size)
            space = fminf(space, gap);
    }
    return space / fmaxf(block->size, 1);
}

/* "400 BRITISH HUSBANDRY. [Ch. XIX.": capitals of the body's size with a page number at an end,
 * which has two figures at least, as numbers of sections hardly have. */
static bool
is_running_title(const struct drafts *d, const struct draft *block, const struct text_line *line,
                 const char *last)
{
    uint32_t letters, capitals;
    const char *ends[] = {line->first_word, last};

    draft_count_letters(d, block, &letters, &capitals);
    if (line->bold || block->end - block->first != 1 || capitals * 3 < letters * 2 || letters < 4 ||
        block->size > 1.05f * d->layout->body_size || d->count < 4)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t digits = strspn(ends[i], "0123456789");
        if (digits >= 2 && digits <= 4 && ends[i][digits] == '\0')
            return true;
    }
    return false;
}

static bool
is_running(const struct drafts *d, const struct draft *block, bool top)
{
    float height = d->layout->page->height;
    float edge = top ? block->box.y1 : height - block->box.y0;
    char text[RUNNING_CHARACTERS + 20];

    if (block->role == ROLE_ARTIFACT && block->kind != BLOCK_TABLE && edge <= said_share * height)
        return d->count > 1;
    /* What the file says is an item is part of the text. */
    if (block->kind == BLOCK_TABLE || draft_head(d, block)->entry != 0 ||
        block->end - block->first > 2 || block->characters > RUNNING_CHARACTERS ||
        edge > (top ? number_top_share : number_foot_share) * height ||
        !short_text(d, block, text, sizeof(text)) || !is_outermost(d, block, top))
        return false;
    if (marker_is_page_number(text))
        return d->count > 1 &&
               space_beside(d, block, top) >= (edge > number_top_share * height ? 2.0f : 0.8f);
    if (edge > number_top_share * height || block->size > 1.1f * d->layout->body_size)
        return false;
    float space = space_beside(d, block, top);
    bool small = block->size < 0.92f * d->layout->body_size;
    /* A page number at either end of the line. */
    const struct text_line *line = draft_head(d, block);
    const char *last = draft_word(d->layout, line->item, line->words - 1)->text;
    bool numbered =
        line->words > 1 && (marker_is_page_number(line->first_word) || marker_is_page_number(last));
    if (is_running_title(d, block, line, last) && top)
        return true;
    if (edge > margin_share * height)
        return tiny_type * d->layout->body_size > block->size && block->end - block->first == 1 &&
               block->characters <= TINY_CHARACTERS && space >= 3.0f && d->count > 3;
    return space >= 1.0f && (numbered || small || block->italic || space >= 2.0f) && d->count > 3;
}

void
running_find(struct drafts *d)
{
    enum { MARGIN_BLOCKS = 8 };

    for (uint32_t round = 0; round < 3; round++) {
        bool found = false;
        for (uint32_t i = 0; i < d->count; i++) {
            struct draft *block = &d->blocks[i];
            if (i == MARGIN_BLOCKS && d->count > 2 * MARGIN_BLOCKS)
                i = d->count - MARGIN_BLOCKS, block = &d->blocks[i];
            if (block->kind == BLOCK_HEADER || block->kind == BLOCK_FOOTER ||
                block->kind == BLOCK_FORMULA)
                continue;
            if (is_running(d, block, true))
                block->kind = BLOCK_HEADER;
            else if (is_running(d, block, false))
                block->kind = BLOCK_FOOTER;
            else
                continue;
            found = true;
        }
        if (!found)
            break;
    }
}
