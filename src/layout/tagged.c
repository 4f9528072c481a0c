/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/tagged.c - tables as the file's own tags have them.
 *
 * Rows, cells and spans are taken as they are said, if the page bears them out: each row stands
 * below the one before, each column to the right of the one before, and no text that is not the
 * table's stands in it. Where that is not so the tags of the table are as good as none, and lines
 * and white space tell (ruled.c, table.c). Tables that hold tables lay out the page: they are none.
 */
#include "layout/tagged_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FILLED_LEAST = 3 };

/* Of each tag of the page: the cell that it is in, and whether it holds a table. */
struct said_page {
    struct layout *layout;
    uint16_t *cells; /* [tag_count]: 1 + index of a tag; 0: none */
    bool *outer;     /* [tag_count], of tables: another table is in it */
    /* Of the table at hand. */
    struct said_row *rows_room;   /* [TAGGED_ROWS_MAX] */
    struct said_cell *cells_room; /* [tag_count] */
    uint16_t ends[TAGGED_ROWS_MAX];
    uint16_t *index; /* [tag_count], of cells: their place in cells_room */
};

static uint16_t
cell_of_word(const struct said_page *said, uint32_t word)
{
    uint16_t tag = said->layout->page->words[word].tag;

    return tag == 0 ? 0 : said->cells[tag - 1];
}

static uint16_t
table_of_cell(const struct page *page, uint16_t cell)
{
    return page_tag_above(page, cell, TAG_TABLE);
}

static bool
look_at_tags(struct said_page *said)
{
    const struct page *page = said->layout->page;

    said->cells = arena_array(said->layout->arena, page->tag_count, sizeof(*said->cells));
    said->outer = arena_array(said->layout->arena, page->tag_count, sizeof(*said->outer));
    said->rows_room = arena_array(said->layout->arena, TAGGED_ROWS_MAX, sizeof(*said->rows_room));
    said->cells_room = arena_array(said->layout->arena, page->tag_count, sizeof(*said->cells_room));
    said->index = arena_array(said->layout->arena, page->tag_count, sizeof(*said->index));
    if (said->cells == NULL || said->outer == NULL || said->rows_room == NULL ||
        said->cells_room == NULL || said->index == NULL)
        return false;
    for (uint32_t i = 0; i < page->tag_count; i++) {
        const struct page_tag *tag = &page->tags[i];
        said->cells[i] = tag->kind == TAG_CELL ? (uint16_t)(i + 1)
                         : tag->parent != 0    ? said->cells[tag->parent - 1]
                                               : 0;
        uint16_t around = tag->kind == TAG_TABLE ? page_tag_above(page, tag->parent, TAG_TABLE) : 0;
        if (around != 0)
            said->outer[around - 1] = true;
    }
    return true;
}

/* ---- rows and cells ---- */

/* Words of the table: where its cells' text stands, and the size of its type. */
static void
measure_cells(const struct said_page *said, struct said_table *t)
{
    const struct page *page = t->layout->page;
    double size = 0;
    uint32_t words = 0;

    for (uint32_t i = 0; i < page->word_count; i++) {
        uint16_t tag = cell_of_word(said, i);
        if (tag == 0 || table_of_cell(page, tag) != t->tag)
            continue;
        struct said_cell *cell = &t->cells[said->index[tag - 1]];
        struct box box = page->words[i].box;
        cell->box = cell->words++ == 0 ? box : box_union(cell->box, box);
        t->box = words++ == 0 ? box : box_union(t->box, box);
        size += (double)page->words[i].size;
    }
    t->size = words > 0 ? (float)(size / words) : 0;
}

static int
by_top(const void *a, const void *b)
{
    const struct said_row *x = a, *y = b;

    if (x->top != y->top)
        return x->top < y->top ? -1 : 1;
    return x->tag < y->tag ? -1 : x->tag > y->tag;
}

/* Rows by their text's height; those without any go. */
static void
sort_rows(struct said_table *t)
{
    uint32_t n = 0;

    for (uint32_t r = 0; r < t->row_count; r++) {
        struct said_row *row = &t->rows[r];
        row->top = INFINITY;
        for (uint32_t i = row->first; i < row->end; i++) {
            if (t->cells[i].words > 0)
                row->top = fminf(row->top, t->cells[i].box.y0);
        }
        if (isfinite(row->top))
            t->rows[n++] = *row;
    }
    t->row_count = n;
    qsort(t->rows, t->row_count, sizeof(*t->rows), by_top);
}

