/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/page.h"

#include "page/warp.h"

#include <math.h>
#include <string.h>

struct page *
page_new(struct arena *arena, uint32_t index, float width, float height)
{
    struct page *page = arena_alloc(arena, sizeof(*page));

    if (page == NULL)
        return NULL;
    page->arena = arena;
    page->index = index;
    page->width = width;
    page->height = height;
    page->confidence = 1;
    page->coverage = -1;
    page->language = "";
    page->script = "";
    return page;
}

/* Room for one more item in *items; false past the limits. */
static bool
grow(struct page *page, void **items, uint32_t count, uint32_t *cap, size_t size)
{
    if (count < *cap)
        return true;
    if (count >= PAGE_ITEMS_MAX)
        return false;
    uint32_t wanted = *cap == 0 ? 16 : *cap * 2;
    void *grown = arena_grow(page->arena, *items, count, wanted, size);
    if (grown == NULL)
        return false;
    *items = grown;
    *cap = wanted;
    return true;
}

/* One adder for each array; they differ in names and types only. */
#define ADD(kind, plural)                                                                          \
    void *items = page->plural;                                                                    \
    if (!grow(page, &items, page->kind##_count, &page->kind##_cap, sizeof(*page->plural)))         \
        return NULL;                                                                               \
    page->plural = items;                                                                          \
    struct page_##kind *item = &page->plural[page->kind##_count++];                                \
    memset(item, 0, sizeof(*item))

struct page_word *
page_add_word(struct page *page)
{
    ADD(word, words);
    item->text = "";
    item->link = -1;
    return item;
}

struct page_line *
page_add_line(struct page *page)
{
    ADD(line, lines);
    item->source = -1;
    return item;
}

struct page_block *
page_add_block(struct page *page)
{
    ADD(block, blocks);
    item->marker = "";
    item->table = -1;
    return item;
}

struct page_table *
page_add_table(struct page *page)
{
    ADD(table, tables);
    return item;
}

struct page_cell *
page_add_cell(struct page *page)
{
    ADD(cell, cells);
    item->row_span = 1;
    item->column_span = 1;
    return item;
}

struct page_region *
page_add_region(struct page *page)
{
    ADD(region, regions);
    return item;
}

struct page_link *
page_add_link(struct page *page)
{
    ADD(link, links);
    item->uri = "";
    return item;
}

struct page_field *
page_add_field(struct page *page)
{
    ADD(field, fields);
    item->name = "";
    item->value = "";
    return item;
}

struct page_alt *
page_add_alt(struct page *page)
{
    ADD(alt, alts);
    item->text = "";
    return item;
}

struct page_hidden *
page_add_hidden(struct page *page)
{
    ADD(hidden, hiddens);
    item->text = "";
    return item;
}

struct page_code *
page_add_code(struct page *page)
{
    ADD(code, codes);
    item->symbology = "";
    item->text = "";
    return item;
}

struct page_tag *
page_add_tag(struct page *page)
{
    if (page->tag_count >= PAGE_TAGS_MAX)
        return NULL;
    ADD(tag, tags);
    item->alt = "";
    item->row_span = item->column_span = 1;
    return item;
}

/* items becomes an array of its own; false if the arena is full. */
static bool
copy_items(struct arena *arena, void **items, uint32_t count, size_t size)
{
    void *own = count > 0 ? arena_array(arena, count, size) : NULL;

    if (count == 0)
        return true;
    if (own != NULL)
        memcpy(own, *items, count * size);
    *items = own;
    return own != NULL;
}

/* One copy for each array; no room is left in it. */
#define COPY(kind, plural)                                                                         \
    do {                                                                                           \
        void *items = copy.plural;                                                                 \
        if (!copy_items(page->arena, &items, page->kind##_count, sizeof(*page->plural)))           \
            return false;                                                                          \
        copy.plural = items;                                                                       \
        copy.kind##_cap = page->kind##_count;                                                      \
    } while (0)

bool
page_copy(const struct page *page, struct page *ret)
{
    struct page copy = *page;

    COPY(word, words);
    COPY(line, lines);
    COPY(region, regions);
    COPY(link, links);
    COPY(field, fields);
    COPY(alt, alts);
    COPY(hidden, hiddens);
    COPY(code, codes);
    COPY(tag, tags);
    if (page->warp != NULL) {
        copy.warp = arena_alloc(page->arena, sizeof(*copy.warp));
        if (copy.warp == NULL)
            return false;
        *copy.warp = *page->warp;
    }
    *ret = copy;
    return true;
}

uint16_t
page_tag_above(const struct page *page, uint16_t tag, enum tag_kind kind)
{
    while (tag != 0 && page->tags[tag - 1].kind != kind)
        tag = page->tags[tag - 1].parent;
    return tag;
}

struct box
box_turn(struct box b, float width, float height, int degrees)
{
    switch (degrees) {
    case 90:
        return (struct box){height - b.y1, b.x0, height - b.y0, b.x1};
    case 180:
        return (struct box){width - b.x1, height - b.y1, width - b.x0, height - b.y0};
    case 270:
        return (struct box){b.y0, width - b.x1, b.y1, width - b.x0};
    default:
        return b;
    }
}

void
page_keep_words(struct page *page, page_keeps keeps, void *ctx)
{
    uint32_t lines = 0, words = 0;

    for (uint32_t l = 0; l < page->line_count; l++) {
        struct page_line line = page->lines[l];
        uint32_t end = line.first_word + line.word_count, first = words;
        for (uint32_t i = line.first_word; i < end; i++) {
            if (!keeps(ctx, page, i))
                continue;
            struct box box = page->words[i].box;
            line.box = words == first ? box : box_union(line.box, box);
            page->words[words++] = page->words[i];
        }
        line.first_word = first;
        line.word_count = words - first;
        if (line.word_count > 0)
            page->lines[lines++] = line;
    }
    page->line_count = lines;
    page->word_count = words;
}

void
page_turn(struct page *page, int degrees)
{
    float width = page->width, height = page->height;

    for (uint32_t i = 0; i < page->word_count; i++)
        page->words[i].box = box_turn(page->words[i].box, width, height, degrees);
    for (uint32_t i = 0; i < page->line_count; i++)
        page->lines[i].box = box_turn(page->lines[i].box, width, height, degrees);
    for (uint32_t i = 0; i < page->region_count; i++)
        page->regions[i].box = box_turn(page->regions[i].box, width, height, degrees);
    for (uint32_t i = 0; i < page->link_count; i++)
        page->links[i].box = box_turn(page->links[i].box, width, height, degrees);
    for (uint32_t i = 0; i < page->field_count; i++)
        page->fields[i].box = box_turn(page->fields[i].box, width, height, degrees);
    for (uint32_t i = 0; i < page->hidden_count; i++)
        page->hiddens[i].box = box_turn(page->hiddens[i].box, width, height, degrees);
    for (uint32_t i = 0; i < page->tag_count; i++)
        page->tags[i].box = box_turn(page->tags[i].box, width, height, degrees);
    for (uint32_t i = 0; i < page->code_count; i++)
        page->codes[i].box = box_turn(page->codes[i].box, width, height, degrees);
    if (page->warp != NULL)
        warp_turn(page->warp, width, height, degrees);
    if (degrees != 180) {
        page->width = height;
        page->height = width;
    }
    page->turned = (uint16_t)((page->turned + degrees) % 360);
}

/* The middle of the box, turned clockwise about the middle of the page; the box keeps its size. */
static struct box
lean(const struct page *page, struct box box, double degrees)
{
    double s = sin(degrees * M_PI / 180), c = cos(degrees * M_PI / 180);
    double x = (double)(box.x0 + box.x1 - page->width) / 2;
    double y = (double)(box.y0 + box.y1 - page->height) / 2;
    float dx = (float)(x * c - y * s - x), dy = (float)(x * s + y * c - y);

    return (struct box){box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy};
}

/* Puts each box on the page where move says, and baselines with their lines. */
static void
move_all(struct page *page, struct box (*move)(const struct page *, struct box, const void *),
         const void *how)
{
    for (uint32_t i = 0; i < page->word_count; i++)
        page->words[i].box = move(page, page->words[i].box, how);
    for (uint32_t i = 0; i < page->line_count; i++) {
        struct page_line *line = &page->lines[i];
        struct box box = move(page, line->box, how);
        line->baseline += box.y0 - line->box.y0;
        line->box = box;
    }
    for (uint32_t i = 0; i < page->region_count; i++)
        page->regions[i].box = move(page, page->regions[i].box, how);
    for (uint32_t i = 0; i < page->link_count; i++)
        page->links[i].box = move(page, page->links[i].box, how);
    for (uint32_t i = 0; i < page->field_count; i++)
        page->fields[i].box = move(page, page->fields[i].box, how);
    for (uint32_t i = 0; i < page->hidden_count; i++)
        page->hiddens[i].box = move(page, page->hiddens[i].box, how);
    for (uint32_t i = 0; i < page->code_count; i++)
        page->codes[i].box = move(page, page->codes[i].box, how);
}

static struct box
move_lean(const struct page *page, struct box box, const void *how)
{
    return lean(page, box, (double)*(const float *)how);
}

void
page_level(struct page *page, float degrees)
{
    move_all(page, move_lean, &degrees);
    page->skew += degrees;
}

static struct box
move_back(const struct page *page, struct box box, const void *how)
{
    (void)page;
    return warp_box_back(how, box);
}

void
page_straighten(struct page *page, struct page_warp *warp)
{
    move_all(page, move_back, warp);
    page->warp = warp;
}

void
page_turn_as(struct page *page, const struct page *other)
{
    if (other->turned != 0)
        page_turn(page, other->turned);
    if (other->skew != 0)
        page_level(page, other->skew);
    if (other->warp != NULL)
        page_straighten(page, other->warp);
}

float
page_turn_at(const struct page *page, float x, float y)
{
    static const float reach = 4; /* pt */
    float x0, y0, x1, y1, turn = (float)page->turned + page->skew;

    if (page->warp == NULL)
        return turn;
    warp_there(page->warp, x - reach, y, &x0, &y0);
    warp_there(page->warp, x + reach, y, &x1, &y1);
    return turn - atan2f(y1 - y0, x1 - x0) * 180 / (float)M_PI;
}

struct box
page_box_as_seen(const struct page *page, struct box box)
{
    if (page->warp != NULL)
        box = warp_box_there(page->warp, box);
    if (page->skew != 0) {
        double s = fabs(sin((double)page->skew * M_PI / 180));
        double c = cos((double)page->skew * M_PI / 180);
        float wider = (float)((c - 1) * (double)box_width(box) + s * (double)box_height(box)) / 2;
        float higher = (float)((c - 1) * (double)box_height(box) + s * (double)box_width(box)) / 2;

        box = lean(page, box, -(double)page->skew);
        box = (struct box){box.x0 - wider, box.y0 - higher, box.x1 + wider, box.y1 + higher};
    }
    return box_turn(box, page->width, page->height, (360 - page->turned) % 360);
}

struct box
page_box_as_read(const struct page *page, struct box box)
{
    float width, height;

    page_size_as_seen(page, &width, &height);
    box = box_turn(box, width, height, page->turned);
    if (page->skew != 0)
        box = lean(page, box, (double)page->skew);
    return page->warp != NULL ? warp_box_back(page->warp, box) : box;
}

void
page_size_as_seen(const struct page *page, float *ret_width, float *ret_height)
{
    bool quarter = page->turned == 90 || page->turned == 270;

    *ret_width = quarter ? page->height : page->width;
    *ret_height = quarter ? page->width : page->height;
}

struct box
box_union(struct box a, struct box b)
{
    return (struct box){a.x0 < b.x0 ? a.x0 : b.x0, a.y0 < b.y0 ? a.y0 : b.y0,
                        a.x1 > b.x1 ? a.x1 : b.x1, a.y1 > b.y1 ? a.y1 : b.y1};
}

struct box
box_cut(struct box a, struct box b)
{
    struct box cut = {a.x0 > b.x0 ? a.x0 : b.x0, a.y0 > b.y0 ? a.y0 : b.y0,
                      a.x1 < b.x1 ? a.x1 : b.x1, a.y1 < b.y1 ? a.y1 : b.y1};

    if (cut.x1 < cut.x0 || cut.y1 < cut.y0)
        return (struct box){a.x0, a.y0, a.x0, a.y0};
    return cut;
}

float
box_width(struct box b)
{
    return b.x1 - b.x0;
}

float
box_height(struct box b)
{
    return b.y1 - b.y0;
}

float
box_area(struct box b)
{
    return box_width(b) * box_height(b);
}

bool
box_holds_center(struct box outer, struct box inner)
{
    float x = (inner.x0 + inner.x1) / 2, y = (inner.y0 + inner.y1) / 2;

    return x >= outer.x0 && x <= outer.x1 && y >= outer.y0 && y <= outer.y1;
}

bool
block_is_furniture(uint8_t kind)
{
    return kind == BLOCK_HEADER || kind == BLOCK_FOOTER || kind == BLOCK_WATERMARK;
}

bool
page_lines_agree(const struct page *page, const struct page_line *a, const struct page_line *b)
{
    if (a->word_count != b->word_count)
        return false;
    for (uint32_t i = 0; i < a->word_count; i++)
        if (strcmp(page->words[a->first_word + i].text, page->words[b->first_word + i].text) != 0)
            return false;
    return true;
}

bool
box_contains(struct box outer, struct box inner)
{
    return inner.x0 >= outer.x0 && inner.x1 <= outer.x1 && inner.y0 >= outer.y0 &&
           inner.y1 <= outer.y1;
}

const char *
page_line_text(struct arena *arena, const struct page *page, const struct page_line *line)
{
    size_t len = 0;

    for (uint32_t i = 0; i < line->word_count; i++)
        len += strlen(page->words[line->first_word + i].text) + 1;
    char *text = arena_alloc(arena, len + 1);
    if (text == NULL)
        return NULL;
    char *at = text;
    for (uint32_t i = 0; i < line->word_count; i++) {
        const struct page_word *word = &page->words[line->first_word + i];
        if (i > 0 && !word->glued)
            *at++ = ' ';
        size_t n = strlen(word->text);
        memcpy(at, word->text, n);
        at += n;
    }
    *at = '\0';
    return text;
}
