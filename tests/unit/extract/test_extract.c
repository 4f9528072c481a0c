/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "run.h"

static void
draw_invoice(struct run *run)
{
    struct page *page = page_of(run);

    sheet_line(page, 60, 40, "Muster Bau GmbH · Hauptstr. 5 · 10115 Berlin");
    sheet_line(page, 60, 120, "Nordwind AG");
    sheet_line(page, 60, 132, "Hafenweg 7");
    sheet_line(page, 60, 144, "20457 Hamburg");
    sheet_line(page, 60, 220, "Rechnung Nr. R-2024-17 vom 03.05.2024");
    sheet_line(page, 60, 240, "Zahlbar bis: 17.05.2024");
    sheet_line(page, 60, 280, "Pos");
    sheet_line(page, 100, 280, "Bezeichnung");
    sheet_line(page, 300, 280, "Menge");
    sheet_line(page, 380, 280, "Einzelpreis");
    sheet_line(page, 500, 280, "Betrag");
    sheet_line(page, 60, 300, "1");
    sheet_line(page, 100, 300, "Ziegel rot");
    sheet_line(page, 300, 300, "200");
    sheet_line(page, 400, 300, "1,50");
    sheet_line(page, 495, 300, "300,00");
    sheet_line(page, 60, 320, "2");
    sheet_line(page, 100, 320, "Mörtel");
    sheet_line(page, 300, 320, "10");
    sheet_line(page, 400, 320, "9,00");
    sheet_line(page, 500, 320, "90,00");
    sheet_line(page, 300, 360, "Summe netto");
    sheet_line(page, 495, 360, "390,00");
    sheet_line(page, 300, 375, "MwSt 19 %");
    sheet_line(page, 500, 375, "74,10");
    sheet_line(page, 300, 390, "Gesamtbetrag");
    sheet_line(page, 495, 390, "464,10");
    sheet_line(page, 60, 440, "IBAN: DE88 2008 0000 0970 3757 00");
}

static void
an_invoice_is_read_whole(void **state)
{
    struct run *run = *state;

    draw_invoice(run);
    read_it(run,
            "{\"invoice_number\":\"string\",\"invoice_date\":\"string\",\"due_date\":\"string\","
            "\"seller\":{\"name\":\"string\",\"city\":\"string\"},"
            "\"customerName\":\"string\",\"iban\":\"string\",\"netTotal\":\"number\","
            "\"vat\":\"number\",\"total\":\"number\","
            "\"items\":[{\"name\":\"string\",\"qty\":\"integer\",\"price\":\"number\","
            "\"amount\":\"number\"}]}");
    assert_string_equal(text_at(run, "invoice_number"), "R-2024-17");
    assert_string_equal(text_at(run, "invoice_date"), "2024-05-03");
    assert_string_equal(text_at(run, "due_date"), "2024-05-17");
    assert_string_equal(text_at(run, "customerName"), "Nordwind AG");
    assert_string_equal(text_at(run, "iban"), "DE88200800000970375700");
    const json_t *seller = json_object_get(run->result, "seller");
    assert_string_equal(json_string_value(json_object_get(seller, "name")), "Muster Bau GmbH");
    assert_string_equal(json_string_value(json_object_get(seller, "city")), "Berlin");
    assert_float_equal(json_number_value(json_object_get(run->result, "netTotal")), 390, 0.001);
    assert_float_equal(json_number_value(json_object_get(run->result, "vat")), 74.1, 0.001);
    assert_float_equal(json_number_value(json_object_get(run->result, "total")), 464.1, 0.001);
    const json_t *items = json_object_get(run->result, "items");
    assert_int_equal(json_array_size(items), 2);
    const json_t *first = json_array_get(items, 0);
    assert_string_equal(json_string_value(json_object_get(first, "name")), "Ziegel rot");
    assert_int_equal(json_integer_value(json_object_get(first, "qty")), 200);
    assert_float_equal(json_number_value(json_object_get(first, "amount")), 300, 0.001);
    assert_string_equal(run->output.records[0].kind, "invoice");
}

static void
each_value_has_its_words(void **state)
{
    struct run *run = *state;

    draw_invoice(run);
    read_it(run,
            "{\"total\":\"number\",\"tax\":\"number\",\"net\":\"number\",\"colour\":\"string\"}");
    const json_t *total = json_object_get(run->evidence, "/total");
    assert_string_equal(json_string_value(json_array_get(json_object_get(total, "words"), 0)),
                        "464,10");
    assert_string_equal(json_string_value(json_object_get(total, "normalization")), "number");
    assert_string_equal(json_string_value(json_object_get(total, "label")), "Gesamtbetrag");
    assert_non_null(json_object_get(total, "proof"));
    assert_int_equal(json_integer_value(json_object_get(total, "page")), 1);
    const json_t *box = json_array_get(json_object_get(total, "boxes"), 0);
    assert_float_equal(json_number_value(json_array_get(box, 0)), 495, 0.2);
    const json_t *absent = json_object_get(run->evidence, "/colour");
    assert_string_equal(json_string_value(json_object_get(absent, "reason")), "not_found");
}

