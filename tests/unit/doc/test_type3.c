/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Type 3 fonts whose glyphs L, T, H and E are drawn as paths, or as pictures. */
#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const paths[] = {
    "stream:600 0 0 0 450 700 d1 0 0 100 700 re 0 0 450 100 re f",
    "stream:600 0 0 0 500 700 d1 200 0 100 700 re 0 600 500 100 re f",
    "stream:700 0 0 0 550 700 d1 0 0 100 700 re 450 0 100 700 re 50 310 450 80 re f",
    "stream:600 0 0 0 450 700 d1 0 0 100 700 re 0 0 450 90 re 0 310 410 80 re 0 610 450 90 re f",
};

/* Eight dots across, ten up; a unit of the font is a dot. */
static const char *const pictures[] = {
    "stream:10 0 0 0 8 10 d1 8 0 0 10 0 0 cm BI /W 8 /H 10 /IM true /BPC 1 /D [1 0] /F /AHx ID "
    "c0c0c0c0c0c0c0c0ffff> EI",
    "stream:10 0 0 0 8 10 d1 8 0 0 10 0 0 cm BI /W 8 /H 10 /IM true /BPC 1 /D [1 0] /F /AHx ID "
    "ffff1818181818181818> EI",
    "stream:10 0 0 0 8 10 d1 8 0 0 10 0 0 cm BI /W 8 /H 10 /IM true /BPC 1 /D [1 0] /F /AHx ID "
    "c3c3c3c3ffffc3c3c3c3> EI",
    "stream:10 0 0 0 8 10 d1 8 0 0 10 0 0 cm BI /W 8 /H 10 /IM true /BPC 1 /D [1 0] /F /AHx ID "
    "ffffc0c0fcfcc0c0ffff> EI",
};

/* How the font is made, and the text set in it. */
struct setting {
    const char *const *glyphs; /* of L, T, H, E */
    const char *matrix, *widths;
    const char *content; /* the codes A, B, C, D are the glyphs */
};

static const struct setting plain = {paths, "0.001 0 0 0.001 0 0", "600 600 700 600",
                                     "stream:BT /F3 20 Tf 20 200 Td (ABCD) Tj ET"};
/* As converters of PostScript write them: a unit is a dot, and down is up. */
static const struct setting dotted = {pictures, "1 0 0 -1 0 0", "10 10 10 10",
                                      "stream:BT /F3 1.4 Tf 1 0 0 -1 20 200 Tm (ABCD) Tj ET"};

struct seen {
    char text[32];
    struct box box;
    float size;
    uint8_t doubt;
    char swaps[32]; /* said and seen, in turn */
};

static void
take(struct doc *doc, const struct page *page, struct seen *seen)
{
    const struct doc_layer *layer = doc_layer(doc);

    assert_int_equal(page->word_count, 1);
    snprintf(seen->text, sizeof(seen->text), "%s", page->words[0].text);
    seen->box = page->words[0].box;
    seen->size = page->words[0].size;
    seen->doubt = layer->doubts[layer->fonts[0]];
    for (uint32_t i = 0; i < layer->swap_count && i < 8; i++) {
        seen->swaps[2 * i] = (char)layer->swaps[i].from;
        seen->swaps[2 * i + 1] = (char)layer->swaps[i].to;
    }
}

/* names: what the font calls the glyphs. */
static struct seen
look(const struct setting *setting, const char *names)
{
    static const char page_object[] =
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R "
        "/Resources << /Font << /F3 5 0 R >> >> >>";
    char font[600];
    const char *objects[] = {"<< /Type /Catalog /Pages 2 0 R >>",
                             "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                             page_object,
                             setting->content,
                             font,
                             setting->glyphs[0],
                             setting->glyphs[1],
                             setting->glyphs[2],
                             setting->glyphs[3]};
    struct arena *arena = arena_new(MiB(64));
    struct seen seen = {0};
    struct page *page;
    enum doc_trust trust;
    struct buf bytes;
    struct err err = {0};
    int fd;

    snprintf(font, sizeof(font),
             "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 0 0] /FontMatrix [%s] /FirstChar 65 "
             "/LastChar 68 /Widths [%s] /Resources << >> /Encoding << /Differences [65 /%c /%c /%c "
             "/%c] >> /CharProcs << /%c 6 0 R /%c 7 0 R /%c 8 0 R /%c 9 0 R >> >>",
             setting->matrix, setting->widths, names[0], names[1], names[2], names[3], names[0],
             names[1], names[2], names[3]);
    buf_init(&bytes, MiB(1));
    sample_pdf(&bytes, objects, ARRAY_LEN(objects), "");
    struct doc *doc = sample_open(&bytes, &fd);
    assert_int_equal(doc_load_text(doc, 0, arena, &page, &trust, &err), ERR_OK);
    take(doc, page, &seen);
    doc_close(&doc);
    close(fd);
    buf_fini(&bytes);
    arena_drop(&arena);
    return seen;
}

