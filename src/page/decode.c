/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/codec.h"
#include "page/codec_internal.h"

#include "base/utf8.h"

#include <endian.h>
#include <string.h>

/* Far beyond any page, near enough that sums and products of lengths stay finite. */
static const float length_max_pt = 1e6f;

/* What has been referred to already; each thing may be once. */
struct taken {
    bool *lines, *tables, *alts;
};

struct reader {
    const uint8_t *at, *end;
    char *pool;        /* where the next text goes; has room for all bytes that are left */
    const char *wrong; /* what the first broken check said; NULL while all is well */
};

static bool
claim(struct reader *r, bool holds, const char *what)
{
    if (!holds && r->wrong == NULL)
        r->wrong = what;
    return holds;
}

static bool
has(struct reader *r, size_t size)
{
    return claim(r, (size_t)(r->end - r->at) >= size, "cut short");
}

/* The readers of one value trust that has() was asked for the whole record. */
static uint8_t
take_u8(struct reader *r)
{
    return *r->at++;
}

static uint16_t
take_u16(struct reader *r)
{
    uint16_t value;

    memcpy(&value, r->at, sizeof(value));
    r->at += sizeof(value);
    return le16toh(value);
}

static uint32_t
take_u32(struct reader *r)
{
    uint32_t value;

    memcpy(&value, r->at, sizeof(value));
    r->at += sizeof(value);
    return le32toh(value);
}

static bool
take_flag(struct reader *r)
{
    uint8_t value = take_u8(r);

    claim(r, value <= 1, "a flag is neither 0 nor 1");
    return value == 1;
}

/* NaN fails both comparisons. */
static float
take_f32(struct reader *r, float least, float most, const char *what)
{
    uint32_t bits = take_u32(r);
    float value;

    memcpy(&value, &bits, sizeof(value));
    return claim(r, value >= least && value <= most, what) ? value : 0;
}

static float
take_length(struct reader *r)
{
    return take_f32(r, -length_max_pt, length_max_pt, "a length is out of range");
}

static struct box
take_box(struct reader *r)
{
    struct box box;

    box.x0 = take_length(r);
    box.y0 = take_length(r);
    box.x1 = take_length(r);
    box.y1 = take_length(r);
    claim(r, box.x0 <= box.x1 && box.y0 <= box.y1, "a box is turned inside out");
    return box;
}

static const char *
take_text(struct reader *r)
{
    if (!has(r, 2))
        return "";
    size_t len = take_u16(r);
    if (!has(r, len) ||
        !claim(r, utf8_valid(r->at, len) && memchr(r->at, 0, len) == NULL, "text is not UTF-8"))
        return "";
    char *text = r->pool;
    memcpy(text, r->at, len);
    text[len] = '\0';
    r->pool += len + 1;
    r->at += len;
    return text;
}

/* Marks the readings as taken; each may be taken once. */
static void
take_alts(struct reader *r, const struct page *page, bool *taken, uint32_t first, uint32_t count)
{
    if (count == 0)
        return;
    if (!claim(r,
               count <= PAGE_WORD_ALTS_MAX && first <= page->alt_count &&
                   count <= page->alt_count - first,
               "readings out of range"))
        return;
    for (uint32_t i = first; i < first + count; i++) {
        claim(r, !taken[i], "a reading is taken twice");
        taken[i] = true;
    }
}

static void
take_word(struct reader *r, const struct page *page, bool *alts_taken, struct page_word *word)
{
    word->box = take_box(r);
    word->confidence = take_f32(r, 0, 1, "a confidence is not within 0..1");
    word->size = take_f32(r, 0, length_max_pt, "a size is out of range");
    word->link = (int32_t)take_u32(r);
    claim(r, word->link >= -1 && word->link < (int64_t)page->link_count, "no such link");
    word->first_alt = take_u32(r);
    word->witness = take_u8(r);
    claim(r, word->witness <= WITNESS_CONFLICT, "no such witness");
    word->style = take_u8(r);
    claim(r, word->style < STYLE_SUB * 2, "no such style");
    word->alt_count = take_u8(r);
    take_alts(r, page, alts_taken, word->first_alt, word->alt_count);
    word->glued = take_flag(r);
    word->text = take_text(r);
}