static void
words_that_no_lexicon_knows_are_labels_too(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Reactor temperature: 451.5");
    sheet_line(page, 60, 120, "Operator mood:");
    sheet_line(page, 200, 120, "cheerful");
    sheet_line(page, 60, 140, "Night shift: yes");
    sheet_line(page, 60, 160, "Grade: silver");
    read_it(run, "{\"type\":\"object\",\"properties\":{"
                 "\"reactor_temperature\":{\"type\":\"number\"},"
                 "\"operatorMood\":{\"type\":\"string\"},"
                 "\"night_shift\":{\"type\":\"boolean\"},"
                 "\"grade\":{\"enum\":[\"Gold\",\"Silver\"]}}}");
    assert_float_equal(json_number_value(json_object_get(run->result, "reactor_temperature")),
                       451.5, 0.001);
    assert_string_equal(text_at(run, "operatorMood"), "cheerful");
    assert_true(json_is_true(json_object_get(run->result, "night_shift")));
    assert_string_equal(text_at(run, "grade"), "Silver");
}

static void
a_listed_value_may_be_long(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100,
               "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz und "
               "Grundstuecksverkehrsgenehmigungszustaendigkeitsuebertragungsverordnung");
    read_it(run, "{\"type\":\"object\",\"properties\":{\"law\":{\"enum\":[\"Grundgesetz\",\""
                 "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz und "
                 "Grundstuecksverkehrsgenehmigungszustaendigkeitsuebertragungsverordnung\"]}}}");
    assert_memory_equal(text_at(run, "law"), "Rindfleisch", 11);
}

static void
what_breaks_the_schema_is_null(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Invoice number: AB-17");
    read_it(run, "{\"type\":\"object\",\"properties\":{\"invoice_number\":"
                 "{\"type\":[\"string\",\"null\"],\"pattern\":\"^[0-9]+$\"}}}");
    assert_true(json_is_null(json_object_get(run->result, "invoice_number")));
    const json_t *why = json_object_get(run->evidence, "/invoice_number");
    assert_string_equal(json_string_value(json_object_get(why, "reason")), "breaks_schema");
}

static void
instructions_are_obeyed_or_named(void **state)
{
    struct run *run = *state;

    draw_invoice(run);
    run->input.instructions = "Dates as DD.MM.YYYY. Do not extract the IBAN; sing a song.";
    read_it(run, "{\"invoice_date\":\"string\",\"iban\":\"string\"}");
    assert_string_equal(text_at(run, "invoice_date"), "03.05.2024");
    assert_null(json_object_get(run->result, "iban"));
    assert_non_null(strstr(run->output.warnings, "sing a song"));
    assert_null(strstr(run->output.warnings, "IBAN"));
}

static void
nothing_is_taken_from_a_proposal_that_is_not_there(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "The ship is called Albatross and sails at dawn");
    run->input.proposal = "{\"vessel\":\"Albatross\",\"captain\":\"Ahab\"}";
    read_it(run, "{\"vessel\":\"string\",\"captain\":\"string\"}");
    assert_string_equal(text_at(run, "vessel"), "Albatross");
    assert_null(json_object_get(run->result, "captain"));
    assert_non_null(strstr(run->output.warnings, "captain"));
}

static void
an_answer_of_a_chat_server_is_a_proposal(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "The ship is called Albatross and sails at dawn");
    run->input.proposal = "{\"choices\":[{\"message\":{\"content\":\"Here: ```json\\n"
                          "{\\\"vessel\\\": \\\"Albatross\\\"}\\n```\"}}]}";
    read_it(run, "{\"vessel\":\"string\",\"captain\":\"string\"}");
    assert_string_equal(text_at(run, "vessel"), "Albatross");
    assert_null(strstr(run->output.warnings, "JSON"));
}

static void
documents_of_one_file_are_told_apart(void **state)
{
    struct run *run = *state;

    draw_invoice(run);
    struct page *page = page_of(run);
    sheet_line(page, 60, 100, "Rechnung Nr. R-2024-18 vom 04.05.2024");
    read_it(run, "{\"invoice_number\":\"string\"}");
    assert_int_equal(run->output.record_count, 2);
    assert_non_null(strstr(run->output.records[1].result, "R-2024-18"));
    run->input.options.per_page = true;
    struct err err;
    assert_int_equal(extract_run(run->arena, &run->input, &run->output, &err), ERR_OK);
    assert_int_equal(run->output.record_count, 2);
    assert_int_equal(run->output.records[1].first_page, 1);
}