static void
drawings_are_looked_at(void **state)
{
    struct seen right = look(&plain, "LTHE"), wrong = look(&plain, "THLE");

    (void)state;
    assert_string_equal(right.text, "LTHE");
    assert_int_equal(right.doubt, DOUBT_NONE);
    assert_string_equal(wrong.text, "THLE");
    assert_int_equal(wrong.doubt, DOUBT_NAMES);
    assert_string_equal(wrong.swaps, "TLHTLH");
}

static void
pictures_of_any_size_are_looked_at(void **state)
{
    struct seen right = look(&dotted, "LTHE"), wrong = look(&dotted, "THLE");

    (void)state;
    assert_string_equal(right.text, "LTHE");
    assert_int_equal(right.doubt, DOUBT_NONE);
    assert_int_equal(wrong.doubt, DOUBT_NAMES);
}

/* Letters of ten dots, 14 pt high, whose baseline is 100 pt from the top of the page. */
static void
the_size_is_that_of_the_letters(void **state)
{
    struct seen seen = look(&dotted, "LTHE");

    (void)state;
    assert_true(seen.size > 16 && seen.size < 24);
    assert_true(fabsf(seen.box.y0 - 85) < 4 && fabsf(seen.box.y1 - 103) < 4);
    assert_true(fabsf(look(&plain, "LTHE").size - 20) < 0.1F);
}

/* The style of the word ABC in a font of `count` glyphs from A on, all of one drawing, without a
 * name; the last one's advance is `last`. */
static uint8_t
style_among(int count, int last)
{
    enum { OBJECTS = 6 };
    char font[3000], procs[800] = "", names[400] = "", widths[400] = "";
    const char *objects[OBJECTS] = {
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R "
        "/Resources << /Font << /F3 5 0 R >> >> >>",
        "stream:BT /F3 20 Tf 20 200 Td (ABC) Tj ET",
        font,
        paths[0]};
    struct arena *arena = arena_new(MiB(64));
    struct page *page;
    enum doc_trust trust;
    struct buf bytes;
    struct err err = {0};
    int fd;

    for (int i = 0; i < count; i++) {
        snprintf(names + strlen(names), sizeof(names) - strlen(names), " /%c", 'A' + i);
        snprintf(procs + strlen(procs), sizeof(procs) - strlen(procs), " /%c 6 0 R", 'A' + i);
        snprintf(widths + strlen(widths), sizeof(widths) - strlen(widths), " %d",
                 i + 1 == count ? last : 600);
    }
    snprintf(font, sizeof(font),
             "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 0 0] /FontMatrix [0.001 0 0 0.001 0 0] "
             "/FirstChar 65 /LastChar %d /Widths [%s] /Resources << >> /Encoding << /Differences "
             "[65%s] >> /CharProcs <<%s >> >>",
             65 + count - 1, widths, names, procs);
    buf_init(&bytes, MiB(1));
    sample_pdf(&bytes, objects, OBJECTS, "");
    struct doc *doc = sample_open(&bytes, &fd);
    assert_int_equal(doc_load_text(doc, 0, arena, &page, &trust, &err), ERR_OK);
    assert_int_equal(page->word_count, 1);
    uint8_t style = page->words[0].style;
    doc_close(&doc);
    close(fd);
    buf_fini(&bytes);
    arena_drop(&arena);
    return style;
}

/* Figures alone have one width in most fonts. */
static void
letters_of_one_width_are_a_typewriters(void **state)
{
    (void)state;
    assert_true((style_among(20, 600) & STYLE_MONO) != 0);
    assert_true((style_among(20, 400) & STYLE_MONO) == 0);
    assert_true((style_among(10, 600) & STYLE_MONO) == 0);
}

static void
what_draws_nothing_is_left(void **state)
{
    static const char *const empty[] = {
        "stream:600 0 0 0 0 0 d1", "stream:600 0 d0 1 g 0 0 9 9 re f", "stream:q q q BI", "null"};
    struct setting setting = plain;

    (void)state;
    setting.glyphs = empty;
    assert_int_equal(look(&setting, "LTHE").doubt, DOUBT_NONE);
    setting.matrix = "0 0 0 0 0 0";
    assert_int_equal(look(&setting, "LTHE").doubt, DOUBT_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawings_are_looked_at),
        cmocka_unit_test(pictures_of_any_size_are_looked_at),
        cmocka_unit_test(the_size_is_that_of_the_letters),
        cmocka_unit_test(letters_of_one_width_are_a_typewriters),
        cmocka_unit_test(what_draws_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
