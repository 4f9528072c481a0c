/* SPDX-License-Identifier: AGPL-3.0-or-later
 * A page whose words, rules, pictures and fields stand anywhere, as a hostile file places them:
 * laid out, bound to a page like itself, and written in every form. What layout leaves has to pass
 * the check of trees (layout/layout.h). Links layout_dep and render_dep. */
#include "layout/bind.h"
#include "layout/layout.h"
#include "page/codec.h"
#include "render/form.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at, *end;
};

static uint8_t
take(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

/* Mostly on a grid, so that columns and rows come about; now and then anything. */
static float
take_length(struct input *in)
{
    uint8_t coarse = take(in);
    float value = (float)coarse * 4;

    if (coarse == 255 && in->end - in->at >= (ptrdiff_t)sizeof(value)) {
        memcpy(&value, in->at, sizeof(value));
        in->at += sizeof(value);
    }
    return value;
}

static struct box
take_box(struct input *in)
{
    struct box box = {.x0 = take_length(in), .y0 = take_length(in)};

    box.x1 = box.x0 + take_length(in) / 4;
    box.y1 = box.y0 + take_length(in) / 16;
    return box;
}

static const char *
take_text(struct input *in)
{
    static const char *const texts[] = {
        "word",    "1.", "\xe2\x80\xa2", "(a)",      "12.50", "Table 1:",  "-", "[1]", "", "x",
        "Chapter", "=",  "2020",         "\xd7\x90", "Name:", "{return;}", "|", "IV"};

    return texts[take(in) % (sizeof(texts) / sizeof(texts[0]))];
}

static bool
add_word(struct page *page, struct input *in)
{
    struct page_word *word = page_add_word(page);
    uint8_t bits;

    if (word == NULL)
        return false;
    word->box = take_box(in);
    word->text = take_text(in);
    bits = take(in);
    word->size = (float)(bits & 31);
    word->confidence = bits & 32 ? 0.3F : 0.95F;
    word->glued = (bits & 64) != 0;
    word->witness = bits & 128 ? WITNESS_PIXELS : WITNESS_LAYER;
    word->style = take(in) & 63;
    word->role = take(in) % (ROLE_WATERMARK + 1);
    return true;
}

/* A line takes the words behind the last one's. */
static bool
add_line(struct page *page, struct input *in)
{
    uint32_t first = page->line_count > 0 ? page->lines[page->line_count - 1].first_word +
                                                page->lines[page->line_count - 1].word_count
                                          : 0;
    struct page_line *line = first < page->word_count ? page_add_line(page) : NULL;
    uint8_t bits = take(in);

    if (line == NULL)
        return true;
    *line = (struct page_line){.first_word = first,
                               .word_count = page->word_count - first,
                               .box = page->words[first].box,
                               .size = page->words[first].size,
                               .source = (bits & 7) - 1,
                               .vertical = (bits & 240) == 240,
                               .right_to_left = (bits & 240) == 224,
                               .slanted = (bits & 240) == 208,
                               .pale = (bits & 240) == 192};
    for (uint32_t i = first; i < page->word_count; i++)
        line->box = box_union(line->box, page->words[i].box);
    line->baseline = line->box.y1;
    return true;
}

static bool
add_other(struct page *page, struct input *in, uint8_t what)
{
    struct page_region *region = what < 6 ? page_add_region(page) : NULL;
    struct page_field *field = what == 6 ? page_add_field(page) : NULL;
    struct page_link *link = what == 7 ? page_add_link(page) : NULL;

    if (region != NULL) {
        region->box = take_box(in);
        region->kind = what < 3 ? REGION_RULE : take(in) % REGION_KIND_COUNT;
        if (what == 0) /* a hair line, level */
            region->box.y1 = region->box.y0 + 0.5F;
        if (what == 1)
            region->box.x1 = region->box.x0 + 0.5F;
    }
    if (field != NULL)
        *field = (struct page_field){.box = take_box(in),
                                     .name = "name",
                                     .value = take_text(in),
                                     .kind = take(in) % (FIELD_SIGNATURE + 1),
                                     .checked = (take(in) & 1) != 0};
    if (link != NULL)
        *link = (struct page_link){.box = take_box(in), .uri = "https://example.org/"};
    return region != NULL || field != NULL || link != NULL;
}

static struct page *
make_page(struct arena *arena, struct span bytes)
{
    struct input in = {bytes.data, bytes.data + bytes.len};
    struct page *page = page_new(arena, 0, 595, 842);
    bool room = page != NULL;

    if (page != NULL && (take(&in) & 1) != 0)
        page->from_pixels = true;
    else if (page != NULL)
        page->from_layer = true;
    while (room && in.at < in.end) {
        uint8_t what = take(&in);
        room = what < 160   ? add_word(page, &in)
               : what < 220 ? add_line(page, &in)
                            : add_other(page, &in, what % 8);
    }
    return room && add_line(page, &in) ? page : NULL;
}

static void
check_tree(struct arena *arena, const struct page *page, struct buf *out)
{
    struct page *back;

    buf_clear(out);
    page_encode(page, out);
    if (!out->spoilt && page_decode(arena, buf_span(out), &back, NULL) == ERR_PROTOCOL)
        abort();
}

static void
bind_both(struct arena *arena, struct page *page, struct page *next)
{
    struct bind_facts *around[BIND_AROUND] = {NULL};
    bool changed = false, next_changed = false;
    struct err err;

    next->index = 1;
    if (bind_look(page, arena, &around[BIND_NEAR], &err) != ERR_OK ||
        bind_look(next, arena, &around[BIND_NEAR + 1], &err) != ERR_OK ||
        bind_heads(page, around, &changed, &err) != ERR_OK)
        return;
    (void)!bind_pair(page, next, &changed, &next_changed, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(MiB(64));
    struct page *pages[2] = {NULL, NULL};
    struct buf out;
    struct err err;

    if (arena == NULL)
        return 0;
    buf_init(&out, MiB(64));
    for (int i = 0; i < 2; i++) {
        pages[i] = make_page(arena, (struct span){data, size});
        if (pages[i] == NULL || layout_page(pages[i], &err) != ERR_OK)
            goto out;
    }
    check_tree(arena, pages[0], &out);
    bind_both(arena, pages[0], pages[1]);
    for (int i = 0; i < 2; i++)
        check_tree(arena, pages[i], &out);
    for (int form = 0; form < FORM_COUNT; form++) {
        struct form_writer w;
        buf_clear(&out);
        form_begin(&w, (enum form_id)form, "a.pdf", &out);
        form_page(&w, pages[0]);
        form_page(&w, pages[1]);
        form_end(&w);
    }
out:
    buf_fini(&out);
    arena_drop(&arena);
    return 0;
}
