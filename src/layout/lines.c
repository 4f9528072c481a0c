/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/lines.c - source lines cut at wide gaps, and pieces on one baseline put together again. */
#include "layout/blocks_internal.h"

#include "base/order.h"
#include "page/chars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In font sizes. A space of justified text is seldom wider than split_gap; columns seldom nearer.
 */
static const float split_gap = 0.75f;
static const float join_gap = 0.6f;
static const float number_gap =
    0.45f; /* of whole numbers beside each other; thousands are nearer */
static const float marker_gap = 5.0f;
static const float pixels_share_most = 0.1f; /* of a page's words, where sizes are the layer's */
/* Loosely justified lines that were read as one: spaces up to this much of the line's usual one. */
static const float loose_share = 2.2f, loose_gap_max = 1.6f;
static const float cell_gap = 0.4f, wide_space = 0.28f, edge_slack = 0.15f;
static const float same_baseline = 0.3f;
static const float mark_size = 0.8f;     /* of the body's: what pixels measured lower than it */
static const float default_size_pt = 10; /* where neither words nor boxes say */

/* Half-point steps up to 200 pt. */
enum { SIZE_STEPS = 400 };

static float
word_size(const struct page_word *word)
{
    if (word->size > 0)
        return word->size;
    float height = box_height(word->box);
    return height > 0 ? height : default_size_pt;
}

/* Characters, as wide as those of Latin: an ideograph is two. */
static uint32_t
count_characters(const char *text)
{
    uint32_t n = 0;

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c & 0xc0) != 0x80)
            n += c >= 0xe3 && c <= 0xed ? 2 : 1;
    }
    return n;
}

void
lines_part(struct layout *layout, struct frag *frag, uint32_t count)
{
    struct frag *rest = &layout->frags[layout->frag_count++];

    *rest = *frag;
    rest->first_word += count;
    rest->word_count -= count;
    frag->word_count = count;
    lines_measure(layout, frag);
    lines_measure(layout, rest);
}

void
lines_measure(struct layout *layout, struct frag *frag)
{
    const struct page_word *words = layout->page->words;
    uint32_t numbers = 0, others = 0;
    float size = 0;

    frag->characters = 0;
    for (uint32_t i = 0; i < frag->word_count; i++) {
        const struct page_word *word = &words[layout->word_ids[frag->first_word + i]];
        uint32_t characters = count_characters(word->text) + 1;
        frag->box = i == 0 ? word->box : box_union(frag->box, word->box);
        frag->characters += characters;
        size += word_size(word) * (float)characters;
        if (numbers_is(word->text))
            numbers++;
        else if (!numbers_go_with(word->text))
            others++;
    }
    frag->size = frag->characters > 0 ? size / (float)frag->characters : default_size_pt;
    frag->numeric = others == 0 && (numbers > 0 || frag->word_count == 1);
    if (others == 0 && numbers == 0)
        frag->numeric = frag->word_count == 1 && frag->characters <= 4;
}

uint32_t
lines_drawn(const struct layout *layout, const struct frag *frag)
{
    const uint32_t *ids = &layout->word_ids[frag->first_word];

    return frag->word_count > 1 && ids[1] != ids[0] + 1 ? ids[1] : ids[0];
}

bool
lines_is_marker(const struct layout *layout, const struct frag *frag)
{
    if (frag->word_count != 1)
        return false;
    const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;
    struct marker marker = marker_read(text, 2);
    uint32_t c = chars_first(text, strlen(text));

    return marker.kind != MARKER_NONE &&
           (marker.kind != MARKER_BULLET || (c >= 0x80 && c != 0x2013 && c != 0x2014));
}

static float
gap_between(struct box a, struct box b)
{
    return fmaxf(b.x0 - a.x1, a.x0 - b.x1);
}

bool
lines_part_words(struct box a, struct box b, struct gap gap, float size)
{
    float space = b.x0 - a.x1;

    if (a.x1 > gap.x1 || b.x0 < gap.x0 || space < wide_space * size)
        return false;
    return space >= cell_gap * size || fabsf(a.x1 - gap.x0) <= edge_slack * size ||
           fabsf(b.x0 - gap.x1) <= edge_slack * size;
}

static struct frag *
add_frag(struct layout *layout, const struct page_line *line, uint32_t first_word)
{
    struct frag *frag = &layout->frags[layout->frag_count++];

    *frag = (struct frag){.baseline = line->baseline - layout->tilt * line->box.x0,
                          .first_word = first_word,
                          .source = line->source,
                          .vertical = line->vertical,
                          .right_to_left = line->right_to_left};
    return frag;
}

