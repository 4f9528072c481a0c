/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "worker/cut.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 200, HEIGHT = 60 };

static const struct cut_line line = {.rule = 8, .edge = 14, .around = 14};
static struct arena *arena;
static struct pixmap page;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(4));
    page = (struct pixmap){.pixels = arena_alloc(arena, (size_t)WIDTH * HEIGHT),
                           .width = WIDTH,
                           .height = HEIGHT,
                           .stride = WIDTH,
                           .dpi = 72};
    memset(page.pixels, 230, (size_t)WIDTH * HEIGHT);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

static void
fill(uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1, uint8_t level)
{
    for (uint32_t y = y0; y < y1; y++)
        memset(page.pixels + y * page.stride + x0, level, x1 - x0);
}

/* Cuts the whole of it out, as a line or not. */
static struct cut
cut_all(const struct cut_line *as)
{
    struct cut cut = {.c = 1, .unit = 1, .box = {0, 0, WIDTH, HEIGHT}};

    if (as != NULL)
        cut.line = *as;
    assert_true(cut_turn(arena, &page, &cut));
    return cut;
}

static int
level(const struct cut *cut, uint32_t x, uint32_t y)
{
    return cut->picture.pixels[y * cut->picture.stride + x];
}

static void
ink_becomes_black_and_paper_white(void **state)
{
    (void)state;
    fill(50, 20, 60, 45, 90);
    struct cut cut = cut_all(&line);
    assert_int_equal(level(&cut, 55, 30), 0);
    assert_int_equal(level(&cut, 100, 30), 255);
}

static void
rules_go_and_the_letters_beside_them_stay(void **state)
{
    (void)state;
    fill(0, 4, WIDTH, 7, 90);                      /* above */
    for (uint32_t x = 0; x + 12 <= WIDTH; x += 20) /* dashed, below */
        fill(x, 54, x + 12, 56, 90);
    fill(10, 0, 12, HEIGHT, 150); /* fainter, upright */
    fill(50, 16, 55, 44, 90);     /* an l */
    fill(70, 24, 150, 44, 90);    /* a word that is one part */
    struct cut cut = cut_all(&line);
    assert_int_equal(level(&cut, 100, 5), 255);
    assert_int_equal(level(&cut, 5, 55), 255);
    assert_int_equal(level(&cut, 11, 30), 255);
    assert_int_equal(level(&cut, 52, 30), 0);
    assert_int_equal(level(&cut, 100, 30), 0);
}

static void
what_is_no_line_loses_the_frame_around_it(void **state)
{
    (void)state;
    fill(5, 5, 195, 55, 90);
    fill(8, 8, 192, 52, 230);
    fill(50, 20, 60, 45, 90);
    struct cut cut = cut_all(NULL);
    assert_int_equal(level(&cut, 6, 30), 255);
    assert_int_equal(level(&cut, 55, 30), 0);
}

static void
paper_alone_is_nothing_to_cut_out(void **state)
{
    (void)state;
    struct cut cut = {.c = 1, .unit = 1, .box = {0, 0, WIDTH, HEIGHT}};

    assert_false(cut_turn(arena, &page, &cut));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ink_becomes_black_and_paper_white, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rules_go_and_the_letters_beside_them_stay, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_line_loses_the_frame_around_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(paper_alone_is_nothing_to_cut_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
