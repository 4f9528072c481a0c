/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Four lines; "1 Tides" 100 pt from the foot of a page of 300. */
static const char text[] =
    "stream:BT /F1 12 Tf 20 200 Td (Before it) Tj ET BT /F1 12 Tf 20 100 Td (1 Tides) Tj ET "
    "BT /F1 12 Tf 20 60 Td (The tide comes in) Tj ET BT /F1 12 Tf 20 20 Td (Tides) Tj ET";

static const char tagged[] =
    "stream:/H2 <</MCID 0>> BDC BT /F1 12 Tf 20 200 Td (Chapter) Tj ET EMC "
    "/P <</MCID 1>> BDC BT /F1 12 Tf 20 100 Td (Text) Tj ET EMC "
    "/Headline <</MCID 2>> BDC BT /F1 12 Tf 20 60 Td (Named otherwise) Tj ET EMC "
    "/Artifact BMC /Span BMC BT /F1 12 Tf 20 20 Td (7) Tj ET EMC EMC "
    "BT /F1 12 Tf 20 5 Td (Outside) Tj ET";

/* The roles of the page's words, a figure each. root: what else the catalogue has. */
static const char *
roles_of(const char *root, const char *content, const char *const *more, size_t more_count)
{
    static char roles[64];
    char catalogue[400];
    const char *objects[16] = {
        catalogue, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 5 0 R /Resources << "
        "/Font << /F1 4 0 R >> >> >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", content};
    struct arena *arena = arena_new(MiB(64));
    struct page *page;
    enum doc_trust trust;
    struct buf bytes;
    struct err err = {0};
    int fd;

    snprintf(catalogue, sizeof(catalogue), "<< /Type /Catalog /Pages 2 0 R %s >>", root);
    for (size_t i = 0; i < more_count; i++)
        objects[5 + i] = more[i];
    buf_init(&bytes, MiB(1));
    sample_pdf(&bytes, objects, 5 + more_count, "");
    struct doc *doc = sample_open(&bytes, &fd);
    assert_int_equal(doc_load_text(doc, 0, arena, &page, &trust, &err), ERR_OK);
    assert_true(page->word_count < sizeof(roles));
    for (uint32_t i = 0; i < page->word_count; i++)
        roles[i] = (char)('0' + page->words[i].role);
    roles[page->word_count] = '\0';
    doc_close(&doc);
    close(fd);
    buf_fini(&bytes);
    arena_drop(&arena);
    return roles;
}

static void
tags_tell_headings_and_what_is_no_text(void **state)
{
    (void)state;
    assert_string_equal(
        roles_of("/StructTreeRoot << /RoleMap << /Headline /Kopf /Kopf /H1 >> >>", tagged, NULL, 0),
        "201170"); /* Chapter, Text, Named otherwise, 7, Outside */
    assert_string_equal(roles_of("", tagged, NULL, 0), "000000");
    /* A name that stands for itself, and a circle of names. */
    assert_string_equal(
        roles_of("/StructTreeRoot << /RoleMap << /Headline /A /A /B /B /Headline >> >>", tagged,
                 NULL, 0),
        "200070");
}

static void
a_title_marks_the_line_that_it_leads_to(void **state)
{
    (void)state;
    const char *const near[] = {"<< /First 7 0 R >>",
                                "<< /Title (Whole) /Dest [3 0 R /Fit] /First 8 0 R >>",
                                "<< /Title (Tides) /Dest [3 0 R /XYZ 0 115 0] >>"};
    const char *const far[] = {"<< /First 7 0 R >>",
                               "<< /Title (1 Tides) /A << /S /GoTo /D [3 0 R /FitH 290] >> >>"};
    const char *const named[] = {"<< /First 7 0 R >>", "<< /Title (before it) /Dest (here) >>"};
    const char *const twice[] = {"<< /First 7 0 R >>", "<< /Title (Tides) /Dest [3 0 R /Fit] >>"};

    /* Before it | 1 Tides | The tide comes in | Tides */
    assert_string_equal(roles_of("/Outlines 6 0 R", text, near, 3), "002200000");
    assert_string_equal(roles_of("/Outlines 6 0 R", text, far, 2), "000000000");
    assert_string_equal(
        roles_of("/Outlines 6 0 R /Dests << /here [3 0 R /XYZ 0 220 0] >>", text, named, 2),
        "110000000");
    assert_string_equal(
        roles_of("/Outlines 6 0 R /Names << /Dests << /Names [(here) [3 0 R /XYZ 0 220 0]] >> >>",
                 text, named, 2),
        "110000000");
    assert_string_equal(roles_of("/Outlines 6 0 R", text, twice, 2), "000000000");
}

static void
an_outline_without_end_ends(void **state)
{
    (void)state;
    const char *const circle[] = {
        "<< /First 7 0 R >>", "<< /Title (Whole) /Dest [3 0 R /Fit] /First 7 0 R /Next 7 0 R >>"};
    const char *const broken[] = {"<< /First 7 0 R >>", "<< /Title 5 /Dest 9 /Next [] /First 3 >>"};

    assert_string_equal(roles_of("/Outlines 6 0 R", text, circle, 2), "000000000");
    assert_string_equal(roles_of("/Outlines 6 0 R", text, broken, 2), "000000000");
    assert_string_equal(roles_of("/Outlines 5", text, NULL, 0), "000000000");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_tell_headings_and_what_is_no_text),
        cmocka_unit_test(a_title_marks_the_line_that_it_leads_to),
        cmocka_unit_test(an_outline_without_end_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
