/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contracts in German and French say the same things in other words. */
#include "run.h"

static const char schema[] =
    "{\"parties\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"effective_date\":\"date\",\"term\":\"string\",\"notice_period\":\"string\","
    "\"governing_law\":\"string\"}";

static const char *
party(const struct run *run, size_t i)
{
    const char *text =
        json_string_value(json_array_get(json_object_get(run->result, "parties"), i));

    return text == NULL ? "" : text;
}

static void
a_german_contract(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 60, "Dienstleistungsvertrag");
    sheet_line(page, 60, 90, "zwischen der Nordwind Immobilien GmbH, Hafenweg 7, 20457 Hamburg");
    sheet_line(page, 60, 102, "(nachfolgend „Auftraggeber“) und Frau Clara Weber, Lange Str. 2,");
    sheet_line(page, 60, 114, "24103 Kiel (nachfolgend „Auftragnehmerin“) wird folgender Vertrag");
    sheet_line(page, 60, 126,
               "geschlossen. Der Vertrag tritt am 1. Mai 2024 in Kraft und hat eine");
    sheet_line(page, 60, 138,
               "Laufzeit von zwei Jahren. Die Kündigungsfrist beträgt drei Monate zum");
    sheet_line(page, 60, 150, "Monatsende. Es gilt das Recht der Bundesrepublik Deutschland.");
    read_it(run, schema);
    assert_string_equal(party(run, 0), "Nordwind Immobilien GmbH");
    assert_string_equal(party(run, 1), "Clara Weber");
    assert_string_equal(text_at(run, "effective_date"), "2024-05-01");
    assert_string_equal(text_at(run, "term"), "2 Jahren");
    assert_string_equal(text_at(run, "notice_period"), "3 Monate");
    assert_string_equal(text_at(run, "governing_law"), "Bundesrepublik Deutschland");
}

static void
a_french_contract(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 60, "Contrat de prestation de services");
    sheet_line(page, 60, 90, "Entre les soussignés : la société Moulin Bleu SARL, 3 rue du Port,");
    sheet_line(page, 60, 102,
               "44000 Nantes, et Madame Claire Martin, demeurant 5 rue Haute, 75001");
    sheet_line(page, 60, 114,
               "Paris. Le présent contrat prend effet le 3 mars 2024 pour une durée de");
    sheet_line(page, 60, 126,
               "deux ans. Chaque partie peut le résilier avec un préavis de trois mois.");
    sheet_line(page, 60, 138, "Le présent contrat est régi par le droit français.");
    read_it(run, schema);
    assert_string_equal(party(run, 0), "Moulin Bleu SARL");
    assert_string_equal(party(run, 1), "Claire Martin");
    assert_string_equal(text_at(run, "effective_date"), "2024-03-03");
    assert_string_equal(text_at(run, "term"), "2 ans");
    assert_string_equal(text_at(run, "notice_period"), "3 mois");
    assert_string_equal(text_at(run, "governing_law"), "droit français");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_german_contract),
        test(a_french_contract),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
