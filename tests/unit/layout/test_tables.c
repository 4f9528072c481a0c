/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: tables with and without drawn lines. */
#include "read.h"

#include <stdio.h>

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
heads_that_go_down_say_how_far_the_head_goes(void **state)
{
    static const char *const lines[][3] = {{"Class", "Answer within", NULL},
                                           {NULL, "at work", "at night"},
                                           {"A", "30 minutes", "2 hours"},
                                           {"B", "2 hours", "next day"}};
    static const float ys[] = {100, 130, 160, 190, 220};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(ys); i++)
        rule(page, i == 1 ? 150 : 50, ys[i], 350, ys[i] + 1);
    rule(page, 50, 100, 51, 221);
    rule(page, 150, 100, 151, 221);
    rule(page, 250, 130, 251, 221);
    rule(page, 350, 100, 351, 221);
    for (size_t r = 0; r < ARRAY_LEN(lines); r++)
        for (size_t c = 0; c < 3; c++)
            if (lines[r][c] != NULL)
                sketch_line(page, 55 + 100 * (float)c, 112 + 30 * (float)r, 10, 0, lines[r][c]);
    expect_markdown(page,
                    "<table>\n<thead>\n"
                    "<tr><th rowspan=\"2\">Class</th><th colspan=\"2\">Answer within</th></tr>\n"
                    "<tr><th>at work</th><th>at night</th></tr>\n</thead>\n<tbody>\n"
                    "<tr><td>A</td><td>30 minutes</td><td>2 hours</td></tr>\n"
                    "<tr><td>B</td><td>2 hours</td><td>next day</td></tr>\n"
                    "</tbody>\n</table>\n");
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

static void
row_of(struct page *page, float y, const char *const *texts, const float *xs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (texts[i] != NULL)
            sketch_line(page, xs[i], y, 10, 0, texts[i]);
    }
}

/* One above the other, in columns that agree. */
static void
tables_are_parted_by_a_heading(void **state)
{
    static const float xs[] = {50, 200, 300};
    static const char *const rows[][3] = {
        {"Apples", "12", "3.50"}, {"Pears", "7", "2.10"}, {"Plums", "31", "9.00"}};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        row_of(page, 100 + 12 * (float)i, rows[i], xs, 3);
    sketch_line(page, 50, 152, 14, STYLE_BOLD, "More fruit");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        row_of(page, 176 + 12 * (float)i, rows[i], xs, 3);
    const char *table = "<table>\n<tbody>\n"
                        "<tr><td>Apples</td><td>12</td><td>3.50</td></tr>\n"
                        "<tr><td>Pears</td><td>7</td><td>2.10</td></tr>\n"
                        "<tr><td>Plums</td><td>31</td><td>9.00</td></tr>\n"
                        "</tbody>\n</table>\n";
    char wanted[1024];
    (void)snprintf(wanted, sizeof(wanted), "%s\n# More fruit\n\n%s", table, table);
    expect_markdown(page, wanted);
}

/* The gutter beside the letter's head goes through one of the table's. */
static void
a_statement_stands_below_its_letterhead(void **state)
{
    static const float xs[] = {50, 120, 300, 370, 450};
    static const char *const rows[][5] = {
        {"Date", "Description", "Paid out", "Paid in", "Balance"},
        {"01 Nov", "Balance brought forward", NULL, NULL, "204.17"},
        {"02 Nov", "CARD PAYMENT", "54.20", NULL, "149.97"},
        {NULL, "STORES BATH", NULL, NULL, NULL},
        {"06 Nov", "TRANSFER", NULL, "200.00", "349.97"},
        {NULL, "RENT", "50.00", NULL, "299.97"},
        {"15 Nov", "INTEREST", NULL, "1.07", "301.04"}};
    struct page *page = *state;
    struct err err = {0};

    sketch_line(page, 50, 80, 10, 0, "12 Quay Street, Bristol");
    sketch_line(page, 450, 80, 10, 0, "Statement 11");
    sketch_line(page, 50, 104, 10, 0, "Mr Thomas Okonkwo");
    sketch_line(page, 50, 116, 10, 0, "44 Larch Avenue");
    sketch_line(page, 50, 140, 10, 0, "Account number");
    sketch_line(page, 270, 140, 10, 0, "7741 0092");
    sketch_line(page, 50, 156, 10, 0, "Opening balance");
    sketch_line(page, 280, 156, 10, 0, "1,204.17");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        row_of(page, 186 + 12 * (float)i, rows[i], xs, 5);
    assert_int_equal(layout_page(page, &err), ERR_OK);
    const struct page_table *table = &page->tables[page->table_count - 1];
    assert_int_equal(table->columns, 5);
    assert_int_equal(table->rows, 6);
    assert_int_equal(table->header_rows, 1);
}

