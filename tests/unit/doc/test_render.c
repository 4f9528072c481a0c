/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A part of a page looks the same whether the page was interpreted for its text before, so that
 * what it shows may be known, or not. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PICTURE       "q 60 0 0 60 100 200 cm BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx ID 00C040FF> EI Q "
#define TEXT_AT(x, y) "BT 0 g /F1 20 Tf " x " " y " Td (words) Tj ET "

/* As seen, the picture takes x 100..160, y 40..100. */
static const struct box part = {90, 30, 170, 110};

static void
draw(struct doc *doc, const struct box *clip, struct arena *arena, struct pixmap *ret)
{
    struct err err;

    if (doc_render(doc, 0, 144, clip, arena, ret, &err) != ERR_OK)
        fail_msg("%s", err.msg);
}

/* Whether the part is drawn alike by a document whose page was read before and one whose was not.
 */
static bool
is_drawn_alike(const char *content, const char *page_extra)
{
    struct arena *arena = arena_new(MiB(64));
    struct pixmap known, unknown;
    struct page *page;
    enum doc_trust trust;
    struct buf bytes;
    int fd;

    assert_non_null(arena);
    buf_init(&bytes, MiB(1));
    sample_page(&bytes, content, page_extra, NULL, 0);
    struct doc *doc = sample_open(&bytes, &fd);
    (void)sample_text(doc, 0, arena, &page, &trust);
    draw(doc, &part, arena, &known);
    doc_close(&doc);
    close(fd);
    doc = sample_open(&bytes, &fd);
    draw(doc, &part, arena, &unknown);
    bool same = known.width == 160 && known.height == 160 &&
                memcmp(known.pixels, unknown.pixels, known.stride * known.height) == 0;
    doc_close(&doc);
    close(fd);
    buf_fini(&bytes);
    arena_drop(&arena);
    return same;
}

static void
a_part_is_drawn_as_the_page_says(void **state)
{
    (void)state;
    static const char *const contents[] = {
        PICTURE,
        "1 g 0 0 200 300 re f " PICTURE TEXT_AT("20", "50"),
        ".5 g 0 0 200 300 re f " PICTURE,
        PICTURE TEXT_AT("110", "220"),
        PICTURE "1 g 110 210 20 20 re f",
        PICTURE "1 0 0 RG 5 w 80 190 m 180 270 l S",
        "q 110 210 30 30 re W n " PICTURE "Q",
        "q 100 200 m 160 200 l 130 260 l h W n " PICTURE "Q",
        "q 60 0 0 60 80 190 cm BI /W 1 /H 1 /CS /G /BPC 8 /F /AHx ID 80> EI Q " PICTURE,
        TEXT_AT("20", "50"),
        "BT 7 Tr /F1 60 Tf 90 210 Td (W) Tj ET " PICTURE,
    };

    for (size_t i = 0; i < ARRAY_LEN(contents); i++)
        if (!is_drawn_alike(contents[i], ""))
            fail_msg("content %zu: \"%s\"", i, contents[i]);
}

static void
an_annotation_over_a_picture_is_drawn(void **state)
{
    (void)state;
    assert_true(is_drawn_alike(PICTURE,
                               "/Annots [<< /Type /Annot /Subtype /Square /Rect [110 210 150 250] "
                               "/C [0 0 0] /IC [0 0 0] /F 4 >>]"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_drawn_as_the_page_says),
        cmocka_unit_test(an_annotation_over_a_picture_is_drawn),
    };

    return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
