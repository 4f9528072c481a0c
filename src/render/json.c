/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/render.h"

#include "base/jsonw.h"
#include "page/warp.h"
#include "render/flow.h"
#include "render/names.h"
#include "render/plain.h"
#include "render/table.h"

static const char *const style_names[] = {"bold",  "italic",      "mono",
                                          "serif", "superscript", "subscript"};
static const char *const hidden_names[HIDDEN_KIND_COUNT] = {"invisible", "white", "covered",
                                                            "off_page", "rejected"};
static const char *const field_names[] = {"text", "check", "radio", "choice", "signature"};

const char *
block_kind_name(uint8_t kind)
{
    static const char *const names[BLOCK_KIND_COUNT] = {
        [BLOCK_PARAGRAPH] = "paragraph",   [BLOCK_HEADING] = "heading",
        [BLOCK_LIST_ITEM] = "list_item",   [BLOCK_TABLE] = "table",
        [BLOCK_FIGURE] = "figure",         [BLOCK_CAPTION] = "caption",
        [BLOCK_HEADER] = "header",         [BLOCK_FOOTER] = "footer",
        [BLOCK_FOOTNOTE] = "footnote",     [BLOCK_CODE] = "code",
        [BLOCK_FORM_FIELD] = "form_field", [BLOCK_QUOTE] = "quote",
        [BLOCK_FORMULA] = "formula",       [BLOCK_WATERMARK] = "watermark"};

    return kind < BLOCK_KIND_COUNT ? names[kind] : "paragraph";
}

const char *
witness_name(uint8_t witness)
{
    static const char *const names[] = {"layer", "pixels", "both", "conflict"};

    return names[witness % ARRAY_LEN(names)];
}

const char *
region_kind_name(uint8_t kind)
{
    static const char *const names[] = {"rule",   "picture", "stamp",       "noise",
                                        "unread", "missing", "handwriting", "drawing"};

    return names[kind % ARRAY_LEN(names)];
}

static void
put_box(struct jsonw *w, struct box box)
{
    jsonw_array(w, "box");
    jsonw_real(w, NULL, box.x0, 2);
    jsonw_real(w, NULL, box.y0, 2);
    jsonw_real(w, NULL, box.x1, 2);
    jsonw_real(w, NULL, box.y1, 2);
    jsonw_end(w);
}

static void
put_range(struct jsonw *w, const char *first_key, uint32_t first, const char *count_key,
          uint32_t count)
{
    jsonw_int(w, first_key, first);
    jsonw_int(w, count_key, count);
}

