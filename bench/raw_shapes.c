/* SPDX-License-Identifier: AGPL-3.0-or-later
 * raw_shapes.c - what tools/make-shapes teaches on: the glyphs of typefaces as doc/shape.c draws
 * them.
 *
 * usage: raw_shapes CODES FILE...     CODES: a file of numbers of characters; prints
 * "= FILE", then a character a line: its number, the inputs as hexadecimal digits */
#include "doc/shape.h"

#include <stdio.h>

enum { CODES_MAX = 4096 };

static void
print_glyph(fz_context *ctx, fz_font *font, int code)
{
    uint8_t inputs[SHAPE_INPUTS];
    int glyph = fz_encode_character(ctx, font, code);

    if (glyph <= 0 || !shape_draw(fz_font_ft_face(ctx, font), glyph, inputs))
        return;
    printf("%d ", code);
    for (size_t i = 0; i < SHAPE_INPUTS; i++)
        printf("%02x", inputs[i]);
    printf("\n");
}

static void
print_font(fz_context *ctx, const char *path, const int *codes, size_t count)
{
    fz_font *font = NULL;

    fz_var(font);
    fz_try(ctx)
    {
        font = fz_new_font_from_file(ctx, NULL, path, 0, 0);
        printf("= %s\n", path);
        for (size_t i = 0; i < count; i++)
            print_glyph(ctx, font, codes[i]);
    }
    fz_always(ctx) fz_drop_font(ctx, font);
    fz_catch(ctx) fprintf(stderr, "%s: %s\n", path, fz_caught_message(ctx));
}

int
main(int argc, char **argv)
{
    int codes[CODES_MAX];
    size_t count = 0;
    FILE *list = argc > 2 ? fopen(argv[1], "r") : NULL;

    if (list == NULL) {
        fprintf(stderr, "usage: raw_shapes CODES FILE...\n");
        return 2;
    }
    while (count < CODES_MAX && fscanf(list, "%d", &codes[count]) == 1)
        count++;
    (void)fclose(list);
    fz_context *ctx = fz_new_context(NULL, NULL, FZ_STORE_DEFAULT);
    for (int i = 2; ctx != NULL && i < argc; i++)
        print_font(ctx, argv[i], codes, count);
    fz_drop_context(ctx);
    return 0;
}