static void
without_a_schema_the_document_offers_what_it_has(void **state)
{
    struct run *run = *state;

    draw_invoice(run);
    read_it(run, NULL);
    assert_string_equal(text_at(run, "kind"), "invoice");
    const json_t *fields = json_object_get(run->result, "fields");
    assert_string_equal(json_string_value(json_object_get(fields, "document_number")), "R-2024-17");
    assert_float_equal(json_number_value(json_object_get(fields, "total_gross")), 464.1, 0.001);
    const json_t *pairs = json_object_get(run->result, "pairs");
    assert_string_equal(json_string_value(json_object_get(pairs, "Zahlbar bis")), "17.05.2024");
}

static void
a_contract_says_it_in_sentences(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100,
               "This Agreement is made as of March 3, 2014 by and between Blue Lake,");
    sheet_line(page, 60, 112,
               "Inc., a Nevada corporation, and John Q. Smith. The obligations expire");
    sheet_line(page, 60, 124,
               "two (2) years from the date of this Agreement. It shall be governed by");
    sheet_line(page, 60, 136, "the laws of the State of New York.");
    read_it(run, "{\"effective_date\":\"string\",\"jurisdiction\":\"string\",\"term\":\"string\","
                 "\"party\":[\"string\"]}");
    assert_string_equal(text_at(run, "effective_date"), "2014-03-03");
    assert_string_equal(text_at(run, "jurisdiction"), "New York");
    assert_string_equal(text_at(run, "term"), "2 years");
    const json_t *parties = json_object_get(run->result, "party");
    assert_int_equal(json_array_size(parties), 2);
    assert_string_equal(json_string_value(json_array_get(parties, 1)), "John Q. Smith");
}

/* The last word of the page gets another reading. */
static void
read_otherwise(struct page *page, const char *text)
{
    struct page_alt *alt = page_add_alt(page);

    assert_non_null(alt);
    alt->text = text;
    alt->confidence = 0.4F;
    page->words[page->word_count - 1].first_alt = page->alt_count - 1;
    page->words[page->word_count - 1].alt_count = 1;
    page->words[page->word_count - 1].confidence = 0.5F;
}

static void
sums_and_check_digits_choose_among_readings(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Net total: 390.00");
    sheet_line(page, 60, 120, "VAT: 74.10");
    sheet_line(page, 60, 140, "Grand total: 484.10");
    read_otherwise(page, "464.10");
    sheet_line(page, 60, 160, "IBAN: DE88200800000970375780");
    read_otherwise(page, "DE88200800000970375700");
    read_it(run,
            "{\"net\":\"number\",\"vat\":\"number\",\"total\":\"number\",\"iban\":\"string\"}");
    assert_float_equal(json_number_value(json_object_get(run->result, "total")), 464.1, 0.001);
    assert_string_equal(text_at(run, "iban"), "DE88200800000970375700");
    const json_t *total = json_object_get(run->evidence, "/total");
    assert_string_equal(json_string_value(json_object_get(total, "normalization")), "reading");
    assert_string_equal(json_string_value(json_array_get(json_object_get(total, "words"), 0)),
                        "484.10");
    assert_non_null(json_object_get(total, "proof"));
}

/* What the sums and the check digits do not prove is given as it stands there. */
static void
without_a_proof_no_other_reading_is_taken(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Net total: 390.00");
    sheet_line(page, 60, 120, "VAT: 74.10");
    sheet_line(page, 60, 140, "Grand total: 484.10");
    read_otherwise(page, "484.18");
    sheet_line(page, 60, 160, "IBAN: DE88200800000970375780");
    read_otherwise(page, "DE88200800000970375708");
    page->words[page->word_count - 1].witness = WITNESS_PIXELS;
    read_it(run, "{\"total\":\"number\",\"iban\":\"string\"}");
    assert_float_equal(json_number_value(json_object_get(run->result, "total")), 484.1, 0.001);
    assert_null(json_object_get(json_object_get(run->evidence, "/total"), "reading"));
    assert_string_equal(text_at(run, "iban"), ""); /* misread, and nobody knows what it is */
}

/* Both hold: the check of a German VAT number lets one false digit in ten pass. */
static void
two_readings_that_hold_prove_neither(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "VAT number: DE136695975");
    read_otherwise(page, "DE136695976");
    struct page_alt *other = page_add_alt(page);
    assert_non_null(other);
    *other = (struct page_alt){"DE123456788", 0.3F, ALT_BEAM};
    page->words[page->word_count - 1].alt_count = 2;
    read_it(run, "{\"vat_number\":\"string\"}");
    assert_string_not_equal(text_at(run, "vat_number"), "DE136695976");
    assert_string_not_equal(text_at(run, "vat_number"), "DE123456788");
}

