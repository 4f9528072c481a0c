/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/confidence.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static struct page *page;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(8));
    page = page_new(arena, 0, 600, 800);
    return page == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

/* A line of words of letters 6 pt wide, 10 high, all of that confidence; the words end in NULL. */
static void
add_line(float confidence, const char *const *words)
{
    struct page_line *line = page_add_line(page);
    float x = 50;

    line->first_word = page->word_count;
    for (; *words != NULL; words++) {
        struct page_word *word = page_add_word(page);
        word->text = *words;
        word->confidence = confidence;
        word->box = (struct box){x, 100, x + 6 * (float)strlen(*words), 110};
        x = word->box.x1 + 4;
        line->word_count++;
    }
}

#define LINE(confidence, ...) add_line(confidence, (const char *const[]){__VA_ARGS__, NULL})

static void
more_confidence_is_worth_no_less(void **state)
{
    (void)state;
    float last = 0;

    for (int i = 0; i <= 20; i++)
        LINE((float)i / 20, "some", "plain", "words");
    confidence_calibrate(page, 0, 200, NULL);
    for (uint32_t i = 0; i < page->word_count; i += 3) {
        float now = page->words[i].confidence;
        assert_true(now >= last && now >= 0 && now <= 1);
        last = now;
    }
    assert_true(page->words[0].confidence < 0.5F);
    assert_true(last > 0.9F);
}

static void
a_box_that_letters_cannot_fill_is_worth_less(void **state)
{
    (void)state;
    LINE(0.9F, "wide");
    LINE(0.9F, "wide");
    page->words[1].box.x1 += 400;
    confidence_calibrate(page, 0, 200, NULL);
    assert_true(page->words[1].confidence < page->words[0].confidence);
}

static void
lines_before_the_first_are_left(void **state)
{
    (void)state;
    LINE(0.123F, "left");
    LINE(0.123F, "changed");
    confidence_calibrate(page, 1, 200, NULL);
    assert_true(page->words[0].confidence == 0.123F);
    assert_true(page->words[1].confidence != 0.123F);
}

static void
features_tell_what_a_word_is_made_of(void **state)
{
    (void)state;
    float f[CONFIDENCE_FEATURES];

    LINE(0.9F, "-", "12", "b2", "McDonald");
    struct confidence_reading reading = confidence_look(page, 0, 200, NULL);
    confidence_features(page, &page->lines[0], 0, &reading, f);
    assert_true(f[FEATURE_ONE_CHAR] == 1 && f[FEATURE_NO_LETTER] == 1 && f[FEATURE_ALONE] == 0);
    confidence_features(page, &page->lines[0], 1, &reading, f);
    assert_true(f[FEATURE_TWO_CHARS] == 1 && f[FEATURE_DIGITS] == 1 && f[FEATURE_MIXED] == 0);
    confidence_features(page, &page->lines[0], 2, &reading, f);
    assert_true(f[FEATURE_MIXED] == 1);
    confidence_features(page, &page->lines[0], 3, &reading, f);
    assert_true(f[FEATURE_LONG] == 1 && f[FEATURE_MIXED] == 1 && f[FEATURE_DIGITS] == 0);
    assert_true(fabsf(f[FEATURE_RAW] - f[FEATURE_LINE]) < 1e-5F);
}

static void
a_word_too_wide_for_its_letters_has_lost_some(void **state)
{
    (void)state;
    float usual[CONFIDENCE_FEATURES], wide[CONFIDENCE_FEATURES];

    for (int i = 0; i < 4; i++)
        LINE(0.9F, "seven", "sounds", "house", "97");
    for (uint32_t i = 0; i < page->word_count; i++)
        page->words[i].size = 10;
    page->words[3].box.x1 += 6; /* as 9.7 would be */
    struct confidence_reading reading = confidence_look(page, 0, 200, NULL);
    assert_float_equal(reading.pitch, 0.6F, 0.05F);
    confidence_features(page, &page->lines[1], 7, &reading, usual);
    confidence_features(page, &page->lines[0], 3, &reading, wide);
    assert_true(usual[FEATURE_WIDE] < 0.1F && wide[FEATURE_WIDE] > 0.3F);
}

static bool
knows(void *ctx, const char *word)
{
    (void)ctx;
    return strcmp(word, "Turkish") == 0 || strcmp(word, "plain,") == 0;
}

static void
words_that_no_list_has_are_told(void **state)
{
    (void)state;
    float f[CONFIDENCE_FEATURES];
    const struct witness_lexicon lexicon = {knows, NULL};

    LINE(0.9F, "plain,", "Lurkish", "abcd", "ab", "l'abc", "a1bc", "TURKISH", "LURK");
    struct page_alt *alt = page_add_alt(page);
    *alt = (struct page_alt){"Turkish", 0.3F, ALT_BEAM};
    page->words[1].alt_count = 1;
    struct confidence_reading reading = confidence_look(page, 0, 200, &lexicon);
    confidence_features(page, &page->lines[0], 0, &reading, f);
    assert_true(f[FEATURE_KNOWN] == 1 && f[FEATURE_UNKNOWN] == 0 && f[FEATURE_NEXT] == 0);
    confidence_features(page, &page->lines[0], 1, &reading, f);
    assert_true(f[FEATURE_NAME] == 1 && f[FEATURE_NEXT_KNOWN] > 0.5F);
    assert_true(f[FEATURE_NEXT] == f[FEATURE_NEXT_KNOWN]);
    confidence_features(page, &page->lines[0], 2, &reading, f);
    assert_true(f[FEATURE_UNKNOWN] == 1 && f[FEATURE_NAME] == 0 && f[FEATURE_NEXT_KNOWN] == 0);
    confidence_features(page, &page->lines[0], 6, &reading, f);
    assert_true(f[FEATURE_KNOWN] == 1 && f[FEATURE_CAPITALS] == 0);
    confidence_features(page, &page->lines[0], 7, &reading, f);
    assert_true(f[FEATURE_CAPITALS] == 1 && f[FEATURE_NAME] == 0);
    for (uint32_t i = 3; i < 6; i++) { /* too short, joined, with a digit */
        confidence_features(page, &page->lines[0], i, &reading, f);
        assert_true(f[FEATURE_UNKNOWN] == 0 && f[FEATURE_KNOWN] == 0);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(more_confidence_is_worth_no_less),
        CASE(words_that_no_list_has_are_told),
        CASE(a_box_that_letters_cannot_fill_is_worth_less),
        CASE(lines_before_the_first_are_left),
        CASE(features_tell_what_a_word_is_made_of),
        CASE(a_word_too_wide_for_its_letters_has_lost_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
