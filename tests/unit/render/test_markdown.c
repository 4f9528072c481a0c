/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/render.h: Markdown and plain text of hand-made pages. */
#include "render/render.h"

#include "../page/sketch.h"

#include <stdio.h>
#include <unistd.h>

struct fixture {
    struct arena *arena;
    struct page *page;
    struct buf out;
    float y;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->arena = arena_new(MiB(64));
    f->page = page_new(f->arena, 0, 600, 800);
    buf_init(&f->out, MiB(4));
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    buf_fini(&f->out);
    arena_drop(&f->arena);
    free(f);
    return 0;
}

/* A block; text's lines are parted by newlines. */
static struct page_block *
add(struct fixture *f, enum block_kind kind, uint8_t style, const char *text)
{
    uint32_t first = f->page->line_count;

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = arena_strndup(f->arena, text, len);
        assert_non_null(line);
        sketch_line(f->page, 50, f->y += 12, 10, style, line);
        text += len + (text[len] == '\n');
    }
    return sketch_block(f->page, kind, first);
}

static void
item(struct fixture *f, const char *marker, uint8_t level, const char *text)
{
    struct page_block *block = add(f, BLOCK_LIST_ITEM, 0, text);

    block->marker = marker;
    block->level = level;
    block->skip_words = 1;
}

static void
expect(struct fixture *f, const char *markdown)
{
    buf_clear(&f->out);
    render_markdown(f->page, &f->out);
    assert_false(f->out.spoilt);
    assert_string_equal(buf_text(&f->out), markdown);
}

/* One paragraph, alone on its page. */
static void
expect_paragraph(struct fixture *f, const char *text, const char *markdown)
{
    f->page->block_count = 0;
    add(f, BLOCK_PARAGRAPH, 0, text);
    expect(f, markdown);
}

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
cell(struct fixture *f, uint16_t row, uint16_t column, uint16_t span, const char *text)
{
    uint32_t first = f->page->line_count;

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = arena_strndup(f->arena, text, len);
        assert_non_null(line);
        sketch_line(f->page, 50 + 100.f * column, f->y += 12, 10, 0, line);
        text += len + (text[len] == '\n');
    }
    struct page_cell *c = page_add_cell(f->page);
    assert_non_null(c);
    c->row = row;
    c->column = column;
    c->column_span = span;
    c->first_line = first;
    c->line_count = f->page->line_count - first;
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

/* Text that would be markup. No quotes: the reference renderer writes them as entities. */
static const char *const naughty[] = {"# not a head",
                                      "###### six",
                                      "# #",
                                      "#",
                                      "C #",
                                      "C ##",
                                      "- item",
                                      "-",
                                      "--- ",
                                      "----------",
                                      "+ item",
                                      "+",
                                      "* item",
                                      "* * *",
                                      "- - -",
                                      "_ _ _",
                                      "___",
                                      "**",
                                      "**bold**",
                                      "*it*",
                                      "_it_",
                                      "__x__",
                                      "a*b*c",
                                      "a_b_c",
                                      "foo_ _bar",
                                      "_foo bar_",
                                      "*foo bar *",
                                      "x **y z** w",
                                      "1. one",
                                      "1) one",
                                      "12345678. x",
                                      "1.",
                                      "> quote",
                                      ">quote",
                                      ">",
                                      "`code`",
                                      "``",
                                      "` a `` b",
                                      "```",
                                      "~~~",
                                      "~~gone~~",
                                      "~gone~",
                                      "a ~ b ~ c",
                                      "<b>bold</b>",
                                      "<script>alert(1)</script>",
                                      "<!-- x -->",
                                      "<?php ?>",
                                      "<http://a.b>",
                                      "a<b>c",
                                      "< b >",
                                      "&amp;",
                                      "&lt;",
                                      "&#35;",
                                      "&#x41;",
                                      "&nosuch;",
                                      "& &a b;",
                                      "[a](b)",
                                      "[a] (b)",
                                      "![a](b)",
                                      "[a]: b",
                                      "[a][b]",
                                      "[ ] task",
                                      "[x] task",
                                      "\\",
                                      "a\\",
                                      "\\*",
                                      "\\a",
                                      "a \\ b",
                                      "| a | b |",
                                      "|---|---|",
                                      ":--",
                                      ":-- | --:",
                                      "--- | ---",
                                      "=====",
                                      "===",
                                      "a\\\\b",
                                      "Hello!",
                                      "! [a](b)",
                                      "____ name ____ date",
                                      "____Date:____Time:____",
                                      "**a *b* c",
                                      "a ** b ** c",
                                      "\\# x",
                                      "<a href=x>",
                                      "]( [x](",
                                      "((a)[b](c))",
                                      "5 < 6 > 4",
                                      "x^2^",
                                      "H~2~O",
                                      "@a #b",
                                      "\xc3\xa4_b_\xc3\xb6",
                                      "caf\xc3\xa9* x*",
                                      "\xe2\x80\x9cq\xe2\x80\x9d_a_",
                                      "</p>",
                                      "<>",
                                      "1.2. x",
                                      "a. b",
                                      "- [ ] todo",
                                      "1. 2. 3.",
                                      "> > x",
                                      "# > - 1. x"};

