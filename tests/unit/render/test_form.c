/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/form.h: every form of a page whose text looks like markup; XML forms are read back by a
 * small check of nesting, so that no text gets out of its element. */
#include "render/form.h"

#include "base/json.h"

#include "../page/sketch.h"

#include <stdio.h>

static const char nasty[] = "<b>&\"'x</script>]]> -->";

struct fixture {
    struct arena *arena;
    struct page *page;
    struct buf out;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->arena = arena_new(MiB(16));
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

static void
add_item(struct page *page, float y, uint8_t level, const char *marker, const char *text)
{
    struct page_block *block =
        sketch_block(page, BLOCK_LIST_ITEM, sketch_line(page, 72, y, 10, 0, text));

    block->level = level;
    block->marker = marker;
    block->ordered = marker[0] >= '0' && marker[0] <= '9';
}

/* Two rows of three: a head across two columns, a cell down two rows. */
static void
add_table(struct page *page)
{
    static const struct {
        uint16_t row, column, rows, columns;
        const char *text;
    } cells[] = {{0, 0, 2, 1, "down"}, {0, 1, 1, 2, "across"}, {1, 1, 1, 1, "left"}};
    struct page_table *table = page_add_table(page);

    assert_non_null(table);
    *table = (struct page_table){.rows = 2, .columns = 3, .header_rows = 1, .cell_count = 3};
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        uint32_t line = sketch_line(page, 72, 400, 10, 0, cells[i].text);
        struct page_cell *cell = page_add_cell(page);
        assert_non_null(cell);
        *cell = (struct page_cell){.row = cells[i].row,
                                   .column = cells[i].column,
                                   .row_span = cells[i].rows,
                                   .column_span = cells[i].columns,
                                   .first_line = line,
                                   .line_count = 1};
    }
    sketch_block(page, BLOCK_TABLE, page->line_count)->table = 0;
}

static void
fill(struct page *page)
{
    sketch_block(page, BLOCK_HEADER, sketch_line(page, 72, 30, 8, 0, "running head"));
    sketch_block(page, BLOCK_HEADING, sketch_line(page, 72, 60, 20, STYLE_BOLD, "Head & more"));
    sketch_block(page, BLOCK_PARAGRAPH, sketch_line(page, 72, 90, 10, 0, nasty));
    add_item(page, 110, 0, "1.", "one");
    add_item(page, 120, 1, "-", "inner");
    add_item(page, 130, 0, "2.", "two");
    add_table(page);
    sketch_block(page, BLOCK_FIGURE, page->line_count);
    sketch_block(page, BLOCK_CAPTION, sketch_line(page, 72, 500, 10, STYLE_ITALIC, "A figure"));
    struct page_region *region = page_add_region(page);
    struct page_hidden *hidden = page_add_hidden(page);
    struct page_alt *alt = page_add_alt(page);
    assert_true(region != NULL && hidden != NULL && alt != NULL);
    *region = (struct page_region){.box = {10, 10, 20, 20}, .kind = REGION_UNREAD};
    *hidden = (struct page_hidden){.box = {10, 10, 20, 20}, .text = nasty};
    alt->text = nasty;
    page->words[0].alt_count = 1;
}

static const char *
write_form(struct fixture *f, enum form_id id)
{
    struct form_writer w;

    buf_clear(&f->out);
    form_begin(&w, id, nasty, &f->out);
    form_page(&w, f->page);
    form_lost(&w, 2, "too_large", nasty);
    form_end(&w);
    assert_false(f->out.spoilt);
    return buf_text(&f->out);
}

