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

/* As browsers write: what a tag is hangs in the tree alone. 0 a heading's span, 1 text, 2 a quote's
 * paragraph, 4 out of the tree; then a form, whose 0 is a caption. */
static const char hung[] =
    "stream:/Span <</MCID 0>> BDC BT /F1 12 Tf 20 280 Td (Chapter) Tj ET EMC "
    "/P <</MCID 1>> BDC BT /F1 12 Tf 20 240 Td (Text) Tj ET EMC "
    "/P <</MCID 2>> BDC BT /F1 12 Tf 20 200 Td (Quoted) Tj ET EMC "
    "/P <</MCID 4>> BDC BT /F1 12 Tf 20 160 Td (Nowhere) Tj ET EMC "
    "/Fm Do /P <</MCID 0>> BDC BT /F1 12 Tf 20 20 Td (Again) Tj ET EMC";

static const char *page_more = "";

/* The roles of the page's words, a figure each. root: what else the catalogue has. */
static const char *
roles_of(const char *root, const char *content, const char *const *more, size_t more_count)
{
    static char roles[64];
    char catalogue[400], page_object[400];
    const char *objects[16] = {catalogue, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page_object,
                               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", content};
    struct arena *arena = arena_new(MiB(64));
    struct page *page;
    enum doc_trust trust;
    struct buf bytes;
    struct err err = {0};
    int fd;

    snprintf(page_object, sizeof(page_object),
             "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 5 0 R /Resources << "
             "/Font << /F1 4 0 R >> /XObject << /Fm 6 0 R >> >> %s >>",
             page_more);
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
the_tree_tells_what_hangs_in_it(void **state)
{
    const char *const tree[] = {
        "<< /Type /XObject /Subtype /Form /BBox [0 0 200 300] /StructParents 1 /Resources << /Font "
        "<< /F1 4 0 R >> >> /Length 58 >>\nstream\n"
        "/P <</MCID 0>> BDC BT /F1 12 Tf 20 100 Td (Form) Tj ET EMC\nendstream",
        "<< /Nums [0 [8 0 R 9 0 R 10 0 R 11 0 R] 1 [11 0 R]] >>",
        "<< /S /Span /P 12 0 R >>",
        "<< /S /P /P 7 0 R >>",
        "<< /S /P /P 13 0 R >>",
        "<< /S /Caption >>",
        "<< /S /Head /P 12 0 R >>", /* stands below itself */
        "<< /S /BlockQuote >>"};
    const char root[] = "/StructTreeRoot << /ParentTree 7 0 R /RoleMap << /Head /H2 >> >>";
    const char *const broken[] = {"null", "<< /Nums [0 5 1] >>"};
    const char *const circle[] = {"null", "<< /Nums [0 [8 0 R 8 0 R]] >>",
                                  "<< /S /Span /P 8 0 R >>"};

    (void)state;
    page_more = "/StructParents 0";
    /* Chapter, Text, Quoted, Nowhere, Form, Again */
    assert_string_equal(roles_of(root, hung, tree, ARRAY_LEN(tree)), "2080:2");
    assert_string_equal(roles_of(root, hung, broken, ARRAY_LEN(broken)), "00000");
    assert_string_equal(roles_of(root, hung, circle, ARRAY_LEN(circle)), "00000");
    page_more = "/StructParents (x)";
    assert_string_equal(roles_of(root, hung, tree, ARRAY_LEN(tree)), "0000:0");
    page_more = "";
    assert_string_equal(roles_of(root, hung, tree, ARRAY_LEN(tree)), "0000:0");
}

/* Tags of the page: kind, element around, spans where there are, h for heads; then those of the
 * words. */
static const char *
tags_of(const char *const *more, size_t more_count)
{
    static char out[600];
    const char *objects[24] = {
        "<< /Type /Catalog /Pages 2 0 R /StructTreeRoot << /ParentTree 7 0 R /RoleMap << /Cell /TD "
        ">> >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 5 0 R /StructParents 0 "
        "/Resources << /Font << /F1 4 0 R >> /XObject << /Im 6 0 R >> >> >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "stream:/Lbl <</MCID 0>> BDC BT /F1 12 Tf 20 200 Td (One) Tj ET EMC "
        "/P <</MCID 1>> BDC BT /F1 12 Tf 20 100 Td (Two) Tj ET EMC "
        "/Artifact <</MCID 1>> BDC BT /F1 12 Tf 20 60 Td (Three) Tj ET EMC "
        "/Figure <</MCID 2>> BDC q 60 0 0 40 100 200 cm /Im Do Q EMC "
        "BT /F1 12 Tf 20 20 Td (Four) Tj ET",
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray "
        "/BitsPerComponent 8 /Length 1 >>\nstream\n@\nendstream"};
    struct arena *arena = arena_new(MiB(64));
    struct page *page;
    enum doc_trust trust;
    struct buf bytes;
    struct err err = {0};
    size_t len = 0;
    int fd;

    for (size_t i = 0; i < more_count; i++)
        objects[6 + i] = more[i];
    buf_init(&bytes, MiB(1));
    sample_pdf(&bytes, objects, 6 + more_count, "");
    struct doc *doc = sample_open(&bytes, &fd);
    assert_int_equal(doc_load_text(doc, 0, arena, &page, &trust, &err), ERR_OK);
    for (uint32_t i = 0; i < page->tag_count; i++) {
        const struct page_tag *tag = &page->tags[i];
        len += (size_t)snprintf(out + len, sizeof(out) - len, "%d<%d", tag->kind, tag->parent);
        if (tag->kind == TAG_CELL)
            len += (size_t)snprintf(out + len, sizeof(out) - len, "(%dx%d)", tag->row_span,
                                    tag->column_span);
        if (tag->kind == TAG_FIGURE)
            len += (size_t)snprintf(out + len, sizeof(out) - len, "(%s %.0f)", tag->alt,
                                    (double)tag->box.x0);
        len += (size_t)snprintf(out + len, sizeof(out) - len, "%s ", tag->header ? "h" : "");
    }
    for (uint32_t i = 0; i < page->word_count; i++)
        len += (size_t)snprintf(out + len, sizeof(out) - len, "%d", page->words[i].tag);
    doc_close(&doc);
    close(fd);
    buf_fini(&bytes);
    arena_drop(&arena);
    return out;
}

static void
elements_become_tags_of_the_page(void **state)
{
    const char *const list[] = {"<< /Nums [0 [8 0 R 9 0 R 11 0 R]] >>",
                                "<< /S /Lbl /P 10 0 R >>",
                                "<< /S /LBody /P 10 0 R >>",
                                "<< /S /LI /P 12 0 R >>",
                                "<< /S /Figure /Alt (A tower\n by night) >>",
                                "<< /S /L >>"};
    const char *const table[] = {
        "<< /Nums [0 [8 0 R 9 0 R]] >>",
        "<< /S /P /P 10 0 R >>",
        "<< /S /Cell /P 12 0 R /A [<< /O /Layout >> 0 << /O /Table /ColSpan 2 /RowSpan 900 >>] >>",
        "<< /S /TH /P 11 0 R /A << /O /Table /RowSpan -3 >> >>",
        "<< /S /TR /P 13 0 R /K [14 0 R 10 0 R] >>",
        "<< /S /TR /P 15 0 R /K 9 0 R >>",
        "<< /S /THead /P 15 0 R >>",
        "<< /S /TD /P 11 0 R >>",
        "<< /S /Table >>"};
    const char *const circle[] = {"<< /Nums [0 [8 0 R 9 0 R]] >>", "<< /S /L /P 9 0 R >>",
                                  "<< /S /L /P 8 0 R >>"};

    (void)state;
    /* One, Two, Three, Four. Three is said to be no part of the text. */
    assert_string_equal(tags_of(list, ARRAY_LEN(list)),
                        "0<0 1<1 2<2 6<0(A tower  by night 100) 3200");
    /* The cell without text counts too. */
    assert_string_equal(tags_of(table, ARRAY_LEN(table)),
                        "3<0 4<1h 5<2(1x1) 5<2(1x1)h 4<1 5<5(500x2) 4600");
    assert_non_null(strstr(tags_of(circle, ARRAY_LEN(circle)), "0<"));
}

/* The page's text; glyphs 1 and 2 of its font stand for nothing. */
static const char *
text_of(const char *content)
{
    static char out[100];
    const char *objects[] = {
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 5 0 R /Resources << /Font "
        "<< /F1 4 0 R >> >> >>",
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [0.1 0 0 0.1 0 0] "
        "/FirstChar 1 /LastChar 3 /Widths [6 6 6] /Resources << >> /Encoding << /Differences [1 /x "
        "/y /A] >> /CharProcs << /x 6 0 R /y 6 0 R /A 6 0 R >> /ToUnicode 7 0 R >>",
        content,
        "stream:6 0 0 0 5 7 d1 0 0 5 7 re f",
        "stream:/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "/CMapType 2 def 1 begincodespacerange <00> <ff> endcodespacerange 3 beginbfchar <01> "
        "<FFFD> <02> <E000> <03> <0041> endbfchar endcmap end end"};
    struct arena *arena = arena_new(MiB(64));
    struct page *page;
    enum doc_trust trust;
    struct buf bytes;
    int fd;

    buf_init(&bytes, MiB(1));
    sample_pdf(&bytes, objects, ARRAY_LEN(objects), "");
    struct doc *doc = sample_open(&bytes, &fd);
    snprintf(out, sizeof(out), "%s", sample_text(doc, 0, arena, &page, &trust));
    doc_close(&doc);
    close(fd);
    buf_fini(&bytes);
    arena_drop(&arena);
    return out;
}

#define SHOWN "BT /F1 12 Tf 20 100 Td "

static void
actual_text_stands_for_what_has_none(void **state)
{
    (void)state;
    /* One glyph has all of it. */
    assert_string_equal(
        text_of("stream:/Span << /ActualText (ffi) >> BDC " SHOWN "(\\001) Tj ET EMC"), "ffi|");
    /* As many as there are glyphs; what a font says itself stays. */
    assert_string_equal(
        text_of("stream:/Span << /ActualText (abc) >> BDC " SHOWN "(\\001\\003\\002) Tj ET EMC"),
        "aAc|");
    /* Nobody knows which is which, and what follows has none. */
    assert_string_equal(
        text_of("stream:/Span << /ActualText (abc) >> BDC " SHOWN "(\\001\\003) Tj ET EMC"),
        "\xef\xbf\xbd"
        "A|");
    assert_string_equal(
        text_of("stream:/Span << /ActualText (a) >> BDC EMC " SHOWN "(\\001\\003) Tj ET"),
        "\xef\xbf\xbd"
        "A|");
    /* A file may say anything. */
    assert_string_equal(
        text_of("stream:/Span << /ActualText (Pay) >> BDC " SHOWN "(\\003) Tj ET EMC"), "A|");
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
        cmocka_unit_test(the_tree_tells_what_hangs_in_it),
        cmocka_unit_test(elements_become_tags_of_the_page),
        cmocka_unit_test(actual_text_stands_for_what_has_none),
        cmocka_unit_test(a_title_marks_the_line_that_it_leads_to),
        cmocka_unit_test(an_outline_without_end_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
