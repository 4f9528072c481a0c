/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "layout/bind.h"

#include "base/distance.h"
#include "layout/bind_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How far from its edge a running head or foot lies at most, in heights of the page. */
static const float edge_share = 0.16F;
/* The same row on another page: its distance from the edge, in sizes (a layer), or in heights of
 * the page (paper on a scanner's glass is never laid down twice at the same place). */
static const float same_place_layer = 0.6F, same_place_pixels = 0.03F;
static const float same_size_layer = 1.12F, same_size_pixels = 1.35F;
/* A head larger than the text is a title, or a letter's own head. */
static const float head_size_most = 1.15F;
/* Of recognised text: letters that may be read otherwise. */
enum { UNLIKE_PERCENT = 20, UNLIKE_LETTERS = 8 };
/* With fewer rows on the page, a head without a number is taken for its text. */
enum { ROWS_LEAST = 3 };
/* Rows of a running head; more that come again are pages that are alike: copies, forms. */
enum { HEAD_ROWS = 3 };
/* A page number that goes up by one and little else in the row. */
enum { LONE_LETTERS = 12 };

static float
body_size(const struct page *page)
{
    enum { STEPS = 400 };
    float weights[STEPS] = {0}, most = 0;
    uint32_t best = 0;

    for (uint32_t i = 0; i < page->word_count; i++) {
        float size = page->words[i].size * 4;
        if (size > 0 && size < STEPS)
            weights[(uint32_t)size] += (float)strlen(page->words[i].text);
    }
    for (uint32_t i = 1; i + 1 < STEPS; i++) {
        float weight = weights[i - 1] + 2 * weights[i] + weights[i + 1];
        if (weight > most) {
            most = weight;
            best = i;
        }
    }
    return ((float)best + 0.5F) / 4;
}

enum err_code
bind_look(const struct page *page, struct arena *arena, struct bind_facts **ret, struct err *err)
{
    struct bind_facts *facts = arena_alloc(arena, sizeof(*facts));

    if (facts != NULL) {
        facts->index = page->index;
        facts->height = page->height;
        facts->body = body_size(page);
        facts->pixels = page->from_pixels && !page->from_layer;
    }
    if (facts == NULL || !bind_find_rows(page, arena, facts))
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    *ret = facts;
    return ERR_OK;
}

/* --- running heads --- */

static bool
same_text(const struct bind_row *a, const struct bind_row *b, bool pixels)
{
    size_t length = strlen(a->text) > strlen(b->text) ? strlen(a->text) : strlen(b->text);
    int most = (int)(length * UNLIKE_PERCENT / 100);

    if (a->letters < 3 || b->letters < 3)
        return false;
    if (strcmp(a->text, b->text) == 0)
        return true;
    return pixels && length >= UNLIKE_LETTERS && distance_edits(a->text, b->text, most) <= most;
}

/* Each number is the same, or goes with the pages. ret_counts: one does the latter. */
static bool
numbers_fit(const struct bind_row *a, const struct bind_row *b, int32_t pages, bool *ret_counts)
{
    bool fit = a->numbers == b->numbers && a->numbers <= ROW_NUMBERS;

    *ret_counts = false;
    for (uint32_t i = 0; fit && i < a->numbers; i++) {
        int32_t by = a->number[i] - b->number[i];
        fit = by == 0 || by == pages;
        *ret_counts = *ret_counts || by == pages;
    }
    return fit;
}

static bool
same_place(const struct bind_facts *page, const struct bind_row *a, const struct bind_row *b,
           bool pixels)
{
    float far = pixels ? same_place_pixels * page->height : same_place_layer * a->size + 1;
    float size = pixels ? same_size_pixels : same_size_layer;

    return fabsf(a->y - b->y) <= far && fmaxf(a->size, b->size) <= size * fminf(a->size, b->size);
}

/* How the row of a page comes again as that of another. */
enum again { AGAIN_NOT, AGAIN_SAME, AGAIN_COUNTS /* with a number that goes with the pages */ };

static enum again
comes_again(const struct bind_facts *page, const struct bind_row *a, const struct bind_facts *other,
            const struct bind_row *b)
{
    bool pixels = page->pixels || other->pixels, counts;
    int32_t pages = (int32_t)page->index - (int32_t)other->index;

    if (!same_place(page, a, b, pixels))
        return AGAIN_NOT;
    bool fit = numbers_fit(a, b, pages, &counts);
    if (a->lone_number && b->lone_number)
        return fit && counts ? AGAIN_COUNTS : AGAIN_NOT;
    if (a->apart >= 0 && b->apart >= 0 && a->apart - b->apart == pages)
        return AGAIN_COUNTS;
    if (!same_text(a, b, pixels) || a->size > head_size_most * fmaxf(page->body, other->body) ||
        (!fit && !pixels))
        return AGAIN_NOT;
    if (counts && fit && (page->index > 0 || a->letters <= LONE_LETTERS))
        return AGAIN_COUNTS;
    /* The first page has the title, or the letter's head, which may come again without being one.
     */
    bool first = page->index == 0 || other->index == 0;
    return !first && page->row_count[EDGE_TOP] >= ROWS_LEAST ? AGAIN_SAME : AGAIN_NOT;
}

static enum again
find_again(struct bind_facts *const around[BIND_AROUND], int edge, const struct bind_row *row)
{
    enum again best = AGAIN_NOT;

    for (int i = 0; i < BIND_AROUND && !row->odd; i++) {
        const struct bind_facts *other = around[i];
        if (i == BIND_NEAR || other == NULL)
            continue;
        for (uint32_t k = 0; k < other->row_count[edge]; k++) {
            const struct bind_row *its = &other->rows[edge][k];
            enum again again =
                its->odd ? AGAIN_NOT : comes_again(around[BIND_NEAR], row, other, its);
            best = again > best ? again : best;
        }
    }
    return best;
}

