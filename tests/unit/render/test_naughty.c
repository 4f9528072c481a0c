/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/render.h: text that would be markup is text to the reference renderer of Markdown. */
#include "written.h"

#include <stdio.h>
#include <unistd.h>

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(naughty_text_survives_the_reference_renderer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
