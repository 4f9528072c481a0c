/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/displayed.c - formulas that stand by themselves on scans.
 *
 * What was read there is poor, and comes as one line or several: numerators and limits on baselines
 * of their own. So the evidence is where it stands (off both edges of a column of running text,
 * right above or below that), a number in brackets at the column's edge, signs that relate, and
 * that there is next to no word in it that the recogniser is sure of. Method: our own. Fails on:
 * formulas with words in them, without a sign that relates and without a number. */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

enum {
    LINES_MOST = 8,
    CHARACTERS_MOST = 160,
    PROSE_WORDS = 4,
    NEAR_LINES = 14,
    PARTS_LEAST = 3,
    LINES_BESIDE = 3
};

/* In sizes of the body. */
static const float indent_least = 1.5f, edge_off = 1.5f, number_gap = 1.0f;
static const float near_most = 4.0f, line_step = 1.6f, height_most = 9.0f, part_step = 2.6f;
static const float table_near = 2.0f;
static const float wide_share = 0.65f; /* of the column */
static const float line_words_most = 0.5f, wide_words_most = 0.12f;
static const float words_most = 0.34f;             /* of the characters */
static const float prose_share = 0.55f;            /* of a line of running text, in sure words */
static const float sure = 0.85f, half_sure = 0.5f; /* of a word with three letters, with five */

/* Lines [first, end), and the column of text that they stand in. */
struct display {
    uint32_t first, end;
    float left, right;
    struct box box; /* without the number */
    uint32_t words, parts, relations, variables, characters;
    bool numbered;
};

static bool
is_relation(uint32_t c)
{
    return c == '=' || c == '<' || c == '>' || (c >= 0x2248 && c <= 0x2265);
}

/* Letters of a word's text that are in runs long enough for what the recogniser is sure of. */
static uint32_t
count_sure(const struct page_word *word)
{
    uint32_t sum = 0, run = 0;

    for (const char *s = word->text;; s++) {
        unsigned char c = (unsigned char)*s;
        if (c >= 0x80 || char_is_letter(c)) {
            run += (c & 0xc0) != 0x80;
            continue;
        }
        if ((run >= 3 && word->confidence >= sure) || (run >= 5 && word->confidence >= half_sure))
            sum += run;
        run = 0;
        if (c == '\0')
            return sum;
    }
}

