/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/drawings.h"

#include "base/sets.h"

#include <math.h>

enum {
    PIECES_MAX = 3000, /* a map has more: these tell where it is */
    BARS_LEAST = 4,    /* and as many lengths */
    BARS_MOST = 150,   /* rectangles; more are the cells of something */
    STRONG_LEAST = 3,  /* pieces that no letter and no frame has */
    CORNERS_LONG = 12, /* of a curve that is enough by itself */
    CELLS_MOST = 200,  /* a side, in which pieces meet */
    VISITS_MAX = 100000
};

/* Of a subpath's length, aslant or curved: a frame with round corners has less. */
static const float aslant_least = 0.4F;

/* Points: a piece at least; one that is no letter; a bar's sides at least. */
static const float piece_least = 3, strong_least = 12, bar_least = 3;

/* Pieces and lines so near are one drawing, pt. */
static const float near_gap = 9;

/* A drawing: its sides at least, pt; its share of the page. */
static const float side_least = 45, share_least = 0.01F, share_most = 0.85F;

/* Of a line, in the drawing or so near: it belongs to it. */
static const float line_share = 0.6F, line_reach = 0.25F;

/* Bars' edges and widths agree so far, pt. */
static const float bar_even = 1;

struct piece {
    struct box box;
    uint32_t strong; /* weight as evidence; of a root: of all */
    bool bar;        /* may be one */
};

struct drawings {
    struct arena *arena;
    float width, height; /* of the page */
    struct piece *pieces;
    uint32_t *parents; /* clusters of pieces (base/sets.h) */
    uint32_t count, cap, strong, bars;
    bool full;
};

struct drawings *
drawings_new(struct arena *arena, const struct page *page)
{
    struct drawings *d = arena_alloc(arena, sizeof(*d));

    if (d == NULL)
        return NULL;
    d->arena = arena;
    d->width = page->width;
    d->height = page->height;
    return d;
}

static void
add_piece(struct drawings *d, struct box box, uint32_t strong, bool bar)
{
    if (d->count == PIECES_MAX || d->full)
        return;
    if (d->count == d->cap) {
        uint32_t wanted = d->cap == 0 ? 32 : d->cap * 2;
        struct piece *grown = arena_grow(d->arena, d->pieces, d->count, wanted, sizeof(*grown));
        d->full = grown == NULL;
        if (d->full)
            return;
        d->pieces = grown;
        d->cap = wanted;
    }
    d->pieces[d->count++] = (struct piece){.box = box, .strong = strong, .bar = bar};
    d->strong += strong;
    d->bars += bar;
}

void
drawings_add(struct drawings *d, const struct drawn_path *path)
{
    struct box box = path->box;
    float w = box_width(box), h = box_height(box), longer = fmaxf(w, h);

    if (!(w * h <= share_most * d->width * d->height) || longer < piece_least)
        return; /* the page's ground; a dot */
    if (path->aslant < aslant_least * path->length) {
        if (path->filled && path->aslant <= 0 && w >= bar_least && h >= bar_least)
            add_piece(d, box, 0, true);
        return;
    }
    bool strong = path->filled ? fminf(w, h) >= strong_least : longer >= strong_least;
    bool is_long = strong && !path->filled && path->corners >= CORNERS_LONG;
    add_piece(d, box, is_long ? STRONG_LEAST : strong, false);
}

/* ---- bars ---- */

static bool
is_even(float a, float b)
{
    return fabsf(a - b) <= bar_even;
}

/* Whether two bars stand on one foot, or begin at one side, and are as broad. */
static bool
are_bars(struct box a, struct box b)
{
    return (is_even(a.y1, b.y1) && is_even(box_width(a), box_width(b))) ||
           (is_even(a.x0, b.x0) && is_even(box_height(a), box_height(b)));
}

/* A rectangle is a bar where others go with it that differ in length from it and each other. */
static void
weigh_bar(struct drawings *d, uint32_t i)
{
    struct box a = d->pieces[i].box;
    float lengths[BARS_LEAST];
    uint32_t n = 0;

    for (uint32_t k = 0; k < d->count && n < BARS_LEAST; k++) {
        struct box b = d->pieces[k].box;
        if (!d->pieces[k].bar || !are_bars(a, b))
            continue;
        float length = is_even(a.y1, b.y1) ? box_height(b) : box_width(b);
        uint32_t same = 0;
        while (same < n && !is_even(lengths[same], length))
            same++;
        if (same == n)
            lengths[n++] = length;
    }
    if (n == BARS_LEAST) {
        d->pieces[i].strong = 1;
        d->strong++;
    }
}

/* ---- clusters ---- */

static bool
are_near(struct box a, struct box b)
{
    return a.x0 - near_gap <= b.x1 && b.x0 - near_gap <= a.x1 && a.y0 - near_gap <= b.y1 &&
           b.y0 - near_gap <= a.y1;
}

/* The page in square cells: who was there first, 1 + index of a piece. */
struct grid {
    uint16_t *cells;
    uint32_t across, down, visits;
    float cell; /* pt */
};

static uint32_t
cell_at(float place, float cell, uint32_t most)
{
    return place <= 0 ? 0 : fminf(place / cell, (float)(most - 1));
}

