/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: tables and lists that the file's own tags tell of. */
#include "read.h"

static uint16_t
tag(struct page *page, enum tag_kind kind, uint16_t parent)
{
    struct page_tag *added = page_add_tag(page);

    assert_non_null(added);
    added->kind = kind;
    added->parent = parent;
    return (uint16_t)page->tag_count;
}

static uint16_t
cell(struct page *page, uint16_t row, uint16_t row_span, uint16_t column_span, bool header)
{
    uint16_t index = tag(page, TAG_CELL, row);

    page->tags[index - 1].row_span = row_span;
    page->tags[index - 1].column_span = column_span;
    page->tags[index - 1].header = header;
    return index;
}

/* A line of text that hangs in a tag. */
static void
put(struct page *page, float x, float y, uint16_t in, const char *text)
{
    uint32_t first = page->word_count;

    sketch_line(page, x, y, 10, 0, text);
    for (uint32_t i = first; i < page->word_count; i++)
        page->words[i].tag = in;
}

static void
cells_come_as_they_are_said(void **state)
{
    struct page *page = *state;
    uint16_t table = tag(page, TAG_TABLE, 0), row = tag(page, TAG_ROW, table);

    put(page, 50, 100, cell(page, row, 1, 1, true), "Name");
    put(page, 150, 100, cell(page, row, 1, 2, true), "What the keepers say");
    row = tag(page, TAG_ROW, table);
    put(page, 50, 120, cell(page, row, 1, 1, false), "Norrvik");
    uint16_t long_cell = cell(page, row, 1, 1, false);
    put(page, 150, 120, long_cell, "two clocks");
    put(page, 150, 132, long_cell, "on a pole");
    put(page, 300, 120, cell(page, row, 1, 1, false), "none");
    row = tag(page, TAG_ROW, table);
    (void)cell(page, row, 1, 1, false);
    put(page, 150, 152, cell(page, row, 1, 1, false), "a lamp");
    put(page, 300, 152, cell(page, row, 1, 1, false), "it burns");
    expect_markdown(page, "<table>\n<thead>\n<tr><th>Name</th><th colspan=\"2\">What the keepers "
                          "say</th></tr>\n</thead>\n<tbody>\n"
                          "<tr><td>Norrvik</td><td>two clocks on a pole</td><td>none</td></tr>\n"
                          "<tr><td></td><td>a lamp</td><td>it burns</td></tr>\n"
                          "</tbody>\n</table>\n");
}

/* Three rows of two entries; the second row's first cell is left out where it is empty. */
static uint16_t
small_table(struct page *page, float x, float y, bool empty)
{
    static const char *const texts[] = {"Harbour",  "Seen from", "Mooring",
                                        "the pier", "Lantern",   "the hill"};
    uint16_t table = tag(page, TAG_TABLE, 0);

    for (uint32_t r = 0; r < 3; r++, y += 16) {
        uint16_t row = tag(page, TAG_ROW, table);
        if (r != 1 || !empty)
            put(page, x, y, cell(page, row, 1, 1, r == 0), texts[2 * r]);
        put(page, x + 100, y, cell(page, row, 1, 1, r == 0), texts[2 * r + 1]);
    }
    return table;
}

static void
words_alone_make_a_table_where_tags_say_so(void **state)
{
    struct page *page = *state;

    small_table(page, 50, 100, false);
    expect_markdown(page, "| Harbour | Seen from |\n| --- | --- |\n| Mooring | the pier |\n"
                          "| Lantern | the hill |\n");
}

static void
cells_that_are_left_out_are_empty(void **state)
{
    struct page *page = *state;

    small_table(page, 50, 100, true);
    expect_markdown(page, "| Harbour | Seen from |\n| --- | --- |\n| | the pier |\n"
                          "| Lantern | the hill |\n");
}

static void
spans_that_are_left_out_are_seen(void **state)
{
    struct page *page = *state;
    uint16_t table = tag(page, TAG_TABLE, 0), row = tag(page, TAG_ROW, table);

    put(page, 60, 100, cell(page, row, 1, 1, true), "Both of the harbours");
    put(page, 300, 100, cell(page, row, 1, 1, true), "Depth");
    for (float y = 116; y < 140; y += 16) {
        row = tag(page, TAG_ROW, table);
        put(page, 50, y, cell(page, row, 1, 1, false), "Inner");
        put(page, 130, y, cell(page, row, 1, 1, false), "Outer");
        put(page, 300, y, cell(page, row, 1, 1, false), "four");
    }
    struct err err = {0};
    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_int_equal(page->table_count, 1);
    assert_int_equal(page->tables[0].columns, 3);
    assert_int_equal(page->cells[0].column_span, 2);
    assert_int_equal(page->cells[1].column, 2);
}

/* What layout makes of a page without its tags. */
static void
expect_as_without(struct page *page)
{
    struct page *bare = page_new(page->arena, 0, 600, 800);
    struct err err = {0};
    struct buf out;

    bare->from_layer = true;
    for (uint32_t i = 0; i < page->line_count; i++) {
        uint32_t first = bare->word_count;
        for (uint32_t k = 0; k < page->lines[i].word_count; k++) {
            struct page_word *word = page_add_word(bare);
            assert_non_null(word);
            *word = page->words[page->lines[i].first_word + k];
            word->tag = 0;
        }
        sketch_close_line(bare, first);
    }
    buf_init(&out, MiB(1));
    assert_int_equal(layout_page(bare, &err), ERR_OK);
    render_markdown(bare, &out);
    expect_markdown(page, buf_text(&out));
    buf_fini(&out);
}