static uint32_t
count_characters(const char *text)
{
    uint32_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static bool
is_prose(const struct drafts *d, const struct text_line *line)
{
    uint32_t letters = 0, all = 0, words = 0;

    if (line->item->kind != ITEM_LINE || line->mono || line->item->labels)
        return false;
    for (uint32_t k = 0; k < line->words; k++) {
        const struct page_word *word = draft_word(d->layout, line->item, k);
        uint32_t n = count_sure(word);
        letters += n;
        words += n > 0;
        all += count_characters(word->text);
    }
    return words >= PROSE_WORDS && (float)letters >= prose_share * (float)all;
}

/* The column that running text around line i shows; false where there is none. */
static bool
find_column(const struct drafts *d, const bool *prose, uint32_t i, struct display *ret)
{
    uint32_t from = i > NEAR_LINES ? i - NEAR_LINES : 0, count = 0;
    const struct text_line *line = &d->lines[i];

    ret->left = INFINITY;
    ret->right = -INFINITY;
    for (uint32_t k = from; k < d->line_count && k <= i + NEAR_LINES; k++) {
        const struct text_line *other = &d->lines[k];
        if (!prose[k] || other->item->flow != line->item->flow || other->box.x0 > line->box.x1 ||
            other->box.x1 < line->box.x0)
            continue;
        ret->left = fminf(ret->left, other->box.x0);
        ret->right = fmaxf(ret->right, other->box.x1);
        count++;
    }
    return count >= 2;
}

/* "(3)", "(2.1)", "(4a)" and what is misread for it: the number of a formula. */
static bool
is_number(const char *text)
{
    size_t len = strlen(text), digits = 0;

    for (size_t i = 0; i < len; i++)
        digits += char_is_digit((unsigned char)text[i]);
    return len >= 2 && len <= 7 && text[len - 1] == ')' && digits > 0 &&
           strspn(text, "([{0123456789.-abc)") == len;
}

/* A word of two signs or three that was read badly where a number may stand. */
static bool
may_be_number(const struct page_word *word)
{
    uint32_t n = count_characters(word->text);

    return n >= 2 && n <= 4 && word->confidence < sure && word->text[strlen(word->text) - 1] == ')';
}

/* Which of the line's words is the formula's number at the column's right edge; those of lines
 * above and below may be read after it. line->words: none. */
static uint32_t
find_number(const struct drafts *d, const struct text_line *line, struct display *display)
{
    float size = d->layout->body_size, before = display->left;
    uint32_t at = 0;

    for (uint32_t k = 1; k < line->words; k++)
        if (draft_word(d->layout, line->item, k)->box.x1 >
            draft_word(d->layout, line->item, at)->box.x1)
            at = k;
    const struct page_word *last = draft_word(d->layout, line->item, at);
    for (uint32_t k = 0; k < line->words; k++)
        before = k == at ? before : fmaxf(before, draft_word(d->layout, line->item, k)->box.x1);
    bool number = is_number(last->text);
    if ((!number && !may_be_number(last)) ||
        fabsf(last->box.x1 - display->right) > edge_off * size ||
        last->box.x0 - before < number_gap * size)
        return line->words;
    display->numbered |= number;
    return at;
}

static void
weigh_part(const struct page_word *word, struct display *display)
{
    const char *text = word->text;

    display->words += count_sure(word);
    display->characters += count_characters(text);
    for (size_t at = 0, len = strlen(text); at < len; at++) {
        unsigned char c = (unsigned char)text[at];
        if ((c & 0xc0) == 0x80)
            continue;
        uint32_t whole = chars_first(text + at, len - at);
        display->relations += is_relation(whole);
        display->variables += char_is_letter(whole);
        display->parts++;
    }
}

/* Whether what a line adds to the display has too many words for a formula: a line of nearly the
 * column's width may have next to none. */
static bool
is_wordy(const struct display *before, const struct display *with, float width)
{
    float words = (float)(with->words - before->words),
          parts = (float)(with->parts - before->parts);
    bool wide = width > wide_share * (with->right - with->left);

    return words > (wide ? wide_words_most : line_words_most) * parts ||
           (float)with->words > words_most * (float)with->parts;
}

/* Takes line i into the display, if it can be of one. */
static bool
take_line(const struct drafts *d, uint32_t i, struct display *display)
{
    const struct text_line *line = &d->lines[i];
    float size = d->layout->body_size, inside = indent_least * size;
    struct display with = *display;
    struct box box = {0};

    if (line->item->kind != ITEM_LINE || line->mono || line->item->labels || line->words == 0)
        return false;
    uint32_t number = find_number(d, line, &with), n = 0;
    for (uint32_t k = 0; k < line->words; k++) {
        const struct page_word *word = draft_word(d->layout, line->item, k);
        if (k == number)
            continue;
        box = n++ == 0 ? word->box : box_union(box, word->box);
        weigh_part(word, &with);
    }
    if (n > 0 && (box.x0 < with.left + inside || box.x1 > with.right - inside))
        return false;
    if (n > 0)
        with.box = with.box.x1 <= with.box.x0 ? box : box_union(with.box, box);
    if (is_wordy(display, &with, box_width(box)) || with.characters > CHARACTERS_MOST ||
        box_height(with.box) > height_most * size)
        return false;
    with.end = i + 1;
    *display = with;
    return true;
}

static bool
is_in_picture(const struct drafts *d, struct box box)
{
    const struct page *page = d->layout->page;

    for (uint32_t i = 0; i < page->region_count; i++)
        if (page->regions[i].kind == REGION_PICTURE &&
            box_area(box_cut(page->regions[i].box, box)) > 0.3f * box_area(box))
            return true;
    return false;
}

/* Running text above or below, in the same column, or its short last line before that. */
static bool
is_beside_text(const struct drafts *d, const bool *prose, const struct display *display)
{
    float size = d->layout->body_size;

    for (uint32_t off = 1; off <= LINES_BESIDE; off++) {
        float most = (near_most + line_step * (float)(off - 1)) * size;
        for (int below = 0; below < 2; below++) {
            uint32_t i = below ? display->end + off - 1 : display->first - off;
            if ((!below && display->first < off) || i >= d->line_count || !prose[i])
                continue;
            const struct text_line *line = &d->lines[i];
            float gap = below ? line->box.y0 - display->box.y1 : display->box.y0 - line->box.y1;
            if (gap > -size && gap < most && line->box.x0 < display->box.x1 &&
                line->box.x1 > display->box.x0)
                return true;
        }
    }
    return false;
}

/* A table right below: its head, misread. */
static bool
heads_table(const struct drafts *d, const struct display *display)
{
    float foot = display->box.y1 + table_near * d->layout->body_size;

    for (uint32_t i = display->end; i < d->line_count && i < display->end + LINES_BESIDE; i++)
        if (d->lines[i].item->kind == ITEM_TABLE && d->lines[i].box.y0 < foot &&
            d->lines[i].box.y1 > display->box.y1)
            return true;
    return false;
}

static bool
is_formula(const struct drafts *d, const bool *prose, const struct display *display)
{
    bool told = display->numbered ? display->parts > 0
                                  : display->relations > 0 && display->variables > 0 &&
                                        display->parts >= PARTS_LEAST;

    return told && is_beside_text(d, prose, display) && !heads_table(d, display) &&
           !is_in_picture(d, display->box);
}

/* Whether line i is near enough to what the display has of lines to be a part of it. */
static bool
is_near(const struct drafts *d, const struct display *display, uint32_t i)
{
    const struct text_line *line = &d->lines[i];
    float size = part_step * d->layout->body_size;

    return display->box.x1 <= display->box.x0 ||
           (line->box.y0 < display->box.y1 + size && line->box.y1 > display->box.y0 - size);
}

bool
displayed_find(struct drafts *d)
{
    bool *prose = arena_array(d->layout->arena, d->line_count, sizeof(*prose));
    uint32_t count = 0;

    if (prose == NULL)
        return false;
    for (uint32_t i = 0; i < d->line_count; i++)
        prose[i] = is_prose(d, &d->lines[i]);
    for (uint32_t i = 0, next; i < d->line_count; i = next) {
        struct display display = {.first = i, .end = i};
        next = i + 1;
        if (prose[i] || !find_column(d, prose, i, &display))
            continue;
        while (display.end < d->line_count && display.end - i < LINES_MOST && !prose[display.end] &&
               is_near(d, &display, display.end) && take_line(d, display.end, &display))
            ;
        if (!is_formula(d, prose, &display))
            continue;
        next = display.end;
        count++;
        for (uint32_t k = i; k < display.end; k++)
            d->lines[k].display = count;
    }
    return true;
}
