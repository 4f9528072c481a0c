/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/formula.c - formulas set in two dimensions as one fragment each.
 *
 * Limits of sums, numerators and denominators stand on baselines of their own,
 * and would be lines of their own. In a text layer they are drawn in the order
 * in which they are read: a run of pieces that goes on to the right while it
 * hops over the baselines of one line is one formula. Only fragments that
 * follow each other in drawing order are looked at, so that a layer drawn in
 * another order is left as it is. */
#include "layout/layout_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

/* In sizes of the line. */
static const float small_share = 0.86f; /* of the line's size: limits and indices */
static const float small_rise = 1.7f;   /* how far from the baseline they may stand */
static const float large_rise = 0.9f; /* the same for parts of full size; lines are farther apart */
static const float open_rise = 1.5f;  /* the same inside a high bracket: rows of a matrix */
static const float index_gap = 0.12f, index_back = 1.0f; /* from one index to the other */
static const float limit_rise = 2.6f;  /* of limits, from the baseline of their operator */
static const float under_brace = 1.3f; /* from the brace's baseline to what names it */
static const float back_small = 4.0f, back_large = 6.0f; /* as far as one is set under another */
static const float ahead = 1.6f;                         /* to the part that follows */
static const float ahead_inside = 5.0f;                  /* to the next column of a matrix */
static const uint32_t limit_characters = 14;             /* of limits and indices */
static const uint32_t part_characters = 6; /* of parts that an exponent may still come between */
static const float level = 0.12f;          /* baselines that are one */

static const float piece_rise = 5.0f;  /* of a piece of a high bracket */
static const float piece_depth = 2.2f; /* as far as such pieces may hang under their baseline */

enum { OPEN_MAX = 4 };

/* A run in drawing order. */
struct run {
    uint32_t first, end; /* fragments */
    uint32_t base;       /* the fragment with the most characters at full size */
    float x0, x1;
    bool uneven; /* on several baselines */
    int open;    /* lone brackets that are not closed yet */
    /* High brackets made of pieces: where those that are not closed yet stand, and of all pieces
     * the baselines of the highest and the lowest. */
    float highs[OPEN_MAX];
    uint32_t high_count;
    float piece_x, piece_top, piece_foot;
};

/* Sums, products, integrals, brackets in pieces and braces over or under: their
 * own baseline says nothing, and limits stand above and below them. */
static bool
is_operator(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x220f, 0x2211}, {0x222b, 0x2233}, {0x22c0, 0x22c3}, {0x239b, 0x23b3},
                  {0x23dc, 0x23e1}, {0x2a00, 0x2a20}, {0xf8e6, 0xf8fe}, {0xfe37, 0xfe38}};

    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

/* 1: a bracket that opens stands alone, as around matrices; -1: one that
 * closes; 0: something else.
 */
static int
lone_bracket(const struct layout *layout, const struct frag *frag)
{
    if (frag->word_count != 1)
        return 0;
    const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;
    if (text[0] == '\0' || text[1] != '\0')
        return 0;
    return strchr("([{", text[0]) != NULL ? 1 : strchr(")]}", text[0]) != NULL ? -1 : 0;
}

/* An operator, with its limits at most, or a bracket as high as what it holds.
 */
static bool
is_operation(const struct layout *layout, const struct frag *frag)
{
    static const uint32_t words_most = 4;

    for (uint32_t i = 0; frag->word_count <= words_most && i < frag->word_count; i++) {
        const char *text = layout->page->words[layout->word_ids[frag->first_word + i]].text;
        if (is_operator(chars_first(text, strlen(text))))
            return true;
    }
    return lone_bracket(layout, frag) != 0;
}

/* 1: a piece of a high bracket that opens, -1: that closes; 0: something else. Besides Unicode's
 * codes the private ones that fonts of symbols have for them. */
static int
bracket_piece(const struct layout *layout, const struct frag *frag)
{
    static const struct {
        uint32_t first, last;
        int way;
    } ranges[] = {{0x239b, 0x239d, 1},  {0x239e, 0x23a0, -1}, {0x23a1, 0x23a3, 1},
                  {0x23a4, 0x23a6, -1}, {0x23a7, 0x23a9, 1},  {0x23ab, 0x23ad, -1},
                  {0xf8eb, 0xf8f4, 1},  {0xf8f6, 0xf8fe, -1}};
    const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;
    uint32_t c = chars_first(text, strlen(text));

    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return ranges[i].way;
    }
    return 0;
}

