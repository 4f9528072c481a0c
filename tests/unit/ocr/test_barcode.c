/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/barcode.h on codes drawn here: EAN-13 by its tables, Code 39 by its pattern, upright, turned,
 * beside text-like noise; and a QR code of two Latin-1 bytes and of UTF-8. */
#include "ocr/barcode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "qr_rows.h"

enum { WIDTH = 600, HEIGHT = 300 };

struct fixture {
    struct arena *arena;
    struct page *page;
    struct pixmap picture;
    struct err err;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->arena = arena_new(MiB(16));
    f->page = page_new(f->arena, 0, 216, 108);
    f->picture = (struct pixmap){.pixels = malloc(WIDTH * HEIGHT),
                                 .width = WIDTH,
                                 .height = HEIGHT,
                                 .stride = WIDTH,
                                 .dpi = 200};
    memset(f->picture.pixels, 255, WIDTH * HEIGHT);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    free(f->picture.pixels);
    arena_drop(&f->arena);
    free(f);
    return 0;
}

static void
fill(struct fixture *f, int x, int y, int width, int height)
{
    for (int row = y; row < y + height; row++)
        memset(f->picture.pixels + row * WIDTH + x, 0, (size_t)width);
}

/* modules: '1' is dark. */
static void
draw_modules(struct fixture *f, const char *modules, int x, int y, int module, int height)
{
    for (; *modules != '\0'; modules++, x += module)
        if (*modules == '1')
            fill(f, x, y, module, height);
}

/* Modules of an EAN-13 (ISO/IEC 15420). */
static void
ean13(const char *digits, char out[96])
{
    static const char *const left[] = {"0001101", "0011001", "0010011", "0111101", "0100011",
                                       "0110001", "0101111", "0111011", "0110111", "0001011"};
    static const char *const parity[] = {"000000", "001011", "001101", "001110", "010011",
                                         "011001", "011100", "010101", "010110", "011010"};
    char *at = out;

    memcpy(at, "101", 3);
    at += 3;
    for (int i = 1; i <= 12; i++) {
        const char *code = left[digits[i] - '0'];
        bool right = i > 6, even = !right && parity[digits[0] - '0'][i - 1] == '1';
        if (i == 7) {
            memcpy(at, "01010", 5);
            at += 5;
        }
        for (int k = 0; k < 7; k++) {
            char c = even ? code[6 - k] : code[k];
            *at++ = right || even ? (char)('0' + '1' - c) : c;
        }
    }
    memcpy(at, "101", 4);
}

static void
turn_by_quarter(struct fixture *f)
{
    uint8_t *turned = malloc(WIDTH * HEIGHT);

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            turned[x * HEIGHT + (HEIGHT - 1 - y)] = f->picture.pixels[y * WIDTH + x];
    free(f->picture.pixels);
    f->picture.pixels = turned;
    f->picture.width = HEIGHT;
    f->picture.height = WIDTH;
    f->picture.stride = HEIGHT;
}

static void
a_bar_code_has_its_text_and_place(void **state)
{
    struct fixture *f = *state;
    char modules[96];

    ean13("4006381333931", modules);
    draw_modules(f, modules, 100, 60, 3, 120);
    assert_int_equal(barcode_read(&f->picture, f->page, &f->err), ERR_OK);
    assert_int_equal(f->page->code_count, 1);
    const struct page_code *code = &f->page->codes[0];
    assert_string_equal(code->text, "4006381333931");
    assert_string_equal(code->symbology, "EAN-13");
    assert_true(code->box.x0 > 34 && code->box.x0 < 40);
    assert_true(code->box.x1 > 135 && code->box.x1 < 141);
    assert_true(code->box.y0 >= 20 && code->box.y1 <= 66);
    assert_int_equal(barcode_read(&f->picture, f->page, &f->err), ERR_OK);
    assert_int_equal(f->page->code_count, 1);
}

static void
turned_codes_are_read(void **state)
{
    struct fixture *f = *state;
    char modules[96];

    ean13("9780201379624", modules);
    draw_modules(f, modules, 100, 60, 3, 120);
    turn_by_quarter(f);
    assert_int_equal(barcode_read(&f->picture, f->page, &f->err), ERR_OK);
    assert_int_equal(f->page->code_count, 1);
    assert_string_equal(f->page->codes[0].text, "9780201379624");
    assert_true(box_height(f->page->codes[0].box) > box_width(f->page->codes[0].box));
}

static void
codes_come_from_top_to_bottom(void **state)
{
    struct fixture *f = *state;
    char modules[96];

    ean13("4006381333931", modules);
    draw_modules(f, modules, 100, 170, 3, 90);
    ean13("9780201379624", modules);
    draw_modules(f, modules, 100, 20, 3, 90);
    assert_int_equal(barcode_read(&f->picture, f->page, &f->err), ERR_OK);
    assert_int_equal(f->page->code_count, 2);
    assert_string_equal(f->page->codes[0].text, "9780201379624");
    assert_string_equal(f->page->codes[1].text, "4006381333931");
}

/* Version 1-L, mask as qrencode chose it, of the two bytes 0xC4 0xFC: "Äü" in Latin-1. */
static void
draw_qr(struct fixture *f, const char *const rows[], int n)
{
    for (int i = 0; i < n; i++)
        draw_modules(f, rows[i], 60, 40 + 6 * i, 6, 6);
}

static void
bytes_of_qr_codes_become_text(void **state)
{
    struct fixture *f = *state;

    draw_qr(f, qr_latin1, ARRAY_LEN(qr_latin1));
    assert_int_equal(barcode_read(&f->picture, f->page, &f->err), ERR_OK);
    assert_int_equal(f->page->code_count, 1);
    assert_string_equal(f->page->codes[0].symbology, "QR-Code");
    assert_string_equal(f->page->codes[0].text, "\xc3\x84\xc3\xbc");
    memset(f->picture.pixels, 255, WIDTH * HEIGHT);
    draw_qr(f, qr_utf8, ARRAY_LEN(qr_utf8));
    assert_int_equal(barcode_read(&f->picture, f->page, &f->err), ERR_OK);
    assert_int_equal(f->page->code_count, 2);
    assert_string_equal(f->page->codes[1].text, "\xe2\x82\xac 5");
}

/* Strokes of pseudo-random width and distance, like print under a scan line. */
static void
print_is_no_code(void **state)
{
    struct fixture *f = *state;
    uint32_t seed = 1;

    for (int line = 0; line < 12; line++)
        for (int x = 10; x < WIDTH - 20;) {
            seed = seed * 1664525 + 1013904223;
            int width = 2 + (int)(seed >> 29), gap = 3 + (int)(seed >> 20 & 7);
            fill(f, x, 10 + 24 * line + (int)(seed >> 10 & 3), width, 14);
            x += width + gap;
        }
    assert_int_equal(barcode_read(&f->picture, f->page, &f->err), ERR_OK);
    assert_int_equal(f->page->code_count, 0);
}

static void
an_empty_picture_has_none(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(barcode_read(&f->picture, f->page, &f->err), ERR_OK);
    f->picture.width = f->picture.height = 1;
    assert_int_equal(barcode_read(&f->picture, f->page, &f->err), ERR_OK);
    assert_int_equal(f->page->code_count, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_bar_code_has_its_text_and_place),
        CASE(turned_codes_are_read),
        CASE(codes_come_from_top_to_bottom),
        CASE(bytes_of_qr_codes_become_text),
        CASE(print_is_no_code),
        CASE(an_empty_picture_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
