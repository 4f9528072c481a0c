/* SPDX-License-Identifier: AGPL-3.0-or-later
 * A page laid out and read back as Markdown, with the invariants of layout/layout.h checked. */
#pragma once

#include "layout/layout.h"
#include "page/codec.h"
#include "render/render.h"

#include "../page/sketch.h"

/* Every line in one block or cell, every word in one line, both in ascending order. */
static inline void
assert_sound(const struct page *page)
{
    uint8_t *seen = calloc(page->line_count + 1, 1);
    uint32_t next = 0;

    assert_non_null(seen);
    for (uint32_t i = 0; i < page->line_count; i++) {
        assert_int_equal(page->lines[i].first_word, next);
        assert_true(page->lines[i].word_count > 0);
        next += page->lines[i].word_count;
    }
    assert_int_equal(next, page->word_count);
    for (uint32_t i = 0; i < page->block_count; i++) {
        for (uint32_t k = 0; k < page->blocks[i].line_count; k++)
            seen[page->blocks[i].first_line + k]++;
    }
    for (uint32_t i = 0; i < page->cell_count; i++) {
        for (uint32_t k = 0; k < page->cells[i].line_count; k++)
            seen[page->cells[i].first_line + k]++;
    }
    for (uint32_t i = 0; i < page->line_count; i++)
        assert_int_equal(seen[i], 1);
    free(seen);
}

/* What the reader of a tree demands of it. */
static inline void
assert_decodes(const struct page *page)
{
    struct arena *arena = arena_new(MiB(256));
    struct page *back;
    struct buf bytes;
    struct err err = {0};

    buf_init(&bytes, MiB(64));
    page_encode(page, &bytes);
    assert_false(bytes.spoilt);
    if (page_decode(arena, buf_span(&bytes), &back, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    buf_fini(&bytes);
    arena_drop(&arena);
}

/* Lays the page out and compares its Markdown. */
static inline void
expect_markdown(struct page *page, const char *markdown)
{
    struct err err = {0};
    struct buf out;

    if (layout_page(page, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    assert_sound(page);
    assert_decodes(page);
    buf_init(&out, MiB(16));
    render_markdown(page, &out);
    assert_string_equal(buf_text(&out), markdown);
    buf_fini(&out);
}

/* A drawn line. */
static inline void
rule(struct page *page, float x0, float y0, float x1, float y1)
{
    struct page_region *region = page_add_region(page);

    assert_non_null(region);
    region->kind = REGION_RULE;
    region->box = (struct box){x0, y0, x1, y1};
}

static inline int
setup_page(void **state)
{
    struct arena *arena = arena_new(MiB(256));
    struct page *page = page_new(arena, 0, 600, 800);

    assert_non_null(page);
    page->from_layer = true;
    *state = page;
    return 0;
}

static inline int
teardown_page(void **state)
{
    struct page *page = *state;
    struct arena *arena = page->arena;

    arena_drop(&arena);
    return 0;
}

#define PAGE_CASE(name) cmocka_unit_test_setup_teardown(name, setup_page, teardown_page)
