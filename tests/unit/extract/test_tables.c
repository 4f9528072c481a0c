/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Tables of any subject, read by the words of the properties; and other things that people ask of
 * papers which are no invoices. */
#include "run.h"

#include <stdio.h>

static void
draw_row(struct page *page, float y, const char *const *cells, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (cells[i][0] != '\0')
            sheet_line(page, x[i], y, cells[i]);
}

static const json_t *
cell(const struct run *run, const char *list, size_t row, const char *column)
{
    return json_object_get(json_array_get(json_object_get(run->result, list), row), column);
}

static void
results_of_a_laboratory_are_a_table(void **state)
{
    static const float x[] = {60, 250, 320, 380, 460};
    static const char *const rows[][5] = {
        {"Test", "Result", "Flag", "Units", "Reference Range"},
        {"Glucose, fasting", "108", "H", "mg/dL", "70 - 99"},
        {"Creatinine", "1.04", "", "mg/dL", "0.74 - 1.35"},
    };
    struct run *run = *state;
    struct page *page = page_of(run);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        draw_row(page, 100 + 14 * (float)i, rows[i], x, 5);
    sheet_line(page, 60, 160, "Comment: Fasting specimen, to be repeated in 3 months");
    read_it(run, "{\"results\":[{\"test\":\"string\",\"value\":\"number\",\"unit\":\"string\","
                 "\"referenceRange\":\"string\",\"flag\":\"string\"}]}");
    assert_int_equal(json_array_size(json_object_get(run->result, "results")), 2);
    assert_string_equal(json_string_value(cell(run, "results", 0, "test")), "Glucose, fasting");
    assert_string_equal(json_string_value(cell(run, "results", 0, "referenceRange")), "70 - 99");
    assert_string_equal(json_string_value(cell(run, "results", 0, "flag")), "H");
    assert_float_equal(json_number_value(cell(run, "results", 1, "value")), 1.04, 0.0001);
    assert_null(json_string_value(cell(run, "results", 1, "flag")));
}

static void
names_written_in_ascii_meet_umlauts(void **state)
{
    static const float x[] = {60, 200, 320, 420};
    static const char *const rows[][4] = {
        {"Rechnungsnr.", "F\303\244llig am", "Betrag", "Offen"},
        {"R-2026-214", "26.05.2026", "210,00", "210,00"},
        {"R-2026-239", "16.06.2026", "88,50", "38,50"},
    };
    struct run *run = *state;
    struct page *page = page_of(run);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        draw_row(page, 100 + 14 * (float)i, rows[i], x, 4);
    read_it(run, "{\"rechnungen\":[{\"rechnungsnummer\":\"string\",\"faelligAm\":\"date\","
                 "\"betrag\":\"number\",\"offen\":\"number\"}]}");
    assert_int_equal(json_array_size(json_object_get(run->result, "rechnungen")), 2);
    assert_string_equal(json_string_value(cell(run, "rechnungen", 1, "faelligAm")), "2026-06-16");
    assert_float_equal(json_number_value(cell(run, "rechnungen", 1, "offen")), 38.5, 0.001);
}

static void
balances_of_a_statement_are_no_bookings(void **state)
{
    static const float x[] = {60, 150, 450};
    static const char *const rows[][3] = {
        {"Buchungstag", "Verwendungszweck", "Betrag EUR"},
        {"", "Alter Kontostand vom 31.03.2026", "842,17 +"},
        {"02.04.2026", "Lastschrift Stadtwerke", "118,00 -"},
        {"", "Abschlag April", ""},
        {"28.04.2026", "Gehalt", "2.411,90 +"},
        {"", "Neuer Kontostand vom 30.04.2026", "3.136,07 +"},
    };
    struct run *run = *state;
    struct page *page = page_of(run);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        draw_row(page, 100 + 14 * (float)i, rows[i], x, 3);
    read_it(run, "{\"neuerSaldo\":\"number\",\"buchungen\":[{\"buchungstag\":\"date\","
                 "\"verwendungszweck\":\"string\",\"betrag\":\"number\"}]}");
    assert_int_equal(json_array_size(json_object_get(run->result, "buchungen")), 2);
    assert_float_equal(json_number_value(cell(run, "buchungen", 0, "betrag")), -118, 0.001);
    assert_string_equal(json_string_value(cell(run, "buchungen", 0, "verwendungszweck")),
                        "Lastschrift Stadtwerke Abschlag April");
}