static void
put_alts(struct jsonw *w, const struct page *page, const struct page_word *word)
{
    if (word->alt_count == 0)
        return;
    jsonw_array(w, "alternatives");
    for (uint32_t i = 0; i < word->alt_count; i++) {
        const struct page_alt *alt = &page->alts[word->first_alt + i];
        jsonw_object(w, NULL);
        jsonw_string(w, "text", alt->text);
        jsonw_real(w, "confidence", alt->confidence, 3);
        jsonw_string(w, "source", alt->source == ALT_BEAM ? "beam" : "rival");
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void
put_words(struct jsonw *w, const struct page *page)
{
    jsonw_array(w, "words");
    for (uint32_t i = 0; i < page->word_count; i++) {
        const struct page_word *word = &page->words[i];
        jsonw_object(w, NULL);
        jsonw_string(w, "text", word->text);
        put_box(w, word->box);
        jsonw_real(w, "confidence", word->confidence, 3);
        jsonw_real(w, "size", word->size, 2);
        jsonw_string(w, "witness", witness_name(word->witness));
        if (word->style != 0) {
            jsonw_array(w, "style");
            for (size_t bit = 0; bit < ARRAY_LEN(style_names); bit++) {
                if ((word->style >> bit & 1) != 0)
                    jsonw_string(w, NULL, style_names[bit]);
            }
            jsonw_end(w);
        }
        if (word->link >= 0)
            jsonw_int(w, "link", word->link);
        if (word->glued)
            jsonw_bool(w, "glued", true);
        put_alts(w, page, word);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void
put_lines(struct jsonw *w, const struct page *page)
{
    jsonw_array(w, "lines");
    for (uint32_t i = 0; i < page->line_count; i++) {
        const struct page_line *line = &page->lines[i];
        jsonw_object(w, NULL);
        put_box(w, line->box);
        jsonw_real(w, "baseline", line->baseline, 2);
        jsonw_real(w, "size", line->size, 2);
        put_range(w, "first_word", line->first_word, "word_count", line->word_count);
        if (line->vertical)
            jsonw_bool(w, "vertical", true);
        if (line->right_to_left)
            jsonw_bool(w, "right_to_left", true);
        if (line->slanted)
            jsonw_bool(w, "slanted", true);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void
put_blocks(struct jsonw *w, const struct page *page, struct buf *text)
{
    jsonw_array(w, "blocks");
    for (uint32_t i = 0; i < page->block_count; i++) {
        const struct page_block *block = &page->blocks[i];
        jsonw_object(w, NULL);
        jsonw_string(w, "kind", block_kind_name(block->kind));
        put_box(w, block->box);
        jsonw_real(w, "confidence", block->confidence, 3);
        put_range(w, "first_line", block->first_line, "line_count", block->line_count);
        if (block->kind == BLOCK_HEADING || block->kind == BLOCK_LIST_ITEM)
            jsonw_int(w, "level", block->level);
        if (block->kind == BLOCK_LIST_ITEM)
            jsonw_bool(w, "ordered", block->ordered);
        if (block->marker[0] != '\0')
            jsonw_string(w, block->kind == BLOCK_FIGURE ? "alt" : "marker", block->marker);
        if (block->skip_words > 0)
            jsonw_int(w, "marker_words", block->skip_words);
        if (block->continues)
            jsonw_bool(w, "continues", true);
        if (block->caption != 0)
            jsonw_int(w, "caption", (int64_t)i + block->caption);
        if (block->table >= 0) {
            jsonw_int(w, "table", block->table);
        } else {
            struct flow flow;
            buf_clear(text);
            flow_init_lines(&flow, page, block->first_line, block->line_count);
            flow_put(&flow, "\n", text);
            jsonw_string(w, "text", buf_text(text));
        }
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void
put_head(struct jsonw *w, const struct page *page, const struct page_table *table)
{
    const char *at = table->head;

    jsonw_array(w, "head");
    for (uint32_t column = 0; column < table->columns; column++) {
        size_t len;
        const char *text = table_next_head(&at, &len);
        const char *copy = arena_strndup(page->arena, text, len);
        jsonw_string(w, NULL, copy != NULL ? copy : "");
    }
    jsonw_end(w);
}

static void
put_tables(struct jsonw *w, const struct page *page)
{
    jsonw_array(w, "tables");
    for (uint32_t i = 0; i < page->table_count; i++) {
        const struct page_table *table = &page->tables[i];
        jsonw_object(w, NULL);
        put_box(w, table->box);
        jsonw_int(w, "rows", table->rows);
        jsonw_int(w, "columns", table->columns);
        jsonw_int(w, "header_rows", table->header_rows);
        jsonw_bool(w, "ruled", table->ruled);
        if (table->continues)
            jsonw_bool(w, "continues", true);
        if (table->head != NULL)
            put_head(w, page, table);
        put_range(w, "first_cell", table->first_cell, "cell_count", table->cell_count);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void
put_cells(struct jsonw *w, const struct page *page, struct buf *text)
{
    jsonw_array(w, "cells");
    for (uint32_t i = 0; i < page->cell_count; i++) {
        const struct page_cell *cell = &page->cells[i];
        struct flow flow;
        jsonw_object(w, NULL);
        put_box(w, cell->box);
        jsonw_int(w, "row", cell->row);
        jsonw_int(w, "column", cell->column);
        jsonw_int(w, "row_span", cell->row_span);
        jsonw_int(w, "column_span", cell->column_span);
        jsonw_bool(w, "header", cell->header);
        put_range(w, "first_line", cell->first_line, "line_count", cell->line_count);
        buf_clear(text);
        flow_init_lines(&flow, page, cell->first_line, cell->line_count);
        flow_put(&flow, "\n", text);
        jsonw_string(w, "text", buf_text(text));
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void
put_extras(struct jsonw *w, const struct page *page)
{
    jsonw_array(w, "regions");
    for (uint32_t i = 0; i < page->region_count; i++) {
        jsonw_object(w, NULL);
        jsonw_string(w, "kind", region_kind_name(page->regions[i].kind));
        put_box(w, page->regions[i].box);
        jsonw_real(w, "ink", page->regions[i].ink, 2);
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_array(w, "links");
    for (uint32_t i = 0; i < page->link_count; i++) {
        jsonw_object(w, NULL);
        put_box(w, page->links[i].box);
        jsonw_string(w, "uri", page->links[i].uri);
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_array(w, "fields");
    for (uint32_t i = 0; i < page->field_count; i++) {
        const struct page_field *field = &page->fields[i];
        jsonw_object(w, NULL);
        jsonw_string(w, "kind", field_names[field->kind % ARRAY_LEN(field_names)]);
        jsonw_string(w, "name", field->name);
        jsonw_string(w, "value", field->value);
        jsonw_bool(w, "checked", field->checked);
        put_box(w, field->box);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void
put_asides(struct jsonw *w, const struct page *page)
{
    jsonw_array(w, "hidden");
    for (uint32_t i = 0; i < page->hidden_count; i++) {
        jsonw_object(w, NULL);
        jsonw_string(w, "kind", hidden_names[page->hiddens[i].kind % ARRAY_LEN(hidden_names)]);
        jsonw_string(w, "text", page->hiddens[i].text);
        put_box(w, page->hiddens[i].box);
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_array(w, "codes");
    for (uint32_t i = 0; i < page->code_count; i++) {
        jsonw_object(w, NULL);
        jsonw_string(w, "symbology", page->codes[i].symbology);
        jsonw_string(w, "text", page->codes[i].text);
        put_box(w, page->codes[i].box);
        jsonw_end(w);
    }
    jsonw_end(w);
}

/* Where the points of an even net over the straight page were seen, row by row. */
static void
put_warp(struct jsonw *w, const struct page_warp *warp)
{
    jsonw_object(w, "warp");
    put_box(w, warp->frame);
    jsonw_int(w, "side", WARP_SIDE);
    jsonw_array(w, "seen");
    for (int i = 0; i < WARP_SIDE * WARP_SIDE; i++) {
        jsonw_array(w, NULL);
        jsonw_real(w, NULL, warp->x[i / WARP_SIDE][i % WARP_SIDE], 2);
        jsonw_real(w, NULL, warp->y[i / WARP_SIDE][i % WARP_SIDE], 2);
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_end(w);
}

void
render_json(const struct page *page, struct buf *out)
{
    struct jsonw w = {.out = out};
    struct buf text;

    buf_init(&text, out->limit);
    jsonw_object(&w, NULL);
    jsonw_int(&w, "version", 3);
    jsonw_int(&w, "page_number", (int64_t)page->index + 1);
    jsonw_int(&w, "turned", page->turned);
    jsonw_real(&w, "skew", (double)page->skew, 2);
    if (page->warp != NULL)
        put_warp(&w, page->warp);
    jsonw_real(&w, "width", page->width, 2);
    jsonw_real(&w, "height", page->height, 2);
    jsonw_real(&w, "dpi", page->dpi, 1);
    jsonw_real(&w, "confidence", page->confidence, 4);
    if (page->coverage < 0)
        jsonw_null(&w, "coverage");
    else
        jsonw_real(&w, "coverage", page->coverage, 4);
    jsonw_bool(&w, "from_layer", page->from_layer);
    jsonw_bool(&w, "from_pixels", page->from_pixels);
    jsonw_string(&w, "language", page->language);
    jsonw_string(&w, "script", page->script);
    put_blocks(&w, page, &text);
    put_tables(&w, page);
    put_cells(&w, page, &text);
    put_lines(&w, page);
    put_words(&w, page);
    put_extras(&w, page);
    put_asides(&w, page);
    jsonw_end(&w);
    out->spoilt |= text.spoilt;
    buf_fini(&text);
}
