/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lists of records from blocks that repeat without a table. */
#include "run.h"

static const char cv[] =
    "{\"experience\":[{\"title\":\"string\",\"company\":\"string\",\"location\":\"string\","
    "\"start\":\"string\",\"end\":\"string\",\"description\":\"string\"}],"
    "\"education\":[{\"degree\":\"string\",\"institution\":\"string\",\"start\":\"string\","
    "\"end\":\"string\"}]}";

static const json_t *
row_of(const struct run *run, const char *list, size_t row)
{
    return json_array_get(json_object_get(run->result, list), row);
}

static size_t
rows_in(const struct run *run, const char *list)
{
    return json_array_size(json_object_get(run->result, list));
}

static void
expect(const struct run *run, const char *list, size_t row, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(row_of(run, list, row), name));

    assert_string_equal(text == NULL ? "" : text, value);
}

static void
embolden(struct page *page)
{
    const struct page_line *line = &page->lines[page->line_count - 1];

    for (uint32_t i = 0; i < line->word_count; i++)
        page->words[line->first_word + i].style |= STYLE_BOLD;
}

static void
draw_heading(struct page *page, float y, const char *text)
{
    sheet_line(page, 60, y, text);
    embolden(page);
    for (uint32_t i = 0; i < page->lines[page->line_count - 1].word_count; i++) {
        struct page_word *word = &page->words[page->lines[page->line_count - 1].first_word + i];
        word->box.y1 = y + 14;
        word->size = 14;
    }
    page->lines[page->line_count - 1].size = 14;
}

static void
draw_cv(struct page *page)
{
    draw_heading(page, 100, "Berufserfahrung");
    sheet_line(page, 60, 125, "03/2019 – heute");
    sheet_line(page, 200, 125, "Softwareentwicklerin");
    embolden(page);
    sheet_line(page, 200, 138, "Nordlicht Anlagenbau GmbH, Hamburg");
    sheet_line(page, 200, 151, "• Pflege der Dokumentation aller internen Werkzeuge.");
    sheet_line(page, 60, 175, "01/2015 – 02/2019");
    sheet_line(page, 200, 175, "Qualitätsingenieur");
    embolden(page);
    sheet_line(page, 200, 188, "Stadtwerke Lindau, Lindau");
    draw_heading(page, 220, "Studium");
    sheet_line(page, 60, 245, "2010 – 2014");
    sheet_line(page, 200, 245, "Diplom Betriebswirtschaft");
    embolden(page);
    sheet_line(page, 200, 258, "Universität Rostock");
}

static void
dates_beside_the_text_begin_records(void **state)
{
    struct run *run = *state;

    draw_cv(page_of(run));
    read_it(run, cv);
    assert_int_equal(rows_in(run, "experience"), 2);
    expect(run, "experience", 0, "title", "Softwareentwicklerin");
    expect(run, "experience", 0, "company", "Nordlicht Anlagenbau GmbH");
    expect(run, "experience", 0, "location", "Hamburg");
    expect(run, "experience", 0, "start", "03/2019");
    expect(run, "experience", 0, "end", "heute");
    expect(run, "experience", 0, "description",
           "Pflege der Dokumentation aller internen Werkzeuge.");
    expect(run, "experience", 1, "end", "02/2019");
    assert_int_equal(rows_in(run, "education"), 1);
    expect(run, "education", 0, "institution", "Universität Rostock");
    assert_string_equal(evidence_of(run, "/experience/1/description", "reason"), "not_found");
}

/* No word serves two values. */
static void
records_share_no_words(void **state)
{
    struct run *run = *state;
    const char *pointer;
    json_t *value;
    char seen[64][64];
    size_t n = 0;

    draw_cv(page_of(run));
    read_it(run, cv);
    json_object_foreach(run->evidence, pointer, value)
    {
        const json_t *box = json_array_get(json_object_get(value, "boxes"), 0);
        if (box == NULL)
            continue;
        char *text = json_dumps(box, JSON_COMPACT);
        for (size_t i = 0; i < n; i++)
            assert_string_not_equal(seen[i], text);
        assert_true(n < 64 && strlen(text) < 64);
        strcpy(seen[n++], text);
        free(text);
    }
    assert_true(n >= 14);
}

static void
a_section_goes_on_over_the_page(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    draw_heading(page, 700, "EXPERIENCE");
    sheet_line(page, 60, 730, "Sales Assistant | Pellham Foods plc | Leeds | 2015 - 2019");
    page = page_of(run);
    sheet_line(page, 60, 80, "Head of Logistics | Corvid Analytics | Bristol | 2012 - 2015");
    draw_heading(page, 120, "EDUCATION");
    sheet_line(page, 60, 140, "MBA | University of Exeter | 2010 - 2012");
    read_it(run, cv);
    assert_int_equal(rows_in(run, "experience"), 2);
    expect(run, "experience", 1, "company", "Corvid Analytics");
    expect(run, "experience", 1, "end", "2015");
    expect(run, "education", 0, "degree", "MBA");
}

static const char contacts[] = "{\"contacts\":[{\"name\":\"string\",\"role\":\"string\","
                               "\"phone\":\"string\",\"email\":\"string\"}]}";

static void
draw_card(struct page *page, float x, float y, const char *name, const char *phone)
{
    sheet_line(page, x, y, "Nom :");
    sheet_line(page, x + 80, y, name);
    sheet_line(page, x, y + 14, "Téléphone :");
    sheet_line(page, x + 80, y + 14, phone);
}

static void
cards_stand_side_by_side(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    draw_heading(page, 60, "Vos contacts");
    draw_card(page, 60, 100, "Camille Roussel", "02 40 55 81 10");
    draw_card(page, 320, 100, "Hugo Delcourt", "02 40 55 82 11");
    draw_card(page, 60, 160, "Agathe Morvan", "02 40 55 83 12");
    draw_card(page, 320, 160, "Luc Fontanel", "02 40 55 84 13");
    read_it(run, contacts);
    assert_int_equal(rows_in(run, "contacts"), 4);
    expect(run, "contacts", 1, "name", "Hugo Delcourt");
    expect(run, "contacts", 1, "phone", "02 40 55 82 11");
    expect(run, "contacts", 2, "name", "Agathe Morvan");
    assert_string_equal(evidence_of(run, "/contacts/3/email", "reason"), "not_found");
}

static void
a_list_without_its_section_is_empty(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "The committee met on 3 May 2019 and approved the minutes.");
    sheet_line(page, 60, 114, "Name: Alice Whitmore");
    read_it(run, contacts);
    assert_int_equal(rows_in(run, "contacts"), 0);
    assert_string_equal(evidence_of(run, "/contacts", "reason"), "not_found");
}

/* A line of marks and digits with a place, above an address, is no line of it. */
static void
a_line_without_letters_above_an_address(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "03/2019 – 28195 –");
    sheet_line(page, 60, 112, "28195 Bremen");
    sheet_line(page, 60, 124, "28199 Bremen");
    read_it(run, "{\"seller\":{\"name\":\"string\",\"city\":\"string\"}}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test(dates_beside_the_text_begin_records), test(records_share_no_words),
        test(a_section_goes_on_over_the_page),     test(cards_stand_side_by_side),
        test(a_list_without_its_section_is_empty), test(a_line_without_letters_above_an_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
