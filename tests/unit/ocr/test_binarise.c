/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/binarise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Neither side is a whole number of tiles or words. */
enum { WIDTH = 203, HEIGHT = 110, STRIDE = 208, WPL = (WIDTH + 31) / 32 };

static uint8_t pixels[HEIGHT * STRIDE];
static uint32_t words[HEIGHT * WPL];
static const struct pixmap picture = {
    .pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = STRIDE, .dpi = 150};

static bool
is_ink(uint32_t x, uint32_t y)
{
    return (words[y * WPL + x / 32] >> (31 - x % 32) & 1) != 0;
}

static void
fill(uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1, uint8_t grey)
{
    for (uint32_t y = y0; y < y1; y++)
        memset(pixels + y * STRIDE + x0, grey, x1 - x0);
}

static uint32_t
count_ink(void)
{
    uint32_t n = 0;

    assert_true(binarise(&picture, words, WPL));
    for (size_t i = 0; i < HEIGHT * WPL; i++)
        n += (uint32_t)__builtin_popcount(words[i]);
    return n;
}

static void
what_is_darker_than_its_edges_is_ink(void **state)
{
    (void)state;
    fill(0, 0, WIDTH, HEIGHT, 220);
    fill(90, 20, 130, 60, 80);          /* over two tiles */
    fill(195, 100, WIDTH, HEIGHT, 120); /* in the corner, paler */
    assert_int_equal(40 * 40 + 8 * 10, count_ink());
    assert_true(is_ink(90, 20) && is_ink(129, 59) && is_ink(202, 109));
    assert_false(is_ink(89, 20) || is_ink(130, 59) || is_ink(194, 109));
}

static void
a_weak_edge_parts_nothing(void **state)
{
    (void)state;
    fill(0, 0, WIDTH, HEIGHT, 220);
    fill(40, 40, 80, 80, 192); /* a stripe: 28 grey levels */
    assert_int_equal(0, count_ink());
    assert_true(binarise(&(struct pixmap){.pixels = pixels}, words, WPL)); /* no pixels, no harm */
}

static void
noise_of_the_paper_is_grain(void **state)
{
    uint32_t seed = 7;

    (void)state;
    fill(0, 0, WIDTH, HEIGHT, 220);
    fill(90, 20, 130, 60, 80);
    assert_false(binarise_has_grain(&picture));
    for (size_t i = 0; i < sizeof(pixels); i++) {
        seed = seed * 1664525 + 1013904223;
        pixels[i] = (uint8_t)(pixels[i] - (seed >> 24) % 24);
    }
    assert_true(binarise_has_grain(&picture));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_darker_than_its_edges_is_ink),
        cmocka_unit_test(a_weak_edge_parts_nothing),
        cmocka_unit_test(noise_of_the_paper_is_grain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