static void
days_of_a_statement_have_its_year(void **state)
{
    static const float x[] = {60, 150, 450};
    static const char *const first[][3] = {{"Date", "Description", "Amount"},
                                           {"29 Dec", "Rent", "895.00"},
                                           {"02 Jan", "Water", "41.99"}};
    static const char *const second[][3] = {{"Date", "Description", "Amount"},
                                            {"05 Jan", "Bakery", "6.40"}};
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 60, "Statement period: 20 Dec 2025 to 19 Jan 2026");
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        draw_row(page, 100 + 14 * (float)i, first[i], x, 3);
    page = page_of(run);
    sheet_line(page, 60, 60, "Northgate Savings Bank");
    for (size_t i = 0; i < ARRAY_LEN(second); i++)
        draw_row(page, 100 + 14 * (float)i, second[i], x, 3);
    read_it(
        run,
        "{\"bookings\":[{\"date\":\"date\",\"description\":\"string\",\"amount\":\"number\"}]}");
    assert_int_equal(json_array_size(json_object_get(run->result, "bookings")), 3);
    assert_string_equal(json_string_value(cell(run, "bookings", 0, "date")), "2025-12-29");
    assert_string_equal(json_string_value(cell(run, "bookings", 1, "date")), "2026-01-02");
    assert_string_equal(json_string_value(cell(run, "bookings", 1, "description")), "Water");
    assert_string_equal(json_string_value(cell(run, "bookings", 2, "date")), "2026-01-05");
    const json_t *e = json_object_get(run->evidence, "/bookings/2/date");
    const json_t *year = json_array_get(json_object_get(e, "elsewhere"), 0);
    assert_int_equal(json_integer_value(json_object_get(e, "page")), 2);
    assert_int_equal(json_integer_value(json_object_get(year, "page")), 1);
}

static const char items_schema[] =
    "{\"line_items\":[{\"description\":\"string\",\"quantity\":\"number\",\"unit_price\":"
    "\"number\",\"total\":\"number\"}]}";

/* What is carried over the page is no item, whatever it is called; "from page 1" begins no
 * document; the columns of the next page stand elsewhere. */
static void
items_go_on_over_pages(void **state)
{
    static const float x[] = {60, 250, 330, 450}, other[] = {60, 290, 360, 470};
    static const char *const first[][4] = {{"Description", "Qty", "Unit price", "Amount"},
                                           {"Bearing", "2", "10.00", "20.00"},
                                           {"Gasket", "4", "10.00", "40.00"},
                                           {"Carried forward", "", "", "60.00"}};
    static const char *const second[][4] = {{"Description", "Qty", "Unit price", "Amount"},
                                            {"Brought over from page 1", "", "", "60.00"},
                                            {"Pump", "1", "75.00", "75.00"},
                                            {"Somme jusqu'ici", "", "", "135.00"}};
    static const char *const third[][4] = {{"Description", "Qty", "Unit price", "Amount"},
                                           {"Flange", "3", "5.00", "15.00"},
                                           {"Total amount", "", "", "150.00"}};
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 60, "Invoice 4711");
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        draw_row(page, 100 + 14 * (float)i, first[i], x, 4);
    sheet_line(page, 60, 780, "Page 1 of 3");
    page = page_of(run);
    for (size_t i = 0; i < ARRAY_LEN(second); i++)
        draw_row(page, 100 + 14 * (float)i, second[i], other, 4);
    page = page_of(run);
    for (size_t i = 0; i < ARRAY_LEN(third); i++)
        draw_row(page, 100 + 14 * (float)i, third[i], x, 4);
    read_it(run, items_schema);
    assert_int_equal(run->output.record_count, 1);
    assert_int_equal(json_array_size(json_object_get(run->result, "line_items")), 4);
    assert_string_equal(json_string_value(cell(run, "line_items", 1, "description")), "Gasket");
    assert_string_equal(json_string_value(cell(run, "line_items", 2, "description")), "Pump");
    assert_float_equal(json_number_value(cell(run, "line_items", 3, "total")), 15, 0.001);
}

