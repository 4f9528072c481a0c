/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char *const faces[] = {"Helvetica", "Helvetica-Bold", "Times-Roman", "Times-Italic",
                                    "Courier"};
static const float sure = 6;

static struct shape_verdict
look(fz_context *ctx, fz_font *font, char drawn, uint32_t said)
{
    uint8_t inputs[SHAPE_INPUTS];
    int glyph = fz_encode_character(ctx, font, drawn);

    assert_true(shape_draw(fz_font_ft_face(ctx, font), glyph, inputs));
    return shape_judge(inputs, said);
}

static void
test_letters_are_what_they_are(void **state)
{
    fz_context *ctx = *state;

    for (size_t f = 0; f < ARRAY_LEN(faces); f++) {
        fz_font *font = fz_new_base14_font(ctx, faces[f]);
        for (const char *c = plain; *c != '\0'; c++) {
            struct shape_verdict v = look(ctx, font, *c, (unsigned char)*c);
            assert_true(v.margin <= sure);
        }
        fz_drop_font(ctx, font);
    }
}

static void
test_another_letter_is_told(void **state)
{
    fz_context *ctx = *state;
    size_t told = 0, all = 0;

    for (size_t f = 0; f < ARRAY_LEN(faces); f++) {
        fz_font *font = fz_new_base14_font(ctx, faces[f]);
        for (const char *c = plain; *c != '\0'; c++) {
            uint32_t said = (unsigned char)(c[1] != '\0' ? c[1] : plain[0]);
            struct shape_verdict v = look(ctx, font, *c, said);
            told += v.margin > sure;
            all++;
        }
        assert_true(look(ctx, font, 'a', 0x3b5).margin > sure);
        assert_int_equal(look(ctx, font, 'a', 0x3b5).looks, 'a');
        assert_true(look(ctx, font, 'n', 0xe9).margin > sure);
        fz_drop_font(ctx, font);
    }
    assert_true(told > all * 9 / 10);
}

static void
test_cases_are_one_letter(void **state)
{
    fz_context *ctx = *state;
    fz_font *font = fz_new_base14_font(ctx, "Times-Roman");

    assert_true(look(ctx, font, 'A', 'a').margin <= sure); /* a small capital */
    fz_drop_font(ctx, font);
}

static void
test_what_is_not_known_is_left(void **state)
{
    fz_context *ctx = *state;
    fz_font *font = fz_new_base14_font(ctx, "Times-Roman");
    uint8_t inputs[SHAPE_INPUTS];

    assert_true(look(ctx, font, 'A', 0x4e00).margin == 0);
    assert_false(
        shape_draw(fz_font_ft_face(ctx, font), fz_encode_character(ctx, font, ' '), inputs));
    assert_false(shape_draw(fz_font_ft_face(ctx, font), 1 << 20, inputs));
    assert_false(shape_draw(NULL, 1, inputs));
    fz_drop_font(ctx, font);
}

int
main(void)
{
    fz_context *ctx = fz_new_context(NULL, NULL, FZ_STORE_DEFAULT);
    if (ctx == NULL)
        return 1;
    const struct CMUnitTest all[] = {
        cmocka_unit_test_prestate(test_letters_are_what_they_are, ctx),
        cmocka_unit_test_prestate(test_another_letter_is_told, ctx),
        cmocka_unit_test_prestate(test_cases_are_one_letter, ctx),
        cmocka_unit_test_prestate(test_what_is_not_known_is_left, ctx),
    };
    int failed = cmocka_run_group_tests(all, NULL, NULL);
    fz_drop_context(ctx);
    return failed;
}
