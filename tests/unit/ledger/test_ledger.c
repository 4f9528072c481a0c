/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lines.h"

/* Words over the first n of the ten lines. */
static void
read_lines(int n, float confidence)
{
    for (int i = 0; i < n; i++) {
        struct page_word *word = page_add_word(page);
        word->box = canvas_box(98, 98 + 20 * i, 304, 14);
        word->text = "abcdefghijklmnopqrstuvwxyzabcd";
        word->confidence = confidence;
    }
    page->confidence = confidence;
}

static bool
see(void)
{
    bool writing = false;
    struct err err;

    assert_int_equal(ledger_see(ledger, &map, scratch, &writing, &err), ERR_OK);
    return writing;
}

static void
settle(void)
{
    struct err err;

    assert_int_equal(ledger_settle(ledger, page, scratch, &err), ERR_OK);
}

static uint32_t
count(enum region_kind kind)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < page->region_count; i++)
        n += page->regions[i].kind == kind;
    return n;
}

static void
a_page_read_whole_is_covered(void **state)
{
    (void)state;
    assert_true(see());
    read_lines(10, 0.95F);
    settle();
    assert_true(page->coverage > 0.999F);
    assert_true(page->confidence > 0.94F);
    assert_int_equal(page->region_count, 0);
}

static void
lines_that_nobody_read_are_listed_and_cap_the_confidence(void **state)
{
    (void)state;
    (void)see();
    read_lines(8, 1);
    settle();
    assert_int_equal(count(REGION_UNREAD), 2);
    const struct page_region *region = &page->regions[0];
    struct box line = canvas_box(100, 260, 297, 10);
    assert_true(box_contains(region->box, line));
    assert_true(region->ink > 500);
    assert_true(page->coverage > 0.79F && page->coverage < 0.81F);
    assert_true(page->confidence <= ledger_cap);
}

/* Outlines two and a half times as high as the print, of strokes as thin: feet as far from a line
 * as given, pixels. */
static void
draw_tall(int y, int ragged)
{
    for (int i = 0; i < 6; i++) {
        int x = 100 + 20 * i, top = y + i * 5 % 3 * ragged, high = 26 - i % 2 * ragged;
        canvas_fill(&map, x, top, 14, 1, 20);
        canvas_fill(&map, x, top + high - 1, 14, 1, 20);
        canvas_fill(&map, x, top, 1, high, 20);
        canvas_fill(&map, x + 13, top, 1, high, 20);
    }
}

/* A pen's line is named; it was not read all the same. */
static void
handwriting_is_named(void **state)
{
    (void)state;
    draw_tall(500, 3);
    (void)see();
    read_lines(10, 1);
    settle();
    assert_int_equal(count(REGION_HANDWRITING), 1);
    assert_int_equal(count(REGION_UNREAD), 0);
    assert_true(page->coverage < 1);
    assert_true(page->confidence <= ledger_cap);
}

static void
large_light_print_is_no_handwriting(void **state)
{
    (void)state;
    draw_tall(500, 0);
    (void)see();
    read_lines(10, 1);
    settle();
    assert_int_equal(count(REGION_HANDWRITING), 0);
    assert_int_equal(count(REGION_UNREAD), 1);
}

static void
unsure_words_hold_ink_but_do_not_cover_it(void **state)
{
    (void)state;
    (void)see();
    read_lines(10, 0.3F);
    settle();
    assert_int_equal(count(REGION_UNREAD), 0);
    assert_true(page->coverage < 0.01F);
}

static void
other_ink_is_named(void **state)
{
    (void)state;
    canvas_fill(&map, 50, 400, 450, 2, 0);  /* a rule */
    canvas_ring(&map, 400, 500, 120);       /* a stamp */
    canvas_fill(&map, 50, 500, 12, 130, 0); /* a drawing */
    canvas_fill(&map, 50, 630, 150, 12, 0);
    canvas_fill(&map, 500, 700, 3, 3, 0); /* dust */
    (void)see();
    read_lines(10, 0.95F);
    settle();
    assert_int_equal(count(REGION_RULE), 1);
    assert_int_equal(count(REGION_STAMP), 1);
    assert_int_equal(count(REGION_NOISE), 1);
    assert_int_equal(count(REGION_UNREAD), 0);
    assert_true(count(REGION_PICTURE) >= 1);
    assert_true(page->coverage > 0.999F);
    for (uint32_t i = 0; i < page->region_count; i++)
        assert_true(page->regions[i].ink > 0);
}

static void
a_rule_that_is_known_gets_its_ink_and_no_double(void **state)
{
    (void)state;
    struct page_region *rule = page_add_region(page);

    rule->kind = REGION_RULE;
    rule->box = canvas_box(50, 400, 450, 2);
    canvas_fill(&map, 50, 400, 450, 2, 0);
    (void)see();
    read_lines(10, 0.95F);
    settle();
    assert_int_equal(count(REGION_RULE), 1);
    assert_true(page->regions[0].ink > 400);
}

static void
a_turned_page_is_accounted_for_as_it_was_turned(void **state)
{
    (void)state;
    (void)see();
    read_lines(10, 0.95F);
    page_turn(page, 90);
    settle();
    assert_true(page->coverage > 0.999F);
    assert_int_equal(count(REGION_UNREAD), 0);
}

static void
a_word_too_large_for_its_letters_holds_no_ink(void **state)
{
    (void)state;
    (void)see();
    struct page_word *word = page_add_word(page);
    word->box = (struct box){0, 0, page->width, page->height};
    word->text = "|";
    word->confidence = 0.5F;
    settle();
    assert_int_equal(count(REGION_UNREAD), 10);
}