static void
take_line(struct reader *r, const struct page *page, const struct page_line *before,
          struct page_line *line)
{
    uint32_t from = before == NULL ? 0 : before->first_word + before->word_count;

    line->box = take_box(r);
    line->baseline = take_length(r);
    line->size = take_f32(r, 0, length_max_pt, "a size is out of range");
    line->first_word = take_u32(r);
    line->word_count = take_u32(r);
    claim(r,
          line->first_word >= from && line->first_word <= page->word_count &&
              line->word_count <= page->word_count - line->first_word,
          "words out of range or taken twice");
    line->source = (int32_t)take_u32(r);
    uint8_t flags = take_u8(r);
    claim(r, flags < 8, "no such flag");
    line->vertical = flags & 1;
    line->right_to_left = (flags & 2) != 0;
    line->slanted = (flags & 4) != 0;
}

/* Marks the lines as taken; each may be taken once. */
static void
take_lines(struct reader *r, const struct page *page, bool *taken, uint32_t first, uint32_t count)
{
    if (!claim(r, first <= page->line_count && count <= page->line_count - first,
               "lines out of range"))
        return;
    for (uint32_t i = first; i < first + count; i++) {
        if (!claim(r, !taken[i], "a line is taken twice"))
            return;
        taken[i] = true;
    }
}

static void
take_block(struct reader *r, const struct page *page, const struct taken *taken,
           struct page_block *block)
{
    block->box = take_box(r);
    block->first_line = take_u32(r);
    block->line_count = take_u32(r);
    block->skip_words = take_u32(r);
    block->table = (int32_t)take_u32(r);
    block->caption = (int32_t)take_u32(r);
    block->confidence = take_f32(r, 0, 1, "a confidence is not within 0..1");
    block->kind = take_u8(r);
    claim(r, block->kind < BLOCK_KIND_COUNT, "no such kind");
    block->level = take_u8(r);
    if (block->kind == BLOCK_HEADING)
        claim(r, block->level >= 1 && block->level <= 6, "heading level is not 1..6");
    claim(r, block->level <= PAGE_LEVEL_MAX, "level is too deep");
    block->ordered = take_flag(r);
    block->continues = take_flag(r);
    block->marker = take_text(r);
    take_lines(r, page, taken->lines, block->first_line, block->line_count);
    if (r->wrong != NULL)
        return;
    claim(r,
          block->skip_words == 0 ||
              (block->line_count > 0 &&
               block->skip_words <= page->lines[block->first_line].word_count),
          "marker is longer than its line");
    if (block->table == -1)
        return;
    if (claim(r,
              block->kind == BLOCK_TABLE && block->table >= 0 &&
                  block->table < (int64_t)page->table_count,
              "no such table") &&
        claim(r, !taken->tables[block->table], "a table is shown twice"))
        taken->tables[block->table] = true;
}

/* Once all blocks are there: a caption is one. */
static void
check_caption(struct reader *r, const struct page *page, const struct page_block *block)
{
    int64_t at = (block - page->blocks) + (int64_t)block->caption;

    claim(r,
          block->caption == 0 ||
              ((block->kind == BLOCK_FIGURE || block->kind == BLOCK_TABLE) && at >= 0 &&
               at < (int64_t)page->block_count && page->blocks[at].kind == BLOCK_CAPTION),
          "no such caption");
}

static uint32_t
count_tabs(const char *text)
{
    uint32_t n = 0;

    for (; *text != '\0'; text++)
        n += *text == '\t';
    return n;
}

/* places: what all grids so far take. */
static void
take_table(struct reader *r, const struct page *page, const struct page_table *before,
           uint64_t *places, struct page_table *table)
{
    uint32_t from = before == NULL ? 0 : before->first_cell + before->cell_count;

    table->box = take_box(r);
    table->rows = take_u16(r);
    table->columns = take_u16(r);
    table->header_rows = take_u16(r);
    claim(r, table->header_rows <= table->rows, "more header rows than rows");
    table->ruled = take_flag(r);
    table->continues = take_flag(r);
    table->first_cell = take_u32(r);
    table->cell_count = take_u32(r);
    claim(r,
          table->first_cell >= from && table->first_cell <= page->cell_count &&
              table->cell_count <= page->cell_count - table->first_cell,
          "cells out of range or taken twice");
    const char *head = take_text(r);
    table->head = head[0] != '\0' ? head : NULL;
    claim(r, table->head == NULL || count_tabs(head) + 1 == table->columns,
          "a lent head has other columns");
    *places += (uint64_t)table->rows * table->columns;
    claim(r, *places <= PAGE_ITEMS_MAX, "grid is too large");
}

