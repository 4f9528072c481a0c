/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/blocks.c - lines in reading order to paragraphs and list items, and the page's arrays
 * written anew in that order. */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In sizes or shares. Sizes that pixels gave vary from line to line. */
static const float same_size_exact = 1.09f, same_size_pixels = 1.35f;
static const float wide_pitch_exact = 1.22f, wide_pitch_pixels = 1.3f; /* of the usual one */
static const float indent_min = 0.8f, indent_max = 5.0f;
static const float pitch_least = 1.0f, pitch_most = 3.2f, pitch_usual = 1.25f;

const struct page_word *
draft_word(const struct layout *layout, const struct item *item, uint32_t k)
{
    for (uint32_t i = 0; i < item->count; i++) {
        const struct frag *frag = &layout->frags[layout->sequence[item->first + i]];
        if (k < frag->word_count)
            return &layout->page->words[layout->word_ids[frag->first_word + k]];
        k -= frag->word_count;
    }
    return NULL;
}

/* What the words of a line have in common so far. */
struct common {
    uint8_t style; /* that all have */
    uint8_t role;  /* the first that the file says of one, and how many bytes have it */
    size_t said, bytes;
};

/* Adds what one fragment's words say to the line. */
static void
look_at_words(const struct layout *layout, const struct frag *frag, struct text_line *line,
              struct common *common)
{
    uint8_t *style = &common->style;

    for (uint32_t i = 0; i < frag->word_count; i++) {
        const struct page_word *word = &layout->page->words[layout->word_ids[frag->first_word + i]];
        size_t len = strlen(word->text);
        uint32_t c = chars_first(word->text, len);
        if (line->words == 0) {
            line->first_word = word->text;
            line->raised = (word->style & STYLE_SUPER) != 0;
            line->first_char = c;
        }
        /* Dots, bullets and the like may be set in any font. */
        if (char_is_letter(c) || char_is_digit(c)) {
            *style &= word->style | STYLE_MONO;
            line->tellers++;
        }
        if ((word->style & STYLE_MONO) == 0)
            *style &= (uint8_t)~STYLE_MONO;
        if (common->said == 0)
            common->role = word->role;
        common->said += word->role == common->role && word->role != ROLE_NONE ? len : 0;
        common->bytes += len;
        line->last_char = chars_last(word->text, len);
        line->words++;
    }
}

static void
look_at_line(const struct layout *layout, const struct item *item, struct text_line *line)
{
    struct common common = {.style = STYLE_BOLD | STYLE_ITALIC | STYLE_MONO};
    float size = 0;

    *line = (struct text_line){.item = item, .source = -1, .first_word = "", .box = item->column};
    if (item->kind == ITEM_TABLE)
        return;
    for (uint32_t i = 0; i < item->count; i++) {
        const struct frag *frag = &layout->frags[layout->sequence[item->first + i]];
        line->box = i == 0 ? frag->box : box_union(line->box, frag->box);
        line->characters += frag->characters;
        size += frag->size * (float)frag->characters;
        if (i == 0) {
            line->baseline = frag->baseline;
            line->source = frag->source;
        }
        look_at_words(layout, frag, line, &common);
    }
    line->size = line->characters > 0 ? size / (float)line->characters : layout->body_size;
    bool telling = line->tellers > 0;
    line->bold = telling && (common.style & STYLE_BOLD) != 0;
    line->italic = telling && (common.style & STYLE_ITALIC) != 0;
    line->mono = (common.style & STYLE_MONO) != 0;
    line->role = common.said * 10 >= common.bytes * 6 ? common.role : ROLE_NONE;
    line->marker = marker_read(line->first_word, line->words);
}

static int
by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x < y ? -1 : x > y;
}

/* Median distance of neighbouring baselines, in sizes, of lines [first, end); usual: where there
 * are too few. */
static float
usual_pitch(const struct drafts *d, float *scratch, uint32_t first, uint32_t end, float usual)
{
    uint32_t n = 0;

    for (uint32_t i = first + 1; i < end; i++) {
        const struct text_line *a = &d->lines[i - 1], *b = &d->lines[i];
        if (a->item->region != b->item->region || a->size <= 0)
            continue;
        float pitch = (b->baseline - a->baseline) / a->size;
        if (pitch >= pitch_least * 0.8f && pitch <= pitch_most)
            scratch[n++] = pitch;
    }
    if (n < 3)
        return usual;
    qsort(scratch, n, sizeof(*scratch), by_value);
    /* The lower third: the distances of lines inside paragraphs, not between them. */
    return scratch[n / 3];
}

