/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: numbers of formulas and units in brackets, which mark no items. */
#include "read.h"

/* A number at the right edge of a column, a narrow gutter before the next one. */
static void
a_number_beside_the_next_column_stays_with_its_formula(void **state)
{
    static const char *const left[] = {
        "The left column has got lines of", "about the same width, as columns",
        "in a journal have, so that they", "are read one after the other, and",
        "so it is with what we find here."};
    static const char *const right[] = {
        "The right column goes on for as",  "many lines as the left one does,",
        "more or less, with words of some", "common length in it, and that is",
        "all there is to say, but for the", "line that stands at the height of",
        "the formula in the other column."};
    struct page *page = *state;

    for (int i = 0; i < 5; i++)
        sketch_line(page, 50, 120 + 12 * (float)i, 10, 0, left[i]);
    sketch_line(page, 90, 192, 10, 0, "a = b + c");
    sketch_line(page, 205, 192, 10, 0, "(1)");
    for (int i = 0; i < 7; i++)
        sketch_line(page, 230, 120 + 12 * (float)i, 10, 0, right[i]);
    expect_markdown(
        page, "The left column has got lines of about the same width, as columns in a journal "
              "have, so that they are read one after the other, and so it is with what we find "
              "here.\n\na = b + c (1)\n\n"
              "The right column goes on for as many lines as the left one does, more or less, "
              "with words of some common length in it, and that is all there is to say, but for "
              "the line that stands at the height of the formula in the other column.\n");
}

/* Numbers one below the other are no column beside all that follows. */
static void
numbers_of_formulas_are_read_with_them(void **state)
{
    static const char *const below[] = {"one = first(a)", "two = second(b)",    "three = third(c)",
                                        "four = last(d)", "five = none(of, e)", "six = all(of, f)"};
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0,
                "It follows that the values of it are as small as these are:");
    sketch_line(page, 100, 120, 10, 0, "a = b + c");
    sketch_line(page, 330, 120, 10, 0, "(2)");
    sketch_line(page, 100, 134, 10, 0, "d = e + f");
    sketch_line(page, 330, 134, 10, 0, "(3)");
    for (size_t i = 0; i < ARRAY_LEN(below); i++)
        sketch_line(page, 50, 150 + 14 * (float)i, 10, 0, below[i]);
    struct err err;
    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_sound(page);
    struct buf out;
    buf_init(&out, MiB(1));
    render_markdown(page, &out);
    assert_non_null(strstr(buf_text(&out), "a = b + c (2)"));
    assert_non_null(strstr(buf_text(&out), "d = e + f (3)"));
    buf_fini(&out);
}

static void
units_below_heads_are_entries_of_their_columns(void **state)
{
    static const char *const cells[][4] = {{"Lake", "Area", "Depth", "Fetch"},
                                           {"", "(km2)", "(m)", "(km)"},
                                           {"Erken", "24.2", "21.0", "7.9"},
                                           {"Vallen", "14.1", "10.5", "3.3"},
                                           {"Mira", "11.9", "11.8", "1.5"}};
    static const float right[] = {50, 175, 215, 252};
    struct page *page = *state;

    for (size_t r = 0; r < ARRAY_LEN(cells); r++) {
        for (size_t c = 0; c < 4; c++) {
            float x = c == 0 ? right[c] : right[c] - 5 * (float)strlen(cells[r][c]);
            if (cells[r][c][0] != '\0')
                sketch_line(page, x, 100 + 12 * (float)r, 10, 0, cells[r][c]);
        }
    }
    expect_markdown(page, "| Lake | Area (km2) | Depth (m) | Fetch (km) |\n"
                          "| --- | --- | --- | --- |\n| Erken | 24.2 | 21.0 | 7.9 |\n"
                          "| Vallen | 14.1 | 10.5 | 3.3 |\n| Mira | 11.9 | 11.8 | 1.5 |\n");
}

/* A letter in brackets at the front of a line does mark it, also in a second column. */
static void
items_stay_items(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 100, 10, 0, "(a)");
    sketch_line(page, 80, 100, 10, 0, "the first of them");
    sketch_line(page, 50, 114, 10, 0, "(b)");
    sketch_line(page, 80, 114, 10, 0, "(repealed)");
    expect_markdown(page, "- (a) the first of them\n- (b) (repealed)\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(a_number_beside_the_next_column_stays_with_its_formula),
        PAGE_CASE(numbers_of_formulas_are_read_with_them),
        PAGE_CASE(units_below_heads_are_entries_of_their_columns),
        PAGE_CASE(items_stay_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