static void
take_cell(struct reader *r, const struct page *page, bool *lines_taken, struct page_cell *cell)
{
    cell->box = take_box(r);
    cell->row = take_u16(r);
    cell->column = take_u16(r);
    cell->row_span = take_u16(r);
    cell->column_span = take_u16(r);
    claim(r, cell->row_span > 0 && cell->column_span > 0, "a span is 0");
    cell->header = take_flag(r);
    cell->first_line = take_u32(r);
    cell->line_count = take_u32(r);
    take_lines(r, page, lines_taken, cell->first_line, cell->line_count);
}

/* Cells stand row by row inside their grid and cover no more than it has. */
static void
check_grid(struct reader *r, const struct page *page, const struct page_table *table)
{
    uint64_t covered = 0;

    for (uint32_t i = 0; i < table->cell_count; i++) {
        const struct page_cell *cell = &page->cells[table->first_cell + i];
        claim(r,
              cell->row + cell->row_span <= table->rows &&
                  cell->column + cell->column_span <= table->columns,
              "a cell is outside of its grid");
        claim(r,
              i == 0 || cell->row > cell[-1].row ||
                  (cell->row == cell[-1].row && cell->column > cell[-1].column),
              "cells are out of order");
        covered += (uint64_t)cell->row_span * cell->column_span;
    }
    claim(r, covered <= (uint64_t)table->rows * table->columns, "its cells cover more than it has");
}

static void
take_region(struct reader *r, struct page_region *region)
{
    region->box = take_box(r);
    region->ink = take_f32(r, 0, length_max_pt * length_max_pt, "ink is out of range");
    region->kind = take_u8(r);
    claim(r, region->kind < REGION_KIND_COUNT, "no such kind");
}

static void
take_field(struct reader *r, struct page_field *field)
{
    field->box = take_box(r);
    field->kind = take_u8(r);
    claim(r, field->kind <= FIELD_SIGNATURE, "no such kind");
    field->checked = take_flag(r);
    field->name = take_text(r);
    field->value = take_text(r);
}

static void
take_alt(struct reader *r, struct page_alt *alt)
{
    alt->confidence = take_f32(r, 0, 1, "a confidence is not within 0..1");
    alt->source = take_u8(r);
    claim(r, alt->source < ALT_SOURCE_COUNT, "no such source");
    alt->text = take_text(r);
}

static void
take_hidden(struct reader *r, struct page_hidden *hidden)
{
    hidden->box = take_box(r);
    hidden->kind = take_u8(r);
    claim(r, hidden->kind < HIDDEN_KIND_COUNT, "no such kind");
    hidden->text = take_text(r);
}

static void
take_code(struct reader *r, struct page_code *code)
{
    code->box = take_box(r);
    code->symbology = take_text(r);
    code->text = take_text(r);
}

static void
take_warp(struct reader *r, struct page *page)
{
    struct page_warp *warp = arena_array(page->arena, 1, sizeof(*warp));

    if (!has(r, CODEC_WARP_SIZE) || !claim(r, warp != NULL, "no room for how it bends"))
        return;
    warp->frame = take_box(r);
    claim(r, box_width(warp->frame) >= 1 && box_height(warp->frame) >= 1, "its frame is empty");
    for (int i = 0; i < WARP_SIDE * WARP_SIDE; i++)
        warp->x[i / WARP_SIDE][i % WARP_SIDE] = take_length(r);
    for (int i = 0; i < WARP_SIDE * WARP_SIDE; i++)
        warp->y[i / WARP_SIDE][i % WARP_SIDE] = take_length(r);
    page->warp = warp;
}

