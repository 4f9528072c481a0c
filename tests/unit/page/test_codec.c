/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/codec.h: what goes in comes out, and what a hostile writer sends is refused. */
#include "page/codec.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct page *page;
    struct buf bytes;
    struct err err;
};

static struct page_word *
add_word(struct page *page, const char *text, float x, float y)
{
    struct page_word *word = page_add_word(page);

    assert_non_null(word);
    word->text = text;
    word->box = (struct box){x, y, x + 10, y + 9};
    word->confidence = 0.5f;
    word->size = 9.5f;
    word->link = 0;
    word->style = STYLE_BOLD | STYLE_SUB;
    word->witness = WITNESS_BOTH;
    word->glued = true;
    return word;
}

/* Two lines in a paragraph, one in each of two cells, one of everything else. */
static void
fill(struct page *page)
{
    static const char *const texts[] = {"Größe", "", "\xf0\x9f\x98\x80", "a\nb", "x", "y"};

    for (uint32_t i = 0; i < ARRAY_LEN(texts); i++)
        add_word(page, texts[i], (float)i, -3.25f);
    for (uint32_t i = 0; i < 4; i++) {
        struct page_line *line = page_add_line(page);
        assert_non_null(line);
        *line = (struct page_line){.box = {0, 1, 2, 3},
                                   .baseline = 2.5f,
                                   .size = 11,
                                   .first_word = i,
                                   .word_count = i == 3 ? 3 : 1,
                                   .source = (int32_t)i - 1,
                                   .vertical = i == 1,
                                   .right_to_left = i == 2};
    }
    struct page_block *block = page_add_block(page);
    assert_non_null(block);
    *block = (struct page_block){.box = {0, 0, 5, 5},
                                 .kind = BLOCK_LIST_ITEM,
                                 .level = 2,
                                 .ordered = true,
                                 .continues = true,
                                 .marker = "3.",
                                 .line_count = 2,
                                 .skip_words = 1,
                                 .table = -1,
                                 .confidence = 0.25f};
    block = page_add_block(page);
    assert_non_null(block);
    block->kind = BLOCK_TABLE;
    block->table = 0;
    struct page_table *table = page_add_table(page);
    assert_non_null(table);
    *table = (struct page_table){.rows = 2,
                                 .columns = 3,
                                 .header_rows = 1,
                                 .ruled = true,
                                 .continues = true,
                                 .head = "a\tb\tc",
                                 .cell_count = 2};
    for (uint16_t i = 0; i < 2; i++) {
        struct page_cell *cell = page_add_cell(page);
        assert_non_null(cell);
        *cell = (struct page_cell){.row = i,
                                   .column = 1,
                                   .row_span = 1,
                                   .column_span = 2,
                                   .header = i == 0,
                                   .first_line = 2u + i,
                                   .line_count = 1};
    }
    struct page_region *region = page_add_region(page);
    struct page_link *link = page_add_link(page);
    struct page_field *field = page_add_field(page);
    assert_true(region != NULL && link != NULL && field != NULL);
    region->kind = REGION_STAMP;
    region->ink = 3.5f;
    struct page_alt *alt = page_add_alt(page);
    struct page_hidden *hidden = page_add_hidden(page);
    struct page_code *code = page_add_code(page);
    assert_true(alt != NULL && hidden != NULL && code != NULL);
    *alt = (struct page_alt){.text = "Grosse", .confidence = 0.25f, .source = ALT_BEAM};
    page->words[1].alt_count = 1;
    *hidden = (struct page_hidden){.box = {1, 2, 3, 4}, .text = "secret", .kind = HIDDEN_WHITE};
    *code = (struct page_code){.box = {1, 2, 3, 4}, .symbology = "EAN-13", .text = "4006381333931"};
    page->language = "deu";
    page->script = "Latn";
    link->uri = "https://example.org/?a=1";
    *field =
        (struct page_field){.name = "name", .value = "Ann", .kind = FIELD_CHECK, .checked = true};
}

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->arena = arena_new(MiB(64));
    f->page = page_new(f->arena, 7, 595.5f, 842);
    buf_init(&f->bytes, MiB(64));
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    buf_fini(&f->bytes);
    arena_drop(&f->arena);
    free(f);
    return 0;
}