static void
expect(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

static void
expect_not(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("'%s' is in:\n%s", part, text);
}

/* Elements close in the order in which they opened; attributes are quoted; '&' begins a reference.
 */
static void
assert_nests(const char *text, bool is_html)
{
    char open[64][32];
    size_t depth = 0;

    for (const char *c = text; *c != '\0'; c++) {
        char name[32];
        if (*c == '&')
            assert_non_null(memchr(c, ';', strnlen(c, 8)));
        if (*c != '<')
            continue;
        if (strncmp(c, "<!--", 4) == 0) {
            const char *end = strstr(c + 4, "--");
            assert_true(end != NULL && end[2] == '>');
            c = end + 2;
            continue;
        }
        const char *end = strchr(c, '>');
        assert_non_null(end);
        if (c[1] == '!' || c[1] == '?') {
            c = end;
            continue;
        }
        assert_int_equal(sscanf(c[1] == '/' ? c + 2 : c + 1, "%31[A-Za-z0-9]", name), 1);
        if (c[1] == '/') {
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name);
        } else if (end[-1] != '/' &&
                   !(is_html && (strcmp(name, "meta") == 0 || strcmp(name, "br") == 0))) {
            assert_true(depth < ARRAY_LEN(open));
            memcpy(open[depth++], name, sizeof(name));
        }
        if (strcmp(name, "style") == 0 && c[1] != '/')
            end = strstr(end, "</style>") - 1;
        c = end;
    }
    assert_int_equal(depth, 0);
}

static void
html_has_lists_tables_and_no_running_heads(void **state)
{
    struct fixture *f = *state;

    fill(f->page);
    const char *text = write_form(f, FORM_HTML);
    assert_nests(text, true);
    expect(text, "&lt;b&gt;&amp;&quot;&apos;x&lt;/script&gt;]]&gt; --&gt;</p>");
    expect(text, "<h1 data-box=");
    expect(text, "Head &amp; more</h1>");
    expect(text, "<th rowspan=\"2\">down</th><th colspan=\"2\">across</th></tr>\n</thead>");
    expect(text, "<tbody>\n<tr><td>left</td><td></td></tr>");
    expect(text, ">one<ul>\n<li data-box=");
    expect(text, ">inner</li></ul>\n</li>\n<li value=\"2\"");
    expect(text, ">two</li></ol>\n");
    expect(text, "<p class=\"caption\"");
    expect_not(text, "running head");
    expect(text, "Page 2 could not be read: ");
}

static void
html_has_figures_with_their_captions(void **state)
{
    struct fixture *f = *state;
    struct page *page = f->page;

    for (int i = 0; i < 3; i++)
        sketch_block(page, BLOCK_FIGURE, page->line_count)->caption = i < 2 ? 2 - i : -1;
    sketch_block(page, BLOCK_CAPTION, sketch_line(page, 72, 500, 10, 0, "Figure 1: two"));
    struct page_block single = page->blocks[2], caption = page->blocks[3];
    page->blocks[2] = caption;
    page->blocks[3] = caption;
    page->blocks[3].first_line = sketch_line(page, 72, 600, 10, 0, "Figure 2: one");
    *page_add_block(page) = single;
    sketch_block(page, BLOCK_CAPTION, sketch_line(page, 72, 380, 10, 0, "Table 1: three"));
    add_table(page);
    page->blocks[page->block_count - 1].caption = -1;
    const char *text = write_form(f, FORM_HTML);
    assert_nests(text, true);
    expect(text, "\"></figure><figure data-box=\"0.0 0.0 0.0 0.0\"></figure><figcaption data-box=");
    expect(text, ">Figure 1: two</figcaption></figure>\n<figure data-box=");
    expect(text,
           ">Figure 2: one</figcaption></figure>\n<table>\n<caption>Table 1: three</caption>");
    expect_not(text, "class=\"caption\"");
}

static void
xml_forms_nest_and_carry_every_line(void **state)
{
    static const enum form_id ids[] = {FORM_HOCR, FORM_ALTO, FORM_SVG};
    struct fixture *f = *state;

    fill(f->page);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        const char *text = write_form(f, ids[i]);
        assert_nests(text, false);
        expect(text, "running");
        expect(text, "&lt;b&gt;&amp;&quot;");
        expect(text, "<!-- page 2 could not be read: too_large: ");
    }
    expect(write_form(f, FORM_SVG), "viewBox=\"0 0 600.00 800.00\"");
    expect(write_form(f, FORM_HOCR), "title=\"bbox 0 0 1667 2223; ppageno 0; scan_res 200 200\"");
    expect(write_form(f, FORM_ALTO), "<ALTERNATIVE>&lt;b&gt;");
}

