/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/hocr.c - a page as hOCR 1.2 (Breuel, Baierer): one <div class="ocr_page">.
 *
 * Boxes are whole pixels at render_api_dpi of the page as it is seen; scan_res says so. Every line
 * is there, running heads too. Table cells are areas of their own. */
#include "render/render.h"

#include "base/xml.h"
#include "render/pixel_box.h"

struct hocr {
    const struct page *page;
    struct buf *out;
    uint32_t area, line, word; /* numbers given so far, for the ids */
};

static void
put_bbox(struct hocr *h, struct box box)
{
    struct pixel_box p = pixel_box(h->page, box, render_api_dpi);

    buf_printf(h->out, "bbox %lld %lld %lld %lld", (long long)p.x0, (long long)p.y0,
               (long long)p.x1, (long long)p.y1);
}

/* "<tag class="..." id="kind_page_n" title="bbox ..." with the quotes left open for more. */
static void
begin(struct hocr *h, const char *tag, const char *class, const char *kind, uint32_t number,
      struct box box)
{
    buf_printf(h->out, "<%s class=\"%s\" id=\"%s_%u_%u\" title=\"", tag, class, kind,
               h->page->index + 1, number);
    put_bbox(h, box);
}

static void
put_word(struct hocr *h, const struct page_word *word)
{
    const float px = render_api_dpi / 72;

    begin(h, "span", "ocrx_word", "word", ++h->word, word->box);
    buf_printf(h->out, "; x_wconf %d", (int)(word->confidence * 100 + 0.5f));
    if (word->size > 0)
        buf_printf(h->out, "; x_fsize %.1f", (double)(word->size * px));
    buf_string(h->out, "\">");
    if ((word->style & STYLE_BOLD) != 0)
        buf_string(h->out, "<strong>");
    if ((word->style & STYLE_ITALIC) != 0)
        buf_string(h->out, "<em>");
    xml_put_string(h->out, word->text);
    if ((word->style & STYLE_ITALIC) != 0)
        buf_string(h->out, "</em>");
    if ((word->style & STYLE_BOLD) != 0)
        buf_string(h->out, "</strong>");
    buf_string(h->out, "</span>");
}

static const char *
line_class(uint8_t kind)
{
    switch (kind) {
    case BLOCK_HEADING:
        return "ocr_header";
    case BLOCK_CAPTION:
        return "ocr_caption";
    default:
        return "ocr_line";
    }
}

static void
put_lines(struct hocr *h, uint32_t first, uint32_t count, const char *class)
{
    for (uint32_t i = first; i < first + count; i++) {
        const struct page_line *line = &h->page->lines[i];
        begin(h, "span", class, "line", ++h->line, line->box);
        if (line->size > 0)
            buf_printf(h->out, "; x_size %.1f", (double)(line->size * render_api_dpi / 72));
        if (line->vertical)
            buf_string(h->out, "; textangle 90");
        buf_string(h->out, line->right_to_left ? "\" dir=\"rtl\">" : "\">");
        for (uint32_t k = 0; k < line->word_count; k++) {
            const struct page_word *word = &h->page->words[line->first_word + k];
            if (k > 0 && !word->glued)
                buf_char(h->out, ' ');
            put_word(h, word);
        }
        buf_string(h->out, "</span>\n");
    }
}

static void
put_area(struct hocr *h, struct box box, uint32_t first, uint32_t count, uint8_t kind)
{
    const char *class = kind == BLOCK_HEADER   ? "ocr_carea ocr_header"
                        : kind == BLOCK_FOOTER ? "ocr_carea ocr_footer"
                        : kind == BLOCK_FIGURE ? "ocr_photo"
                                               : "ocr_carea";

    begin(h, "div", class, "block", ++h->area, box);
    buf_string(h->out, "\">\n");
    if (count > 0) {
        begin(h, "p", "ocr_par", "par", h->area, box);
        buf_string(h->out, "\">\n");
        put_lines(h, first, count, line_class(kind));
        buf_string(h->out, "</p>\n");
    }
    buf_string(h->out, "</div>\n");
}

static void
put_table(struct hocr *h, const struct page_table *table)
{
    begin(h, "div", "ocr_table", "table", ++h->area, table->box);
    buf_string(h->out, "\">\n");
    for (uint32_t i = 0; i < table->cell_count; i++) {
        const struct page_cell *cell = &h->page->cells[table->first_cell + i];
        put_area(h, cell->box, cell->first_line, cell->line_count, BLOCK_TABLE);
    }
    buf_string(h->out, "</div>\n");
}

void
render_hocr(const struct page *page, struct buf *out)
{
    struct hocr h = {.page = page, .out = out};
    uint32_t width_px, height_px;

    buf_printf(out, "<div class=\"ocr_page\" id=\"page_%u\"", page->index + 1);
    if (page->language[0] != '\0') {
        buf_string(out, " lang=\"");
        xml_put_string(out, page->language);
        buf_char(out, '"');
    }
    render_dimensions(page, render_api_dpi, &width_px, &height_px);
    buf_printf(out, " title=\"bbox 0 0 %u %u; ppageno %u; scan_res %.0f %.0f\">\n", width_px,
               height_px, page->index, (double)render_api_dpi, (double)render_api_dpi);
    for (uint32_t i = 0; i < page->block_count && !out->spoilt; i++) {
        const struct page_block *block = &page->blocks[i];
        if (block->kind == BLOCK_TABLE && block->table >= 0)
            put_table(&h, &page->tables[block->table]);
        else
            put_area(&h, block->box, block->first_line, block->line_count, block->kind);
    }
    buf_string(out, "</div>\n");
}
