/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/reversed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 400, HEIGHT = 300, PAPER = 250, GROUND = 70 };

static uint8_t pixels[HEIGHT * WIDTH];
static const struct pixmap picture = {
    .pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = WIDTH, .dpi = 100};

static void
fill(int x0, int y0, int x1, int y1, int grey)
{
    for (int y = y0; y < y1; y++)
        memset(pixels + y * WIDTH + x0, grey, (size_t)(x1 - x0));
}

/* Strokes of a line of print. */
static void
print_line(int x0, int x1, int y, int grey)
{
    for (int x = x0; x < x1; x += 6)
        fill(x, y, x + 2, y + 9, grey);
}

static uint32_t
mend(void)
{
    uint32_t bands = 99;

    assert_true(reversed_mend(&picture, &bands));
    return bands;
}

static int
set_up(void **state)
{
    (void)state;
    memset(pixels, PAPER, sizeof(pixels));
    return 0;
}

static void
light_print_on_a_band_becomes_dark_print_on_paper(void **state)
{
    (void)state;
    fill(40, 100, 360, 122, GROUND);
    print_line(60, 120, 106, 255);
    print_line(200, 300, 106, 255);
    print_line(60, 300, 140, 20);
    assert_int_equal(mend(), 1);
    assert_true(pixels[110 * WIDTH + 60] < 30);      /* the print */
    assert_true(pixels[110 * WIDTH + 150] >= PAPER); /* the ground */
    for (int y = 95; y < 127; y++)                   /* and nothing is left of the edges */
        for (int x = 130; x < 190; x++)
            assert_true(pixels[y * WIDTH + x] > 200);
    assert_int_equal(pixels[144 * WIDTH + 60], 20); /* other print stays */
}

static void
a_band_that_leans_is_one(void **state)
{
    (void)state;
    for (int x = 40; x < 360; x++)
        fill(x, 100 + x / 40, x + 1, 124 + x / 40, GROUND);
    for (int x = 60; x < 300; x += 6)
        fill(x, 107 + x / 40, x + 2, 116 + x / 40, 250);
    assert_int_equal(mend(), 1);
}

static void
dark_areas_without_light_print_stay(void **state)
{
    uint8_t before[sizeof(pixels)];

    (void)state;
    fill(40, 20, 360, 42, GROUND);    /* a bar */
    fill(40, 60, 360, 82, 150);       /* dark print on grey */
    print_line(60, 300, 66, 20);      /* */
    print_line(60, 300, 120, 20);     /* a line */
    for (int y = 150; y < 250; y++) { /* a disc with a light spot */
        int half = 50 - (y > 200 ? y - 200 : 200 - y);
        fill(200 - half, y, 200 + half + 1, y + 1, GROUND);
    }
    fill(190, 190, 210, 210, 255);
    memcpy(before, pixels, sizeof(pixels));
    assert_int_equal(mend(), 0);
    assert_memory_equal(before, pixels, sizeof(pixels));
}

static void
a_picture_of_many_greys_stays(void **state)
{
    (void)state;
    for (int y = 100; y < 200; y++)
        for (int x = 40; x < 360; x++)
            pixels[y * WIDTH + x] = (uint8_t)(20 + (x * 7 + y * 13) % 140);
    print_line(60, 300, 150, 255);
    assert_int_equal(mend(), 0);
}

static void
small_and_empty_pictures_have_none(void **state)
{
    const struct pixmap tiny = {.pixels = pixels, .width = 3, .height = 2, .stride = WIDTH};
    uint32_t bands = 99;

    (void)state;
    assert_true(reversed_mend(&tiny, &bands));
    assert_int_equal(bands, 0);
    memset(pixels, 0, sizeof(pixels));
    assert_int_equal(mend(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(light_print_on_a_band_becomes_dark_print_on_paper, set_up),
        cmocka_unit_test_setup(a_band_that_leans_is_one, set_up),
        cmocka_unit_test_setup(dark_areas_without_light_print_stay, set_up),
        cmocka_unit_test_setup(a_picture_of_many_greys_stays, set_up),
        cmocka_unit_test_setup(small_and_empty_pictures_have_none, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
