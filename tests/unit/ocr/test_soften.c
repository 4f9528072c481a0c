/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/soften.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 5, HEIGHT = 4, STRIDE = 8 };

static uint8_t pixels[HEIGHT * STRIDE];
static const struct pixmap picture = {
    .pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = STRIDE, .dpi = 300};
static struct arena *arena;

static int
set_up(void **state)
{
    (void)state;
    memset(pixels, 0, sizeof(pixels));
    arena = arena_new(MiB(1));
    return arena == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

static void
each_pixel_is_the_mean_of_those_around_it(void **state)
{
    struct pixmap out;

    (void)state;
    pixels[1 * STRIDE + 2] = 90;
    assert_true(soften(arena, &picture, (struct lstm_box){0, 0, WIDTH, HEIGHT}, &out));
    assert_int_equal(out.width, WIDTH);
    assert_int_equal(out.height, HEIGHT);
    assert_true(out.dpi == 300);
    assert_int_equal(out.pixels[1 * out.stride + 2], 10);
    assert_int_equal(out.pixels[2 * out.stride + 3], 10);
    assert_int_equal(out.pixels[0 * out.stride + 2], 15); /* of six that the picture has */
    assert_int_equal(out.pixels[1 * out.stride + 0], 0);
    assert_int_equal(out.pixels[3 * out.stride + 2], 0);
}

static void
what_stands_beside_a_piece_counts(void **state)
{
    struct pixmap out;

    (void)state;
    pixels[2 * STRIDE + 1] = 90;
    assert_true(soften(arena, &picture, (struct lstm_box){2, 1, 4, 3}, &out));
    assert_int_equal(out.width, 2);
    assert_int_equal(out.height, 2);
    assert_int_equal(out.pixels[0], 10);
    assert_int_equal(out.pixels[1], 0);
}

static void
a_box_over_the_edges_is_cut(void **state)
{
    struct pixmap out;

    (void)state;
    assert_true(soften(arena, &picture, (struct lstm_box){-3, -2, 2, 100}, &out));
    assert_int_equal(out.width, 2);
    assert_int_equal(out.height, HEIGHT);
    assert_true(soften(arena, &picture, (struct lstm_box){WIDTH, 0, WIDTH + 4, 2}, &out));
    assert_int_equal(out.width, 0);
    assert_true(soften(arena, &picture, (struct lstm_box){-4, -4, 0, 0}, &out));
    assert_int_equal(out.height, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_pixel_is_the_mean_of_those_around_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_stands_beside_a_piece_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_box_over_the_edges_is_cut, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
