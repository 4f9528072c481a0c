/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "opened.h"

static void
words_have_boxes_sizes_and_lines(void **state)
{
    (void)state;
    const char *text = TEXT("BT /F1 20 Tf 50 250 Td (Hello world) Tj 0 -30 Td (again) Tj ET");

    assert_string_equal(text, "Hello world|again|");
    assert_string_equal(doc_type_name(fixture.doc), "PDF 1.7");
    assert_int_equal(doc_kind(fixture.doc), DOC_PDF);
    assert_int_equal(doc_page_count(fixture.doc), 1);
    assert_int_equal(fixture.trust, TRUST_LAYER);
    const struct page *page = fixture.page;
    assert_true(page->width == 200 && page->height == 300 && page->from_layer);
    const struct page_word *word = &page->words[1];
    assert_float_equal(word->size, 20, 0.01);
    /* "Hello " is 0.722 + 0.556 + 2 * 0.222 + 0.556 + 0.278 em wide in Helvetica. */
    assert_float_equal(word->box.x0, 50 + 20 * 2.556, 0.1);
    assert_float_equal(page->lines[0].baseline, 50, 0.1);
    assert_true(word->box.y0 < 40 && word->box.y1 > 50 && word->box.y1 < 60);
    assert_int_equal(page->lines[1].first_word, 2);
}

static void
gaps_are_spaces_and_wide_gaps_are_columns(void **state)
{
    (void)state;
    const char *text = TEXT("BT /F1 10 Tf 20 250 Td [(one) -300 (two) -40 (three)] TJ ET\n"
                            "BT /F1 10 Tf 20 200 Td [(left) -4000 (right)] TJ ET");

    assert_string_equal(text, "one twothree|left|right|");
}

static void
letters_set_apart_are_one_word(void **state)
{
    (void)state;
    const char *text = TEXT("BT /F1 10 Tf 3 Tc 20 250 Td (SPACED TITLE) Tj ET");

    assert_string_equal(text, "SPACED TITLE|");
}

static void
indices_are_glued_and_marked(void **state)
{
    (void)state;
    const char *text = TEXT("BT /F1 12 Tf 20 250 Td (area in m) Tj 4 Ts /F1 7 Tf (2) Tj "
                            "0 Ts /F1 12 Tf ( at t) Tj -2 Ts /F1 7 Tf (i) Tj ET");

    assert_string_equal(text, "area in m2 at ti|");
    assert_int_equal(fixture.page->word_count, 7);
    assert_true(fixture.page->words[3].glued && (fixture.page->words[3].style & STYLE_SUPER));
    assert_true(fixture.page->words[6].glued && (fixture.page->words[6].style & STYLE_SUB));
    assert_float_equal(fixture.page->lines[0].size, 12, 0.01);
}

static void
text_printed_twice_is_read_once(void **state)
{
    (void)state;
    const char *text = TEXT("BT /F1 12 Tf 20 250 Td (Shadow line) Tj ET "
                            "BT /F1 12 Tf 20.4 249.7 Td (Shadow line) Tj ET "
                            "BT /F1 12 Tf 2 Tr 20 200 Td (Outlined) Tj ET");

    assert_string_equal(text, "Shadow line|Outlined|");
}

static void
rotation_and_crop_are_as_seen(void **state)
{
    (void)state;
    const char *text = text_of("BT /F1 10 Tf 60 250 Td (turned) Tj ET",
                               "/Rotate 90/CropBox[50 100 200 300]", NULL, 0);

    assert_string_equal(text, "turned|");
    assert_true(fixture.page->width == 200 && fixture.page->height == 150);
    assert_true(fixture.page->lines[0].vertical);
    /* On the page as it stands: 10 right of the crop's edge is 10 down, 50 below its top is 150
     * left of the right edge. */
    struct box box = fixture.page->words[0].box;
    assert_float_equal(box.y0, 10, 0.5);
    assert_true(box.x0 < 150 && box.x1 > 150);
}

static void
invisible_text_is_left_out(void **state)
{
    (void)state;
    const char *text = TEXT("BT /F1 10 Tf 20 250 Td (seen) Tj ET "
                            "BT /F1 10 Tf 3 Tr 20 230 Td (mode three) Tj ET "
                            "BT /F1 10 Tf 0 Tr 1 g 20 210 Td (white) Tj ET "
                            "q /Faint gs BT /F1 10 Tf 0 g 20 190 Td (faint) Tj ET Q "
                            "BT /F1 10 Tf 0 g 20 -50 Td (off the page) Tj ET "
                            "q 0 0 10 10 re W n BT /F1 10 Tf 20 170 Td (clipped) Tj ET Q "
                            "BT /F1 10 Tf 20 150 Td (blacked out) Tj ET 0 g 15 145 100 20 re f");

    assert_string_equal(text, "seen|");
    assert_int_equal(fixture.trust, TRUST_LAYER);
}

