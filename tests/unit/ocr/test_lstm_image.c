/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Cutting, scaling and contrast of a line. */
#include "ocr/lstm_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 300, HEIGHT = 200, TARGET = 36 };

static uint8_t pixels[HEIGHT * WIDTH];
static const struct pixmap picture = {
    .pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = WIDTH};

static struct lstm_gray
scale(struct arena *arena, struct lstm_box box)
{
    struct lstm_gray gray;
    struct err err;

    assert_int_equal(lstm_image_scale(arena, &picture, box, TARGET, &gray, &err), ERR_OK);
    return gray;
}

/* Plain paper stays plain paper of the right size, whatever the scale, also at the picture's edges.
 */
static void
test_sizes(void **unused)
{
    static const int32_t heights[] = {1, 8, 9, 17, 18, 30, 36, 40, 51, 52, 71, 72, 100, 200};
    struct arena *arena = arena_new(MiB(16));

    (void)unused;
    memset(pixels, 200, sizeof(pixels));
    for (size_t i = 0; i < ARRAY_LEN(heights); i++) {
        struct lstm_box box = {WIDTH - 100, HEIGHT - heights[i], WIDTH, HEIGHT};
        struct lstm_gray gray = scale(arena, box);

        assert_int_equal(gray.height, TARGET);
        assert_int_equal(gray.width, (uint32_t)(100.0f * TARGET / (float)heights[i] + 0.5f));
        for (size_t k = 0; k < (size_t)gray.width * gray.height; k++)
            assert_int_equal(gray.pixels[k], 200);
        arena_reset(arena);
    }
    arena_drop(&arena);
}

static void
test_clipping(void **unused)
{
    struct arena *arena = arena_new(MiB(16));
    struct lstm_gray gray = scale(arena, (struct lstm_box){-50, -50, WIDTH + 50, 36});

    (void)unused;
    assert_int_equal(gray.width, WIDTH);
    gray = scale(arena, (struct lstm_box){WIDTH, 0, WIDTH + 50, 36});
    assert_int_equal(gray.width, 0);
    gray = scale(arena, (struct lstm_box){50, 40, 40, 50});
    assert_int_equal(gray.width, 0);
    gray = scale(arena, (struct lstm_box){INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX});
    assert_int_equal(gray.height, TARGET);
    arena_drop(&arena);
}

static void
test_too_long(void **unused)
{
    enum { LONG = 1000 };
    static uint8_t row[LONG];
    struct pixmap strip = {.pixels = row, .width = LONG, .height = 1, .stride = LONG};
    struct arena *arena = arena_new(MiB(16));
    struct lstm_gray gray;
    struct err err;

    (void)unused;
    assert_int_equal(
        lstm_image_scale(arena, &strip, (struct lstm_box){0, 0, LONG, 1}, TARGET, &gray, &err),
        ERR_LIMIT);
    arena_drop(&arena);
}

/* An edge between black and white stays where it is, and is sharpened, not blurred, beside it. */
static void
test_edges(void **unused)
{
    static const int32_t heights[] = {40, 60, 72, 120};
    struct arena *arena = arena_new(MiB(16));

    (void)unused;
    for (size_t y = 0; y < HEIGHT; y++)
        for (size_t x = 0; x < WIDTH; x++)
            pixels[y * WIDTH + x] = x < WIDTH / 2 ? 0 : 255;
    for (size_t i = 0; i < ARRAY_LEN(heights); i++) {
        struct lstm_gray gray = scale(arena, (struct lstm_box){0, 0, WIDTH, heights[i]});
        const uint8_t *row = gray.pixels + (size_t)(TARGET / 2) * gray.width;

        assert_int_equal(row[gray.width / 2 - 4], 0);
        assert_int_equal(row[gray.width / 2 + 4], 255);
        arena_reset(arena);
    }
    arena_drop(&arena);
}

static void
test_contrast(void **unused)
{
    struct arena *arena = arena_new(MiB(16));
    uint8_t line[TARGET * 64];
    struct lstm_gray gray = {line, TARGET, 64, 1.0f};
    struct lstm_input input;
    struct err err;

    (void)unused;
    /* strokes of 60 on paper of 180: the ends of the range */
    for (size_t i = 0; i < sizeof(line); i++)
        line[i] = i % 8 < 2 ? 60 : 180;
    assert_int_equal(lstm_image_normalise(arena, &gray, &input, &err), ERR_OK);
    for (size_t i = 0; i < sizeof(line); i++)
        assert_true(i % 8 < 2 ? input.values[i] < -120 : input.values[i] > 120);
    memset(line, 90, sizeof(line)); /* nothing on it: must not divide by zero */
    assert_int_equal(lstm_image_normalise(arena, &gray, &input, &err), ERR_OK);
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),    cmocka_unit_test(test_clipping),
        cmocka_unit_test(test_too_long), cmocka_unit_test(test_edges),
        cmocka_unit_test(test_contrast),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
