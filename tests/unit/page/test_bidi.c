/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/bidi.h"

#include "base/arena.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct bidi_brackets brackets;

static size_t
codes_of(const char *text, uint32_t *codes)
{
    size_t n = 0;

    for (size_t len = strlen(text), step; len > 0; text += step, len -= step)
        step = utf8_decode(text, len, &codes[n++]);
    return n;
}

/* What a line seen so reads as; borrowed till the next call. */
static const char *
read_around(const char *seen, enum bidi_side around, enum bidi_side *ret_side)
{
    static char out[1024];
    uint32_t codes[256] = {0};
    uint16_t order[256];
    bool right[256];
    size_t n = codes_of(seen, codes), len = 0;

    *ret_side = bidi_read(codes, n, around, order, right);
    bidi_mend_brackets(codes, right, n, &brackets);
    for (size_t i = 0; i < n; i++)
        len += utf8_encode(codes[order[i]], out + len);
    out[len] = '\0';
    return out;
}

static void
check(const char *seen, const char *read)
{
    enum bidi_side side;

    brackets = (struct bidi_brackets){0};
    assert_string_equal(read_around(seen, BIDI_RIGHT, &side), read);
    assert_int_equal(side, BIDI_RIGHT);
}

static void
hebrew_is_read_from_the_right_and_its_numbers_from_the_left(void **state)
{
    (void)state;
    check("12 גבא", "אבג 12");
    check("12/03/2024 גבא", "אבג 12/03/2024");
    check("03-5551234 :גבא", "אבג: 03-5551234");
    check("1,250.75 גבא", "אבג 1,250.75");
    check("50% גבא", "אבג 50%");
    check("2023 גבא .50%-ב", "ב-50%. אבג 2023");
}

static void
arabic_numbers_are_cut_at_dashes_and_from_percent_signs(void **state)
{
    (void)state;
    /* So it is shown where the text says 12-03-2024 and 50%. */
    check("2024-03-12 جبا", "ابج 12-03-2024");
    check("%50 جبا", "ابج 50%");
    check("12/03/2024 جبا", "ابج 12/03/2024");
    check("١٢٫٥ جبا", "ابج ١٢٫٥");
}

static void
latin_words_and_numbers_beside_them_are_read_from_the_left(void **state)
{
    (void)state;
    check("דגה Windows 11 גבא", "אבג Windows 11 הגד");
    check("info@example.com גבא", "אבג info@example.com");
    check("ABC (DEF) גבא", "אבג ABC (DEF)");
    check("דגה (Office 365) גבא", "אבג (Office 365) הגד");
}

static void
brackets_are_turned_where_they_are_coded_by_their_look(void **state)
{
    enum bidi_side side;

    (void)state;
    check("(דגה) גבא", "אבג (הגד)");
    check(")דגה( גבא", "אבג (הגד)");
    check("[דגה] גבא", "אבג [הגד]");
    check("אבג", "גבא");
    /* A single one goes with the pairs before. */
    brackets = (struct bidi_brackets){.means = 3};
    assert_string_equal(read_around("דגה( גבא", BIDI_RIGHT, &side), "אבג (הגד");
    brackets = (struct bidi_brackets){.looks = 3};
    assert_string_equal(read_around("דגה( גבא", BIDI_RIGHT, &side), "אבג )הגד");
}

static void
a_word_from_the_right_in_a_line_from_the_left_is_turned(void **state)
{
    enum bidi_side side;

    (void)state;
    assert_string_equal(read_around("The word גבא means one (1).", BIDI_LEFT, &side),
                        "The word אבג means one (1).");
    assert_int_equal(side, BIDI_LEFT);
    assert_string_equal(read_around("see דגה 12 גבא here", BIDI_LEFT, &side),
                        "see אבג 12 הגד here");
    assert_string_equal(read_around("only Latin 1-2 (x)", BIDI_UNKNOWN, &side),
                        "only Latin 1-2 (x)");
    assert_string_equal(read_around("", BIDI_RIGHT, &side), "");
}

static void
the_text_around_decides_for_lines_with_much_of_both(void **state)
{
    enum bidi_side side;

    (void)state;
    (void)read_around("Resource Planning דגה", BIDI_RIGHT, &side);
    assert_int_equal(side, BIDI_RIGHT);
    (void)read_around("Resource Planning דגה", BIDI_LEFT, &side);
    assert_int_equal(side, BIDI_LEFT);
    (void)read_around("A line of Latin words around one דגה here", BIDI_RIGHT, &side);
    assert_int_equal(side, BIDI_LEFT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hebrew_is_read_from_the_right_and_its_numbers_from_the_left),
        cmocka_unit_test(arabic_numbers_are_cut_at_dashes_and_from_percent_signs),
        cmocka_unit_test(latin_words_and_numbers_beside_them_are_read_from_the_left),
        cmocka_unit_test(brackets_are_turned_where_they_are_coded_by_their_look),
        cmocka_unit_test(a_word_from_the_right_in_a_line_from_the_left_is_turned),
        cmocka_unit_test(the_text_around_decides_for_lines_with_much_of_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
