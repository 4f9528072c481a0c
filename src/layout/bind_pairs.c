/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What goes on from one page to the next: a table, or a paragraph. */
#include "layout/bind_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

/* Drawn lines of one table stand at the same place on both pages, within pt; columns without lines
 * are as wide as what is in them, and share an edge or their middle within this. */
static const float same_edge_ruled = 3, same_edge_open = 12;
/* Columns without lines from which on their places say that it is one table. */
enum { OPEN_COLUMNS = 3, HEAD_BYTES = 4096, COLUMNS_MAX = 64 };

/* --- what a page ends and begins with --- */

static bool
is_aside(const struct page_block *block)
{
    return block_is_furniture(block->kind) || block->kind == BLOCK_FIGURE ||
           block->kind == BLOCK_FOOTNOTE;
}

static struct page_block *
first_of(const struct page *page)
{
    for (uint32_t i = 0; i < page->block_count; i++)
        if (!is_aside(&page->blocks[i]))
            return &page->blocks[i];
    return NULL;
}

static struct page_block *
last_of(const struct page *page)
{
    for (uint32_t i = page->block_count; i > 0; i--)
        if (!is_aside(&page->blocks[i - 1]))
            return &page->blocks[i - 1];
    return NULL;
}

static struct page_table *
table_of(const struct page *page, const struct page_block *block)
{
    if (block == NULL || block->kind != BLOCK_TABLE || block->table < 0)
        return NULL;
    struct page_table *table = &page->tables[block->table];
    return table->rows > 0 && table->columns > 1 && table->columns <= COLUMNS_MAX ? table : NULL;
}

/* --- tables --- */

/* Where each column is, from cells that span no other; x0 > x1: not known. */
static void
find_columns(const struct page *page, const struct page_table *table, struct box *columns)
{
    for (uint32_t i = 0; i < table->columns; i++)
        columns[i] = (struct box){INFINITY, 0, -INFINITY, 0};
    for (uint32_t i = 0; i < table->cell_count; i++) {
        const struct page_cell *cell = &page->cells[table->first_cell + i];
        if (cell->column_span != 1 || cell->line_count == 0 || cell->row < table->header_rows)
            continue;
        columns[cell->column].x0 = fminf(columns[cell->column].x0, cell->box.x0);
        columns[cell->column].x1 = fmaxf(columns[cell->column].x1, cell->box.x1);
    }
}

static bool
columns_match(const struct page *a, const struct page_table *s, const struct page *b,
              const struct page_table *t)
{
    struct box left[COLUMNS_MAX], right[COLUMNS_MAX];
    float far = s->ruled && t->ruled ? same_edge_ruled : same_edge_open;
    uint32_t known = 0;

    if (s->columns != t->columns || s->ruled != t->ruled)
        return false;
    find_columns(a, s, left);
    find_columns(b, t, right);
    for (uint32_t i = 0; i < s->columns; i++) {
        if (left[i].x0 > left[i].x1 || right[i].x0 > right[i].x1)
            continue;
        float x0 = fabsf(left[i].x0 - right[i].x0), x1 = fabsf(left[i].x1 - right[i].x1);
        float middle = 0.5F * fabsf(left[i].x0 + left[i].x1 - right[i].x0 - right[i].x1);
        if (s->ruled ? fmaxf(x0, x1) > far : fminf(fminf(x0, x1), middle) > far)
            return false;
        known++;
    }
    return known >= 2 && known + 1 >= s->columns;
}

/* Whether a row says figures, and whether all of it is bold; false: it is empty. */
static bool
look_at_row(const struct page *page, const struct page_table *table, uint32_t row,
            bool *ret_figures, bool *ret_bold)
{
    uint32_t words = 0, figures = 0, bold = 0;

    for (uint32_t i = 0; i < table->cell_count; i++) {
        const struct page_cell *cell = &page->cells[table->first_cell + i];
        for (uint32_t k = 0; cell->row == row && k < cell->line_count; k++) {
            const struct page_line *line = &page->lines[cell->first_line + k];
            for (uint32_t w = 0; w < line->word_count; w++) {
                const struct page_word *word = &page->words[line->first_word + w];
                words++;
                figures += strpbrk(word->text, "0123456789") != NULL;
                bold += (word->style & STYLE_BOLD) != 0;
            }
        }
    }
    *ret_figures = figures > 0;
    *ret_bold = bold == words;
    return words > 0;
}

/* The first row is the head of a table of its own: set otherwise than the row below, or without
 * figures over rows that have some. */
static bool
has_own_head(const struct page *page, const struct page_table *table)
{
    bool figures, bold, figures_below, bold_below;
    uint32_t below = table->header_rows > 0 ? table->header_rows : 1;

    if (below >= table->rows || !look_at_row(page, table, 0, &figures, &bold) ||
        !look_at_row(page, table, below, &figures_below, &bold_below))
        return false;
    return (bold && !bold_below) || (!figures && figures_below);
}