static void
white_text_on_a_dark_bar_is_read(void **state)
{
    (void)state;
    const char *text = TEXT("0.2 g 10 240 150 30 re f BT /F1 10 Tf 1 g 20 250 Td (head) Tj ET");

    assert_string_equal(text, "head|");
}

/* A border is filled as one box with another as its hole; what stands in the hole is seen. */
static void
text_in_a_frame_is_read(void **state)
{
    (void)state;
    const char *text = TEXT("BT /F1 10 Tf 0 g 20 250 Td (before) Tj ET "
                            "10 240 m 110 240 l 110 270 l 10 270 l h "
                            "11 241 98 28 re f* "
                            "BT /F1 10 Tf 20 210 Td (even) Tj ET "
                            "10 200 100 30 re 11 201 98 28 re f* "
                            "BT /F1 10 Tf 20 185 Td (after) Tj ET "
                            "10 160 100 30 re 11 189 m 109 189 l 109 161 l 11 161 l h f "
                            "BT /F1 10 Tf 20 165 Td (wound) Tj ET");

    assert_string_equal(text, "before|even|after|wound|");
    assert_int_equal(fixture.page->region_count, 12);
    for (uint32_t i = 0; i < fixture.page->region_count; i++)
        assert_int_equal(fixture.page->regions[i].kind, REGION_RULE);
    /* Boxes one beside the other, or both wound alike, are painted over. */
    text = TEXT("BT /F1 10 Tf 0 g 20 250 Td (below) Tj ET "
                "10 240 100 30 re 11 241 98 28 re f "
                "BT /F1 10 Tf 0 g 20 245 Td (black) Tj ET");
    assert_string_equal(text, "");
}

/* Stroked, filled as a frame, of four lines; empty, crossed, ticked, with a mark that is set. */
static void
check_boxes_are_words(void **state)
{
    (void)state;
    const char *text =
        TEXT("BT /F1 10 Tf 40 250 Td (Full) Tj 0 -20 Td (Reduced) Tj 0 -20 Td (Family) Tj "
             "0 -20 Td (Friend) Tj 0 -20 Td (Number) Tj 60 0 Td (A) Tj 0 -20 Td (rule) Tj ET "
             "25 249 9 9 re S "
             "25 229 9 9 re 26 230 7 7 re f* 26 230 m 33 237 l 26 237 m 33 230 l S "
             "25 209 m 34 209 l S 25 218 m 34 218 l S 25 209 m 25 218 l S 34 209 m 34 218 l S "
             "27 213 m 29 210 l 37 221 l S "
             "25 189 9 9 re S BT /F1 9 Tf 26 190 Td (x) Tj ET "
             "85 169 9 9 re S 98 169 9 9 re S 110 169 9 9 re S 85 149 9 9 re S 94 149 9 9 re S");

    assert_string_equal(text, "Full|Reduced|Family|Friend|Number|A|rule|\xe2\x98\x92|"
                              "\xe2\x98\x90|\xe2\x98\x92|\xe2\x98\x92|");
}

static const char one_pixel[] = "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8"
                                "/ColorSpace/DeviceGray/Length 1>>\nstream\nx\nendstream";

static void
an_ocr_layer_under_a_scan_is_doubted(void **state)
{
    (void)state;
    const char *const more[] = {one_pixel};
    const char *text = text_of("q 200 0 0 300 0 0 cm /Im Do Q "
                               "BT /F1 10 Tf 3 Tr 20 250 Td (some layer) Tj ET",
                               "", more, 1);
    float dpi = 0;
    struct err err;

    assert_string_equal(text, "some layer|");
    assert_int_equal(fixture.trust, TRUST_DOUBT);
    assert_int_equal(fixture.page->region_count, 1);
    assert_int_equal(fixture.page->regions[0].kind, REGION_PICTURE);
    assert_int_equal(doc_native_dpi(fixture.doc, 0, &dpi, &err), ERR_OK);
    assert_true(dpi > 0 && dpi < 1); /* one pixel for the whole page */
}

static void
a_scan_without_text_has_none(void **state)
{
    (void)state;
    const char *const more[] = {one_pixel};
    const char *text = text_of("q 200 0 0 300 0 0 cm /Im Do Q", "", more, 1);

    assert_string_equal(text, "");
    assert_int_equal(fixture.trust, TRUST_NONE);
}

