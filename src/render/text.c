/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/render.h"

#include "render/flow.h"
#include "render/plain.h"

void
plain_put_table(const struct page *page, const struct page_table *table, struct buf *out)
{
    uint32_t next = 0;

    for (uint32_t row = 0; row < table->rows; row++) {
        if (row > 0)
            buf_char(out, '\n');
        size_t full = out->len;
        for (uint32_t column = 0; column < table->columns; column++) {
            const struct page_cell *cell = &page->cells[table->first_cell + next];
            struct flow flow;
            if (column > 0)
                buf_char(out, '\t');
            if (next >= table->cell_count || cell->row != row || cell->column != column)
                continue;
            flow_init_lines(&flow, page, cell->first_line, cell->line_count);
            flow_put(&flow, " ", out);
            next++;
            if (!out->spoilt && out->len > 0 && out->data[out->len - 1] != '\t')
                full = out->len;
        }
        buf_cut(out, full); /* no tabs after the last cell with text */
    }
}

uint32_t
plain_put_block(const struct page *page, uint32_t index, bool whole, struct buf *out)
{
    const struct page_block *block = &page->blocks[index];
    struct flow flow;

    if (block->kind == BLOCK_TABLE && block->table >= 0) {
        plain_put_table(page, &page->tables[block->table], out);
        return index;
    }
    if (block->kind == BLOCK_LIST_ITEM && block->marker[0] != '\0')
        buf_printf(out, "%s ", block->marker);
    flow_init_block(&flow, page, index);
    flow.past_figures = false; /* plain text stands in the order of the page */
    if (!whole)
        flow.block = page->block_count;
    flow_put(&flow, "\n", out);
    return whole ? flow.block : index;
}

/* The text so far: where it began, and what the last block was. */
struct plain {
    const struct page *page;
    struct buf *out;
    size_t start;
    bool item_before;
};

/* Returns the last block that went with it. */
static uint32_t
put_block(struct plain *p, uint32_t index)
{
    bool item = p->page->blocks[index].kind == BLOCK_LIST_ITEM;
    size_t before = p->out->len;

    if (before > p->start && !(item && p->item_before))
        buf_char(p->out, '\n');
    size_t content = p->out->len;
    uint32_t last = plain_put_block(p->page, index, true, p->out);
    if (p->out->len == content) {
        buf_cut(p->out, before);
        return last;
    }
    buf_char(p->out, '\n');
    p->item_before = item;
    return last;
}

/* A paragraph goes on past running heads and feet, which follow it. */
void
render_text(const struct page *page, struct buf *out)
{
    struct plain p = {.page = page, .out = out, .start = out->len};

    for (uint32_t i = 0; i < page->block_count && !out->spoilt; i++) {
        uint32_t first = i;
        i = put_block(&p, i);
        for (uint32_t k = first + 1; k < i; k++)
            if (page->blocks[k].kind == BLOCK_HEADER || page->blocks[k].kind == BLOCK_FOOTER)
                (void)put_block(&p, k);
    }
}
