/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/headings.c - which blocks are headings, and of which level: by what the file says of them
 * (word_role), where that is sound; else by size, bold and capitals. */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

enum { HEADING_LINES = 4, HEADING_CHARACTERS = 220, BOLD_CHARACTERS = 120, LEVELS = 6 };

/* In body sizes. */
static const float heading_size_exact = 1.14f, heading_size_pixels = 1.35f;
/* Sizes nearer than this are of one level. */
static const float same_rank = 0.97f;
/* A file that says heading of more of a page's text than this says nothing. */
static const float said_share_max = 0.4f;

void
draft_count_letters(const struct drafts *d, const struct draft *block, uint32_t *ret_letters,
                    uint32_t *ret_capitals)
{
    *ret_letters = *ret_capitals = 0;
    for (uint32_t i = block->first; i < block->end; i++) {
        for (uint32_t k = 0; k < d->lines[i].words; k++) {
            const char *text = draft_word(d->layout, d->lines[i].item, k)->text;
            for (; *text != '\0'; text++) {
                uint32_t c = (unsigned char)*text;
                bool letter = c >= 0xc3 || char_is_letter(c);
                *ret_letters += c >= 0xe3 && c <= 0xed ? 2 : letter; /* as characters are counted */
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
    const struct text_line *a = &d->lines[d->blocks[i - 1].end - 1], *b = draft_head(d, block);
    if (a->item->region != b->item->region)
        return true;
    /* Under a larger heading, its own size tells. */
    float size = a->size > 1.1f * b->size ? b->size : fmaxf(a->size, b->size);
    return b->baseline - a->baseline > 1.15f * d->body_pitch * size;
}

/* A block of text that a heading could stand over. */
static bool
is_plain_text(const struct drafts *d, uint32_t i, uint32_t characters)
{
    return i < d->count && d->blocks[i].kind != BLOCK_TABLE && !d->blocks[i].bold &&
           d->blocks[i].characters > characters;
}

static bool
is_long(const struct draft *block)
{
    return block->end - block->first > HEADING_LINES || block->characters > HEADING_CHARACTERS;
}

static bool
says_heading(const struct draft *block)
{
    return block->role >= ROLE_HEADING_1 && block->role < ROLE_HEADING_1 + LEVELS &&
           !is_long(block);
}

bool
headings_are_said(const struct drafts *d)
{
    uint64_t said = 0, all = 0;

    for (uint32_t i = 0; i < d->count; i++) {
        const struct draft *block = &d->blocks[i];
        all += block->characters;
        said += block->role >= ROLE_HEADING_1 && block->role < ROLE_HEADING_1 + LEVELS
                    ? block->characters
                    : 0;
    }
    return said > 0 && (float)said <= said_share_max * (float)all;
}

/* "2.1 Title", "2.1. Title": sections of sections are numbered so, and little else is. */
static bool
is_section(const struct drafts *d, const struct draft *block)
{
    const char *word = draft_head(d, block)->first_word;
    uint32_t parts = 0;

    while (char_is_digit((unsigned char)*word)) {
        word += strspn(word, "0123456789");
        parts++;
        word += *word == '.';
    }
    return parts >= 2 && parts <= 5 && *word == '\0' && draft_head(d, block)->words >= 2;
}

/* Text of its own is under it; at the foot of a column, bold type with space above tells. */
static bool
is_followed(const struct drafts *d, uint32_t i)
{
    const struct draft *block = &d->blocks[i];
    uint32_t next = i + 1;

    if (is_plain_text(d, next, block->characters) ||
        (next < d->count && d->blocks[next].bold && stands_apart(d, next) &&
         is_plain_text(d, next + 1, block->characters)))
        return true;
    while (next < d->count &&
           (d->blocks[next].kind == BLOCK_HEADER || d->blocks[next].kind == BLOCK_FOOTER))
        next++;
    return block->bold && is_section(d, block) && (next == d->count || !d->blocks[next].bold);
}

static float
size_of_heading(const struct drafts *d, uint32_t i)
{
    const struct draft *block = &d->blocks[i];
    float body = d->layout->body_size;
    float least = d->layout->exact ? heading_size_exact : heading_size_pixels;
    uint32_t letters, capitals;

    if (is_long(block) || block->mono || block->field)
        return 0;
    draft_count_letters(d, block, &letters, &capitals);
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
    if (!d->layout->exact || !is_followed(d, i))
        return 0;
    if (block->bold)
        return body * 1.02f;
    return capitals * 10 >= letters * 9 && letters >= 5 ? body * 1.01f : 0;
}

float
headings_size(const struct drafts *d, uint32_t i, bool said, uint8_t *ret_level)
{
    const struct draft *block = &d->blocks[i];
    uint32_t letters, capitals;

    *ret_level = 0;
    if (!said || !says_heading(block))
        return size_of_heading(d, i);
    draft_count_letters(d, block, &letters, &capitals);
    if (letters < 2)
        return 0;
    *ret_level = (uint8_t)(block->role - ROLE_HEADING_1 + 1);
    return block->size;
}

/* The level of a heading that only its size tells of, among those whose level is said: that of the
 * same size, else one below the smallest that is larger. 0: none is said. */
static uint8_t
level_beside(const struct drafts *d, float rank)
{
    uint8_t level = 0, highest = 0;
    float nearest = INFINITY;

    for (uint32_t i = 0; i < d->count; i++) {
        const struct draft *other = &d->blocks[i];
        if (other->kind != BLOCK_HEADING || other->said_level == 0)
            continue;
        if (highest == 0 || other->said_level < highest)
            highest = other->said_level;
        if (other->rank * same_rank <= rank && rank * same_rank <= other->rank)
            return other->said_level;
        if (other->rank > rank && other->rank < nearest) {
            nearest = other->rank;
            level = other->said_level < LEVELS ? other->said_level + 1 : LEVELS;
        }
    }
    return level > 0 ? level : highest > 1 ? highest - 1 : highest;
}

void
headings_level(struct drafts *d)
{
    float ranks[LEVELS] = {0};
    uint32_t count = 0;

    for (;;) {
        float most = 0;
        for (uint32_t i = 0; i < d->count; i++) {
            const struct draft *block = &d->blocks[i];
            if (block->kind == BLOCK_HEADING &&
                (count == 0 || block->rank < ranks[count - 1] * same_rank))
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
        while (level + 1 < count && block->rank < ranks[level] * same_rank)
            level++;
        uint8_t beside = block->said_level > 0 ? block->said_level : level_beside(d, block->rank);
        block->level = beside > 0 ? beside : (uint8_t)(level + 1);
        block->ordered = block->said_level > 0;
    }
}
