/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/ridges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LEAST = 40, WIDTH = 205, HEIGHT = 90, STRIDE = 208, WPL = (WIDTH + 31) / 32 };

static uint8_t pixels[HEIGHT * STRIDE];
static uint32_t words[HEIGHT * WPL];
static const struct pixmap picture = {
    .pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = STRIDE, .dpi = 150};

static void
fill(uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1, uint8_t grey)
{
    for (uint32_t y = y0; y < y1; y++)
        memset(pixels + y * STRIDE + x0, grey, x1 - x0);
}

/* The longest run of bits, across or down. */
static uint32_t
longest_run(bool level)
{
    uint32_t longest = 0;

    assert_true(ridges_find(&picture, level, LEAST, words, WPL));
    for (uint32_t i = 0; i < (level ? HEIGHT : WIDTH); i++)
        for (uint32_t k = 0, run = 0; k < (level ? WIDTH : HEIGHT); k++) {
            uint32_t x = level ? k : i, y = level ? i : k;
            run = (words[y * WPL + x / 32] >> (31 - x % 32) & 1) != 0 ? run + 1 : 0;
            longest = run > longest ? run : longest;
        }
    return longest;
}

static void
a_pale_line_is_found_along_its_way(void **state)
{
    (void)state;
    fill(0, 0, WIDTH, HEIGHT, 250);
    fill(20, 40, 180, 41, 215);
    assert_in_range(longest_run(true), 156, 164);
    assert_in_range(longest_run(false), 0, 5);
    fill(0, 0, WIDTH, HEIGHT, 250);
    fill(100, 10, 101, 80, 215);
    assert_in_range(longest_run(false), 66, 74);
    assert_in_range(longest_run(true), 0, 5);
}

/* Letters that stand on it leave paper on one side. */
static void
letters_may_touch_a_line(void **state)
{
    (void)state;
    fill(0, 0, WIDTH, HEIGHT, 250);
    fill(20, 40, 180, 41, 200);
    for (uint32_t x = 60; x < 120; x += 6)
        fill(x, 30, x + 3, 40, 60);
    assert_in_range(longest_run(true), 156, 164);
    fill(20, 40, 180, 41, 250);
    assert_in_range(longest_run(true), 0, 5); /* the letters alone */
}

/* Nor does a line across break it. */
static void
lines_that_cross_stay_whole(void **state)
{
    (void)state;
    fill(0, 0, WIDTH, HEIGHT, 250);
    fill(20, 40, 180, 41, 190);
    fill(100, 0, 101, HEIGHT, 190);
    assert_in_range(longest_run(true), 156, 164);
}

static void
edges_and_broad_stripes_are_none(void **state)
{
    (void)state;
    fill(0, 0, WIDTH, HEIGHT, 250);
    fill(0, 40, WIDTH, HEIGHT, 190); /* an area's edge */
    assert_int_equal(longest_run(true), 0);
    fill(0, 0, WIDTH, HEIGHT, 250);
    fill(0, 40, WIDTH, 50, 215); /* shading behind a row */
    assert_int_equal(longest_run(true), 0);
    fill(0, 0, WIDTH, HEIGHT, 250);
    fill(0, 40, WIDTH, 41, 240); /* a fold */
    assert_int_equal(longest_run(true), 0);
    assert_true(
        ridges_find(&(struct pixmap){.pixels = pixels}, true, LEAST, words, WPL)); /* no pixels */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pale_line_is_found_along_its_way),
        cmocka_unit_test(letters_may_touch_a_line),
        cmocka_unit_test(lines_that_cross_stay_whole),
        cmocka_unit_test(edges_and_broad_stripes_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
