/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/codec.h"
#include "page/codec_internal.h"

#include <endian.h>
#include <string.h>

static uint8_t *
put_u16(uint8_t *at, uint16_t value)
{
    value = htole16(value);
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

static uint8_t *
put_u32(uint8_t *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

static uint8_t *
put_f32(uint8_t *at, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return put_u32(at, bits);
}

static uint8_t *
put_box(uint8_t *at, struct box box)
{
    at = put_f32(at, box.x0);
    at = put_f32(at, box.y0);
    at = put_f32(at, box.x1);
    return put_f32(at, box.y1);
}

static uint8_t *
put_flag(uint8_t *at, bool flag)
{
    *at = flag;
    return at + 1;
}

/* The text's length as it is written: not past the limit, not inside a character. */
static size_t
text_length(const char *text)
{
    size_t len = strlen(text);

    if (len <= PAGE_TEXT_MAX)
        return len;
    len = PAGE_TEXT_MAX;
    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
        len--;
    return len;
}

static void
put_text(struct buf *out, const char *text)
{
    size_t len = text_length(text);
    uint8_t *at = buf_extend(out, 2 + len);

    if (at != NULL)
        memcpy(put_u16(at, (uint16_t)len), text, len);
}

static void
put_warp(struct buf *out, const struct page_warp *warp)
{
    uint8_t *at = buf_extend(out, CODEC_WARP_SIZE);

    if (at == NULL)
        return;
    at = put_box(at, warp->frame);
    for (int i = 0; i < WARP_SIDE * WARP_SIDE; i++)
        at = put_f32(at, warp->x[i / WARP_SIDE][i % WARP_SIDE]);
    for (int i = 0; i < WARP_SIDE * WARP_SIDE; i++)
        at = put_f32(at, warp->y[i / WARP_SIDE][i % WARP_SIDE]);
}

static void
put_head(struct buf *out, const struct page *page)
{
    const float floats[] = {page->width,      page->height,   page->dpi,
                            page->confidence, page->coverage, page->skew};
    const uint32_t counts[CODEC_KINDS] = {page->word_count,   page->line_count,  page->block_count,
                                          page->table_count,  page->cell_count,  page->region_count,
                                          page->link_count,   page->field_count, page->alt_count,
                                          page->hidden_count, page->code_count};
    uint8_t *at = buf_extend(out, CODEC_HEAD_SIZE);

    if (at == NULL)
        return;
    at = put_u32(at, codec_magic);
    at = put_u32(at, PAGE_CODEC_VERSION);
    at = put_u32(at, page->index);
    at = put_u32(at, (page->from_layer ? CODEC_FLAG_LAYER : 0u) |
                         (page->from_pixels ? CODEC_FLAG_PIXELS : 0u) |
                         (page->warp != NULL ? CODEC_FLAG_WARP : 0u) |
                         (page->turned / 90u % 4) << CODEC_TURN_SHIFT);
    for (size_t i = 0; i < ARRAY_LEN(floats); i++)
        at = put_f32(at, floats[i]);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        at = put_u32(at, counts[i]);
    put_text(out, page->language);
    put_text(out, page->script);
    if (page->warp != NULL)
        put_warp(out, page->warp);
}

static void
put_word(struct buf *out, const struct page_word *word)
{
    size_t len = text_length(word->text);
    uint8_t *at = buf_extend(out, CODEC_WORD_SIZE + 2 + len);

    if (at == NULL)
        return;
    at = put_box(at, word->box);
    at = put_f32(at, word->confidence);
    at = put_f32(at, word->size);
    at = put_u32(at, (uint32_t)word->link);
    at = put_u32(at, word->first_alt);
    *at++ = word->witness;
    *at++ = word->style;
    *at++ = word->alt_count;
    at = put_flag(at, word->glued);
    memcpy(put_u16(at, (uint16_t)len), word->text, len);
}

static void
put_line(struct buf *out, const struct page_line *line)
{
    uint8_t *at = buf_extend(out, CODEC_LINE_SIZE);

    if (at == NULL)
        return;
    at = put_box(at, line->box);
    at = put_f32(at, line->baseline);
    at = put_f32(at, line->size);
    at = put_u32(at, line->first_word);
    at = put_u32(at, line->word_count);
    at = put_u32(at, (uint32_t)line->source);
    *at = (uint8_t)((line->vertical ? 1 : 0) | (line->right_to_left ? 2 : 0) |
                    (line->slanted ? 4 : 0));
}

static void
put_block(struct buf *out, const struct page_block *block)
{
    uint8_t *at = buf_extend(out, CODEC_BLOCK_SIZE);

    if (at == NULL)
        return;
    at = put_box(at, block->box);
    at = put_u32(at, block->first_line);
    at = put_u32(at, block->line_count);
    at = put_u32(at, block->skip_words);
    at = put_u32(at, (uint32_t)block->table);
    at = put_u32(at, (uint32_t)block->caption);
    at = put_f32(at, block->confidence);
    *at++ = block->kind;
    *at++ = block->level;
    at = put_flag(at, block->ordered);
    put_flag(at, block->continues);
    put_text(out, block->marker);
}

static void
put_table(struct buf *out, const struct page_table *table)
{
    uint8_t *at = buf_extend(out, CODEC_TABLE_SIZE);

    if (at == NULL)
        return;
    at = put_box(at, table->box);
    at = put_u16(at, table->rows);
    at = put_u16(at, table->columns);
    at = put_u16(at, table->header_rows);
    at = put_flag(at, table->ruled);
    at = put_flag(at, table->continues);
    at = put_u32(at, table->first_cell);
    put_u32(at, table->cell_count);
    put_text(out, table->head != NULL ? table->head : "");
}

static void
put_cell(struct buf *out, const struct page_cell *cell)
{
    uint8_t *at = buf_extend(out, CODEC_CELL_SIZE);

    if (at == NULL)
        return;
    at = put_box(at, cell->box);
    at = put_u16(at, cell->row);
    at = put_u16(at, cell->column);
    at = put_u16(at, cell->row_span);
    at = put_u16(at, cell->column_span);
    at = put_flag(at, cell->header);
    at = put_u32(at, cell->first_line);
    put_u32(at, cell->line_count);
}

static void
put_extras(struct buf *out, const struct page *page)
{
    for (uint32_t i = 0; i < page->region_count; i++) {
        uint8_t *at = buf_extend(out, CODEC_REGION_SIZE);
        if (at == NULL)
            return;
        *put_f32(put_box(at, page->regions[i].box), page->regions[i].ink) = page->regions[i].kind;
    }
    for (uint32_t i = 0; i < page->link_count; i++) {
        uint8_t *at = buf_extend(out, CODEC_LINK_SIZE);
        if (at == NULL)
            return;
        put_box(at, page->links[i].box);
        put_text(out, page->links[i].uri);
    }
    for (uint32_t i = 0; i < page->field_count; i++) {
        const struct page_field *field = &page->fields[i];
        uint8_t *at = buf_extend(out, CODEC_FIELD_SIZE);
        if (at == NULL)
            return;
        at = put_box(at, field->box);
        *at++ = field->kind;
        put_flag(at, field->checked);
        put_text(out, field->name);
        put_text(out, field->value);
    }
}

static void
put_asides(struct buf *out, const struct page *page)
{
    for (uint32_t i = 0; i < page->alt_count; i++) {
        uint8_t *at = buf_extend(out, CODEC_ALT_SIZE);
        if (at == NULL)
            return;
        *put_f32(at, page->alts[i].confidence) = page->alts[i].source;
        put_text(out, page->alts[i].text);
    }
    for (uint32_t i = 0; i < page->hidden_count; i++) {
        uint8_t *at = buf_extend(out, CODEC_HIDDEN_SIZE);
        if (at == NULL)
            return;
        *put_box(at, page->hiddens[i].box) = page->hiddens[i].kind;
        put_text(out, page->hiddens[i].text);
    }
    for (uint32_t i = 0; i < page->code_count; i++) {
        uint8_t *at = buf_extend(out, CODEC_CODE_SIZE);
        if (at == NULL)
            return;
        put_box(at, page->codes[i].box);
        put_text(out, page->codes[i].symbology);
        put_text(out, page->codes[i].text);
    }
}

void
page_encode(const struct page *page, struct buf *out)
{
    put_head(out, page);
    for (uint32_t i = 0; i < page->word_count; i++)
        put_word(out, &page->words[i]);
    for (uint32_t i = 0; i < page->line_count; i++)
        put_line(out, &page->lines[i]);
    for (uint32_t i = 0; i < page->block_count; i++)
        put_block(out, &page->blocks[i]);
    for (uint32_t i = 0; i < page->table_count; i++)
        put_table(out, &page->tables[i]);
    for (uint32_t i = 0; i < page->cell_count; i++)
        put_cell(out, &page->cells[i]);
    put_extras(out, page);
    put_asides(out, page);
}
