/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "layout/bind.h"

#include "read.h"

#include <stdio.h>

enum { PAGES_MAX = 8 };

struct book {
    struct arena *arena;
    struct page *pages[PAGES_MAX];
    bool changed[PAGES_MAX];
    uint32_t count;
};

static int
open_book(void **state)
{
    struct book *book = calloc(1, sizeof(*book));

    assert_non_null(book);
    book->arena = arena_new(MiB(256));
    *state = book;
    return 0;
}

static int
close_book(void **state)
{
    struct book *book = *state;

    arena_drop(&book->arena);
    free(book);
    return 0;
}

/* A page with nine lines of text from y on. */
static struct page *
add_page(struct book *book, float y)
{
    struct page *page = page_new(book->arena, book->count, 600, 800);
    char text[80];

    assert_non_null(page);
    page->from_layer = true;
    for (int i = 0; i < 9; i++) {
        snprintf(text, sizeof(text),
                 "The %c%c tide comes in twice a day and goes out as often, which",
                 'A' + (int)book->count, 'a' + i);
        sketch_line(page, 60, y + 14 * (float)i, 10, 0, text);
    }
    book->pages[book->count++] = page;
    return page;
}

/* All that the worker does with the pages, without its window. */
static void
bind(struct book *book)
{
    struct bind_facts *facts[PAGES_MAX + 2 * BIND_NEAR] = {NULL};
    struct bind_styles *styles = bind_styles_new(book->arena);
    struct err err = {0};

    assert_non_null(styles);

    for (uint32_t i = 0; i < book->count; i++) {
        if (book->pages[i] == NULL)
            continue;
        assert_int_equal(layout_page(book->pages[i], &err), ERR_OK);
        assert_int_equal(bind_look(book->pages[i], book->arena, &facts[i + BIND_NEAR], &err),
                         ERR_OK);
        bind_styles_note(styles, book->pages[i]);
    }
    bind_styles_rank(styles);
    for (uint32_t i = 0; i < book->count; i++) {
        if (book->pages[i] == NULL)
            continue;
        bind_levels(book->pages[i], styles, &book->changed[i]);
        assert_int_equal(bind_heads(book->pages[i], facts + i, &book->changed[i], &err), ERR_OK);
        if (i > 0 && book->pages[i - 1] != NULL)
            assert_int_equal(bind_pair(book->pages[i - 1], book->pages[i], &book->changed[i - 1],
                                       &book->changed[i], &err),
                             ERR_OK);
    }
    for (uint32_t i = 0; i < book->count; i++) {
        if (book->pages[i] == NULL)
            continue;
        assert_sound(book->pages[i]);
        assert_decodes(book->pages[i]);
    }
}

static bool
is_running(const struct page *page, const char *text)
{
    for (uint32_t i = 0; i < page->block_count; i++) {
        const struct page_block *block = &page->blocks[i];
        const struct page_line *line = &page->lines[block->first_line];
        if (block->line_count == 1 && strcmp(page_line_text(page->arena, page, line), text) == 0)
            return block->kind == BLOCK_HEADER || block->kind == BLOCK_FOOTER;
    }
    return false;
}

static void
left_and_right_pages_have_heads_of_their_own(void **state)
{
    struct book *book = *state;

    for (int i = 0; i < 6; i++)
        sketch_line(add_page(book, 74), 60, 60, 10, 0,
                    i % 2 == 0 ? "The Annals of the Harbour" : "A report of the keepers");
    bind(book);
    assert_false(is_running(book->pages[0], "The Annals of the Harbour"));
    for (uint32_t i = 1; i < 6; i++)
        assert_true(is_running(book->pages[i], i % 2 == 0 ? "The Annals of the Harbour"
                                                          : "A report of the keepers"));
}

static void
a_number_that_goes_with_the_pages_is_a_page_number(void **state)
{
    struct book *book = *state;
    char text[32];

    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof(text), "Chapter %c          %d", 'A' + i, 40 + i);
        sketch_line(add_page(book, 74), 60, 60, 10, 0, text);
    }
    bind(book);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(book->changed[i]);
}

