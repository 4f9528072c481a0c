/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What stands on the page without a label of its own, and what is no value though it looks so. */
#include "run.h"

static void
draw_bill(struct run *run)
{
    struct page *page = page_of(run);

    sheet_line(page, 60, 40, "Invoice");
    sheet_line(page, 60, 100, "Invoice number: 2026-0417");
    sheet_line(page, 60, 115, "Date: 14 March 2026");
    sheet_line(page, 60, 130, "Customer: Lighthouse Trust, 1 Beacon Hill, Osten");
    sheet_line(page, 60, 200, "Item");
    sheet_line(page, 300, 200, "Quantity");
    sheet_line(page, 400, 200, "Unit price");
    sheet_line(page, 500, 200, "Amount");
    sheet_line(page, 60, 215, "Hemp rope");
    sheet_line(page, 310, 215, "120");
    sheet_line(page, 410, 215, "3.40");
    sheet_line(page, 500, 215, "408.00");
    sheet_line(page, 60, 230, "Steel thimble");
    sheet_line(page, 310, 230, "40");
    sheet_line(page, 410, 230, "2.15");
    sheet_line(page, 505, 230, "86.00");
    sheet_line(page, 400, 260, "Net");
    sheet_line(page, 500, 260, "494.00");
    sheet_line(page, 400, 275, "VAT 20 %");
    sheet_line(page, 505, 275, "98.80");
    sheet_line(page, 400, 290, "Total");
    sheet_line(page, 500, 290, "592.80");
    sheet_line(page, 60, 340,
               "Payable within 30 days to IBAN DE89 3704 0044 0532 0130 00, reference 2026-0417.");
}

static void
a_list_of_taxes_is_no_list_of_items(void **state)
{
    struct run *run = *state;

    draw_bill(run);
    read_it(run, "{\"taxes\":[{\"rate\":\"number\",\"amount\":\"number\"}],"
                 "\"items\":[{\"description\":\"string\",\"rate\":\"number\"}],"
                 "\"vat_rate\":\"number\"}");
    const json_t *taxes = json_object_get(run->result, "taxes");
    assert_int_equal(json_array_size(taxes), 1);
    const json_t *tax = json_array_get(taxes, 0);
    assert_float_equal(json_number_value(json_object_get(tax, "rate")), 20, 0.001);
    assert_float_equal(json_number_value(json_object_get(tax, "amount")), 98.8, 0.001);
    assert_int_equal(json_array_size(json_object_get(run->result, "items")), 2);
    assert_float_equal(json_number_value(json_object_get(run->result, "vat_rate")), 20, 0.001);
}

static void
a_table_of_taxes_multiplies(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Steuersatz");
    sheet_line(page, 200, 100, "Netto");
    sheet_line(page, 300, 100, "MwSt");
    sheet_line(page, 400, 100, "Brutto");
    sheet_line(page, 60, 115, "19 %");
    sheet_line(page, 200, 115, "100,00");
    sheet_line(page, 300, 115, "19,00");
    sheet_line(page, 400, 115, "119,00");
    sheet_line(page, 60, 130, "7 %");
    sheet_line(page, 200, 130, "50,00");
    sheet_line(page, 300, 130, "3,50");
    sheet_line(page, 400, 130, "53,50");
    read_it(run, "{\"vat\":[{\"taxRate\":\"number\",\"base\":\"number\",\"amount\":\"number\"}]}");
    const json_t *taxes = json_object_get(run->result, "vat");
    assert_int_equal(json_array_size(taxes), 2);
    const json_t *tax = json_array_get(taxes, 1);
    assert_float_equal(json_number_value(json_object_get(tax, "base")), 50, 0.001);
    assert_float_equal(json_number_value(json_object_get(tax, "amount")), 3.5, 0.001);
}

static void
a_word_of_a_sentence_is_no_label(void **state)
{
    struct run *run = *state;

    draw_bill(run);
    read_it(run, "{\"order_number\":\"string\",\"payment_terms\":\"string\"}");
    assert_null(json_object_get(run->result, "order_number"));
    assert_string_equal(text_at(run, "payment_terms"), "Payable within 30 days");
}

