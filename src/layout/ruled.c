/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/ruled.c - tables whose cells are drawn with lines.
 *
 * Rules that touch make one drawing; its verticals and horizontals give the grid's positions, and
 * where a stretch between two places of the grid is not drawn, they are one cell. A drawing that
 * holds too little text beside text is a frame or a chart, and its text is left as it is. */
#include "layout/blocks_internal.h"
#include "layout/ruled_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES_MAX = 20000 };

enum { CELL_CHARACTERS_MIN = 4 }; /* mean, each word's end counted */

static const float tight_gap = 0.4f; /* between words of one text, sizes */

/* Marks which edges of the grid's places are drawn. */
static void
draw_edges(struct raster *g, const struct rules *r, uint32_t group)
{
    for (uint32_t i = 0; i < r->count; i++) {
        const struct rule *rule = &r->rules[i];
        if (rule->group != group)
            continue;
        bool vertical = i >= r->horizontals;
        uint32_t n = vertical ? g->columns + 1 : g->rows + 1;
        uint32_t line = rules_nearest(vertical ? g->xs : g->ys, n, rule->at);
        uint32_t across = vertical ? g->rows : g->columns;
        const float *ends = vertical ? g->ys : g->xs;
        if (line == 0 || line == n - 1) {
            g->sides += (rule->to - rule->from) * 2 > ends[across] - ends[0];
            continue;
        }
        for (uint32_t k = 0; k < across; k++) {
            float middle = (ends[k] + ends[k + 1]) / 2;
            if (middle < rule->from || middle > rule->to)
                continue;
            uint32_t row = vertical ? k : line - 1, column = vertical ? line - 1 : k;
            g->drawn[row * g->columns + column] |= vertical ? 1 : 2;
        }
    }
}

static bool
is_closed_below(const struct raster *g, uint32_t row, uint32_t first, uint32_t end)
{
    for (uint32_t column = first; column < end; column++) {
        uint32_t below = (row + 1) * g->columns + column;
        if ((g->drawn[row * g->columns + column] & 2) != 0 || g->owners[below] != UINT32_MAX)
            return true;
        /* A line inside, below, that does not go on above: another cell. */
        if (column + 1 < end && (g->drawn[below] & 1) != 0)
            return true;
    }
    return false;
}

/* Places without a line between them are one cell, as wide and then as high as it goes. */
static void
merge_places(struct raster *g)
{
    uint32_t places = g->rows * g->columns;

    for (uint32_t i = 0; i < places; i++)
        g->owners[i] = UINT32_MAX;
    for (uint32_t i = 0; i < places; i++) {
        uint32_t row = i / g->columns, first = i % g->columns, end = first + 1, last = row;
        if (g->owners[i] != UINT32_MAX)
            continue;
        while (end < g->columns && (g->drawn[row * g->columns + end - 1] & 1) == 0 &&
               g->owners[row * g->columns + end] == UINT32_MAX)
            end++;
        while (last + 1 < g->rows && !is_closed_below(g, last, first, end))
            last++;
        for (uint32_t y = row; y <= last; y++) {
            for (uint32_t x = first; x < end; x++)
                g->owners[y * g->columns + x] = i;
        }
    }
}

static uint32_t
place_of(const struct raster *g, const struct frag *frag)
{
    float x = (frag->box.x0 + frag->box.x1) / 2, y = frag->baseline - 0.3f * frag->size;
    uint32_t column = rules_interval(g->xs, g->columns + 1, x);
    uint32_t row = rules_interval(g->ys, g->rows + 1, y);

    return column > g->columns || row > g->rows || frag->vertical ? UINT32_MAX
                                                                  : row * g->columns + column;
}

/* Cuts a fragment where its words stand in different cells; the rest becomes one of its own at the
 * end of the list. */
static void
cut_fragment(struct raster *g, uint32_t id)
{
    struct layout *layout = g->layout;
    struct frag *frag = &layout->frags[id];
    uint32_t before = UINT32_MAX;

    for (uint32_t i = 0; i < frag->word_count; i++) {
        struct frag probe = *frag;
        probe.box = layout->page->words[layout->word_ids[frag->first_word + i]].box;
        uint32_t place = place_of(g, &probe);
        uint32_t owner = place == UINT32_MAX ? UINT32_MAX : g->owners[place];
        if (i > 0 && owner != before && layout->frag_count + RULED_TABLES_MAX < layout->frag_cap) {
            lines_part(layout, frag, i);
            return;
        }
        before = owner;
    }
}