static enum err_code
decode(struct fixture *f, struct page **ret)
{
    return page_decode(f->arena, buf_span(&f->bytes), ret, &f->err);
}

/* Encodes f->page afresh and expects it to be refused with this in the message. */
static void
assert_refused(struct fixture *f, const char *why)
{
    struct page *back = NULL;

    buf_clear(&f->bytes);
    page_encode(f->page, &f->bytes);
    if (decode(f, &back) != ERR_PROTOCOL)
        fail_msg("accepted, not refused for: %s", why);
    assert_null(back);
    if (strstr(f->err.msg, why) == NULL)
        fail_msg("'%s' does not say '%s'", f->err.msg, why);
}

static void
a_page_comes_back_as_it_was(void **state)
{
    struct fixture *f = *state;
    struct page *back = NULL;
    struct buf again;

    fill(f->page);
    f->page->dpi = 300;
    f->page->coverage = 0.75f;
    f->page->from_pixels = true;
    page_encode(f->page, &f->bytes);
    assert_int_equal(decode(f, &back), ERR_OK);
    assert_int_equal(back->index, 7);
    assert_true(back->width == 595.5f && back->dpi == 300 && back->coverage == 0.75f);
    assert_true(back->from_pixels && !back->from_layer);
    assert_string_equal(back->words[0].text, "Größe");
    assert_string_equal(back->words[1].text, "");
    assert_true(back->words[2].box.x0 == 2 && back->words[2].box.y0 == -3.25f);
    assert_int_equal(back->words[2].style, STYLE_BOLD | STYLE_SUB);
    assert_int_equal(back->words[2].witness, WITNESS_BOTH);
    assert_true(back->words[2].glued && back->words[2].confidence == 0.5f);
    assert_true(back->lines[1].vertical && !back->lines[1].right_to_left);
    assert_int_equal(back->lines[0].source, -1);
    assert_string_equal(back->blocks[0].marker, "3.");
    assert_true(back->blocks[0].ordered && back->blocks[0].continues);
    assert_int_equal(back->blocks[0].skip_words, 1);
    assert_int_equal(back->blocks[1].table, 0);
    assert_true(back->tables[0].ruled && back->tables[0].header_rows == 1);
    assert_int_equal(back->cells[1].column_span, 2);
    assert_string_equal(back->links[0].uri, "https://example.org/?a=1");
    assert_string_equal(back->fields[0].value, "Ann");
    assert_true(back->fields[0].checked);
    assert_true(back->regions[0].ink == 3.5f);
    assert_int_equal(back->words[1].alt_count, 1);
    assert_string_equal(back->alts[back->words[1].first_alt].text, "Grosse");
    assert_int_equal(back->alts[back->words[1].first_alt].source, ALT_BEAM);
    assert_string_equal(back->hiddens[0].text, "secret");
    assert_int_equal(back->hiddens[0].kind, HIDDEN_WHITE);
    assert_string_equal(back->codes[0].symbology, "EAN-13");
    assert_string_equal(back->language, "deu");
    assert_string_equal(back->script, "Latn");
    buf_init(&again, MiB(1));
    page_encode(back, &again);
    assert_true(span_equal(buf_span(&again), buf_span(&f->bytes)));
    buf_fini(&again);
}

static void
an_empty_page_comes_back(void **state)
{
    struct fixture *f = *state;
    struct page *back = NULL;

    page_encode(f->page, &f->bytes);
    assert_int_equal(decode(f, &back), ERR_OK);
    assert_int_equal(back->word_count + back->line_count + back->block_count, 0);
}

static void
overlong_text_is_cut_between_characters(void **state)
{
    struct fixture *f = *state;
    struct page *back = NULL;
    char *text = arena_alloc(f->arena, PAGE_TEXT_MAX + 10);

    assert_non_null(text);
    memset(text, 'a', PAGE_TEXT_MAX - 1);
    memcpy(text + PAGE_TEXT_MAX - 1, "\xe2\x82\xac!", 5);
    struct page_link *link = page_add_link(f->page);
    assert_non_null(link);
    link->uri = text;
    page_encode(f->page, &f->bytes);
    assert_int_equal(decode(f, &back), ERR_OK);
    assert_int_equal(strlen(back->links[0].uri), PAGE_TEXT_MAX - 1);
}