/* Whether two figures and more stand apart from what is on either side: no spaces of one text. */
static bool
has_figures_apart(const struct layout *layout, const struct page_line *line)
{
    const struct page_word *words = layout->page->words + line->first_word;
    uint32_t n = 0;

    for (uint32_t i = 0; i < line->word_count; i++) {
        float least = split_gap * word_size(&words[i]);
        bool before = i == 0 || gap_between(words[i - 1].box, words[i].box) > least;
        bool behind =
            i + 1 == line->word_count || gap_between(words[i].box, words[i + 1].box) > least;
        n += before && behind && numbers_is(words[i].text);
    }
    return n >= 2;
}

/* The widest gap that is a space in a line whose words recognition has put together, pt; 0 where
 * the line has too few words to say. Old type is justified with spaces wider than split_gap. */
static float
widest_space(const struct layout *layout, const struct page_line *line)
{
    enum { GAPS_SEEN = 64, GAPS_LEAST = 3 };
    float gaps[GAPS_SEEN];
    uint32_t n = 0;

    if (layout->exact || line->source < 0 || line->word_count <= GAPS_LEAST ||
        has_figures_apart(layout, line))
        return 0;
    const struct page_word *words = layout->page->words + line->first_word;
    for (uint32_t i = 1; i < line->word_count && n < GAPS_SEEN; i++) {
        if (!words[i].glued)
            gaps[n++] = fmaxf(gap_between(words[i - 1].box, words[i].box), 0);
    }
    if (n < GAPS_LEAST)
        return 0;
    qsort(gaps, n, sizeof(*gaps), order_floats);
    return fminf(loose_share * gaps[n / 2], loose_gap_max * line->size);
}

/* Whether the line is cut before its i-th word; space: widest_space of it. */
static bool
is_cut(const struct layout *layout, const struct frag *frag, uint32_t i, float space)
{
    const struct page_word *a = &layout->page->words[i - 1], *b = a + 1;
    bool marker = lines_is_marker(layout, frag) && !bracketed_ends(layout, i - 1, i);
    float least = (marker ? marker_gap : split_gap) * fmaxf(word_size(a), word_size(b));

    /* Figures beside figures are columns. */
    if (!numbers_is(a->text) || !numbers_is(b->text))
        least = fmaxf(least, space);
    else if (layout->exact)
        least = number_gap * fmaxf(word_size(a), word_size(b));
    return gap_between(a->box, b->box) > least;
}

/* Cuts one line; ids counts the words placed so far. */
static void
cut_line(struct layout *layout, const struct page_line *line, uint32_t *ids)
{
    const struct page_word *words = layout->page->words;
    float space = widest_space(layout, line);
    struct frag *frag = NULL;

    for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++) {
        bool cut = frag == NULL;
        if (!cut && !words[i].glued && !line->vertical)
            cut = is_cut(layout, frag, i, space);
        if (cut)
            frag = add_frag(layout, line, *ids);
        layout->word_ids[(*ids)++] = i;
        frag->word_count++;
    }
}

/* Words that no line has get lines of their own; so does each end of a range that is out of order.
 * Afterwards every word is in exactly one fragment. */
static void
cut_lines(struct layout *layout)
{
    const struct page *page = layout->page;
    uint32_t ids = 0, next = 0;

    for (uint32_t i = 0; i <= page->line_count; i++) {
        struct page_line line = {.first_word = page->word_count, .source = -1};
        if (i < page->line_count)
            line = page->lines[i];
        if (line.first_word < next)
            continue;
        for (; next < line.first_word && next < page->word_count; next++) {
            struct box box = page->words[next].box;
            struct page_line own = {.box = box,
                                    .first_word = next,
                                    .word_count = 1,
                                    .source = -1,
                                    .baseline = box.y1 - 0.2f * box_height(box)};
            cut_line(layout, &own, &ids);
        }
        if (line.word_count > page->word_count - line.first_word)
            line.word_count = page->word_count - line.first_word;
        cut_line(layout, &line, &ids);
        next = line.first_word + line.word_count;
    }
}

