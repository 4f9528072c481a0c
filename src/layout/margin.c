/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "layout/margin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS_MAX = 3,
    NUMBERS_MAX = 400,
    BY_ONE_LEAST = 10,
    BY_FIVE_LEAST = 4,
    FIVE = 5,
    MISSED_MOST = 3
};

/* Of the type's size: white beside a number, how far numbers stand from below each other, a gap
 * that parts columns, and what is one line. */
static const float white_least = 0.8F, aligned_most = 0.7F, wide_gap = 2.2F, one_line = 0.5F;

/* Of the lines beside the numbers: those with wide gaps; those that are counted. Of the page's
 * words: those farther out than the numbers. */
static const float gaps_most = 0.2F, counted_least = 0.8F, outside_most = 0.02F;

struct number {
    uint32_t line, word; /* of the page */
    uint32_t value;
    struct box box;
    float size;
};

struct numbers {
    struct number items[NUMBERS_MAX];
    uint32_t count;
};

static float
middle(struct box box)
{
    return (box.y0 + box.y1) / 2;
}

static int
from_the_top(const void *a, const void *b)
{
    float left = middle(((const struct number *)a)->box);
    float right = middle(((const struct number *)b)->box);

    return left < right ? -1 : left > right;
}

static bool
is_number(const char *text, uint32_t *ret)
{
    size_t len = strspn(text, "0123456789");

    if (len == 0 || len > DIGITS_MAX || text[len] != '\0')
        return false;
    *ret = (uint32_t)strtoul(text, NULL, 10);
    return *ret > 0;
}

/* First words of lines, or last ones, that are numbers with white beside them. */
static void
gather(const struct page *page, bool right, struct numbers *ret)
{
    ret->count = 0;
    for (uint32_t l = 0; l < page->line_count && ret->count < NUMBERS_MAX; l++) {
        const struct page_line *line = &page->lines[l];
        if (line->word_count == 0 || line->vertical || line->right_to_left)
            continue;
        uint32_t at = line->first_word + (right ? line->word_count - 1 : 0);
        const struct page_word *word = &page->words[at];
        struct number n = {.line = l, .word = at, .box = word->box, .size = line->size};
        if (!is_number(word->text, &n.value))
            continue;
        if (line->word_count > 1) {
            struct box next = page->words[right ? at - 1 : at + 1].box;
            float gap = right ? word->box.x0 - next.x1 : next.x0 - word->box.x1;
            if (gap < white_least * line->size)
                continue;
        }
        ret->items[ret->count++] = n;
    }
    qsort(ret->items, ret->count, sizeof(*ret->items), from_the_top);
}

static bool
are_aligned(const struct number *a, const struct number *b)
{
    float most = aligned_most * fmaxf(a->size, b->size);

    return fabsf(a->box.x0 - b->box.x0) <= most || fabsf(a->box.x1 - b->box.x1) <= most;
}

/* Whether b may follow a in a run: so many steps more, as much farther down as one step is (0: not
 * known yet). A number or two between them may have been read wrongly. */
static bool
follows(const struct number *a, const struct number *b, uint32_t step, float pitch)
{
    if (b->value <= a->value || (b->value - a->value) % step != 0 || !are_aligned(a, b))
        return false;
    uint32_t steps = (b->value - a->value) / step;
    float down = middle(b->box) - middle(a->box);

    return steps == 1 ||
           (steps <= MISSED_MOST && pitch > 0 && fabsf(down - pitch * (float)steps) < 0.3F * pitch);
}

/* Keeps the longest run of numbers that go up by step, one below the other. */
static void
keep_run(struct numbers *n, uint32_t step)
{
    struct numbers best = {.count = 0};

    for (uint32_t i = 0; i < n->count; i++) {
        struct numbers run = {.count = 0};
        run.items[run.count++] = n->items[i];
        for (uint32_t k = i + 1; k < n->count; k++) {
            const struct number *last = &run.items[run.count - 1];
            float down = middle(last->box) - middle(run.items[0].box);
            float pitch =
                run.count < 2 ? 0 : down * (float)step / (float)(last->value - run.items[0].value);
            if (follows(last, &n->items[k], step, pitch))
                run.items[run.count++] = n->items[k];
        }
        if (run.count > best.count)
            best = run;
        if (best.count >= n->count - i)
            break;
    }
    *n = best;
}

static bool
is_one_of(const struct numbers *n, uint32_t word)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (n->items[i].word == word)
            return true;
    return false;
}

/* The text beside the numbers, as lines of it are wide and high. */
struct beside {
    uint32_t lines, gaps, counted, outside, words;
};

/* Whether one of the numbers stands at that height. */
static bool
has_number(const struct numbers *n, float y, float size)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (fabsf(middle(n->items[i].box) - y) <= one_line * size)
            return true;
    return false;
}

/* Widest gap between the words of the row at that height, the numbers aside; and whether an earlier
 * line of the page is of it already. */
static float
widest_gap(const struct page *page, const struct numbers *n, uint32_t line, bool *ret_first)
{
    float y = middle(page->lines[line].box), size = page->lines[line].size, widest = 0;
    float end = -1;

    *ret_first = true;
    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *other = &page->lines[l];
        if (other->vertical || fabsf(middle(other->box) - y) > one_line * size)
            continue;
        for (uint32_t w = other->first_word; w < other->first_word + other->word_count; w++) {
            struct box box = page->words[w].box;
            if (is_one_of(n, w))
                continue;
            *ret_first = *ret_first && l >= line;
            if (l == line && end >= 0 && w > other->first_word)
                widest = fmaxf(widest, box.x0 - end);
            if (l == line)
                end = box.x1;
            else if (l > line) /* another piece of the row */
                widest = fmaxf(widest, fmaxf(box.x0 - page->lines[line].box.x1,
                                             page->lines[line].box.x0 - box.x1));
        }
    }
    return widest;
}

