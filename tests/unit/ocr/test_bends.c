/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/bends.h"
#include "ocr/straighten.h"
#include "ocr/uprights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { WIDE = 1200, HIGH = 1700, ROWS = 30, ROW_LETTERS = 80, LETTER = 12 };

static struct box parts[ROWS * ROW_LETTERS];

/* How much lower a foot stands at a place. */
typedef float shift_at(float x, float y);

static float
level(float x, float y)
{
    return 0.01F * x + 0 * y;
}

static float
bowed(float x, float y)
{
    return 40 * sinf(3 * x / WIDE) * (1 + y / HIGH) / 2;
}

static float
converging(float x, float y)
{
    return (x - WIDE / 2) * (y - HIGH / 2) / HIGH / 12;
}

/* Rows of letters some of which rise and some of which hang, set as they would be in words. */
static size_t
write_rows(shift_at *shift, int rows)
{
    size_t n = 0;

    for (int row = 0; row < rows; row++) {
        float x = 100, v = 100 + 45 * (float)row;
        for (int i = 0; i < ROW_LETTERS && x < WIDE - 110; i++) {
            int kind = (row * 31 + i * 17) % 10;
            float y = v + shift(x, v) + (kind == 1 ? 4 : 0), h = kind < 3 ? 16 : LETTER;
            parts[n++] = (struct box){x, roundf(y) - h, x + 9, roundf(y)};
            x += (row + i) % 6 == 5 ? 19 : 11;
        }
    }
    return n;
}

static bool
find(size_t n, struct page_warp *ret)
{
    return bends_find(parts, n, LETTER, WIDE, HIGH, ret);
}

static void
straight_rows_stay(void **state)
{
    struct page_warp warp;

    (void)state;
    assert_false(find(write_rows(level, ROWS), &warp));
}

static void
bent_rows_become_level(void **state)
{
    static shift_at *const shifts[] = {bowed, converging};
    struct page_warp warp;

    (void)state;
    for (size_t s = 0; s < ARRAY_LEN(shifts); s++) {
        assert_true(find(write_rows(shifts[s], ROWS), &warp));
        for (float v = 100; v < 1400; v += 45) {
            float u, first, at;
            warp_back(&warp, 110, v + shifts[s](110, v), &u, &first);
            for (float x = 110; x < WIDE - 110; x += 30) {
                warp_back(&warp, x, v + shifts[s](x, v), &u, &at);
                assert_float_equal(at, first, 2);
            }
        }
    }
}

static void
what_is_no_page_of_rows_stays(void **state)
{
    struct page_warp warp;
    uint32_t seed = 7;

    (void)state;
    assert_false(find(write_rows(bowed, 4), &warp)); /* too few to tell */
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        seed = seed * 1664525 + 1013904223;
        float x = (float)(seed >> 8 & 1023), y = (float)(seed >> 18 & 1023) + 20;
        parts[i] = (struct box){x, y - LETTER, x + 8, y};
    }
    assert_false(find(ARRAY_LEN(parts), &warp));
    assert_false(find(0, &warp));
}

/* Rows of two columns whose edges lean: to the right at the left of the page, to the left at its
 * right, as on a page seen from below. */
static void
edges_of_columns_are_made_upright(void **state)
{
    static const float at[] = {0, 480, 520, 1000};
    static struct upright_end starts[80], ends[80];
    struct arena *arena = arena_new(MiB(1));
    struct box text = {100, 100, 1100, 1300};
    struct uprights found;
    size_t n = 0;

    (void)state;
    for (int bends = 0; bends < 2; bends++) {
        n = 0;
        for (float y = 100; y < 1300; y += 30)
            for (int column = 0; column < 2; column++, n++) {
                float down = (float)bends * (y - 700), ragged = n % 5 == 0 ? 90 : 0;
                const float *x = &at[2 * column];
                float lean[] = {0.1F - 0.0002F * x[0], 0.1F - 0.0002F * x[1]};
                starts[n] = (struct upright_end){100 + x[0] + lean[0] * down, y};
                ends[n] = (struct upright_end){100 + x[1] - ragged + lean[1] * down, y};
            }
        assert_int_equal(uprights_find(arena, starts, ends, n, LETTER, text, &found), bends);
    }
    assert_float_equal(found.lean, 0, 0.006);
    assert_float_equal(found.spread, -0.0002, 0.00002);
    assert_false(uprights_find(arena, starts, ends, 5, LETTER, text, &found));
    arena_drop(&arena);
}

/* A dark line that bows is level once it is straightened. */
static void
a_picture_is_straightened_as_its_net_says(void **state)
{
    static uint8_t from[200 * 320], to[220 * 320];
    struct pixmap picture = {.pixels = from, .width = 320, .height = 200, .stride = 320};
    struct pixmap straight = {.pixels = to, .width = 320, .height = 220, .stride = 320};
    struct page_warp warp = {.frame = {0, -10, 320, 210}};

    (void)state;
    memset(from, 255, sizeof(from));
    for (int x = 0; x < 320; x++)
        for (int y = 98; y < 104; y++)
            from[(y + (int)roundf(16 * sinf((float)x / 100))) * 320 + x] = 0;
    for (int row = 0; row < WARP_SIDE; row++)
        for (int column = 0; column < WARP_SIDE; column++) {
            warp.x[row][column] = 20.0F * (float)column;
            warp.y[row][column] = -10 + 13.75F * (float)row + 16 * sinf(0.2F * (float)column);
        }
    straighten(&picture, &warp, 0, &straight);
    for (int x = 2; x < 318; x++) {
        assert_true(to[111 * 320 + x] < 40);
        assert_true(to[104 * 320 + x] > 215 && to[118 * 320 + x] > 215);
    }
    assert_int_equal(to[5], 255); /* beyond what was seen */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straight_rows_stay),
        cmocka_unit_test(bent_rows_become_level),
        cmocka_unit_test(what_is_no_page_of_rows_stays),
        cmocka_unit_test(edges_of_columns_are_made_upright),
        cmocka_unit_test(a_picture_is_straightened_as_its_net_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
