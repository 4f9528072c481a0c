/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Which caption speaks of which picture or table, and where pictures stand in the order. */
#include "read.h"

static float
put_prose(struct page *page, float x, float y, int lines)
{
    for (int i = 0; i < lines; i++)
        sketch_line(page, x, y + 12 * (float)i, 10, 0,
                    "The harbour lay quiet and the boats along the");
    return y + 12 * (float)lines;
}

static void
put_picture(struct page *page, float x0, float y0, float x1, float y1)
{
    struct page_region *region = page_add_region(page);

    assert_non_null(region);
    *region = (struct page_region){.box = {x0, y0, x1, y1}, .kind = REGION_PICTURE};
}

static void
lay_out(struct page *page)
{
    struct err err = {0};

    if (layout_page(page, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    assert_sound(page);
    assert_decodes(page);
}

/* The number of the n-th block of the kind. */
static uint32_t
find(const struct page *page, enum block_kind kind, uint32_t n)
{
    for (uint32_t i = 0; i < page->block_count; i++)
        if (page->blocks[i].kind == kind && n-- == 0)
            return i;
    fail_msg("too few blocks of kind %d", kind);
    return 0;
}

static void
assert_tied(const struct page *page, uint32_t thing, uint32_t caption)
{
    assert_int_equal((int64_t)thing + page->blocks[thing].caption, caption);
}

static void
a_figure_belongs_to_the_caption_under_it(void **state)
{
    struct page *page = *state;

    put_prose(page, 60, 60, 4);
    put_picture(page, 60, 120, 280, 300);
    sketch_line(page, 60, 318, 9, 0, "Figure 1: The harbour in winter");
    put_picture(page, 60, 330, 280, 500);
    sketch_line(page, 60, 518, 9, 0, "Figure 2: The harbour in summer");
    put_prose(page, 60, 560, 6);
    lay_out(page);
    assert_tied(page, find(page, BLOCK_FIGURE, 0), find(page, BLOCK_CAPTION, 0));
    assert_tied(page, find(page, BLOCK_FIGURE, 1), find(page, BLOCK_CAPTION, 1));
}

/* The picture at the right of two columns is read where its caption is, not by its height. */
static void
a_figure_stands_by_its_caption_in_the_order(void **state)
{
    struct page *page = *state;

    put_prose(page, 40, 60, 40);
    put_picture(page, 320, 50, 540, 200);
    sketch_line(page, 320, 218, 9, 0, "Fig. 1. A boat");
    put_prose(page, 320, 250, 25);
    lay_out(page);
    uint32_t figure = find(page, BLOCK_FIGURE, 0);
    assert_int_equal(page->blocks[figure].caption, 1);
    assert_true(figure > 0);
}

static void
pictures_side_by_side_share_a_caption(void **state)
{
    struct page *page = *state;

    put_prose(page, 60, 60, 4);
    put_picture(page, 60, 120, 240, 300);
    put_picture(page, 260, 120, 440, 300);
    sketch_line(page, 140, 318, 9, 0, "Figure 1: The harbour in winter and in summer");
    put_prose(page, 60, 360, 6);
    lay_out(page);
    assert_tied(page, find(page, BLOCK_FIGURE, 0), find(page, BLOCK_CAPTION, 0));
    assert_tied(page, find(page, BLOCK_FIGURE, 1), find(page, BLOCK_CAPTION, 0));
}

static void
text_between_parts_them(void **state)
{
    struct page *page = *state;

    put_picture(page, 60, 60, 280, 200);
    sketch_line(page, 60, 220, 10, 0, "Nothing of the harbour is to be seen here, not");
    sketch_line(page, 60, 232, 10, 0, "even the boats.");
    sketch_line(page, 60, 252, 9, 0, "Figure 7: Of something on another page");
    put_prose(page, 60, 290, 6);
    lay_out(page);
    assert_int_equal(page->blocks[find(page, BLOCK_FIGURE, 0)].caption, 0);
}

static void
a_table_has_its_caption_over_it(void **state)
{
    static const char *const rows[] = {"Boat      Length    Weight", "Anna        12.5      3.20",
                                       "Berta       14.0      4.75", "Clara        9.5      2.10"};
    struct page *page = *state;

    put_prose(page, 60, 60, 4);
    sketch_line(page, 60, 130, 9, 0, "Table 1: The boats");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        sketch_line(page, 60, 150 + 14 * (float)i, 10, 0, rows[i]);
    put_prose(page, 60, 240, 6);
    lay_out(page);
    assert_tied(page, find(page, BLOCK_TABLE, 0), find(page, BLOCK_CAPTION, 0));
}

/* A paragraph that a figure cuts in two is one, and the caption comes behind it. */
static void
a_caption_cuts_no_sentence(void **state)
{
    struct page *page = *state;
    struct buf out;

    put_prose(page, 60, 60, 3);
    put_picture(page, 60, 100, 280, 300);
    sketch_line(page, 60, 318, 9, 0, "Figure 1: A boat");
    sketch_line(page, 60, 350, 10, 0, "wall as they had done for many years.");
    lay_out(page);
    buf_init(&out, MiB(1));
    render_markdown(page, &out);
    const char *text = buf_text(&out), *rest = strstr(text, "along the wall as they had done");
    const char *caption = strstr(text, "Figure 1: A boat");
    assert_non_null(rest);
    assert_non_null(caption);
    assert_true(rest < caption);
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(a_figure_belongs_to_the_caption_under_it),
        PAGE_CASE(a_figure_stands_by_its_caption_in_the_order),
        PAGE_CASE(pictures_side_by_side_share_a_caption),
        PAGE_CASE(text_between_parts_them),
        PAGE_CASE(a_table_has_its_caption_over_it),
        PAGE_CASE(a_caption_cuts_no_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