static void
years_under_names_are_of_the_head(void **state)
{
    static const float name_xs[] = {165, 325}, xs[] = {50, 150, 230, 310, 390};
    static const char *const names[] = {"Energy", "Services"};
    static const char *const years[] = {NULL, "2023", "2022", "2023", "2022"};
    static const char *const rows[][5] = {{"Revenue", "801.2", "770.0", "403.4", "385.0"},
                                          {"EBITDA", "180.1", "166.0", "54.3", "50.4"},
                                          {"Staff", "2,310", "2,255", "4,120", "3,980"}};
    struct page *page = *state;

    row_of(page, 100, names, name_xs, 2);
    row_of(page, 112, years, xs, 5);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        row_of(page, 124 + 12 * (float)i, rows[i], xs, 5);
    expect_markdown(
        page, "<table>\n<thead>\n"
              "<tr><th></th><th colspan=\"2\">Energy</th><th colspan=\"2\">Services</th></tr>\n"
              "<tr><th></th><th>2023</th><th>2022</th><th>2023</th><th>2022</th></tr>\n"
              "</thead>\n<tbody>\n"
              "<tr><td>Revenue</td><td>801.2</td><td>770.0</td><td>403.4</td><td>385.0</td></tr>\n"
              "<tr><td>EBITDA</td><td>180.1</td><td>166.0</td><td>54.3</td><td>50.4</td></tr>\n"
              "<tr><td>Staff</td><td>2,310</td><td>2,255</td><td>4,120</td><td>3,980</td></tr>\n"
              "</tbody>\n</table>\n");
}

/* An invoice: details above and totals below its table have other columns; heads stand at the left
 * of figures that are flush right. */
static void
lines_between_rows_say_where_a_table_is(void **state)
{
    static const float heads_xs[] = {50, 150, 300, 380, 480};
    static const char *const heads[] = {"Item", "Description", "Qty", "Unit price", "Amount"};
    static const float xs[] = {50, 150, 340, 415, 505};
    static const char *const rows[][5] = {{"A-1007", "Oak worktop", "2", "185.00", "370.00"},
                                          {"A-2210", "Cabinet door", "8", "42.50", "340.00"},
                                          {"B-0031", "Hinge", "6", "13.20", "279.20"},
                                          {"Z-0001", "Delivery", "1", "65.00", "165.00"}};
    static const float totals_xs[] = {400, 495};
    static const char *const totals[][2] = {{"Subtotal", "1,154.20"},
                                            {"Sales tax of 5 %", "57.71"}};
    struct page *page = *state;

    prose(page, 30);
    row_of(page, 60, (const char *const[]){"Terms", "Net 30"}, (const float[]){300, 360}, 2);
    row_of(page, 90, heads, heads_xs, 5);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row_of(page, 110 + 20 * (float)i, rows[i], xs, 5);
        rule(page, 48, 116 + 20 * (float)i, 545, 116.8F + 20 * (float)i);
    }
    for (size_t i = 0; i < ARRAY_LEN(totals); i++)
        row_of(page, 195 + 14 * (float)i, totals[i], totals_xs, 2);
    expect_markdown(page, PROSE "\nTerms Net 30\n\n"
                                "| Item | Description | Qty | Unit price | Amount |\n"
                                "| --- | --- | --- | --- | --- |\n"
                                "| A-1007 | Oak worktop | 2 | 185.00 | 370.00 |\n"
                                "| A-2210 | Cabinet door | 8 | 42.50 | 340.00 |\n"
                                "| B-0031 | Hinge | 6 | 13.20 | 279.20 |\n"
                                "| Z-0001 | Delivery | 1 | 65.00 | 165.00 |\n\n"
                                "Subtotal 1,154.20\n\nSales tax of 5 % 57.71\n");
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
        PAGE_CASE(heads_that_go_down_say_how_far_the_head_goes),
        PAGE_CASE(a_word_over_a_drawn_line_is_in_one_cell),
        PAGE_CASE(a_frame_around_text_is_no_table),
        PAGE_CASE(tables_are_parted_by_a_heading),
        PAGE_CASE(a_statement_stands_below_its_letterhead),
        PAGE_CASE(years_under_names_are_of_the_head),
        PAGE_CASE(lines_between_rows_say_where_a_table_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