/* Whether lines run through running text: then they are no table's. */
static bool
runs_through_text(const struct raster *g, const bool *taken)
{
    const struct layout *layout = g->layout;
    struct box box = {g->xs[0], g->ys[0], g->xs[g->columns], g->ys[g->rows]};
    uint32_t inside = 0, cuts = 0;

    for (uint32_t i = 0; i < layout->frag_count; i++) {
        const struct frag *frag = &layout->frags[i];
        uint32_t before = UINT32_MAX, here = 0;
        if (taken[i] || frag->table != 0 || box_area(box_cut(frag->box, box)) <= 0)
            continue;
        inside++;
        for (uint32_t w = 0; w < frag->word_count; w++) {
            const uint32_t *id = &layout->word_ids[frag->first_word + w];
            struct frag probe = *frag;
            probe.box = layout->page->words[id[0]].box;
            uint32_t place = place_of(g, &probe);
            uint32_t owner = place == UINT32_MAX ? UINT32_MAX : g->owners[place];
            here += w > 0 && owner != before &&
                    probe.box.x0 - layout->page->words[id[-1]].box.x1 < tight_gap * frag->size;
            before = owner;
        }
        cuts += here > 0;
    }
    return cuts * 5 > inside;
}

/* The fragments inside the grid, in the order of their cells. */
static bool
gather(struct raster *g, const bool *taken)
{
    struct layout *layout = g->layout;
    struct box box = {g->xs[0], g->ys[0], g->xs[g->columns], g->ys[g->rows]};

    for (uint32_t i = 0; i < layout->frag_count; i++) {
        struct box cut = box_cut(layout->frags[i].box, box);
        if (!taken[i] && layout->frags[i].table == 0 && box_area(cut) > 0)
            cut_fragment(g, i);
    }
    g->ids = arena_array(layout->arena, layout->frag_count, sizeof(*g->ids));
    g->places = arena_array(layout->arena, layout->frag_count, sizeof(*g->places));
    if (g->ids == NULL || g->places == NULL)
        return false;
    for (uint32_t i = 0; i < layout->frag_count; i++) {
        uint32_t place =
            taken[i] || layout->frags[i].table != 0 ? UINT32_MAX : place_of(g, &layout->frags[i]);
        if (place == UINT32_MAX)
            continue;
        g->places[i] = place;
        g->ids[g->n++] = i;
    }
    ruled_sort(g);
    return true;
}

/* Text in two cells side by side at least, and not mostly empty: else it is a frame or a chart. */
static bool
is_plausible(const struct raster *g)
{
    uint32_t cells = 0, filled = 0, beside = 0, before = UINT32_MAX, characters = 0, figures = 0;

    for (uint32_t i = 0; i < g->rows * g->columns; i++)
        cells += g->owners[i] == i;
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t owner = g->owners[g->places[g->ids[i]]];
        characters += g->layout->frags[g->ids[i]].characters;
        figures += g->layout->frags[g->ids[i]].numeric;
        if (owner == before)
            continue;
        filled++;
        beside += before != UINT32_MAX && before / g->columns == owner / g->columns;
        before = owner;
    }
    /* Single letters, or two, between lines that cross are the points of a drawing. */
    if (characters < filled * CELL_CHARACTERS_MIN && figures * 2 < g->n && g->sides < 2)
        return false;
    return filled >= 3 && beside >= 1 && filled * 4 >= cells;
}

/* The first row heads the table unless figures stand in it. */
static bool
has_header(const struct raster *g)
{
    uint32_t filled = 0;

    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t owner = g->owners[g->places[g->ids[i]]];
        if (owner >= g->columns)
            break;
        if (g->layout->frags[g->ids[i]].numeric && owner > 0 && g->rows > 1)
            return false;
        filled++;
    }
    return filled > 0;
}

/* Columns (or rows) in which no cell with text begins are drawn twice, or are gaps: they go. map[k]
 * becomes the number of the k-th one among those that stay; returns how many stay. */
static uint32_t
map_used(const struct raster *g, bool columns, uint16_t *map)
{
    uint32_t n = columns ? g->columns : g->rows, used = 0;
    bool begins[RULES_LINES_MAX] = {false};

    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t owner = g->owners[g->places[g->ids[i]]];
        begins[columns ? owner % g->columns : owner / g->columns] = true;
    }
    for (uint32_t k = 0; k < n; k++) {
        used += begins[k];
        map[k] = (uint16_t)(used > 0 ? used - 1 : 0);
    }
    return used;
}

/* The last row of the cell that begins at the top of the column; *ret_wide: it goes on to the
 * right. */
