/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: tables with and without drawn lines. */
#include "read.h"

static void
rule(struct page *page, float x0, float y0, float x1, float y1)
{
    struct page_region *region = page_add_region(page);

    assert_non_null(region);
    region->kind = REGION_RULE;
    region->box = (struct box){x0, y0, x1, y1};
}

static void
prose(struct page *page, float y)
{
    sketch_line(page, 50, y, 10, 0,
                "Some running text that goes over the whole width of the page, here");
    sketch_line(page, 50, y + 12, 10, 0,
                "and there, before the table begins and after it has come to an end.");
}

#define PROSE                                                                                      \
    "Some running text that goes over the whole width of the page, here and there, before the "    \
    "table begins and after it has come to an end.\n"

static void
columns_parted_by_white_space(void **state)
{
    struct page *page = *state;

    prose(page, 60);
    sketch_line(page, 50, 100, 10, STYLE_BOLD, "Item            Count    Price");
    sketch_line(page, 50, 114, 10, 0, "Apples             12     1.50");
    sketch_line(page, 50, 128, 10, 0, "Pears               7    12.00");
    sketch_line(page, 50, 142, 10, 0, "Something                 3.25");
    prose(page, 180);
    expect_markdown(page, PROSE "\n| Item | Count | Price |\n| --- | --- | --- |\n"
                                "| Apples | 12 | 1.50 |\n| Pears | 7 | 12.00 |\n"
                                "| Something | | 3.25 |\n\n" PROSE);
}

static void
cells_of_several_lines(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "Item       Description               Price");
    sketch_line(page, 50, 120, 10, 0, "Apples     red ones from the          1.50");
    sketch_line(page, 105, 132, 10, 0, "hill behind the house");
    sketch_line(page, 50, 152, 10, 0, "Pears      none                      12.00");
    expect_markdown(page, "| Item | Description | Price |\n| --- | --- | --- |\n"
                          "| Apples | red ones from the hill behind the house | 1.50 |\n"
                          "| Pears | none | 12.00 |\n");
}

static void
two_columns_need_figures(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "Net                    100.00");
    sketch_line(page, 50, 114, 10, 0, "Tax                     19.00");
    sketch_line(page, 50, 128, 10, 0, "Total                  119.00");
    expect_markdown(page, "<table>\n<tbody>\n<tr><td>Net</td><td>100.00</td></tr>\n"
                          "<tr><td>Tax</td><td>19.00</td></tr>\n"
                          "<tr><td>Total</td><td>119.00</td></tr>\n</tbody>\n</table>\n");
    page->word_count = page->line_count = 0;
    sketch_line(page, 50, 100, 10, 0, "Name:                  Ann");
    sketch_line(page, 50, 114, 10, 0, "Town:                  Linz");
    sketch_line(page, 50, 128, 10, 0, "Country:               Austria");
    expect_markdown(page, "Name: Ann\nTown: Linz\nCountry: Austria\n");
}

/* A grid of 3 columns and 3 rows, 100 by 30 pt each, at 50, 100; inner lines as asked. */
static void
grid(struct page *page, bool first_row_split)
{
    for (int i = 0; i <= 3; i++) {
        float y = 100 + 30 * (float)i, x = 50 + 100 * (float)i;
        rule(page, 50, y - 0.25f, 350, y + 0.25f);
        bool inner = i == 1 || i == 2;
        rule(page, x - 0.25f, inner && !first_row_split ? 130 : 100, x + 0.25f, 190);
    }
}

static void
cells_drawn_with_lines(void **state)
{
    struct page *page = *state;
    static const char *const texts[] = {"Name",      "Kind", "Note", "one", "a b",
                                        "long text", "two",  "c",    ""};

    prose(page, 60);
    grid(page, true);
    for (int i = 0; i < 8; i++)
        sketch_line(page, 55 + 100 * (float)(i % 3), 112 + 30 * (float)(i / 3), 10, 0, texts[i]);
    sketch_line(page, 255, 154, 10, 0, "goes on");
    prose(page, 220);
    expect_markdown(page, PROSE "\n| Name | Kind | Note |\n| --- | --- | --- |\n"
                                "| one | a b | long text goes on |\n| two | c | |\n\n" PROSE);
    assert_true(page->tables[0].ruled);
    assert_int_equal(page->tables[0].header_rows, 1);
}

static void
a_cell_without_inner_lines_spans(void **state)
{
    struct page *page = *state;

    grid(page, false);
    sketch_line(page, 55, 112, 10, 0, "over all");
    sketch_line(page, 55, 142, 10, 0, "a");
    sketch_line(page, 155, 142, 10, 0, "b");
    sketch_line(page, 255, 142, 10, 0, "c");
    sketch_line(page, 55, 172, 10, 0, "d");
    sketch_line(page, 255, 172, 10, 0, "f");
    expect_markdown(
        page, "<table>\n<thead>\n<tr><th colspan=\"3\">over all</th></tr>\n</thead>\n<tbody>\n"
              "<tr><td>a</td><td>b</td><td>c</td></tr>\n"
              "<tr><td>d</td><td></td><td>f</td></tr>\n</tbody>\n</table>\n");
    assert_int_equal(page->cells[0].column_span, 3);
}

static void
a_word_over_a_drawn_line_is_in_one_cell(void **state)
{
    struct page *page = *state;

    grid(page, true);
    /* One source line over all three cells of a row, with narrow gaps at the lines. */
    for (int row = 0; row < 3; row++)
        sketch_line(page, 118, 112 + 30 * (float)row, 10, 0, "first| the second one hey| third");
    expect_markdown(page, "| first\\| | the second one hey\\| | third |\n| --- | --- | --- |\n"
                          "| first\\| | the second one hey\\| | third |\n"
                          "| first\\| | the second one hey\\| | third |\n");
}

static void
a_frame_around_text_is_no_table(void **state)
{
    struct page *page = *state;

    rule(page, 40, 45, 560, 45.5f);
    rule(page, 40, 90, 560, 90.5f);
    rule(page, 40, 45, 40.5f, 90);
    rule(page, 560, 45, 560.5f, 90);
    prose(page, 60);
    expect_markdown(page, PROSE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(columns_parted_by_white_space),
        PAGE_CASE(cells_of_several_lines),
        PAGE_CASE(two_columns_need_figures),
        PAGE_CASE(cells_drawn_with_lines),
        PAGE_CASE(a_cell_without_inner_lines_spans),
        PAGE_CASE(a_word_over_a_drawn_line_is_in_one_cell),
        PAGE_CASE(a_frame_around_text_is_no_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
