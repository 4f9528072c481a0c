/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Loose ink that lies together as a drawing does: the broken outline of a solid shape, a logo in
 * fine strokes, a signature. Cells that hold ink and touch are joined (flood fill); a clump that is
 * large and holds enough ink is a picture. Dust lies too thin for that. */
#include "ledger/ledger_internal.h"

#include <math.h>

static const float cell_points = 4;    /* what lies nearer than one to two of these is together */
enum { CELLS_MOST = 700 };             /* along the longer side */
static const float side_least = 2.5F;  /* of the letter height, both ways */
static const float ink_least = 0.035F; /* share of the clump's box */

struct clump {
    struct box box;
    float ink;
};

struct grid {
    float cell;
    uint32_t across, down;
    uint32_t *clump; /* [down][across]: 0 nothing, UINT32_MAX ink, else the clump's number + 1 */
    uint32_t *stack;
};

static uint32_t
cells_along(const struct grid *g, float side)
{
    uint32_t cells = (uint32_t)(fmaxf(side, 0) / g->cell);

    return (cells < CELLS_MOST ? cells : CELLS_MOST) + 1;
}

static uint32_t
cell_of(const struct grid *g, struct box b)
{
    float x = (b.x0 + b.x1) / 2 / g->cell, y = (b.y0 + b.y1) / 2 / g->cell;
    uint32_t cx = x > 0 ? (uint32_t)fminf(x, (float)(g->across - 1)) : 0;
    uint32_t cy = y > 0 ? (uint32_t)fminf(y, (float)(g->down - 1)) : 0;

    return cy * g->across + cx;
}

/* Every cell that the part's box touches: an outline is as wide as what it goes around. */
static void
mark(struct grid *g, struct box b)
{
    uint32_t from = cell_of(g, (struct box){b.x0, b.y0, b.x0, b.y0});
    uint32_t to = cell_of(g, (struct box){b.x1, b.y1, b.x1, b.y1});

    for (uint32_t y = from / g->across; y <= to / g->across; y++)
        for (uint32_t x = from % g->across; x <= to % g->across; x++)
            g->clump[y * g->across + x] = UINT32_MAX;
}

static void
fill(struct grid *g, uint32_t start, uint32_t number)
{
    uint32_t n = 0;

    g->clump[start] = number;
    g->stack[n++] = start;
    while (n > 0) {
        uint32_t at = g->stack[--n], x = at % g->across, y = at / g->across;
        for (uint32_t ny = y > 0 ? y - 1 : 0; ny <= y + 1 && ny < g->down; ny++)
            for (uint32_t nx = x > 0 ? x - 1 : 0; nx <= x + 1 && nx < g->across; nx++) {
                uint32_t next = ny * g->across + nx;
                if (g->clump[next] != UINT32_MAX)
                    continue;
                g->clump[next] = number;
                g->stack[n++] = next;
            }
    }
}

/* Marks the parts' cells and numbers what hangs together. */
static bool
make_grid(struct grid *g, struct arena *scratch, const struct page *page,
          const struct ink_part *parts, uint32_t n, uint32_t *ret_count)
{
    uint32_t count = 0;

    g->cell = fmaxf(cell_points, fmaxf(page->width, page->height) / CELLS_MOST);
    g->across = cells_along(g, page->width);
    g->down = cells_along(g, page->height);
    g->clump = arena_array(scratch, (size_t)g->across * g->down, sizeof(*g->clump));
    g->stack = arena_array(scratch, (size_t)g->across * g->down, sizeof(*g->stack));
    if (g->clump == NULL || g->stack == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++)
        mark(g, parts[i].box);
    for (uint32_t i = 0; i < g->across * g->down; i++)
        if (g->clump[i] == UINT32_MAX)
            fill(g, i, ++count);
    *ret_count = count;
    return true;
}

bool
clumps_find(struct arena *scratch, const struct page *page, float letter,
            const struct ink_part *parts, uint32_t n, bool *ret_drawn)
{
    struct grid g;
    uint32_t count;

    if (!make_grid(&g, scratch, page, parts, n, &count))
        return false;
    struct clump *clumps = arena_array(scratch, (size_t)count + 1, sizeof(*clumps));
    if (clumps == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct clump *c = &clumps[g.clump[cell_of(&g, parts[i].box)] - 1];
        c->box = c->ink > 0 ? box_union(c->box, parts[i].box) : parts[i].box;
        c->ink += parts[i].ink;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct clump *c = &clumps[g.clump[cell_of(&g, parts[i].box)] - 1];
        ret_drawn[i] = fminf(box_width(c->box), box_height(c->box)) >= side_least * letter &&
                       c->ink >= ink_least * box_area(c->box);
    }
    return true;
}