static void
every_truncation_is_refused(void **state)
{
    struct fixture *f = *state;
    struct page *back = NULL;

    fill(f->page);
    page_encode(f->page, &f->bytes);
    size_t whole = f->bytes.len;
    for (f->bytes.len = 0; f->bytes.len < whole; f->bytes.len++) {
        /* A block of exactly that size, so that a read past it is seen. */
        uint8_t *copy = malloc(f->bytes.len + 1);
        memcpy(copy, f->bytes.data, f->bytes.len);
        struct span part = {copy, f->bytes.len};
        assert_int_equal(page_decode(f->arena, part, &back, &f->err), ERR_PROTOCOL);
        free(copy);
    }
    f->bytes.len = whole;
    buf_char(&f->bytes, 0);
    assert_int_equal(decode(f, &back), ERR_PROTOCOL);
    assert_null(back);
}

/* What a decoder lets through must be a tree that encodes and decodes again. */
static void
mutated_bytes_are_refused_or_make_a_sound_page(void **state)
{
    struct fixture *f = *state;
    struct page *back;
    struct buf again;
    uint32_t seed = 12345;
    unsigned accepted = 0;

    fill(f->page);
    page_encode(f->page, &f->bytes);
    buf_init(&again, MiB(1));
    for (int round = 0; round < 20000; round++) {
        struct arena *arena = arena_new(MiB(8));
        uint8_t *copy = malloc(f->bytes.len);
        memcpy(copy, f->bytes.data, f->bytes.len);
        for (int hits = 1 + round % 3; hits > 0; hits--) {
            seed = seed * 1664525 + 1013904223;
            copy[(seed >> 8) % f->bytes.len] = (uint8_t)(seed >> 24);
        }
        if (page_decode(arena, (struct span){copy, f->bytes.len}, &back, &f->err) == ERR_OK) {
            accepted++;
            buf_clear(&again);
            page_encode(back, &again);
            assert_int_equal(again.len, f->bytes.len);
            assert_memory_equal(again.data, copy, again.len);
        } else {
            assert_int_equal(f->err.code, ERR_PROTOCOL);
        }
        free(copy);
        arena_drop(&arena);
    }
    buf_fini(&again);
    assert_true(accepted > 100 && accepted < 19000);
}

