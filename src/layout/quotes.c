/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/quotes.c - quotations and formulas that stand by themselves: told by how they are set
 * against the column of text around them. */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* In sizes. Indents of a quotation; what pixels measured has to be clearer. */
static const float indent_least_exact = 1.0f, indent_least_pixels = 1.6f;
/* Of the column; and how far a line that goes on may end before the longest, in widths. */
static const float least_width = 0.5f, short_share = 0.3f;
/* Of the body's, from which on type is small. */
static const float small_size = 0.96f;
/* A page with a narrow column in the middle has other reasons for it. */
static const float indent_most = 9.0f;
/* A line in front of the text: how far off, and how much of the block's height it has. */
static const float bar_near = 2.6f, bar_share = 0.85f;
/* Most letters of the text of a formula stand alone, or are names of functions. */
static const float formula_share = 0.7f;
enum { QUOTE_CHARACTERS = 24, FORMULA_CHARACTERS = 140, FORMULA_LINES = 3 };

/* The column of running text that a block stands in. */
struct column {
    float left, right;
    uint32_t lines; /* that show it */
};

/* What says how wide the column is: lines of running text in the same flow, the block aside. */
static bool
shows_column(const struct drafts *d, const struct draft *block, const struct draft *other)
{
    return other != block && other->kind == BLOCK_PARAGRAPH && other->end - other->first >= 2 &&
           draft_head(d, other)->item->flow == draft_head(d, block)->item->flow &&
           other->box.x0 <= block->box.x0 + block->size &&
           other->box.x1 >= block->box.x1 - block->size && other->size >= 0.85f * block->size;
}

static struct column
column_of(const struct drafts *d, const struct draft *block)
{
    struct column column = {INFINITY, -INFINITY, 0};

    for (uint32_t i = 0; i < d->count; i++) {
        const struct draft *other = &d->blocks[i];
        if (!shows_column(d, block, other))
            continue;
        column.left = fminf(column.left, other->box.x0);
        column.right = fmaxf(column.right, other->box.x1);
        column.lines += other->end - other->first;
    }
    return column;
}

static bool
is_level_left(const struct drafts *d, const struct draft *block)
{
    uint32_t off = 0;

    for (uint32_t i = block->first + 1; i < block->end; i++)
        off += d->lines[i].box.x0 - block->box.x0 > 0.4f * block->size;
    return off == 0;
}

/* How many of the lines that go on ended though the next word had room before the column's edge. */
static uint32_t
lines_with_room(const struct drafts *d, const struct draft *block, float right)
{
    uint32_t count = 0;

    for (uint32_t i = block->first; i + 1 < block->end; i++) {
        const struct page_word *next = draft_word(d->layout, d->lines[i + 1].item, 0);
        count += d->lines[i].box.x1 + 0.35f * block->size + box_width(next->box) <
                 right - 0.3f * block->size;
    }
    return count;
}

/* All lines that go on end at one edge, as justified text does. */
static bool
is_flush(const struct drafts *d, const struct draft *block)
{
    for (uint32_t i = block->first; i + 1 < block->end; i++)
        if (d->lines[i].box.x1 < block->box.x1 - 0.3f * block->size)
            return false;
    return block->end - block->first >= 3;
}

/* Each line that goes on reaches well to the right. */
static bool
is_filled(const struct drafts *d, const struct draft *block)
{
    float least = block->box.x1 - short_share * box_width(block->box);

    for (uint32_t i = block->first; i + 1 < block->end; i++)
        if (d->lines[i].box.x1 < least)
            return false;
    return true;
}

/* A line drawn across that begins or ends at the bar: it is part of a grid. */
static bool
is_crossed(const struct page *page, struct box bar)
{
    for (uint32_t i = 0; i < page->region_count; i++) {
        struct box b = page->regions[i].box;
        if (page->regions[i].kind == REGION_RULE && box_width(b) > 4 * box_height(b) &&
            b.x0 < bar.x1 + 2 && b.x1 > bar.x0 - 2 && b.y0 < bar.y1 + 2 && b.y1 > bar.y0 - 2)
            return true;
    }
    return false;
}