/* Lines [first, page->line_count) of the page as a table of so many columns, row by row. */
static void
make_table(struct page *page, uint32_t first, uint16_t columns)
{
    struct page_table *table = page_add_table(page);
    struct page_block *block = page_add_block(page);

    assert_true(table != NULL && block != NULL);
    table->columns = columns;
    table->rows = (uint16_t)((page->line_count - first) / columns);
    table->first_cell = page->cell_count;
    table->cell_count = page->line_count - first;
    table->box = page->lines[first].box;
    block->kind = BLOCK_TABLE;
    block->table = (int32_t)page->table_count - 1;
    for (uint32_t i = 0; i < table->cell_count; i++) {
        struct page_cell *made = page_add_cell(page);
        assert_non_null(made);
        made->box = page->lines[first + i].box;
        made->row = (uint16_t)(i / columns);
        made->column = (uint16_t)(i % columns);
        made->row_span = made->column_span = 1;
        made->first_line = first + i;
        made->line_count = 1;
        table->box = box_union(table->box, made->box);
    }
}

static void
a_table_without_titles_is_more_of_the_items(void **state)
{
    static const float x[] = {60, 250, 330, 450}, other[] = {60, 180, 240, 300};
    static const char *const first[][4] = {{"Description", "Qty", "Unit price", "Amount"},
                                           {"Bearing", "2", "10.00", "20.00"},
                                           {"Gasket", "4", "10.00", "40.00"}};
    static const char *const second[][4] = {{"Pump", "1", "75.00", "75.00"},
                                            {"Flange", "3", "5.00", "15.00"}};
    struct run *run = *state;
    struct page *page = page_of(run);

    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        draw_row(page, 100 + 14 * (float)i, first[i], x, 4);
    sheet_line(page, 60, 780, "Bank: Example Bank");
    page = page_of(run);
    for (size_t i = 0; i < ARRAY_LEN(second); i++)
        draw_row(page, 100 + 14 * (float)i, second[i], other, 4);
    make_table(page, 0, 4);
    read_it(run, items_schema);
    assert_int_equal(json_array_size(json_object_get(run->result, "line_items")), 4);
    assert_string_equal(json_string_value(cell(run, "line_items", 3, "description")), "Flange");
    assert_float_equal(json_number_value(cell(run, "line_items", 3, "total")), 15, 0.001);
}

static void
choices_without_a_mark_are_none(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Sex: Male Female Other");
    sheet_line(page, 60, 115, "Are you pregnant?");
    sheet_line(page, 300, 115, "Yes");
    sheet_line(page, 360, 115, "No");
    sheet_line(page, 60, 130, "Smoker: No");
    read_it(run, "{\"sex\":{\"enum\":[\"male\",\"female\",\"other\"]},\"pregnant\":\"boolean\","
                 "\"smoker\":\"boolean\"}");
    assert_null(json_string_value(json_object_get(run->result, "sex")));
    assert_false(json_is_boolean(json_object_get(run->result, "pregnant")));
    assert_true(json_is_false(json_object_get(run->result, "smoker")));
}

static void
a_period_has_two_ends(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Bill date: 2 February 2026");
    sheet_line(page, 60, 115, "Bill period: 28 Oct 2025 - 27 Jan 2026");
    read_it(run, "{\"period_start\":\"date\",\"period_end\":\"date\",\"bill_date\":\"date\"}");
    assert_string_equal(text_at(run, "period_start"), "2025-10-28");
    assert_string_equal(text_at(run, "period_end"), "2026-01-27");
    assert_string_equal(text_at(run, "bill_date"), "2026-02-02");
}