static void
lies_about_numbers_are_refused(void **state)
{
    struct fixture *f = *state;
    struct page *page = f->page;

    fill(page);
#define LIE(place, lie, why)                                                                       \
    do {                                                                                           \
        __typeof__(place) truth = (place);                                                         \
        (place) = (lie);                                                                           \
        assert_refused(f, why);                                                                    \
        (place) = truth;                                                                           \
    } while (0)
    LIE(page->width, NAN, "width");
    LIE(page->confidence, 1.5f, "confidence");
    LIE(page->words[1].box.x0, INFINITY, "word 1: a length");
    LIE(page->words[1].box.y1, 1.5e6f, "word 1: a length");
    LIE(page->words[1].box.x1, -50, "inside out");
    LIE(page->words[1].confidence, NAN, "word 1: a confidence");
    LIE(page->words[1].witness, 4, "witness");
    LIE(page->words[1].style, 64, "style");
    LIE(page->words[1].link, 1, "link");
    LIE(page->words[1].link, -2, "link");
    LIE(page->words[1].text, "\xc0\xaf", "UTF-8");
    LIE(page->lines[2].first_word, 1, "line 2: words");
    LIE(page->lines[3].word_count, 4, "line 3: words");
    LIE(page->lines[3].word_count, UINT32_MAX, "line 3: words");
    LIE(page->blocks[0].kind, BLOCK_KIND_COUNT, "kind");
    LIE(page->blocks[0].level, PAGE_LEVEL_MAX + 1, "deep");
    LIE(page->blocks[0].line_count, 5, "lines out of range");
    LIE(page->blocks[0].line_count, 3, "taken twice");
    LIE(page->blocks[0].skip_words, 2, "marker");
    LIE(page->blocks[0].table, 0, "no such table");
    LIE(page->blocks[1].table, 1, "no such table");
    LIE(page->blocks[1].caption, -1, "no such caption");
    LIE(page->blocks[1].caption, 7, "no such caption");
    LIE(page->blocks[0].caption, 1, "no such caption");
    LIE(page->tables[0].header_rows, 3, "header rows");
    LIE(page->tables[0].cell_count, 3, "cells");
    LIE(page->tables[0].head, "a\tb", "a lent head");
    page->tables[0].head = NULL;
    LIE(page->tables[0].columns, 2, "outside");
    LIE(page->tables[0].columns, 0, "outside");
    LIE(page->cells[0].row_span, 0, "span");
    page->cells[0].column = 0;
    page->cells[0].column_span = 3;
    LIE(page->cells[0].row_span, 2, "cover more");
    page->cells[0].column = 1;
    page->cells[0].column_span = 2;
    LIE(page->cells[0].row, 1, "order");
    LIE(page->cells[1].first_line, 2, "taken twice");
    LIE(page->regions[0].kind, REGION_KIND_COUNT, "kind");
    LIE(page->regions[0].ink, -1, "ink");
    LIE(page->words[1].first_alt, 1, "word 1: readings");
    LIE(page->words[1].alt_count, 2, "word 1: readings");
    LIE(page->words[2].alt_count, 1, "word 2: a reading is taken twice");
    LIE(page->alts[0].confidence, 2, "alt 0: a confidence");
    LIE(page->alts[0].source, ALT_SOURCE_COUNT, "alt 0: no such source");
    LIE(page->hiddens[0].kind, HIDDEN_KIND_COUNT, "hidden 0: no such kind");
    LIE(page->codes[0].text, "\xff", "code 0: text");
    LIE(page->language, "\xff", "language");
    LIE(page->fields[0].kind, FIELD_SIGNATURE + 1, "kind");
#undef LIE
}

static void
a_grid_bomb_is_refused(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 2; i++) {
        struct page_table *table = page_add_table(f->page);
        assert_non_null(table);
        table->rows = 400;
        table->columns = i == 0 ? 400 : 200;
    }
    assert_refused(f, "table 1: grid");
}

static void
a_count_bomb_takes_no_memory(void **state)
{
    struct fixture *f = *state;
    struct page *back;

    fill(f->page);
    page_encode(f->page, &f->bytes);
    memcpy(f->bytes.data + 40, "\x40\x0d\x03\x00", 4); /* 200000 words */
    size_t before = arena_used(f->arena);
    assert_int_equal(decode(f, &back), ERR_PROTOCOL);
    assert_true(arena_used(f->arena) - before < 4096);
    memcpy(f->bytes.data + 40, "\xff\xff\xff\xff", 4);
    assert_int_equal(decode(f, &back), ERR_PROTOCOL);
    assert_true(arena_used(f->arena) - before < 4096);
}

static void
a_full_arena_is_a_limit(void **state)
{
    struct fixture *f = *state;
    struct page *back;
    enum err_code rc = ERR_LIMIT;

    fill(f->page);
    page_encode(f->page, &f->bytes);
    for (size_t limit = 16; rc != ERR_OK; limit += 64) {
        assert_true(limit < KiB(64));
        struct arena *small = arena_new(limit);
        rc = page_decode(small, buf_span(&f->bytes), &back, &f->err);
        assert_true(rc == ERR_OK || rc == ERR_LIMIT);
        arena_drop(&small);
    }
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_page_comes_back_as_it_was),
        CASE(an_empty_page_comes_back),
        CASE(overlong_text_is_cut_between_characters),
        CASE(every_truncation_is_refused),
        CASE(mutated_bytes_are_refused_or_make_a_sound_page),
        CASE(lies_about_numbers_are_refused),
        CASE(a_grid_bomb_is_refused),
        CASE(a_count_bomb_takes_no_memory),
        CASE(a_full_arena_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
