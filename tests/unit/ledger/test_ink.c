/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/ink.h"

#include "canvas.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena, *scratch;
static struct pixmap map;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(64));
    scratch = arena_new(MiB(64));
    map = canvas_new(arena, 240);
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

static struct ink
find(void)
{
    struct ink ink;
    struct err err;

    assert_int_equal(ink_find(arena, scratch, &map, &ink, &err), ERR_OK);
    return ink;
}

static void
white_paper_has_no_ink(void **state)
{
    (void)state;
    assert_int_equal(find().count, 0);
}

static void
letters_are_parts_with_their_boxes(void **state)
{
    (void)state;
    canvas_write(&map, 100, 200, 20, 30);
    struct ink ink = find();
    assert_int_equal(ink.count, 20);
    struct box first = canvas_box(100, 200, 7, 10);
    assert_memory_equal(&ink.parts[0].box, &first, sizeof(first));
    assert_true(fabsf(ink.parts[0].ink - 40 * canvas_unit * canvas_unit) < 0.01F);
    assert_true(fabsf(ink.part_height - 10 * canvas_unit) < 0.01F);
}

static void
a_level_and_an_upright_line_are_rules_and_leave_letters_alone(void **state)
{
    (void)state;
    canvas_fill(&map, 50, 300, 400, 2, 0);
    canvas_fill(&map, 250, 200, 2, 300, 0);
    canvas_write(&map, 100, 289, 3, 0); /* one pixel above the line */
    struct ink ink = find();
    uint32_t rules = 0;
    for (uint32_t i = 0; i < ink.count; i++)
        rules += ink.parts[i].is_rule;
    assert_int_equal(rules, 1); /* they cross */
    assert_int_equal(ink.count, 4);
}

static void
light_letters_on_a_dark_ground_are_ink(void **state)
{
    (void)state;
    map = canvas_new(arena, 20);
    canvas_write(&map, 100, 200, 20, 220);
    assert_int_equal(find().count, 20);
}

static void
noise_of_a_scanner_is_none(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < map.height * map.stride; i++)
        map.pixels[i] = (uint8_t)(215 + (i * 2654435761U >> 27));
    assert_int_equal(find().count, 0);
}

/* Letters of 6 x 6 pixels whose edges are as soft as they are wide, line by line: a third of the
 * pixels are paper. */
static void
small_print_that_covers_the_paper_is_found(void **state)
{
    (void)state;
    for (int y = 0; y < 12; y++)
        for (int x = 0; x < 12; x++) {
            canvas_fill(&map, 100 + x * 12, 200 + y * 12, 9, 9, 205);
            canvas_fill(&map, 101 + x * 12, 201 + y * 12, 6, 6, 150);
        }
    assert_int_equal(find().count, 144);
}

static void
a_smeared_word_is_no_rule(void **state)
{
    (void)state;
    canvas_fill(&map, 100, 200, 70, 2, 60); /* along the feet of its letters */
    for (int x = 100; x < 170; x += 7)
        canvas_fill(&map, x, 192, 5, 10, 60);
    struct ink ink = find();
    assert_int_equal(ink.count, 1);
    assert_false(ink.parts[0].is_rule);
}

static void
a_large_picture_is_looked_at_in_small(void **state)
{
    (void)state;
    map.width = map.stride = 6000;
    map.height = 3000;
    map.dpi = 600;
    map.pixels = arena_array(arena, map.height, map.stride);
    memset(map.pixels, 255, map.height * map.stride);
    canvas_fill(&map, 1200, 1200, 60, 120, 0);
    struct ink ink = find();
    assert_int_equal(ink.count, 1);
    assert_true(fabsf(box_width(ink.parts[0].box) - 7.2F) < 1);
    assert_true(fabsf(ink.parts[0].box.x0 - 144) < 1);
}

static void
want_of_room_is_an_error(void **state)
{
    (void)state;
    struct arena *little = arena_new(KiB(64));
    struct ink ink;
    struct err err;

    assert_int_equal(ink_find(arena, little, &map, &ink, &err), ERR_LIMIT);
    arena_drop(&little);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(white_paper_has_no_ink, set_up, tear_down),
        cmocka_unit_test_setup_teardown(letters_are_parts_with_their_boxes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_level_and_an_upright_line_are_rules_and_leave_letters_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(light_letters_on_a_dark_ground_are_ink, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_of_a_scanner_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_print_that_covers_the_paper_is_found, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_smeared_word_is_no_rule, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_picture_is_looked_at_in_small, set_up, tear_down),
        cmocka_unit_test_setup_teardown(want_of_room_is_an_error, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
