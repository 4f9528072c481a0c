/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
assert_box(struct box b, float x0, float y0, float x1, float y1)
{
    assert_true(b.x0 == x0 && b.y0 == y0 && b.x1 == x1 && b.y1 == y1);
}

static void
a_turned_page_knows_where_its_boxes_were_seen(void **state)
{
    (void)state;
    for (int degrees = 90; degrees <= 270; degrees += 90) {
        struct arena *arena = arena_new(MiB(1));
        struct page *page = page_new(arena, 0, 100, 200);
        float width, height;

        assert_non_null(page);
        struct page_word *word = page_add_word(page);
        assert_non_null(word);
        word->box = (struct box){10, 20, 30, 25};
        page_turn(page, degrees);
        assert_int_equal(page->turned, degrees);
        assert_box(page_box_as_seen(page, page->words[0].box), 10, 20, 30, 25);
        page_size_as_seen(page, &width, &height);
        assert_true(width == 100 && height == 200);
        arena_drop(&arena);
    }
}

static void
a_turned_copy_leaves_the_page_as_it_was(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MiB(1));
    struct page *page = page_new(arena, 0, 100, 200), copy;

    assert_non_null(page);
    struct page_code *code = page_add_code(page);
    struct page_link *link = page_add_link(page);
    assert_true(code != NULL && link != NULL);
    code->box = link->box = (struct box){10, 20, 30, 25};
    assert_true(page_copy(page, &copy));
    page_turn(&copy, 90);
    page_level(&copy, 2);
    struct page_code *more = page_add_code(&copy);
    assert_non_null(more);
    assert_int_equal(page->code_count, 1);
    assert_box(page->codes[0].box, 10, 20, 30, 25);
    assert_box(page->links[0].box, 10, 20, 30, 25);
    assert_true(copy.codes[0].box.x0 > 100);
    arena_drop(&arena);
}

static void
turning_is_clockwise(void **state)
{
    (void)state;
    /* The top left corner of a page that is turned clockwise by a quarter comes to the top right.
     */
    assert_box(box_turn((struct box){0, 0, 10, 5}, 100, 200, 90), 195, 0, 200, 10);
    assert_box(box_turn((struct box){0, 0, 10, 5}, 100, 200, 180), 90, 195, 100, 200);
    assert_box(box_turn((struct box){0, 0, 10, 5}, 100, 200, 270), 0, 90, 5, 100);
}

static void
a_levelled_page_knows_where_its_boxes_were_seen(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 16);
    struct page *page = page_new(arena, 0, 200, 100);
    assert_non_null(page);
    struct page_word *word = page_add_word(page);
    assert_non_null(word);
    word->box = (struct box){150, 48, 170, 52};
    page_level(page, 10);
    assert_float_equal(page->skew, 10, 1e-6);
    /* Clockwise: what stands right of the middle goes down. */
    assert_true(page->words[0].box.y0 > 55 && page->words[0].box.x0 < 150);
    struct box seen = page_box_as_seen(page, page->words[0].box);
    assert_float_equal(seen.x0 + seen.x1, 320, 0.01);
    assert_float_equal(seen.y0 + seen.y1, 100, 0.01);
    struct box back = page_box_as_read(page, (struct box){150, 48, 170, 52});
    assert_float_equal(back.x0, page->words[0].box.x0, 0.01);
    assert_float_equal(back.y1, page->words[0].box.y1, 0.01);
    /* It holds the leaning box: higher by the sine of its width. */
    assert_float_equal(box_height(seen), 4 * 0.9848 + 20 * 0.1736, 0.01);
    arena_drop(&arena);
}

static bool
is_even(void *ctx, const struct page *page, uint32_t word)
{
    *(uint32_t *)ctx += 1;
    return (int)page->words[word].box.x0 % 20 == 0;
}

static void
kept_words_close_up_and_their_lines_shrink(void **state)
{
    (void)state;
    static const uint32_t counts[] = {3, 1, 2};
    struct arena *arena = arena_new(1 << 16);
    struct page *page = page_new(arena, 0, 200, 100);
    uint32_t asked = 0;

    assert_non_null(page);
    for (uint32_t l = 0, n = 0; l < 3; l++) { /* words at 0, 10, 20 | 30 | 40, 50 */
        struct page_line *line = page_add_line(page);
        assert_non_null(line);
        *line = (struct page_line){.first_word = n, .word_count = counts[l]};
        line->box = (struct box){(float)n * 10, 0, (float)(n + counts[l]) * 10, 5};
        for (uint32_t i = 0; i < counts[l]; i++, n++) {
            struct page_word *word = page_add_word(page);
            assert_non_null(word);
            word->box = (struct box){(float)n * 10, 0, (float)n * 10 + 9, 5};
        }
    }
    page_keep_words(page, is_even, &asked);
    assert_int_equal(asked, 6);
    assert_int_equal(page->line_count, 2);
    assert_int_equal(page->word_count, 3);
    assert_box(page->lines[0].box, 0, 0, 29, 5);
    assert_box(page->lines[1].box, 40, 0, 49, 5);
    assert_int_equal(page->lines[1].first_word, 2);
    assert_int_equal(page->lines[1].word_count, 1);
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_levelled_page_knows_where_its_boxes_were_seen),
        cmocka_unit_test(a_turned_page_knows_where_its_boxes_were_seen),
        cmocka_unit_test(a_turned_copy_leaves_the_page_as_it_was),
        cmocka_unit_test(turning_is_clockwise),
        cmocka_unit_test(kept_words_close_up_and_their_lines_shrink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
