/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/codec.h"
#include "page/warp.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const float width = 400, height = 600;

static float
bow(float x)
{
    return 24 * sinf(3 * x / width);
}

/* Rows that bow, and lean more the lower they stand; a page that widens downwards. */
static struct page_warp
bent(void)
{
    struct page_warp warp = {.frame = {0, -20, width, height + 20}};

    for (int row = 0; row < WARP_SIDE; row++)
        for (int column = 0; column < WARP_SIDE; column++) {
            float u = width * (float)column / (WARP_SIDE - 1);
            float v = -20 + (height + 40) * (float)row / (WARP_SIDE - 1);
            warp.x[row][column] = u + (u - width / 2) * v / height / 8;
            warp.y[row][column] = v + bow(u) + u * v / height / 10;
        }
    return warp;
}

static void
there_and_back_is_the_same_place(void **state)
{
    struct page_warp warp = bent();

    (void)state;
    for (float v = -40; v < height + 40; v += 37)
        for (float u = -10; u < width + 10; u += 23) {
            float x, y, u1, v1;
            warp_there(&warp, u, v, &x, &y);
            warp_back(&warp, x, y, &u1, &v1);
            assert_float_equal(u1, u, 0.02);
            assert_float_equal(v1, v, 0.02);
        }
}

static struct page *
page_with_word(struct arena *arena, struct box box)
{
    struct page *page = page_new(arena, 0, width, height);

    assert_non_null(page);
    struct page_word *word = page_add_word(page);
    assert_non_null(word);
    word->box = box;
    word->text = "word";
    return page;
}

/* Whatever was turned, made level and straightened: a box goes back to where it was. */
static void
a_straightened_page_knows_where_its_boxes_were_seen(void **state)
{
    struct page_warp warp = bent();
    struct box seen = {100, 200, 130, 210};

    (void)state;
    for (int turned = 0; turned < 360; turned += 90) {
        struct arena *arena = arena_new(MiB(1));
        struct page *page = page_with_word(arena, seen);
        if (turned != 0)
            page_turn(page, turned);
        page_level(page, 3);
        page_straighten(page, &warp);
        struct box back = page_box_as_seen(page, page->words[0].box);
        struct box read = page_box_as_read(page, seen);
        assert_float_equal((back.x0 + back.x1) / 2, 115, 0.6);
        assert_float_equal((back.y0 + back.y1) / 2, 205, 0.6);
        assert_true(back.x0 < 101.5F && back.x1 > 128.5F && back.y0 < 201 && back.y1 > 209);
        assert_float_equal(read.x0, page->words[0].box.x0, 0.01);
        assert_float_equal(read.y1, page->words[0].box.y1, 0.01);
        arena_drop(&arena);
    }
}

static void
a_page_turned_after_it_was_straightened_knows_it_too(void **state)
{
    struct box seen = {100, 200, 130, 210};

    (void)state;
    for (int degrees = 90; degrees < 360; degrees += 90) {
        struct page_warp warp = bent();
        struct arena *arena = arena_new(MiB(1));
        struct page *page = page_with_word(arena, seen);
        page_straighten(page, &warp);
        page_turn(page, degrees);
        struct box back = page_box_as_seen(page, page->words[0].box);
        assert_float_equal((back.x0 + back.x1) / 2, 115, 0.6);
        assert_float_equal((back.y0 + back.y1) / 2, 205, 0.6);
        arena_drop(&arena);
    }
}

static void
the_direction_of_rows_is_known_at_each_place(void **state)
{
    struct page_warp warp = bent();
    struct arena *arena = arena_new(MiB(1));
    struct page *page = page_with_word(arena, (struct box){100, 200, 130, 210});
    float x0, y0, x1, y1;

    (void)state;
    page_level(page, 2);
    assert_float_equal(page_turn_at(page, 50, 100), 2, 1e-5);
    page_straighten(page, &warp);
    warp_there(&warp, 46, 100, &x0, &y0);
    warp_there(&warp, 54, 100, &x1, &y1);
    assert_float_equal(page_turn_at(page, 50, 100),
                       2 - atan2f(y1 - y0, x1 - x0) * 180 / (float)M_PI, 1e-3);
    assert_true(page_turn_at(page, 50, 100) < -3);
    arena_drop(&arena);
}

static void
a_stored_page_keeps_how_it_bends(void **state)
{
    struct page_warp warp = bent();
    struct arena *arena = arena_new(MiB(64));
    struct page *page = page_with_word(arena, (struct box){100, 200, 130, 210}), *read = NULL;
    struct err err = {0};
    struct buf straight, out;

    (void)state;
    buf_init(&straight, MiB(1));
    buf_init(&out, MiB(1));
    page_encode(page, &straight);
    page_straighten(page, &warp);
    page_encode(page, &out);
    assert_true(out.len > straight.len);
    assert_int_equal(page_decode(arena, (struct span){out.data, out.len}, &read, &err), ERR_OK);
    assert_non_null(read->warp);
    assert_memory_equal(read->warp, &warp, sizeof(warp));
    for (size_t len = 0; len < out.len; len++) /* cut short */
        assert_int_equal(page_decode(arena, (struct span){out.data, len}, &read, &err),
                         ERR_PROTOCOL);
    assert_int_equal(page_decode(arena, (struct span){straight.data, straight.len}, &read, &err),
                     ERR_OK);
    assert_null(read->warp);
    buf_fini(&straight);
    buf_fini(&out);
    arena_drop(&arena);
}

/* Whatever stands there: it is refused, or leads to places that can be reckoned with. */
static void
a_spoilt_net_leads_somewhere(void **state)
{
    struct page_warp warp = bent();
    struct arena *arena = arena_new(MiB(64));
    struct page *page = page_with_word(arena, (struct box){100, 200, 130, 210}), *read = NULL;
    struct err err = {0};
    struct buf out;

    (void)state;
    buf_init(&out, MiB(1));
    page_straighten(page, &warp);
    page_encode(page, &out);
    for (size_t i = 0; i < out.len; i++) {
        out.data[i] ^= 0xff;
        if (page_decode(arena, (struct span){out.data, out.len}, &read, &err) == ERR_OK) {
            struct box seen = page_box_as_seen(read, read->words[0].box);
            struct box box = page_box_as_read(read, seen);
            assert_true(isfinite(seen.x0) && isfinite(seen.y1));
            assert_true(isfinite(box.x0) && isfinite(box.y1));
        }
        out.data[i] ^= 0xff;
    }
    buf_fini(&out);
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back_is_the_same_place),
        cmocka_unit_test(a_straightened_page_knows_where_its_boxes_were_seen),
        cmocka_unit_test(a_page_turned_after_it_was_straightened_knows_it_too),
        cmocka_unit_test(the_direction_of_rows_is_known_at_each_place),
        cmocka_unit_test(a_stored_page_keeps_how_it_bends),
        cmocka_unit_test(a_spoilt_net_leads_somewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