static void
a_party_may_stand_behind_its_role(void **state)
{
    struct run *run = *state;

    draw_bill(run);
    read_it(run, "{\"buyer\":{\"name\":\"string\",\"address\":\"string\"}}");
    const json_t *buyer = json_object_get(run->result, "buyer");
    assert_string_equal(json_string_value(json_object_get(buyer, "name")), "Lighthouse Trust");
    assert_string_equal(json_string_value(json_object_get(buyer, "address")),
                        "1 Beacon Hill, Osten");
}

static void
an_account_whose_digits_fail_is_doubted(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "IBAN DE88 3704 0044 0532 0130 00");
    read_it(run, "{\"iban\":\"string\"}");
    assert_string_equal(text_at(run, "iban"), "DE88370400440532013000");
    assert_string_equal(evidence_of(run, "/iban", "doubt"), "its check digits do not hold");
    json_decref(run->result);
    json_decref(run->evidence);
    for (uint32_t i = 0; i < page->word_count; i++) {
        page->words[i].witness = WITNESS_PIXELS;
        page->words[i].confidence = 0.7F;
    }
    read_it(run, "{\"iban\":\"string\"}");
    assert_null(json_object_get(run->result, "iban"));
    assert_string_equal(evidence_of(run, "/iban", "reason"), "check_digits");
}

static void
prose_is_no_address_and_no_name(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 60, "The tides of the harbour");
    sheet_line(page, 60, 100,
               "It was built in 1884 by a watchmaker who had never been to sea, and");
    sheet_line(page, 60, 112,
               "who learned the tides from a drawer full of letters. Visitors ask for");
    sheet_line(page, 60, 124, "the name of the man who made it and for the street where he lived.");
    read_it(run, "{\"address\":\"string\",\"name\":\"string\",\"company\":\"string\"}");
    assert_int_equal(json_object_size(run->result), 0);
}

static void
words_behind_a_label_may_narrow_it(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Name of the boat");
    sheet_line(page, 250, 100, "Silver Herring");
    sheet_line(page, 60, 120, "Day of arrival");
    sheet_line(page, 250, 120, "2026-06-02");
    read_it(run, "{\"name\":\"string\",\"statement_date\":\"date\",\"arrival\":\"date\"}");
    assert_null(json_object_get(run->result, "name"));
    assert_null(json_object_get(run->result, "statement_date"));
    assert_string_equal(text_at(run, "arrival"), "2026-06-02");
}

static void
doubtful_words_lessen_items_too(void **state)
{
    struct run *run = *state;

    draw_bill(run);
    struct page *page = run->pages[0];
    for (uint32_t i = 0; i < page->word_count; i++)
        if (strcmp(page->words[i].text, "408.00") == 0)
            page->words[i].confidence = 0.4F;
    read_it(run, "{\"items\":[{\"description\":\"string\",\"amount\":\"number\"}]}");
    const json_t *sure = json_object_get(run->evidence, "/items/1/amount");
    const json_t *unsure = json_object_get(run->evidence, "/items/0/amount");
    assert_true(json_number_value(json_object_get(unsure, "confidence")) <
                0.8 * json_number_value(json_object_get(sure, "confidence")));
}

static void
all_the_text_can_be_asked_for(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Two lines");
    sheet_line(page, 60, 112, "of text");
    read_it(run, "{\"text\":\"string\"}");
    assert_string_equal(text_at(run, "text"), "Two lines of text");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_list_of_taxes_is_no_list_of_items),     test(a_table_of_taxes_multiplies),
        test(a_word_of_a_sentence_is_no_label),        test(a_party_may_stand_behind_its_role),
        test(an_account_whose_digits_fail_is_doubted), test(prose_is_no_address_and_no_name),
        test(words_behind_a_label_may_narrow_it),      test(doubtful_words_lessen_items_too),
        test(all_the_text_can_be_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
