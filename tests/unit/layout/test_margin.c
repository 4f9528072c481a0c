/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/margin.h: numbers that count lines are taken for what they are, and others left. */
#include "read.h"

#include <stdio.h>

static const char prose[] = "the keepers wrote down what they saw";

/* A line of text at that height, with a number of its own at x; 0: without. */
static void
line(struct page *page, float y, float x, unsigned number, const char *text)
{
    char figures[16];

    if (number > 0) {
        (void)snprintf(figures, sizeof(figures), "%u", number);
        sketch_line(page, x, y, 10, 0, figures);
    }
    sketch_line(page, 80, y, 10, 0, text);
}

/* Lays the page out; how many lines of its blocks are kept out of the text as feet. */
static uint32_t
count_taken(struct page *page)
{
    struct err err = {0};
    uint32_t taken = 0;

    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_sound(page);
    assert_decodes(page);
    for (uint32_t i = 0; i < page->block_count; i++)
        if (page->blocks[i].kind == BLOCK_FOOTER)
            taken += page->blocks[i].line_count;
    return taken;
}

static void
every_line_has_its_number(void **state)
{
    struct page *page = *state;

    for (unsigned i = 0; i < 25; i++)
        line(page, 60 + 24 * (float)i, 50, i + 1, prose);
    assert_int_equal(count_taken(page), 25);
}

static void
every_fifth_line_on_the_right(void **state)
{
    struct page *page = *state;

    for (unsigned i = 0; i < 40; i++)
        line(page, 60 + 15 * (float)i, 500, (i + 1) % 5 == 0 ? i + 1 : 0, prose);
    assert_int_equal(count_taken(page), 8);
}

static void
one_that_was_misread_goes_with_them(void **state)
{
    struct page *page = *state;

    for (unsigned i = 0; i < 25; i++) {
        line(page, 60 + 24 * (float)i, 50, i == 10 ? 0 : i + 1, prose);
        if (i == 10)
            sketch_line(page, 50, 60 + 24 * (float)i, 10, 0, "ll");
    }
    assert_int_equal(count_taken(page), 25);
}

static void
rows_of_a_table_keep_theirs(void **state)
{
    struct page *page = *state;

    for (unsigned i = 0; i < 20; i++) {
        line(page, 60 + 20 * (float)i, 50, i + 1, "an item");
        sketch_line(page, 300, 60 + 20 * (float)i, 10, 0, "12.50");
        sketch_line(page, 400, 60 + 20 * (float)i, 10, 0, "37.50");
    }
    assert_int_equal(count_taken(page), 0);
}

static void
items_of_several_lines_keep_theirs(void **state)
{
    struct page *page = *state;

    for (unsigned i = 0; i < 14; i++) {
        line(page, 60 + 40 * (float)i, 50, i + 1, prose);
        line(page, 74 + 40 * (float)i, 50, 0, prose);
    }
    assert_int_equal(count_taken(page), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(every_line_has_its_number),           PAGE_CASE(every_fifth_line_on_the_right),
        PAGE_CASE(one_that_was_misread_goes_with_them), PAGE_CASE(rows_of_a_table_keep_theirs),
        PAGE_CASE(items_of_several_lines_keep_theirs),
    };

    return cmocka_run_group_tests_name("margin", tests, NULL, NULL);
}
