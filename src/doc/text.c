/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/text_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In em of the larger of two neighbours. */
static const float shift_max =
    0.6F; /* off the baseline and still this line (super- and subscripts) */
static const float jump_max = 1.0F; /* forward without a space: further on, it is another column */
static const float accent_shift_max = 0.6F, accent_back_max = 1.2F;
static const float piece_shift_max = 0.3F; /* between pieces that are one line */
static const float back_max = 0.8F;        /* backward: kerning, accents */
static const float blank_max = 2.0F;       /* over spaces: further on, it is another column */
static const float twice_max = 0.15F;    /* the same character nearer than this is printed twice */
static const float paragraph_gap = 1.6F; /* from baseline to baseline; more starts a new block */

enum {
    TWICE_LINES = 4 /* how far back a line may be repeated for boldness or a shadow */
};

struct text_room {
    struct glyph line[LINE_GLYPHS_MAX], sorted[LINE_GLYPHS_MAX];
    int32_t codes[CODES_MAX];
};

struct text_room *
text_room_new(void)
{
    return calloc(1, sizeof(struct text_room));
}

void
text_room_drop(struct text_room **room)
{
    free(*room);
    *room = NULL;
}

struct text *
text_new(struct arena *arena, struct page *page, struct text_room *room)
{
    struct text *text = arena_alloc(arena, sizeof(*text));

    if (text == NULL)
        return NULL;
    text->arena = arena;
    text->page = page;
    text->line = room->line;
    text->sorted = room->sorted;
    text->codes = room->codes;
    return text;
}

static float
width_along(const struct glyph *g)
{
    return (g->ex - g->x) * g->dx + (g->ey - g->y) * g->dy;
}

/* Whether next can belong to the line that last ends. */
static bool
goes_on(const struct text *text, const struct glyph *last, const struct glyph *next)
{
    if (last->hidden != next->hidden || last->upright != next->upright)
        return false;
    if (last->dx * next->dx + last->dy * next->dy < 0.999F)
        return false;
    float em = last->size > next->size ? last->size : next->size;
    float mx = next->x - last->ex, my = next->y - last->ey;
    float off = mx * -next->dy + my * next->dx;
    float along = mx * next->dx + my * next->dy;
    /* From an accent back to its letter. */
    if (unicode_combining(last->code) != 0 && fabsf(off) <= accent_shift_max * em && along < 0 &&
        along >= -accent_back_max * em)
        return true;
    if (fabsf(off) > shift_max * em)
        return false;
    /* From the part of the line that shows. */
    float start = words_start(next);
    float away = fmaxf(start - text->high, text->low - (start + width_along(next)));
    bool blank = next->code == ' ' || last->code == ' ';
    if (along >= -back_max * em)
        return along <= jump_max * em && (!blank || away <= blank_max * em);
    /* Right-to-left letters come with the pen going back, or in runs from either end of the line.
     */
    if (!text->has_right && !bidi_is_right(next->code))
        return false;
    return away <= (blank ? blank_max : jump_max) * em;
}

/* A glyph set again on itself to look bold. */
static bool
is_twice(const struct glyph *last, const struct glyph *next)
{
    float near = twice_max * next->size;

    return last->code == next->code && last->code != ' ' && !next->follows &&
           last->hidden == next->hidden && fabsf(last->x - next->x) < near &&
           fabsf(last->y - next->y) < near &&
           width_along(next) > 2 * hypotf(last->x - next->x, last->y - next->y);
}

/* Turns accents of their own width into marks after the letter that they stand over. */
static void
join_accents(struct text *text)
{
    for (uint32_t i = 0; i + 1 < text->count; i++) {
        struct glyph *accent = &text->line[i], *letter = &text->line[i + 1];
        uint32_t mark = unicode_combining(accent->code);
        if (mark == 0)
            continue;
        float least = width_along(accent);
        if (width_along(letter) < least)
            least = width_along(letter);
        bool bears = unicode_is_letter(letter->code) ||
                     (letter->code >= 0x2190 && letter->code <= 0x22ff); /* union with a dot */
        if (!bears || words_gap(accent, letter) > -0.5F * least)
            continue;
        struct glyph base = *letter;
        if (base.code == 0x131 || base.code == 0x237) /* dotless i, j */
            base.code = base.code == 0x131 ? 'i' : 'j';
        *letter = *accent;
        letter->code = mark;
        letter->follows = true;
        letter->x = base.x; /* the next glyph's gap is measured from the letter's end */
        letter->y = base.y;
        letter->ex = base.ex;
        letter->ey = base.ey;
        *accent = base;
    }
}

/* Takes the newest line away again if it repeats one of the last lines at the same place. */
static void
drop_repeated_line(struct text *text, uint8_t hidden)
{
    struct page *page = text->page;
    const struct page_line *line = &page->lines[page->line_count - 1];
    float near = 2 * twice_max * line->size;

    for (uint32_t back = 2; back <= TWICE_LINES + 1 && back <= page->line_count; back++) {
        const struct page_line *old = &page->lines[page->line_count - back];
        if (fabsf(old->box.x0 - line->box.x0) > near || fabsf(old->box.y0 - line->box.y0) > near ||
            fabsf(old->box.x1 - line->box.x1) > near || text->hidden[old->first_word] != hidden ||
            !page_lines_agree(page, old, line))
            continue;
        page->word_count -= line->word_count;
        page->line_count--;
        return;
    }
}