/* One other reading alone is a date: given, with less confidence; of two that differ, neither. */
static void
the_form_settles_a_reading(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Invoice date: 14.O5.2O24");
    read_otherwise(page, "14.05.2024");
    sheet_line(page, 60, 120, "Due date: 28.O5.2O24");
    read_otherwise(page, "28.05.2024");
    struct page_alt *other = page_add_alt(page);
    assert_non_null(other);
    *other = (struct page_alt){"26.05.2024", 0.3F, ALT_BEAM};
    page->words[page->word_count - 1].alt_count = 2;
    read_it(run, "{\"invoice_date\":\"string\",\"due_date\":\"string\"}");
    assert_string_equal(text_at(run, "invoice_date"), "2024-05-14");
    const json_t *date = json_object_get(run->evidence, "/invoice_date");
    assert_string_equal(json_string_value(json_object_get(date, "reading")), "14.05.2024");
    assert_true(json_number_value(json_object_get(date, "confidence")) < 0.7);
    assert_string_not_equal(text_at(run, "due_date"), "2024-05-28");
    assert_string_not_equal(text_at(run, "due_date"), "2024-05-26");
}

/* Lines that do not add up to a net amount that is proved: the one total that can is read so. */
static void
the_sum_of_the_lines_settles_a_reading(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 60, "Description");
    sheet_line(page, 480, 60, "Amount");
    sheet_line(page, 60, 75, "Hemp rope");
    sheet_line(page, 480, 75, "190.00");
    sheet_line(page, 60, 90, "Steel thimble");
    sheet_line(page, 480, 90, "280.00");
    read_otherwise(page, "200.00");
    sheet_line(page, 60, 120, "Net total: 390.00");
    sheet_line(page, 60, 140, "VAT: 74.10");
    sheet_line(page, 60, 160, "Grand total: 464.10");
    read_it(run, "{\"items\":[{\"description\":\"string\",\"total\":\"number\"}],"
                 "\"net\":\"number\",\"vat\":\"number\",\"total\":\"number\"}");
    const json_t *second = json_array_get(json_object_get(run->result, "items"), 1);
    assert_float_equal(json_number_value(json_object_get(second, "total")), 200, 0.001);
    const json_t *value = json_object_get(run->evidence, "/items/1/total");
    assert_string_equal(json_string_value(json_object_get(value, "reading")), "200.00");
}

static void
ink_that_nobody_read_is_a_reason(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Due date:");
    struct page_region *region = page_add_region(page);
    assert_non_null(region);
    *region = (struct page_region){.box = {150, 98, 220, 112}, .kind = REGION_UNREAD};
    read_it(run, "{\"due_date\":\"string\",\"iban\":\"string\"}");
    const json_t *why = json_object_get(run->evidence, "/due_date");
    assert_string_equal(json_string_value(json_object_get(why, "reason")), "unreadable");
    assert_int_equal(json_array_size(json_object_get(why, "boxes")), 1);
}

static void
the_same_input_gives_the_same_bytes(void **state)
{
    struct run *run = *state;
    struct extract_output again;
    struct err err;

    draw_invoice(run);
    read_it(run, NULL);
    assert_int_equal(extract_run(run->arena, &run->input, &again, &err), ERR_OK);
    assert_string_equal(run->output.records[0].result, again.records[0].result);
    assert_string_equal(run->output.records[0].evidence, again.records[0].evidence);
}

static void
empty_and_too_small(void **state)
{
    struct run *run = *state;
    struct extract_output output;
    struct err err;

    assert_int_equal(extract_run(run->arena, &run->input, &output, &err), ERR_INPUT);
    (void)page_of(run);
    read_it(run, "{\"total\":\"number\"}");
    assert_int_equal(json_object_size(run->result), 0);
    struct arena *small = arena_new(KiB(64));
    assert_int_equal(extract_run(small, &run->input, &output, &err), ERR_LIMIT);
    arena_drop(&small);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test(an_invoice_is_read_whole),
        test(each_value_has_its_words),
        test(words_that_no_lexicon_knows_are_labels_too),
        test(a_listed_value_may_be_long),
        test(what_breaks_the_schema_is_null),
        test(instructions_are_obeyed_or_named),
        test(nothing_is_taken_from_a_proposal_that_is_not_there),
        test(an_answer_of_a_chat_server_is_a_proposal),
        test(documents_of_one_file_are_told_apart),
        test(without_a_schema_the_document_offers_what_it_has),
        test(a_contract_says_it_in_sentences),
        test(without_a_proof_no_other_reading_is_taken),
        test(two_readings_that_hold_prove_neither),
        test(the_form_settles_a_reading),
        test(the_sum_of_the_lines_settles_a_reading),
        test(sums_and_check_digits_choose_among_readings),
        test(ink_that_nobody_read_is_a_reason),
        test(the_same_input_gives_the_same_bytes),
        test(empty_and_too_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