static struct beside
look_beside(const struct page *page, const struct numbers *n, bool right)
{
    const struct number *first = &n->items[0], *last = &n->items[n->count - 1];
    struct beside b = {0};

    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        float y = middle(line->box);
        bool begins, others = false;
        if (line->vertical || y < first->box.y0 - first->size || y > last->box.y1 + last->size)
            continue;
        for (uint32_t w = line->first_word; w < line->first_word + line->word_count; w++) {
            if (is_one_of(n, w))
                continue;
            others = true;
            b.words++;
            b.outside += right ? page->words[w].box.x1 > first->box.x1
                               : page->words[w].box.x0 < first->box.x0;
        }
        if (!others)
            continue;
        float gap = widest_gap(page, n, l, &begins);
        if (!begins)
            continue;
        b.lines++;
        b.gaps += gap > wide_gap * line->size;
        b.counted += has_number(n, y, line->size);
    }
    return b;
}

static bool
counts_lines(const struct page *page, const struct numbers *n, uint32_t step, bool right)
{
    uint32_t least = step == 1 ? BY_ONE_LEAST : BY_FIVE_LEAST;

    if (n->count < least || (step != 1 && n->items[0].value % step != 0))
        return false;
    struct beside b = look_beside(page, n, right);
    if (b.lines == 0 || (float)b.gaps > gaps_most * (float)b.lines ||
        (float)b.outside > outside_most * (float)b.words)
        return false;
    if (step == 1)
        return (float)b.counted >= counted_least * (float)b.lines;
    float wanted = (float)(n->items[n->count - 1].value - n->items[0].value + 1);
    return (float)b.lines >= counted_least * wanted && (float)b.lines * counted_least <= wanted;
}

/* What stands in the numbers' column and is as short, is one that was read wrongly. */
static void
add_misread(const struct page *page, struct numbers *n, bool right)
{
    struct box column = n->items[0].box;
    uint32_t known = n->count;

    for (uint32_t i = 1; i < known; i++)
        column = box_union(column, n->items[i].box);
    for (uint32_t l = 0; l < page->line_count && n->count < NUMBERS_MAX; l++) {
        const struct page_line *line = &page->lines[l];
        if (line->word_count == 0 || line->vertical)
            continue;
        uint32_t at = line->first_word + (right ? line->word_count - 1 : 0);
        struct box box = page->words[at].box;
        float most = aligned_most * line->size;
        if (strlen(page->words[at].text) <= DIGITS_MAX && !is_one_of(n, at) &&
            box.x0 >= column.x0 - most && box.x1 <= column.x1 + most &&
            middle(box) > column.y0 - 2 * most && middle(box) < column.y1 + 2 * most)
            n->items[n->count++] =
                (struct number){.line = l, .word = at, .box = box, .size = line->size};
    }
    qsort(n->items, n->count, sizeof(*n->items), from_the_top);
}

static bool
find(const struct page *page, struct numbers *n)
{
    static const uint32_t steps[] = {1, FIVE};

    for (int side = 0; side < 2; side++)
        for (size_t s = 0; s < ARRAY_LEN(steps); s++) {
            gather(page, side == 1, n);
            keep_run(n, steps[s]);
            if (!counts_lines(page, n, steps[s], side == 1))
                continue;
            add_misread(page, n, side == 1);
            return true;
        }
    return false;
}

static bool
is_no_number(void *ctx, const struct page *page, uint32_t word)
{
    (void)page;
    return !is_one_of(ctx, word);
}

bool
margin_take(struct page *page, struct margin *ret_margin)
{
    struct numbers *n = arena_alloc(page->arena, sizeof(*n));

    *ret_margin = (struct margin){0};
    if (n == NULL)
        return false;
    if (!find(page, n))
        return true;
    ret_margin->words = arena_array(page->arena, n->count, sizeof(*ret_margin->words));
    if (ret_margin->words == NULL)
        return false;
    for (uint32_t i = 0; i < n->count; i++)
        ret_margin->words[ret_margin->count++] = page->words[n->items[i].word];
    page_keep_words(page, is_no_number, n);
    return true;
}

bool
margin_put(struct page *page, const struct margin *margin)
{
    if (margin->count == 0)
        return true;
    struct page_block *block = page_add_block(page);
    if (block == NULL)
        return false;
    block->kind = BLOCK_FOOTER;
    block->first_line = page->line_count;
    block->line_count = margin->count;
    for (uint32_t i = 0; i < margin->count; i++) {
        struct page_word *word = page_add_word(page);
        struct page_line *line = page_add_line(page);
        if (word == NULL || line == NULL)
            return false;
        *word = margin->words[i];
        *line = (struct page_line){.box = word->box,
                                   .baseline = word->box.y1,
                                   .size = word->size,
                                   .first_word = page->word_count - 1,
                                   .word_count = 1,
                                   .source = -1};
        block->box = i == 0 ? word->box : box_union(block->box, word->box);
        block->confidence = fminf(1, block->confidence + word->confidence / (float)margin->count);
    }
    return true;
}
