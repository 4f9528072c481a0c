/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/ruled_cells.c - cells that a drawing has no lines for: entries and labels told apart, and
 * what of the frame is no table. */
#include "layout/blocks_internal.h"
#include "layout/ruled_internal.h"

#include <math.h>
#include <stdlib.h>

static const uint32_t entry_characters_max = 24; /* mean, of entries of a table */
static const uint32_t label_rows_min = 5;        /* fewer may be lines of one label */

static int
by_owner(const void *a, const void *b, void *context)
{
    const struct raster *g = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    uint32_t ox = g->owners[g->places[x]], oy = g->owners[g->places[y]];

    return ox != oy ? (ox < oy ? -1 : 1) : x < y ? -1 : 1;
}

void
ruled_sort(struct raster *g)
{
    qsort_r(g->ids, g->n, sizeof(*g->ids), by_owner, g);
}

/* Whether two cells of n lines each are columns of entries: line for line on the same baselines. */
static bool
is_level(const struct raster *g, uint32_t a, uint32_t b, uint32_t n)
{
    const struct frag *frags = g->layout->frags;
    uint32_t characters = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct frag *x = &frags[g->ids[a + i]], *y = &frags[g->ids[b + i]];
        if (fabsf(x->baseline - y->baseline) > 0.3f * x->size)
            return false;
        characters += x->characters + y->characters;
    }
    return characters <= 2 * n * entry_characters_max;
}

bool
ruled_is_coarse(const struct raster *g)
{
    const struct frag *frags = g->layout->frags;
    uint32_t crowded = 0, last_first = 0, last_lines = 0, last_row = UINT32_MAX;

    for (uint32_t i = 0, end; i < g->n; i = end) {
        uint32_t owner = g->owners[g->places[g->ids[i]]], beside = 0, figures = 0;
        for (end = i; end < g->n && g->owners[g->places[g->ids[end]]] == owner; end++) {
            const struct frag *frag = &frags[g->ids[end]], *above = frag;
            if (end > i)
                above = &frags[g->ids[end - 1]];
            /* A bullet beside its text is none of that. */
            beside += end > i && !lines_is_marker(g->layout, above) &&
                      !lines_is_marker(g->layout, frag) && above->characters > 2 &&
                      frag->characters > 2 &&
                      fabsf(frag->baseline - above->baseline) < 0.3f * frag->size;
            figures += frag->numeric;
        }
        uint32_t lines = end - i, row = owner / g->columns;
        bool level = beside == 0 && lines >= 3 && lines == last_lines && row == last_row &&
                     is_level(g, last_first, i, lines);
        if (beside * 3 >= end - i || figures >= 3 || level)
            crowded += end - i;
        last_lines = lines;
        last_row = row;
        last_first = i;
    }
    return crowded * 10 >= g->n * 3;
}

void
ruled_part_labels(struct raster *g)
{
    const struct frag *frags = g->layout->frags;
    bool parted = false;

    for (uint32_t i = 0, end; i < g->n; i = end) {
        uint32_t owner = g->owners[g->places[g->ids[i]]], lines = 0, rows = 0, most = 0, row = 0;
        float baseline = -INFINITY;
        for (end = i; end < g->n && g->owners[g->places[g->ids[end]]] == owner; end++) {
            const struct frag *frag = &frags[g->ids[end]];
            uint32_t at = g->places[g->ids[end]] / g->columns;
            lines += frag->baseline - baseline > 0.3f * frag->size;
            rows += end == i || at != row;
            baseline = fmaxf(baseline, frag->baseline);
            row = at;
            most = at > most ? at : most;
        }
        while (most + 1 < g->rows &&
               g->owners[(most + 1) * g->columns + owner % g->columns] == owner)
            most++;
        if (rows < label_rows_min || lines != rows || rows * 10 < (most - owner / g->columns) * 8)
            continue;
        for (uint32_t p = owner; p < (most + 1) * g->columns; p++) {
            if (g->owners[p] == owner)
                g->owners[p] = owner % g->columns + p / g->columns * g->columns;
        }
        parted = true;
    }
    if (parted)
        ruled_sort(g);
}

void
ruled_part_entries(struct raster *g)
{
    const struct frag *frags = g->layout->frags;
    bool parted = false;

    for (uint32_t i = 0, end; i < g->n; i = end) {
        uint32_t owner = g->owners[g->places[g->ids[i]]], column = owner % g->columns;
        uint32_t next = column, right = column;
        bool apart = true;
        while (right + 1 < g->columns && g->owners[owner + right + 1 - column] == owner)
            right++;
        for (end = i; end < g->n && g->owners[g->places[g->ids[end]]] == owner; end++) {
            const struct frag *frag = &frags[g->ids[end]];
            apart = apart && next <= right && frag->box.x0 > g->xs[next] - 1 &&
                    frag->box.x1 < g->xs[next + 1] + 1 &&
                    fabsf(frag->baseline - frags[g->ids[i]].baseline) < 0.3f * frag->size;
            next++;
        }
        if (!apart || right == column || next != right + 1)
            continue;
        for (uint32_t p = owner; p < g->rows * g->columns; p++) {
            if (g->owners[p] == owner)
                g->owners[p] = owner - column + p % g->columns;
        }
        parted = true;
    }
    if (parted)
        ruled_sort(g);
}

/* The words that begin the text of a row that is one cell all across; false if it is none. */
static bool
row_across(const struct raster *g, uint32_t row, const char *ret_words[3])
{
    const struct layout *layout = g->layout;
    uint32_t owner = g->owners[row * g->columns], n = 0;

    for (uint32_t c = 0; c < g->columns; c++) {
        if (g->owners[row * g->columns + c] != owner || owner / g->columns != row)
            return false;
    }
    if (row + 1 < g->rows && g->owners[(row + 1) * g->columns] == owner)
        return false;
    for (uint32_t i = 0; i < g->n && n < 3; i++) {
        const struct frag *frag = &layout->frags[g->ids[i]];
        for (uint32_t w = 0; w < frag->word_count && n < 3; w++) {
            if (g->owners[g->places[g->ids[i]]] == owner)
                ret_words[n++] = layout->page->words[layout->word_ids[frag->first_word + w]].text;
        }
    }
    for (uint32_t k = n; k < 3; k++)
        ret_words[k] = NULL;
    return n > 0;
}

void
ruled_trim_frame(const struct raster *g, uint32_t *ret_top, uint32_t *ret_bottom)
{
    const char *words[3];

    *ret_top = 0;
    *ret_bottom = g->rows;
    if (g->rows < 3)
        return;
    if (row_across(g, 0, words) && words[1] != NULL &&
        marker_is_caption(words[0], words[1], words[2]))
        *ret_top = 1;
    if (row_across(g, g->rows - 1, words) && marker_is_note(words[0]))
        *ret_bottom = g->rows - 1;
}