static void
a_shifted_alphabet_is_doubted(void **state)
{
    (void)state;
    /* Each letter replaced by the one before it, as a font without a Unicode table gives. */
    (void)TEXT("BT /F1 8 Tf 20 250 Td (sgd pthbj aqnvm enw itlor nudq sgd kzyx cnf zmc) Tj "
               "0 -12 Td (cdudknodqr qdzc sghr rdmsdmbd vhsgnts tmcdqrszmchmf) Tj "
               "0 -12 Td (zkk ne sgd vnqcr hm hs) Tj ET");

    const struct doc_layer *layer = doc_layer(fixture.doc);
    assert_int_equal(fixture.trust, TRUST_LAYER);
    assert_int_equal(layer->word_count, fixture.page->word_count);
    assert_int_equal(layer->doubts[layer->fonts[0]], DOUBT_TEXT);
}

static void
hidden_text_is_kept_apart_with_its_reason(void **state)
{
    (void)state;
    static const char content[] =
        "BT /F1 10 Tf 20 250 Td (seen) Tj ET BT 3 Tr /F1 10 Tf 20 230 Td (no ink) Tj ET "
        "BT 0 Tr 1 g /F1 10 Tf 20 210 Td (white) Tj ET 0 g BT /F1 10 Tf 20 190 Td (below) Tj ET "
        "0 0 1 rg 10 180 100 20 re f BT 0 0 1 rg /F1 10 Tf 20 185 Td (blue) Tj ET "
        "BT 0 g /F1 10 Tf 20 400 Td (away) Tj ET "
        "0 g 10 100 100 40 re f 1 g BT /F1 10 Tf 20 110 Td (on black) Tj ET";
    static const struct {
        const char *text;
        enum hidden_kind kind;
    } wanted[] = {{"no ink", HIDDEN_INVISIBLE},
                  {"white", HIDDEN_WHITE},
                  {"below", HIDDEN_COVERED},
                  {"blue", HIDDEN_WHITE},
                  {"away", HIDDEN_OFF_PAGE}};

    assert_string_equal(text_of(content, "", NULL, 0), "seen|on black|");
    assert_int_equal(fixture.page->hidden_count, ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        assert_string_equal(fixture.page->hiddens[i].text, wanted[i].text);
        assert_int_equal(fixture.page->hiddens[i].kind, wanted[i].kind);
    }
}

static void
text_that_is_clipped_to_shows_by_what_is_painted_through_it(void **state)
{
    (void)state;

    assert_string_equal(text_of("q BT /F1 20 Tf 7 Tr 20 250 Td (empty) Tj ET Q "
                                "BT 0 Tr /F1 10 Tf 20 200 Td (seen) Tj ET",
                                "", NULL, 0),
                        "seen|");
    assert_int_equal(fixture.page->hiddens[0].kind, HIDDEN_INVISIBLE);
    assert_string_equal(text_of("q BT /F1 20 Tf 7 Tr 20 250 Td (filled) Tj ET "
                                "1 0 0 rg 0 200 200 100 re f Q",
                                "", NULL, 0),
                        "filled|");
    assert_string_equal(text_of("BT /F1 0.5 Tf 20 250 Td (dust) Tj ET "
                                "BT /F1 10 Tf 20 200 Td (seen) Tj ET",
                                "", NULL, 0),
                        "seen|");
    /* A page that was made small is all there is. */
    assert_string_equal(text_of("BT /F1 0.8 Tf 20 250 Td (a small page of words) Tj ET "
                                "BT /F1 10 Tf 20 200 Td (seen) Tj ET",
                                "", NULL, 0),
                        "a small page of words|seen|");
}

static void
rules_are_found_and_joined(void **state)
{
    (void)state;
    (void)TEXT("0.5 w 20 200 m 100 200 l S 100 200 m 180 200 l S " /* one line in two pieces */
               "50 50 1 100 re f "                                 /* a thin box */
               "20 20 m 100 60 l S "                               /* slanted: none */
               "20 250 60 30 re f");                               /* an area: none */

    assert_int_equal(fixture.page->region_count, 2);
    struct box level = fixture.page->regions[0].box, upright = fixture.page->regions[1].box;
    assert_float_equal(level.x0, 20, 0.1);
    assert_float_equal(level.x1, 180, 0.1);
    assert_float_equal(level.y0, 99.75, 0.1);
    assert_float_equal(box_height(upright), 100, 0.1);
}

