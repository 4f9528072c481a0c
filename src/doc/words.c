/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/words.c - cuts a line of glyphs into words. */
#include "doc/text_internal.h"

#include "base/order.h"

#include <math.h>
#include <stdlib.h>

/* In em. */
static const float space_min = 0.15F;          /* a gap this wide is a space */
static const float space_min_dots = 0.19F;     /* between the dots of "..." as formulas have it */
static const float space_min_spaceless = 0.6F; /* between ideographs, whose boxes stand apart */
static const float spaced_out_min = 0.1F;      /* median gap of letters that are set apart */
static const float spaced_out_max = 0.5F;
static const float raised_min = 0.12F, lowered_min = 0.08F; /* off the baseline, when smaller */
static const float small_max = 0.85F;                       /* of the line's size: an index */

/* Confidence of a word with a glyph that no character is known for. */
static const float without_code = 0.3F;

/* Sine of 8 degrees: a page of text may lean by less, a stamp leans more. */
static const float slanted_least = 0.139F;

enum { SIZES_MAX = 8, GAPS_MAX = 256 };

struct extent {
    float start, end;
};

float
words_start(const struct glyph *g)
{
    return g->x * g->dx + g->y * g->dy;
}

static struct extent
extent_of(const struct glyph *g)
{
    float a = words_start(g), b = g->ex * g->dx + g->ey * g->dy;

    return a < b ? (struct extent){a, b} : (struct extent){b, a};
}

float
words_gap(const struct glyph *a, const struct glyph *b)
{
    struct extent ea = extent_of(a), eb = extent_of(b);
    float after = eb.start - ea.end, before = ea.start - eb.end;

    return after > before ? after : before;
}

static float
height_of(const struct glyph *g)
{
    return g->x * -g->dy + g->y * g->dx; /* across the line, down positive */
}

/* The size that most glyphs have, and the height at which they stand. */
static void
find_norm(const struct glyph *g, uint32_t n, float *ret_size, float *ret_height)
{
    struct {
        float size, height;
        uint32_t votes;
    } sizes[SIZES_MAX] = {{0}};
    size_t used = 0, best = 0;

    for (uint32_t i = 0; i < n; i++) {
        size_t k = 0;
        if (g[i].code == ' ' || g[i].follows)
            continue;
        while (k < used && (fabsf(sizes[k].size - g[i].size) > 0.02F * g[i].size ||
                            fabsf(sizes[k].height - height_of(&g[i])) > 0.05F * g[i].size))
            k++;
        if (k == SIZES_MAX)
            continue;
        if (k == used) {
            sizes[k].size = g[i].size;
            sizes[k].height = height_of(&g[i]);
            used++;
        }
        sizes[k].votes++;
    }
    for (size_t k = 1; k < used; k++)
        if (sizes[k].votes > sizes[best].votes)
            best = k;
    *ret_size = sizes[best].size;
    *ret_height = sizes[best].height;
}

/* The gap (em) from which on two glyphs are two words. Letters s e t apart all have nearly the same
 * gap; then only a clearly wider one is a space. */
static float
find_space(const struct glyph *g, uint32_t n)
{
    float gaps[GAPS_MAX];
    uint32_t used = 0, alike = 0, letters = 0;

    for (uint32_t i = 1; i < n && used < GAPS_MAX; i++) {
        if (g[i].code == ' ' || g[i - 1].code == ' ' || g[i].follows)
            continue;
        letters += unicode_is_letter(g[i].code);
        gaps[used++] = words_gap(&g[i - 1], &g[i]) / g[i].size;
    }
    if (used < 3 || letters < used * 4 / 5)
        return space_min;
    qsort(gaps, used, sizeof(*gaps), order_floats);
    float median = gaps[used / 2];
    if (median < spaced_out_min || median > spaced_out_max)
        return space_min;
    for (uint32_t i = 0; i < used; i++)
        alike += fabsf(gaps[i] - median) < 0.25F * median;
    return alike >= used * 7 / 10 ? 1.6F * median + 0.05F : space_min;
}

/* Style of the glyph with what its place in the line adds. */
static uint8_t
style_of(const struct glyph *g, float size, float height)
{
    uint8_t style = g->style;

    if (g->size < small_max * size) {
        float raised = (height - height_of(g)) / size;
        if (raised > raised_min)
            style |= STYLE_SUPER;
        else if (raised < -lowered_min)
            style |= STYLE_SUB;
    }
    return style;
}

static bool
is_wide(const struct glyph *a, const struct glyph *b, float gap, float space)
{
    float em = a->size > b->size ? a->size : b->size;
    bool spaceless = unicode_is_spaceless(a->code) && unicode_is_spaceless(b->code);

    if (a->code == '.' && b->code == '.' && space < space_min_dots)
        space = space_min_dots;
    return gap > (spaceless ? space_min_spaceless : space) * em;
}

bool
words_is_gap(const struct glyph *a, const struct glyph *b, float gap)
{
    return is_wide(a, b, gap, space_min);
}

static bool
is_cut(const struct glyph *a, const struct glyph *b, float space)
{
    return !b->follows && is_wide(a, b, words_gap(a, b), space);
}

static bool
add_word(struct text *text, const struct glyph *g, uint32_t n, uint8_t style, bool glued)
{
    struct page_word *word = page_add_word(text->page);

    if (word == NULL)
        return false;
    word->box = g[0].box;
    for (uint32_t i = 1; i < n; i++)
        word->box = box_union(word->box, g[i].box);
    word->confidence = 1;
    word->size = g[0].size;
    word->style = style;
    word->role = g[0].role;
    word->tag = g[0].tag;
    word->glued = glued;
    const char *composed = unicode_compose(text, g, n);
    if (composed == NULL)
        return false;
    word->text = composed;
    if (g[0].hidden == 0 && unicode_count_word(&text->census[g[0].font], g, n) > 0)
        word->confidence = without_code;
    return text_note_word(text, &g[0]);
}

void
words_make(struct text *text, uint32_t first, uint32_t count, bool spaced)
{
    const struct glyph *g = text->line + first;
    struct page *page = text->page;
    uint32_t first_word = page->word_count, start = 0;
    bool glued = false;
    float size, height;

    find_norm(g, count, &size, &height);
    float space = spaced ? INFINITY : find_space(g, count);
    while (start < count && !text->full) {
        uint8_t style = style_of(&g[start], size, height);
        uint32_t end = start + 1;
        while (end < count && g[end].code != ' ' && !is_cut(&g[end - 1], &g[end], space) &&
               (g[end].follows || style_of(&g[end], size, height) == style))
            end++;
        if (!add_word(text, g + start, end - start, style, glued))
            text->full = true;
        glued = end < count && g[end].code != ' ' && !is_cut(&g[end - 1], &g[end], space);
        for (start = end; start < count && g[start].code == ' '; start++)
            glued = false;
    }
    if (text->full || page->word_count == first_word)
        return;
    struct page_line *line = page_add_line(page);
    if (line == NULL) {
        text->full = true;
        return;
    }
    line->first_word = first_word;
    line->word_count = page->word_count - first_word;
    line->size = size;
    line->vertical = g[0].upright || fabsf(g[0].dy) > fabsf(g[0].dx);
    line->slanted = fminf(fabsf(g[0].dx), fabsf(g[0].dy)) > slanted_least;
    line->pale = g[0].pale;
    line->box = page->words[first_word].box;
    for (uint32_t i = first_word; i < page->word_count; i++)
        line->box = box_union(line->box, page->words[i].box);
    line->baseline = line->vertical ? line->box.y1 : g[0].y + (height - height_of(&g[0])) * g[0].dx;
}
