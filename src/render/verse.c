/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/verse.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

/* More is running text, whatever its lines begin with. */
enum { LINES_MAX = 12, LEADER_DOTS = 3, ENTRY_BYTES = 8 };

static const float room_sizes = 0.5f;    /* that must be free beside the next word */
static const float narrow_share = 0.62f; /* of the page's text: as wide as columns get */

/* What a sentence may have in its middle: a word in small letters, no address of the net. */
static bool
goes_on(const struct page_word *word)
{
    size_t len = strlen(word->text);

    return char_is_lower(chars_first(word->text, len)) && memchr(word->text, '@', len) == NULL &&
           memchr(word->text, '/', len) == NULL;
}

static bool
is_open(const struct page_word *word)
{
    size_t len = strlen(word->text);
    uint32_t c = chars_last(word->text, len);

    return c == '-' || c == 0xad || c == 0x2010;
}

/* Where there is room for text to the right of the block: up to what stands beside it, or as far as
 * any text goes, or to a margin as wide as the left one. */
static float
right_edge(const struct page *page, const struct page_block *block, float *ret_left)
{
    float edge = block->box.x1, beside = INFINITY;

    *ret_left = block->box.x0;
    for (uint32_t i = 0; i < page->block_count; i++) {
        struct box box = page->blocks[i].box;
        edge = fmaxf(edge, box.x1);
        *ret_left = fminf(*ret_left, box.x0);
        if (box.y0 < block->box.y1 && box.y1 > block->box.y0 && box.x0 >= block->box.x1)
            beside = fminf(beside, box.x0);
    }
    return fminf(fmaxf(edge, page->width - *ret_left), beside);
}

static bool
has_room(const struct page *page, const struct page_line *line, float free)
{
    const struct page_word *next = &page->words[line[1].first_word];
    float size = line->size > 0 ? line->size : box_height(line->box);

    return free - room_sizes * size > box_width(next->box);
}

/* Rows of a matrix have none. */
static bool
has_letters(const struct page *page, const struct page_line *line)
{
    for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++)
        if (char_is_letter(chars_first(page->words[i].text, strlen(page->words[i].text))))
            return true;
    return false;
}

/* Lines that end at one edge and do not begin at one, an address at the right of a letterhead say.
 * The first line of running text may be set in. */
static bool
is_flush_right(const struct page *page, const struct page_line *lines, uint32_t n)
{
    static const float edge_sizes = 0.3F, ragged_sizes = 1.5F;
    float left = INFINITY, right = -INFINITY, size = 0;
    bool ragged = false;

    for (uint32_t i = 0; i < n; i++) {
        left = fminf(left, lines[i].box.x0);
        right = fmaxf(right, lines[i].box.x1);
        size = fmaxf(size, lines[i].size > 0 ? lines[i].size : box_height(lines[i].box));
    }
    for (uint32_t i = 0; i < n; i++) {
        if (lines[i].box.x1 < right - edge_sizes * size || !has_letters(page, &lines[i]))
            return false;
        ragged |= i > 0 && lines[i].box.x0 > left + ragged_sizes * size;
    }
    return ragged;
}

bool
verse_is(const struct page *page, const struct page_block *block)
{
    const struct page_line *lines = page->lines + block->first_line;
    float width = 0, left;
    uint32_t inside = 0, outside = 0;

    if (block->kind != BLOCK_PARAGRAPH || block->continues || block->line_count < 2 ||
        block->line_count > LINES_MAX)
        return false;
    for (uint32_t i = 0; i < block->line_count; i++) {
        if (lines[i].word_count == 0 || lines[i].vertical || lines[i].right_to_left)
            return false;
        const struct page_word *first = &page->words[lines[i].first_word];
        if (i > 0 && (goes_on(first) || is_open(first - 1)))
            return false;
        width = fmaxf(width, box_width(lines[i].box));
    }
    float right = right_edge(page, block, &left);
    for (uint32_t i = 0; i + 1 < block->line_count; i++) {
        inside += has_room(page, &lines[i], width - box_width(lines[i].box));
        outside += has_room(page, &lines[i], right - lines[i].box.x1);
    }
    return inside > 0 || is_flush_right(page, lines, block->line_count) ||
           (outside + 1 == block->line_count && width < narrow_share * (right - left));
}

bool
verse_has_leader(const struct page *page, const struct page_line *line)
{
    size_t dots = 0;

    if (line->word_count < 2)
        return false;
    const struct page_word *words = page->words + line->first_word;
    const char *last = words[line->word_count - 1].text;
    if (strlen(last) > ENTRY_BYTES || strspn(last, ".") == strlen(last))
        return false;
    for (uint32_t i = line->word_count - 1; i-- > 0 && dots < LEADER_DOTS;) {
        size_t len = strlen(words[i].text), n = 0;
        while (n < len && words[i].text[len - 1 - n] == '.')
            n++;
        dots += n;
        if (n < len)
            break;
    }
    return dots >= LEADER_DOTS;
}
