/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: reading order and kinds of blocks on hand-made pages. */
#include "read.h"

#include <stdio.h>

/* Lines of 10 pt, 12 pt apart, from baseline y; returns the next baseline. */
static float
text(struct page *page, float x, float y, const char *const *lines, size_t n)
{
    for (size_t i = 0; i < n; i++, y += 12)
        sketch_line(page, x, y, 10, 0, lines[i]);
    return y;
}
#define TEXT(page, x, y, ...)                                                                      \
    text(page, x, y, (const char *const[]){__VA_ARGS__},                                           \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void
an_empty_page_stays_empty(void **state)
{
    expect_markdown(*state, "");
}

static void
paragraphs_are_parted_by_space_and_by_indents(void **state)
{
    struct page *page = *state;

    TEXT(page, 50, 100, "The first paragraph of the page has two full lines of", "text in it.");
    TEXT(page, 50, 142, "The second one stands a line lower and has some text", "as well,");
    TEXT(page, 50, 190, "The third one comes with a line of the full measure,",
         "then it ends here.");
    sketch_line(page, 65, 214, 10, 0, "Indented lines begin a paragraph of their own here");
    TEXT(page, 50, 226, "and end it at the left.");
    expect_markdown(page,
                    "The first paragraph of the page has two full lines of text in it.\n\n"
                    "The second one stands a line lower and has some text as well,\n\n"
                    "The third one comes with a line of the full measure, then it ends here.\n\n"
                    "Indented lines begin a paragraph of their own here and end it at the left.\n");
}

static const char *const left[] = {
    "The left column has got lines of",  "about the same width, as columns",
    "in a journal have, so that they",   "are read one after the other, and",
    "never across the gutter that runs", "between them, even where the last"};
static const char *const right[] = {
    "sentence goes on in the next one",  "without any mark. The right column",
    "goes on for as many lines as the",  "left one does, more or less, with",
    "words of common length in it, and", "that is all there is to read."};

static const char joined[] =
    "The left column has got lines of about the same width, as columns in a journal have, so that "
    "they are read one after the other, and never across the gutter that runs between them, even "
    "where the last sentence goes on in the next one without any mark. The right column goes on "
    "for "
    "as many lines as the left one does, more or less, with words of common length in it, and that "
    "is all there is to read.\n";

static void
two_columns_under_a_wide_title(void **state)
{
    struct page *page = *state;
    char want[1000];

    sketch_line(page, 100, 80, 20, STYLE_BOLD, "A Title over both Columns");
    text(page, 50, 120, left, 6);
    text(page, 240, 120, right, 6);
    sketch_line(page, 50, 250, 10, 0,
                "A line over the whole width of the page closes it, as notes do.");
    snprintf(want, sizeof(want), "# A Title over both Columns\n\n%s\n%s", joined,
             "A line over the whole width of the page closes it, as notes do.\n");
    expect_markdown(page, want);
}

static void
columns_on_different_baselines_and_lines_across_the_gutter(void **state)
{
    struct page *page = *state;

    text(page, 50, 120, left, 6);
    text(page, 240, 125, right, 6);
    expect_markdown(page, joined);
    /* The same on common baselines, where the source gave one line for both columns. */
    page->word_count = page->line_count = 0;
    for (int i = 0; i < 6; i++) {
        char both[200];
        size_t width = 38;
        snprintf(both, sizeof(both), "%-*s%s", (int)width, left[i], right[i]);
        sketch_line(page, 50, 120 + 12 * (float)i, 10, 0, both);
    }
    expect_markdown(page, joined);
}

static void
fragments_of_a_line_are_put_together(void **state)
{
    struct page *page = *state;

    sketch_line(page, 115, 100, 10, 0, "three four");
    sketch_line(page, 50, 100.5f, 10, 0, "One two");
    sketch_line(page, 90, 100.2f, 10, STYLE_BOLD, "bold");
    expect_markdown(page, "One two **bold** three four\n");
}

static void
headings_are_ranked_by_size(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 80, 20, 0, "The Title of it");
    sketch_line(page, 50, 120, 14, 0, "A section");
    TEXT(page, 50, 140, "Running text under the section is long enough to be seen",
         "as what it is, with **bold words in it and more lines below",
         "it to make the body's size.");
    sketch_line(page, 50, 200, 10, STYLE_BOLD, "A bold head");
    TEXT(page, 50, 220, "More running text that goes on for a while under that one",
         "and ends with the page.");
    sketch_line(page, 50, 260, 14, 0, "Another section");
    TEXT(page, 50, 280, "Last words.");
    expect_markdown(page, "# The Title of it\n\n## A section\n\n"
                          "Running text under the section is long enough to be seen as what it is, "
                          "with \\*\\*bold words in it and more lines below it to make the body's "
                          "size.\n\n### A bold head\n\n"
                          "More running text that goes on for a while under that one and ends with "
                          "the page.\n\n## Another section\n\nLast words.\n");
}

static void
running_text_in_bold_is_no_heading(void **state)
{
    struct page *page = *state;

    for (int i = 0; i < 6; i++)
        sketch_line(page, 50, 100 + 12 * (float)i, 10, STYLE_BOLD,
                    "bold words that fill a line and go on in the next");
    expect_markdown(page,
                    "**bold words that fill a line and go on in the next bold words that fill a "
                    "line and go on in the next bold words that fill a line and go on in the "
                    "next bold words that fill a line and go on in the next bold words that "
                    "fill a line and go on in the next bold words that fill a line and go on "
                    "in the next**\n");
}

