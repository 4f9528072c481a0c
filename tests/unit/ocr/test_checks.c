/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/checks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 400, HEIGHT = 300, LETTER = 12, SIDE = 20 };

static struct arena *arena;
static struct pixmap sheet;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(16));
    sheet = (struct pixmap){.width = WIDTH, .height = HEIGHT, .stride = WIDTH};
    sheet.pixels = arena == NULL ? NULL : arena_alloc(arena, (size_t)WIDTH * HEIGHT);
    if (sheet.pixels == NULL)
        return 1;
    memset(sheet.pixels, 0, (size_t)WIDTH * HEIGHT);
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
fill(int x0, int y0, int x1, int y1)
{
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            sheet.pixels[y * WIDTH + x] = 1;
}

static void
frame(int x, int y, int side, int thick)
{
    fill(x, y, x + side, y + thick);
    fill(x, y + side - thick, x + side, y + side);
    fill(x, y, x + thick, y + side);
    fill(x + side - thick, y, x + side, y + side);
}

static void
line(double x0, double y0, double x1, double y1)
{
    for (double t = 0; t <= 1; t += 0.01) {
        int x = (int)(x0 + t * (x1 - x0)), y = (int)(y0 + t * (y1 - y0));
        fill(x, y, x + 2, y + 2);
    }
}

static void
circle(double x, double y, double from, double to)
{
    for (int py = 0; py < HEIGHT; py++)
        for (int px = 0; px < WIDTH; px++) {
            double r = hypot(px + 0.5 - x, py + 0.5 - y);
            if (r >= from && r <= to)
                sheet.pixels[py * WIDTH + px] = 1;
        }
}

/* The states of what is found, from the top: '-' empty, 'v' ticked, 'x' crossed; capitals, and 'o',
 * for circles. */
static void
assert_found(const char *wanted)
{
    static const char letters[2][4] = {"-vx", "oVX"};
    struct check *checks;
    size_t n;
    char got[CHECKS_MAX + 1] = "";

    assert_true(checks_find(arena, &sheet, LETTER, &checks, &n));
    for (size_t i = 0; i < n; i++)
        got[i] = letters[checks[i].round][checks[i].state];
    assert_string_equal(got, wanted);
}

static void
boxes_are_told_empty_ticked_and_crossed(void **state)
{
    (void)state;
    frame(20, 20, SIDE, 2);
    frame(20, 60, SIDE, 2);
    line(23, 70, 28, 76);
    line(28, 76, 37, 63);
    frame(20, 100, SIDE, 2);
    line(23, 103, 36, 116);
    line(36, 103, 23, 116);
    frame(20, 140, SIDE, 1);
    fill(25, 145, 35, 155);
    frame(20, 180, SIDE, 1);
    fill(30, 190, 31, 191); /* dust */
    assert_found("-vxv-");
}

static void
a_mark_may_leave_its_box(void **state)
{
    (void)state;
    frame(40, 40, SIDE, 2);
    line(43, 50, 50, 60);
    line(50, 60, 68, 30);
    frame(40, 80, SIDE, 2);
    line(36, 76, 63, 103);
    line(63, 76, 36, 103);
    assert_found("vx");
}

static void
circles_with_and_without_a_dot(void **state)
{
    (void)state;
    circle(40, 40, 9, 11);
    circle(40, 90, 9, 11);
    circle(40, 90, 0, 5);
    assert_found("oV");
}

static void
one_circle_alone_is_a_letter(void **state)
{
    (void)state;
    circle(40, 40, 9, 11);
    assert_found("");
}

/* Nothing for long on the other side: no letter stands so. */
static void
labels_may_stand_close(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        int y = 30 + 60 * i;
        frame(40, y, SIDE, 2);
        fill(40 + SIDE + 9, y + 5, 40 + SIDE + 60, y + 17);
        circle(240, y + 10, 9, 11);
        fill(180, y + 4, 223, y + 16);
    }
    assert_found("o-o-");
}

static void
letters_in_words_are_none(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        circle(30 + 24 * i, 40, 8, 10); /* o o o, close together */
        frame(30 + 20 * i, 100, 17, 2); /* square letters */
    }
    assert_found("");
}

static void
cells_and_places_for_letters_are_none(void **state)
{
    (void)state;
    for (int i = 0; i <= 6; i++) { /* a grid */
        fill(20, 20 + 24 * i, 20 + 6 * 24, 22 + 24 * i);
        fill(20 + 24 * i, 20, 22 + 24 * i, 20 + 6 * 24);
    }
    for (int i = 0; i < 5; i++) /* a date, a figure a box */
        frame(220 + 26 * i, 40, SIDE, 1);
    assert_found("");
}

static void
a_box_with_writing_is_none(void **state)
{
    (void)state;
    frame(40, 40, 44, 2);
    for (int i = 0; i < 4; i++)
        fill(46 + 8 * i, 54, 49 + 8 * i, 66);
    assert_found("");
}

static void
a_solid_square_counts_beside_an_empty_one(void **state)
{
    (void)state;
    frame(20, 20, SIDE, SIDE / 2);
    assert_found("");
    frame(20, 60, SIDE, 2);
    assert_found("v-");
}

static void
what_is_wiped_is_the_box_and_its_mark(void **state)
{
    (void)state;
    struct check *checks;
    size_t n;

    frame(40, 40, SIDE, 2);
    line(43, 50, 50, 60);
    line(50, 60, 68, 30);
    fill(80, 44, 84, 60); /* a letter */
    assert_true(checks_find(arena, &sheet, LETTER, &checks, &n));
    assert_int_equal(n, 1);
    checks_mask(&sheet, checks, n);
    assert_int_equal(sheet.pixels[41 * WIDTH + 41], 1);
    assert_int_equal(sheet.pixels[31 * WIDTH + 68], 1);
    assert_int_equal(sheet.pixels[50 * WIDTH + 82], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(boxes_are_told_empty_ticked_and_crossed),
        TEST(a_mark_may_leave_its_box),
        TEST(circles_with_and_without_a_dot),
        TEST(one_circle_alone_is_a_letter),
        TEST(labels_may_stand_close),
        TEST(letters_in_words_are_none),
        TEST(cells_and_places_for_letters_are_none),
        TEST(a_box_with_writing_is_none),
        TEST(a_solid_square_counts_beside_an_empty_one),
        TEST(what_is_wiped_is_the_box_and_its_mark),
    };

    return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}
