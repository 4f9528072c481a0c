/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/formula.c - formulas set in two dimensions as one fragment each.
 *
 * Limits of sums, numerators and denominators stand on baselines of their own, and would be lines of
 * their own. In a text layer they are drawn in the order in which they are read: a run of pieces
 * that goes on to the right while it hops over the baselines of one line is one formula. Only
 * fragments that follow each other in drawing order are looked at, so that a layer drawn in another
 * order is left as it is. */
#include "layout/layout_internal.h"

#include "page/chars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In sizes of the line. */
static const float small_share = 0.86f; /* of the line's size: limits and indices */
static const float small_rise = 1.7f;   /* how far from the baseline they may stand */
static const float large_rise = 0.9f;   /* the same for parts of full size; lines are farther apart */
static const float back_small = 4.0f, back_large = 6.0f; /* as far as one is set under another */
static const float ahead = 1.6f;                         /* to the part that follows */
static const float level = 0.12f;                        /* baselines that are one */

/* A run in drawing order. */
struct run {
    uint32_t first, end; /* in order */
    uint32_t base;       /* the fragment with the most characters at full size */
    float x0, x1;
    bool uneven; /* on several baselines */
};

static int
by_drawing(const void *a, const void *b, void *context)
{
    const struct layout *layout = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    uint32_t wx = layout->word_ids[layout->frags[x].first_word];
    uint32_t wy = layout->word_ids[layout->frags[y].first_word];

    return wx < wy ? -1 : wx > wy;
}

/* Sums, products, integrals, brackets in pieces and braces over or under: their own baseline says
 * nothing, and limits stand above and below them. */
static bool
is_operator(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x220f, 0x2211}, {0x222b, 0x2233}, {0x22c0, 0x22c3}, {0x239b, 0x23b3},
                  {0x23dc, 0x23e1}, {0x2a00, 0x2a20}, {0xfe37, 0xfe38}};

    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    }
    return false;
}

/* An operator, with its limits at most. */
static bool
is_operation(const struct layout *layout, const struct frag *frag)
{
    static const uint32_t words_most = 4;

    for (uint32_t i = 0; frag->word_count <= words_most && i < frag->word_count; i++) {
        const char *text = layout->page->words[layout->word_ids[frag->first_word + i]].text;
        if (is_operator(chars_first(text, strlen(text))))
            return true;
    }
    return false;
}

static bool
can_join(const struct frag *frag)
{
    return !frag->vertical && !frag->right_to_left && frag->word_count > 0;
}

static bool
goes_on(const struct layout *layout, const struct run *run, const struct frag *frag)
{
    const struct frag *base = &layout->frags[run->base];
    float size = fmaxf(base->size, frag->size), rise = fabsf(frag->baseline - base->baseline);
    bool small = fminf(base->size, frag->size) <= small_share * size ||
                 is_operation(layout, frag) || is_operation(layout, base);

    if (rise <= level * size) /* a neighbour on the line belongs to it only behind other parts */
        return run->uneven && frag->box.x0 >= run->x1 - 0.5f * size &&
               frag->box.x0 <= run->x1 + ahead * size;
    return rise <= (small ? small_rise : large_rise) * size &&
           frag->box.x0 >= run->x1 - (small ? back_small : back_large) * size &&
           frag->box.x0 >= run->x0 - 0.5f * size && frag->box.x0 <= run->x1 + ahead * size;
}

static void
extend(const struct layout *layout, struct run *run, uint32_t id)
{
    const struct frag *frag = &layout->frags[id], *base = &layout->frags[run->base];

    run->uneven |= fabsf(frag->baseline - base->baseline) > level * fmaxf(base->size, frag->size);
    run->x0 = fminf(run->x0, frag->box.x0);
    run->x1 = fmaxf(run->x1, frag->box.x1);
    run->end++;
    if (is_operation(layout, frag) && !is_operation(layout, base))
        return;
    if (frag->size > base->size * 1.1f || is_operation(layout, base) ||
        (frag->size > base->size * small_share && frag->characters > base->characters))
        run->base = id;
}

/* The fragments of the run become the one that stands for it; its words follow each other in ids
 * from *used on. The others are left without words. */
static void
fuse(struct layout *layout, const struct run *run, const uint32_t *order, uint32_t *ids,
     uint32_t *used)
{
    struct frag whole = layout->frags[run->base];
    uint32_t first = *used;

    for (uint32_t i = run->first; i < run->end; i++) {
        struct frag *frag = &layout->frags[order[i]];
        for (uint32_t k = 0; k < frag->word_count; k++)
            ids[(*used)++] = layout->word_ids[frag->first_word + k];
        whole.box = box_union(whole.box, frag->box);
        whole.characters += order[i] == run->base ? 0 : frag->characters;
        frag->word_count = 0;
    }
    whole.first_word = first;
    whole.word_count = *used - first;
    whole.numeric = false;
    layout->frags[run->base] = whole;
}

bool
formula_gather(struct layout *layout)
{
    uint32_t n = layout->frag_count, used = 0, kept = 0;
    uint32_t *order = arena_array(layout->arena, n, sizeof(*order));
    uint32_t *ids = arena_array(layout->arena, layout->page->word_count, sizeof(*ids));

    if (order == NULL || ids == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof(*order), by_drawing, layout);
    for (uint32_t i = 0, end; i < n; i = end) {
        const struct frag *frag = &layout->frags[order[i]];
        struct run run = {i, i + 1, order[i], frag->box.x0, frag->box.x1, false};
        while (can_join(frag) && run.end < n && can_join(&layout->frags[order[run.end]]) &&
               goes_on(layout, &run, &layout->frags[order[run.end]]))
            extend(layout, &run, order[run.end]);
        end = run.end;
        if (run.uneven) {
            fuse(layout, &run, order, ids, &used);
            continue;
        }
        for (uint32_t k = run.first; k < end; k++) {
            struct frag *single = &layout->frags[order[k]];
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