static uint32_t
take_scalars(struct reader *r, struct page *page)
{
    uint32_t flags = take_u32(r);

    claim(r, flags <= CODEC_FLAGS_MAX, "no such flag");
    page->from_layer = (flags & CODEC_FLAG_LAYER) != 0;
    page->from_pixels = (flags & CODEC_FLAG_PIXELS) != 0;
    page->turned = (uint16_t)((flags >> CODEC_TURN_SHIFT & 3) * 90);
    page->width = take_f32(r, 0, length_max_pt, "width is out of range");
    page->height = take_f32(r, 0, length_max_pt, "height is out of range");
    page->dpi = take_f32(r, 0, length_max_pt, "resolution is out of range");
    page->confidence = take_f32(r, 0, 1, "confidence is not within 0..1");
    page->coverage = take_f32(r, -1, 1, "coverage is out of range");
    page->skew = take_f32(r, -45, 45, "skew is out of range");
    return flags;
}

/* The counts must fit into the bytes that follow before memory is taken for them. */
static void
take_counts(struct reader *r, struct page *page)
{
    static const size_t least[CODEC_KINDS] = {
        CODEC_WORD_SIZE + 2, CODEC_LINE_SIZE,       CODEC_BLOCK_SIZE + 2, CODEC_TABLE_SIZE + 2,
        CODEC_CELL_SIZE,     CODEC_REGION_SIZE,     CODEC_LINK_SIZE + 2,  CODEC_FIELD_SIZE + 4,
        CODEC_ALT_SIZE + 2,  CODEC_HIDDEN_SIZE + 2, CODEC_CODE_SIZE + 4};
    uint32_t *const counts[CODEC_KINDS] = {
        &page->word_count, &page->line_count,   &page->block_count, &page->table_count,
        &page->cell_count, &page->region_count, &page->link_count,  &page->field_count,
        &page->alt_count,  &page->hidden_count, &page->code_count};
    uint32_t *const caps[CODEC_KINDS] = {&page->word_cap,   &page->line_cap,  &page->block_cap,
                                         &page->table_cap,  &page->cell_cap,  &page->region_cap,
                                         &page->link_cap,   &page->field_cap, &page->alt_cap,
                                         &page->hidden_cap, &page->code_cap};
    size_t need = 0;

    for (size_t i = 0; i < CODEC_KINDS; i++) {
        uint32_t count = take_u32(r);
        if (!claim(r, count <= PAGE_ITEMS_MAX, "too many items"))
            return;
        *counts[i] = *caps[i] = count;
        need += count * least[i];
    }
    has(r, need);
}

/* One array after the other; records of one kind are read until the first that is wrong. */
#define TAKE_ALL(kind, plural, fixed_size, call)                                                   \
    for (uint32_t i = 0; i < page->kind##_count; i++) {                                            \
        struct page_##kind *item = &page->plural[i];                                               \
        if (has(r, fixed_size))                                                                    \
            call;                                                                                  \
        if (r->wrong != NULL) {                                                                    \
            *ret_number = i;                                                                       \
            return #kind;                                                                          \
        }                                                                                          \
    }

/* Reads every record; NULL, or the kind and number of the one that is wrong. */
static const char *
take_records(struct reader *r, struct page *page, const struct taken *taken, uint32_t *ret_number)
{
    uint64_t places = 0;

    TAKE_ALL(word, words, CODEC_WORD_SIZE, take_word(r, page, taken->alts, item));
    TAKE_ALL(line, lines, CODEC_LINE_SIZE, take_line(r, page, i == 0 ? NULL : item - 1, item));
    TAKE_ALL(block, blocks, CODEC_BLOCK_SIZE, take_block(r, page, taken, item));
    TAKE_ALL(block, blocks, 0, check_caption(r, page, item));
    TAKE_ALL(table, tables, CODEC_TABLE_SIZE + 2,
             take_table(r, page, i == 0 ? NULL : item - 1, &places, item));
    TAKE_ALL(cell, cells, CODEC_CELL_SIZE, take_cell(r, page, taken->lines, item));
    TAKE_ALL(region, regions, CODEC_REGION_SIZE, take_region(r, item));
    TAKE_ALL(link, links, CODEC_LINK_SIZE, (item->box = take_box(r), item->uri = take_text(r)));
    TAKE_ALL(field, fields, CODEC_FIELD_SIZE, take_field(r, item));
    TAKE_ALL(alt, alts, CODEC_ALT_SIZE, take_alt(r, item));
    TAKE_ALL(hidden, hiddens, CODEC_HIDDEN_SIZE, take_hidden(r, item));
    TAKE_ALL(code, codes, CODEC_CODE_SIZE, take_code(r, item));
    TAKE_ALL(table, tables, 0, check_grid(r, page, item));
    return NULL;
}

