/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/render.h: Markdown and plain text of hand-made pages. */
#include "written.h"

#include <stdio.h>

static void
an_empty_page_is_an_empty_text(void **state)
{
    struct fixture *f = *state;

    expect(f, "");
    render_text(f->page, &f->out);
    assert_int_equal(f->out.len, 0);
}

static void
blocks_are_parted_by_blank_lines(void **state)
{
    struct fixture *f = *state;

    add(f, BLOCK_HEADER, 0, "running head");
    add(f, BLOCK_HEADING, STYLE_BOLD, "A bold\ntitle");
    add(f, BLOCK_PARAGRAPH, 0, "One two three four\nfive.");
    struct page_block *figure = add(f, BLOCK_FIGURE, 0, "");
    figure->line_count = 0;
    add(f, BLOCK_PARAGRAPH, 0, "\xc2\xa0");
    add(f, BLOCK_HEADING, 0, "Next")->level = 3;
    add(f, BLOCK_FOOTER, 0, "7");
    expect(f, "# A bold title\n\nOne two three four five.\n\n### Next\n");
    buf_clear(&f->out);
    render_text(f->page, &f->out);
    assert_string_equal(buf_text(&f->out), "running head\n\nA bold title\n\n"
                                           "One two three four five.\n\nNext\n\n7\n");
}

static void
hyphens_at_line_ends(void **state)
{
    struct fixture *f = *state;

    expect_paragraph(f, "a recog-\nnition", "a recognition\n");
    expect_paragraph(f, "a well-\nknown thing", "a well-known thing\n");
    expect_paragraph(f, "all twenty-\ntwo of them", "all twenty-two of them\n");
    expect_paragraph(f, "a state-of-the-\nart thing", "a state-of-the-art thing\n");
    expect_paragraph(f, "the Anglo-\nSaxon one", "the Anglo-Saxon one\n");
    expect_paragraph(f, "an INTER-\nNATIONAL one", "an INTERNATIONAL one\n");
    expect_paragraph(f, "in 2019-\n2020 it", "in 2019-2020 it\n");
    expect_paragraph(f, "with a dash -\nthen more", "with a dash - then more\n");
    expect_paragraph(f, "soft\xc2\xad\nened here", "softened here\n");
    expect_paragraph(f, "Stra\xc3\x9f-\n\xc3\xa4hnlich", "Stra\xc3\x9f\xc3\xa4hnlich\n");
    /* the compound stands whole elsewhere */
    expect_paragraph(f, "one risk-free thing and a risk-\nfree one",
                     "one risk-free thing and a risk-free one\n");
    expect_paragraph(f, "\xe4\xb8\xad\xe6\x96\x87\n\xe5\xad\x97",
                     "\xe4\xb8\xad\xe6\x96\x87\xe5"
                     "\xad\x97\n");
}

static void
lines_ended_on_purpose_stay_lines(void **state)
{
    struct fixture *f = *state;

    expect_paragraph(f, "Ann Example\n- x\n===\n1. y\nA town with a rather long name\nand more",
                     "Ann Example\n\\- x\n\\===\n1\\. y\nA town with a rather long name and "
                     "more\n");
}

static void
a_paragraph_goes_on_in_the_next_column(void **state)
{
    struct fixture *f = *state;

    add(f, BLOCK_PARAGRAPH, 0, "the first col-")->continues = true;
    add(f, BLOCK_FOOTER, 0, "12");
    add(f, BLOCK_PARAGRAPH, 0, "umn ends");
    add(f, BLOCK_PARAGRAPH, 0, "another");
    expect(f, "the first column ends\n\nanother\n");
    struct buf text;
    buf_init(&text, 1000);
    render_text(f->page, &text); /* which has the page number too */
    assert_string_equal(buf_text(&text), "the first column ends\n\n12\n\nanother\n");
    buf_fini(&text);
}

static void
a_paragraph_goes_on_behind_a_figure(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    add(f, BLOCK_PARAGRAPH, 0, "the cane is then")->continues = true;
    add(f, BLOCK_CAPTION, 0, "Fig. 11. The wing");
    add(f, BLOCK_PARAGRAPH, 0, "drawn tight");
    expect(f, "the cane is then drawn tight\n\nFig. 11. The wing\n");
    buf_init(&text, 1000);
    render_text(f->page, &text); /* in the order of the page */
    assert_string_equal(buf_text(&text), "the cane is then\n\nFig. 11. The wing\n\ndrawn tight\n");
    buf_fini(&text);
}

static void
lists_nest_and_keep_their_numbers(void **state)
{
    struct fixture *f = *state;

    add(f, BLOCK_PARAGRAPH, 0, "Before:");
    item(f, "3.", 0, "3. three");
    item(f, "\xe2\x80\xa2", 1, "\xe2\x80\xa2 below");
    item(f, "a)", 2, "a) lettered");
    item(f, "4.", 0, "4. four\nmore of it");
    item(f, "-", 7, "- too deep at once");
    add(f, BLOCK_PARAGRAPH, 0, "After");
    expect(f, "Before:\n\n3. three\n   - below\n     - a) lettered\n4. four more of it\n"
              "   - too deep at once\n\nAfter\n");
}

