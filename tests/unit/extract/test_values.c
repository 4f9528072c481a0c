/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
expect_number(const char *text, const char *canonical, const char *currency)
{
    struct number number;

    if (number_parse(text, &number) != strlen(text) || strcmp(number.text, canonical) != 0 ||
        strcmp(number.currency, currency) != 0)
        fail_msg("'%s' is read as '%s' '%s'", text, number.text, number.currency);
}

static void
amounts_of_many_countries(void **state)
{
    (void)state;
    expect_number("1.234,56", "1234.56", "");
    expect_number("1,234.56", "1234.56", "");
    expect_number("1 234,56", "1234.56", "");
    expect_number("1'234.50", "1234.50", "");
    expect_number("CHF 1’234.50", "1234.50", "CHF");
    expect_number("RM80.90", "80.90", "MYR");
    expect_number("12,50 €", "12.50", "EUR");
    expect_number("$ 1,234,567.00", "1234567.00", "USD");
    expect_number("5,00-", "-5.00", "");
    expect_number("-0,92", "-0.92", "");
    expect_number("(5.00)", "-5.00", "");
    expect_number(".50", "0.50", "");
    expect_number("19 %", "19", "");
    expect_number("0,00", "0.00", "");
}

static void
what_is_no_number(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "-", "abc", "€", "1.2.3.4", "12.34.56,7"};
    struct number number;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        assert_true(number_parse(texts[i], &number) < strlen(texts[i]) || *texts[i] == '\0');
    assert_int_equal(number_parse("1.234", &number), 5);
    assert_int_equal(number.style, '?'); /* both readings are kept */
    assert_string_equal(number.text, "1234");
    assert_string_equal(number.other_text, "1.234");
}

static void
expect_date(const char *text, int year, int month, int day)
{
    struct date date = {0};

    if (date_parse(text, &date) == 0 || date.year != year || date.month != month || date.day != day)
        fail_msg("'%s' is read as %d-%d-%d", text, date.year, date.month, date.day);
}

static void
dates_in_eight_languages(void **state)
{
    (void)state;
    expect_date("2018-03-14", 2018, 3, 14);
    expect_date("20180304", 2018, 3, 4);
    expect_date("14.03.2018", 2018, 3, 14);
    expect_date("14/3/18", 2018, 3, 14);
    expect_date("03/20/2023", 2023, 3, 20);
    expect_date("14. März 2018", 2018, 3, 14);
    expect_date("March 14, 2018", 2018, 3, 14);
    expect_date("14th day of March, 2018", 2018, 3, 14);
    expect_date("02 Juillet 2015", 2015, 7, 2);
    expect_date("1er août 2019", 2019, 8, 1);
    expect_date("3 de mayo de 2020", 2020, 5, 3);
    expect_date("12 maggio 2021", 2021, 5, 12);
    expect_date("7 de fevereiro de 2022", 2022, 2, 7);
    expect_date("5 maart 2017", 2017, 3, 5);
    expect_date("11 listopada 2018", 2018, 11, 11);
    expect_date("05 JAN 2017", 2017, 1, 5);
}

static void
no_dates(void **state)
{
    (void)state;
    static const char *const texts[] = {"32.01.2018", "2018-13-01", "1.2.3",   "30.02.2018",
                                        "May",        "12345678",   "May 2018"};
    struct date date;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        assert_int_equal(date_parse(texts[i], &date), 0);
    assert_int_not_equal(date_parse("03/04/2018", &date), 0);
    assert_int_equal(date.other_month, 3); /* day and month may change places */
}

static void
check_digits(void **state)
{
    (void)state;
    char text[64];
    bool proved = false;

    assert_int_equal(iban_parse("DE88 2008 0000 0970 3757 00", text, sizeof(text), &proved), 27);
    assert_string_equal(text, "DE88200800000970375700");
    assert_true(proved);
    assert_int_not_equal(iban_parse("DE89200800000970375700", text, sizeof(text), &proved), 0);
    assert_false(proved);
    assert_int_equal(iban_parse("DE88 2008", text, sizeof(text), &proved), 0);
    assert_int_not_equal(vat_parse("DE 136 695 976", text, sizeof(text), &proved), 0);
    assert_string_equal(text, "DE136695976");
    assert_true(proved);
    assert_int_equal(bic_parse("COBADEFFXXX", text, sizeof(text)), 11);
    assert_int_equal(bic_parse("RECHNUNG", text, sizeof(text)), 0);
    assert_true(luhn_holds("4111111111111111"));
    assert_int_equal(email_parse("a.b@example.com,"), 15);
}

static void
durations(void **state)
{
    (void)state;
    char text[48];

    assert_int_not_equal(duration_parse("two (2) years from", text, sizeof(text)), 0);
    assert_string_equal(text, "2 years");
    assert_int_not_equal(duration_parse("twenty-four months", text, sizeof(text)), 0);
    assert_string_equal(text, "24 months");
    assert_int_not_equal(duration_parse("30 Tage", text, sizeof(text)), 0);
    assert_string_equal(text, "30 Tage");
    assert_int_equal(duration_parse("2 apples", text, sizeof(text)), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_of_many_countries),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(dates_in_eight_languages),
        cmocka_unit_test(no_dates),
        cmocka_unit_test(check_digits),
        cmocka_unit_test(durations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
