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
        word->text = arena_strdup(arena, said[i].text); /* as two readings have it */
        assert_non_null(word->text);
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

/* What either reading had for less likely is kept, and grows surer where both have it. */
static void
the_readings_of_both_are_kept(void **state)
{
    static const struct said a[] = {{10, 40, 10, "beball", 0.5F}};
    static const struct said b[] = {{10, 40, 10, "bchalf", 0.4F}};
    static const struct said best[] = {{10, 40, 10, "behalf", 0.7F}};
    struct page *pages[] = {page_of(a, 1), page_of(b, 1), page_of(best, 1)};
    struct page *before = page_new(arena, 0, 200, 200), both, all;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct page_alt *alt = page_add_alt(pages[i]);
        assert_non_null(alt);
        *alt = (struct page_alt){"behalf", 0.3F, ALT_BEAM};
        pages[i]->words[0].alt_count = 1;
    }
    assert_non_null(before);
    assert_int_equal(merge_readings(before, pages[0], pages[1], &both, &err), ERR_OK);
    assert_string_equal(both.words[0].text, "beball");
    assert_int_equal(both.words[0].alt_count, 2);
    const struct page_alt *alts = &both.alts[both.words[0].first_alt];
    assert_string_equal(alts[0].text, "behalf");
    assert_int_equal(alts[0].source, ALT_BEAM);
    assert_true(alts[0].confidence > 0.3F && alts[0].confidence < 0.5F);
    assert_string_equal(alts[1].text, "bchalf");
    assert_int_equal(alts[1].source, ALT_RIVAL);
    /* A third reading says what was less likely to both: they confirm it. */
    assert_int_equal(merge_readings(before, &both, pages[2], &all, &err), ERR_OK);
    assert_string_equal(all.words[0].text, "behalf");
    assert_true(all.words[0].confidence > 0.7F);
    alts = &all.alts[all.words[0].first_alt];
    assert_string_equal(alts[0].text, "beball");
    assert_int_equal(alts[0].source, ALT_RIVAL);
}

/* A word has room for so many; other pictures' readings go before those of a beam. */
static void
readings_are_bounded(void **state)
{
    static const struct said a[] = {{10, 40, 10, "word", 0.8F}};
    static const struct said b[] = {{10, 40, 10, "ward", 0.4F}};
    struct page *first = page_of(a, 1), *second = page_of(b, 1), both;
    struct page *before = page_new(arena, 0, 200, 200);
    struct err err = {0};

    (void)state;
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < PAGE_WORD_ALTS_MAX - 1; i++) {
            struct page *page = side == 0 ? first : second;
            struct page_alt *alt = page_add_alt(page);
            assert_non_null(alt);
            *alt = (struct page_alt){arena_printf(arena, "w%d%d", side, i), 0.2F, ALT_BEAM};
            page->words[0].alt_count++;
        }
    assert_non_null(before);
    assert_int_equal(merge_readings(before, first, second, &both, &err), ERR_OK);
    assert_int_equal(both.words[0].alt_count, PAGE_WORD_ALTS_MAX);
    assert_string_equal(both.alts[both.words[0].first_alt + PAGE_WORD_ALTS_MAX - 1].text, "ward");
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

static void
a_word_taken_over_confirms_nothing(void **state)
{
    static const struct said said[] = {{10, 40, 10, "TOTAL", 0.9F}};
    struct page *before = page_new(arena, 0, 200, 200);
    struct page *first = page_of(said, 1), *second = page_of(said, 1), both;
    struct err err = {0};

    (void)state;
    assert_non_null(before);
    second->words[0].text = first->words[0].text;
    assert_int_equal(merge_readings(before, first, second, &both, &err), ERR_OK);
    assert_int_equal(both.word_count, 1);
    assert_true(both.words[0].confidence == first->words[0].confidence);
    assert_int_equal(both.words[0].alt_count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_word_taken_over_confirms_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_surer_word_stays_and_the_other_is_an_alternative,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_readings_of_both_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(readings_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_words_confirm_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_word_cut_in_two_is_a_rival_of_both_halves, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(rows_of_one_reading_are_kept_where_sure, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