static uint32_t
first_row_reach(const struct raster *g, uint32_t column, bool *ret_wide)
{
    uint32_t owner = g->owners[column], bottom = 0;

    while (bottom + 1 < g->rows && g->owners[(bottom + 1) * g->columns + column] == owner)
        bottom++;
    *ret_wide = column + 1 < g->columns && g->owners[column + 1] == owner;
    return bottom;
}

/* The last row of the head: where heads over several columns stand beside some that go down, these
 * say how far it goes, if no figures stand in it. */
static uint32_t
last_of_head(const struct raster *g)
{
    uint32_t last = 0;
    bool over = false;

    for (uint32_t column = 0; column < g->columns; column++) {
        bool wide;
        uint32_t bottom = first_row_reach(g, column, &wide);
        over |= wide && bottom == 0;
        last = bottom > last ? bottom : last;
    }
    if (!over || last + 1 >= g->rows)
        return 0;
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t owner = g->owners[g->places[g->ids[i]]];
        if (owner >= g->columns && owner / g->columns <= last &&
            g->layout->frags[g->ids[i]].numeric)
            return 0;
    }
    return last;
}

static bool
add_cells(struct raster *g, const uint16_t *rows, const uint16_t *columns, uint32_t header)
{
    for (uint32_t i = 0, end; i < g->n; i = end) {
        uint32_t owner = g->owners[g->places[g->ids[i]]];
        uint32_t row = owner / g->columns, column = owner % g->columns;
        uint32_t right = column, bottom = row;
        while (right + 1 < g->columns && g->owners[row * g->columns + right + 1] == owner)
            right++;
        while (bottom + 1 < g->rows && g->owners[(bottom + 1) * g->columns + column] == owner)
            bottom++;
        for (end = i + 1; end < g->n && g->owners[g->places[g->ids[end]]] == owner;)
            end++;
        if (!table_add_cell(g->layout, rows[row], columns[column], rows[bottom] - rows[row] + 1u,
                            columns[right] - columns[column] + 1u, rows[row] < header, g->ids + i,
                            end - i))
            return false;
    }
    return true;
}

static bool
add_table(struct raster *g, bool *taken)
{
    struct page *page = g->layout->page;
    struct page_table *table = page_add_table(page);
    uint32_t index = page->table_count - 1;
    uint16_t rows[RULES_LINES_MAX], columns[RULES_LINES_MAX];

    if (table == NULL)
        return false;
    *table = (struct page_table){.box = {g->xs[0], g->ys[0], g->xs[g->columns], g->ys[g->rows]},
                                 .rows = (uint16_t)map_used(g, false, rows),
                                 .columns = (uint16_t)map_used(g, true, columns),
                                 .ruled = true,
                                 .first_cell = page->cell_count};
    table->header_rows = has_header(g) ? (uint16_t)(rows[last_of_head(g)] + 1) : 0;
    if (!add_cells(g, rows, columns, table->header_rows))
        return false;
    table->cell_count = page->cell_count - table->first_cell;
    for (uint32_t i = 0; i < g->n; i++)
        taken[g->ids[i]] = true;
    order_stand_in(g->layout, index);
    return true;
}

/* The verticals drawn along half of the raster's height or more; ret has room for its columns. */
static uint32_t
find_walls(const struct raster *g, float *ret)
{
    uint32_t n = 0;

    for (uint32_t c = 0; c + 1 < g->columns; c++) {
        float drawn = 0;
        for (uint32_t row = 0; row < g->rows; row++) {
            if ((g->drawn[row * g->columns + c] & 1) != 0)
                drawn += g->ys[row + 1] - g->ys[row];
        }
        if (drawn * 2 >= g->ys[g->rows] - g->ys[0])
            ret[n++] = g->xs[c + 1];
    }
    return n;
}

/* Reads the drawing's text by its white space instead. *ret_found: whether that made a table. */
static bool
read_inside(struct raster *g, bool *taken, bool *ret_found)
{
    struct layout *layout = g->layout;
    struct table_found found;
    float walls[RULES_LINES_MAX];
    uint32_t wall_count = find_walls(g, walls);

    if (!table_try(layout, g->ids, g->n, walls, wall_count, &found))
        return false;
    *ret_found = found.table >= 0;
    if (!*ret_found)
        return true;
    for (uint32_t i = 0; i < found.inside_count; i++)
        taken[found.inside[i]] = true;
    order_stand_in(layout, (uint32_t)found.table);
    return true;
}

