/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/write.c - the page's arrays written anew in reading order, with its blocks. */
#include "layout/blocks_internal.h"

#include <math.h>
#include <string.h>

/* The page's arrays in the making. */
struct rewrite {
    struct layout *layout;
    struct page_word *words;
    struct page_line *lines;
    uint32_t word_count, line_count;
};

static void
copy_line(struct rewrite *r, uint32_t first, uint32_t count)
{
    const struct layout *layout = r->layout;
    struct page_line *line = &r->lines[r->line_count++];
    const struct frag *head = &layout->frags[layout->sequence[first]];
    float size = 0;
    uint32_t characters = 0;

    *line = (struct page_line){.box = head->box,
                               .baseline = head->baseline + layout->tilt * head->box.x0,
                               .first_word = r->word_count,
                               .source = head->source,
                               .vertical = head->vertical,
                               .right_to_left = head->right_to_left};
    for (uint32_t i = 0; i < count; i++) {
        const struct frag *frag = &layout->frags[layout->sequence[first + i]];
        line->box = box_union(line->box, frag->box);
        size += frag->size * (float)frag->characters;
        characters += frag->characters;
        for (uint32_t k = 0; k < frag->word_count; k++) {
            struct page_word *word = &r->words[r->word_count++];
            *word = layout->page->words[layout->word_ids[frag->first_word + k]];
            if (k == 0 && i == 0)
                word->glued = false;
        }
    }
    line->word_count = r->word_count - line->first_word;
    line->size = characters > 0 ? size / (float)characters : head->size;
}

static float
mean_confidence(const struct rewrite *r, uint32_t first_word, uint32_t end_word)
{
    double sum = 0, weight = 0;

    for (uint32_t i = first_word; i < end_word; i++) {
        double length = (double)strlen(r->words[i].text);
        sum += length * (double)r->words[i].confidence;
        weight += length;
    }
    return weight > 0 ? (float)fmin(fmax(sum / weight, 0), 1) : 1;
}

static void
copy_table(struct rewrite *r, uint32_t index)
{
    struct page *page = r->layout->page;
    const struct page_table *table = &page->tables[index];

    for (uint32_t i = 0; i < table->cell_count; i++) {
        struct page_cell *cell = &page->cells[table->first_cell + i];
        uint32_t first = cell->first_line;
        cell->first_line = r->line_count;
        for (uint32_t k = 0; k < cell->line_count; k++) {
            const struct cell_line *line = &r->layout->cell_lines[first + k];
            copy_line(r, line->first, line->count);
        }
    }
}

static bool
copy_block(struct rewrite *r, const struct drafts *d, const struct draft *draft)
{
    struct page_block *block = page_add_block(r->layout->page);
    const struct text_line *head = &d->lines[draft->first];
    uint32_t first_word = r->word_count;

    if (block == NULL)
        return false;
    block->box = draft->box;
    block->kind = draft->kind;
    block->level = draft->level;
    block->ordered = draft->ordered;
    block->continues = draft->continues;
    block->first_line = r->line_count;
    if (head->item->kind == ITEM_TABLE) {
        block->table = (int32_t)head->item->table;
        copy_table(r, head->item->table);
    } else {
        for (uint32_t i = draft->first; i < draft->end; i++)
            copy_line(r, d->lines[i].item->first, d->lines[i].item->count);
        block->line_count = r->line_count - block->first_line;
    }
    if (draft->kind == BLOCK_LIST_ITEM) {
        block->marker = head->marker.text;
        block->skip_words = head->marker_words;
    }
    block->confidence = mean_confidence(r, first_word, r->word_count);
    return true;
}

bool
blocks_write(struct layout *layout, const struct drafts *d)
{
    struct page *page = layout->page;
    struct rewrite r = {.layout = layout};

    r.words = arena_array(page->arena, page->word_count, sizeof(*r.words));
    r.lines = arena_array(page->arena, layout->frag_count, sizeof(*r.lines));
    if (r.words == NULL || r.lines == NULL)
        return false;
    page->block_count = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        if (!copy_block(&r, d, &d->blocks[i]))
            return false;
    }
    page->words = r.words;
    page->word_cap = page->word_count;
    page->lines = r.lines;
    page->line_count = r.line_count;
    page->line_cap = layout->frag_count;
    page->confidence = mean_confidence(&r, 0, r.word_count);
    return figures_write(page);
}