static void
lists_nest_by_indent(void **state)
{
    struct page *page = *state;

    TEXT(page, 50, 100, "Some things, in the order in which they come to mind here:");
    TEXT(page, 60, 112, "1. the first of them is longer than its line, and so it goes");
    TEXT(page, 75, 124, "on in the next");
    TEXT(page, 80, 136, "\xe2\x80\xa2 below it", "\xe2\x80\xa2 another");
    TEXT(page, 60, 160, "2. the second", "3. the third");
    TEXT(page, 50, 196, "A new paragraph begins after it and is as long as the others.");
    expect_markdown(page, "Some things, in the order in which they come to mind here:\n\n"
                          "1. the first of them is longer than its line, and so it goes on in the "
                          "next\n   - below it\n   - another\n2. the second\n3. the third\n\n"
                          "A new paragraph begins after it and is as long as the others.\n");
}

static void
a_number_at_a_line_start_is_no_item(void **state)
{
    struct page *page = *state;

    TEXT(page, 50, 100, "These words are followed by the number of all the things,",
         "12. That was at the end of a sentence, and it stays so, as it", "should.");
    /* the line before is full and does not end a sentence */
    page->word_count = page->line_count = 0;
    TEXT(page, 50, 100, "These words are followed by the number of all the thing is",
         "12. That was at the end of a sentence, and it stays so, as it", "should.");
    expect_markdown(page, "These words are followed by the number of all the thing is 12. That was "
                          "at the end of a sentence, and it stays so, as it should.\n");
}

static void
heads_feet_and_footnotes_are_told_apart(void **state)
{
    struct page *page = *state;

    sketch_line(page, 50, 30, 8, 0, "Journal of Examples 12 (2020) 1-9");
    for (int k = 0; k < 4; k++)
        TEXT(page, 50, 100 + 48 * (float)k,
             "Running text stands here for some lines, so that the page",
             "has a body and the size of its letters is known to all.");
    uint32_t mark = page->word_count;
    sketch_line(page, 50, 700, 7, 0, "1 A note in small print at the foot of the page.");
    page->words[mark].style = STYLE_SUPER;
    sketch_line(page, 295, 780, 10, 0, "- 12 -");
    struct err err;
    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_sound(page);
    assert_int_equal(page->block_count, 7);
    assert_int_equal(page->blocks[0].kind, BLOCK_HEADER);
    assert_int_equal(page->blocks[1].kind, BLOCK_PARAGRAPH);
    assert_int_equal(page->blocks[5].kind, BLOCK_FOOTNOTE);
    assert_int_equal(page->blocks[6].kind, BLOCK_FOOTER);
}

static void
captions_and_code_are_told_apart(void **state)
{
    struct page *page = *state;

    for (int k = 0; k < 3; k++)
        TEXT(page, 50, 100 + 48 * (float)k,
             "Running text stands here for some lines, so that the page",
             "has a body and the size of its letters is known to all.");
    sketch_line(page, 50, 260, 10, STYLE_MONO, "for (;;) {");
    sketch_line(page, 70, 272, 10, STYLE_MONO, "work();");
    sketch_line(page, 50, 284, 10, STYLE_MONO, "}");
    TEXT(page, 50, 320, "Figure 2: What the machine does.");
    TEXT(page, 50, 350, "Figure 2 shows what it does, and this is a sentence like others.");
    struct err err;
    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_sound(page);
    assert_int_equal(page->block_count, 6);
    assert_int_equal(page->blocks[3].kind, BLOCK_CODE);
    assert_int_equal(page->blocks[3].line_count, 3);
    assert_int_equal(page->blocks[4].kind, BLOCK_CAPTION);
    assert_int_equal(page->blocks[5].kind, BLOCK_PARAGRAPH);
}

static void
pictures_become_figures_where_they_stand(void **state)
{
    struct page *page = *state;
    static const struct page_region regions[] = {{{50, 150, 350, 300}, REGION_PICTURE},
                                                 {{0, 0, 600, 800}, REGION_PICTURE},
                                                 {{5, 5, 9, 9}, REGION_PICTURE}};

    TEXT(page, 50, 100, "Text over the picture.");
    TEXT(page, 50, 350, "Text under the picture.");
    for (size_t i = 0; i < ARRAY_LEN(regions); i++) {
        struct page_region *region = page_add_region(page);
        assert_non_null(region);
        *region = regions[i];
    }
    expect_markdown(page, "Text over the picture.\n\nText under the picture.\n");
    assert_int_equal(page->block_count, 3);
    assert_int_equal(page->blocks[1].kind, BLOCK_FIGURE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(an_empty_page_stays_empty),
        PAGE_CASE(paragraphs_are_parted_by_space_and_by_indents),
        PAGE_CASE(two_columns_under_a_wide_title),
        PAGE_CASE(columns_on_different_baselines_and_lines_across_the_gutter),
        PAGE_CASE(fragments_of_a_line_are_put_together),
        PAGE_CASE(headings_are_ranked_by_size),
        PAGE_CASE(running_text_in_bold_is_no_heading),
        PAGE_CASE(lists_nest_by_indent),
        PAGE_CASE(a_number_at_a_line_start_is_no_item),
        PAGE_CASE(heads_feet_and_footnotes_are_told_apart),
        PAGE_CASE(captions_and_code_are_told_apart),
        PAGE_CASE(pictures_become_figures_where_they_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
