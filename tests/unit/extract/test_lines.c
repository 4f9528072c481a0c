/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Line items whose rows do not look like one row an item. */
#include "run.h"

static const char schema[] =
    "{\"items\":[{\"article_number\":\"string\",\"description\":\"string\","
    "\"quantity\":\"number\",\"price\":\"number\",\"total\":\"number\"}]}";

static const char *
text_of(const struct run *run, size_t row, const char *name)
{
    const json_t *item = json_array_get(json_object_get(run->result, "items"), row);
    const char *text = json_string_value(json_object_get(item, name));

    return text == NULL ? "" : text;
}

static double
number_of(const struct run *run, size_t row, const char *name)
{
    const json_t *item = json_array_get(json_object_get(run->result, "items"), row);

    return json_number_value(json_object_get(item, name));
}

static void
draw_head(struct page *page)
{
    sheet_line(page, 60, 100, "Pos");
    sheet_line(page, 100, 100, "References");
    sheet_line(page, 240, 100, "Description");
    sheet_line(page, 360, 100, "Quantity");
    sheet_line(page, 430, 100, "Price");
    sheet_line(page, 500, 100, "Total");
}

static void
draw_item(struct page *page, float y, const char *name, const char *quantity, const char *price,
          const char *total)
{
    sheet_line(page, 240, y, name);
    sheet_line(page, 370, y, quantity);
    sheet_line(page, 432, y, price);
    sheet_line(page, 500, y, total);
}

/* The newest word is doubtful and has other readings. */
static void
read_otherwise(struct page *page, const char *text, const char *other)
{
    struct page_word *word = &page->words[page->word_count - 1];
    const char *texts[] = {text, other};

    word->confidence = 0.5F;
    word->first_alt = page->alt_count;
    for (size_t i = 0; i < 2 && texts[i] != NULL; i++) {
        struct page_alt *alt = page_add_alt(page);
        assert_non_null(alt);
        *alt = (struct page_alt){texts[i], 0.3F, ALT_BEAM};
        word->alt_count++;
    }
}

static const char *
said_in(const struct run *run, const char *pointer, const char *key)
{
    const json_t *value = json_object_get(json_object_get(run->evidence, pointer), key);
    const char *text = json_string_value(json_is_array(value) ? json_array_get(value, 0) : value);

    return text == NULL ? "" : text;
}

static void
a_row_that_multiplies_settles_a_reading(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    draw_head(page);
    draw_item(page, 120, "Hemp rope", "4", "2.50", "70.00");
    read_otherwise(page, "10.00", "10.80");
    draw_item(page, 140, "Steel thimble", "3", "7.00", "21.00");
    read_it(run, schema);
    assert_float_equal(number_of(run, 0, "total"), 10, 0.001);
    assert_string_equal(said_in(run, "/items/0/total", "words"), "70.00");
    assert_string_equal(said_in(run, "/items/0/total", "reading"), "10.00");
    assert_string_equal(said_in(run, "/items/0/total", "normalization"), "reading");
    assert_string_equal(said_in(run, "/items/0/total", "proof"), "quantity x unit price = total");
    assert_string_equal(said_in(run, "/items/1/total", "reading"), "");
}

/* A word that is no number as it was read is one in the reading that the row asks for. */
static void
a_row_that_multiplies_settles_what_was_no_number(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    draw_head(page);
    draw_item(page, 120, "Hemp rope", "4", "2.50", "lO.0O");
    read_otherwise(page, "10.00", NULL);
    draw_item(page, 140, "Steel thimble", "3", "7.00", "21.00");
    read_it(run, schema);
    assert_float_equal(number_of(run, 0, "total"), 10, 0.001);
    assert_string_equal(said_in(run, "/items/0/total", "words"), "lO.0O");
}

