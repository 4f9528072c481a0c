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
    if (!whole)
        flow.block = page->block_count;
    flow_put(&flow, "\n", out);
    return whole ? flow.block : index;
}

void
render_text(const struct page *page, struct buf *out)
{
    size_t start = out->len;
    bool item_before = false;

    for (uint32_t i = 0; i < page->block_count && !out->spoilt; i++) {
        bool item = page->blocks[i].kind == BLOCK_LIST_ITEM;
        size_t before = out->len;
        if (before > start && !(item && item_before))
            buf_char(out, '\n');
        size_t content = out->len;
        i = plain_put_block(page, i, true, out);
        if (out->len == content) {
            buf_cut(out, before);
            continue;
        }
        buf_char(out, '\n');
        item_before = item;
    }
}