static bool
ends_sentence(uint32_t c)
{
    return c == '.' || c == '!' || c == '?' || c == ':' || c == 0x2026;
}

static float
first_word_width(const struct drafts *d, const struct text_line *line)
{
    return box_width(draft_word(d->layout, line->item, 0)->box);
}

/* The line above ended though the first word of this one had room there. */
static bool
ended_early(const struct drafts *d, const struct text_line *a, const struct text_line *b)
{
    return a->item->column.x1 - a->box.x1 > first_word_width(d, b) + 1.5f * a->size;
}

/* A number or letter may stand at the front of any line of prose; only where a line begins anew, or
 * the list goes on, is it a marker. */
static bool
marker_counts(const struct drafts *d, const struct text_line *a, const struct text_line *b,
              const struct text_line *list)
{
    if (b->marker.kind == MARKER_NONE)
        return false;
    if (b->marker.kind == MARKER_BULLET && b->first_char >= 0x80 && b->first_char != 0x2013 &&
        b->first_char != 0x2014)
        return true;
    if (list != NULL && list->marker.kind == b->marker.kind &&
        fabsf(list->box.x0 - b->box.x0) < 1.2f * b->size &&
        (b->marker.kind != MARKER_NUMBER || b->marker.number == list->marker.number + 1))
        return true;
    return ends_sentence(a->last_char) || a->last_char == ';' || a->last_char == ',' ||
           ended_early(d, a, b);
}

static bool
sizes_differ(const struct drafts *d, float a, float b)
{
    float most = d->layout->exact ? same_size_exact : same_size_pixels;

    return fmaxf(a, b) > most * fminf(a, b);
}

/* An indented line begins a paragraph where the lines of the column stand at its left edge. */
static bool
is_indented(const struct text_line *a, const struct text_line *b, const struct text_line *c)
{
    float left = b->item->column.x0;
    float indent = b->box.x0 - left;
    bool next_at_left =
        c == NULL || c->item->region != b->item->region || c->box.x0 - left < 0.4f * b->size;

    return indent > indent_min * b->size && indent < indent_max * b->size &&
           a->box.x0 - left < 0.4f * b->size && next_at_left;
}

/* Whether a block ends between two lines. list: first line of the item that a is part of, or NULL.
 */
static bool
is_break(const struct drafts *d, uint32_t i, float pitch, const struct text_line *list)
{
    const struct text_line *a = &d->lines[i - 1], *b = &d->lines[i];
    const struct text_line *c = i + 1 < d->line_count ? b + 1 : NULL;
    float wide = d->layout->exact ? wide_pitch_exact : wide_pitch_pixels;
    float step = b->baseline - a->baseline;

    if (a->item->kind != ITEM_LINE || b->item->kind != ITEM_LINE ||
        a->item->region != b->item->region)
        return true;
    if (sizes_differ(d, a->size, b->size) || a->mono != b->mono || a->role != b->role)
        return true;
    if (a->mono && b->mono)
        return step > 2.6f * pitch * a->size;
    if (step > wide * pitch * a->size + 0.5f || marker_counts(d, a, b, list))
        return true;
    if (a->bold != b->bold && (ended_early(d, a, b) || ends_sentence(a->last_char)))
        return true;
    if (list != NULL && b->box.x0 < list->box.x0 + 0.3f * b->size && ended_early(d, a, b))
        return true;
    if (a->source >= 0 && b->source >= 0 && a->source != b->source && ended_early(d, a, b))
        return true;
    bool starts = char_is_upper(b->first_char) || char_is_digit(b->first_char) ||
                  b->first_char == 0x201c || b->first_char == '"';
    if (list == NULL && is_indented(a, b, c) && (starts || ended_early(d, a, b)))
        return true;
    return starts && ends_sentence(a->last_char) && ended_early(d, a, b) && a->words > 1;
}