static void
number_block(struct text *text)
{
    struct page *page = text->page;
    struct page_line *line = &page->lines[page->line_count - 1];

    if (page->line_count > 1) {
        const struct page_line *old = line - 1;
        float em = old->size > line->size ? old->size : line->size;
        float step = line->vertical ? fabsf(line->box.x0 - old->box.x0)
                                    : fabsf(line->baseline - old->baseline);
        if (old->vertical != line->vertical || step > paragraph_gap * em)
            text->block++;
    }
    line->source = text->block;
}

bool
text_note_word(struct text *text, const struct glyph *first)
{
    struct page *page = text->page;

    if (page->word_cap > text->hidden_cap) {
        size_t have = text->hidden_cap, wanted = page->word_cap;
        uint8_t *hidden = arena_grow(text->arena, text->hidden, have, wanted, 1);
        uint8_t *fonts = arena_grow(text->arena, text->fonts, have, wanted, 1);
        if (hidden == NULL || fonts == NULL)
            return false;
        text->hidden = hidden;
        text->fonts = fonts;
        text->hidden_cap = page->word_cap;
    }
    text->hidden[page->word_count - 1] = first->hidden;
    text->fonts[page->word_count - 1] = first->font;
    return true;
}

static void
end_line(struct text *text)
{
    struct page *page = text->page;
    uint32_t first = 0, lines = page->line_count;

    if (text->count == 0 || text->full)
        return;
    uint8_t hidden = text->line[0].hidden;
    join_accents(text);
    bool spaced, right_to_left = bidi_order(text, &spaced);
    while (first < text->count && text->line[first].code == ' ')
        first++;
    while (text->count > first && text->line[text->count - 1].code == ' ')
        text->count--;
    if (text->count > first)
        words_make(text, first, text->count - first, spaced);
    text->count = 0;
    if (page->line_count == lines)
        return;
    page->lines[lines].right_to_left = right_to_left;
    drop_repeated_line(text, hidden);
    if (page->line_count == lines)
        return;
    number_block(text);
}

/* Lines with right-to-left letters are drawn in pieces, a number or a Latin word being one, with
 * the pen lifted between them: so on pages that have such letters a piece that ends is held until
 * the next has ended too, and both are one if they stand side by side. */
static bool
may_join(const struct text *text)
{
    return text->has_right || text->right_letters > 0;
}

/* A bullet or number that stands before an item of a list: layout joins the two, and tells them
 * apart. */
static bool
is_marker_held(const struct text *text)
{
    uint32_t n = text->held;

    if (n == 1 && text->line[0].code >= 0x80)
        return !unicode_is_letter(text->line[0].code);
    while (n > 0 && text->line[n - 1].code == ' ')
        n--;
    if (n < 2 || n > 4 || (text->line[n - 1].code != '.' && text->line[n - 1].code != ')'))
        return false;
    while (n > 1 && text->line[n - 2].code >= '0' && text->line[n - 2].code <= '9')
        n--;
    return n == 1;
}

static bool
is_beside_held(const struct text *text)
{
    const struct glyph *a = &text->line[0], *b = &text->line[text->held];
    float em = a->size > b->size ? a->size : b->size;
    float off = (b->x - a->x) * -a->dy + (b->y - a->y) * a->dx;
    float gap = fmaxf(text->low - text->held_high, text->held_low - text->high);
    bool right = text->has_right || text->held_right || text->right_letters > text->left_letters;

    return right && !is_marker_held(text) && a->hidden == b->hidden && a->upright == b->upright &&
           a->dx * b->dx + a->dy * b->dy > 0.999F && fabsf(off) <= piece_shift_max * em &&
           gap >= -piece_shift_max * em && gap <= jump_max * em;
}

static void
hold(struct text *text)
{
    text->held_low = text->held > 0 ? fminf(text->held_low, text->low) : text->low;
    text->held_high = text->held > 0 ? fmaxf(text->held_high, text->high) : text->high;
    text->held_right = (text->held > 0 && text->held_right) || text->has_right;
    text->held = text->count;
}

/* Ends the line of what is held, and leaves the piece after it. */
static void
end_held(struct text *text)
{
    uint32_t n = text->count - text->held;

    if (text->rest == NULL)
        text->rest = arena_array(text->arena, LINE_GLYPHS_MAX, sizeof(*text->rest));
    if (text->rest == NULL) {
        text->full = true;
        return;
    }
    memcpy(text->rest, text->line + text->held, n * sizeof(*text->rest));
    text->count = text->held;
    end_line(text);
    memcpy(text->line, text->rest, n * sizeof(*text->rest));
    text->count = n;
    text->held = 0;
}

static void
end_piece(struct text *text)
{
    if (text->held > 0 && !is_beside_held(text))
        end_held(text);
    if (may_join(text)) {
        hold(text);
        return;
    }
    end_line(text);
    text->held = 0;
}