static void
each_clause_of_a_sentence_is_obeyed(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Invoice date: 21/09/2026");
    sheet_line(page, 60, 115, "IBAN: GB82 WEST 1234 5698 7654 32");
    run->input.instructions =
        "dates as DD.MM.YYYY, leave null if missing, ignore the iban, sing a song";
    read_it(run, "{\"invoice_date\":\"string\",\"iban\":\"string\"}");
    assert_string_equal(text_at(run, "invoice_date"), "21.09.2026");
    assert_string_equal(text_at(run, "iban"), "");
    assert_non_null(strstr(run->output.warnings, "sing a song"));
}

static void
pay_is_gross_or_net(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Nettoloon");
    sheet_line(page, 300, 100, "2.786,31");
    read_it(run, "{\"brutoloon\":\"number\",\"nettoloon\":\"number\"}");
    assert_false(json_is_number(json_object_get(run->result, "brutoloon")));
    assert_float_equal(json_number_value(json_object_get(run->result, "nettoloon")), 2786.31, 0.01);
}

static void
a_defined_term_says_who_is_meant(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 60, "LEASE AGREEMENT");
    sheet_line(page, 60, 100, "This Lease is made between Margaret Oyelaran (\"Landlord\") and");
    sheet_line(page, 60, 112, "Dominic Faulkner of 18 Quay Lane, Leith (the \"Tenant\").");
    sheet_line(page, 60, 140, "3. The Tenant shall pay a monthly rent of GBP 875.00 in advance.");
    read_it(run, "{\"landlord\":\"string\",\"tenant\":\"string\",\"monthlyRent\":\"number\"}");
    assert_string_equal(text_at(run, "landlord"), "Margaret Oyelaran");
    assert_string_equal(text_at(run, "tenant"), "Dominic Faulkner");
    assert_float_equal(json_number_value(json_object_get(run->result, "monthlyRent")), 875, 0.01);
}

static void
names_are_short_or_described(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Order number: 88-4471");
    sheet_line(page, 60, 115, "Delivery date: 02/04/2026");
    sheet_line(page, 60, 130, "Line number: 06 55 50 17 88");
    read_it(
        run,
        "{\"type\":\"object\",\"properties\":{\"del_dt\":{\"type\":\"string\",\"format\":\"date\"},"
        "\"lineNumber\":{\"type\":\"string\"},"
        "\"f1\":{\"type\":\"string\",\"description\":\"Number of the order\"}}}");
    assert_string_equal(text_at(run, "f1"), "88-4471");
    assert_string_equal(text_at(run, "del_dt"), "2026-04-02");
    assert_string_equal(text_at(run, "lineNumber"), "06 55 50 17 88");
}

static void
long_names_are_borne(void **state)
{
    struct run *run = *state;
    char name[1200] = "{\"";
    size_t n = 2;

    for (int i = 0; i < 14; i++) /* words at the limit, each of which might be contracted */
        n += (size_t)snprintf(name + n, sizeof(name) - n, "%s_",
                              "aeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeae");
    snprintf(name + n, sizeof(name) - n, "\":\"string\"}");
    sheet_line(page_of(run), 60, 100, "Number: 1");
    read_it(run, name);
    assert_int_equal(json_object_size(run->evidence), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test(results_of_a_laboratory_are_a_table),
        test(names_written_in_ascii_meet_umlauts),
        test(days_of_a_statement_have_its_year),
        test(balances_of_a_statement_are_no_bookings),
        test(items_go_on_over_pages),
        test(a_table_without_titles_is_more_of_the_items),
        test(choices_without_a_mark_are_none),
        test(a_period_has_two_ends),
        test(each_clause_of_a_sentence_is_obeyed),
        test(pay_is_gross_or_net),
        test(a_defined_term_says_who_is_meant),
        test(names_are_short_or_described),
        test(long_names_are_borne),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
