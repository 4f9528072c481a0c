/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/drawings.c: what is written in a chart is the chart's. */
#include "read.h"

static const char prose[] = "the keepers wrote down what they saw";

static void
write_lines(struct page *page, float y, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        sketch_line(page, 80, y + 14 * (float)i, 10, 0, prose);
}

static void
draw(struct page *page, struct box box)
{
    struct page_region *region = page_add_region(page);

    *region = (struct page_region){.box = box, .kind = REGION_DRAWING};
}

static const struct page_block *
find_figure(struct page *page)
{
    struct err err = {0};

    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_sound(page);
    assert_decodes(page);
    for (uint32_t i = 0; i < page->block_count; i++)
        if (page->blocks[i].kind == BLOCK_FIGURE)
            return &page->blocks[i];
    return NULL;
}

static void
labels_are_the_figures_own(void **state)
{
    struct page *page = *state;

    write_lines(page, 80, 8);
    draw(page, (struct box){100, 250, 400, 420});
    sketch_line(page, 130, 280, 8, 0, "Hemp");
    sketch_line(page, 300, 330, 8, 0, "Tar");
    sketch_line(page, 200, 390, 8, 0, "Canvas");
    sketch_line(page, 80, 440, 9, 0, "Figure 1: what was sold");
    write_lines(page, 480, 8);
    const struct page_block *figure = find_figure(page);
    assert_non_null(figure);
    assert_int_equal(figure->line_count, 3);
    assert_int_equal(figure->caption, 1);
    assert_int_equal(figure[1].kind, BLOCK_CAPTION);
}

static void
running_text_in_a_frame_is_no_figures(void **state)
{
    struct page *page = *state;

    write_lines(page, 80, 8);
    draw(page, (struct box){70, 250, 400, 420});
    write_lines(page, 270, 9);
    write_lines(page, 480, 8);
    assert_null(find_figure(page));
    for (uint32_t i = 0; i < page->region_count; i++)
        assert_int_not_equal(page->regions[i].kind, REGION_DRAWING);
}

static void
a_drawing_without_words_is_a_figure(void **state)
{
    struct page *page = *state;

    write_lines(page, 80, 8);
    draw(page, (struct box){100, 250, 400, 420});
    write_lines(page, 480, 8);
    const struct page_block *figure = find_figure(page);
    assert_non_null(figure);
    assert_int_equal(figure->line_count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(labels_are_the_figures_own),
        PAGE_CASE(running_text_in_a_frame_is_no_figures),
        PAGE_CASE(a_drawing_without_words_is_a_figure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
