/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/html_table.h"

#include "render/escape.h"
#include "render/flow.h"
#include "render/inline.h"
#include "render/table.h"

/* Which tag stands for which style, outermost first. */
static const struct {
    uint8_t style;
    const char *tag;
} tags[] = {{STYLE_BOLD, "b"}, {STYLE_ITALIC, "i"}, {STYLE_SUPER, "sup"}, {STYLE_SUB, "sub"}};

static void
put_escaped(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '&')
            buf_string(out, "&amp;");
        else if (c == '<')
            buf_string(out, "&lt;");
        else if (c == '>')
            buf_string(out, "&gt;");
        else
            buf_char(out, c < ' ' || c == 0x7f ? ' ' : (char)c);
    }
}

static void
put_tags(uint8_t style, bool closing, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        size_t k = closing ? ARRAY_LEN(tags) - 1 - i : i;
        if ((style & tags[k].style) != 0)
            buf_printf(out, closing ? "</%s>" : "<%s>", tags[k].tag);
    }
}

static void
open_link(const struct page *page, int32_t link, struct buf *out)
{
    if (link < 0)
        return;
    buf_string(out, "<a href=\"");
    escape_uri(page->links[link].uri, out);
    buf_string(out, "\">");
}

/* What is open in a cell. */
struct run {
    uint8_t style;
    int32_t link;
};

/* Closes what ends before the next piece, writes what parts them, opens what begins. */
static void
change_run(const struct page *page, struct run *run, struct run next, const char *between,
           struct buf *out)
{
    bool link = next.link != run->link;

    if (link || next.style != run->style)
        put_tags(run->style, true, out);
    if (link && run->link >= 0)
        buf_string(out, "</a>");
    buf_string(out, between);
    if (link)
        open_link(page, next.link, out);
    if (link || next.style != run->style)
        put_tags(next.style, false, out);
    *run = next;
}

static void
put_content(const struct page *page, const struct page_cell *cell, struct buf *out)
{
    const uint8_t shown = STYLE_ITALIC | STYLE_SUPER | STYLE_SUB | (cell->header ? 0 : STYLE_BOLD);
    struct run run = {0, -1};
    struct flow_piece piece;
    struct flow flow;

    flow_init_lines(&flow, page, cell->first_line, cell->line_count);
    for (bool first = true; flow_next(&flow, &piece); first = false) {
        struct run next = {piece.word->style & shown, inline_link(page, piece.word)};
        const char *between = "";
        if (!first && piece.join != FLOW_GLUED)
            between = piece.join == FLOW_BREAK ? "<br>" : " ";
        change_run(page, &run, next, between, out);
        put_escaped(piece.text, piece.len, out);
    }
    change_run(page, &run, (struct run){0, -1}, "", out);
}

static void
put_cell(const struct page *page, const struct page_cell *cell, struct buf *out)
{
    const char *tag = cell->header ? "th" : "td";

    buf_printf(out, "<%s", tag);
    if (cell->row_span > 1)
        buf_printf(out, " rowspan=\"%u\"", cell->row_span);
    if (cell->column_span > 1)
        buf_printf(out, " colspan=\"%u\"", cell->column_span);
    buf_char(out, '>');
    put_content(page, cell, out);
    buf_printf(out, "</%s>", tag);
}

/* One row; next: the first cell that is not written yet; busy: for each column, the row before
 * which a cell from above covers it. */
static void
put_row(const struct page *page, const struct page_table *table, uint32_t row, uint32_t *next,
        uint32_t *busy, struct buf *out)
{
    const struct page_cell *cells = page->cells + table->first_cell;

    buf_string(out, "<tr>");
    for (uint32_t column = 0; column < table->columns; column++) {
        if (*next < table->cell_count && cells[*next].row == row && cells[*next].column == column) {
            const struct page_cell *cell = &cells[(*next)++];
            put_cell(page, cell, out);
            for (uint32_t k = 0; k < cell->column_span && column + k < table->columns; k++)
                busy[column + k] = row + cell->row_span;
        } else if (busy[column] <= row) {
            buf_string(out, row < table->header_rows ? "<th></th>" : "<td></td>");
        }
    }
    buf_string(out, "</tr>\n");
}

void
html_table_put(const struct page *page, const struct page_table *table, struct buf *out)
{
    uint32_t busy[TABLE_HTML_COLUMNS_MAX] = {0};
    uint32_t next = 0;

    buf_string(out, "<table>\n");
    for (uint32_t row = 0; row < table->rows; row++)
        put_row(page, table, row, &next, busy, out);
    buf_string(out, "</table>\n");
}
