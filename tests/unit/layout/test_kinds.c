/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "read.h"

static const char *const prose[] = {
    "The harbour was quiet and the boats lay along the wall as they had done for",
    "many years, though nobody in the town could say since when, and the masters",
    "of the boats least of all, who had been told it by their fathers and had no",
    "reason to ask them more than that, nor did they ever find the time to do it.",
};

static float
put_prose(struct page *page, float y)
{
    for (size_t i = 0; i < ARRAY_LEN(prose); i++)
        sketch_line(page, 60, y + 14 * (float)i, 10, 0, prose[i]);
    return y + 14 * (float)ARRAY_LEN(prose) + 12;
}

static uint32_t
count_kind(const struct page *page, enum block_kind kind)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < page->block_count; i++)
        count += page->blocks[i].kind == kind;
    return count;
}

static void
lay_out(struct page *page)
{
    struct err err = {0};

    if (layout_page(page, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    assert_sound(page);
}

static const char quoted[] = "The masters of boats keep what the fathers said\n"
                             "and forget who said it, as is the way of towns\n"
                             "near the sea.";

static float
put_lines(struct page *page, float x, float y, uint8_t style, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char line[100];
        assert_true(len < sizeof(line));
        memcpy(line, text, len);
        line[len] = '\0';
        sketch_line(page, x, y, 10, style, line);
        y += 14;
        text += len + (text[len] == '\n');
    }
    return y + 12;
}

static void
narrower_on_both_sides_is_a_quotation(void **state)
{
    struct page *page = *state;
    float y = put_lines(page, 90, put_prose(page, 60), 0, quoted);

    put_prose(page, y);
    lay_out(page);
    assert_int_equal(count_kind(page, BLOCK_QUOTE), 1);
}

/* An address is indented too, and its lines end early. */
static void
an_address_is_no_quotation(void **state)
{
    struct page *page = *state;
    float y = put_lines(page, 90, put_prose(page, 60), 0,
                        "Harbour Office\n12 Quay Street\nOld Town near the sea");

    put_prose(page, y);
    lay_out(page);
    assert_int_equal(count_kind(page, BLOCK_QUOTE), 0);
}

static void
a_bar_makes_a_quotation(void **state)
{
    struct page *page = *state;
    float top = put_prose(page, 60);
    float y = put_lines(page, 76, top, 0,
                        "The masters of boats keep what the fathers said and forget who said it,\n"
                        "as is the way of towns.");
    struct page_region *bar = page_add_region(page);

    assert_non_null(bar);
    *bar = (struct page_region){.box = {66, top - 9, 68, top + 18}, .kind = REGION_RULE};
    put_prose(page, y);
    lay_out(page);
    assert_int_equal(count_kind(page, BLOCK_QUOTE), 1);
}

static void
a_formula_stands_by_itself(void **state)
{
    struct page *page = *state;
    float y = put_lines(page, 260, put_prose(page, 60), 0, "E = mc2 (3)");

    put_prose(page, y);
    lay_out(page);
    assert_int_equal(count_kind(page, BLOCK_FORMULA), 1);
}

static void
a_sum_in_words_is_no_formula(void **state)
{
    struct page *page = *state;
    float y = put_lines(page, 260, put_prose(page, 60), 0, "Total amount = 345.00");

    put_prose(page, y);
    lay_out(page);
    assert_int_equal(count_kind(page, BLOCK_FORMULA), 0);
}

/* The marker of an item may be drawn when all text has been. */
static void
markers_drawn_last(void **state)
{
    struct page *page = *state;
    float y = put_prose(page, 60);

    sketch_line(page, 90, y, 10, 0, "The first of the boats came in the");
    sketch_line(page, 90, y + 14, 10, 0, "morning and lay at the wall.");
    sketch_line(page, 90, y + 30, 10, 0, "The second never came.");
    sketch_line(page, 76, y, 10, 0, "\xe2\x80\xa2");
    sketch_line(page, 76, y + 30, 10, 0, "\xe2\x80\xa2");
    lay_out(page);
    assert_int_equal(count_kind(page, BLOCK_LIST_ITEM), 2);
}

static void
quotations_in_markdown(void **state)
{
    struct page *page = *state;
    struct buf out;

    sketch_block(page, BLOCK_QUOTE, sketch_line(page, 90, 60, 10, STYLE_ITALIC, "One *word"));
    sketch_block(page, BLOCK_QUOTE, sketch_line(page, 90, 90, 10, 0, "Another"));
    sketch_block(page, BLOCK_PARAGRAPH, sketch_line(page, 60, 120, 10, 0, "Text"));
    buf_init(&out, MiB(1));
    render_markdown(page, &out);
    assert_string_equal(buf_text(&out), "> One \\*word\n>\n> Another\n\nText\n");
    buf_fini(&out);
}

static void
code_in_a_line(void **state)
{
    struct page *page = *state;
    uint32_t first = page->word_count;
    struct buf out;

    sketch_word(page, 60, 60, 10, 0, "Call", 4);
    sketch_word(page, 90, 60, 10, STYLE_MONO, "x", 1);
    sketch_word(page, 100, 60, 10, STYLE_MONO, "=*y", 3);
    sketch_word(page, 115, 60, 10, 0, ",", 1)->glued = true;
    sketch_word(page, 130, 60, 10, STYLE_MONO, "a`b", 3);
    sketch_word(page, 150, 60, 10, 0, "now and then", 12);
    sketch_word(page, 180, 60, 10, 0, "again", 5);
    sketch_block(page, BLOCK_PARAGRAPH, sketch_close_line(page, first));
    buf_init(&out, MiB(1));
    render_markdown(page, &out);
    assert_string_equal(buf_text(&out), "Call `x =*y`, a\\`b now and then again\n");
    buf_fini(&out);
}

/* An address at the right edge: no line of it is half of a sentence. */
static void
lines_flush_right_stay_lines(void **state)
{
    struct page *page = *state;

    sketch_line(page, 300, 100, 10, 0, "2200 Lakeshore Drive, Suite 14");
    sketch_line(page, 370, 113, 10, 0, "Duluth, MN 55802");
    sketch_line(page, 325, 126, 10, 0, "billing@maplepine.example");
    sketch_line(page, 50, 200, 10, 0,
                "Some running text that goes over the whole width of the page, here and there,");
    sketch_line(page, 50, 213, 10, 0, "until it has come to its end.");
    expect_markdown(page, "2200 Lakeshore Drive, Suite 14\nDuluth, MN 55802\n"
                          "billing@maplepine.example\n\n"
                          "Some running text that goes over the whole width of the page, here and "
                          "there, until it has come to its end.\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(narrower_on_both_sides_is_a_quotation),
        PAGE_CASE(an_address_is_no_quotation),
        PAGE_CASE(a_bar_makes_a_quotation),
        PAGE_CASE(a_formula_stands_by_itself),
        PAGE_CASE(a_sum_in_words_is_no_formula),
        PAGE_CASE(markers_drawn_last),
        PAGE_CASE(quotations_in_markdown),
        PAGE_CASE(code_in_a_line),
        PAGE_CASE(lines_flush_right_stay_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
