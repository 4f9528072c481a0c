/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(4));
    return arena == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

struct said {
    float x0, x1, y; /* of a word 10 high */
    const char *text;
    float confidence;
};

/* A line for each y. */
static struct page *
page_of(const struct said *said, size_t n)
{
    struct page *page = page_new(arena, 0, 200, 200);

    assert_non_null(page);
    for (size_t i = 0; i < n; i++) {
        struct box box = {said[i].x0, said[i].y, said[i].x1, said[i].y + 10};
        if (i == 0 || said[i].y != said[i - 1].y) {
            struct page_line *line = page_add_line(page);
            assert_non_null(line);
            line->box = box;
            line->first_word = page->word_count;
        }
        struct page_word *word = page_add_word(page);
        struct page_line *line = &page->lines[page->line_count - 1];
        assert_non_null(word);
        word->box = box;
        word->text = said[i].text;
        word->confidence = said[i].confidence;
        line->box = box_union(line->box, box);
        line->word_count++;
    }
    return page;
}

static struct page
merge(const struct said *a, size_t na, const struct said *b, size_t nb)
{
    struct page *before = page_new(arena, 0, 200, 200);
    struct page *first = page_of(a, na), *second = page_of(b, nb), both;
    struct err err = {0};

    assert_non_null(before);
    assert_int_equal(merge_readings(before, first, second, &both, &err), ERR_OK);
    return both;
}

static void
the_surer_word_stays_and_the_other_is_an_alternative(void **state)
{
    static const struct said a[] = {{10, 40, 10, "TOTAL", 0.9F}, {60, 90, 10, "16.O0", 0.5F}};
    static const struct said b[] = {{10, 40, 11, "T0TAL", 0.6F}, {61, 90, 11, "16.00", 0.8F}};
    struct page page = merge(a, 2, b, 2);

    (void)state;
    assert_int_equal(page.line_count, 1);
    assert_int_equal(page.word_count, 2);
    assert_string_equal(page.words[0].text, "TOTAL");
    assert_string_equal(page.words[1].text, "16.00");
    assert_int_equal(page.words[1].alt_count, 1);
    assert_string_equal(page.alts[page.words[1].first_alt].text, "16.O0");
    assert_true(page.alts[page.words[1].first_alt].confidence < page.words[1].confidence);
}

static void
equal_words_confirm_each_other(void **state)
{
    static const struct said a[] = {{10, 40, 10, "CASH", 0.6F}};
    static const struct said b[] = {{10, 40, 10, "CASH", 0.5F}};
    struct page page = merge(a, 1, b, 1);

    (void)state;
    assert_int_equal(page.word_count, 1);
    assert_true(page.words[0].confidence > 0.6F && page.words[0].confidence <= 1);
    assert_int_equal(page.words[0].alt_count, 0);
}

static void
a_word_cut_in_two_is_a_rival_of_both_halves(void **state)
{
    static const struct said a[] = {{10, 24, 10, "RECE", 0.4F}, {26, 40, 10, "IPT", 0.4F}};
    static const struct said b[] = {{10, 40, 10, "RECEIPT", 0.9F}};
    struct page page = merge(a, 2, b, 1);

    (void)state;
    assert_int_equal(page.word_count, 1);
    assert_string_equal(page.words[0].text, "RECEIPT");
}

static void
rows_of_one_reading_are_kept_where_sure(void **state)
{
    static const struct said a[] = {{10, 40, 10, "one", 0.3F}};
    static const struct said b[] = {{10, 40, 50, "two", 0.9F}, {10, 40, 90, "~;", 0.3F}};
    struct page page = merge(a, 1, b, 2);

    (void)state;
    assert_int_equal(page.line_count, 2);
    assert_string_equal(page.words[0].text, "one");
    assert_string_equal(page.words[1].text, "two");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_surer_word_stays_and_the_other_is_an_alternative,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_words_confirm_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_word_cut_in_two_is_a_rival_of_both_halves, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(rows_of_one_reading_are_kept_where_sure, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