/* Whoever passes on what is written cannot fill in the head at the end. */
static void
measured_pages_have_a_head_that_is_complete(void **state)
{
    struct fixture *f = *state;
    struct page *second = page_new(f->arena, 1, 700, 300);
    struct page *const pages[] = {f->page, second};
    struct form_writer w;
    struct buf whole, parts;

    buf_init(&whole, MiB(4));
    buf_init(&parts, MiB(4));
    fill(f->page);
    assert_true(form_wants_measures(FORM_SVG) && !form_wants_measures(FORM_JSON));
    form_begin(&w, FORM_SVG, nasty, &whole);
    for (int i = 0; i < 2; i++)
        form_page(&w, pages[i]);
    form_end(&w);
    form_begin(&w, FORM_SVG, nasty, &f->out);
    for (int i = 0; i < 2; i++)
        form_measure(&w, pages[i]);
    for (int i = 0; i < 3; i++) {
        buf_append(&parts, f->out.data, f->out.len);
        buf_clear(&f->out);
        if (i < 2)
            form_page(&w, pages[i]);
        else
            form_end(&w);
    }
    buf_append(&parts, f->out.data, f->out.len);
    expect(buf_text(&parts), "viewBox=\"0 0 700.00 1100.00\"");
    assert_string_equal(buf_text(&parts), buf_text(&whole));
    buf_fini(&whole);
    buf_fini(&parts);
}

static void
links_of_dangerous_schemes_stay_text(void **state)
{
    static const char *const uris[] = {"javascript:alert(1)", "https://example.org/?a=1&b=\"2\""};
    struct fixture *f = *state;

    for (int i = 0; i < 2; i++) {
        struct page_link *link = page_add_link(f->page);
        uint32_t line = sketch_line(f->page, 72, 90 + 30 * (float)i, 10, 0, "press here");
        assert_non_null(link);
        link->uri = uris[i];
        for (uint32_t k = 0; k < 2; k++)
            f->page->words[f->page->lines[line].first_word + k].link = i;
        sketch_block(f->page, BLOCK_PARAGRAPH, line);
    }
    const char *text = write_form(f, FORM_HTML);
    expect_not(text, "javascript");
    expect(text, "<a href=\"https://example.org/?a=1&amp;b=&quot;2&quot;\">press here</a></p>");
}

static void
cells_over_one_another_are_all_written(void **state)
{
    struct fixture *f = *state;

    add_table(f->page);
    f->page->cells[2].column = 0; /* under the cell that reaches down */
    expect(write_form(f, FORM_HTML), "left</td>");
}

static void
json_and_text_join_their_pages(void **state)
{
    struct fixture *f = *state;
    json_t *value = NULL;
    struct err err;

    fill(f->page);
    const char *text = write_form(f, FORM_JSON);
    assert_int_equal(json_read(span_of(text), &value, &err), ERR_OK);
    assert_string_equal(json_string_value(json_object_get(value, "file")), nasty);
    json_t *lost = json_array_get(json_object_get(value, "pages"), 1);
    assert_string_equal(json_string_value(json_object_get(lost, "error")), "too_large");
    json_decref(value);
    expect(write_form(f, FORM_TEXT), "\f");
    expect(write_form(f, FORM_MARKDOWN), "<!-- page 2 could not be read");
}

static void
names_are_found(void **state)
{
    (void)state;
    for (int i = 0; i < FORM_COUNT; i++)
        assert_int_equal(form_find(span_of(forms[i].name)), i);
    assert_int_equal(form_find(span_of("pdf1")), FORM_COUNT);
    assert_int_equal(form_find(span_of("")), FORM_COUNT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(html_has_lists_tables_and_no_running_heads),
        CASE(html_has_figures_with_their_captions),
        CASE(xml_forms_nest_and_carry_every_line),
        CASE(measured_pages_have_a_head_that_is_complete),
        CASE(links_of_dangerous_schemes_stay_text),
        CASE(cells_over_one_another_are_all_written),
        CASE(json_and_text_join_their_pages),
        cmocka_unit_test(names_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
