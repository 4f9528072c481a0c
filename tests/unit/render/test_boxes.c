/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/render.h: the API's boxes, and the page tree as JSON. */
#include "render/render.h"

#include "base/json.h"

#include "../page/sketch.h"

static struct page *
draw(struct arena *arena)
{
    struct page *page = page_new(arena, 2, 595.28f, 841.89f);
    assert_non_null(page);
    uint32_t line = sketch_line(page, 72, 100, 20, STYLE_BOLD, "A \"title\"");
    sketch_block(page, BLOCK_HEADING, line);
    line = sketch_line(page, -10, 840, 10, 0, "off the page");
    sketch_block(page, BLOCK_FOOTNOTE, line);
    for (int i = 0; i < 2; i++) {
        line = sketch_line(page, 72, 200 + 12.f * (float)i, 10, 0, "1. item");
        struct page_block *block = sketch_block(page, BLOCK_LIST_ITEM, line);
        block->marker = "1.";
        block->ordered = true;
        block->skip_words = 1;
    }
    struct page_table *table = page_add_table(page);
    struct page_cell *cell = page_add_cell(page);
    assert_true(table != NULL && cell != NULL);
    *table = (struct page_table){.rows = 1, .columns = 4, .cell_count = 1};
    cell->first_line = sketch_line(page, 72, 300, 10, 0, "cell");
    cell->line_count = 1;
    struct page_block *block = sketch_block(page, BLOCK_TABLE, page->line_count);
    block->table = 0;
    return page;
}

static json_t *
parse(const struct buf *text)
{
    json_t *value = NULL;
    struct err err;

    assert_false(text->spoilt);
    assert_int_equal(json_read(buf_span(text), &value, &err), ERR_OK);
    return value;
}

static void
bar_codes_are_figures_with_their_content(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MiB(8));
    struct page *page = page_new(arena, 0, 595, 842);
    struct page_code *code = page_add_code(page);
    struct buf out;

    assert_non_null(code);
    *code = (struct page_code){.box = {72, 72, 144, 144}, .symbology = "QR-Code", .text = "\"x\""};
    buf_init(&out, MiB(1));
    render_boxes(page, render_api_dpi, &out);
    json_t *boxes = parse(&out);
    const json_t *box = json_array_get(boxes, 0);
    const json_t *metadata = json_object_get(box, "metadata");
    assert_string_equal(json_string_value(json_object_get(box, "type")), "figure");
    assert_string_equal(json_string_value(json_object_get(box, "text")), "\"x\"");
    assert_string_equal(json_string_value(json_object_get(metadata, "role")), "barcode");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(box, "bounds"), "width")),
                     200);
    json_decref(boxes);
    buf_fini(&out);
    arena_drop(&arena);
}

static void
boxes_are_whole_pixels_inside_the_page(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MiB(8));
    struct page *page = draw(arena);
    struct buf out;
    uint32_t width, height;

    buf_init(&out, MiB(1));
    render_dimensions(page, render_api_dpi, &width, &height);
    assert_int_equal(width, 1654);
    assert_int_equal(height, 2339);
    render_boxes(page, render_api_dpi, &out);
    json_t *boxes = parse(&out);
    static const char *const types[] = {"heading", "paragraph", "list", "table"};
    assert_int_equal(json_array_size(boxes), ARRAY_LEN(types));
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        json_t *box = json_array_get(boxes, i);
        assert_string_equal(json_string_value(json_object_get(box, "type")), types[i]);
        json_t *bounds = json_object_get(box, "bounds");
        json_int_t x = json_integer_value(json_object_get(bounds, "x"));
        json_int_t y = json_integer_value(json_object_get(bounds, "y"));
        assert_true(json_is_integer(json_object_get(bounds, "width")));
        json_int_t right = x + json_integer_value(json_object_get(bounds, "width"));
        json_int_t bottom = y + json_integer_value(json_object_get(bounds, "height"));
        assert_true(x >= 0 && y >= 0 && right <= 1654 && bottom <= 2339);
        assert_true(json_is_object(json_object_get(box, "metadata")));
    }
    json_t *first = json_array_get(boxes, 0);
    assert_string_equal(json_string_value(json_object_get(first, "text")), "A \"title\"");
    json_t *bounds = json_object_get(first, "bounds");
    assert_int_equal(json_integer_value(json_object_get(bounds, "x")), 200);
    assert_int_equal(json_integer_value(json_object_get(bounds, "height")), 56);
    json_t *list = json_array_get(boxes, 2), *meta = json_object_get(list, "metadata");
    assert_string_equal(json_string_value(json_object_get(list, "text")), "1. item\n1. item");
    assert_int_equal(json_integer_value(json_object_get(meta, "items")), 2);
    meta = json_object_get(json_array_get(boxes, 3), "metadata");
    assert_int_equal(json_integer_value(json_object_get(meta, "columns")), 4);
    json_decref(boxes);
    buf_fini(&out);
    arena_drop(&arena);
}

static void
an_empty_page_has_no_boxes(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MiB(1));
    struct buf out;
    struct page *page = page_new(arena, 0, 100, 100);

    assert_non_null(page);
    buf_init(&out, KiB(1));
    render_boxes(page, render_api_dpi, &out);
    assert_string_equal(buf_text(&out), "[]");
    buf_fini(&out);
    arena_drop(&arena);
}

static void
the_tree_as_json_refers_to_itself(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MiB(8));
    struct page *page = draw(arena);
    struct buf out;

    buf_init(&out, MiB(1));
    render_json(page, &out);
    json_t *tree = parse(&out);
    assert_int_equal(json_integer_value(json_object_get(tree, "page_number")), 3);
    assert_true(json_is_null(json_object_get(tree, "coverage")));
    json_t *words = json_object_get(tree, "words"), *lines = json_object_get(tree, "lines");
    assert_int_equal(json_array_size(words), page->word_count);
    assert_int_equal(json_array_size(lines), page->line_count);
    json_t *style = json_object_get(json_array_get(words, 0), "style");
    assert_string_equal(json_string_value(json_array_get(style, 0)), "bold");
    json_t *block = json_array_get(json_object_get(tree, "blocks"), 2);
    assert_string_equal(json_string_value(json_object_get(block, "kind")), "list_item");
    assert_int_equal(json_integer_value(json_object_get(block, "marker_words")), 1);
    json_t *cell = json_array_get(json_object_get(tree, "cells"), 0);
    assert_string_equal(json_string_value(json_object_get(cell, "text")), "cell");
    json_decref(tree);
    buf_fini(&out);
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bar_codes_are_figures_with_their_content),
        cmocka_unit_test(boxes_are_whole_pixels_inside_the_page),
        cmocka_unit_test(an_empty_page_has_no_boxes),
        cmocka_unit_test(the_tree_as_json_refers_to_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
