/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/signs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_fonts_are_known_by_name(void **state)
{
    (void)state;
    assert_non_null(signs_of_font("Symbol"));
    assert_non_null(signs_of_font("ABCDEF+SymbolMT"));
    assert_non_null(signs_of_font("ABCDEF+Wingdings-Regular"));
    assert_non_null(signs_of_font("SymbolMT,Bold"));
    assert_null(signs_of_font("Symbola"));
    assert_null(signs_of_font("ABCDEF+SegoeUISymbol"));
    assert_null(signs_of_font(""));
    assert_ptr_not_equal(signs_of_font("Wingdings2"), signs_of_font("Wingdings"));
}

static void
test_codes_become_characters(void **state)
{
    const struct sign *symbol = signs_of_font("Symbol"), *wingdings = signs_of_font("Wingdings");

    (void)state;
    assert_int_equal(signs_character(symbol, 0xf061), 0x3b1);
    assert_int_equal(signs_character(symbol, 'a'), 0x3b1);
    assert_int_equal(signs_character(symbol, 0xf0b7), 0x2022);
    assert_int_equal(signs_character(symbol, 0xf0e9), 0x23a1); /* a piece of a bracket */
    assert_int_equal(signs_character(symbol, 0xf028), '(');
    assert_int_equal(signs_character(wingdings, 0xf0fc), 0x2713);
    assert_int_equal(signs_character(wingdings, 0xfc), 0x2713);
    assert_int_equal(signs_character(wingdings, 0xa7), 0x25aa);
}

static void
test_what_is_right_or_unknown_stays(void **state)
{
    const struct sign *symbol = signs_of_font("Symbol"), *wingdings = signs_of_font("Wingdings");

    (void)state;
    assert_int_equal(signs_character(symbol, 0xd7), 0xd7); /* a good table's times sign */
    assert_int_equal(signs_character(symbol, 0x3b1), 0x3b1);
    assert_int_equal(signs_character(wingdings, 0x2713), 0x2713);
    assert_int_equal(signs_character(wingdings, 0xf0ff), 0xf0ff);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fonts_are_known_by_name),
        cmocka_unit_test(test_codes_become_characters),
        cmocka_unit_test(test_what_is_right_or_unknown_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