/* Pieces of a bar, as around a norm; "|" may stand anywhere. */
static bool
is_high_bar(const struct layout *layout, const struct frag *frag)
{
    const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;
    uint32_t c = chars_first(text, strlen(text));

    return (c == 0x2223 || c == 0x2225 || c == 0x2016) && c == chars_last(text, strlen(text));
}

static bool
is_brace_code(uint32_t c)
{
    return c == 0xfe37 || c == 0xfe38 || (c >= 0x23dc && c <= 0x23e1);
}

/* A piece of a brace that lies over or under a part of the line, and what is drawn after it: its
 * other pieces, and the name of that part. */
static bool
is_brace(const struct layout *layout, const struct frag *frag)
{
    const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;

    return frag->word_count <= 2 && is_brace_code(chars_first(text, strlen(text)));
}

static bool
can_join(const struct frag *frag)
{
    return !frag->vertical && !frag->right_to_left && !frag->field && frag->word_count > 0;
}

/* Numerator and denominator: one right under the other's middle, with a line
 * between them. */
static bool
is_fraction(const struct layout *layout, const struct frag *above, const struct frag *below)
{
    const struct page *page = layout->page;
    float size = fmaxf(above->size, below->size), step = below->baseline - above->baseline;
    float x0 = fminf(above->box.x0, below->box.x0), x1 = fmaxf(above->box.x1, below->box.x1);

    if (step < 0.7f * size || step > 2 * size ||
        fabsf(above->box.x0 + above->box.x1 - below->box.x0 - below->box.x1) > size)
        return false;
    for (uint32_t i = 0; i < page->region_count; i++) {
        struct box b = page->regions[i].box;
        if (page->regions[i].kind == REGION_RULE && box_height(b) < 0.15f * size &&
            b.y0 > above->baseline && b.y1 < below->baseline && fabsf(b.x0 - x0) < 0.4f * size &&
            fabsf(b.x1 - x1) < 0.4f * size)
            return true;
    }
    return false;
}

/* A numerator, and a line that goes on behind its denominator: a line drawn over the first words of
 * it, under the numerator. */
static bool
is_fraction_in_line(const struct layout *layout, const struct frag *above, const struct frag *below)
{
    const struct page *page = layout->page;
    const uint32_t *ids = layout->word_ids + below->first_word;
    struct box first = page->words[ids[0]].box;
    float size = above->size, slack = 0.4f * size, over = (above->box.y0 + above->box.y1) / 2;
    float under = (first.y0 + first.y1) / 2, x0 = fminf(above->box.x0, first.x0);

    if (under - over < 0.5f * size || under - over > 2 * size)
        return false;
    for (uint32_t i = 0; i < page->region_count; i++) {
        struct box b = page->regions[i].box;
        if (page->regions[i].kind != REGION_RULE || box_height(b) >= 0.15f * size || b.y0 <= over ||
            b.y1 >= under || fabsf(b.x0 - x0) > slack || b.x1 < above->box.x1 - slack)
            continue;
        for (uint32_t k = 0; k < below->word_count; k++) {
            if (fabsf(page->words[ids[k]].box.x1 - b.x1) <= slack)
                return true;
        }
    }
    return false;
}

/* Whether what was drawn just before stands between the run and the fragment on its line: then it
 * is that which the run belongs to. */
static bool
is_parted(const struct layout *layout, const struct run *run, const struct frag *frag)
{
    enum { BACK = 4 };

    if (layout->frags[run->base].size > small_share * frag->size)
        return false;
    for (uint32_t i = run->first > BACK ? run->first - BACK : 0; i < run->first; i++) {
        const struct frag *other = &layout->frags[i];
        float middle = (other->box.x0 + other->box.x1) / 2;
        if (middle > run->x0 && middle < frag->box.x0 && other->word_count > 0 &&
            fabsf(other->baseline - frag->baseline) <= level * frag->size)
            return true;
    }
    return false;
}

/* A word of text, as no limit or index is, that begins under what it would belong to; or the mark
 * of an item. */
static bool
is_text_below(const struct layout *layout, const struct run *run, const struct frag *frag)
{
    static const size_t letters_least = 4;
    float size = fmaxf(layout->frags[run->base].size, frag->size);

    if (lines_is_marker(layout, frag) && lines_is_marker(layout, &layout->frags[run->base]))
        return true;
    for (uint32_t i = 0; i < frag->word_count && frag->box.x0 < run->x1 - size; i++) {
        const char *text = layout->page->words[layout->word_ids[frag->first_word + i]].text;
        size_t letters = 0;
        while (char_is_letter((unsigned char)text[letters]))
            letters++;
        if (letters >= letters_least)
            return true;
    }
    return false;
}

/* Small type at an operator drawn just before, which may hang far under its baseline; and the next
 * line of such a limit. */