/* Columns [first, end) of rows [top, bottom) of a raster as one of its own. */
static struct raster *
part_of(const struct raster *g, uint32_t first, uint32_t end, uint32_t top, uint32_t bottom)
{
    struct raster *part = arena_alloc(g->layout->arena, sizeof(*part));

    if (part == NULL)
        return NULL;
    part->layout = g->layout;
    part->columns = end - first;
    part->rows = bottom - top;
    memcpy(part->xs, g->xs + first, (part->columns + 1) * sizeof(*part->xs));
    memcpy(part->ys, g->ys + top, (part->rows + 1) * sizeof(*part->ys));
    return part;
}

static bool
is_drawn_down(const struct raster *g, bool *ret)
{
    const struct layout *layout = g->layout;
    struct table_entry *entries = arena_array(layout->arena, g->n, sizeof(*entries));

    if (entries == NULL)
        return false;
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t owner = g->owners[g->places[g->ids[i]]];
        entries[i] =
            (struct table_entry){.row = owner / g->columns,
                                 .column = owner % g->columns,
                                 .drawn = layout->word_ids[layout->frags[g->ids[i]].first_word]};
    }
    *ret = table_is_drawn_down(layout, entries, g->n);
    return true;
}

/* Reads a grid with its positions set as a table, if it is one. */
static bool
read_raster(struct raster *g, const struct rules *r, uint32_t group, bool *taken)
{
    bool found = false;
    uint32_t top, bottom;

    g->drawn = arena_alloc(g->layout->arena, (size_t)g->rows * g->columns);
    g->owners = arena_array(g->layout->arena, (size_t)g->rows * g->columns, sizeof(*g->owners));
    if (g->drawn == NULL || g->owners == NULL)
        return false;
    draw_edges(g, r, group);
    merge_places(g);
    if (runs_through_text(g, taken))
        return true;
    if (!gather(g, taken))
        return false;
    ruled_trim_frame(g, &top, &bottom);
    if (bottom - top < g->rows) {
        struct raster *part = part_of(g, 0, g->columns, top, bottom);
        return part != NULL && read_raster(part, r, group, taken);
    }
    ruled_part_labels(g);
    ruled_part_entries(g);
    if (ruled_is_coarse(g) && !read_inside(g, taken, &found))
        return false;
    bool down = false;
    if (found || !is_plausible(g))
        return true;
    return is_drawn_down(g, &down) && (!down || add_table(g, taken));
}

/* Reads tables stacked on each other, or the one that there is. */
static bool
read_stack(struct raster *g, const struct rules *r, uint32_t group, bool *taken)
{
    uint32_t cuts[RULES_LINES_MAX];
    uint32_t cut_count = ruled_find_cuts(g, r, group, cuts);

    if (cut_count == 0)
        return read_raster(g, r, group, taken);
    cuts[cut_count] = g->rows;
    for (uint32_t i = 0, row = 0; i <= cut_count; row = cuts[i++]) {
        uint32_t end = cuts[i];
        /* Rows across at the end are the title of what follows. */
        while (i < cut_count && end > row + 1 && ruled_goes_across(g, r, group, end - 1))
            end--;
        struct raster *part = part_of(g, 0, g->columns, row, end);
        if (part == NULL)
            return false;
        if (g->layout->page->table_count < RULED_TABLES_MAX && !read_raster(part, r, group, taken))
            return false;
    }
    return true;
}

/* Reads one drawing as a table or several, if it is one. */
static bool
read_group(struct rules *r, uint32_t group, bool *taken)
{
    struct layout *layout = r->layout;
    struct raster *g = arena_alloc(layout->arena, sizeof(*g));

    if (g == NULL)
        return false;
    g->layout = layout;
    g->columns = rules_columns(r, group, g->xs);
    g->rows = rules_rows(r, group, g->ys);
    if (g->columns < 3 || g->rows < 2 || g->columns * g->rows > PLACES_MAX)
        return true;
    g->columns--;
    g->rows--;
    for (;;) {
        uint32_t side = ruled_find_side(g, r, group);
        if (side == g->columns)
            return read_stack(g, r, group, taken);
        struct raster *left = part_of(g, 0, side, 0, g->rows);
        g = part_of(g, side + 1, g->columns, 0, g->rows);
        if (left == NULL || g == NULL || !read_stack(left, r, group, taken))
            return false;
    }
}

bool
ruled_find(struct layout *layout, bool *taken)
{
    struct rules r;
    uint32_t tried = 0;

    if (!rules_find(layout, &r))
        return false;
    for (uint32_t i = 0;
         i < r.count && tried < RULED_TABLES_MAX && layout->page->table_count < RULED_TABLES_MAX;
         i++) {
        if (r.rules[i].group != i)
            continue;
        tried++;
        if (!read_group(&r, i, taken))
            return false;
    }
    return true;
}
