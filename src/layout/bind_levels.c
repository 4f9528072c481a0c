/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Levels of headings by how they are set, over all pages that are bound together. */
#include "layout/bind_internal.h"

#include "page/chars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STYLES_MAX = 256, LEVELS = 6, CAPITALS_LEAST = 6, NUMBER_PARTS = 4 };

/* Sizes nearer than this are one; of recognised text they vary more. */
static const float same_size_exact = 0.97F, same_size_pixels = 0.85F;

/* How headings are set, in the order of what stands out more at one size. */
enum weight {
    WEIGHT_BOLD_CAPITALS,
    WEIGHT_BOLD,
    WEIGHT_BOLD_ITALIC,
    WEIGHT_CAPITALS,
    WEIGHT_PLAIN,
    WEIGHT_ITALIC
};

struct look {
    float size;
    uint8_t weight; /* enum weight */
    uint8_t parts;  /* of the number in front: "2.1" has two; 0: none */
};

struct style {
    struct look look;
    uint32_t count;
    uint32_t said[LEVELS]; /* how often the file says which level */
    bool later;            /* stands on other pages than the first */
    uint8_t level;
};

struct bind_styles {
    struct style styles[STYLES_MAX];
    uint32_t count;
    bool pixels;   /* some pages were recognised */
    bool many;     /* pages beside the first */
    uint8_t under; /* 1: the title stands above all that the file says of levels */
};

struct bind_styles *
bind_styles_new(struct arena *arena)
{
    return arena_alloc(arena, sizeof(struct bind_styles));
}

/* Parts of a section's number at the front of a heading; 0: none, or a title that only begins with
 * a figure. */
static uint8_t
number_parts(const char *word, uint32_t words)
{
    uint8_t parts = 0;

    while (char_is_digit((unsigned char)*word)) {
        size_t digits = strspn(word, "0123456789");
        if (digits > 2)
            return 0;
        word += digits;
        parts++;
        word += *word == '.';
    }
    return *word == '\0' && words > 1 && parts <= NUMBER_PARTS ? parts : 0;
}

static struct look
look_of(const struct page *page, const struct page_block *block)
{
    uint32_t letters = 0, capitals = 0, words = 0;
    uint8_t style = STYLE_BOLD | STYLE_ITALIC;
    struct look look = {0};

    for (uint32_t i = 0; i < block->line_count; i++) {
        const struct page_line *line = &page->lines[block->first_line + i];
        look.size = fmaxf(look.size, line->size);
        for (uint32_t k = 0; k < line->word_count; k++, words++) {
            const struct page_word *word = &page->words[line->first_word + k];
            bool telling = false;
            for (const char *s = word->text; *s != '\0'; s++) {
                uint32_t c = (unsigned char)*s;
                letters += c >= 0xc3 || char_is_letter(c);
                capitals += char_is_upper(c);
                telling = telling || c >= 0xc3 || char_is_letter(c);
            }
            style &= telling ? word->style : style;
        }
    }
    if (block->line_count > 0 && page->lines[block->first_line].word_count > 0) {
        const struct page_line *line = &page->lines[block->first_line];
        look.parts = number_parts(page->words[line->first_word].text, words);
    }
    bool capital = letters >= CAPITALS_LEAST && capitals * 10 >= letters * 9;
    bool bold = (style & STYLE_BOLD) != 0, italic = (style & STYLE_ITALIC) != 0;
    look.weight = bold      ? (capital  ? WEIGHT_BOLD_CAPITALS
                               : italic ? WEIGHT_BOLD_ITALIC
                                        : WEIGHT_BOLD)
                  : capital ? WEIGHT_CAPITALS
                  : italic  ? WEIGHT_ITALIC
                            : WEIGHT_PLAIN;
    return look;
}

static bool
same_size(const struct bind_styles *styles, float a, float b)
{
    return fminf(a, b) >= (styles->pixels ? same_size_pixels : same_size_exact) * fmaxf(a, b);
}

static struct style *
find_style(struct bind_styles *styles, const struct look *look)
{
    struct style *best = NULL;

    for (uint32_t i = 0; i < styles->count; i++) {
        struct style *style = &styles->styles[i];
        if (style->look.weight == look->weight && style->look.parts == look->parts &&
            same_size(styles, style->look.size, look->size) &&
            (best == NULL ||
             fabsf(style->look.size - look->size) < fabsf(best->look.size - look->size)))
            best = style;
    }
    return best;
}