static void
what_comes_again_elsewhere_larger_or_once_is_text(void **state)
{
    struct book *book = *state;

    for (int i = 0; i < 5; i++) {
        struct page *page = add_page(book, 120);
        sketch_line(page, 60, 60, 14, 0, "Summary of the year"); /* a title, as on slides */
        sketch_line(page, 60, 60 + 11 * (float)i, 10, 0, i == 0 ? "x" : "moves down the page");
    }
    bind(book);
    for (uint32_t i = 0; i < 5; i++)
        assert_false(is_running(book->pages[i], "moves down the page"));
}

static void
pages_that_are_alike_have_no_heads_by_that(void **state)
{
    struct book *book = *state;

    for (int i = 0; i < 4; i++) {
        struct page *page = page_new(book->arena, book->count, 600, 800);
        assert_non_null(page);
        page->from_layer = true;
        for (int k = 0; k < 9; k++)
            sketch_line(page, 60, 60 + 14 * (float)k, 10, 0, "A copy is as good as any other copy");
        book->pages[book->count++] = page;
    }
    bind(book);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(book->pages[i]->blocks[0].kind, BLOCK_PARAGRAPH);
}

static void
a_page_that_was_not_read_is_passed_over(void **state)
{
    struct book *book = *state;

    for (int i = 0; i < 5; i++)
        sketch_line(add_page(book, 74), 60, 60, 10, 0, "The Annals of the Harbour");
    book->pages[2] = NULL;
    bind(book);
    assert_true(is_running(book->pages[1], "The Annals of the Harbour"));
    assert_true(is_running(book->pages[4], "The Annals of the Harbour"));
}

static void
row(struct page *page, float y, const char *a, const char *b, const char *c)
{
    sketch_line(page, 60, y, 10, 0, a);
    sketch_line(page, 260, y, 10, 0, b);
    sketch_line(page, 460, y, 10, 0, c);
}

/* Two pages with a table across them, whose second part begins with the given row. */
static void
add_table(struct book *book, const char *a, const char *b, const char *c)
{
    char text[16];
    struct page *before = add_page(book, 60), *after = page_new(book->arena, 1, 600, 800);

    row(before, 400, "Item", "Count", "Price");
    for (int i = 0; i < 12; i++) {
        snprintf(text, sizeof(text), "%d.50", i + 1);
        row(before, 420 + 20 * (float)i, "sail cloth", "7", text);
    }
    after->from_layer = true;
    book->pages[book->count++] = after;
    row(after, 60, a, b, c);
    for (int i = 0; i < 6; i++)
        row(after, 80 + 20 * (float)i, "new rope", "9", "4.00");
}

static void
a_table_goes_on_under_the_head_of_the_page_before(void **state)
{
    struct book *book = *state;

    add_table(book, "old rope", "3", "9.00");
    bind(book);
    assert_true(book->changed[1] && !book->changed[0]);
    const struct page_table *table = &book->pages[1]->tables[0];
    assert_true(table->continues);
    assert_string_equal(table->head, "Item\tCount\tPrice");
    assert_int_equal(table->header_rows, 0);
}

static void
a_head_that_is_printed_again_stays(void **state)
{
    struct book *book = *state;

    add_table(book, "Item", "Count", "Price");
    bind(book);
    assert_true(book->pages[1]->tables[0].continues);
    assert_null(book->pages[1]->tables[0].head);
    assert_int_equal(book->pages[1]->tables[0].header_rows, 1);
}

static void
a_table_with_another_head_is_another_table(void **state)
{
    struct book *book = *state;

    add_table(book, "Name", "Age", "Weight");
    bind(book);
    assert_false(book->pages[1]->tables[0].continues);
    assert_false(book->changed[1]);
}

static void
a_paragraph_goes_on_in_small_letters(void **state)
{
    struct book *book = *state;

    for (int i = 0; i < 3; i++) {
        add_page(book, 100);
        struct page *page = book->pages[i];
        sketch_line(page, 60, 86, 10, 0,
                    i == 1
                        ? "its keeper, who winds the clock and counts the boats of the harbour"
                        : "Its keeper winds the clock and counts the boats of the whole harbour");
    }
    bind(book);
    assert_true(book->changed[0]);
    assert_true(book->pages[0]->blocks[book->pages[0]->block_count - 1].continues);
    assert_false(book->pages[1]->blocks[book->pages[1]->block_count - 1].continues);
}