static void
fields_stand_as_words_and_in_the_list(void **state)
{
    (void)state;
    static const char *const more[] = {
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Ada Lovelace)/Rect[20 200 150 220]/F 4"
        "/DA(/F1 10 Tf 0 g)>>",
        "<</Type/Annot/Subtype/Widget/FT/Btn/T(agree)/V/Yes/AS/Yes/Rect[20 150 30 160]/F 4"
        "/AP<</N<</Yes 9 0 R/Off 9 0 R>>>>>>",
        "<</Type/Annot/Subtype/Widget/FT/Btn/T(spam)/V/Off/AS/Off/Rect[20 130 30 140]/F 4"
        "/AP<</N<</Yes 9 0 R/Off 9 0 R>>>>>>",
        "<</Type/XObject/Subtype/Form/BBox[0 0 10 10]/Length 0>>\nstream\n\nendstream",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(ghost)/V(hidden)/Rect[20 100 150 120]/F 2"
        "/DA(/F1 10 Tf 0 g)>>",
    };
    const char *text = text_of("", "/Annots[6 0 R 7 0 R 8 0 R 10 0 R]", more, ARRAY_LEN(more));
    const struct page *page = fixture.page;

    assert_string_equal(text, "Ada Lovelace|\xe2\x98\x91|\xe2\x98\x90|");
    assert_int_equal(page->field_count, 3);
    assert_string_equal(page->fields[0].name, "name");
    assert_string_equal(page->fields[0].value, "Ada Lovelace");
    assert_int_equal(page->fields[1].kind, FIELD_CHECK);
    assert_true(page->fields[1].checked);
    assert_string_equal(page->fields[1].value, "Yes");
    assert_false(page->fields[2].checked);
    assert_float_equal(page->fields[0].box.y0, 80, 0.1);
}

static void
links_are_kept_where_they_lead_out(void **state)
{
    (void)state;
    static const char *const more[] = {
        "<</Type/Annot/Subtype/Link/Rect[15 245 60 262]/A<</S/URI/URI(https://example.org/a)>>>>",
        "<</Type/Annot/Subtype/Link/Rect[15 195 60 212]/A<</S/URI/URI(javascript:alert(1))>>>>",
    };
    (void)text_of("BT /F1 10 Tf 20 250 Td (click) Tj 0 -50 Td (never) Tj ET",
                  "/Annots[6 0 R 7 0 R]", more, ARRAY_LEN(more));

    assert_int_equal(fixture.page->link_count, 1);
    assert_string_equal(fixture.page->links[0].uri, "https://example.org/a");
    assert_int_equal(fixture.page->words[0].link, 0);
    assert_int_equal(fixture.page->words[1].link, -1);
}

static void
rendering_draws_ink_where_it_belongs(void **state)
{
    (void)state;
    struct pixmap picture;
    struct err err;
    struct box clip = {40, 90, 60, 110};

    (void)TEXT("0 g 50 190 10 10 re f"); /* as seen: x 50..60, y 100..110 */
    assert_int_equal(doc_render(fixture.doc, 0, 144, NULL, fixture.arena, &picture, &err), ERR_OK);
    assert_int_equal(picture.width, 400);
    assert_int_equal(picture.height, 600);
    assert_int_equal(picture.pixels[210 * picture.stride + 110], 0);
    assert_int_equal(picture.pixels[190 * picture.stride + 110], 255);
    assert_int_equal(doc_render(fixture.doc, 0, 144, &clip, fixture.arena, &picture, &err), ERR_OK);
    assert_int_equal(picture.width, 40);
    assert_int_equal(picture.pixels[30 * picture.stride + 30], 0);
    assert_int_equal(picture.pixels[10 * picture.stride + 30], 255);
    assert_true(picture.x0 == 40 && picture.y0 == 90);
}

static void
the_overlay_is_a_png(void **state)
{
    (void)state;
    struct buf out;
    struct err err;

    (void)TEXT("BT /F1 10 Tf 20 250 Td (boxed) Tj ET");
    struct page_block *block = page_add_block(fixture.page);
    assert_non_null(block);
    block->box = fixture.page->lines[0].box;
    block->kind = BLOCK_HEADING;
    buf_init(&out, MiB(4));
    assert_int_equal(doc_draw_overlay(fixture.doc, 0, 72, fixture.page, &out, &err), ERR_OK);
    assert_true(out.len > 100 && memcmp(out.data, "\x89PNG", 4) == 0);
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(words_have_boxes_sizes_and_lines),
        TEST(gaps_are_spaces_and_wide_gaps_are_columns),
        TEST(letters_set_apart_are_one_word),
        TEST(indices_are_glued_and_marked),
        TEST(text_printed_twice_is_read_once),
        TEST(rotation_and_crop_are_as_seen),
        TEST(invisible_text_is_left_out),
        TEST(white_text_on_a_dark_bar_is_read),
        TEST(text_in_a_frame_is_read),
        TEST(check_boxes_are_words),
        TEST(an_ocr_layer_under_a_scan_is_doubted),
        TEST(a_scan_without_text_has_none),
        TEST(a_shifted_alphabet_is_doubted),
        TEST(hidden_text_is_kept_apart_with_its_reason),
        TEST(text_that_is_clipped_to_shows_by_what_is_painted_through_it),
        TEST(rules_are_found_and_joined),
        TEST(fields_stand_as_words_and_in_the_list),
        TEST(links_are_kept_where_they_lead_out),
        TEST(rendering_draws_ink_where_it_belongs),
        TEST(the_overlay_is_a_png),
    };

    return cmocka_run_group_tests_name("doc", tests, NULL, NULL);
}