static void
add_line(struct draft *block, const struct text_line *line, uint32_t i)
{
    if (block->end == block->first) {
        *block = (struct draft){.first = i,
                                .end = i,
                                .box = line->box,
                                .size = line->size,
                                .role = line->role,
                                .bold = true,
                                .italic = true,
                                .mono = true};
        if (line->item->kind == ITEM_TABLE)
            block->kind = BLOCK_TABLE;
    }
    block->end = i + 1;
    block->box = box_union(block->box, line->box);
    block->size = fmaxf(block->size, line->size);
    block->words += line->words;
    block->characters += line->characters;
    block->bold &= line->bold;
    block->italic &= line->italic;
    block->mono &= line->mono;
    block->role = block->role == line->role ? line->role : ROLE_NONE;
}

/* Where the lines that share a's region end. */
static uint32_t
region_end(const struct drafts *d, uint32_t a)
{
    uint32_t end = a + 1;

    while (end < d->line_count && d->lines[end].item->region == d->lines[a].item->region)
        end++;
    return end;
}

static void
group_lines(struct drafts *d, float *scratch)
{
    const struct text_line *list = NULL;
    float pitch = 0;
    uint32_t end = 0;

    d->body_pitch = usual_pitch(d, scratch, 0, d->line_count, pitch_usual);
    for (uint32_t i = 0; i < d->line_count; i++) {
        const struct text_line *line = &d->lines[i];
        if (i >= end) {
            end = region_end(d, i);
            pitch = end - i >= 5 ? usual_pitch(d, scratch, i, end, d->body_pitch) : d->body_pitch;
        }
        if (i == 0 || is_break(d, i, pitch, list)) {
            bool marked = line->marker.kind != MARKER_NONE;
            d->blocks[d->count++] = (struct draft){.first = i, .end = i};
            list = marked ? line : NULL;
            if (marked)
                d->blocks[d->count - 1].kind = BLOCK_LIST_ITEM;
        }
        struct draft *block = &d->blocks[d->count - 1];
        uint8_t kind = block->kind;
        add_line(block, line, i);
        if (kind == BLOCK_LIST_ITEM)
            block->kind = kind;
    }
}

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
        block->skip_words = 1;
    }
    block->confidence = mean_confidence(r, first_word, r->word_count);
    return true;
}

/* A picture stands before the first block that begins below its top. */
static bool
add_figure(struct page *page, struct box box)
{
    struct page_block *added = page_add_block(page);
    uint32_t at = 0;

    if (added == NULL)
        return false;
    while (at + 1 < page->block_count && page->blocks[at].box.y0 < box.y0)
        at++;
    struct page_block figure = *added;
    memmove(&page->blocks[at + 1], &page->blocks[at],
            (page->block_count - 1 - at) * sizeof(figure));
    figure.kind = BLOCK_FIGURE;
    figure.box = box;
    figure.confidence = 1;
    figure.first_line = at + 1 < page->block_count ? page->blocks[at + 1].first_line : 0;
    page->blocks[at] = figure;
    return true;
}

/* Pictures with a size that says something; one that fills the page is its background or a scan. */
static bool
add_figures(struct page *page)
{
    static const float least_share = 0.01f, most_share = 0.85f;
    enum { FIGURES_MAX = 200 };
    uint32_t added = 0;

    for (uint32_t i = 0; i < page->region_count && added < FIGURES_MAX; i++) {
        float share = box_area(page->regions[i].box) / fmaxf(page->width * page->height, 1);
        if (page->regions[i].kind != REGION_PICTURE || share < least_share || share > most_share)
            continue;
        added++;
        if (!add_figure(page, page->regions[i].box))
            return false;
    }
    return true;
}

static bool
rewrite_page(struct layout *layout, const struct drafts *d)
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
    return add_figures(page);
}

enum err_code
blocks_build(struct layout *layout, struct err *err)
{
    struct drafts d = {.layout = layout, .line_count = layout->item_count};
    uint32_t n = layout->item_count;
    float *scratch = arena_array(layout->arena, n, sizeof(*scratch));

    d.lines = arena_array(layout->arena, n, sizeof(*d.lines));
    d.blocks = arena_array(layout->arena, n, sizeof(*d.blocks));
    bool ok = scratch != NULL && d.lines != NULL && d.blocks != NULL;
    if (ok) {
        for (uint32_t i = 0; i < n; i++)
            look_at_line(layout, &layout->items[i], &d.lines[i]);
        group_lines(&d, scratch);
        kinds_assign(&d);
        ok = rewrite_page(layout, &d);
    }
    if (!ok)
        return err_set(err, ERR_LIMIT, "page %u: layout needs too much memory",
                       layout->page->index + 1);
    return ERR_OK;
}
