/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/drawings.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena *arena;
static struct page *page;
static struct drawings *drawings;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(16));
    page = page_new(arena, 0, 600, 800);
    drawings = drawings_new(arena, page);
    return drawings == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

static void
stroke(float x0, float y0, float x1, float y1, int corners)
{
    float length = x1 - x0 + y1 - y0;
    struct drawn_path path = {{x0, y0, x1, y1}, length, length, corners, false};

    drawings_add(drawings, &path);
}

static void
fill(float x0, float y0, float x1, float y1)
{
    struct drawn_path path = {{x0, y0, x1, y1}, 2 * (x1 - x0 + y1 - y0), 0, 5, true};

    drawings_add(drawings, &path);
}

static void
rule(float x0, float y0, float x1, float y1)
{
    struct page_region *region = page_add_region(page);

    *region = (struct page_region){.box = {x0, y0, x1, y1}, .kind = REGION_RULE};
}

static uint32_t
finish(struct box *ret)
{
    struct err err;
    uint32_t n = 0;

    assert_int_equal(drawings_finish(drawings, page, &err), ERR_OK);
    for (uint32_t i = 0; i < page->region_count; i++)
        if (page->regions[i].kind == REGION_DRAWING) {
            *ret = page->regions[i].box;
            n++;
        }
    return n;
}

static void
a_curve_with_its_axes_is_one(void **state)
{
    struct box box;

    (void)state;
    stroke(110, 110, 290, 200, 40);
    rule(100, 100, 101, 210);
    rule(100, 209, 300, 210);
    assert_int_equal(finish(&box), 1);
    assert_true(box.x0 == 100 && box.y0 == 100 && box.x1 == 300 && box.y1 == 210);
}

static void
bars_on_one_foot_are_one(void **state)
{
    struct box box;

    (void)state;
    for (int i = 0; i < 6; i++)
        fill(100 + 20 * (float)i, 200 - 12 * (float)(i + 2), 112 + 20 * (float)i, 200);
    assert_int_equal(finish(&box), 1);
}

static void
shades_of_a_table_are_none(void **state)
{
    struct box box;

    (void)state;
    for (int i = 0; i < 12; i++)
        fill(100, 200 + 20 * (float)i, 400, 210 + 20 * (float)i);
    assert_int_equal(finish(&box), 0);
}

static void
a_frame_with_round_corners_is_none(void **state)
{
    struct box box;
    struct drawn_path path = {{100, 100, 400, 300}, 1000, 64, 9, false};

    (void)state;
    for (int i = 0; i < 4; i++)
        drawings_add(drawings, &path);
    rule(100, 200, 400, 201);
    assert_int_equal(finish(&box), 0);
}

static void
letters_drawn_as_outlines_are_none(void **state)
{
    struct box box;

    (void)state;
    for (int i = 0; i < 200; i++) {
        float x = 100 + 8 * (float)(i % 40), y = 100 + 14 * (float)(i / 40);
        struct drawn_path path = {{x, y, x + 6, y + 9}, 40, 30, 14, true};
        drawings_add(drawings, &path);
    }
    assert_int_equal(finish(&box), 0);
}

static void
two_apart_are_two_and_small_ones_none(void **state)
{
    struct box box;

    (void)state;
    stroke(100, 100, 200, 200, 20);
    stroke(100, 400, 200, 500, 20);
    stroke(500, 600, 520, 620, 20);
    assert_int_equal(finish(&box), 2);
}

static void
a_map_takes_no_more_than_its_share(void **state)
{
    struct box box;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        float x = (float)(i * 7 % 500), y = (float)(i * 13 % 700);
        stroke(x, y, x + 20, y + 20, 3);
        fill(x, y, x + 5, y + 5);
    }
    assert_true(finish(&box) <= 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_curve_with_its_axes_is_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bars_on_one_foot_are_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shades_of_a_table_are_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_frame_with_round_corners_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(letters_drawn_as_outlines_are_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_apart_are_two_and_small_ones_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_map_takes_no_more_than_its_share, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
