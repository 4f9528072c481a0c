/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/alto.c - a page as ALTO 4.4 (Library of Congress): one <Page>.
 *
 * Coordinates are whole pixels at render_api_dpi of the page as it is seen. Table cells are text
 * blocks inside a ComposedBlock of type "table"; other readings of a word are its ALTERNATIVEs. */
#include "render/render.h"

#include "base/xml.h"
#include "render/names.h"
#include "render/pixel_box.h"

struct alto {
    const struct page *page;
    struct buf *out;
    uint32_t block, line; /* numbers given so far, for the IDs */
};

static void
put_position(struct alto *a, struct box box)
{
    struct pixel_box p = pixel_box(a->page, box, render_api_dpi);

    buf_printf(a->out, " HPOS=\"%lld\" VPOS=\"%lld\" WIDTH=\"%lld\" HEIGHT=\"%lld\"",
               (long long)p.x0, (long long)p.y0, (long long)(p.x1 - p.x0),
               (long long)(p.y1 - p.y0));
}

static void
put_style(struct alto *a, uint8_t style)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } names[] = {{STYLE_BOLD, "bold"},
                 {STYLE_ITALIC, "italics"},
                 {STYLE_SUB, "subscript"},
                 {STYLE_SUPER, "superscript"}};
    const char *before = " STYLE=\"";

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if ((style & names[i].bit) != 0) {
            buf_printf(a->out, "%s%s", before, names[i].name);
            before = " ";
        }
    if (before[1] == '\0')
        buf_char(a->out, '"');
}

static void
put_word(struct alto *a, const struct page_word *word)
{
    buf_string(a->out, "<String");
    put_position(a, word->box);
    buf_string(a->out, " CONTENT=\"");
    xml_put_string(a->out, word->text);
    buf_printf(a->out, "\" WC=\"%.2f\"", (double)word->confidence);
    put_style(a, word->style);
    if (word->alt_count == 0) {
        buf_string(a->out, "/>");
        return;
    }
    buf_char(a->out, '>');
    for (uint32_t i = 0; i < word->alt_count; i++) {
        buf_string(a->out, "<ALTERNATIVE>");
        xml_put_string(a->out, a->page->alts[word->first_alt + i].text);
        buf_string(a->out, "</ALTERNATIVE>");
    }
    buf_string(a->out, "</String>");
}

static void
put_lines(struct alto *a, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        const struct page_line *line = &a->page->lines[i];
        if (line->word_count == 0)
            continue; /* the schema wants a String in each line */
        buf_printf(a->out, "<TextLine ID=\"line_%u_%u\"", a->page->index + 1, ++a->line);
        put_position(a, line->box);
        buf_char(a->out, '>');
        for (uint32_t k = 0; k < line->word_count; k++) {
            const struct page_word *word = &a->page->words[line->first_word + k];
            if (k > 0 && !word->glued)
                buf_string(a->out, "<SP/>");
            put_word(a, word);
        }
        buf_string(a->out, "</TextLine>\n");
    }
}

static void
put_text_block(struct alto *a, struct box box, uint32_t first, uint32_t count, const char *tag)
{
    buf_printf(a->out, "<TextBlock ID=\"block_%u_%u\"", a->page->index + 1, ++a->block);
    put_position(a, box);
    buf_printf(a->out, " TAGREFS=\"%s\">\n", tag);
    put_lines(a, first, count);
    buf_string(a->out, "</TextBlock>\n");
}

static void
put_table(struct alto *a, const struct page_table *table)
{
    buf_printf(a->out, "<ComposedBlock ID=\"block_%u_%u\" TYPE=\"table\"", a->page->index + 1,
               ++a->block);
    put_position(a, table->box);
    buf_string(a->out, ">\n");
    for (uint32_t i = 0; i < table->cell_count; i++) {
        const struct page_cell *cell = &a->page->cells[table->first_cell + i];
        put_text_block(a, cell->box, cell->first_line, cell->line_count, "table");
    }
    buf_string(a->out, "</ComposedBlock>\n");
}

static void
put_block(struct alto *a, const struct page_block *block)
{
    if (block->kind == BLOCK_TABLE && block->table >= 0) {
        put_table(a, &a->page->tables[block->table]);
    } else if (block->kind == BLOCK_FIGURE) {
        buf_printf(a->out, "<Illustration ID=\"block_%u_%u\"", a->page->index + 1, ++a->block);
        put_position(a, block->box);
        buf_string(a->out, "/>\n");
        if (block->line_count > 0)
            put_text_block(a, block->box, block->first_line, block->line_count,
                           block_kind_name(block->kind));
    } else {
        put_text_block(a, block->box, block->first_line, block->line_count,
                       block_kind_name(block->kind));
    }
}

/* The kinds of blocks as tags, once a file. */
void
alto_put_tags(struct buf *out)
{
    buf_string(out, "<Tags>\n");
    for (int kind = 0; kind < BLOCK_KIND_COUNT; kind++)
        buf_printf(out, "<StructureTag ID=\"%s\" LABEL=\"%s\"/>\n", block_kind_name((uint8_t)kind),
                   block_kind_name((uint8_t)kind));
    buf_string(out, "</Tags>\n");
}

void
render_alto(const struct page *page, struct buf *out)
{
    struct alto a = {.page = page, .out = out};
    uint32_t width, height;

    render_dimensions(page, render_api_dpi, &width, &height);
    buf_printf(
        out,
        "<Page ID=\"page_%u\" PHYSICAL_IMG_NR=\"%u\" WIDTH=\"%u\" HEIGHT=\"%u\" PC=\"%.3f\">\n"
        "<PrintSpace HPOS=\"0\" VPOS=\"0\" WIDTH=\"%u\" HEIGHT=\"%u\">\n",
        page->index + 1, page->index + 1, width, height, (double)page->confidence, width, height);
    for (uint32_t i = 0; i < page->block_count && !out->spoilt; i++)
        put_block(&a, &page->blocks[i]);
    buf_string(out, "</PrintSpace>\n</Page>\n");
}