static const char *
html_escape(struct arena *arena, const char *text)
{
    struct buf out;

    buf_init(&out, KiB(64));
    for (; *text != '\0'; text++) {
        if (*text == '&')
            buf_string(&out, "&amp;");
        else if (*text == '<')
            buf_string(&out, "&lt;");
        else if (*text == '>')
            buf_string(&out, "&gt;");
        else if (*text != ' ' || (text[1] != ' ' && text[1] != '\0'))
            buf_char(&out, *text);
    }
    char *copy = arena_strdup(arena, buf_text(&out));
    assert_non_null(copy);
    buf_fini(&out);
    return copy;
}

/* As assert_string_equal, but says which lines differ: the whole is long. */
static void
assert_same_lines(const char *have, const char *want)
{
    while (*have != '\0' || *want != '\0') {
        size_t a = strcspn(have, "\n"), b = strcspn(want, "\n");
        if (a != b || memcmp(have, want, a) != 0)
            fail_msg("'%.*s' instead of '%.*s'", (int)a, have, (int)b, want);
        have += a + (have[a] != '\0');
        want += b + (want[b] != '\0');
    }
}

/* Every naughty text in every kind of place, read back by the reference implementation. */
static void
naughty_text_survives_the_reference_renderer(void **state)
{
    struct fixture *f = *state;
    char name[] = "/tmp/markdown-XXXXXX", command[200];
    struct buf want, have;

    if (system("command -v cmark-gfm >/dev/null 2>&1") != 0)
        skip();
    buf_init(&want, MiB(1));
    buf_init(&have, MiB(1));
    for (size_t i = 0; i < ARRAY_LEN(naughty); i++) {
        const char *html = html_escape(f->arena, naughty[i]);
        add(f, BLOCK_PARAGRAPH, 0, naughty[i]);
        add(f, BLOCK_HEADING, 0, naughty[i])->level = 2;
        const char *bold = arena_printf(f->arena, "Bold %s", naughty[i]);
        assert_non_null(bold);
        add(f, BLOCK_PARAGRAPH, STYLE_BOLD, bold);
        add(f, BLOCK_LIST_ITEM, 0, naughty[i]);
        uint16_t row = 0;
        struct page_table *table = page_add_table(f->page);
        assert_non_null(table);
        *table = (struct page_table){.rows = 1,
                                     .columns = 2,
                                     .header_rows = 1,
                                     .cell_count = 2,
                                     .first_cell = f->page->cell_count};
        cell(f, row, 0, 1, naughty[i]);
        cell(f, row, 1, 1, naughty[i]);
        struct page_block *block = add(f, BLOCK_TABLE, 0, "");
        block->table = (int32_t)i;
        buf_printf(
            &want,
            "<p>%s</p>\n<h2>%s</h2>\n<p><strong>Bold %s</strong></p>\n<ul>\n<li>%s</li>\n</ul>\n"
            "<table>\n<thead>\n<tr>\n<th>%s</th>\n<th>%s</th>\n</tr>\n</thead>\n</table>\n",
            html, html, html, html, html, html);
    }
    render_markdown(f->page, &f->out);
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, f->out.data, f->out.len), f->out.len);
    close(fd);
    snprintf(command, sizeof(command),
             "cmark-gfm --unsafe -e table -e strikethrough -e tasklist %s", name);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    for (int c; (c = fgetc(pipe)) != EOF;)
        buf_char(&have, (char)c);
    assert_int_equal(pclose(pipe), 0);
    unlink(name);
    assert_same_lines(buf_text(&have), buf_text(&want));
    buf_fini(&want);
    buf_fini(&have);
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
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
        CASE(naughty_text_survives_the_reference_renderer),
        CASE(a_full_buffer_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