static void
bold_and_italic_runs_are_merged(void **state)
{
    struct fixture *f = *state;
    uint32_t line = sketch_line(f->page, 50, 20, 10, 0, "plain bold bold* , it it. both end a b");
    static const uint8_t styles[] = {0, 1, 1, 1, 2, 2, 3, 0, 1, 0};

    for (size_t i = 0; i < ARRAY_LEN(styles); i++)
        f->page->words[i].style = styles[i];
    f->page->words[3].style = 0;
    f->page->words[3].glued = true; /* the comma belongs to the bold word */
    f->page->words[9].glued = true; /* "ab": half a word is not made bold */
    sketch_block(f->page, BLOCK_PARAGRAPH, line);
    expect(f, "plain **bold bold\\*,** *it it.* ***both*** end ab\n");
}

static void
check_boxes_keep_their_state(void **state)
{
    struct fixture *f = *state;

    item(f, "\xe2\x98\x91", 0, "\xe2\x98\x91 Shore power");
    item(f, "\xe2\x98\x90", 0, "\xe2\x98\x90 Fresh water");
    item(f, "\xe2\x98\x92", 0, "\xe2\x98\x92 Waste");
    expect(f, "- [x] Shore power\n- [ ] Fresh water\n- [x] Waste\n");
}

static void
an_exclamation_mark_is_escaped_before_a_bracket_only(void **state)
{
    struct fixture *f = *state;

    add(f, BLOCK_PARAGRAPH, 0, "Stop! ! Go!x ![a] Halt!here");
    struct page_link *link = page_add_link(f->page);
    assert_non_null(link);
    link->uri = "https://example.org/";
    add(f, BLOCK_PARAGRAPH, 0, "See! this! that");
    f->page->words[f->page->word_count - 1].link = 0;
    f->page->words[f->page->word_count - 1].glued = true;
    add(f, BLOCK_PARAGRAPH, STYLE_BOLD, "Stop! !");
    f->page->words[f->page->word_count - 1].glued = true;
    expect(f, "Stop! ! Go!x \\![a] Halt!here\n\n"
              "See! this\\![that](https://example.org/)\n\n**Stop!!**\n");
}

static void
links_and_raised_figures(void **state)
{
    struct fixture *f = *state;
    uint32_t line = sketch_line(f->page, 50, 20, 10, 0, "See [our site] , note 1 or x");
    struct page_link *link = page_add_link(f->page);

    assert_non_null(link);
    link->uri = "https://example.org/a (b)?c=1&d_e=2";
    link = page_add_link(f->page);
    assert_non_null(link);
    link->uri = "javascript:alert(1)";
    f->page->words[1].link = f->page->words[2].link = 0;
    f->page->words[3].glued = true;
    f->page->words[5].glued = true;
    f->page->words[5].style = STYLE_SUPER;
    f->page->words[7].link = 1;
    sketch_block(f->page, BLOCK_PARAGRAPH, line);
    expect(f, "See [\\[our site\\]](https://example.org/a%20%28b%29?c=1&d_e=2), "
              "note\xc2\xb9 or x\n");
}

static void
code_keeps_its_columns(void **state)
{
    struct fixture *f = *state;
    uint32_t first = sketch_line(f->page, 50, 20, 10, STYLE_MONO, "if (a  == *b)");

    sketch_line(f->page, 70, 32, 10, STYLE_MONO, "```");
    sketch_block(f->page, BLOCK_CODE, first);
    expect(f, "````\nif (a  == *b)\n    ```\n````\n");
}

static void
pipe_tables_have_a_header_row(void **state)
{
    struct fixture *f = *state;
    struct page_table *table = page_add_table(f->page);

    assert_non_null(table);
    cell(f, 0, 0, 1, "wide");
    cell(f, 0, 2, 1, "a|b");
    cell(f, 1, 0, 1, "short\nand a longer line\nhere");
    cell(f, 1, 2, 1, "- 1. # x");
    table->rows = 2;
    table->columns = 3;
    table->header_rows = 1;
    table->cell_count = f->page->cell_count;
    struct page_block *block = add(f, BLOCK_TABLE, 0, "");
    block->table = 0;
    expect(f, "| wide | | a\\|b |\n| --- | --- | --- |\n"
              "| short<br>and a longer line here | | - 1. # x |\n");
    buf_clear(&f->out);
    render_text(f->page, &f->out);
    assert_string_equal(buf_text(&f->out),
                        "wide\t\ta|b\nshort and a longer line here\t\t- 1. # x\n");
}

