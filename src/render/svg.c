/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/svg.c - the boxes of a page as SVG, to be laid over its picture: one <g> a page.
 *
 * Lengths are points of the page as it is seen. Classes: block-KIND, word-WITNESS, region-KIND,
 * hidden, cell; the style sheet stands in the file's head (render/form.c). Titles are what a
 * browser shows under the pointer: text and confidence. */
#include "render/render.h"

#include "base/xml.h"
#include "render/names.h"

struct svg {
    const struct page *page;
    struct buf *out;
};

static void
begin_rect(struct svg *s, struct box box, const char *prefix, const char *kind)
{
    box = page_box_as_seen(s->page, box);
    buf_printf(s->out,
               "<rect class=\"%s%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"><title>",
               prefix, kind, (double)box.x0, (double)box.y0, (double)box_width(box),
               (double)box_height(box));
}

static void
end_rect(struct svg *s)
{
    buf_string(s->out, "</title></rect>\n");
}

static void
put_blocks(struct svg *s)
{
    const struct page *page = s->page;

    for (uint32_t i = 0; i < page->block_count; i++) {
        const struct page_block *block = &page->blocks[i];
        begin_rect(s, block->box, "block-", block_kind_name(block->kind));
        buf_printf(s->out, "%u %s %.2f", i + 1, block_kind_name(block->kind),
                   (double)block->confidence);
        end_rect(s);
    }
    for (uint32_t i = 0; i < page->cell_count; i++) {
        const struct page_cell *cell = &page->cells[i];
        begin_rect(s, cell->box, "cell", "");
        buf_printf(s->out, "row %u column %u", cell->row + 1, cell->column + 1);
        end_rect(s);
    }
}

static void
put_words(struct svg *s)
{
    const struct page *page = s->page;

    for (uint32_t i = 0; i < page->word_count; i++) {
        const struct page_word *word = &page->words[i];
        begin_rect(s, word->box, "word-", witness_name(word->witness));
        xml_put_string(s->out, word->text);
        buf_printf(s->out, " %.2f", (double)word->confidence);
        end_rect(s);
    }
}

static void
put_others(struct svg *s)
{
    const struct page *page = s->page;

    for (uint32_t i = 0; i < page->region_count; i++) {
        begin_rect(s, page->regions[i].box, "region-", region_kind_name(page->regions[i].kind));
        buf_string(s->out, region_kind_name(page->regions[i].kind));
        end_rect(s);
    }
    for (uint32_t i = 0; i < page->hidden_count; i++) {
        begin_rect(s, page->hiddens[i].box, "hidden", "");
        xml_put_string(s->out, page->hiddens[i].text);
        end_rect(s);
    }
    for (uint32_t i = 0; i < page->code_count; i++) {
        begin_rect(s, page->codes[i].box, "code", "");
        xml_put_string(s->out, page->codes[i].text);
        end_rect(s);
    }
}

void
render_svg(const struct page *page, float y, struct buf *out)
{
    struct svg s = {.page = page, .out = out};
    float width, height;

    page_size_as_seen(page, &width, &height);
    buf_printf(out,
               "<g id=\"page_%u\" transform=\"translate(0 %.2f)\">\n"
               "<rect class=\"page\" width=\"%.2f\" height=\"%.2f\"/>\n",
               page->index + 1, (double)y, (double)width, (double)height);
    put_others(&s);
    put_blocks(&s);
    put_words(&s);
    buf_string(out, "</g>\n");
}
