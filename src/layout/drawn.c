/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/drawn.c - labels of figures and captions side by side, in the order in which they are
 * drawn.
 *
 * Scattered labels have no order that their places tell, and captions of several lines beside each
 * other read as rows are nonsense. A text layer draws what belongs together in one go. So where the
 * order found by place and the order of drawing differ within a small part of the page, the drawing
 * is believed; where something is drawn far from its place (a heading last of all), the place is.
 * Tables and rows of labels with values stay as they are. */
#include "layout/layout_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float height_most = 0.45f;          /* of the page, by one disordered part */
static const uint32_t mean_characters_most = 34; /* of its fragments; more is running text */
static const float same_baseline = 0.3f;         /* sizes */

enum { CAPTION_LINES_MAX = 12 };

/* One fragment with the line that it stands in. */
struct unit {
    uint32_t frag;
    uint32_t item;
    uint32_t drawn; /* its first word */
};

static int
by_drawing(const void *a, const void *b)
{
    uint32_t x = ((const struct unit *)a)->drawn, y = ((const struct unit *)b)->drawn;

    return x < y ? -1 : x > y;
}

/* Captions side by side, as they are drawn: what stands apart in its width from all drawn before
 * it, and so on to the right. */
static bool
is_columns(const struct layout *layout, const struct unit *units, uint32_t n)
{
    uint32_t columns = 1;
    float right = 0, left = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct box box = layout->frags[units[i].frag].box;
        if (i > 0 && box.x0 >= right - 0.5f * layout->frags[units[i].frag].size) {
            columns++;
            left = right;
        } else if (box.x0 < left - 0.5f * layout->frags[units[i].frag].size) {
            return false;
        }
        right = fmaxf(right, box.x1);
    }
    return columns == 2 || columns == 3;
}

static bool
is_small(const struct layout *layout, const struct unit *units, uint32_t n)
{
    struct box box = layout->frags[units[0].frag].box;
    uint32_t characters = 0;

    for (uint32_t i = 0; i < n; i++) {
        box = box_union(box, layout->frags[units[i].frag].box);
        characters += layout->frags[units[i].frag].characters;
    }
    return box_height(box) <= height_most * layout->page->height &&
           characters <= n * mean_characters_most;
}

/* A few lines side by side that are drawn one column after the other. */
static bool
are_captions(const struct layout *layout, const struct unit *units, uint32_t n,
             struct unit *scratch)
{
    if (n > CAPTION_LINES_MAX)
        return false;
    memcpy(scratch, units, n * sizeof(*units));
    qsort(scratch, n, sizeof(*scratch), by_drawing);
    return is_columns(layout, scratch, n);
}

/* Sorts the parts of the run that are disordered in themselves; true if there was one. */
static bool
sort_parts(const struct layout *layout, struct unit *units, uint32_t n, uint32_t *least)
{
    struct unit scratch[CAPTION_LINES_MAX];
    uint32_t most = 0;
    bool any = false;

    least[n] = UINT32_MAX;
    for (uint32_t i = n; i-- > 0;)
        least[i] = units[i].drawn < least[i + 1] ? units[i].drawn : least[i + 1];
    for (uint32_t i = 0, first = 0; i < n; i++) {
        most = i == first || units[i].drawn > most ? units[i].drawn : most;
        if (most > least[i + 1])
            continue;
        uint32_t count = i + 1 - first;
        if (count > 1 && (is_small(layout, units + first, count) ||
                          are_captions(layout, units + first, count, scratch))) {
            qsort(units + first, count, sizeof(*units), by_drawing);
            any = true;
        }
        first = i + 1;
    }
    return any;
}

/* Whether b goes on with a's line. */
static bool
is_one_line(const struct layout *layout, const struct unit *a, const struct unit *b)
{
    const struct frag *x = &layout->frags[a->frag], *y = &layout->frags[b->frag];

    return a->item == b->item && b->frag != a->frag &&
           fabsf(x->baseline - y->baseline) < same_baseline * fminf(x->size, y->size) &&
           y->box.x0 >= x->box.x1 - 0.5f * x->size;
}

/* Fragments of the lines from item `first` on, up to a table, a row that stays whole or the end of
 * its column of text, while they follow each other in the sequence. */
static uint32_t
collect(const struct layout *layout, uint32_t first, struct unit *units, uint32_t *ret_end)
{
    uint32_t n = 0, item = first;

    for (; item < layout->item_count; item++) {
        const struct item *line = &layout->items[item];
        if (line->kind != ITEM_LINE || line->paired || line->flow != layout->items[first].flow ||
            line->first != layout->items[first].first + n)
            break;
        for (uint32_t k = 0; k < line->count; k++) {
            uint32_t frag = layout->sequence[line->first + k];
            units[n++] = (struct unit){frag, item, lines_drawn(layout, &layout->frags[frag])};
        }
    }
    *ret_end = item;
    return n;
}

/* The run's lines in their new order, in place of the old ones in the sequence. Returns their
 * number. */
static uint32_t
put_lines(struct layout *layout, uint32_t at, const struct unit *units, uint32_t n,
          struct item *ret_items)
{
    uint32_t lines = 0;

    for (uint32_t i = 0, end; i < n; i = end) {
        struct item *item = &ret_items[lines++];
        *item = layout->items[units[i].item];
        item->first = at + i;
        for (end = i + 1; end < n && is_one_line(layout, &units[end - 1], &units[end]);)
            end++;
        for (uint32_t k = i; k < end; k++)
            layout->sequence[at + k] = units[k].frag;
        item->count = end - i;
    }
    return lines;
}

bool
drawn_order(struct layout *layout)
{
    uint32_t n = layout->sequence_count, made = 0, end;
    size_t room = (size_t)n + layout->item_count;
    struct item *items = arena_array(layout->arena, room, sizeof(*items));
    struct unit *units = arena_array(layout->arena, n, sizeof(*units));
    uint32_t *least = arena_array(layout->arena, (size_t)n + 1, sizeof(*least));

    if (items == NULL || units == NULL || least == NULL)
        return false;
    for (uint32_t i = 0; i < layout->item_count; i = end) {
        uint32_t count = collect(layout, i, units, &end);
        if (end == i)
            end = i + 1;
        if (count > 0 && sort_parts(layout, units, count, least)) {
            made += put_lines(layout, layout->items[i].first, units, count, items + made);
            continue;
        }
        for (; i < end; i++)
            items[made++] = layout->items[i];
    }
    layout->items = items;
    layout->item_count = made;
    layout->item_cap = (uint32_t)room;
    return true;
}