static bool
is_limit(const struct layout *layout, const struct run *run, const struct frag *frag)
{
    const struct frag *last = &layout->frags[run->end - 1], *base = &layout->frags[run->base];
    float size = fmaxf(base->size, frag->size), down = frag->baseline - last->baseline;

    if (frag->size > small_share * size)
        return false;
    if (is_operation(layout, last))
        return fabsf(down) <= limit_rise * size && frag->box.x0 <= last->box.x1 + 0.5f * size &&
               frag->box.x1 >= last->box.x0;
    return run->uneven && last->size <= small_share * size && down > 0.7f * last->size &&
           down < 1.4f * last->size && frag->box.x0 < last->box.x1 && frag->box.x1 > last->box.x0;
}

static bool
goes_on(const struct layout *layout, const struct run *run, const struct frag *frag)
{
    const struct frag *base = &layout->frags[run->base], *last = &layout->frags[run->end - 1];
    float size = fmaxf(base->size, frag->size), rise = fabsf(frag->baseline - base->baseline);
    bool small = fminf(base->size, frag->size) <= small_share * size ||
                 is_operation(layout, frag) || is_operation(layout, base);
    float most = small ? small_rise : run->open > 0 ? open_rise : large_rise;

    float most_ahead = run->high_count > 0 ? ahead_inside : ahead;
    if (frag->box.x0 > run->x1 + most_ahead * size || frag->box.x0 < run->x0 - 0.5f * size)
        return false;
    if (is_parted(layout, run, frag))
        return false;
    if (frag->word_count == 1 && (bracket_piece(layout, frag) != 0 || is_high_bar(layout, frag)))
        return rise <= piece_rise * size;
    if (run->high_count > 0) /* an entry of a matrix */
        return frag->box.x0 >= run->highs[run->high_count - 1] &&
               frag->baseline >= run->piece_top - size &&
               frag->baseline <= run->piece_foot + piece_depth * size;
    if (is_fraction(layout, last, frag) || is_fraction_in_line(layout, last, frag))
        return true;
    if (is_limit(layout, run, frag))
        return true;
    if (rise <= level * size) /* a neighbour on the line belongs to it only behind
                                 other parts */
        return (run->uneven || frag->size <= small_share * base->size ||
                (frag->characters <= part_characters && base->characters <= part_characters)) &&
               frag->box.x0 >= run->x1 - 0.5f * size;
    if (is_brace(layout, frag))
        return rise <= small_rise * size;
    /* What stands under a brace, which stands under the line. */
    if (is_operation(layout, last) && frag->size <= small_share * base->size &&
        fabsf(frag->baseline - last->baseline) <= under_brace * size)
        return is_brace(layout, last) || frag->box.x0 >= last->box.x0 - back_small * size;
    if (small && !is_operation(layout, frag) && !is_operation(layout, base)) {
        /* A short line of text and one of another size below it. */
        const struct frag *lesser = frag->size < base->size ? frag : base;
        if (lesser->characters > limit_characters || frag->box.x0 < run->x0 + size ||
            is_text_below(layout, run, frag))
            most = large_rise;
    }
    return rise <= most * size &&
           frag->box.x0 >= run->x1 - (small ? back_small : back_large) * size;
}

/* Pieces one above the other are one bracket. */
static void
note_piece(struct run *run, const struct frag *frag, int way)
{
    bool first = run->piece_top == 0 && run->piece_foot == 0;

    if (first || frag->baseline < run->piece_top)
        run->piece_top = frag->baseline;
    if (first || frag->baseline > run->piece_foot)
        run->piece_foot = frag->baseline;
    if (!first && fabsf(frag->box.x0 - run->piece_x) < 0.3f * frag->size)
        return;
    run->piece_x = frag->box.x0;
    if (way > 0 && run->high_count < OPEN_MAX)
        run->highs[run->high_count++] = frag->box.x0;
    if (way < 0 && run->high_count > 0)
        run->high_count--;
}

static void
extend(const struct layout *layout, struct run *run, uint32_t id)
{
    const struct frag *frag = &layout->frags[id], *base = &layout->frags[run->base];

    run->uneven |=
        fabsf(frag->baseline - base->baseline) > level * fmaxf(base->size, frag->size) ||
        (run->end > run->first && is_fraction_in_line(layout, &layout->frags[run->end - 1], frag));
    run->x0 = fminf(run->x0, frag->box.x0);
    run->x1 = fmaxf(run->x1, frag->box.x1);
    run->end++;
    run->open += lone_bracket(layout, frag);
    int way = bracket_piece(layout, frag);
    if (way != 0)
        note_piece(run, frag, way);
    if (is_operation(layout, frag) && !is_operation(layout, base))
        return;
    if (frag->size > base->size * 1.1f || is_operation(layout, base) ||
        (frag->size > base->size * small_share && frag->characters > base->characters))
        run->base = id;
}

