/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/rest.h"

#include "base/arena.h"
#include "ocr/lept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { HEIGHT = 10 };

static struct box
letter(float x, float y)
{
    return (struct box){x, y, x + 6, y + HEIGHT};
}

static void
letters_beside_others_are_kept(void **state)
{
    /* From top to bottom: a speck, three letters of a word of which one hangs lower, a speck below
     * the word, and one too far to its right. */
    struct box letters[] = {letter(200, 0), letter(10, 50), letter(18, 51),
                            letter(26, 53), letter(60, 53), letter(18, 80)};
    size_t n = rest_keep_letters(letters, 6, HEIGHT);

    (void)state;
    assert_int_equal(n, 3);
    assert_true(letters[0].x0 == 10 && letters[1].x0 == 18 && letters[2].x0 == 26);
}

static void
none_are_kept_of_none(void **state)
{
    struct box one[] = {letter(5, 5)};

    (void)state;
    assert_int_equal(rest_keep_letters(one, 0, HEIGHT), 0);
    assert_int_equal(rest_keep_letters(one, 1, HEIGHT), 0);
}

static void
rows_are_kept_that_letters_fill(void **state)
{
    const struct box letters[] = {letter(10, 10), letter(18, 10), letter(10, 40), letter(100, 70),
                                  letter(108, 70)};
    struct tess_row rows[] = {
        {.box = {8, 8, 26, 22}},   /* a word */
        {.box = {8, 38, 26, 52}},  /* one letter */
        {.box = {0, 68, 300, 82}}, /* two letters in a long row of nothing */
        {.box = {8, 90, 26, 99}},  /* nothing */
    };
    struct tess_rows all = {rows, 4};

    (void)state;
    rest_keep_rows(&all, letters, 5);
    assert_int_equal(all.count, 1);
    assert_true(all.rows[0].box.y0 == 8);
}

static size_t
count_letters(struct Pix *bits)
{
    struct arena *arena = arena_new(1 << 20);
    struct box *found;
    size_t n = 0;

    assert_non_null(arena);
    assert_true(lept_letters_outside(bits, NULL, 0, HEIGHT, arena, &found, &n));
    arena_drop(&arena);
    return n;
}

/* Of three words the first is kept with what stands near it, the second gone as read. */
static void
ink_is_looked_for_around_letters_only(void **state)
{
    static uint8_t pixels[200 * 200];
    const struct pixmap map = {
        .pixels = pixels, .width = 200, .height = 200, .stride = 200, .dpi = 100};
    const struct box kept = {20, 20, 26, 30}, gone = {35, 15, 60, 35};

    (void)state;
    memset(pixels, 255, sizeof(pixels));
    for (int x = 20; x < 180; x += x == 28 ? 12 : x == 40 ? 80 : 8)
        for (int y = 20; y < 30; y++)
            memset(pixels + 200 * y + x, 0, 6);
    struct Pix *pix = lept_from(&map), *bits = pix == NULL ? NULL : lept_bits(pix, false);
    assert_non_null(bits);
    size_t all = count_letters(bits);
    struct Pix *around = lept_around(bits, &kept, 1, 4 * HEIGHT, HEIGHT / 2, &gone, 1);
    assert_non_null(around);
    assert_true(all > 3);
    assert_int_equal(count_letters(around), 2);
    lept_drop(&around);
    lept_drop(&bits);
    lept_drop(&pix);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_beside_others_are_kept),
        cmocka_unit_test(none_are_kept_of_none),
        cmocka_unit_test(ink_is_looked_for_around_letters_only),
        cmocka_unit_test(rows_are_kept_that_letters_fill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
