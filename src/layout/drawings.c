/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/drawings.c - charts and diagrams that the file draws, as figures that hold their labels.
 *
 * A region DRAWING is a figure unless its text is no figure's: running text, a table, or so much
 * that it fills it; then it is no drawing either. The longest run of blocks that stand in it, one
 * after the other, is the text of the figure, which takes their place, so that nothing changes its
 * order; other blocks in it are no headings or lists. Method: our own. */
#include "layout/blocks_internal.h"

#include <math.h>
#include <string.h>

/* Labels of axes stand beside the drawing, pt; so many words at most. */
static const float beside = 16;
enum { BESIDE_WORDS = 4 };

/* Running text: its words, and in each of its lines. */
enum { PROSE_WORDS = 25, PROSE_LINE = 6 };

/* What text and a table may cover of a drawing; what of a table lies in it. */
static const float text_most = 0.35F, table_most = 0.3F;

static bool
is_text(const struct page_block *block)
{
    return block->kind == BLOCK_PARAGRAPH || block->kind == BLOCK_HEADING ||
           block->kind == BLOCK_LIST_ITEM || block->kind == BLOCK_FORMULA ||
           block->kind == BLOCK_QUOTE || block->kind == BLOCK_CODE;
}

static uint32_t
count_words(const struct page *page, const struct page_block *block)
{
    uint32_t words = 0;

    for (uint32_t i = 0; i < block->line_count; i++)
        words += page->lines[block->first_line + i].word_count;
    return words;
}

/* Whether the block stands in the drawing, or is a short label beside it. */
static bool
is_inside(const struct page *page, const struct page_block *block, struct box box)
{
    struct box wide = {box.x0 - beside, box.y0 - beside, box.x1 + beside, box.y1 + beside};

    if (!is_text(block) || block->line_count == 0 || !box_contains(wide, block->box))
        return false;
    return box_holds_center(box, block->box) ||
           (block->kind == BLOCK_PARAGRAPH && count_words(page, block) <= BESIDE_WORDS);
}

static float
text_area(const struct page *page, const struct page_block *block)
{
    float area = 0;

    for (uint32_t i = 0; i < block->line_count; i++)
        area += box_area(page->lines[block->first_line + i].box);
    return area;
}

static bool
is_figure(const struct page *page, struct box box)
{
    float covered = 0;

    for (uint32_t i = 0; i < page->block_count; i++) {
        const struct page_block *block = &page->blocks[i];
        float common = box_area(box_cut(block->box, box));
        if (block->kind == BLOCK_FIGURE && common > text_most * box_area(box))
            return false; /* a picture with lines on it is a figure already */
        if (block->kind == BLOCK_TABLE &&
            common > table_most * fminf(box_area(box), box_area(block->box)))
            return false;
        if (!is_text(block) || block->line_count == 0 || !box_holds_center(box, block->box))
            continue;
        uint32_t words = count_words(page, block);
        if (words >= PROSE_WORDS && words >= PROSE_LINE * block->line_count)
            return false;
        covered += text_area(page, block);
    }
    return covered <= text_most * box_area(box);
}

/* The run of blocks in the drawing, each right behind the other, with most lines. */
static uint32_t
find_run(const struct page *page, struct box box, uint32_t *ret_first)
{
    uint32_t best = 0, best_lines = 0;

    for (uint32_t i = 0; i < page->block_count; i++) {
        uint32_t n = 0, lines = 0;
        while (i + n < page->block_count && is_inside(page, &page->blocks[i + n], box) &&
               page->blocks[i + n].first_line == page->blocks[i].first_line + lines)
            lines += page->blocks[i + n++].line_count;
        if (lines > best_lines) {
            best = n;
            best_lines = lines;
            *ret_first = i;
        }
        i += n > 0 ? n - 1 : 0;
    }
    return best;
}

/* What stands in a drawing heads nothing and lists nothing. */
static void
make_labels(struct page *page, struct box box)
{
    for (uint32_t i = 0; i < page->block_count; i++) {
        struct page_block *block = &page->blocks[i];
        if (!is_inside(page, block, box))
            continue;
        block->kind = BLOCK_PARAGRAPH;
        block->level = 0;
        block->ordered = false;
        block->continues = false;
        block->marker = "";
        block->skip_words = 0;
    }
}

/* The run becomes the text of the figure, which stands in its place. */
static void
take_run(struct page *page, uint32_t first, uint32_t n, struct page_block *figure)
{
    double sum = 0;

    figure->first_line = page->blocks[first].first_line;
    for (uint32_t i = first; i < first + n; i++) {
        const struct page_block *block = &page->blocks[i];
        sum += (double)block->confidence * block->line_count;
        figure->line_count += block->line_count;
        figure->box = box_union(figure->box, block->box);
    }
    figure->confidence = (float)(sum / figure->line_count);
    if (first > 0)
        page->blocks[first - 1].continues = false;
    page->blocks[first] = *figure;
    memmove(&page->blocks[first + 1], &page->blocks[first + n],
            (page->block_count - first - n) * sizeof(*figure));
    page->block_count -= n - 1;
}

static bool
write_figure(struct page *page, struct box box)
{
    uint32_t first = 0;

    make_labels(page, box);
    uint32_t n = find_run(page, box, &first);
    if (n == 0)
        return figures_add(page, box);
    struct page_block figure = {.kind = BLOCK_FIGURE, .box = box, .table = -1};
    figure.marker = figures_alt(page, box);
    take_run(page, first, n, &figure);
    return true;
}

bool
drawings_write(struct page *page)
{
    uint32_t kept = 0;
    bool ok = true;

    for (uint32_t i = 0; i < page->region_count; i++) {
        struct page_region region = page->regions[i];
        bool drawing = region.kind == REGION_DRAWING;
        if (drawing && !is_figure(page, region.box))
            continue;
        page->regions[kept++] = region;
        ok = ok && (!drawing || write_figure(page, region.box));
    }
    page->region_count = kept;
    return ok;
}
