/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/slanted.h: what lies over and under the text, and what does not. */
#include "read.h"

static const char prose[] = "the keepers wrote down what they saw";

static void
write_page(struct page *page)
{
    for (unsigned i = 0; i < 30; i++)
        sketch_line(page, 80, 100 + 15 * (float)i, 10, 0, prose);
}

static struct page_line *
mark(struct page *page, float x, float y, float size, const char *text)
{
    sketch_line(page, x, y, size, 0, text);
    return &page->lines[page->line_count - 1];
}

/* Lays the page out; how many blocks are watermarks. The text stands as without them. */
static uint32_t
count_marks(struct page *page)
{
    struct err err = {0};
    uint32_t marks = 0;

    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_sound(page);
    assert_decodes(page);
    for (uint32_t i = 0; i < page->block_count; i++)
        marks += page->blocks[i].kind == BLOCK_WATERMARK;
    return marks;
}

static void
large_pale_type_across_the_text_is_one(void **state)
{
    struct page *page = *state;

    mark(page, 100, 200, 60, "DRAFT")->pale = true;
    write_page(page);
    assert_int_equal(count_marks(page), 1);
    assert_int_equal(page->blocks[page->block_count - 1].kind, BLOCK_WATERMARK);
    assert_string_equal(page->words[page->word_count - 1].text, "DRAFT");
}

static void
large_pale_type_beside_the_text_is_none(void **state)
{
    struct page *page = *state;

    mark(page, 80, 30, 30, "Norrvik")->pale = true;
    write_page(page);
    assert_int_equal(count_marks(page), 0);
}

static void
pale_text_of_the_usual_size_is_none(void **state)
{
    struct page *page = *state;

    write_page(page);
    for (uint32_t i = 0; i < page->line_count; i++)
        page->lines[i].pale = i % 2 == 0;
    assert_int_equal(count_marks(page), 0);
}

static void
what_leans_and_is_small_is_a_stamp(void **state)
{
    struct page *page = *state;

    write_page(page);
    mark(page, 300, 640, 16, "PAID")->slanted = true;
    assert_int_equal(count_marks(page), 0);
    assert_int_equal(page->blocks[page->block_count - 1].kind, BLOCK_PARAGRAPH);
}

static void
a_pattern_of_small_ones_is(void **state)
{
    struct page *page = *state;

    write_page(page);
    for (unsigned i = 0; i < 6; i++) {
        struct page_line *line = mark(page, 100, 130 + 60 * (float)i, 14, "COPY");
        line->slanted = line->pale = true;
    }
    assert_int_equal(count_marks(page), 6);
}

static void
what_the_file_calls_one_is(void **state)
{
    struct page *page = *state;

    write_page(page);
    mark(page, 90, 207, 14, "DRAFT");
    page->words[page->word_count - 1].role = ROLE_WATERMARK;
    assert_int_equal(count_marks(page), 1);
}

static void
a_page_of_nothing_else_has_none(void **state)
{
    struct page *page = *state;

    struct page_line *line = mark(page, 90, 207, 60, "CANCELLED");
    line->pale = line->slanted = true;
    assert_int_equal(count_marks(page), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(large_pale_type_across_the_text_is_one),
        PAGE_CASE(large_pale_type_beside_the_text_is_none),
        PAGE_CASE(pale_text_of_the_usual_size_is_none),
        PAGE_CASE(what_leans_and_is_small_is_a_stamp),
        PAGE_CASE(a_pattern_of_small_ones_is),
        PAGE_CASE(what_the_file_calls_one_is),
        PAGE_CASE(a_page_of_nothing_else_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
