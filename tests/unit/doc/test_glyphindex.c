/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/freetype_internal.h"
#include "doc/mupdf_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const faces[] = {"Helvetica", "Times-BoldItalic", "Courier", "Symbol",
                                    "ZapfDingbats"};

/* As FreeType looks: the first glyph of that name. */
static FT_UInt
first_of_name(FT_Face face, const char *wanted)
{
    char name[64];

    for (FT_UInt i = 0; i < (FT_UInt)face->num_glyphs; i++)
        if (FT_Get_Glyph_Name(face, i, name, sizeof(name)) == 0 && strcmp(name, wanted) == 0)
            return i;
    return 0;
}

static void
glyphs_are_found_by_their_names(void **state)
{
    fz_context *ctx = *state;
    char name[64], longest[80];

    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    for (size_t f = 0; f < ARRAY_LEN(faces); f++) {
        fz_font *font = fz_new_base14_font(ctx, faces[f]);
        FT_Face face = fz_font_ft_face(ctx, font);
        assert_true(face->num_glyphs > 100);
        for (FT_UInt i = 0; i < (FT_UInt)face->num_glyphs; i++) {
            assert_int_equal(FT_Get_Glyph_Name(face, i, name, sizeof(name)), 0);
            assert_int_equal(FT_Get_Name_Index(face, name), first_of_name(face, name));
        }
        assert_int_equal(FT_Get_Name_Index(face, "nosuchglyph"), 0);
        assert_int_equal(FT_Get_Name_Index(face, ""), 0);
        assert_int_equal(FT_Get_Name_Index(face, longest), 0);
        assert_non_null(face->generic.data); /* the table: the library asks us */
        fz_drop_font(ctx, font);
    }
}

int
main(void)
{
    fz_context *ctx = fz_new_context(NULL, NULL, FZ_STORE_DEFAULT);
    if (ctx == NULL)
        return 1;
    const struct CMUnitTest all[] = {
        cmocka_unit_test_prestate(glyphs_are_found_by_their_names, ctx)};
    int failed = cmocka_run_group_tests(all, NULL, NULL);
    fz_drop_context(ctx);
    return failed;
}
