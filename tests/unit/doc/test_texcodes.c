/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/texcodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const faces[] = {"Times-Roman", "Times-Italic", "Helvetica"};

/* What a glyph that looks like `drawn` is taken for where the font has that number for it. */
static uint32_t
taken(fz_context *ctx, const char *face, uint32_t drawn, uint32_t number)
{
    uint8_t inputs[SHAPE_INPUTS];
    fz_font *font = fz_new_base14_font(ctx, face);
    int glyph = fz_encode_character(ctx, font, (int)drawn);

    assert_true(glyph > 0);
    assert_true(shape_draw(fz_font_ft_face(ctx, font), glyph, inputs));
    fz_drop_font(ctx, font);
    return texcodes_character(inputs, number);
}

/* One number is several characters, by the encoding; the drawing tells. */
static void
test_the_drawing_tells_the_encoding(void **state)
{
    static const uint16_t cases[][2] = {
        {28, 0xfb01},  {12, 0xfb01},  {29, 0xfb02},   {13, 0xfb02},  {28, 0xf8},
        {26, 0xe6},    {15, 0x2022},  {0x88, 0x2022}, {16, 0x201c},  {'\\', 0x201c},
        {17, 0x201d},  {21, 0x2013},  {'{', 0x2013},  {0xaa, 0x142}, {0xb2, 0x161},
        {0xa3, 0x10d}, {0xa1, 0x105}, {0xbb, 0x17c},  {0xd7, 0x152}, {0xff, 0xdf}};

    for (size_t f = 0; f < ARRAY_LEN(faces); f++)
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
            assert_int_equal(taken(*state, faces[f], cases[i][1], cases[i][0]), cases[i][1]);
}

static void
test_what_looks_like_neither_is_left(void **state)
{
    static const uint16_t cases[][2] = {{28, 'A'},  {27, 'W'},  {30, 'H'},    {31, 'm'},
                                        {14, 'b'},  {11, 'K'},  {0xa3, 0xa3}, {'|', '|'},
                                        {'{', '{'}, {'"', '"'}, {0xd7, 0xd7}, {0xff, 0xff}};

    for (size_t f = 0; f < ARRAY_LEN(faces); f++)
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
            assert_int_equal(taken(*state, faces[f], cases[i][1], cases[i][0]), 0);
}

static void
test_most_numbers_are_those_of_latin_1(void **state)
{
    (void)state;
    assert_false(texcodes_differ('A'));
    assert_false(texcodes_differ(' '));
    assert_false(texcodes_differ(0xe4));
    assert_false(texcodes_differ(0x100));
    assert_true(texcodes_differ(0));
    assert_true(texcodes_differ(28));
    assert_true(texcodes_differ(0xbc));
}

int
main(void)
{
    fz_context *ctx = fz_new_context(NULL, NULL, FZ_STORE_DEFAULT);
    if (ctx == NULL)
        return 1;
    const struct CMUnitTest all[] = {
        cmocka_unit_test_prestate(test_the_drawing_tells_the_encoding, ctx),
        cmocka_unit_test_prestate(test_what_looks_like_neither_is_left, ctx),
        cmocka_unit_test_prestate(test_most_numbers_are_those_of_latin_1, ctx),
    };
    int failed = cmocka_run_group_tests(all, NULL, NULL);
    fz_drop_context(ctx);
    return failed;
}