/* A line drawn from top to bottom before the block, and none behind it, which would make a box. */
static bool
has_bar(const struct drafts *d, const struct draft *block)
{
    const struct page *page = d->layout->page;
    bool before = false, behind = false;

    for (uint32_t i = 0; i < page->region_count; i++) {
        struct box b = page->regions[i].box;
        float both = fminf(b.y1, block->box.y1) - fmaxf(b.y0, block->box.y0);
        if (page->regions[i].kind != REGION_RULE || box_height(b) < 4 * box_width(b) ||
            both < bar_share * box_height(block->box) || box_height(b) > 0.75f * page->height ||
            is_crossed(page, b))
            continue;
        float gap = block->box.x0 - b.x1;
        before = before || (gap > 0.1f * block->size && gap < bar_near * block->size);
        behind = behind || b.x0 > block->box.x1 - 0.5f * block->size;
    }
    return before && !behind;
}

static bool
is_text(const struct drafts *d, const struct draft *block)
{
    uint32_t letters, capitals;

    draft_count_letters(d, block, &letters, &capitals);
    return block->kind == BLOCK_PARAGRAPH && !block->bold && !block->mono &&
           block->characters >= QUOTE_CHARACTERS && letters * 10 >= block->characters * 6 &&
           block->size <= 1.06f * d->layout->body_size;
}

/* "Abstract" and the like stand over text that is set narrower and is no quotation. */
static bool
is_under_heading(const struct drafts *d, uint32_t i)
{
    const struct draft *block = &d->blocks[i];

    while (i > 0 &&
           (d->blocks[i - 1].kind == BLOCK_HEADER || d->blocks[i - 1].kind == BLOCK_FIGURE))
        i--;
    if (i == 0 || d->blocks[i - 1].kind == BLOCK_HEADING)
        return true;
    const struct draft *above = &d->blocks[i - 1];
    float middle = above->box.x0 + above->box.x1 - block->box.x0 - block->box.x1;
    bool centred =
        fabsf(middle) < 2 * block->size && box_width(above->box) < 0.5f * box_width(block->box);
    return above->end - above->first == 1 && above->kind == BLOCK_PARAGRAPH &&
           (above->bold || centred);
}

static bool
is_quote(const struct drafts *d, uint32_t i)
{
    const struct draft *block = &d->blocks[i];
    const struct column column = column_of(d, block);
    bool exact = d->layout->exact;
    float least = (exact ? indent_least_exact : indent_least_pixels) * block->size;
    float left = block->box.x0 - column.left, right = column.right - block->box.x1;
    uint32_t lines = block->end - block->first;

    if (!is_text(d, block) || column.lines < 2 || left < 0.6f * block->size ||
        left > indent_most * block->size)
        return false;
    if (has_bar(d, block))
        return true;
    if (left < least || !is_level_left(d, block) || is_under_heading(d, i))
        return false;
    if (exact && block->italic && lines >= 2)
        return true;
    if (lines < (exact ? 2 : 3) || right < 0.6f * left || right < least)
        return false;
    /* No address, no verse: lines of text, as long as a narrower column lets them be. */
    if (box_width(block->box) < least_width * (column.right - column.left))
        return false;
    if (!is_filled(d, block))
        return false;
    if (lines_with_room(d, block, column.right) > 0 || (exact && is_flush(d, block)))
        return true;
    /* Ragged lines of long words: the same white space on both sides, time and again, or in small
     * type. */
    bool small = exact && block->size < small_size * d->layout->body_size;
    return right < 1.6f * left && lines >= (small ? 3 : 5);
}

/* The block next to a quotation, in its indent and style, is more of it, also where one line says
 * little. */
static bool
is_more_of(const struct drafts *d, const struct draft *quote, const struct draft *block)
{
    return is_text(d, block) && fabsf(quote->box.x0 - block->box.x0) < 0.3f * block->size &&
           quote->italic == block->italic && quote->box.x1 >= block->box.x1 - block->size &&
           fmaxf(quote->size, block->size) < 1.05f * fminf(quote->size, block->size) &&
           draft_head(d, quote)->item->flow == draft_head(d, block)->item->flow;
}

