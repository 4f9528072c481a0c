/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/underscore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 160, HEIGHT = 60, BASE = 40, TALL = 14, PAPER = 235, INK = 40, PALE = 120 };

static uint8_t pixels[HEIGHT * WIDTH];
static const struct pixmap sheet = {
    .pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = WIDTH};

static void
fill(int x0, int y0, int x1, int y1, uint8_t level)
{
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            pixels[y * WIDTH + x] = level;
}

/* Strokes for letters, from x0 to x1, on a line that climbs by rise from 20 to 115. */
static void
letters(int x0, int x1, int rise)
{
    for (int x = x0; x + 3 <= x1; x += 5) {
        int base = BASE - rise * (x - 20) / 95;
        fill(x, base - TALL, x + 3, base, INK);
    }
}

/* Two words, 20 to 63 and 72 to 115, on fresh paper. */
static void
two_words(int rise)
{
    memset(pixels, PAPER, sizeof(pixels));
    letters(20, 63, rise);
    letters(72, 115, rise);
}

static bool
look(int rise)
{
    struct lstm_row_word word = {{20, BASE - TALL - rise, 115, BASE}, 20, BASE, 115, BASE - rise};
    struct lstm_row row = {&word, 1, 20, -4, HEIGHT};
    struct box left = {20, BASE - TALL, 63, BASE}, right = {72, BASE - TALL, 115, BASE};

    return underscore_between(&sheet, &row, left, right);
}

static void
a_bar_below_the_gap_is_one(void **state)
{
    (void)state;
    two_words(0);
    fill(63, BASE + 2, 72, BASE + 3, PALE);
    assert_true(look(0));
}

static void
a_space_is_none(void **state)
{
    (void)state;
    two_words(0);
    assert_false(look(0));
}

static void
a_speck_below_the_gap_is_none(void **state)
{
    (void)state;
    two_words(0);
    fill(66, BASE + 2, 68, BASE + 4, INK);
    assert_false(look(0));
}

static void
a_line_under_both_words_is_none(void **state)
{
    (void)state;
    two_words(0);
    fill(10, BASE + 2, 150, BASE + 3, PALE);
    assert_false(look(0));
}

static void
a_dash_is_none(void **state)
{
    (void)state;
    two_words(0);
    fill(64, BASE - 6, 71, BASE - 5, INK);
    assert_false(look(0));
}

static void
letters_of_the_line_below_are_none(void **state)
{
    (void)state;
    two_words(0);
    fill(63, BASE + 4, 72, BASE + 5, PALE); /* a T's bar, and its stem */
    fill(66, BASE + 5, 69, BASE + 18, INK);
    assert_false(look(0));
}

static void
on_a_line_that_climbs_it_is_looked_for_where_the_baseline_is(void **state)
{
    (void)state;
    two_words(6);
    fill(63, BASE - 1, 72, BASE, PALE); /* 2 below the line's middle, at 37 */
    assert_true(look(6));
}

static void
at_the_pictures_edge_nothing_is_looked_at(void **state)
{
    (void)state;
    struct lstm_row_word word = {{20, 50, 115, 60}, 20, 59, 115, 59};
    struct lstm_row row = {&word, 1, 20, -4, HEIGHT};

    two_words(0);
    assert_false(underscore_between(&sheet, &row, (struct box){-30, 45, -20, 59},
                                    (struct box){-12, 45, 10, 59}));
    assert_false(underscore_between(&sheet, &row, (struct box){120, 45, 158, 59},
                                    (struct box){170, 45, 190, 59}));
    row.count = 0;
    assert_false(underscore_between(&sheet, &row, (struct box){20, 26, 63, 40},
                                    (struct box){72, 26, 115, 40}));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_below_the_gap_is_one),
        cmocka_unit_test(a_space_is_none),
        cmocka_unit_test(a_speck_below_the_gap_is_none),
        cmocka_unit_test(a_line_under_both_words_is_none),
        cmocka_unit_test(a_dash_is_none),
        cmocka_unit_test(letters_of_the_line_below_are_none),
        cmocka_unit_test(on_a_line_that_climbs_it_is_looked_for_where_the_baseline_is),
        cmocka_unit_test(at_the_pictures_edge_nothing_is_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