static int
by_baseline(const void *a, const void *b, void *context)
{
    const struct frag *frags = context;
    const struct frag *fa = &frags[*(const uint32_t *)a], *fb = &frags[*(const uint32_t *)b];

    if (fa->baseline != fb->baseline)
        return fa->baseline < fb->baseline ? -1 : 1;
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

static int
by_left(const void *a, const void *b, void *context)
{
    const struct frag *frags = context;
    const struct frag *fa = &frags[*(const uint32_t *)a], *fb = &frags[*(const uint32_t *)b];

    if (fa->box.x0 != fb->box.x0)
        return fa->box.x0 < fb->box.x0 ? -1 : 1;
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

uint32_t
lines_rows(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends)
{
    struct frag *frags = layout->frags;
    uint32_t rows = 0;

    qsort_r(ids, n, sizeof(*ids), by_baseline, frags);
    for (uint32_t from = 0, to; from < n; from = to) {
        const struct frag *first = &frags[ids[from]];
        for (to = from + 1; to < n; to++) {
            const struct frag *frag = &frags[ids[to]];
            /* What pixels give for a lone dot or dash is the size of the mark. */
            float size = fminf(first->size, frag->size);
            if (!layout->exact)
                size = fmaxf(size, mark_size * layout->body_size);
            if (frag->baseline - first->baseline > same_baseline * size)
                break;
        }
        qsort_r(ids + from, to - from, sizeof(*ids), by_left, frags);
        ends[rows++] = to;
    }
    return rows;
}

/* Whether what was drawn right after word `last` stands below the front of the line in box: the
 * next line of its column. */
static bool
goes_on_below(const struct layout *layout, uint32_t last, struct box line, float size)
{
    if (last + 1 >= layout->page->word_count)
        return false;
    struct box box = layout->page->words[last + 1].box;
    float down = (box.y0 + box.y1 - line.y0 - line.y1) / 2;
    return box.x0 < (line.x0 + line.x1) / 2 && box.x0 > line.x0 - marker_gap * size &&
           down > 0.8f * size && down < 2 * size;
}

static uint32_t
last_word(const struct layout *layout, const struct frag *frag)
{
    return layout->word_ids[frag->first_word + frag->word_count - 1];
}

/* Markers that are drawn one after the other, before or after all that they mark. */
static bool
is_among_markers(const struct layout *layout, uint32_t last)
{
    const struct page *page = layout->page;

    return last + 1 < page->word_count &&
           (last + 2 == page->word_count || !page->words[last + 2].glued) &&
           marker_read(page->words[last + 1].text, 2).kind != MARKER_NONE;
}

/* The line as joined so far and the piece right of it are of two columns, however near: they were
 * not drawn one after the other, and one of them goes on below. end: the line's last piece. The
 * text of an item always does; its marker may be drawn after all text. */
static bool
are_columns(const struct layout *layout, const struct frag *line, const struct frag *end,
            const struct frag *piece, bool marker)
{
    uint32_t last = last_word(layout, end);

    return layout->exact && layout->word_ids[piece->first_word] != last + 1 &&
           ((goes_on_below(layout, last, line->box, line->size) &&
             !(marker && is_among_markers(layout, last))) ||
            (!marker && goes_on_below(layout, last_word(layout, piece), piece->box, piece->size)));
}

static bool
belong_together(const struct layout *layout, const struct frag *line, const struct frag *end,
                const struct frag *piece)
{
    float small = fminf(line->size, piece->size), big = fmaxf(line->size, piece->size);
    float gap = piece->box.x0 - line->box.x1;
    bool marker =
        line->word_count == end->word_count && lines_is_marker(layout, end) &&
        !bracketed_ends(layout, last_word(layout, end), layout->word_ids[piece->first_word]);
    float most = marker ? marker_gap : join_gap;

    if (line->numeric && piece->numeric && layout->exact)
        most = number_gap;

    return !line->vertical && !piece->vertical && !line->right_to_left && !piece->right_to_left &&
           gap < most * small && gap > -0.5f * small && big < 1.6f * small &&
           !are_columns(layout, line, end, piece, marker);
}

/* Joins neighbours on one baseline; fragments and word ids are written anew. */
static enum err_code
join_pieces(struct layout *layout, struct err *err)
{
    uint32_t n = layout->frag_count, rows, words = 0, made = 0;
    uint32_t *ids = arena_array(layout->arena, n, sizeof(*ids));
    uint32_t *ends = arena_array(layout->arena, n, sizeof(*ends));
    uint32_t *word_ids = arena_array(layout->arena, layout->page->word_count, sizeof(*word_ids));
    struct frag *joined = arena_array(layout->arena, layout->frag_cap, sizeof(*joined));

    if (ids == NULL || ends == NULL || word_ids == NULL || joined == NULL)
        return err_set(err, ERR_LIMIT, "page %u: layout needs too much memory",
                       layout->page->index + 1);
    for (uint32_t i = 0; i < n; i++)
        ids[i] = i;
    rows = lines_rows(layout, ids, n, ends);
    for (uint32_t row = 0, i = 0; row < rows; row++) {
        for (uint32_t first = i; i < ends[row]; i++) {
            const struct frag *frag = &layout->frags[ids[i]];
            if (i == first ||
                !belong_together(layout, &joined[made - 1], &layout->frags[ids[i - 1]], frag)) {
                joined[made] = *frag;
                joined[made].first_word = words;
                joined[made++].word_count = 0;
            }
            struct frag *whole = &joined[made - 1];
            for (uint32_t k = 0; k < frag->word_count; k++)
                word_ids[words++] = layout->word_ids[frag->first_word + k];
            whole->word_count += frag->word_count;
            whole->box = box_union(whole->box, frag->box);
            whole->characters += frag->characters;
            whole->field |= frag->field;
        }
    }
    layout->word_ids = word_ids;
    layout->frags = joined;
    layout->frag_count = made;
    for (uint32_t i = 0; i < made; i++)
        lines_measure(layout, &joined[i]);
    return ERR_OK;
}

/* The size that most characters have, but for labels of pictures. */
static void
find_body_size(struct layout *layout)
{
    uint32_t steps[SIZE_STEPS + 1] = {0}, best = 0;

    for (uint32_t i = 0; i < layout->frag_count; i++) {
        const struct frag *frag = &layout->frags[i];
        if (layout->pictured != NULL && frag->word_count > 0 &&
            layout->pictured[layout->word_ids[frag->first_word]] != 0)
            continue;
        float step = layout->frags[i].size * 2 + 0.5f;
        steps[step < SIZE_STEPS ? (uint32_t)step : SIZE_STEPS] += layout->frags[i].characters;
    }
    for (uint32_t i = 1; i <= SIZE_STEPS; i++) {
        if (steps[i] > steps[best])
            best = i;
    }
    layout->body_size = best == 0 ? default_size_pt : (float)best / 2;
}

/* A few words that only the pixels gave change nothing, nor do labels of pictures. */
static bool
is_exact(const struct layout *layout)
{
    const struct page *page = layout->page;
    uint32_t from_pixels = 0;

    if (!page->from_layer)
        return false;
    for (uint32_t i = 0; page->from_pixels && i < page->word_count; i++)
        from_pixels += page->words[i].witness == WITNESS_PIXELS && layout->pictured[i] == 0;
    return (float)from_pixels <= pixels_share_most * (float)page->word_count;
}

enum err_code
lines_split(struct layout *layout, struct err *err)
{
    uint32_t n = layout->page->word_count;

    layout->word_ids = arena_array(layout->arena, n, sizeof(*layout->word_ids));
    layout->frag_cap = n + RULED_TABLES_MAX;
    layout->frags = arena_array(layout->arena, layout->frag_cap, sizeof(*layout->frags));
    layout->sequence = arena_array(layout->arena, n, sizeof(*layout->sequence));
    if (layout->word_ids == NULL || layout->frags == NULL || layout->sequence == NULL ||
        !pictures_find(layout))
        return err_set(err, ERR_LIMIT, "page %u: layout needs too much memory",
                       layout->page->index + 1);
    layout->exact = is_exact(layout);
    layout->tilt = layout->exact ? 0 : tilt_measure(layout->page);
    if (!layout->exact && !sizes_settle(layout))
        return err_set(err, ERR_LIMIT, "page %u: layout needs too much memory",
                       layout->page->index + 1);
    cut_lines(layout);
    for (uint32_t i = 0; i < layout->frag_count; i++)
        lines_measure(layout, &layout->frags[i]);
    if (layout->exact)
        values_settle(layout);
    if (layout->exact && !formula_gather(layout))
        return err_set(err, ERR_LIMIT, "page %u: layout needs too much memory",
                       layout->page->index + 1);
    find_body_size(layout);
    enum err_code rc = join_pieces(layout, err);
    if (rc == ERR_OK)
        find_body_size(layout);
    return rc;
}
