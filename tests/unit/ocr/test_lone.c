/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/lone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 5, PITCH = 40, LETTER = 14, LETTERS_MAX = 32 };

static struct lstm_row_word words[ROWS];
static struct tess_row rows[ROWS];
static const struct tess_rows all = {rows, ROWS};
static struct box letters[LETTERS_MAX];
static size_t count;
static struct arena *arena;

/* Five rows at the left of the page. */
static int
set_up(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        int y = 100 + i * PITCH;
        words[i] = (struct lstm_row_word){
            .box = {50, y, 250, y + 18}, .baseline_y0 = y + 14, .baseline_y1 = y + 14};
        rows[i] = (struct tess_row){.box = {50, (float)y, 250, (float)y + 18},
                                    .row = {.words = &words[i], .count = 1, .height = 20}};
    }
    count = 0;
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
put(float x, int row)
{
    float foot = (float)(114 + row * PITCH);

    letters[count++] = (struct box){x, foot - LETTER, x + 8, foot};
}

static void
figures_in_a_column_are_rows(void **state)
{
    struct tess_rows ret;

    (void)state;
    put(400, 0);
    put(400, 1);
    put(388, 2);
    put(400, 2);
    assert_true(lone_find(&all, letters, count, LETTER, arena, &ret));
    assert_int_equal(ret.count, 3);
    assert_int_equal(ret.rows[2].row.count, 1);
    assert_true(ret.rows[2].row.words[0].box.x0 < 388 && ret.rows[2].row.words[0].box.x1 > 408);
    assert_int_equal(ret.rows[2].row.words[0].baseline_y0, 114 + 2 * PITCH);
    assert_true(ret.rows[2].row.height == 20);
}

static void
two_are_no_column(void **state)
{
    struct tess_rows ret;

    (void)state;
    put(400, 0);
    put(400, 1);
    put(450, 2);
    assert_true(lone_find(&all, letters, count, LETTER, arena, &ret));
    assert_int_equal(ret.count, 0);
}

static void
what_is_level_with_no_row_is_none(void **state)
{
    struct tess_rows ret;

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        put(400, i);
        letters[count - 1].y0 += 9;
        letters[count - 1].y1 += 9;
    }
    assert_true(lone_find(&all, letters, count, LETTER, arena, &ret));
    assert_int_equal(ret.count, 0);
}

static void
parts_of_longer_texts_are_left(void **state)
{
    struct tess_rows ret;

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        put(400, i);
        put(425, i); /* a word's end, say, behind a faint comma */
    }
    assert_true(lone_find(&all, letters, count, LETTER, arena, &ret));
    assert_int_equal(ret.count, 0);
}

static void
nothing_gives_nothing(void **state)
{
    struct tess_rows ret;

    (void)state;
    assert_true(lone_find(&all, letters, count, LETTER, arena, &ret));
    assert_int_equal(ret.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_in_a_column_are_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_are_no_column, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_level_with_no_row_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_of_longer_texts_are_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_gives_nothing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
