/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/striped.c - tables whose rows are parted by lines drawn across, and by nothing else.
 *
 * Three lines and more of one length, one below the other, say where such a table begins and ends:
 * what stands close above and below (details of an invoice, its totals) has other columns, and
 * would hide these. Its columns are found by white space. Fails on: lines in pieces that a scan
 * broke to less than half. */
#include "layout/layout_internal.h"

#include <math.h>
#include <stdlib.h>

enum {
    LINES_MAX = 400,
    LINES_LEAST = 3, /* of a table */
    ABOVE_MOST = 3   /* rows above its first line: the head, and what it stands over */
};

static const float thick_most_pt = 4, long_least = 12; /* sizes */
static const float same_height_pt = 1.5F, same_end_pt = 3;
static const float drawn_least = 0.5F;   /* of a line in pieces */
static const float pitch_most = 7;       /* sizes, between two lines */
static const float above_most = 1.3F;    /* of the usual pitch, to the next row above */
static const float entries_least = 0.6F; /* of the usual row's, in one above the first line */
static const float stripes_least = 0.6F; /* of the spaces between lines have entries side by side */

struct line {
    float y, x0, x1, drawn;
};

struct stripes {
    struct layout *layout;
    const bool *taken;
    struct line lines[LINES_MAX];
    uint32_t count;
    uint32_t *ids; /* of the table at hand */
    uint32_t n;
};

static int
by_height(const void *a, const void *b)
{
    const struct line *p = a, *q = b;

    return p->y < q->y ? -1 : p->y > q->y;
}

/* The lines across, each of the pieces on one height. */
static void
find_lines(struct stripes *s)
{
    const struct page *page = s->layout->page;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < page->region_count && s->count < LINES_MAX; i++) {
        struct box b = page->regions[i].box;
        if (page->regions[i].kind == REGION_RULE && box_height(b) <= thick_most_pt &&
            box_width(b) > 4 * box_height(b))
            s->lines[s->count++] = (struct line){(b.y0 + b.y1) / 2, b.x0, b.x1, box_width(b)};
    }
    qsort(s->lines, s->count, sizeof(*s->lines), by_height);
    for (uint32_t i = 0; i < s->count; i++) {
        struct line *last = kept > 0 ? &s->lines[kept - 1] : NULL;
        if (last == NULL || s->lines[i].y > last->y + same_height_pt) {
            s->lines[kept++] = s->lines[i];
            continue;
        }
        last->drawn += s->lines[i].drawn;
        last->x0 = fminf(last->x0, s->lines[i].x0);
        last->x1 = fmaxf(last->x1, s->lines[i].x1);
    }
    s->count = 0;
    for (uint32_t i = 0; i < kept; i++)
        if (s->lines[i].x1 - s->lines[i].x0 >= long_least * s->layout->body_size &&
            s->lines[i].drawn >= drawn_least * (s->lines[i].x1 - s->lines[i].x0))
            s->lines[s->count++] = s->lines[i];
}

static bool
are_alike(const struct line *a, const struct line *b, float size)
{
    return fabsf(a->x0 - b->x0) <= same_end_pt && fabsf(a->x1 - b->x1) <= same_end_pt &&
           b->y - a->y <= pitch_most * size;
}

/* Entries between two heights; -1 if something there reaches out of the lines' ends, or stands
 * beside them, or belongs to another table. */
static int
count_between(const struct stripes *s, const struct line *like, float y0, float y1)
{
    int n = 0;

    for (uint32_t i = 0; i < s->layout->frag_count; i++) {
        const struct frag *frag = &s->layout->frags[i];
        float y = (frag->box.y0 + frag->box.y1) / 2;
        if (y <= y0 || y >= y1)
            continue;
        if (s->taken[i] || frag->table != 0 || frag->box.x0 < like->x0 - same_end_pt ||
            frag->box.x1 > like->x1 + same_end_pt)
            return -1;
        n++;
    }
    return n;
}

/* Where the row begins whose foot is next above y; y if none is within reach. */
static float
row_above(const struct stripes *s, const struct line *like, float y, float reach)
{
    float top = y, foot = -INFINITY;

    for (uint32_t i = 0; i < s->layout->frag_count; i++) {
        struct box b = s->layout->frags[i].box;
        float middle = (b.y0 + b.y1) / 2;
        if (middle < y && middle > foot && b.x1 > like->x0 && b.x0 < like->x1)
            foot = middle;
    }
    if (y - foot > reach)
        return y;
    for (uint32_t i = 0; i < s->layout->frag_count; i++) {
        struct box b = s->layout->frags[i].box;
        float middle = (b.y0 + b.y1) / 2;
        if (middle <= foot && middle > foot - s->layout->frags[i].size / 2)
            top = fminf(top, middle - s->layout->frags[i].size / 2);
    }
    return top;
}

/* The rows above the first line that have as many entries as those below it. */
static float
find_top(const struct stripes *s, const struct line *first, float pitch, float entries)
{
    float top = first->y;

    for (int i = 0; i < ABOVE_MOST; i++) {
        float next = row_above(s, first, top, above_most * pitch);
        if (next >= top || (float)count_between(s, first, next, top) < entries_least * entries)
            break;
        top = next;
    }
    return top;
}

static void
gather(struct stripes *s, float y0, float y1)
{
    s->n = 0;
    for (uint32_t i = 0; i < s->layout->frag_count; i++) {
        float y = (s->layout->frags[i].box.y0 + s->layout->frags[i].box.y1) / 2;
        if (y > y0 && y < y1)
            s->ids[s->n++] = i;
    }
}

/* Lines [first, end) as a table; false without memory. */
static bool
read_table(struct stripes *s, uint32_t first, uint32_t end, bool *taken)
{
    const struct line *lines = s->lines;
    int spaces = (int)(end - first) - 1, full = 0, all = 0;
    struct table_found found;

    for (uint32_t i = first; i + 1 < end; i++) {
        int n = count_between(s, &lines[first], lines[i].y, lines[i + 1].y);
        if (n <= 0)
            return true;
        full += n >= 3;
        all += n;
    }
    if ((float)full < stripes_least * (float)spaces)
        return true;
    float pitch = (lines[end - 1].y - lines[first].y) / (float)spaces;
    gather(s, find_top(s, &lines[first], pitch, (float)all / (float)spaces), lines[end - 1].y);
    if (!table_try(s->layout, s->ids, s->n, NULL, 0, &found))
        return false;
    if (found.table < 0)
        return true;
    for (uint32_t i = 0; i < found.inside_count; i++)
        taken[found.inside[i]] = true;
    order_stand_in(s->layout, (uint32_t)found.table);
    return true;
}

bool
striped_find(struct layout *layout, bool *taken)
{
    struct stripes *s = arena_alloc(layout->arena, sizeof(*s));

    if (s == NULL)
        return false;
    *s = (struct stripes){.layout = layout, .taken = taken};
    s->ids = arena_array(layout->arena, layout->frag_cap, sizeof(*s->ids));
    if (s->ids == NULL)
        return false;
    find_lines(s);
    for (uint32_t i = 0, end; i < s->count && layout->page->table_count < RULED_TABLES_MAX;
         i = end) {
        for (end = i + 1; end < s->count; end++)
            if (!are_alike(&s->lines[end - 1], &s->lines[end], layout->body_size))
                break;
        if (end - i >= LINES_LEAST && !read_table(s, i, end, taken))
            return false;
    }
    return true;
}