/* Tables that GFM has no form for: spans, no head, or a head of several rows. */
static void
other_tables_are_html(void **state)
{
    struct fixture *f = *state;
    struct page_table *table = page_add_table(f->page);

    assert_non_null(table);
    cell(f, 0, 0, 2, "wide");
    cell(f, 0, 2, 1, "a < b & *c*");
    f->page->cells[1].row_span = 2;
    cell(f, 1, 1, 1, "short\nand a longer line\nhere");
    table->rows = 3;
    table->columns = 3;
    table->cell_count = f->page->cell_count;
    struct page_block *block = add(f, BLOCK_TABLE, 0, "");
    block->table = 0;
    expect(f, "<table>\n<tbody>\n<tr><td colspan=\"2\">wide</td>"
              "<td rowspan=\"2\">a &lt; b &amp; *c*</td></tr>\n"
              "<tr><td></td><td>short<br>and a longer line here</td></tr>\n"
              "<tr><td></td><td></td><td></td></tr>\n</tbody>\n</table>\n");
    table->header_rows = 1;
    f->page->cells[0].header = f->page->cells[1].header = true;
    f->page->cells[0].column_span = 1;
    expect(f, "<table>\n<thead>\n<tr><th>wide</th><th></th>"
              "<th rowspan=\"2\">a &lt; b &amp; *c*</th></tr>\n</thead>\n<tbody>\n"
              "<tr><td></td><td>short<br>and a longer line here</td></tr>\n"
              "<tr><td></td><td></td><td></td></tr>\n</tbody>\n</table>\n");
}

/* A table that goes on has the head of the page before, which is none of its rows. */
static void
a_lent_head_stands_above(void **state)
{
    struct fixture *f = *state;
    struct page_table *table = page_add_table(f->page);

    assert_non_null(table);
    cell(f, 0, 0, 1, "rope");
    cell(f, 0, 1, 1, "3");
    *table = (struct page_table){
        .rows = 1, .columns = 2, .continues = true, .head = "It|em\tCount", .cell_count = 2};
    struct page_block *block = add(f, BLOCK_TABLE, 0, "");
    block->table = 0;
    expect(f, "| It\\|em | Count |\n| --- | --- |\n| rope | 3 |\n");
    f->page->cells[1].row_span = 2;
    table->rows = 2;
    expect(f, "<table>\n<thead>\n<tr><th>It|em</th><th>Count</th></tr>\n</thead>\n<tbody>\n"
              "<tr><td>rope</td><td rowspan=\"2\">3</td></tr>\n<tr><td></td></tr>\n</tbody>\n"
              "</table>\n");
}

static void
fields_are_told_unless_they_are_words(void **state)
{
    struct fixture *f = *state;
    static const struct page_field fields[] = {
        {.box = {40, 0, 200, 30}, .name = "Shown", .value = "Ann"},
        {.box = {300, 0, 400, 30}, .name = "Hidden_one", .value = "Bob *"},
        {.box = {300, 50, 400, 60},
         .name = "Box",
         .value = "",
         .kind = FIELD_CHECK,
         .checked = true},
        {.box = {300, 70, 400, 80}, .name = "Off", .value = "Off", .kind = FIELD_CHECK}};

    add(f, BLOCK_PARAGRAPH, 0, "Ann");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        struct page_field *field = page_add_field(f->page);
        assert_non_null(field);
        *field = fields[i];
    }
    expect(f, "Ann\n\n**Hidden_one**: Bob *\n\n**Box**: Yes\n");
}

static void
readable_text_is_not_escaped(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {"1,234.50 a_b C# x < y AT&T 5 * 3 ~5 (a) [b] a > b A|B 3.5",
                                        "Yes! Was -4 +5% #1 1.2.3 e.g. 50% $5 Hi!x",
                                        "-4 degrees",
                                        "#tag",
                                        "3.5 kg",
                                        "1.5",
                                        "C:\\Users",
                                        "file_name_here.txt",
                                        "1800 men"};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char want[200];
        snprintf(want, sizeof(want), "%s\n", texts[i]);
        expect_paragraph(f, texts[i], want);
    }
}

static void
a_full_buffer_is_noticed(void **state)
{
    struct fixture *f = *state;

    item(f, "1.", 0, "1. one");
    add(f, BLOCK_PARAGRAPH, STYLE_BOLD, "some words");
    add(f, BLOCK_CODE, 0, "a  b");
    for (size_t limit = 0; limit < 20; limit++) {
        struct buf small;
        buf_init(&small, limit);
        render_markdown(f->page, &small);
        assert_true(small.spoilt);
        buf_fini(&small);
        buf_init(&small, limit);
        render_text(f->page, &small);
        assert_true(small.spoilt || small.len > 0);
        buf_fini(&small);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_empty_page_is_an_empty_text),
        CASE(blocks_are_parted_by_blank_lines),
        CASE(hyphens_at_line_ends),
        CASE(lines_ended_on_purpose_stay_lines),
        CASE(a_paragraph_goes_on_in_the_next_column),
        CASE(a_paragraph_goes_on_behind_a_figure),
        CASE(lists_nest_and_keep_their_numbers),
        CASE(bold_and_italic_runs_are_merged),
        CASE(check_boxes_keep_their_state),
        CASE(an_exclamation_mark_is_escaped_before_a_bracket_only),
        CASE(links_and_raised_figures),
        CASE(code_keeps_its_columns),
        CASE(pipe_tables_have_a_header_row),
        CASE(other_tables_are_html),
        CASE(a_lent_head_stands_above),
        CASE(fields_are_told_unless_they_are_words),
        CASE(readable_text_is_not_escaped),
        CASE(a_full_buffer_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