/* Neither a reading that proves nothing nor two that would prove different things are taken. */
static void
without_a_proof_the_word_stays_as_read(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    draw_head(page);
    draw_item(page, 120, "Hemp rope", "4", "2.50", "70.00");
    read_otherwise(page, "18.00", "10.80");
    sheet_line(page, 240, 140, "Steel thimble");
    sheet_line(page, 370, 140, "1");
    sheet_line(page, 432, 140, "7.00");
    read_otherwise(page, "1.00", NULL); /* 1 x 1.00 = 1.00 */
    sheet_line(page, 500, 140, "1.00");
    read_otherwise(page, "7.00", NULL); /* 1 x 7.00 = 7.00 */
    read_it(run, schema);
    assert_float_equal(number_of(run, 0, "total"), 70, 0.001);
    assert_float_equal(number_of(run, 1, "price"), 7, 0.001);
    assert_float_equal(number_of(run, 1, "total"), 1, 0.001);
    assert_string_equal(said_in(run, "/items/0/total", "reading"), "");
    assert_string_equal(said_in(run, "/items/1/price", "proof"), "");
}

/* The number of an item stands in the middle of its rows, its own numbers above it. */
static void
positions_may_stand_in_the_middle(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    draw_head(page);
    draw_item(page, 120, "Hemp rope", "4", "2.50", "10.00");
    sheet_line(page, 60, 138, "1");
    sheet_line(page, 240, 138, "tarred, on a drum");
    draw_item(page, 180, "Steel thimble", "3", "7.00", "21.00");
    sheet_line(page, 60, 198, "2");
    sheet_line(page, 240, 198, "galvanised");
    read_it(run, schema);
    assert_int_equal(json_array_size(json_object_get(run->result, "items")), 2);
    assert_float_equal(number_of(run, 0, "total"), 10, 0.001);
    assert_float_equal(number_of(run, 1, "quantity"), 3, 0.001);
    assert_float_equal(number_of(run, 1, "total"), 21, 0.001);
}

static void
a_number_may_stand_behind_its_label_in_a_cell(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    draw_head(page);
    sheet_line(page, 60, 120, "1");
    sheet_line(page, 100, 120, "Your part no: K77");
    draw_item(page, 120, "Hemp rope", "4", "2.50", "10.00");
    sheet_line(page, 100, 132, "Article no:");
    sheet_line(page, 100, 144, "KR3M");
    read_it(run, schema);
    assert_string_equal(text_of(run, 0, "article_number"), "KR3M");
    assert_string_equal(text_of(run, 0, "description"), "Hemp rope");
}

/* "Article" heads numbers here, "Description" the names. */
static void
what_stands_below_tells_numbers_from_names(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    sheet_line(page, 60, 100, "Article");
    sheet_line(page, 140, 100, "Description");
    sheet_line(page, 360, 100, "Quantity");
    sheet_line(page, 430, 100, "Price");
    sheet_line(page, 500, 100, "Total");
    for (int i = 0; i < 2; i++) {
        float y = 120 + 15 * (float)i;
        sheet_line(page, 60, y, i == 0 ? "E103184" : "E103560");
        sheet_line(page, 140, y, i == 0 ? "Hemp rope" : "Steel thimble");
        sheet_line(page, 370, y, "2");
        sheet_line(page, 432, y, "3.00");
        sheet_line(page, 500, y, "6.00");
    }
    read_it(run, schema);
    assert_string_equal(text_of(run, 0, "article_number"), "E103184");
    assert_string_equal(text_of(run, 1, "description"), "Steel thimble");
}

static void
the_head_of_another_table_ends_the_items(void **state)
{
    struct run *run = *state;
    struct page *page = page_of(run);

    draw_head(page);
    sheet_line(page, 60, 120, "1");
    draw_item(page, 120, "Hemp rope", "4", "2.50", "10.00");
    sheet_line(page, 60, 140, "Net amount");
    sheet_line(page, 240, 140, "Tax rate");
    sheet_line(page, 360, 140, "Tax amount");
    read_it(run, schema);
    assert_int_equal(json_array_size(json_object_get(run->result, "items")), 1);
    assert_string_equal(text_of(run, 0, "description"), "Hemp rope");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_row_that_multiplies_settles_a_reading),
        test(a_row_that_multiplies_settles_what_was_no_number),
        test(without_a_proof_the_word_stays_as_read),
        test(positions_may_stand_in_the_middle),
        test(a_number_may_stand_behind_its_label_in_a_cell),
        test(what_stands_below_tells_numbers_from_names),
        test(the_head_of_another_table_ends_the_items),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