/* In grain most of what has a letter's shape is dust: what an unsure word may be as high as is told
 * by the sure ones. */
static void
an_unsure_word_among_dust_holds_its_ink(void **state)
{
    (void)state;
    for (int y = 320; y < CANVAS_HEIGHT - 20; y += 12)
        for (int x = 20; x < CANVAS_WIDTH - 20; x += 12)
            canvas_fill(&map, x, y, 3, 3, 20);
    (void)see();
    read_lines(10, 0.95F);
    page->words[9].confidence = 0.4F;
    settle();
    assert_int_equal(count(REGION_UNREAD), 0);
}

static void
a_blank_page_is_fully_covered_and_has_no_writing(void **state)
{
    (void)state;
    map = canvas_new(arena, 245);
    assert_false(see());
    settle();
    assert_true(page->coverage == 1);
    assert_true(page->confidence == 1);
}

static void
places_that_nobody_looked_at_are_unread(void **state)
{
    (void)state;
    read_lines(10, 1);
    ledger_leave(ledger, canvas_box(100, 500, 300, 100));
    settle();
    assert_int_equal(count(REGION_UNREAD), 1);
    assert_true(page->coverage < 0.8F);
    assert_true(page->confidence <= ledger_cap);
}

static void
what_is_unread_can_be_asked_for_before(void **state)
{
    (void)state;
    struct group *lines;
    uint32_t n = 0;
    struct err err;

    (void)see();
    read_lines(9, 1);
    assert_int_equal(ledger_find_unread(ledger, page, false, scratch, &lines, &n, &err), ERR_OK);
    assert_int_equal(n, 1);
    assert_true(box_contains(canvas_box(98, 278, 304, 14), lines[0].box));
    assert_int_equal(page->region_count, 0);
}

static void
bars_of_a_code_are_not_unread(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++)
        canvas_fill(&map, 200 + i * 6 + i % 3, 500, 1 + i % 3, 30, 20);
    (void)see();
    read_lines(10, 1);
    settle();
    assert_int_equal(count(REGION_UNREAD), 0);
}

static void
a_smeared_word_alone_is_worth_a_reading_and_not_listed(void **state)
{
    (void)state;
    struct group *lines;
    uint32_t n = 0;
    struct err err;

    canvas_fill(&map, 420, 302, 64, 1, 60);
    for (int x = 420; x < 484; x += 8) {
        canvas_fill(&map, x, 290, 2, 4, 60);
        canvas_fill(&map, x, 294, 5, 8, 60);
    }
    (void)see();
    read_lines(10, 1);
    assert_int_equal(ledger_find_unread(ledger, page, false, scratch, &lines, &n, &err), ERR_OK);
    assert_int_equal(n, 0);
    assert_int_equal(ledger_find_unread(ledger, page, true, scratch, &lines, &n, &err), ERR_OK);
    assert_int_equal(n, 1);
    assert_true(lines[0].lone);
    settle();
    assert_int_equal(count(REGION_UNREAD), 0);
}

/* A figure in a row of its own: three letters of 7 by 10 pixels. */
static void
read_figure(const char *text)
{
    struct page_word *word = page_add_word(page);

    canvas_write(&map, 100, 40, 3, 20);
    *word = (struct page_word){.text = text,
                               .confidence = 0.98F,
                               .witness = WITNESS_PIXELS,
                               .box = canvas_box(99, 38, 31, 14)};
}

static float
confidence_of_figure(void)
{
    struct err err;

    (void)see();
    assert_int_equal(ledger_doubt_figures(ledger, page, scratch, &err), ERR_OK);
    return page->words[0].confidence;
}

static void
a_figure_whose_point_was_not_read_is_in_doubt(void **state)
{
    (void)state;
    read_figure("978");
    canvas_fill(&map, 118, 47, 1, 3, 20);
    assert_true(confidence_of_figure() < ledger_good);
}

static void
a_speck_at_the_heads_of_figures_is_no_point(void **state)
{
    (void)state;
    read_figure("978");
    canvas_fill(&map, 118, 40, 1, 3, 20);
    assert_true(confidence_of_figure() == 0.98F);
}

static void
a_point_that_was_read_is_no_doubt(void **state)
{
    (void)state;
    read_figure("97.8");
    canvas_fill(&map, 118, 47, 1, 3, 20);
    assert_true(confidence_of_figure() == 0.98F);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_page_read_whole_is_covered),
        CASE(lines_that_nobody_read_are_listed_and_cap_the_confidence),
        CASE(handwriting_is_named),
        CASE(large_light_print_is_no_handwriting),
        CASE(unsure_words_hold_ink_but_do_not_cover_it),
        CASE(other_ink_is_named),
        CASE(a_rule_that_is_known_gets_its_ink_and_no_double),
        CASE(a_turned_page_is_accounted_for_as_it_was_turned),
        CASE(a_word_too_large_for_its_letters_holds_no_ink),
        CASE(an_unsure_word_among_dust_holds_its_ink),
        CASE(a_blank_page_is_fully_covered_and_has_no_writing),
        CASE(places_that_nobody_looked_at_are_unread),
        CASE(what_is_unread_can_be_asked_for_before),
        CASE(bars_of_a_code_are_not_unread),
        CASE(a_smeared_word_alone_is_worth_a_reading_and_not_listed),
        CASE(a_figure_whose_point_was_not_read_is_in_doubt),
        CASE(a_speck_at_the_heads_of_figures_is_no_point),
        CASE(a_point_that_was_read_is_no_doubt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
