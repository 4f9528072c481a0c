/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/html_inline.h"

#include "base/xml.h"
#include "render/table.h"

#include <string.h>
#include <strings.h>

/* Elements in the order in which they nest, outermost first; a link lies around all of them. */
static const struct {
    uint8_t style;
    const char *name;
} elements[] = {
    {STYLE_BOLD, "strong"},
    {STYLE_ITALIC, "em"},
    {STYLE_SUPER, "sup"},
    {STYLE_SUB, "sub"},
};

static const uint8_t written_styles = STYLE_BOLD | STYLE_ITALIC | STYLE_SUPER | STYLE_SUB;

struct writer {
    const struct page *page;
    struct buf *out;
    int32_t link;  /* that is open; -1: none */
    uint8_t style; /* that is open */
};

static bool
is_safe(const char *uri)
{
    static const char *const schemes[] = {"http:", "https:", "mailto:", "tel:", "ftp:"};

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (strncasecmp(uri, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

static int32_t
link_of(const struct page *page, const struct page_word *word)
{
    if (word->link < 0 || (uint32_t)word->link >= page->link_count ||
        !is_safe(page->links[word->link].uri))
        return -1;
    return word->link;
}

static void
close_styles(struct writer *w)
{
    for (size_t i = ARRAY_LEN(elements); i-- > 0;)
        if ((w->style & elements[i].style) != 0)
            buf_printf(w->out, "</%s>", elements[i].name);
    w->style = 0;
}

static void
open_styles(struct writer *w, uint8_t style)
{
    for (size_t i = 0; i < ARRAY_LEN(elements); i++)
        if ((style & elements[i].style) != 0)
            buf_printf(w->out, "<%s>", elements[i].name);
    w->style = style;
}

/* Ends what the next word does not share, writes what stands between the words, begins the rest. */
static void
change(struct writer *w, const char *between, int32_t link, uint8_t style)
{
    bool other_link = link != w->link;

    if (other_link || style != w->style)
        close_styles(w);
    if (other_link && w->link >= 0)
        buf_string(w->out, "</a>");
    buf_string(w->out, between);
    if (other_link && link >= 0) {
        buf_string(w->out, "<a href=\"");
        xml_put_string(w->out, w->page->links[link].uri);
        buf_string(w->out, "\">");
    }
    w->link = link;
    if (style != w->style)
        open_styles(w, style);
}

void
html_put_flow(struct flow *flow, uint8_t without, struct buf *out)
{
    struct writer w = {.page = flow->page, .out = out, .link = -1};
    struct flow_piece piece;

    for (bool first = true; flow_next(flow, &piece); first = false) {
        const char *between = first || piece.join == FLOW_GLUED ? ""
                              : piece.join == FLOW_BREAK        ? "<br>"
                                                                : " ";
        change(&w, between, link_of(flow->page, piece.word),
               piece.word->style & written_styles & (uint8_t)~without);
        xml_put_text(out, (struct span){(const uint8_t *)piece.text, piece.len});
    }
    change(&w, "", -1, 0);
}

static void
put_cell(const struct page *page, const struct page_cell *cell, bool head, struct buf *out)
{
    struct flow flow;

    buf_string(out, head ? "<th" : "<td");
    if (cell->row_span > 1)
        buf_printf(out, " rowspan=\"%u\"", cell->row_span);
    if (cell->column_span > 1)
        buf_printf(out, " colspan=\"%u\"", cell->column_span);
    buf_char(out, '>');
    flow_init_lines(&flow, page, cell->first_line, cell->line_count);
    html_put_flow(&flow, head ? STYLE_BOLD : 0, out);
    buf_string(out, head ? "</th>" : "</td>");
}

/* The head of the page before, over a table that goes on from there. */
static void
put_lent_head(const struct page_table *table, struct buf *out)
{
    const char *at = table->head;

    buf_string(out, "<thead>\n<tr>");
    for (uint32_t column = 0; column < table->columns; column++) {
        size_t len;
        const char *text = table_next_head(&at, &len);
        buf_string(out, "<th>");
        xml_put_text(out, (struct span){(const uint8_t *)text, len});
        buf_string(out, "</th>");
    }
    buf_string(out, "</tr>\n</thead>\n");
}

/* covered[column] > row: a cell of a row above reaches down to there. Columns that neither a cell
 * nor a span fills are empty cells, so that what follows stands in its column. */
static void
put_row(const struct page *page, const struct page_table *table, uint32_t row, uint32_t *next,
        uint16_t *covered, struct buf *out)
{
    const struct page_cell *cells = page->cells + table->first_cell;
    bool head = row < table->header_rows;

    buf_string(out, "<tr>");
    for (uint32_t column = 0; column < table->columns; column++) {
        bool here =
            *next < table->cell_count && cells[*next].row == row && cells[*next].column == column;
        if (!here && covered[column] <= row)
            buf_string(out, head ? "<th></th>" : "<td></td>");
        if (!here)
            continue;
        const struct page_cell *cell = &cells[(*next)++];
        put_cell(page, cell, head || cell->header, out);
        for (uint32_t k = column; k < column + cell->column_span && k < table->columns; k++)
            covered[k] = (uint16_t)(row + cell->row_span);
    }
    buf_string(out, "</tr>\n");
}

static void
put_caption(const struct page *page, uint32_t block, struct buf *out)
{
    struct flow flow;

    buf_string(out, "<caption>");
    flow_init_block(&flow, page, block);
    flow.block = page->block_count; /* it goes on in nothing */
    html_put_flow(&flow, 0, out);
    buf_string(out, "</caption>\n");
}

void
html_put_table(const struct page *page, const struct page_table *table, int64_t caption,
               struct buf *out)
{
    uint32_t next = 0;

    if (table->rows == 0 || table->columns == 0)
        return;
    uint16_t *covered = arena_array(page->arena, table->columns, sizeof(*covered));
    if (covered == NULL) {
        out->spoilt = true; /* as any output that has run out of memory */
        return;
    }
    buf_string(out, "<table>\n");
    if (caption >= 0)
        put_caption(page, (uint32_t)caption, out);
    if (table->head != NULL && table->header_rows == 0)
        put_lent_head(table, out);
    for (uint32_t row = 0; row < table->rows && !out->spoilt; row++) {
        if (row == 0)
            buf_string(out, table->header_rows > 0 ? "<thead>\n" : "<tbody>\n");
        else if (row == table->header_rows)
            buf_string(out, "</thead>\n<tbody>\n");
        put_row(page, table, row, &next, covered, out);
    }
    buf_string(out,
               table->header_rows >= table->rows ? "</thead>\n</table>\n" : "</tbody>\n</table>\n");
}