void
bind_styles_note(struct bind_styles *styles, const struct page *page)
{
    styles->many = styles->many || page->index > 0;
    styles->pixels = styles->pixels || (page->from_pixels && !page->from_layer);
    for (uint32_t i = 0; i < page->block_count; i++) {
        const struct page_block *block = &page->blocks[i];
        if (block->kind != BLOCK_HEADING)
            continue;
        struct look look = look_of(page, block);
        struct style *style = find_style(styles, &look);
        if (style == NULL && styles->count < STYLES_MAX) {
            style = &styles->styles[styles->count++];
            *style = (struct style){.look = look};
        }
        if (style == NULL)
            continue;
        style->count++;
        style->later = style->later || page->index > 0;
        if (block->ordered && block->level >= 1 && block->level <= LEVELS)
            style->said[block->level - 1]++;
    }
}

static int
by_size(const void *a, const void *b)
{
    const struct style *s = a, *t = b;

    if (s->look.size != t->look.size)
        return s->look.size > t->look.size ? -1 : 1;
    if (s->look.weight != t->look.weight)
        return s->look.weight < t->look.weight ? -1 : 1;
    return s->look.parts - t->look.parts;
}

static int
by_weight(const void *a, const void *b)
{
    const struct style *s = a, *t = b;

    if (s->look.weight != t->look.weight)
        return s->look.weight < t->look.weight ? -1 : 1;
    return s->look.parts != t->look.parts ? s->look.parts - t->look.parts : by_size(a, b);
}

/* The largest first; at one size what stands out more, then what has the shorter number. */
static void
sort_styles(struct bind_styles *styles)
{
    qsort(styles->styles, styles->count, sizeof(styles->styles[0]), by_size);
    for (uint32_t first = 0, end; first < styles->count; first = end) {
        for (end = first + 1;
             end < styles->count &&
             same_size(styles, styles->styles[first].look.size, styles->styles[end].look.size);)
            end++;
        for (uint32_t i = first; i < end; i++)
            styles->styles[i].look.size = styles->styles[first].look.size;
        qsort(&styles->styles[first], end - first, sizeof(styles->styles[0]), by_weight);
    }
}

static uint8_t
said_level(const struct style *style)
{
    int best = 0;

    for (int i = 1; i < LEVELS; i++)
        best = style->said[i] > style->said[best] ? i : best;
    return style->said[best] > 0 ? (uint8_t)(best + 1) : 0;
}

/* Set alike but for the number: a heading without one among those that have one is their equal. */
static bool
is_equal(const struct style *a, const struct style *b)
{
    return a->look.size == b->look.size && a->look.weight == b->look.weight &&
           (a->look.parts == b->look.parts || a->look.parts == 0);
}

/* Outlines often begin with the chapters and leave the title out. */
static bool
has_title_above(const struct bind_styles *styles)
{
    const struct style *title = &styles->styles[0];
    bool first = false;

    if (!styles->many || styles->count < 2 || title->later || title->count > 1 ||
        title->look.parts > 0 || said_level(title) > 0)
        return false;
    for (uint32_t i = 1; i < styles->count; i++)
        first = first || styles->styles[i].said[0] > 0;
    return first;
}

void
bind_styles_rank(struct bind_styles *styles)
{
    uint8_t level = 0;
    bool title = false;

    sort_styles(styles);
    styles->under = has_title_above(styles);
    for (uint32_t i = 0; i < styles->count; i++) {
        struct style *style = &styles->styles[i];
        const struct style *above = i > 0 ? style - 1 : NULL;
        uint8_t said = said_level(style);
        /* What stands on the first page alone, larger than all else: the title, and what is under
         * it. */
        bool opens = styles->many && !style->later && (i == 0 || title) && style->look.parts == 0;
        if (said > 0)
            level = said + styles->under < LEVELS ? said + styles->under : LEVELS;
        else if (above == NULL || !(is_equal(above, style) || (title && opens && level > 1)))
            level = level < LEVELS ? level + 1 : LEVELS;
        title = opens;
        style->level = level;
    }
}

void
bind_levels(struct page *page, struct bind_styles *styles, bool *ret_changed)
{
    for (uint32_t i = 0; i < page->block_count; i++) {
        struct page_block *block = &page->blocks[i];
        if (block->kind != BLOCK_HEADING)
            continue;
        struct look look = look_of(page, block);
        const struct style *style = find_style(styles, &look);
        uint8_t level = style != NULL ? style->level : block->level;
        if (block->ordered)
            level = block->level + styles->under < LEVELS ? block->level + styles->under : LEVELS;
        *ret_changed = *ret_changed || level != block->level;
        block->level = level;
    }
}