/* --- marking them --- */

static uint32_t
block_of(const struct page *page, uint32_t line)
{
    uint32_t i = 0;

    while (i < page->block_count &&
           (page->blocks[i].kind == BLOCK_TABLE || line < page->blocks[i].first_line ||
            line - page->blocks[i].first_line >= page->blocks[i].line_count))
        i++;
    return i;
}

static bool
is_marked(const struct page *page, uint32_t line)
{
    uint32_t i = block_of(page, line);

    return i < page->block_count && block_is_furniture(page->blocks[i].kind);
}

static void
enclose_lines(const struct page *page, struct page_block *block)
{
    block->box = page->lines[block->first_line].box;
    for (uint32_t i = 1; i < block->line_count; i++)
        block->box = box_union(block->box, page->lines[block->first_line + i].box);
}

/* A block more at index: what is tied over it is farther apart. */
static void
part_captions(struct page *page, uint32_t index)
{
    for (uint32_t i = 0; i < page->block_count; i++) {
        struct page_block *block = &page->blocks[i];
        int64_t caption = (int64_t)i + block->caption;
        if (block->caption > 0 && i < index && caption >= index)
            block->caption++;
        else if (block->caption < 0 && i > index && caption <= index)
            block->caption--;
    }
}

/* What turned out to be no caption is nobody's. */
static void
untie(struct page *page, uint32_t index)
{
    for (uint32_t i = 0; i < page->block_count; i++)
        if (page->blocks[i].caption != 0 && (int64_t)i + page->blocks[i].caption == index)
            page->blocks[i].caption = 0;
}

/* The block ends before its line; what follows is a block like it. */
static bool
split_block(struct page *page, uint32_t index, uint32_t line)
{
    part_captions(page, index);
    struct page_block *added = page_add_block(page);
    if (added == NULL)
        return false;
    memmove(&page->blocks[index + 1], &page->blocks[index],
            (page->block_count - 1 - index) * sizeof(*added));
    struct page_block *before = &page->blocks[index], *after = before + 1;
    after->line_count -= line - before->first_line;
    before->line_count = line - before->first_line;
    after->first_line = line;
    after->skip_words = 0;
    after->marker = "";
    before->continues = false;
    if (after->kind == BLOCK_LIST_ITEM) {
        after->kind = BLOCK_PARAGRAPH;
        after->level = 0;
        after->ordered = false;
    }
    enclose_lines(page, before);
    enclose_lines(page, after);
    return true;
}

/* A block of its own for the line. */
static bool
mark_line(struct page *page, uint32_t line, uint8_t kind)
{
    uint32_t i = block_of(page, line);

    if (i == page->block_count || page->blocks[i].kind == kind)
        return true;
    if (line > page->blocks[i].first_line) {
        if (!split_block(page, i, line))
            return false;
        i++;
    }
    if (page->blocks[i].line_count > 1 && !split_block(page, i, line + 1))
        return false;
    struct page_block *block = &page->blocks[i];
    if (block->kind == BLOCK_CAPTION)
        untie(page, i);
    block->kind = kind;
    block->level = 0;
    block->ordered = block->continues = false;
    block->marker = "";
    block->skip_words = 0;
    return true;
}

static bool
is_row_marked(const struct page *page, const struct bind_row *row)
{
    bool marked = row->line_count > 0;

    for (uint32_t i = 0; i < row->line_count; i++)
        marked = marked && is_marked(page, row->lines[i]);
    return marked;
}

/* Rows from the edge inwards that are running ones, or are found again; *ret_alike: more of these
 * than a head has, so that it is the pages that are alike. */
static uint32_t
count_rows(const struct page *page, struct bind_facts *const around[BIND_AROUND], int edge,
           bool *ret_alike)
{
    const struct bind_facts *facts = around[BIND_NEAR];
    uint32_t count = 0, again = 0;

    while (count < facts->row_count[edge]) {
        const struct bind_row *row = &facts->rows[edge][count];
        bool found = find_again(around, edge, row) != AGAIN_NOT;
        if (!found && !is_row_marked(page, row))
            break;
        again += found;
        count++;
    }
    *ret_alike = again > HEAD_ROWS;
    return count;
}

static bool
mark_edge(struct page *page, struct bind_facts *const around[BIND_AROUND], int edge,
          bool *ret_changed)
{
    const struct bind_facts *facts = around[BIND_NEAR];
    uint8_t kind = edge == EDGE_TOP ? BLOCK_HEADER : BLOCK_FOOTER;
    bool alike, all = facts->row_count[EDGE_TOP] == 1; /* all that the page says */
    uint32_t count = count_rows(page, around, edge, &alike);

    for (uint32_t r = 0; r < count; r++) {
        const struct bind_row *row = &facts->rows[edge][r];
        if (is_row_marked(page, row))
            continue;
        if (row->y > edge_share * page->height || (all && !row->lone_number) ||
            (alike && find_again(around, edge, row) != AGAIN_COUNTS))
            return true;
        for (uint32_t i = 0; i < row->line_count; i++)
            if (!is_marked(page, row->lines[i]) && !mark_line(page, row->lines[i], kind))
                return false;
        *ret_changed = true;
    }
    return true;
}

enum err_code
bind_heads(struct page *page, struct bind_facts *const around[BIND_AROUND], bool *ret_changed,
           struct err *err)
{
    for (int edge = 0; edge < EDGES; edge++)
        if (!mark_edge(page, around, edge, ret_changed))
            return err_set(err, ERR_LIMIT, "page %u has too many blocks", page->index + 1);
    return ERR_OK;
}
