/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Machine-readable zones, bar codes, and what instructions do. */
#include "run.h"

static const char identity_schema[] =
    "{\"surname\":\"string\",\"given_names\":\"string\",\"document_number\":\"string\","
    "\"date_of_birth\":\"date\",\"expiry_date\":\"date\",\"nationality\":\"string\","
    "\"sex\":\"string\"}";

/* The specimens of ICAO Doc 9303. */
static void
a_passport_is_read_by_its_zone(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 40, 300, "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<");
    sheet_line(page, 40, 314, "L898902C36UTO7408122F1204159ZE184226B<<<<<10");
    read_it(run, identity_schema);
    assert_string_equal(run->output.records[0].kind, "identity_document");
    assert_string_equal(text_at(run, "surname"), "ERIKSSON");
    assert_string_equal(text_at(run, "given_names"), "ANNA MARIA");
    assert_string_equal(text_at(run, "document_number"), "L898902C3");
    assert_string_equal(text_at(run, "date_of_birth"), "1974-08-12");
    assert_string_equal(text_at(run, "expiry_date"), "2012-04-15");
    assert_string_equal(text_at(run, "nationality"), "UTO");
    assert_string_equal(text_at(run, "sex"), "F");
    assert_string_equal(evidence_of(run, "/date_of_birth", "normalization"), "mrz");
}

static void
a_card_is_read_by_its_zone(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 40, 300, "I<UTOD231458907<<<<<<<<<<<<<<<");
    sheet_line(page, 40, 314, "7408122F1204159UTO<<<<<<<<<<<6");
    sheet_line(page, 40, 328, "ERIKSSON<<ANNA<MARIA<<<<<<<<<<");
    read_it(run, identity_schema);
    assert_string_equal(text_at(run, "document_number"), "D23145890");
    assert_string_equal(text_at(run, "surname"), "ERIKSSON");
    assert_string_equal(text_at(run, "expiry_date"), "2012-04-15");
}

/* A letter O read for a zero, and a blank in the middle. */
static void
check_digits_put_a_zone_right(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 40, 300, "V<UTOERIKSSON<<ANNA<MARIA <<<<<<<<<<<<<<<<<<<");
    sheet_line(page, 40, 314, "L8988901C4XXX4OO9O78F96121096ZE184226B<<<<<<");
    read_it(run, identity_schema);
    assert_string_equal(text_at(run, "date_of_birth"), "1940-09-07");
    assert_string_equal(text_at(run, "document_number"), "L8988901C");
}

static void
a_bar_code_is_evidence(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Tracking number: 4006381333931");
    struct page_code *code = page_add_code(page);
    assert_non_null(code);
    code->box = (struct box){300, 300, 400, 400};
    code->symbology = "QR-Code";
    code->text = "BCD\n002\n1\nSCT\n\nBlue Lake\nDE89370400440532013000\nEUR12.50\n";
    code = page_add_code(page);
    assert_non_null(code);
    code->box = (struct box){60, 120, 200, 150};
    code->symbology = "EAN-13";
    code->text = "4006381333931";
    read_it(run, "{\"iban\":\"string\",\"tracking_number\":\"string\",\"gtin\":\"string\"}");
    assert_string_equal(text_at(run, "iban"), "DE89370400440532013000");
    assert_string_equal(evidence_of(run, "/iban", "label"), "QR-Code");
    assert_string_equal(text_at(run, "gtin"), "4006381333931");
    const json_t *proof =
        json_object_get(json_object_get(run->evidence, "/tracking_number"), "proof");
    assert_string_equal(json_string_value(json_array_get(proof, 0)), "a bar code says the same");
}

static void
add_heading(struct page *page, uint32_t line)
{
    struct page_block *block = page_add_block(page);

    assert_non_null(block);
    block->kind = BLOCK_HEADING;
    block->level = 2;
    block->first_line = line;
    block->line_count = 1;
}

static void
draw_sections(struct run *run)
{
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "1. Delivery");
    sheet_line(page, 60, 115, "Phone: 030 1234567");
    sheet_line(page, 60, 150, "2. Billing");
    sheet_line(page, 60, 165, "Phone: 040 7654321");
    add_heading(page, 0);
    add_heading(page, 2);
}

static void
sections_can_be_chosen(void **state)
{
    struct run *run = *state;

    draw_sections(run);
    run->input.instructions = "Only the section \"Billing\".";
    read_it(run, "{\"phone\":\"string\"}");
    assert_string_equal(text_at(run, "phone"), "040 7654321");
    json_decref(run->result);
    json_decref(run->evidence);
    run->input.instructions = "Ignore the section Billing; skip the section Weather";
    read_it(run, "{\"phone\":\"string\"}");
    assert_string_equal(text_at(run, "phone"), "030 1234567");
    assert_non_null(strstr(run->output.warnings, "weather"));
}

static void
what_is_not_done_is_said(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Total: 12.50 EUR");
    run->input.instructions = "Extract the total and the moon phase. Translate the rest. "
                              "Use ISO dates and round the amounts.";
    read_it(run, "{\"total\":\"number\"}");
    assert_non_null(strstr(run->output.warnings, "moon phase"));
    assert_non_null(strstr(run->output.warnings, "Translate the rest"));
    assert_non_null(strstr(run->output.warnings, "in part only"));
    assert_null(strstr(run->output.warnings, "\"total\""));
}

static void
the_schema_goes_before_the_instructions(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Date: 14 March 2026");
    sheet_line(page, 60, 115, "Time: 14:30");
    run->input.instructions = "Dates as DD.MM.YYYY";
    read_it(run, "{\"date\":\"date\",\"time\":{\"type\":\"string\",\"format\":\"time\"}}");
    assert_string_equal(text_at(run, "date"), "2026-03-14");
    assert_string_equal(text_at(run, "time"), "14:30:00");
    assert_non_null(strstr(run->output.warnings, "the schema goes first"));
    assert_non_null(strstr(run->output.warnings, "/time"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_passport_is_read_by_its_zone),
        test(a_card_is_read_by_its_zone),
        test(check_digits_put_a_zone_right),
        test(a_bar_code_is_evidence),
        test(sections_can_be_chosen),
        test(what_is_not_done_is_said),
        test(the_schema_goes_before_the_instructions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
