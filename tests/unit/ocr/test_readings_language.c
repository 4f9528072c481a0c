/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/readings_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct lstm_word words[8];

static void
assert_near(double wanted, double got)
{
    assert_float_equal((float)wanted, (float)got, 1e-5F);
}

static struct weight
weight_of(const char *const texts[], size_t n)
{
    struct weight sum = {0};

    memset(words, 0, sizeof(words));
    for (size_t i = 0; i < n; i++) {
        words[i].text = (char *)texts[i];
        words[i].confidence = 0.5F;
    }
    words[0].is_known = true;
    line_weigh(&(struct lstm_line){.words = words, .count = n}, &sum);
    return sum;
}

static void
words_of_three_letters_tell_a_language(void **state)
{
    const char *const texts[] = {"Größe", "a.", "12,50", "le"};
    struct weight sum = weight_of(texts, 4);

    (void)state;
    assert_near(14, sum.letters);
    assert_near(5, sum.wordlike);
    assert_near(5, sum.known);
    assert_near(2.5, sum.plain);
    /* not known, but too short or a number: not held against it */
    assert_near(7, sum.sure);
}

/* Japanese comes a character a word. */
static void
an_ideograph_is_a_word(void **state)
{
    const char *const texts[] = {"\xe4\xbc\x9a", "\xe8\xad\xb0", "\xe3\x81\xae", "\xe3\x80\x81",
                                 "2024\xe5\xb9\xb4"};
    struct weight sum = weight_of(texts, 5);

    (void)state;
    assert_near(9, sum.letters);
    assert_near(3, sum.wordlike); /* neither the comma nor mostly digits */
    assert_near(1, sum.known);
    assert_near(0.5 + 2 * 0.25, sum.fitting);
}

static void
a_row_is_as_sure_as_its_letters(void **state)
{
    const char *const texts[] = {"Rechnung", "xqzkw"};
    struct lstm_line line = {.words = words, .count = 2};

    (void)state;
    (void)weight_of(texts, 2);
    assert_near((8 * 0.5 + 5 * 0.5 * 0.75) / 13, lines_score(&line, 1));
    assert_near(0, lines_score(&line, 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_three_letters_tell_a_language),
        cmocka_unit_test(an_ideograph_is_a_word),
        cmocka_unit_test(a_row_is_as_sure_as_its_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
