/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/ruled_cuts.c - where one drawing of lines falls into several. */
#include "layout/ruled_internal.h"

#include <string.h>

/* A row with fewer of the verticals than one in so many goes across; a column with fewer of the
 * horizontals parts two drawings. */
enum { ACROSS_SHARE = 4, SIDE_SHARE = 5 };

static const float side_min_pt = 6; /* narrower columns are double lines */

/* Which inner verticals row has, into ret_edges; returns their number. */
static uint32_t
row_edges(const struct raster *g, const struct rules *r, uint32_t group, uint32_t row,
          bool *ret_edges)
{
    float middle = (g->ys[row] + g->ys[row + 1]) / 2;
    uint32_t n = 0;

    for (uint32_t k = 0; k <= g->columns; k++)
        ret_edges[k] = false;
    for (uint32_t i = r->horizontals; i < r->count; i++) {
        const struct rule *rule = &r->rules[i];
        if (rule->group != group || rule->from > middle || rule->to < middle)
            continue;
        uint32_t line = rules_nearest(g->xs, g->columns + 1, rule->at);
        if (line == 0 || line == g->columns || ret_edges[line])
            continue;
        ret_edges[line] = true;
        n++;
    }
    return n;
}

static bool
edges_differ(const struct raster *g, const bool *a, const bool *b)
{
    uint32_t both = 0, either = 0;

    for (uint32_t k = 0; k <= g->columns; k++) {
        both += a[k] && b[k];
        either += a[k] || b[k];
    }
    return both * 2 < either;
}

static uint32_t
most_edges(const struct raster *g, const struct rules *r, uint32_t group)
{
    bool edges[RULES_LINES_MAX];
    uint32_t most = 0;

    for (uint32_t row = 0; row < g->rows; row++) {
        uint32_t n = row_edges(g, r, group, row, edges);
        most = n > most ? n : most;
    }
    return most;
}

bool
ruled_goes_across(const struct raster *g, const struct rules *r, uint32_t group, uint32_t row)
{
    bool edges[RULES_LINES_MAX];

    return row_edges(g, r, group, row, edges) * ACROSS_SHARE <= most_edges(g, r, group);
}

uint32_t
ruled_find_cuts(const struct raster *g, const struct rules *r, uint32_t group, uint32_t *cuts)
{
    bool above[RULES_LINES_MAX] = {false}, here[RULES_LINES_MAX], edges[RULES_LINES_MAX];
    uint32_t n = 0, end, most = most_edges(g, r, group);
    bool has_above = false;

    for (uint32_t row = 0; row < g->rows; row = end) {
        memset(here, 0, sizeof(here));
        for (end = row; end < g->rows && row_edges(g, r, group, end, edges) * ACROSS_SHARE > most;
             end++) {
            for (uint32_t k = 0; k <= g->columns; k++)
                here[k] |= edges[k];
        }
        if (end == row) { /* it goes across */
            end++;
            continue;
        }
        if (has_above && edges_differ(g, above, here))
            cuts[n++] = row;
        memcpy(above, here, sizeof(above));
        has_above = true;
    }
    return n;
}

/* Whether any text stands between the two lines. */
static bool
holds_text(const struct raster *g, uint32_t column)
{
    for (uint32_t i = 0; i < g->layout->frag_count; i++) {
        struct box box = g->layout->frags[i].box;
        float x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;
        if (x > g->xs[column] && x < g->xs[column + 1] && y > g->ys[0] && y < g->ys[g->rows])
            return true;
    }
    return false;
}

uint32_t
ruled_find_side(const struct raster *g, const struct rules *r, uint32_t group)
{
    uint32_t through[RULES_LINES_MAX] = {0}, most = 0;

    for (uint32_t i = 0; i < r->horizontals; i++) {
        const struct rule *rule = &r->rules[i];
        for (uint32_t c = 0; rule->group == group && c < g->columns; c++) {
            float middle = (g->xs[c] + g->xs[c + 1]) / 2;
            through[c] += rule->from < middle && rule->to > middle;
        }
    }
    for (uint32_t c = 0; c < g->columns; c++)
        most = through[c] > most ? through[c] : most;
    for (uint32_t c = 1; c + 1 < g->columns; c++) {
        if (through[c] * SIDE_SHARE <= most && most >= SIDE_SHARE &&
            g->xs[c + 1] - g->xs[c] >= side_min_pt && !holds_text(g, c))
            return c;
    }
    return g->columns;
}
