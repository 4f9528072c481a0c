/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/askew.h"

#include "lines.h"

#include <math.h>

static struct askew found[ASKEW_MOST];

/* Letters one behind the other, from (x, y) on, in that direction. */
static void
write_askew(int x, int y, int letters, double degrees)
{
    for (int i = 0; i < letters; i++)
        canvas_write(&map, x + (int)lround(12 * i * cos(degrees * M_PI / 180)),
                     y + (int)lround(12 * i * sin(degrees * M_PI / 180)), 1, 20);
}

static uint32_t
find(void)
{
    bool writing = false;
    uint32_t n = 0;
    struct err err;

    assert_int_equal(ledger_see(ledger, &map, scratch, &writing, &err), ERR_OK);
    assert_int_equal(askew_find(ledger, page, scratch, found, &n, &err), ERR_OK);
    return n;
}

static void
level_lines_are_none(void **state)
{
    (void)state;
    assert_int_equal(find(), 0);
}

static void
the_direction_of_writing_askew_is_found(void **state)
{
    (void)state;
    for (int degrees = -45; degrees <= 45; degrees += 15) {
        if (degrees == 0)
            continue;
        (void)tear_down(NULL);
        (void)set_up(NULL);
        write_askew(300, 550, 8, degrees);
        assert_int_equal(find(), 1);
        assert_true(fabs((double)found[0].angle - degrees) < 4);
        assert_true(found[0].lean == found[0].angle);
        assert_int_equal(found[0].parts, 8);
        assert_true(box_width(found[0].box) > 6 * found[0].letter);
        assert_true(box_height(found[0].box) < 3 * found[0].letter);
    }
}

static void
lines_that_run_up_or_down_are_upright(void **state)
{
    (void)state;
    write_askew(40, 400, 9, 90);
    assert_int_equal(find(), 1);
    assert_true(fabsf(found[0].angle) == 90);
    assert_true(found[0].lean == 90);
}

static void
lines_of_one_label_are_one(void **state)
{
    (void)state;
    write_askew(200, 500, 12, 20);
    write_askew(194, 516, 12, 20);
    assert_int_equal(find(), 1);
    assert_true(found[0].parts >= 20);
}

static void
the_longest_comes_first(void **state)
{
    (void)state;
    write_askew(100, 600, 5, 30);
    write_askew(300, 500, 12, -30);
    assert_int_equal(find(), 2);
    assert_true(found[0].angle < 0);
}

static void
what_was_surely_read_is_left_alone(void **state)
{
    (void)state;
    write_askew(300, 550, 8, 30);
    struct page_word *word = page_add_word(page);
    struct page_line *line = page_add_line(page);
    word->box = line->box = canvas_box(295, 545, 110, 75);
    word->text = "received";
    word->confidence = 0.95F;
    line->word_count = 1;
    assert_int_equal(find(), 0);
    page->words[0].confidence = 0.5F;
    assert_int_equal(find(), 1);
    page->words[0].confidence = 0.95F;
    page->words[0].text = "I";
    assert_int_equal(find(), 1);
}

static void
on_a_turned_page_level_is_what_was_turned(void **state)
{
    (void)state;
    write_askew(40, 400, 9, 90);
    page_turn(page, 270);
    uint32_t n = find();
    for (uint32_t i = 0; i < n; i++)
        assert_true(found[i].lean == 90 && found[i].angle == 0);
}

static void
three_letters_and_scattered_ones_are_none(void **state)
{
    (void)state;
    write_askew(300, 500, 3, 30);
    for (int i = 0; i < 12; i++)
        canvas_write(&map, 60 + 37 * i, 600 + 41 * (i * 5 % 4), 1, 20);
    assert_int_equal(find(), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(level_lines_are_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_direction_of_writing_askew_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_that_run_up_or_down_are_upright, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_of_one_label_are_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_longest_comes_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_surely_read_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(on_a_turned_page_level_is_what_was_turned, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(three_letters_and_scattered_ones_are_none, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
