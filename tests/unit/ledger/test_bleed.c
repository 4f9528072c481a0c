/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/bleed.h"

#include "canvas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { PAPER = 240, PALE = 120, LINES = 10, LETTERS = 20, PITCH = 30, TOP = 100, LEFT = 80 };

static struct arena *arena, *scratch;
static struct pixmap map;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(64));
    scratch = arena_new(MiB(64));
    map = canvas_new(arena, PAPER);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    arena_drop(&scratch);
    return 0;
}

/* The mean of the nine around each pixel, as paper scatters light. */
static void
blur(void)
{
    uint8_t *from = arena_array(arena, map.height, map.stride);

    memcpy(from, map.pixels, map.height * map.stride);
    for (size_t y = 1; y + 1 < map.height; y++)
        for (size_t x = 1; x + 1 < map.width; x++) {
            int sum = 0;
            for (size_t k = 0; k < 9; k++)
                sum += from[(y + k / 3 - 1) * map.stride + x + k % 3 - 1];
            map.pixels[y * map.stride + x] = (uint8_t)(sum / 9);
        }
}

static void
write_lines(int y, uint8_t level)
{
    for (int i = 0; i < LINES; i++)
        canvas_write(&map, LEFT, y + i * PITCH, LETTERS, level);
}

static bool
lift(void)
{
    struct ink ink;
    struct err err;

    assert_int_equal(ink_find(arena, scratch, &map, &ink, &err), ERR_OK);
    return bleed_lift(&ink, &map);
}

static uint32_t
count_ink(int y0, int y1)
{
    uint32_t n = 0;

    for (int y = y0; y < y1; y++)
        for (size_t x = 0; x < map.width; x++)
            n += map.pixels[(size_t)y * map.stride + x] < PAPER - 30;
    return n;
}

/* Ten lines of this side, and ten of the reverse between and beside them: its fifth letter of each
 * runs into this side's. */
static void
shine(bool blurred)
{
    write_lines(TOP + 12, PALE);
    for (int i = 0; i < LINES; i++)
        canvas_fill(&map, LEFT + 30, TOP + 4 + i * PITCH, 14, 14, PALE + 45);
    if (blurred)
        blur();
    write_lines(TOP, 20);
}

static void
the_reverse_side_is_lifted_and_this_side_stays(void **state)
{
    (void)state;
    write_lines(TOP, 20);
    uint32_t front = count_ink(TOP, TOP + 10);
    memset(map.pixels, PAPER, map.height * map.stride);
    shine(true);
    uint32_t back = count_ink(TOP + 14, TOP + 22);
    assert_true(lift());
    assert_true(count_ink(TOP + 14, TOP + 22) * 20 < back);
    assert_true(count_ink(TOP, TOP + 10) >= front);
}

static void
sharp_pale_print_stays(void **state)
{
    (void)state;
    shine(false);
    assert_false(lift());
}

static void
pale_print_that_touches_nothing_stays(void **state)
{
    (void)state;
    write_lines(TOP + 12, PALE);
    blur();
    write_lines(TOP, 20);
    assert_false(lift());
}

static void
one_ink_is_left_as_it_is(void **state)
{
    (void)state;
    write_lines(TOP, 20);
    assert_false(lift());
    memset(map.pixels, PAPER, map.height * map.stride);
    write_lines(TOP, PALE);
    blur();
    assert_false(lift());
}

/* Sharp pale letters by themselves are this side's though another place shines through. */
static void
pale_print_beside_the_reverse_side_stays(void **state)
{
    (void)state;
    shine(true);
    for (int i = 0; i < 4; i++)
        canvas_write(&map, LEFT, 560 + i * 20, LETTERS, PALE);
    uint32_t pale = count_ink(560, 640);
    assert_true(lift());
    assert_int_equal(count_ink(560, 640), pale);
}

static void
specks_all_over_are_left_as_they_are(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (size_t i = 0; i < map.height * map.stride; i++) {
        seed = seed * 1664525 + 1013904223;
        map.pixels[i] = (uint8_t)((seed >> 24) < 60 ? PALE - (seed >> 16 & 127) : PAPER);
    }
    (void)lift();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_reverse_side_is_lifted_and_this_side_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sharp_pale_print_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pale_print_that_touches_nothing_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_ink_is_left_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pale_print_beside_the_reverse_side_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(specks_all_over_are_left_as_they_are, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