/* Figures stand in the first row of one and in the last of the other, or in neither. */
static bool
rows_alike(const struct page *a, const struct page_table *s, const struct page *b,
           const struct page_table *t)
{
    bool figures = false, figures_below = false, bold;

    return look_at_row(a, s, s->rows - 1U, &figures, &bold) &&
           look_at_row(b, t, 0, &figures_below, &bold) && figures == figures_below;
}

/* What stands over each column, a tab between columns; "" without a head, NULL without memory. */
static const char *
head_text(const struct page *page, const struct page_table *table, struct arena *arena)
{
    const char *text = "";
    bool any = false;

    if (table->head != NULL)
        return arena_strdup(arena, table->head);
    for (uint32_t column = 0; text != NULL && column < table->columns; column++) {
        const char *part = "";
        for (uint32_t i = 0; part != NULL && i < table->cell_count; i++) {
            const struct page_cell *cell = &page->cells[table->first_cell + i];
            if (cell->row >= table->header_rows || column < cell->column ||
                column >= (uint32_t)cell->column + cell->column_span)
                continue;
            for (uint32_t k = 0; part != NULL && k < cell->line_count; k++) {
                const char *line = page_line_text(arena, page, &page->lines[cell->first_line + k]);
                part = line == NULL
                           ? NULL
                           : arena_printf(arena, "%s%s%s", part, part[0] != '\0' ? " " : "", line);
            }
        }
        any = any || (part != NULL && part[0] != '\0');
        text = part == NULL || strchr(part, '\t') != NULL
                   ? NULL
                   : arena_printf(arena, "%s%s%s", text, column > 0 ? "\t" : "", part);
    }
    return text == NULL || any ? text : "";
}

static void
take_head(struct page *page, struct page_table *table, const char *head)
{
    for (uint32_t i = 0; i < table->cell_count; i++)
        page->cells[table->first_cell + i].header = false;
    table->header_rows = 0;
    table->head = head;
}

static bool
bind_tables(const struct page *before, const struct page_table *s, struct page *after,
            struct page_table *t, bool *ret_changed)
{
    const char *above = head_text(before, s, after->arena);
    const char *own = head_text(after, t, after->arena);

    if (above == NULL || own == NULL)
        return false;
    bool again = above[0] != '\0' && strcmp(above, own) == 0;
    bool placed = columns_match(before, s, after, t);
    if (again ? s->columns != t->columns
              : !placed || has_own_head(after, t) ||
                    (!s->ruled && (s->columns < OPEN_COLUMNS || !rows_alike(before, s, after, t))))
        return true;
    t->continues = true;
    if (!again && above[0] != '\0' && strlen(above) <= HEAD_BYTES)
        take_head(after, t, above);
    *ret_changed = true;
    return true;
}

/* --- paragraphs --- */

static uint32_t
edge_char(const struct page *page, const struct page_block *block, bool last)
{
    if (block->line_count == 0)
        return 0;
    const struct page_line *line =
        &page->lines[block->first_line + (last ? block->line_count - 1 : 0)];
    if (line->word_count == 0)
        return 0;
    const char *word = page->words[line->first_word + (last ? line->word_count - 1 : 0)].text;
    return last ? chars_last(word, strlen(word)) : chars_first(word, strlen(word));
}

static bool
goes_on(const struct page *before, const struct page_block *a, const struct page *after,
        const struct page_block *b)
{
    if (a->kind != BLOCK_PARAGRAPH || b->kind != BLOCK_PARAGRAPH || a->line_count == 0 ||
        b->line_count == 0)
        return false;
    const struct page_line *last = &before->lines[a->first_line + a->line_count - 1];
    uint32_t end = edge_char(before, a, true);
    bool open = char_is_letter(end) || end == ',' || end == '-' || end == 0xad || end == 0x2010;
    float ratio = last->size / fmaxf(after->lines[b->first_line].size, 1);
    return open && last->word_count > 2 && char_is_lower(edge_char(after, b, false)) &&
           ratio > 0.9F && ratio < 1.11F;
}

enum err_code
bind_pair(struct page *before, struct page *after, bool *ret_before_changed,
          bool *ret_after_changed, struct err *err)
{
    struct page_block *a = last_of(before), *b = first_of(after);
    struct page_table *s = table_of(before, a), *t = table_of(after, b);

    if (a == NULL || b == NULL)
        return ERR_OK;
    if (s != NULL && t != NULL) {
        if (!bind_tables(before, s, after, t, ret_after_changed))
            return err_set(err, ERR_LIMIT, "page %u has too large a table", after->index + 1);
        return ERR_OK;
    }
    bind_lists(before, after, ret_after_changed);
    if (!a->continues && goes_on(before, a, after, b))
        a->continues = *ret_before_changed = true;
    return ERR_OK;
}