void
text_break(struct text *text)
{
    if (text->held > 0 && text->held < text->count && !text->full)
        end_piece(text);
    end_line(text);
    text->count = 0;
    text->held = 0;
}

static void
note_visible(struct text *text, const struct glyph *glyph)
{
    float start = words_start(glyph), end = start + width_along(glyph);

    if (text->count == text->held) {
        text->low = start;
        text->high = end;
        text->has_right = false;
    }
    text->has_right = text->has_right || bidi_is_right(glyph->code);
    text->low = fminf(text->low, fminf(start, end));
    text->high = fmaxf(text->high, fmaxf(start, end));
}

static void
add_one(struct text *text, const struct glyph *glyph)
{
    if (text->count > text->held) {
        struct glyph *last = &text->line[text->count - 1];
        if (is_twice(last, glyph)) {
            last->style |= STYLE_BOLD;
            return;
        }
        if (!glyph->follows && !goes_on(text, last, glyph))
            end_piece(text);
    }
    if (text->count == LINE_GLYPHS_MAX)
        text_break(text);
    if (text->full || (text->count == text->held && glyph->code == ' '))
        return;
    if (glyph->code != ' ')
        note_visible(text, glyph);
    struct glyph *added = &text->line[text->count++];
    *added = *glyph;
    if (glyph->follows && text->count > 1) { /* the pen stands where its glyph ended */
        added->x = added[-1].x;
        added->y = added[-1].y;
        added->ex = added[-1].ex;
        added->ey = added[-1].ey;
    }
}

static void
count_glyph(struct text *text, const struct glyph *glyph, uint32_t code)
{
    struct text_census *census = &text->census[glyph->font];

    unicode_count(census, glyph->code == 0 ? code : glyph->code);
    if (glyph->code > ' ' && glyph->code < ASCII_CODES && glyph->number != 0) {
        uint16_t *first = &text->glyph_of[glyph->font][glyph->code];
        *first = *first == 0 ? glyph->number : *first;
        census->ascii++;
        census->shared += *first != glyph->number;
    }
    census->named += glyph->identity == GLYPH_AGREES || glyph->identity == GLYPH_DIFFERS;
    census->differing += glyph->identity == GLYPH_DIFFERS;
    census->shaped += glyph->shape != GLYPH_UNSEEN;
    census->unlike += glyph->shape == GLYPH_UNLIKE;
    census->unlike_plain += glyph->shape == GLYPH_UNLIKE && glyph->code < ASCII_CODES;
    if (glyph->shape == GLYPH_UNLIKE && text->swap_count < SWAPS_MAX)
        text->swaps[text->swap_count++] =
            (struct doc_swap){.from = glyph->code, .to = glyph->looks, .font = glyph->font};
}

void
text_add(struct text *text, const struct glyph *glyph)
{
    static const char *const ligatures[] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
    struct glyph one = *glyph;

    if (text->full)
        return;
    one.code = unicode_clean(glyph->code, width_along(glyph) > 0);
    if (glyph->hidden == 0)
        count_glyph(text, &one, glyph->code);
    if (one.code == 0)
        return;
    if (one.code < 0xfb00 || one.code > 0xfb06) {
        add_one(text, &one);
        return;
    }
    for (const char *part = ligatures[one.code - 0xfb00]; *part != '\0'; part++) {
        struct glyph letter = one;
        letter.code = (uint32_t)*part;
        letter.follows = one.follows || part != ligatures[one.code - 0xfb00];
        add_one(text, &letter);
    }
}

uint32_t
text_words(const struct text *text)
{
    return text->page->word_count;
}

const struct text_census *
text_census(const struct text *text, uint8_t font)
{
    return &text->census[font];
}

struct text_census
text_census_all(const struct text *text)
{
    struct text_census all = {0};

    for (size_t i = 0; i < TEXT_FONTS_MAX; i++) {
        all.glyphs += text->census[i].glyphs;
        all.bad += text->census[i].bad;
        all.leaders += text->census[i].leaders;
        all.letters += text->census[i].letters;
        all.digits += text->census[i].digits;
        all.latin += text->census[i].latin;
        all.runs += text->census[i].runs;
        all.vowels += text->census[i].vowels;
        all.bad_words += text->census[i].bad_words;
        all.pairs += text->census[i].pairs;
        all.words += text->census[i].words;
        all.holed_words += text->census[i].holed_words;
        all.odd_words += text->census[i].odd_words;
        all.surprise += text->census[i].surprise;
    }
    return all;
}

const struct doc_swap *
text_swaps(const struct text *text, uint32_t *ret_count)
{
    *ret_count = text->swap_count;
    return text->swaps;
}

const uint8_t *
text_fonts(const struct text *text)
{
    return text->fonts;
}

enum err_code
text_finish(struct text *text, bool keep_hidden, struct err *err)
{
    text_break(text);
    if (text->full || !hidden_sift(text, keep_hidden))
        return err_set(err, ERR_LIMIT, "page %u has more text than a page may have (%d words)",
                       text->page->index + 1, PAGE_ITEMS_MAX);
    return ERR_OK;
}
