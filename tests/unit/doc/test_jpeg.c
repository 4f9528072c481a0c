/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/jpeg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

enum { WIDTH = 33, HEIGHT = 20, TRUE_ENOUGH = 3 };

static uint8_t out[WIDTH * HEIGHT];

/* Soft shades, no two channels alike. */
static int
sample(int x, int y, int channel)
{
    return 40 + 4 * x + 2 * y * (channel == 1) + 10 * channel;
}

/* A file of the picture in a colour space; released with free. */
static struct span
make(J_COLOR_SPACE space, int components)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr manager;
    unsigned char *bytes = NULL;
    unsigned long len = 0;
    uint8_t row[WIDTH * 4];
    JSAMPROW rows[] = {row};

    jpeg.err = jpeg_std_error(&manager);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &len);
    jpeg.image_width = WIDTH;
    jpeg.image_height = HEIGHT;
    jpeg.input_components = components;
    jpeg.in_color_space = components == 4 ? JCS_CMYK : components == 3 ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, space);
    jpeg_set_quality(&jpeg, 98, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < HEIGHT; y++) {
        for (int i = 0; i < WIDTH * components; i++)
            row[i] = (uint8_t)sample(i / components, y, i % components);
        jpeg_write_scanlines(&jpeg, rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return (struct span){bytes, len};
}

static bool
decode(struct span file, uint32_t width, uint32_t height)
{
    bool ok;

    memset(out, 0, sizeof(out));
    ok = jpeg_decode_grey(file, width, height, out);
    free((void *)(uintptr_t)file.data);
    return ok;
}

static void
brightness_is_what_the_colours_add_up_to(void **state)
{
    (void)state;
    assert_true(decode(make(JCS_YCbCr, 3), WIDTH, HEIGHT));
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double want =
                0.299 * sample(x, y, 0) + 0.587 * sample(x, y, 1) + 0.114 * sample(x, y, 2);
            assert_in_range(out[y * WIDTH + x] + TRUE_ENOUGH - (int)want, 0, 2 * TRUE_ENOUGH);
        }
}

static void
grey_is_as_it_was(void **state)
{
    (void)state;
    assert_true(decode(make(JCS_GRAYSCALE, 1), WIDTH, HEIGHT));
    assert_in_range(out[5 * WIDTH + 7] + TRUE_ENOUGH - sample(7, 5, 0), 0, 2 * TRUE_ENOUGH);
}

static void
other_colours_go_the_long_way(void **state)
{
    (void)state;
    assert_false(decode(make(JCS_RGB, 3), WIDTH, HEIGHT));
    assert_false(decode(make(JCS_CMYK, 4), WIDTH, HEIGHT));
}

static void
unsound_files_are_refused(void **state)
{
    struct span file = make(JCS_YCbCr, 3);
    uint8_t *bytes = (uint8_t *)(uintptr_t)file.data;

    (void)state;
    for (size_t len = 0; len < file.len; len += 37)
        assert_false(jpeg_decode_grey((struct span){bytes, len}, WIDTH, HEIGHT, out));
    assert_false(jpeg_decode_grey(file, WIDTH + 1, HEIGHT, out)); /* not the size that was asked */
    assert_false(jpeg_decode_grey(file, WIDTH, HEIGHT - 1, out));
    bytes[0] = 'x';
    assert_false(decode(file, WIDTH, HEIGHT));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brightness_is_what_the_colours_add_up_to),
        cmocka_unit_test(grey_is_as_it_was),
        cmocka_unit_test(other_colours_go_the_long_way),
        cmocka_unit_test(unsound_files_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
