/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/table.h"

#include "render/escape.h"
#include "render/html_inline.h"
#include "render/inline.h"

#include <string.h>

static void
put_cell(const struct page *page, const struct page_cell *cell, struct buf *out)
{
    const struct inline_style style = {
        .emphasis = !cell->header, .line_break = "<br>", .place = ESCAPE_TABLE};
    struct flow flow;
    size_t before = out->len;

    flow_init_lines(&flow, page, cell->first_line, cell->line_count);
    buf_char(out, ' ');
    inline_put(&flow, &style, out);
    if (out->len == before + 1)
        return;
    buf_char(out, ' ');
}

/* next: the first cell that is not written yet. */
static void
put_row(const struct page *page, const struct page_table *table, uint32_t row, uint32_t *next,
        struct buf *out)
{
    const struct page_cell *cells = page->cells + table->first_cell;

    buf_char(out, '|');
    for (uint32_t column = 0; column < table->columns; column++) {
        if (*next < table->cell_count && cells[*next].row == row && cells[*next].column == column)
            put_cell(page, &cells[(*next)++], out);
        else
            buf_char(out, ' ');
        buf_char(out, '|');
    }
    buf_char(out, '\n');
}

const char *
table_next_head(const char **at, size_t *ret_len)
{
    const char *text = *at;

    *ret_len = strcspn(text, "\t");
    *at = text + *ret_len + (text[*ret_len] == '\t');
    return text;
}

/* The head of the page before. False: no memory. */
static bool
put_lent_head(const struct page *page, const struct page_table *table, struct buf *out)
{
    const char *at = table->head;

    buf_char(out, '|');
    for (uint32_t column = 0; column < table->columns; column++) {
        size_t len;
        const char *text = table_next_head(&at, &len);
        const char *copy = arena_strndup(page->arena, text, len);
        if (copy == NULL)
            return false;
        buf_char(out, ' ');
        escape_text(copy, ESCAPE_TABLE, out);
        buf_string(out, len > 0 ? " |" : "|");
    }
    buf_char(out, '\n');
    return true;
}

static void
put_pipes(const struct page *page, const struct page_table *table, struct buf *out)
{
    uint32_t next = 0, row = 0;

    if (table->head == NULL)
        put_row(page, table, row++, &next, out);
    else if (!put_lent_head(page, table, out))
        out->spoilt = true; /* as any output that has run out of memory */
    for (uint32_t column = 0; column < table->columns; column++)
        buf_string(out, "| --- ");
    buf_string(out, "|\n");
    while (row < table->rows)
        put_row(page, table, row++, &next, out);
}

/* One header row, its own or lent, and no spans. */
static bool
fits_pipes(const struct page *page, const struct page_table *table)
{
    if (table->header_rows + (table->head != NULL) != 1)
        return false;
    for (uint32_t i = 0; i < table->cell_count; i++) {
        const struct page_cell *cell = &page->cells[table->first_cell + i];
        if (cell->row_span > 1 || cell->column_span > 1)
            return false;
    }
    return true;
}

void
table_put(const struct page *page, const struct page_table *table, struct buf *out)
{
    if (table->rows == 0 || table->columns == 0)
        return;
    if (fits_pipes(page, table))
        put_pipes(page, table, out);
    else
        html_put_table(page, table, -1, out);
}
