/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: heads of tables, labels of several lines, drawings that hold several tables,
 * formulas and captions side by side. */
#include "read.h"

static void
figures(struct page *page, float y)
{
    sketch_line(page, 50, y, 10, 0, "1996       51,544    37,481    14,062    45,611");
    sketch_line(page, 50, y + 12, 10, 0, "1997       52,071    37,797    14,275    46,127");
    sketch_line(page, 50, y + 24, 10, 0, "1998       52,526    38,091    14,435    46,539");
}

#define FIGURES                                                                                    \
    "<tr><td>1996</td><td>51,544</td><td>37,481</td><td>14,062</td><td>45,611</td></tr>\n"         \
    "<tr><td>1997</td><td>52,071</td><td>37,797</td><td>14,275</td><td>46,127</td></tr>\n"         \
    "<tr><td>1998</td><td>52,526</td><td>38,091</td><td>14,435</td><td>46,539</td></tr>\n"

/* What a head stands over is told by the line under it. */
static void
a_head_over_two_columns(void **state)
{
    struct page *page = *state;

    rule(page, 50, 88, 285, 88.5f);
    sketch_line(page, 128, 100, 10, 0, "Public");
    sketch_line(page, 228, 100, 10, 0, "Private");
    rule(page, 105, 103, 185, 103.5f);
    rule(page, 205, 103, 285, 103.5f);
    sketch_line(page, 50, 114, 10, 0, "Year       Pupils    Others    Pupils    Others");
    rule(page, 50, 118, 285, 118.5f);
    figures(page, 130);
    rule(page, 50, 160, 285, 160.5f);
    expect_markdown(page, "<table>\n<thead>\n<tr><th rowspan=\"2\">Year</th>"
                          "<th colspan=\"2\">Public</th><th colspan=\"2\">Private</th></tr>\n"
                          "<tr><th>Pupils</th><th>Others</th><th>Pupils</th><th>Others</th></tr>\n"
                          "</thead>\n<tbody>\n" FIGURES "</tbody>\n</table>\n");
}

/* A label of two lines with its figures at half height between them. */
static void
a_label_centred_against_its_figures(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, STYLE_BOLD, "Measure           1997      1998");
    sketch_line(page, 50, 120, 10, 0, "Inequality");
    sketch_line(page, 135, 126, 10, 0, " 0.12      0.13");
    sketch_line(page, 50, 132, 10, 0, "Of income");
    sketch_line(page, 50, 152, 10, 0, "Mortality");
    sketch_line(page, 135, 158, 10, 0, " 7.12      7.13");
    sketch_line(page, 50, 164, 10, 0, "Of adults");
    expect_markdown(page, "| Measure | 1997 | 1998 |\n| --- | --- | --- |\n"
                          "| Inequality Of income | 0.12 | 0.13 |\n"
                          "| Mortality Of adults | 7.12 | 7.13 |\n");
}

/* A sum with its limits above and below the line, drawn in the order in which it is read. */
static void
a_formula_is_one_line(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 60, 10, 0, "The sum of all parts is as large as one may think, so that");
    sketch_line(page, 150, 100, 10, 0, "Z :=");
    sketch_line(page, 176, 88, 7, 0, "n");
    sketch_line(page, 174, 92, 10, 0, "\xe2\x88\x91");
    sketch_line(page, 172, 112, 7, 0, "i=1");
    sketch_line(page, 185, 100, 10, 0, "x + 1");
    sketch_line(page, 50, 140, 10, 0,
                "holds for all of them, and nothing more is to be said here.");
    expect_markdown(page, "The sum of all parts is as large as one may think, so that\n\n"
                          "Z := n \xe2\x88\x91 i=1 x + 1\n\n"
                          "holds for all of them, and nothing more is to be said here.\n");
}

/* Captions beside each other are drawn one after the other. */
static void
captions_side_by_side(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 60, 10, 0, "The text above the figure is as wide as the page allows it");
    sketch_line(page, 50, 72, 10, 0,
                "to be, and it goes on for two lines before the figure comes.");
    sketch_line(page, 60, 110, 9, 0, "(a) both ways are of");
    sketch_line(page, 75, 121, 9, 0, "the same kind");
    sketch_line(page, 200, 110, 9, 0, "(b) neither of them");
    sketch_line(page, 215, 121, 9, 0, "is of that kind");
    expect_markdown(page,
                    "The text above the figure is as wide as the page allows it to be, and it "
                    "goes on for two lines before the figure comes.\n\n"
                    "- (a) both ways are of the same kind\n"
                    "- (b) neither of them is of that kind\n");
}

/* So near that their first lines look like one. */
static void
captions_that_touch(void **state)
{
    struct page *page = *state;

    sketch_line(page, 60, 110, 9, 0, "(a) both of the ways that are shown are of");
    sketch_line(page, 75, 121, 9, 0, "the same kind, it seems");
    sketch_line(page, 251, 110, 9, 0, "(b) but neither of those that follow, and");
    sketch_line(page, 266, 121, 9, 0, "they are not few, is of that kind");
    expect_markdown(page,
                    "- (a) both of the ways that are shown are of the same kind, it seems\n"
                    "- (b) but neither of those that follow, and they are not few, is of that "
                    "kind\n");
}

