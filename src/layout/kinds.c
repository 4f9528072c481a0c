/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/kinds.c - what each block is: heading and its level, list nesting,
 * caption, running head or foot, footnote, code. Sizes are compared with the
 * page's own body size. */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

enum {
    HEADING_LINES = 4,
    HEADING_CHARACTERS = 220,
    BOLD_CHARACTERS = 120,
    LEVELS = 6,
    RUNNING_CHARACTERS = 140,
    NESTING = 6
};

/* In body sizes or shares of the page. */
static const float heading_size_exact = 1.14f, heading_size_pixels = 1.35f;
static const float footnote_size = 0.93f;
static const float margin_share = 0.085f;    /* where running heads and feet stand */
static const float number_top_share = 0.13f; /* where a page number alone may stand */
static const float number_foot_share = 0.5f; /* pages may end before the paper does */
static const float footnote_top_share = 0.5f;
static const float tiny_type = 0.75f; /* of the body's size: a foot that stands a little higher */
enum { TINY_CHARACTERS = 40 };

static const struct text_line *
head_of(const struct drafts *d, const struct draft *block)
{
    return &d->lines[block->first];
}

/* Letters of the block, and how many of them are capitals. */
static void
count_letters(const struct drafts *d, const struct draft *block, uint32_t *ret_letters,
              uint32_t *ret_capitals)
{
    *ret_letters = *ret_capitals = 0;
    for (uint32_t i = block->first; i < block->end; i++) {
        for (uint32_t k = 0; k < d->lines[i].words; k++) {
            const char *text = draft_word(d->layout, d->lines[i].item, k)->text;
            for (; *text != '\0'; text++) {
                uint32_t c = (unsigned char)*text;
                bool letter = c >= 0xc3 || char_is_letter(c);
                *ret_letters += letter;
                *ret_capitals += char_is_upper(c);
            }
        }
    }
}

static bool
ends_like_sentence(const struct drafts *d, const struct draft *block)
{
    uint32_t c = d->lines[block->end - 1].last_char;

    return c == '.' || c == ',' || c == ';' || c == ':';
}

/* Set apart from the block above by more than the lines of text are. */
static bool
stands_apart(const struct drafts *d, uint32_t i)
{
    if (i == 0)
        return true;
    const struct draft *block = &d->blocks[i];
    const struct text_line *a = &d->lines[d->blocks[i - 1].end - 1], *b = head_of(d, block);
    if (a->item->region != b->item->region)
        return true;
    return b->baseline - a->baseline > 1.15f * d->body_pitch * fmaxf(a->size, b->size);
}

/* A block of text that a heading could stand over. */
static bool
is_plain_text(const struct drafts *d, uint32_t i, uint32_t characters)
{
    return i < d->count && d->blocks[i].kind != BLOCK_TABLE && !d->blocks[i].bold &&
           d->blocks[i].characters > characters;
}

/* Size in which headings are told apart: their own, or a step above the body
 * for bold ones. 0: none. */
static float
heading_size(const struct drafts *d, uint32_t i)
{
    const struct draft *block = &d->blocks[i];
    float body = d->layout->body_size;
    float least = d->layout->exact ? heading_size_exact : heading_size_pixels;
    uint32_t letters, capitals;

    if (block->end - block->first > HEADING_LINES || block->characters > HEADING_CHARACTERS ||
        block->mono)
        return 0;
    count_letters(d, block, &letters, &capitals);
    if (letters < 3 || letters * 2 < block->characters)
        return 0;
    if (block->size >= least * body &&
        !(ends_like_sentence(d, block) && block->end - block->first > 2))
        return block->size;
    if (block->characters > BOLD_CHARACTERS || block->end - block->first > 2 ||
        ends_like_sentence(d, block) || !stands_apart(d, i) || block->size < 0.95f * body)
        return 0;
    /* Bold or capitals at the body's size: only if text follows in the same
     * column. */
    bool followed = is_plain_text(d, i + 1, block->characters) ||
                    (i + 1 < d->count && d->blocks[i + 1].bold && stands_apart(d, i + 1) &&
                     is_plain_text(d, i + 2, block->characters));
    if (!followed || !d->layout->exact)
        return 0;
    if (block->bold)
        return body * 1.02f;
    return capitals * 10 >= letters * 9 && letters >= 5 ? body * 1.01f : 0;
}

