/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/render.h"

#include "base/jsonw.h"
#include "render/names.h"
#include "render/pixel_box.h"
#include "render/plain.h"

#include <math.h>

const float render_api_dpi = 200;

/* The API's eight words; what it has no word for is a paragraph whose metadata says more. */
static const char *
type_name(uint8_t kind)
{
    switch (kind) {
    case BLOCK_HEADING:
    case BLOCK_TABLE:
    case BLOCK_FIGURE:
    case BLOCK_CAPTION:
    case BLOCK_HEADER:
    case BLOCK_FOOTER:
        return block_kind_name(kind);
    case BLOCK_LIST_ITEM:
        return "list";
    default:
        return "paragraph";
    }
}

static int64_t
clamp(double value, uint32_t most)
{
    return value < 0 ? 0 : value > most ? most : (int64_t)value;
}

struct pixel_box
pixel_box(const struct page *page, struct box box, float dpi)
{
    const double scale = dpi / 72.0;
    const double slack = 1e-3; /* a box that ends on a pixel's edge does not touch the next one */
    uint32_t width, height;

    box = page_box_as_seen(page, box);
    render_dimensions(page, dpi, &width, &height);
    struct pixel_box p = {
        .x0 = clamp(floor(box.x0 * scale + slack), width),
        .y0 = clamp(floor(box.y0 * scale + slack), height),
        .x1 = clamp(ceil(box.x1 * scale - slack), width),
        .y1 = clamp(ceil(box.y1 * scale - slack), height),
    };
    if (p.x1 < p.x0)
        p.x1 = p.x0;
    if (p.y1 < p.y0)
        p.y1 = p.y0;
    return p;
}

static void
put_bounds(struct jsonw *w, const struct page *page, struct box box, float dpi)
{
    struct pixel_box p = pixel_box(page, box, dpi);

    jsonw_object(w, "bounds");
    jsonw_int(w, "x", p.x0);
    jsonw_int(w, "y", p.y0);
    jsonw_int(w, "width", p.x1 - p.x0);
    jsonw_int(w, "height", p.y1 - p.y0);
    jsonw_end(w);
}

static void
put_metadata(struct jsonw *w, const struct page *page, const struct page_block *block,
             uint32_t items)
{
    jsonw_object(w, "metadata");
    if (block->kind == BLOCK_HEADING)
        jsonw_int(w, "level", block->level);
    if (block->kind == BLOCK_TABLE && block->table >= 0) {
        jsonw_int(w, "rows", page->tables[block->table].rows);
        jsonw_int(w, "columns", page->tables[block->table].columns);
    }
    if (block->kind == BLOCK_LIST_ITEM) {
        jsonw_bool(w, "ordered", block->ordered);
        jsonw_int(w, "items", items);
    }
    if (block->kind == BLOCK_FOOTNOTE || block->kind == BLOCK_CODE ||
        block->kind == BLOCK_FORM_FIELD || block->kind == BLOCK_QUOTE ||
        block->kind == BLOCK_FORMULA || block->kind == BLOCK_WATERMARK)
        jsonw_string(w, "role", block_kind_name(block->kind));
    jsonw_end(w);
}

/* Items that follow one another make one list. */
static uint32_t
list_length(const struct page *page, uint32_t index)
{
    uint32_t items = 1;

    if (page->blocks[index].kind == BLOCK_LIST_ITEM) {
        while (index + items < page->block_count &&
               page->blocks[index + items].kind == BLOCK_LIST_ITEM)
            items++;
    }
    return items;
}

/* The API has no word for a bar code: a figure whose text is the content. */
static void
put_codes(struct jsonw *w, const struct page *page, float dpi)
{
    for (uint32_t i = 0; i < page->code_count; i++) {
        const struct page_code *code = &page->codes[i];
        jsonw_object(w, NULL);
        jsonw_string(w, "type", "figure");
        jsonw_string(w, "text", code->text);
        put_bounds(w, page, code->box, dpi);
        jsonw_object(w, "metadata");
        jsonw_string(w, "role", "barcode");
        jsonw_string(w, "symbology", code->symbology);
        jsonw_end(w);
        jsonw_end(w);
    }
}

void
render_boxes(const struct page *page, float dpi, struct buf *out)
{
    struct jsonw w = {.out = out};
    struct buf text;
    uint32_t items;

    buf_init(&text, out->limit);
    jsonw_array(&w, NULL);
    for (uint32_t i = 0; i < page->block_count && !out->spoilt; i += items) {
        struct box box = page->blocks[i].box;
        items = list_length(page, i);
        buf_clear(&text);
        for (uint32_t k = i; k < i + items; k++) {
            if (k > i)
                buf_char(&text, '\n');
            plain_put_block(page, k, false, &text);
            box = box_union(box, page->blocks[k].box);
        }
        jsonw_object(&w, NULL);
        jsonw_string(&w, "type", type_name(page->blocks[i].kind));
        jsonw_string(&w, "text", buf_text(&text));
        put_bounds(&w, page, box, dpi);
        put_metadata(&w, page, &page->blocks[i], items);
        jsonw_end(&w);
    }
    put_codes(&w, page, dpi);
    jsonw_end(&w);
    out->spoilt |= text.spoilt;
    buf_fini(&text);
}

void
render_dimensions(const struct page *page, float dpi, uint32_t *ret_width, uint32_t *ret_height)
{
    const double most = 1e9;
    float seen_width, seen_height;

    page_size_as_seen(page, &seen_width, &seen_height);
    double width = ceil((double)seen_width * dpi / 72.0 - 1e-3);
    double height = ceil((double)seen_height * dpi / 72.0 - 1e-3);

    *ret_width = width >= 1 ? (uint32_t)fmin(width, most) : 0;
    *ret_height = height >= 1 ? (uint32_t)fmin(height, most) : 0;
}
