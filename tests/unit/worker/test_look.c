/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "worker/worker_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 200, HEIGHT = 100, STRIDE = 208 };

static uint8_t pixels[HEIGHT * STRIDE];
static const struct pixmap picture = {
    .pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = STRIDE, .dpi = 72};

static void
fill(uint8_t paper, uint8_t ink, unsigned ink_rows_in_100)
{
    memset(pixels, 0, sizeof(pixels)); /* behind the end of a row: not part of the picture */
    for (unsigned y = 0; y < HEIGHT; y++)
        memset(pixels + y * STRIDE, y * 37 % 100 < ink_rows_in_100 ? ink : paper, WIDTH);
}

static void
paper_with_noise_is_blank_and_one_dot_is_not(void **state)
{
    (void)state;
    fill(250, 235, 50);
    assert_true(look_is_blank(&picture));
    assert_false(look_may_hold_text(&picture));
    pixels[50 * STRIDE + 20] = 90;
    assert_false(look_is_blank(&picture));
}

static void
writing_has_a_background_and_little_ink(void **state)
{
    (void)state;
    fill(255, 10, 12);
    assert_true(look_may_hold_text(&picture));
    fill(20, 240, 12); /* light on dark */
    assert_true(look_may_hold_text(&picture));
    fill(255, 10, 49);
    assert_false(look_may_hold_text(&picture));
}

static void
a_photograph_has_every_level(void **state)
{
    (void)state;
    for (unsigned y = 0; y < HEIGHT; y++)
        for (unsigned x = 0; x < WIDTH; x++)
            pixels[y * STRIDE + x] = (uint8_t)(x + y);
    assert_false(look_may_hold_text(&picture));
    assert_false(look_is_blank(&picture));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paper_with_noise_is_blank_and_one_dot_is_not),
        cmocka_unit_test(writing_has_a_background_and_little_ink),
        cmocka_unit_test(a_photograph_has_every_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