static const struct page_block *
heading(const struct page *page, uint32_t n)
{
    for (uint32_t i = 0; i < page->block_count; i++)
        if (page->blocks[i].kind == BLOCK_HEADING && n-- == 0)
            return &page->blocks[i];
    fail_msg("page %u has too few headings", page->index + 1);
    return NULL;
}

/* A page has a title, chapters and sections, or sections alone: they are what they are. */
static void
headings_set_alike_have_one_level(void **state)
{
    struct book *book = *state;
    static const float sizes[] = {24, 16, 12, 16, 12};

    for (int i = 0; i < 5; i++) {
        struct page *page = add_page(book, 160);
        sketch_line(page, 60, 80, sizes[i], STYLE_BOLD, "Of tides and times");
    }
    bind(book);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(heading(book->pages[i], 0)->level, sizes[i] > 20   ? 1
                                                            : sizes[i] > 14 ? 2
                                                                            : 3);
    assert_false(book->changed[0]);
    assert_true(book->changed[1] && book->changed[2]);
}

/* In type of one size the number tells. */
static void
numbers_of_sections_tell_levels(void **state)
{
    struct book *book = *state;
    static const char *const titles[] = {"1 Tides", "1.1 Times of them", "2. Boats"};

    for (int i = 0; i < 3; i++)
        sketch_line(add_page(book, 160), 60, 80, 14, STYLE_BOLD, titles[i]);
    bind(book);
    assert_int_equal(heading(book->pages[0], 0)->level, 1);
    assert_int_equal(heading(book->pages[1], 0)->level, 2);
    assert_int_equal(heading(book->pages[2], 0)->level, 1);
}

/* The file's outline begins below the title, whose level nobody says. */
static void
a_title_above_what_the_file_says(void **state)
{
    struct book *book = *state;

    for (uint32_t i = 0; i < 3; i++) {
        struct page *page = add_page(book, 160);
        if (i == 0)
            sketch_line(page, 60, 60, 24, STYLE_BOLD, "The book of the harbour");
        uint32_t line = sketch_line(page, 60, 110, 16, STYLE_BOLD, "Of tides and times");
        for (uint32_t k = 0; k < page->lines[line].word_count; k++)
            page->words[page->lines[line].first_word + k].role = ROLE_HEADING_1;
    }
    bind(book);
    assert_int_equal(heading(book->pages[0], 0)->level, 1);
    assert_int_equal(heading(book->pages[0], 1)->level, 2);
    assert_int_equal(heading(book->pages[2], 0)->level, 2);
}

static void
items_keep_their_depth_on_the_next_page(void **state)
{
    struct book *book = *state;
    struct page *page = add_page(book, 60);

    sketch_line(page, 80, 200, 10, 0, "1. The first of the boats");
    sketch_line(page, 110, 214, 10, 0, "a) came in the morning,");
    page = page_new(book->arena, 1, 600, 800);
    assert_non_null(page);
    page->from_layer = true;
    book->pages[book->count++] = page;
    sketch_line(page, 110, 60, 10, 0, "b) lay at the wall,");
    sketch_line(page, 80, 74, 10, 0, "2. The second of the boats");
    for (int i = 0; i < 4; i++)
        sketch_line(page, 60, 120 + 14 * (float)i, 10, 0,
                    "The harbour was quiet and the boats lay along the wall as they had done");
    bind(book);
    assert_int_equal(page->blocks[0].kind, BLOCK_LIST_ITEM);
    assert_int_equal(page->blocks[0].level, 1);
    assert_int_equal(page->blocks[1].level, 0);
}

#define book_test(name) cmocka_unit_test_setup_teardown(name, open_book, close_book)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        book_test(left_and_right_pages_have_heads_of_their_own),
        book_test(a_number_that_goes_with_the_pages_is_a_page_number),
        book_test(what_comes_again_elsewhere_larger_or_once_is_text),
        book_test(pages_that_are_alike_have_no_heads_by_that),
        book_test(a_page_that_was_not_read_is_passed_over),
        book_test(a_table_goes_on_under_the_head_of_the_page_before),
        book_test(a_head_that_is_printed_again_stays),
        book_test(a_table_with_another_head_is_another_table),
        book_test(a_paragraph_goes_on_in_small_letters),
        book_test(headings_set_alike_have_one_level),
        book_test(numbers_of_sections_tell_levels),
        book_test(a_title_above_what_the_file_says),
        book_test(items_keep_their_depth_on_the_next_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