/* Gathers the rows and cells of the table; of one with too many, none. */
static void
gather(const struct said_page *said, struct said_table *t)
{
    const struct page *page = t->layout->page;

    t->rows = said->rows_room;
    t->cells = said->cells_room;
    for (uint32_t r = t->tag; r < page->tag_count; r++) {
        if (page->tags[r].kind != TAG_ROW || table_of_cell(page, (uint16_t)(r + 1)) != t->tag)
            continue;
        if (t->row_count == TAGGED_ROWS_MAX) {
            t->row_count = 0;
            return;
        }
        struct said_row *row = &t->rows[t->row_count++];
        *row = (struct said_row){.tag = (uint16_t)(r + 1), .first = t->cell_count};
        /* Cells follow their row. */
        for (uint32_t c = r + 1; c < page->tag_count && page->tags[c].kind == TAG_CELL &&
                                 page->tags[c].parent == row->tag;
             c++) {
            said->index[c] = (uint16_t)t->cell_count;
            t->cells[t->cell_count++] =
                (struct said_cell){.tag = (uint16_t)(c + 1),
                                   .row_span = page->tags[c].row_span,
                                   .column_span = page->tags[c].column_span};
        }
        row->end = t->cell_count;
    }
    measure_cells(said, t);
    sort_rows(t);
}

/* ---- whether the page bears it out ---- */

/* Columns from left to right, rows from top to bottom, by the cells that are in one alone. */
static bool
is_in_order(const struct said_table *t)
{
    struct box columns[TAGGED_COLUMNS_MAX], before = tagged_no_box;
    float lean = tagged_overlap_most * t->size;

    for (uint32_t k = 0; k < t->columns; k++)
        columns[k] = tagged_no_box;
    for (uint32_t r = 0; r < t->row_count; r++) {
        struct box row = tagged_no_box;
        for (uint32_t i = t->rows[r].first; i < t->rows[r].end; i++) {
            const struct said_cell *cell = &t->cells[i];
            if (cell->words == 0)
                continue;
            if (cell->row_span == 1)
                row = tagged_join(row, cell->box);
            if (cell->column_span == 1)
                columns[cell->column] = tagged_join(columns[cell->column], cell->box);
        }
        if (isfinite(row.y0) && row.y0 < before.y1 - lean)
            return false;
        before = isfinite(row.y0) ? row : before;
    }
    float right = -INFINITY;
    for (uint32_t k = 0; k < t->columns; k++) {
        if (columns[k].x0 < right - lean)
            return false;
        right = fmaxf(right, columns[k].x1);
    }
    return true;
}

/* Cells over several columns or rows stand between what is beside them. */
static bool
spans_fit(const struct said_table *t)
{
    float lean = tagged_overlap_most * t->size;

    for (uint32_t i = 0; i < t->cell_count; i++) {
        const struct said_cell *a = &t->cells[i];
        if (a->words == 0 || (a->column_span == 1 && a->row_span == 1))
            continue;
        for (uint32_t k = 0; k < t->cell_count; k++) {
            const struct said_cell *b = &t->cells[k];
            if (b->words == 0 || b == a)
                continue;
            bool wrong =
                (a->column + a->column_span <= b->column && a->box.x1 > b->box.x0 + lean) ||
                (b->column + b->column_span <= a->column && b->box.x1 > a->box.x0 + lean) ||
                (a->row + a->row_span <= b->row && a->box.y1 > b->box.y0 + lean) ||
                (b->row + b->row_span <= a->row && b->box.y1 > a->box.y0 + lean);
            if (wrong)
                return false;
        }
    }
    return true;
}

static bool
is_alone(const struct said_page *said, const struct said_table *t)
{
    const struct page *page = t->layout->page;

    for (uint32_t i = 0; i < page->word_count; i++) {
        struct box box = page->words[i].box;
        float x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;
        uint16_t cell = cell_of_word(said, i);
        if ((cell == 0 || table_of_cell(page, cell) != t->tag) && x > t->box.x0 && x < t->box.x1 &&
            y > t->box.y0 && y < t->box.y1)
            return false;
    }
    return true;
}

static bool
is_sound(const struct said_page *said, const struct said_table *t)
{
    uint32_t filled = 0, beside = 0;

    for (uint32_t r = 0; r < t->row_count; r++) {
        uint32_t here = 0;
        for (uint32_t i = t->rows[r].first; i < t->rows[r].end; i++)
            here += t->cells[i].words > 0;
        filled += here;
        beside += here >= 2;
    }
    return t->row_count >= 2 && t->columns >= 2 && filled >= FILLED_LEAST && beside >= 1 &&
           is_in_order(t) && spans_fit(t) && is_alone(said, t);
}

/* ---- the table ---- */

