/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/settled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Two pixels of the view are a point; the picture begins at (10, 20) of the page. */
static const struct mapping mapping = {
    .factor = 0.5F, .width = 400, .height = 400, .x0 = 10, .y0 = 20};
static struct arena *arena;
static struct page *page;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(1));
    page = arena == NULL ? NULL : page_new(arena, 0, 300, 300);
    return page == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

/* A line of two words, 100 pt wide and 10 high, the second as sure as said. */
static void
add_line(float x, float y, float confidence)
{
    struct page_line *line = page_add_line(page);

    assert_non_null(line);
    line->box = (struct box){x, y, x + 100, y + 10};
    line->first_word = page->word_count;
    line->word_count = 2;
    for (int i = 0; i < 2; i++) {
        struct page_word *word = page_add_word(page);
        assert_non_null(word);
        word->box = (struct box){x + 60 * (float)i, y, x + 40 + 60 * (float)i, y + 10};
        word->text = i == 0 ? "one" : "two";
        word->size = 12;
        word->confidence = i == 0 ? 0.99F : confidence;
    }
}

/* What is known of a row of that place on the page. */
static struct settled
ask(struct box place, int turn)
{
    struct tess_row row = {.box = mapping_back(&mapping, place), .turn = turn};
    struct tess_rows rows = {&row, 1};
    struct settled *settled = settled_find(page, 0, &mapping, &rows, arena);

    assert_non_null(settled);
    return settled[0];
}

static void
a_sure_line_in_its_place_is_taken_over(void **state)
{
    (void)state;
    add_line(50, 60, 0.95F);
    struct settled found = ask((struct box){49, 59, 151, 71}, 0);
    assert_int_equal(found.count, 2);
    assert_ptr_equal(found.words[1].text, page->words[1].text);
    assert_true(found.words[0].box.x0 == 80 && found.words[0].box.y0 == 80);
    assert_true(found.words[0].box.x1 == 160 && found.words[0].box.y1 == 100);
    assert_true(found.words[0].size == 24);
}

static void
a_doubtful_word_has_its_row_read(void **state)
{
    (void)state;
    add_line(50, 60, 0.8F);
    assert_int_equal(ask((struct box){49, 59, 151, 71}, 0).count, 0);
}

static void
rows_put_together_otherwise_are_read(void **state)
{
    (void)state;
    add_line(50, 60, 0.95F);
    assert_int_equal(ask((struct box){50, 60, 90, 70}, 0).count, 0);  /* half of it */
    assert_int_equal(ask((struct box){50, 60, 190, 70}, 0).count, 0); /* more than it */
    assert_int_equal(ask((struct box){50, 80, 150, 90}, 0).count, 0); /* another place */
    assert_int_equal(ask((struct box){50, 60, 150, 70}, 90).count, 0);
    add_line(120, 61, 0.95F);
    assert_int_equal(ask((struct box){50, 60, 150, 70}, 0).count, 0); /* two lines there */
}

static void
boxes_go_back_as_they_came(void **state)
{
    static const struct mapping ways[] = {
        {.factor = 0.24F, .width = 1000, .height = 1400, .margin_x = 12, .margin_y = 7, .x0 = 3},
        {.factor = 0.5F, .width = 300, .height = 200, .turn_back = 90, .y0 = 40},
        {.factor = 0.5F, .width = 300, .height = 200, .turn_back = 180},
        {.factor = 0.5F, .width = 300, .height = 200, .turn_back = 270, .x0 = 5},
        {.factor = 0.3F, .width = 900, .height = 700, .margin_x = 9, .lean_back = -3},
        {.factor = 0.3F, .width = 900, .height = 700, .lean_back = 2, .turn_back = 90},
    };
    const struct box box = {100, 60, 220, 84};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct box back = mapping_back(&ways[i], mapping_box(&ways[i], box));
        assert_float_equal(back.x0, box.x0, 0.01);
        assert_float_equal(back.y0, box.y0, 0.01);
        assert_float_equal(back.x1, box.x1, 0.01);
        assert_float_equal(back.y1, box.y1, 0.01);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sure_line_in_its_place_is_taken_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_doubtful_word_has_its_row_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_put_together_otherwise_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(boxes_go_back_as_they_came, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