/* Ranks the sizes of the page's headings: the largest is level 1. */
static void
rank_headings(struct drafts *d)
{
    float ranks[LEVELS] = {0};
    uint32_t count = 0;

    for (;;) {
        float most = 0;
        for (uint32_t i = 0; i < d->count; i++) {
            const struct draft *block = &d->blocks[i];
            if (block->kind == BLOCK_HEADING &&
                (count == 0 || block->rank < ranks[count - 1] * 0.97f))
                most = fmaxf(most, block->rank);
        }
        if (most <= 0 || count == LEVELS)
            break;
        ranks[count++] = most;
    }
    for (uint32_t i = 0; i < d->count; i++) {
        struct draft *block = &d->blocks[i];
        uint32_t level = 0;
        if (block->kind != BLOCK_HEADING)
            continue;
        while (level + 1 < count && block->rank < ranks[level] * 0.97f)
            level++;
        block->level = (uint8_t)(level + 1);
    }
}

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

    count_letters(d, block, &letters, &capitals);
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

    if (block->kind == BLOCK_TABLE || block->end - block->first > 2 ||
        block->characters > RUNNING_CHARACTERS ||
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
    const struct text_line *line = head_of(d, block);
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

/* Outermost first, so that a second line of a head is seen once the first is
 * known. */
static void
find_running(struct drafts *d)
{
    enum { MARGIN_BLOCKS = 8 };

    for (uint32_t round = 0; round < 3; round++) {
        bool found = false;
        for (uint32_t i = 0; i < d->count; i++) {
            struct draft *block = &d->blocks[i];
            if (i == MARGIN_BLOCKS && d->count > 2 * MARGIN_BLOCKS)
                i = d->count - MARGIN_BLOCKS, block = &d->blocks[i];
            if (block->kind == BLOCK_HEADER || block->kind == BLOCK_FOOTER)
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

static bool
is_footnote(const struct drafts *d, const struct draft *block)
{
    const struct text_line *line = head_of(d, block);
    bool marked = line->raised || char_is_digit(line->first_char) || line->first_char == '*' ||
                  line->first_char == 0x2020 || line->first_char == 0x2021 ||
                  line->first_char == 0xb9 || line->first_char == 0xb2 || line->first_char == 0xb3;

    return marked && block->kind == BLOCK_PARAGRAPH && d->layout->exact &&
           block->size <= footnote_size * d->layout->body_size &&
           block->box.y0 > footnote_top_share * d->layout->page->height;
}

static bool
is_caption(const struct drafts *d, const struct draft *block)
{
    const struct text_line *line = head_of(d, block);

    if (block->kind == BLOCK_TABLE || block->end - block->first > 6 || line->words < 2)
        return false;
    const struct page_word *second = draft_word(d->layout, line->item, 1);
    const struct page_word *third = draft_word(d->layout, line->item, 2);
    return marker_is_caption(line->first_word, second->text, third == NULL ? NULL : third->text);
}

/* Depth of each item among the items around it, by where their markers stand.
 */
static void
nest_items(struct drafts *d)
{
    float lefts[NESTING];
    uint32_t depth = 0, region = UINT32_MAX;

    for (uint32_t i = 0; i < d->count; i++) {
        struct draft *block = &d->blocks[i];
        const struct text_line *line = head_of(d, block);
        if (block->kind != BLOCK_LIST_ITEM) {
            depth = block->kind == BLOCK_HEADER || block->kind == BLOCK_FOOTER ? depth : 0;
            continue;
        }
        if (line->item->region != region)
            depth = 0;
        region = line->item->region;
        /* Beside the last item, not below it: another one of its kind. */
        if (depth > 0 && i > 0 && d->blocks[i - 1].kind == BLOCK_LIST_ITEM &&
            line->box.x0 > d->blocks[i - 1].box.x0 &&
            line->baseline < head_of(d, &d->blocks[i - 1])->baseline + 0.5f * line->size)
            lefts[depth - 1] = line->box.x0;
        while (depth > 0 && line->box.x0 < lefts[depth - 1] - 0.5f * line->size)
            depth--;
        if (depth == 0 || (line->box.x0 > lefts[depth - 1] + 0.5f * line->size && depth < NESTING))
            lefts[depth++] = line->box.x0;
        block->level = (uint8_t)(depth - 1);
        block->ordered = line->marker.kind == MARKER_NUMBER;
    }
}

/* A paragraph cut by the end of its column, or by what stands between. */
static void
find_continued(struct drafts *d)
{
    struct draft *last = NULL;

    for (uint32_t i = 0; i < d->count; i++) {
        struct draft *block = &d->blocks[i];
        if (block->kind == BLOCK_HEADER || block->kind == BLOCK_FOOTER)
            continue;
        const struct text_line *line = head_of(d, block);
        if (last != NULL && last->kind == BLOCK_PARAGRAPH && block->kind == BLOCK_PARAGRAPH) {
            const struct text_line *end = &d->lines[last->end - 1];
            bool column = end->item->region != line->item->region;
            bool open = char_is_letter(end->last_char) || end->last_char == ',' ||
                        end->last_char == '-' || end->last_char == 0xad || end->last_char == 0x2010;
            float ratio = last->size / block->size;
            last->continues = column && open && char_is_lower(line->first_char) && end->words > 1 &&
                              ratio > 0.9f && ratio < 1.11f;
        }
        last = block;
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

void
kinds_assign(struct drafts *d)
{
    bool all_mono = is_all_mono(d);

    find_running(d);
    for (uint32_t i = 0; i < d->count; i++) {
        struct draft *block = &d->blocks[i];
        if (block->kind != BLOCK_PARAGRAPH && block->kind != BLOCK_LIST_ITEM)
            continue;
        float rank = heading_size(d, i);
        if (is_caption(d, block)) {
            block->kind = BLOCK_CAPTION;
        } else if (block->mono && !all_mono && block->end - block->first >= 2) {
            block->kind = BLOCK_CODE;
        } else if (rank > 0 && head_of(d, block)->marker.kind != MARKER_BULLET) {
            block->kind = BLOCK_HEADING;
            block->rank = rank;
        } else if (is_footnote(d, block)) {
            block->kind = BLOCK_FOOTNOTE;
        }
    }
    rank_headings(d);
    nest_items(d);
    find_continued(d);
}