void
quotes_find(struct drafts *d)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (is_quote(d, i))
            d->blocks[i].kind = BLOCK_QUOTE;
    for (uint32_t i = 1; i < d->count; i++)
        if (d->blocks[i - 1].kind == BLOCK_QUOTE && is_more_of(d, &d->blocks[i - 1], &d->blocks[i]))
            d->blocks[i].kind = BLOCK_QUOTE;
    for (uint32_t i = d->count; i > 1; i--)
        if (d->blocks[i - 1].kind == BLOCK_QUOTE &&
            is_more_of(d, &d->blocks[i - 1], &d->blocks[i - 2]))
            d->blocks[i - 2].kind = BLOCK_QUOTE;
}

/* --- formulas --- */

/* Signs that relate, or stand for operations that prose has no sign for. */
static bool
is_relation(uint32_t c)
{
    return c == '=' || c == '<' || c == '>' || (c >= 0x2190 && c <= 0x21ff) ||
           (c >= 0x2200 && c <= 0x22ff && c != 0x2212 && c != 0x2219 && c != 0x2215) ||
           (c >= 0x2a00 && c <= 0x2aff);
}

static bool
is_function(const char *s, size_t len)
{
    static const char *const names[] = {"sin", "cos", "tan",  "log", "ln",  "exp", "lim",
                                        "max", "min", "sup",  "inf", "det", "dim", "arg",
                                        "mod", "gcd", "rank", "and", "for", "if",  "where"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i]) == len && strncmp(s, names[i], len) == 0)
            return true;
    return false;
}

/* Letters in runs of three and more that are no function's name are words; the rest is formula. */
static void
weigh_word(const char *text, uint32_t *ret_words, uint32_t *ret_parts, uint32_t *ret_relations,
           uint32_t *ret_variables)
{
    const char *start = text;
    uint32_t run = 0;

    for (const char *at = text;; at++) {
        uint32_t c = (unsigned char)*at;
        if (char_is_letter(c) && c < 0x80) {
            start = run++ == 0 ? at : start;
            continue;
        }
        if (run > 2 && !is_function(start, run))
            *ret_words += run;
        else if (run > 0)
            ++*ret_variables;
        *ret_parts += run;
        run = 0;
        if (c == 0)
            return;
        if ((c & 0xc0) == 0x80)
            continue;
        uint32_t whole = chars_first(at, strlen(at));
        *ret_relations += is_relation(whole);
        *ret_variables += whole >= 0x391 && whole <= 0x3f5;
        ++*ret_parts;
    }
}

static bool
is_formula(const struct drafts *d, const struct draft *block)
{
    uint32_t words = 0, parts = 0, relations = 0, variables = 0;
    const struct column column = column_of(d, block);

    /* Its number may stand in front. */
    bool numbered = block->kind == BLOCK_LIST_ITEM && draft_head(d, block)->first_char == '(' &&
                    draft_head(d, block)->marker.kind == MARKER_NUMBER;
    if ((block->kind != BLOCK_PARAGRAPH && !numbered) || block->mono ||
        block->characters > FORMULA_CHARACTERS || block->end - block->first > FORMULA_LINES ||
        (column.lines >= 2 && block->box.x0 < column.left + block->size))
        return false;
    for (uint32_t i = block->first; i < block->end; i++)
        for (uint32_t k = 0; k < d->lines[i].words; k++)
            weigh_word(draft_word(d->layout, d->lines[i].item, k)->text, &words, &parts, &relations,
                       &variables);
    return relations > 0 && variables > 0 && (float)words <= (1 - formula_share) * (float)parts;
}

void
formulas_find(struct drafts *d)
{
    for (uint32_t i = 0; d->layout->exact && i < d->count; i++)
        if (is_formula(d, &d->blocks[i]))
            d->blocks[i].kind = BLOCK_FORMULA;
}
