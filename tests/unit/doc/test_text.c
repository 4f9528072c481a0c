/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/text.h"

#include "base/utf8.h"
#include "doc/marks.h"
#include "doc/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static struct page *page;
static struct text_room *room;
static struct text *text;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(8));
    page = page_new(arena, 0, 600, 800);
    room = text_room_new();
    text = room != NULL ? text_new(arena, page, room) : NULL;
    return text == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    text_room_drop(&room);
    arena_drop(&arena);
    return 0;
}

/* Draws s from (x, 100) on, each character 10 pt wide at size 20, with step from one to the next.
 */
static float
draw(float x, float step, const char *s)
{
    while (*s != '\0') {
        uint32_t code;
        size_t len = utf8_decode(s, strlen(s), &code);
        struct glyph g = {.code = code,
                          .x = x,
                          .y = 100,
                          .ex = x + 10,
                          .ey = 100,
                          .dx = 1,
                          .size = 20,
                          .box = {x, 85, x + 10, 104}};
        text_add(text, &g);
        x += step;
        s += len;
    }
    return x;
}

static const char *
finish(void)
{
    struct err err;
    const char *all = "";

    assert_int_equal(text_finish(text, false, &err), ERR_OK);
    for (uint32_t i = 0; i < page->line_count; i++)
        all = arena_printf(arena, "%s%s|", all, page_line_text(arena, page, &page->lines[i]));
    return all;
}

static void
ligatures_and_marks_are_resolved(void **state)
{
    (void)state;
    draw(10, 10, "\xef\xac\x83x e\xcc\x81 a\xc2\xadz"); /* ffi ligature; e + acute; soft hyphen */
    assert_string_equal(finish(), "ffix \xc3\xa9 a-z|");
}

static void
an_accent_over_a_letter_joins_it(void **state)
{
    (void)state;
    float x = draw(10, 10, "caf");
    draw(x, 10, "\xc2\xb4");
    draw(x, 10, "e");
    assert_string_equal(finish(), "caf\xc3\xa9|");
}

static void
right_to_left_text_is_logical(void **state)
{
    (void)state;
    /* Seen from left to right: 12 then the letters he, dalet, gimel, bet, alef with a space. */
    draw(10, 10, "12 \xd7\x94\xd7\x93 \xd7\x92\xd7\x91\xd7\x90");
    assert_string_equal(finish(), "\xd7\x90\xd7\x91\xd7\x92 \xd7\x93\xd7\x94 12|");
    assert_true(page->lines[0].right_to_left);
    assert_true(page->words[0].box.x0 > page->words[1].box.x0);
}

static void
right_to_left_text_drawn_backwards_is_the_same(void **state)
{
    (void)state;
    draw(200, -10, "\xd7\x90\xd7\x91\xd7\x92 \xd7\x93\xd7\x94");
    assert_string_equal(finish(), "\xd7\x90\xd7\x91\xd7\x92 \xd7\x93\xd7\x94|");
}

static void
a_right_to_left_word_in_a_left_to_right_line_is_turned(void **state)
{
    (void)state;
    draw(10, 10, "the word \xd7\x92\xd7\x91\xd7\x90 here");
    assert_string_equal(finish(), "the word \xd7\x90\xd7\x91\xd7\x92 here|");
    assert_false(page->lines[0].right_to_left);
}

static void
ideographs_with_room_between_them_are_one_word(void **state)
{
    (void)state;
    draw(10, 16, "\xe6\xb1\x89\xe5\xad\x97\xe6\xb5\x8b");
    assert_string_equal(finish(), "\xe6\xb1\x89\xe5\xad\x97\xe6\xb5\x8b|");
}

static void
what_is_painted_over_is_hidden(void **state)
{
    (void)state;
    uint32_t visible, hidden;

    draw(10, 10, "open secret");
    text_cover(text, (struct box){55, 80, 130, 110});
    text_count(text, &visible, &hidden);
    assert_int_equal(visible, 1);
    assert_int_equal(hidden, 1);
    assert_string_equal(finish(), "open|");
}

static void
the_census_tells_text_from_soup(void **state)
{
    (void)state;
    static const struct text_census prose = {
        .glyphs = 200, .letters = 180, .latin = 180, .vowels = 70};
    static const struct text_census unmapped = {
        .glyphs = 200, .bad = 60, .bad_words = 9, .letters = 140};
    static const struct text_census symbols = {.glyphs = 200, .letters = 20};
    static const struct text_census shifted = {.glyphs = 200,
                                               .letters = 190,
                                               .latin = 190,
                                               .vowels = 20,
                                               .pairs = 220,
                                               .surprise = 220 * 24};
    static const struct text_census figures = {.glyphs = 200, .digits = 180, .latin = 10};
    static const struct text_census contents = {
        .glyphs = 400, .leaders = 300, .letters = 90, .latin = 90, .vowels = 35};

    static const struct text_census shuffled = {.glyphs = 200,
                                                .letters = 190,
                                                .latin = 190,
                                                .vowels = 70,
                                                .pairs = 230,
                                                .surprise = 230 * 38};
    static const struct text_census swapped = {
        .glyphs = 100, .letters = 60, .digits = 40, .latin = 60, .named = 100, .differing = 40};

    assert_int_equal(trust_judge_font(&shuffled), DOUBT_TEXT);
    assert_int_equal(trust_judge_font(&symbols), DOUBT_NONE); /* a font of formulas */
    ;
    assert_int_equal(trust_judge_font(&swapped), DOUBT_NAMES);
    assert_false(trust_is_garbled(&prose));
    assert_true(trust_is_garbled(&unmapped));
    assert_true(trust_is_garbled(&symbols));
    assert_true(trust_is_garbled(&shifted));
    assert_false(trust_is_garbled(&figures));
    assert_false(trust_is_garbled(&contents));
}

static void
strips_of_a_scan_are_one_picture(void **state)
{
    (void)state;
    struct marks *marks = marks_new(arena, page);
    struct err err;

    assert_non_null(marks);
    for (int i = 0; i < 8; i++)
        marks_picture(marks, (struct box){0, (float)i * 100, 600, (float)i * 100 + 100}, 2500, 417);
    assert_float_equal(marks_picture_share(marks), 1, 0.01);
    assert_float_equal(marks_picture_dpi(marks), 300, 1);
    assert_int_equal(marks_finish(marks, page, &err), ERR_OK);
    assert_int_equal(page->region_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ligatures_and_marks_are_resolved),
        TEST(an_accent_over_a_letter_joins_it),
        TEST(right_to_left_text_is_logical),
        TEST(right_to_left_text_drawn_backwards_is_the_same),
        TEST(a_right_to_left_word_in_a_left_to_right_line_is_turned),
        TEST(ideographs_with_room_between_them_are_one_word),
        TEST(what_is_painted_over_is_hidden),
        TEST(the_census_tells_text_from_soup),
        TEST(strips_of_a_scan_are_one_picture),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
