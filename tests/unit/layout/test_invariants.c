/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: whatever stands on a page, every word comes out once, the tree is sound, and the
 * time taken grows with the page only. */
#include "read.h"

#include <math.h>
#include <stdio.h>

static uint32_t seed = 1;

static uint32_t
random_below(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

static float
random_length(float most)
{
    return (float)random_below(10000) / 10000 * most;
}

/* Words at random, in lines at random; sometimes on a grid, sometimes out of all bounds. */
static void
scatter(struct page *page)
{
    uint32_t lines = random_below(80), snap = 1 + random_below(3);
    static const char *const texts[] = {
        "a", "12", "word", "-", "1.", "Figure", "\xe2\x80\xa2", "x-", "", "longer_text", "3.50"};

    for (uint32_t i = 0; i < lines; i++) {
        uint32_t first = page->word_count;
        float x = random_length(560), y = random_length(800), size = 6 + random_length(12);
        if (snap > 1) {
            x = floorf(x / (60 * (float)snap)) * 60 * (float)snap;
            y = floorf(y / 13) * 13;
            size = 10;
        }
        for (uint32_t k = 1 + random_below(8); k > 0; k--) {
            const char *text = texts[random_below(ARRAY_LEN(texts))];
            struct page_word *word =
                sketch_word(page, x, y, size, (uint8_t)random_below(64), text, strlen(text));
            word->glued = random_below(8) == 0;
            x = word->box.x1 + random_length(random_below(6) == 0 ? 60 : 6);
        }
        uint32_t line = sketch_close_line(page, first);
        page->lines[line].vertical = random_below(30) == 0;
        page->lines[line].right_to_left = random_below(30) == 0;
        page->lines[line].source = (int32_t)random_below(5) - 1;
    }
    for (uint32_t i = random_below(40); i > 0; i--) {
        struct page_region *region = page_add_region(page);
        assert_non_null(region);
        float x = floorf(random_length(10)) * 60, y = floorf(random_length(20)) * 39;
        bool flat = random_below(2) == 0;
        region->kind = random_below(10) == 0 ? REGION_PICTURE : REGION_RULE;
        region->box = (struct box){x, y, x + (flat ? 240 : 1), y + (flat ? 1 : 156)};
    }
}

/* Sums over the words that do not depend on their order. */
static uint64_t
fingerprint(const struct page *page)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < page->word_count; i++) {
        uint64_t hash = 1469598103934665603u;
        for (const char *s = page->words[i].text; *s != '\0'; s++)
            hash = (hash ^ (uint8_t)*s) * 1099511628211u;
        hash ^= (uint64_t)(int64_t)(page->words[i].box.x0 * 64) * 2654435761u;
        hash ^= (uint64_t)(int64_t)(page->words[i].box.y0 * 64) << 32;
        sum += hash * 0x9e3779b97f4a7c15u;
    }
    return sum;
}

static void
every_word_comes_out_once(void **state)
{
    (void)state;
    for (seed = 1; seed < 700; seed++) {
        uint32_t number = seed;
        void *arena_page;
        (void)setup_page(&arena_page);
        struct page *page = arena_page;
        struct err err = {0};
        page->from_pixels = random_below(2) == 0;
        scatter(page);
        uint64_t before = fingerprint(page);
        uint32_t words = page->word_count;
        if (layout_page(page, &err) != ERR_OK)
            fail_msg("%u: %s", number, err.msg);
        assert_int_equal(page->word_count, words);
        assert_true(fingerprint(page) == before);
        assert_sound(page);
        assert_decodes(page);
        /* A second time gives a sound page as well. */
        assert_int_equal(layout_page(page, &err), ERR_OK);
        assert_true(fingerprint(page) == before);
        assert_sound(page);
        seed = number;
        (void)teardown_page(&arena_page);
    }
}

static void
words_without_lines_and_wild_numbers_are_borne(void **state)
{
    struct page *page = *state;
    struct err err;

    sketch_line(page, 50, 100, 10, 0, "one two three");
    struct page_word *word = sketch_word(page, 50, 120, 10, 0, "alone", 5);
    word->confidence = NAN;
    word = sketch_word(page, 50, 140, 10, 0, "wild", 4);
    word->box = (struct box){NAN, INFINITY, -INFINITY, 1e30f};
    word->size = NAN;
    word = sketch_word(page, 50, 140, 10, 0, "turned", 6);
    word->box = (struct box){90, 90, 10, 10};
    page->lines[0].baseline = NAN;
    assert_int_equal(layout_page(page, &err), ERR_OK);
    assert_int_equal(page->word_count, 6);
    assert_sound(page);
    assert_decodes(page);
}

static void
a_full_arena_is_a_limit(void **state)
{
    (void)state;
    enum err_code rc = ERR_LIMIT;

    for (size_t room = KiB(1); rc != ERR_OK; room += KiB(4)) {
        assert_true(room < MiB(8));
        struct arena *arena = arena_new(KiB(256) + room);
        struct page *page = page_new(arena, 0, 600, 800);
        struct err err;
        assert_non_null(page);
        for (int i = 0; i < 40; i++)
            sketch_line(page, 50, 50 + 12 * (float)i, 10, 0, "Name    12    13    note");
        /* What is left is all that layout gets. */
        assert_non_null(arena_alloc(arena, KiB(256) - arena_used(arena)));
        rc = layout_page(page, &err);
        assert_true(rc == ERR_OK || rc == ERR_LIMIT);
        arena_drop(&arena);
    }
}

/* Shapes that drive a careless method to the square of the page. */
static void
huge_pages_are_laid_out(void **state)
{
    (void)state;
    for (int shape = 0; shape < 6; shape++) {
        void *arena_page;
        (void)setup_page(&arena_page);
        struct page *page = arena_page;
        struct err err;
        uint32_t first = 0;
        for (uint32_t i = 0; i < 20000; i++) {
            float x = 0, y = 0;
            switch (shape) {
            case 0: /* a fine table */
                x = (float)(i % 100) * 40, y = (float)(i / 100) * 12;
                break;
            case 1: /* everything in one place */
                break;
            case 2: /* one endless row */
                x = (float)i * 40;
                break;
            case 3: /* one endless column */
                y = (float)i * 12;
                break;
            case 4: /* stairs */
                x = (float)i * 30, y = (float)i * 5;
                break;
            default: /* anywhere */
                x = random_length(5000), y = random_length(5000);
            }
            sketch_word(page, x, y, 10, 0, i % 3 == 0 ? "12" : "word", i % 3 == 0 ? 2 : 4);
            if (shape % 2 == 1 || i % 7 == 6 || i == 19999) {
                sketch_close_line(page, first);
                first = page->word_count;
            }
        }
        /* Some 30 ms each where measured; the square of the words would be minutes, and the
         * suite's time limit. */
        assert_int_equal(layout_page(page, &err), ERR_OK);
        assert_sound(page);
        assert_decodes(page);
        (void)teardown_page(&arena_page);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_comes_out_once),
        PAGE_CASE(words_without_lines_and_wild_numbers_are_borne),
        cmocka_unit_test(a_full_arena_is_a_limit),
        cmocka_unit_test(huge_pages_are_laid_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