/* Joins the piece with those that share a cell with it. */
static void
place(struct drawings *d, struct grid *grid, uint32_t i)
{
    struct box b = d->pieces[i].box;
    uint32_t root = i;
    uint32_t x0 = cell_at(b.x0 - near_gap / 2, grid->cell, grid->across);
    uint32_t x1 = cell_at(b.x1 + near_gap / 2, grid->cell, grid->across);
    uint32_t y0 = cell_at(b.y0 - near_gap / 2, grid->cell, grid->down);
    uint32_t y1 = cell_at(b.y1 + near_gap / 2, grid->cell, grid->down);

    for (uint32_t y = y0; y <= y1; y++)
        for (uint32_t x = x0; x <= x1 && grid->visits < VISITS_MAX; x++) {
            uint16_t *cell = &grid->cells[y * grid->across + x];
            grid->visits++;
            if (*cell == root + 1)
                continue;
            if (*cell != 0)
                root = sets_join(d->parents, root, *cell - 1U);
            *cell = (uint16_t)(root + 1);
        }
}

/* Joins what is near. Rectangles that are no bars are left out: they may shade a table. */
static void
join_pieces(struct drawings *d)
{
    struct grid grid = {.cell = fmaxf(near_gap, fmaxf(d->width, d->height) / CELLS_MOST)};
    uint32_t kept = 0;

    for (uint32_t i = 0; i < d->count; i++)
        if (!d->pieces[i].bar || d->pieces[i].strong > 0)
            d->pieces[kept++] = d->pieces[i];
    d->count = kept;
    grid.across = (uint32_t)(d->width / grid.cell) + 1;
    grid.down = (uint32_t)(d->height / grid.cell) + 1;
    grid.cells = arena_array(d->arena, grid.across, grid.down * sizeof(*grid.cells));
    d->parents = arena_array(d->arena, d->count, sizeof(*d->parents));
    d->full = d->full || grid.cells == NULL || d->parents == NULL;
    if (!d->full)
        sets_init(d->parents, d->count);
    for (uint32_t i = 0; i < d->count && !d->full; i++)
        place(d, &grid, i);
}

/* The clusters' boxes and weights, at the front of the pieces. */
static void
sum_up(struct drawings *d)
{
    uint32_t roots = 0;

    for (uint32_t i = 0; i < d->count; i++) {
        uint32_t root = sets_root(d->parents, i);
        if (root == i)
            continue;
        d->pieces[root].box = box_union(d->pieces[root].box, d->pieces[i].box);
        d->pieces[root].strong += d->pieces[i].strong;
    }
    for (uint32_t i = 0; i < d->count; i++)
        if (d->parents[i] == i && d->pieces[i].strong >= STRONG_LEAST)
            d->pieces[roots++] = d->pieces[i];
    d->count = roots;
}

/* Axes, grids and boxes of charts: lines most of which lie in the cluster or within a quarter of
 * its side. */
static void
take_lines(struct piece *cluster, const struct page *page)
{
    struct box b = cluster->box;
    float x = line_reach * box_width(b), y = line_reach * box_height(b);
    struct box reach = {b.x0 - x, b.y0 - y, b.x1 + x, b.y1 + y};

    for (uint32_t i = 0; i < page->region_count; i++) {
        struct box rule = page->regions[i].box, inside = box_cut(rule, reach);
        float length = fmaxf(box_width(rule), box_height(rule));
        if (page->regions[i].kind == REGION_RULE && are_near(rule, b) &&
            fmaxf(box_width(inside), box_height(inside)) >= line_share * length)
            cluster->box = box_union(cluster->box, inside);
    }
}

/* Clusters that lie in each other are one. */
static void
merge_clusters(struct drawings *d)
{
    for (uint32_t i = 0; i < d->count; i++)
        for (uint32_t k = i + 1; k < d->count;) {
            if (!are_near(d->pieces[i].box, d->pieces[k].box)) {
                k++;
                continue;
            }
            d->pieces[i].box = box_union(d->pieces[i].box, d->pieces[k].box);
            d->pieces[k] = d->pieces[--d->count];
            k = i + 1;
        }
}

enum err_code
drawings_finish(struct drawings *d, struct page *page, struct err *err)
{
    bool bars = d->bars >= BARS_LEAST && d->bars <= BARS_MOST;

    for (uint32_t i = 0; i < d->count && bars; i++)
        if (d->pieces[i].bar)
            weigh_bar(d, i);
    if (d->strong < STRONG_LEAST)
        return ERR_OK;
    join_pieces(d);
    bool ok = !d->full;
    sum_up(d);
    for (uint32_t i = 0; i < d->count; i++)
        take_lines(&d->pieces[i], page);
    merge_clusters(d);
    for (uint32_t i = 0; ok && i < d->count; i++) {
        struct box box = d->pieces[i].box;
        float share = box_area(box) / fmaxf(d->width * d->height, 1);
        if (fminf(box_width(box), box_height(box)) < side_least || share < share_least ||
            share > share_most)
            continue;
        struct page_region *region = page_add_region(page);
        ok = region != NULL;
        if (ok)
            *region = (struct page_region){.box = box, .kind = REGION_DRAWING};
    }
    return ok ? ERR_OK
              : err_set(err, ERR_LIMIT, "page %u: more drawing than its memory limit holds",
                        page->index + 1);
}
