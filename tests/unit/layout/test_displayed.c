/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: formulas that stand by themselves on pages that were read from pixels. */
#include "ink.h"

static const char *const prose[] = {
    "The harbour was quiet and the boats lay along the wall as they had done (so people say) for",
    "many years, though nobody in the town could say since when, and the masters of the boats",
    "least of all, who had been told it by their fathers and had no reason to ask them more",
    "than that, nor did they ever find the time to do it: there was work enough on the quay."};

static float
put_prose(struct page *page, float y)
{
    return ink_lines(page, 60, y, false, prose, ARRAY_LEN(prose));
}

/* A line of doubtful words. */
static void
put_doubtful(struct page *page, float x, float y, const char *text)
{
    const struct page_line *line = &page->lines[ink_line(page, x, y, false, text)];

    for (uint32_t i = 0; i < line->word_count; i++)
        page->words[line->first_word + i].confidence = 0.4f;
}

static void
a_line_with_an_equals_sign(void **state)
{
    struct page *page = *state;

    ink_line(page, 220, put_prose(page, 80), false, "v = V(2gh)");
    put_prose(page, 160);
    assert_int_equal(ink_count(page, BLOCK_FORMULA), 1);
    assert_int_equal(page->block_count, 3);
}

/* Set as close as the lines of a paragraph. */
static void
a_formula_right_above_text(void **state)
{
    struct page *page = *state;

    put_prose(page, 80);
    ink_line(page, 220, 134, false, "E = mc?");
    put_prose(page, 148);
    assert_int_equal(ink_count(page, BLOCK_FORMULA), 1);
    assert_int_equal(page->block_count, 3);
}

/* Numerator, line of the fraction and number, denominator: what was read is of little worth, and
 * one block. */
static void
a_fraction_in_three_lines(void **state)
{
    struct page *page = *state;

    put_prose(page, 80);
    put_doubtful(page, 240, 142, "da 5");
    put_doubtful(page, 205, 150, "u = te _ ar");
    ink_line(page, 405, 150, false, "(12)");
    put_doubtful(page, 240, 160, "n");
    put_prose(page, 190);
    assert_int_equal(ink_count(page, BLOCK_FORMULA), 1);
    assert_int_equal(page->block_count, 3);
}

static void
words_and_figures_in_the_middle_are_text(void **state)
{
    struct page *page = *state;

    ink_line(page, 200, put_prose(page, 80), false, "CHAPTER XII.");
    put_prose(page, 164);
    ink_line(page, 200, 228, false, "total = price + duty");
    put_prose(page, 260);
    ink_line(page, 200, 326, false, "16:58 = 13/05/18");
    put_prose(page, 360);
    assert_int_equal(ink_count(page, BLOCK_FORMULA), 0);
}

/* At the column's edge it goes on with the text. */
static void
a_sum_at_the_left_edge_is_text(void **state)
{
    struct page *page = *state;

    put_prose(page, 80);
    ink_line(page, 60, 128, false, "a = b + c");
    put_prose(page, 160);
    assert_int_equal(ink_count(page, BLOCK_FORMULA), 0);
}

/* The second line of an item or of an indented text may be all signs. */
static void
what_goes_on_with_an_item_is_text(void **state)
{
    struct page *page = *state;

    put_prose(page, 80);
    ink_line(page, 70, 140, false,
             "c) The set of all that holds for the boats of the harbour = {x}");
    ink_line(page, 83, 152, false, "s and g(0) = x}");
    ink_line(page, 70, 170, false, "2) p(R, x) = {e}");
    put_prose(page, 194);
    assert_int_equal(ink_count(page, BLOCK_FORMULA), 0);
}

static void
without_running_text_there_is_none(void **state)
{
    static const char *const lines[] = {"General Store", "12 Quay Street", "2 x 3.50 = 7.00",
                                        "a = b + c", "Thank you"};
    struct page *page = *state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        ink_line(page, i == 2 || i == 3 ? 120 : 60, 80 + 14 * (float)i, false, lines[i]);
    assert_int_equal(ink_count(page, BLOCK_FORMULA), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(a_line_with_an_equals_sign),
        PAGE_CASE(a_formula_right_above_text),
        PAGE_CASE(a_fraction_in_three_lines),
        PAGE_CASE(words_and_figures_in_the_middle_are_text),
        PAGE_CASE(a_sum_at_the_left_edge_is_text),
        PAGE_CASE(what_goes_on_with_an_item_is_text),
        PAGE_CASE(without_running_text_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