static bool
make_room(struct arena *arena, struct page *page, struct reader *r, struct taken *ret_taken)
{
    page->words = arena_array(arena, page->word_count, sizeof(*page->words));
    page->lines = arena_array(arena, page->line_count, sizeof(*page->lines));
    page->blocks = arena_array(arena, page->block_count, sizeof(*page->blocks));
    page->tables = arena_array(arena, page->table_count, sizeof(*page->tables));
    page->cells = arena_array(arena, page->cell_count, sizeof(*page->cells));
    page->regions = arena_array(arena, page->region_count, sizeof(*page->regions));
    page->links = arena_array(arena, page->link_count, sizeof(*page->links));
    page->fields = arena_array(arena, page->field_count, sizeof(*page->fields));
    page->alts = arena_array(arena, page->alt_count, sizeof(*page->alts));
    page->hiddens = arena_array(arena, page->hidden_count, sizeof(*page->hiddens));
    page->codes = arena_array(arena, page->code_count, sizeof(*page->codes));
    r->pool = arena_alloc(arena, (size_t)(r->end - r->at));
    ret_taken->lines = arena_array(arena, page->line_count, sizeof(bool));
    ret_taken->tables = arena_array(arena, page->table_count, sizeof(bool));
    ret_taken->alts = arena_array(arena, page->alt_count, sizeof(bool));
    return page->words != NULL && page->lines != NULL && page->blocks != NULL &&
           page->tables != NULL && page->cells != NULL && page->regions != NULL &&
           page->links != NULL && page->fields != NULL && page->alts != NULL &&
           page->hiddens != NULL && page->codes != NULL && r->pool != NULL &&
           ret_taken->lines != NULL && ret_taken->tables != NULL && ret_taken->alts != NULL;
}

enum err_code
page_decode(struct arena *arena, struct span bytes, struct page **ret_page, struct err *err)
{
    struct reader r = {.at = bytes.data, .end = bytes.data + bytes.len};
    struct taken taken;
    uint32_t number = 0;

    if (bytes.len < CODEC_HEAD_SIZE)
        return err_set(err, ERR_PROTOCOL, "page tree: %zu bytes are no tree", bytes.len);
    if (take_u32(&r) != codec_magic)
        return err_set(err, ERR_PROTOCOL, "page tree: wrong magic number");
    uint32_t version = take_u32(&r);
    if (version != PAGE_CODEC_VERSION)
        return err_set(err, ERR_PROTOCOL, "page tree: version %u, this program knows %d", version,
                       PAGE_CODEC_VERSION);
    struct page *page = page_new(arena, take_u32(&r), 0, 0);
    if (page == NULL)
        return err_set(err, ERR_LIMIT, "page tree: no memory is left");
    uint32_t flags = take_scalars(&r, page);
    take_counts(&r, page);
    if (r.wrong != NULL)
        return err_set(err, ERR_PROTOCOL, "page tree: %s", r.wrong);
    if (!make_room(arena, page, &r, &taken))
        return err_set(err, ERR_LIMIT, "page tree: %zu bytes do not fit into memory", bytes.len);
    page->language = take_text(&r);
    page->script = take_text(&r);
    if ((flags & CODEC_FLAG_WARP) != 0)
        take_warp(&r, page);
    if (r.wrong != NULL)
        return err_set(err, ERR_PROTOCOL, "page tree: language or bend: %s", r.wrong);
    const char *kind = take_records(&r, page, &taken, &number);
    if (kind != NULL)
        return err_set(err, ERR_PROTOCOL, "page tree: %s %u: %s", kind, number, r.wrong);
    if (r.at != r.end)
        return err_set(err, ERR_PROTOCOL, "page tree: %zu bytes too many", (size_t)(r.end - r.at));
    *ret_page = page;
    return ERR_OK;
}