/* A line under a head in pieces, one over each of its columns. */
static void
a_head_over_pieces_of_a_line(void **state)
{
    struct page *page = *state;

    sketch_line(page, 170, 100, 10, 0, "Years");
    rule(page, 105, 103, 145, 103.5f);
    rule(page, 150, 103, 215, 103.5f);
    rule(page, 220, 103, 265, 103.5f);
    sketch_line(page, 50, 114, 10, 0, "Kind       March     June    September");
    sketch_line(page, 50, 130, 10, 0, "first      12,544     37,481     14,062");
    sketch_line(page, 50, 142, 10, 0, "second     13,544     38,481     15,062");
    sketch_line(page, 50, 154, 10, 0, "third      14,544     39,481     16,062");
    expect_markdown(page, "<table>\n<thead>\n<tr><th rowspan=\"2\">Kind</th>"
                          "<th colspan=\"3\">Years</th></tr>\n"
                          "<tr><th>March</th><th>June</th><th>September</th></tr>\n"
                          "</thead>\n<tbody>\n"
                          "<tr><td>first</td><td>12,544</td><td>37,481</td><td>14,062</td></tr>\n"
                          "<tr><td>second</td><td>13,544</td><td>38,481</td><td>15,062</td></tr>\n"
                          "<tr><td>third</td><td>14,544</td><td>39,481</td><td>16,062</td></tr>\n"
                          "</tbody>\n</table>\n");
}

/* Boxes that are numbered down the columns, drawn row by row. */
static void
numbered_boxes(void **state)
{
    static const char *const titles[] = {"1. One", "3. Three", "2. Two", "4. Four"};
    struct page *page = *state;

    for (int i = 0; i < 4; i++) {
        float x = i % 2 == 0 ? 50 : 250, y = i < 2 ? 100 : 250;
        sketch_line(page, x, y, 14, STYLE_BOLD, titles[i]);
        sketch_line(page, x, y + 30, 10, 0, "what is told of it in a line,");
        sketch_line(page, x, y + 42, 10, 0, "and in another one below it.");
    }
    struct err err;
    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_int_equal(page->block_count, 8);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(
            page->words[page->lines[page->blocks[2 * i].first_line].first_word].text[0],
            '1' + (char)i);
}

/* A fraction in a line of text whose denominator is drawn with what follows. */
static void
a_fraction_in_a_line(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "For all of them");
    sketch_line(page, 132, 95, 7, 0, "ab");
    rule(page, 130, 97, 141, 97.3f);
    uint32_t first = page->word_count;
    (void)sketch_word(page, 130, 104, 7, 0, "2ab", 3);
    (void)sketch_word(page, 146, 100, 10, 0, "is", 2);
    (void)sketch_word(page, 161, 100, 10, 0, "small.", 6);
    page->lines[sketch_close_line(page, first)].baseline = 100;
    expect_markdown(page, "For all of them ab 2ab is small.\n");
}

/* Pieces of a line that runs from right to left. */
static void
pieces_from_right_to_left(void **state)
{
    struct page *page = *state;

    sketch_line(page, 80, 100, 10, 0, "\xd7\x9e\xd7\x9c\xd7\x9a");
    sketch_line(page, 50, 100, 10, 0, "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
    page->lines[0].right_to_left = page->lines[1].right_to_left = true;
    expect_markdown(page, "\xd7\x9e\xd7\x9c\xd7\x9a \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\n");
}

/* The ticks of a chart are drawn upwards, as no column of a table is. */
static void
ticks_are_no_table(void **state)
{
    struct page *page = *state;

    for (int i = 0; i < 6; i++) {
        char text[4] = {(char)('0' + i), '0', '\0'};
        sketch_line(page, 60, 300 - 30 * (float)i, 10, 0, text);
    }
    for (int i = 0; i < 6; i++) {
        char text[4] = {(char)('0' + i), '5', '\0'};
        sketch_line(page, 120, 300 - 30 * (float)i, 10, 0, text);
    }
    for (int i = 0; i < 6; i++)
        sketch_line(page, 200, 300 - 30 * (float)i, 10, 0, "12.5");
    struct err err;
    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_int_equal(page->table_count, 0);
}

/* Entries between the pieces of high brackets are drawn row by row. */
static void
a_matrix_is_one_line(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "A =");
    sketch_line(page, 70, 80, 10, 0, "\xe2\x8e\x9b");
    sketch_line(page, 70, 100, 10, 0, "\xe2\x8e\x9d");
    sketch_line(page, 78, 92, 10, 0, "a");
    sketch_line(page, 100, 92, 10, 0, "b");
    sketch_line(page, 78, 108, 10, 0, "c");
    sketch_line(page, 100, 108, 10, 0, "d");
    sketch_line(page, 108, 80, 10, 0, "\xe2\x8e\x9e");
    sketch_line(page, 108, 100, 10, 0, "\xe2\x8e\xa0");
    expect_markdown(page, "A = \xe2\x8e\x9b \xe2\x8e\x9d a b c d \xe2\x8e\x9e \xe2\x8e\xa0\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(a_head_over_two_columns),
        PAGE_CASE(a_label_centred_against_its_figures),
        PAGE_CASE(a_formula_is_one_line),
        PAGE_CASE(captions_side_by_side),
        PAGE_CASE(captions_that_touch),
        PAGE_CASE(a_head_over_pieces_of_a_line),
        PAGE_CASE(numbered_boxes),
        PAGE_CASE(a_fraction_in_a_line),
        PAGE_CASE(pieces_from_right_to_left),
        PAGE_CASE(ticks_are_no_table),
        PAGE_CASE(a_matrix_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
