/* SPDX-License-Identifier: AGPL-3.0-or-later
 * A hand-made page and the Markdown that is written of it. */
#pragma once

#include "render/render.h"

#include "../page/sketch.h"

struct fixture {
    struct arena *arena;
    struct page *page;
    struct buf out;
    float y;
};

static inline int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->arena = arena_new(MiB(64));
    f->page = page_new(f->arena, 0, 600, 800);
    buf_init(&f->out, MiB(4));
    *state = f;
    return 0;
}

static inline int
teardown(void **state)
{
    struct fixture *f = *state;

    buf_fini(&f->out);
    arena_drop(&f->arena);
    free(f);
    return 0;
}

/* A block; text's lines are parted by newlines. */
static inline struct page_block *
add(struct fixture *f, enum block_kind kind, uint8_t style, const char *text)
{
    uint32_t first = f->page->line_count;

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = arena_strndup(f->arena, text, len);
        assert_non_null(line);
        sketch_line(f->page, 50, f->y += 12, 10, style, line);
        text += len + (text[len] == '\n');
    }
    return sketch_block(f->page, kind, first);
}

static inline void
item(struct fixture *f, const char *marker, uint8_t level, const char *text)
{
    struct page_block *block = add(f, BLOCK_LIST_ITEM, 0, text);

    block->marker = marker;
    block->level = level;
    block->skip_words = 1;
}

static inline void
expect(struct fixture *f, const char *markdown)
{
    buf_clear(&f->out);
    render_markdown(f->page, &f->out);
    assert_false(f->out.spoilt);
    assert_string_equal(buf_text(&f->out), markdown);
}

/* One paragraph, alone on its page. */
static inline void
expect_paragraph(struct fixture *f, const char *text, const char *markdown)
{
    f->page->block_count = 0;
    add(f, BLOCK_PARAGRAPH, 0, text);
    expect(f, markdown);
}

static inline void
cell(struct fixture *f, uint16_t row, uint16_t column, uint16_t span, const char *text)
{
    uint32_t first = f->page->line_count;

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = arena_strndup(f->arena, text, len);
        assert_non_null(line);
        sketch_line(f->page, 50 + 100.f * column, f->y += 12, 10, 0, line);
        text += len + (text[len] == '\n');
    }
    struct page_cell *c = page_add_cell(f->page);
    assert_non_null(c);
    c->row = row;
    c->column = column;
    c->column_span = span;
    c->first_line = first;
    c->line_count = f->page->line_count - first;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