static void
tags_that_the_page_does_not_bear_out_are_none(void **state)
{
    struct page *page = *state;
    uint16_t table = tag(page, TAG_TABLE, 0), rows[2], cells[4];

    /* The columns of the second row have changed places. */
    rows[0] = tag(page, TAG_ROW, table);
    cells[0] = cell(page, rows[0], 1, 1, false);
    cells[1] = cell(page, rows[0], 1, 1, false);
    rows[1] = tag(page, TAG_ROW, table);
    cells[2] = cell(page, rows[1], 1, 1, false);
    cells[3] = cell(page, rows[1], 1, 1, false);
    put(page, 50, 100, cells[0], "one of");
    put(page, 200, 100, cells[1], "them is");
    put(page, 50, 116, cells[3], "not where");
    put(page, 200, 116, cells[2], "it is said");
    expect_as_without(page);
}

static void
text_of_others_in_a_table_makes_it_none(void **state)
{
    struct page *page = *state;

    small_table(page, 50, 100, false);
    put(page, 110, 116, 0, "alien");
    expect_as_without(page);
}

static void
a_table_around_tables_lays_out_the_page(void **state)
{
    struct page *page = *state;
    uint16_t outer = tag(page, TAG_TABLE, 0), row = tag(page, TAG_ROW, outer);
    uint16_t left = cell(page, row, 1, 1, false), right = cell(page, row, 1, 1, false);
    uint16_t inner = small_table(page, 50, 100, false);

    page->tags[inner - 1].parent = left;
    put(page, 300, 100, right, "Beside it");
    struct err err = {0};
    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_sound(page);
    assert_int_equal(page->table_count, 1);
    assert_int_equal(page->tables[0].cell_count, 6);
}

/* An item of a list with its label; returns its body's tag. */
static uint16_t
item(struct page *page, uint16_t list, float x, float y, const char *label)
{
    uint16_t index = tag(page, TAG_ITEM, list);

    if (label != NULL)
        put(page, x, y, tag(page, TAG_LABEL, index), label);
    return index;
}

static void
items_stand_as_deep_as_they_are_said_to(void **state)
{
    struct page *page = *state;
    uint16_t list = tag(page, TAG_LIST, 0), inner, outer;

    outer = item(page, list, 50, 100, NULL);
    put(page, 50, 100, outer, "No bullet stands here, and the");
    put(page, 50, 112, outer, "2. is no marker of an item.");
    inner = tag(page, TAG_LIST, outer);
    put(page, 60, 124, item(page, inner, 50, 124, "x"), "an inner one");
    put(page, 68, 136, item(page, inner, 50, 136, "No. 3"), "another one");
    put(page, 50, 148, item(page, list, 50, 148, NULL), "The last one");
    struct err err = {0};
    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_sound(page);
    assert_decodes(page);
    static const struct {
        uint8_t kind, level;
        const char *marker;
        uint32_t skip, lines;
    } want[] = {{BLOCK_LIST_ITEM, 0, "", 0, 2},
                {BLOCK_LIST_ITEM, 1, "x", 1, 1},
                {BLOCK_LIST_ITEM, 1, "No. 3", 2, 1},
                {BLOCK_LIST_ITEM, 0, "", 0, 1}};
    assert_int_equal(page->block_count, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_int_equal(page->blocks[i].kind, want[i].kind);
        assert_int_equal(page->blocks[i].level, want[i].level);
        assert_string_equal(page->blocks[i].marker, want[i].marker);
        assert_int_equal(page->blocks[i].skip_words, want[i].skip);
        assert_int_equal(page->blocks[i].line_count, want[i].lines);
    }
}

static void
items_in_disorder_are_none(void **state)
{
    struct page *page = *state;
    uint16_t list = tag(page, TAG_LIST, 0), a = tag(page, TAG_ITEM, list);
    uint16_t b = tag(page, TAG_ITEM, list);

    put(page, 50, 100, a, "These lines go");
    put(page, 50, 112, b, "to and fro between");
    put(page, 50, 124, a, "two items, which");
    put(page, 50, 136, b, "no list does.");
    expect_as_without(page);
}

static void
a_line_of_several_items_is_of_none(void **state)
{
    struct page *page = *state;
    uint16_t list = tag(page, TAG_LIST, 0);

    put(page, 50, 100, tag(page, TAG_ITEM, list), "Home");
    put(page, 75, 100, tag(page, TAG_ITEM, list), "News");
    put(page, 100, 100, tag(page, TAG_ITEM, list), "About");
    expect_as_without(page);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(cells_come_as_they_are_said),
        PAGE_CASE(words_alone_make_a_table_where_tags_say_so),
        PAGE_CASE(cells_that_are_left_out_are_empty),
        PAGE_CASE(spans_that_are_left_out_are_seen),
        PAGE_CASE(tags_that_the_page_does_not_bear_out_are_none),
        PAGE_CASE(text_of_others_in_a_table_makes_it_none),
        PAGE_CASE(a_table_around_tables_lays_out_the_page),
        PAGE_CASE(items_stand_as_deep_as_they_are_said_to),
        PAGE_CASE(items_in_disorder_are_none),
        PAGE_CASE(a_line_of_several_items_is_of_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