/* Cuts a fragment where its words belong to different cells; the rest becomes one of its own. */
static void
cut_fragment(const struct said_page *said, uint32_t id)
{
    struct layout *layout = said->layout;
    struct frag *frag = &layout->frags[id];
    uint16_t first = cell_of_word(said, layout->word_ids[frag->first_word]);

    for (uint32_t i = 1; i < frag->word_count; i++) {
        if (cell_of_word(said, layout->word_ids[frag->first_word + i]) == first)
            continue;
        if (layout->frag_count + RULED_TABLES_MAX >= layout->frag_cap)
            return;
        lines_part(layout, frag, i);
        return;
    }
}

/* Rows that head the others: all their cells are said to, or, where nothing is said to, the first
 * if no figures stand in it. */
static uint32_t
count_header_rows(const struct said_table *t, bool numeric_first)
{
    const struct page_tag *tags = t->layout->page->tags;
    uint32_t n = 0;
    bool said = false;

    for (uint32_t i = 0; i < t->cell_count; i++)
        said |= tags[t->cells[i].tag - 1].header;
    for (bool all = true; all && n < t->row_count; n += all) {
        const struct said_row *row = &t->rows[n];
        for (uint32_t i = row->first; i < row->end && !tags[row->tag - 1].header; i++)
            all = all && (t->cells[i].words == 0 || tags[t->cells[i].tag - 1].header);
    }
    if (!said)
        return numeric_first ? 0 : 1;
    return n < t->row_count ? n : 1;
}

static bool
has_figures(const struct said_table *t, const struct said_row *row, const uint32_t *ids)
{
    for (uint32_t i = row->first; i < row->end; i++) {
        for (uint32_t k = 0; k < t->cells[i].count && t->cells[i].column > 0; k++) {
            if (t->layout->frags[ids[t->cells[i].first + k]].numeric)
                return true;
        }
    }
    return false;
}

/* The fragments of the table, cell after cell. ids: room for all. */
static void
sort_fragments(const struct said_page *said, struct said_table *t, uint32_t *ids, bool *taken)
{
    const struct layout *layout = t->layout;
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->cell_count; i++) {
        struct said_cell *cell = &t->cells[i];
        cell->first = n;
        for (uint32_t f = 0; cell->words > 0 && f < layout->frag_count; f++) {
            const struct frag *frag = &layout->frags[f];
            if (taken[f] || frag->table != 0 || frag->word_count == 0 ||
                cell_of_word(said, layout->word_ids[frag->first_word]) != cell->tag)
                continue;
            taken[f] = true;
            ids[n++] = f;
        }
        cell->count = n - cell->first;
    }
}

static bool
add_table(const struct said_page *said, struct said_table *t, bool *taken)
{
    struct page *page = t->layout->page;
    uint32_t *ids = arena_array(t->layout->arena, t->layout->frag_count, sizeof(*ids));
    struct page_table *table = page_add_table(page);
    uint32_t index = page->table_count - 1;

    if (ids == NULL || table == NULL)
        return false;
    sort_fragments(said, t, ids, taken);
    uint32_t heads = count_header_rows(t, has_figures(t, &t->rows[0], ids));
    *table = (struct page_table){.box = t->box,
                                 .rows = (uint16_t)t->row_count,
                                 .columns = (uint16_t)t->columns,
                                 .header_rows = (uint16_t)heads,
                                 .first_cell = page->cell_count};
    for (uint32_t r = 0; r < t->row_count; r++) {
        for (uint32_t i = t->rows[r].first; i < t->rows[r].end; i++) {
            const struct said_cell *cell = &t->cells[i];
            bool header = r < heads || page->tags[cell->tag - 1].header;
            if (cell->count > 0 &&
                !table_add_cell(t->layout, r, cell->column, cell->row_span, cell->column_span,
                                header, ids + cell->first, cell->count))
                return false;
        }
    }
    page->tables[index].cell_count = page->cell_count - page->tables[index].first_cell;
    order_stand_in(t->layout, index);
    return true;
}

bool
tagged_find(struct layout *layout, bool *taken)
{
    struct said_page said = {.layout = layout};
    const struct page *page = layout->page;

    if (!layout->exact || page->tag_count == 0)
        return true;
    if (!look_at_tags(&said))
        return false;
    for (uint32_t i = 0, tried = 0; i < page->tag_count && tried < RULED_TABLES_MAX; i++) {
        struct said_table table = {.layout = layout, .tag = (uint16_t)(i + 1)};
        if (page->tags[i].kind != TAG_TABLE || said.outer[i])
            continue;
        tried++;
        gather(&said, &table);
        if (table.row_count == 0 || !tagged_place(&table, said.ends) || !is_sound(&said, &table))
            continue;
        for (uint32_t f = 0; f < layout->frag_count; f++)
            if (!taken[f] && layout->frags[f].word_count > 0)
                cut_fragment(&said, f);
        if (!add_table(&said, &table, taken))
            return false;
    }
    return true;
}