/* Appends a word to ids [first, *used). Raised and lowered words that were drawn after the line
 * that they belong to go where they stand: before what is wholly to their right at nearly their
 * height. */
static void
place_word(const struct page_word *words, uint32_t *ids, uint32_t first, uint32_t *used,
           uint32_t id)
{
    uint32_t at = (*used)++;
    const char *text = words[id].text;

    for (; at > first && !is_brace_code(chars_first(text, strlen(text))); at--) {
        const struct page_word *before = &words[ids[at - 1]];
        float size = fmaxf(before->size, words[id].size);
        if (before->box.x0 < words[id].box.x1 - 0.1f * size ||
            fabsf(before->box.y1 - words[id].box.y1) > 0.65f * size)
            break;
        ids[at] = ids[at - 1];
    }
    ids[at] = id;
}

static bool
is_bar(uint32_t c)
{
    return c == 0x2223 || c == 0x2225 || c == 0x2016 || c == '|';
}

/* Pieces of one high bar, one above the other, and indices one above the other or at their letter,
 * have no space between them. size: of the line. */
static void
glue_parts(struct page_word *words, const uint32_t *ids, uint32_t first, uint32_t end, float size)
{
    for (uint32_t i = first + 1; i < end; i++) {
        struct page_word *word = &words[ids[i]];
        const struct page_word *before = &words[ids[i - 1]];
        uint32_t c = chars_first(word->text, strlen(word->text));
        uint32_t last = chars_last(before->text, strlen(before->text));
        float gap = word->box.x0 - before->box.x1;
        if (is_bar(c) && c == last && fabsf(word->box.x0 - before->box.x0) < 0.5f * word->size)
            word->glued = true;
        /* "x" with both indices; not the limits of a sum, nor what stands over each other. */
        if (word->size <= small_share * size && !is_operator(last) && !is_operator(c) &&
            gap < index_gap * size && gap > -index_back * size &&
            (before->style & (STYLE_SUPER | STYLE_SUB)) != 0)
            word->glued = true;
    }
}

/* The fragments of the run become the one that stands for it; its words follow
 * each other in ids from *used on. The others are left without words. */
static void
fuse(struct layout *layout, const struct run *run, uint32_t *ids, uint32_t *used)
{
    struct frag whole = layout->frags[run->base];
    uint32_t first = *used;

    for (uint32_t i = run->first; i < run->end; i++) {
        struct frag *frag = &layout->frags[i];
        for (uint32_t k = 0; k < frag->word_count; k++)
            place_word(layout->page->words, ids, first, used,
                       layout->word_ids[frag->first_word + k]);
        whole.box = box_union(whole.box, frag->box);
        whole.characters += i == run->base ? 0 : frag->characters;
        frag->word_count = 0;
    }
    glue_parts(layout->page->words, ids, first, *used, whole.size);
    whole.first_word = first;
    whole.word_count = *used - first;
    whole.numeric = false;
    layout->frags[run->base] = whole;
}

bool
formula_gather(struct layout *layout)
{
    uint32_t n = layout->frag_count, used = 0, kept = 0;
    uint32_t *ids = arena_array(layout->arena, layout->page->word_count, sizeof(*ids));

    if (ids == NULL)
        return false;
    for (uint32_t i = 0, end; i < n; i = end) {
        const struct frag *frag = &layout->frags[i];
        struct run run = {.first = i, .end = i, .base = i, .x0 = frag->box.x0, .x1 = frag->box.x1};
        if (can_join(frag))
            extend(layout, &run, i);
        run.end = i + 1;
        while (can_join(frag) && run.end < n && can_join(&layout->frags[run.end]) &&
               goes_on(layout, &run, &layout->frags[run.end]))
            extend(layout, &run, run.end);
        end = run.end;
        if (run.uneven) {
            fuse(layout, &run, ids, &used);
            continue;
        }
        for (uint32_t k = run.first; k < end; k++) {
            struct frag *single = &layout->frags[k];
            for (uint32_t w = 0; w < single->word_count; w++)
                ids[used + w] = layout->word_ids[single->first_word + w];
            single->first_word = used;
            used += single->word_count;
        }
    }
    layout->word_ids = ids;
    for (uint32_t i = 0; i < n; i++) {
        if (layout->frags[i].word_count > 0)
            layout->frags[kept++] = layout->frags[i];
    }
    layout->frag_count = kept;
    return true;
}
