/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/blocks.c - lines in reading order to paragraphs and list items. */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In sizes or shares. Sizes that pixels gave vary from line to line. */
static const float same_size_exact = 1.09f, same_size_pixels = 1.35f;
static const float wide_pitch_exact = 1.22f, wide_pitch_pixels = 1.3f; /* of the usual one */
static const float indent_min = 0.8f, indent_max = 5.0f;
/* Spaces of justified text: the widest in sizes, and beside the narrowest. */
static const float spread_gap_most = 2.0f, spread_ratio = 1.7f;
enum { SPREAD_GAPS_LEAST = 3 };
static const float code_step_most = 3.6f; /* lines of code on scans, a blank one between them */
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

    *line = (struct text_line){
        .item = item, .source = -1, .first_word = "", .box = item->column, .field = item->labels};
    if (item->kind == ITEM_TABLE)
        return;
    for (uint32_t i = 0; i < item->count; i++) {
        const struct frag *frag = &layout->frags[layout->sequence[item->first + i]];
        line->box = i == 0 ? frag->box : box_union(line->box, frag->box);
        line->characters += frag->characters;
        line->field |= frag->field;
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
    line->marker_words = line->marker.kind != MARKER_NONE;
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

/* Line b stands under the text of line a, which begins with a number set apart from it. */
static bool
hangs(const struct drafts *d, const struct text_line *a, const struct text_line *b)
{
    static const float apart = 0.75f, off = 0.3f; /* in sizes */

    if (a->words < 2)
        return false;
    const struct page_word *number = draft_word(d->layout, a->item, 0);
    const struct page_word *text = draft_word(d->layout, a->item, 1);
    return text->box.x0 - number->box.x1 > apart * a->size &&
           char_is_digit(a->first_char == '(' ? (uint32_t)number->text[1] : a->first_char) &&
           fabsf(b->box.x0 - text->box.x0) < off * b->size;
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

/* All spaces of the line are nearly as wide, as of justified text; few words prove nothing. */
static bool
is_spread(const struct drafts *d, const struct text_line *line)
{
    float least = INFINITY, most = 0;
    uint32_t gaps = 0;

    for (uint32_t k = line->marker.kind != MARKER_NONE ? 2 : 1; k < line->words; k++) {
        const struct page_word *word = draft_word(d->layout, line->item, k);
        if (word->glued)
            continue;
        float gap = word->box.x0 - draft_word(d->layout, line->item, k - 1)->box.x1;
        least = fminf(least, gap);
        most = fmaxf(most, gap);
        gaps++;
    }
    return gaps >= SPREAD_GAPS_LEAST && most < spread_gap_most * line->size &&
           most < spread_ratio * least + 0.1f * line->size;
}

/* Lines of one column of text that follow each other, though white space inside of a line, as of
 * justified text, made a region of its own for it. */
static bool
goes_on_in_flow(const struct drafts *d, const struct text_line *a, const struct text_line *b,
                float pitch, const struct text_line *list)
{
    float step = b->baseline - a->baseline, off = b->box.x0 - a->box.x0;
    bool hangs = list == a && off > 0 && off < indent_max * b->size;

    return d->layout->exact && a->item->flow == b->item->flow && !a->item->paired &&
           !b->item->paired && step > 0.8f * a->size &&
           step < wide_pitch_exact * pitch * a->size + 0.5f &&
           (fabsf(off) < 0.3f * b->size || hangs) && b->box.x1 < a->box.x1 + 0.5f * a->size &&
           is_spread(d, a) && (char_is_lower(b->first_char) || !ends_sentence(a->last_char));
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

    if (a->item->kind != ITEM_LINE || b->item->kind != ITEM_LINE || a->entry != b->entry)
        return true;
    if (a->item->labels || b->item->labels)
        return a->item->region != b->item->region;
    if (a->display != 0 || b->display != 0)
        return a->display != b->display;
    if (!d->layout->exact && a->mono && b->mono)
        return step < 0 || step > code_step_most * fmaxf(a->size, b->size);
    if (a->item->region != b->item->region && !goes_on_in_flow(d, a, b, pitch, list))
        return true;
    if (sizes_differ(d, a->size, b->size) || a->mono != b->mono || a->role != b->role)
        return true;
    if (a->mono && b->mono)
        return step > 2.6f * pitch * a->size;
    if (step > wide * pitch * a->size + 0.5f)
        return true;
    if (a->entry != 0) /* nothing but space parts the paragraphs of an item */
        return false;
    if (marker_counts(d, a, b, list))
        return true;
    if (a->bold != b->bold && (ended_early(d, a, b) || ends_sentence(a->last_char)))
        return true;
    if (list != NULL && b->box.x0 < list->box.x0 + 0.3f * b->size && ended_early(d, a, b))
        return true;
    if (a->source >= 0 && b->source >= 0 && a->source != b->source && ended_early(d, a, b))
        return true;
    bool starts = char_is_upper(b->first_char) || char_is_digit(b->first_char) ||
                  b->first_char == 0x201c || b->first_char == '"';
    if (list == NULL && is_indented(a, b, c) && !hangs(d, a, b) && (starts || ended_early(d, a, b)))
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
    block->field |= line->field;
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
            bool marked = line->entry != 0 ? line->begins : line->marker.kind != MARKER_NONE;
            marked = marked && !line->item->labels && line->display == 0;
            d->blocks[d->count++] = (struct draft){.first = i, .end = i};
            list = marked ? line : NULL;
            if (marked || line->display != 0)
                d->blocks[d->count - 1].kind = marked ? BLOCK_LIST_ITEM : BLOCK_FORMULA;
        }
        struct draft *block = &d->blocks[d->count - 1];
        uint8_t kind = block->kind;
        add_line(block, line, i);
        if (kind == BLOCK_LIST_ITEM || kind == BLOCK_FORMULA)
            block->kind = kind;
    }
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
        ok = (layout->exact || (pitch_find(&d) && displayed_find(&d))) && entries_find(&d);
    }
    if (ok) {
        group_lines(&d, scratch);
        kinds_assign(&d);
        ok = blocks_write(layout, &d);
    }
    if (!ok)
        return err_set(err, ERR_LIMIT, "page %u: layout needs too much memory",
                       layout->page->index + 1);
    return ERR_OK;
}
