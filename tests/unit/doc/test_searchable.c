/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/searchable.h: what is written is opened again, and its words stand where they were read, on
 * upright, turned and rotated pages, from pictures and PDFs; the rest of the file is unchanged. */
#include "doc/searchable.h"
#include "page/warp.h"

#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena *arena;
static struct err err;

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(64));
    return arena == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

static enum err_code
give_tree(void *ctx, uint32_t index, const struct page **ret, struct err *why)
{
    const struct page *page = ctx;

    if (page != NULL && page->index == 99)
        return err_set(why, ERR_PROTOCOL, "no such tree");
    *ret = index == 0 ? page : NULL;
    return ERR_OK;
}

static bool
keep(void *ctx, const void *bytes, size_t len)
{
    buf_append(ctx, bytes, len);
    return !((struct buf *)ctx)->spoilt;
}

static enum err_code
write_searchable(const struct buf *bytes, const struct page *page, struct buf *out)
{
    int fd;
    struct doc *doc = sample_open(bytes, &fd);
    const struct searchable how = {
        .tree = give_tree, .tree_ctx = (void *)(uintptr_t)page, .sink = keep, .sink_ctx = out};
    enum err_code rc = doc_write_searchable(doc, &how, &err);

    doc_close(&doc);
    close(fd);
    return rc;
}

static struct page_word *
add_word(struct page *page, struct box box, const char *text, uint8_t witness)
{
    struct page_line *line = page_add_line(page);
    struct page_word *word = page_add_word(page);

    assert_true(line != NULL && word != NULL);
    *word = (struct page_word){.box = box, .text = text, .link = -1, .witness = witness};
    line->box = box;
    line->first_word = page->word_count - 1;
    line->word_count = 1;
    line->baseline = box.y1;
    return word;
}

/* The word of the written file with that text. */
static const struct page_word *
find_again(const struct buf *out, const char *text, struct page **ret_page)
{
    int fd;
    struct doc *doc = sample_open(out, &fd);
    enum doc_trust trust;

    assert_string_equal(doc_type_name(doc), "PDF 1.7");
    assert_int_equal(doc_load_text(doc, 0, arena, ret_page, &trust, &err), ERR_OK);
    doc_close(&doc);
    close(fd);
    for (uint32_t i = 0; i < (*ret_page)->word_count; i++)
        if (strcmp((*ret_page)->words[i].text, text) == 0)
            return &(*ret_page)->words[i];
    return NULL;
}

static void
assert_near(struct box a, struct box b, float slack)
{
    if (!(fabsf(a.x0 - b.x0) <= slack && fabsf(a.x1 - b.x1) <= slack &&
          fabsf(a.y0 - b.y0) <= slack && fabsf(a.y1 - b.y1) <= slack))
        fail_msg("(%g %g %g %g) is not near (%g %g %g %g)", (double)a.x0, (double)a.y0,
                 (double)a.x1, (double)a.y1, (double)b.x0, (double)b.y0, (double)b.x1,
                 (double)b.y1);
}

static uint8_t
stripes(uint32_t x, uint32_t y)
{
    return (uint8_t)(x * 7 + y * 3);
}

/* A picture of 300 x 400 pixels at 96 dpi: 225 x 300 pt. */
static void
a_picture_becomes_a_page_with_words(void **state)
{
    static const char *const texts[] = {"Gr\xc3\xb6\xc3\x9f"
                                        "e",
                                        "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x98\x80"};
    struct page *page = page_new(arena, 0, 225, 300);
    struct page *back;
    struct buf bmp, out;

    (void)state;
    buf_init(&bmp, MiB(4));
    buf_init(&out, MiB(4));
    sample_bmp(&bmp, 300, 400, 96, stripes);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        float y = 50 + 40 * (float)i;
        add_word(page, (struct box){30, y, 130, y + 20}, texts[i], WITNESS_PIXELS);
    }
    if (write_searchable(&bmp, page, &out) != ERR_OK)
        fail_msg("%s", err.msg);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct page_word *word = find_again(&out, texts[i], &back);
        if (word == NULL)
            fail_msg("'%s' is not found again", texts[i]);
        float y = 50 + 40 * (float)i;
        assert_near(word->box, (struct box){30, y, 130, y + 20}, 8);
        assert_true(fabsf(word->box.x0 - 30) < 0.5F && fabsf(word->box.x1 - 130) < 0.5F);
    }
    if (!(fabsf(back->width - 225) < 0.1F && fabsf(back->height - 300) < 0.1F))
        fail_msg("%g x %g pt", (double)back->width, (double)back->height);
    buf_fini(&bmp);
    buf_fini(&out);
}

/* The tree was read after turning the page; the words come out upright to it, and their boxes, as
 * seen, where they were. */
static void
turned_and_rotated_pages_keep_their_places(void **state)
{
    static const int rotations[] = {0, 90, 180, 270};

    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rotations); r++)
        for (int turned = 0; turned < 360; turned += 90) {
            char extra[40];
            struct buf pdf, out;
            bool sideways = rotations[r] % 180 != 0;
            struct page *back;
            struct page *page =
                page_new(arena, 0, sideways ? 300 : 200, sideways ? 200 : 300); /* as seen */
            struct box seen = {40, 60, 100, 75};
            (void)snprintf(extra, sizeof(extra), "/Rotate %d", rotations[r]);
            buf_init(&pdf, MiB(1));
            buf_init(&out, MiB(1));
            sample_page(&pdf, "q 0 0 0 rg 10 10 20 20 re f", extra, NULL, 0);
            page_turn(page, turned); /* as it was read */
            struct box box = box_turn(seen, sideways ? 300 : 200, sideways ? 200 : 300, turned);
            if (turned % 180 != 0) /* sideways to the reader, so he has it as a standing word */
                box.x1 = box.x0 + box_width(box);
            add_word(page, box, "Word", WITNESS_PIXELS);
            if (write_searchable(&pdf, page, &out) != ERR_OK)
                fail_msg("%s", err.msg);
            const struct page_word *word = find_again(&out, "Word", &back);
            if (word == NULL)
                fail_msg("not found: /Rotate %d, turned %d", rotations[r], turned);
            struct box wanted = page_box_as_seen(page, box);
            if (turned % 180 == 0)
                assert_near(word->box, wanted, 8);
            else /* letters lie on their side: the text layer's box is by ascent and descent */
                assert_near(word->box, wanted, 20);
            buf_fini(&pdf);
            buf_fini(&out);
        }
}

/* The tree is that of the straightened page; its words lie on the picture as it bends. */
static void
bent_pages_keep_their_places(void **state)
{
    struct page_warp warp = {.frame = {0, 0, 200, 300}};
    struct box seen = {120, 200, 180, 215};
    struct page *page = page_new(arena, 0, 200, 300), *back;
    struct buf pdf, out;

    (void)state;
    for (int row = 0; row < WARP_SIDE; row++)
        for (int column = 0; column < WARP_SIDE; column++) {
            warp.x[row][column] = 12.5F * (float)column;
            warp.y[row][column] = 18.75F * (float)row + 0.01F * (float)(column * column * row);
        }
    buf_init(&pdf, MiB(1));
    buf_init(&out, MiB(1));
    sample_page(&pdf, "q 0 0 0 rg 10 10 20 20 re f", "", NULL, 0);
    page_straighten(page, &warp);
    struct box box = page_box_as_read(page, seen);
    assert_true(fabsf(box.y0 - seen.y0) > 8);
    add_word(page, box, "Word", WITNESS_PIXELS);
    if (write_searchable(&pdf, page, &out) != ERR_OK)
        fail_msg("%s", err.msg);
    const struct page_word *word = find_again(&out, "Word", &back);
    assert_non_null(word);
    assert_near(word->box, page_box_as_seen(page, box), 6);
    buf_fini(&pdf);
    buf_fini(&out);
}

static void
words_of_the_layer_are_not_doubled(void **state)
{
    struct page *page = page_new(arena, 0, 200, 300);
    struct page *back;
    struct buf pdf, out;

    (void)state;
    buf_init(&pdf, MiB(1));
    buf_init(&out, MiB(1));
    sample_page(&pdf, "BT /F1 12 Tf 20 200 Td (Layer) Tj ET", "", NULL, 0);
    add_word(page, (struct box){20, 90, 60, 104}, "Layer", WITNESS_LAYER);
    add_word(page, (struct box){20, 150, 60, 164}, "Pixels", WITNESS_PIXELS);
    assert_int_equal(write_searchable(&pdf, page, &out), ERR_OK);
    assert_non_null(find_again(&out, "Layer", &back));
    uint32_t times = 0;
    for (uint32_t i = 0; i < back->word_count; i++)
        times += strcmp(back->words[i].text, "Layer") == 0;
    assert_int_equal(times, 1);
    buf_fini(&pdf);
    buf_fini(&out);
}

/* ---- many pages ---- */

enum { SHEETS = 12, SHEET_WIDTH = 400, SHEET_HEIGHT = 300, SHEET_BYTES = 120000 };

static void
put_number(struct buf *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_char(out, (char)(value >> (8 * i)));
}

/* Grey noise, which no coding makes smaller: each sheet is pixels, then its directory. */
static void
make_sheets(struct buf *out)
{
    enum { ENTRIES = 8, DIRECTORY = 2 + ENTRIES * 12 + 4 };
    uint32_t seed = 7;

    buf_append(out, "II*\0", 4);
    put_number(out, 8 + SHEET_BYTES, 4);
    for (uint32_t sheet = 0; sheet < SHEETS; sheet++) {
        uint32_t at = (uint32_t)out->len;
        const uint32_t entries[ENTRIES][2] = {
            {256, SHEET_WIDTH}, {257, SHEET_HEIGHT}, {258, 8},          {259, 1}, {262, 1},
            {273, at},          {278, SHEET_HEIGHT}, {279, SHEET_BYTES}};
        for (int i = 0; i < SHEET_BYTES; i++)
            buf_char(out, (char)((seed = seed * 1664525U + 1013904223U) >> 24));
        put_number(out, ENTRIES, 2);
        for (int i = 0; i < ENTRIES; i++) {
            put_number(out, entries[i][0], 2);
            put_number(out, 4, 2); /* LONG */
            put_number(out, 1, 4);
            put_number(out, entries[i][1], 4);
        }
        put_number(out, sheet + 1 < SHEETS ? at + 2 * SHEET_BYTES + DIRECTORY : 0, 4);
    }
    assert_false(out->spoilt);
}

struct sheets {
    const struct page *page;
    const struct buf *out;
    size_t held; /* most bytes of pages that were done and not written when another began */
};

static enum err_code
give_sheet(void *ctx, uint32_t index, const struct page **ret, struct err *why)
{
    struct sheets *sheets = ctx;
    size_t done = (size_t)index * SHEET_BYTES;

    (void)why;
    if (done > sheets->out->len && done - sheets->out->len > sheets->held)
        sheets->held = done - sheets->out->len;
    *ret = sheets->page;
    return ERR_OK;
}

static void
pictures_are_written_while_others_are_made(void **state)
{
    struct page *page = page_new(arena, 0, 400, 300);
    struct page *back;
    struct pixmap picture;
    struct buf tiff, out[2];
    enum doc_trust trust;
    int fd;

    (void)state;
    buf_init(&tiff, MiB(2));
    make_sheets(&tiff);
    add_word(page, (struct box){20, 150, 60, 164}, "Pixels", WITNESS_PIXELS);
    for (int i = 0; i < 2; i++) {
        buf_init(&out[i], MiB(4));
        struct sheets sheets = {.page = page, .out = &out[i]};
        struct doc *doc = sample_open(&tiff, &fd);
        const struct searchable how = {
            .tree = give_sheet, .tree_ctx = &sheets, .sink = keep, .sink_ctx = &out[i]};
        if (doc_write_searchable(doc, &how, &err) != ERR_OK)
            fail_msg("%s", err.msg);
        assert_true(sheets.held <= 2 * SHEET_BYTES);
        doc_close(&doc);
        close(fd);
    }
    assert_int_equal(out[0].len, out[1].len);
    assert_memory_equal(out[0].data, out[1].data, out[0].len);
    struct doc *doc = sample_open(&out[0], &fd);
    assert_int_equal(doc_page_count(doc), SHEETS);
    assert_int_equal(doc_load_text(doc, SHEETS - 1, arena, &back, &trust, &err), ERR_OK);
    assert_string_equal(back->words[0].text, "Pixels");
    float dpi = 72 * SHEET_WIDTH / back->width;
    assert_int_equal(doc_render(doc, SHEETS - 1, dpi, NULL, arena, &picture, &err), ERR_OK);
    assert_int_equal(picture.width, SHEET_WIDTH);
    for (uint32_t x = 0; x < SHEET_WIDTH; x++) { /* the source's own, of its last sheet */
        int wanted = tiff.data[8 + (SHEETS - 1) * (SHEET_BYTES + 102) + x];
        assert_true(abs(picture.pixels[x] - wanted) <= 1);
    }
    doc_close(&doc);
    close(fd);
    buf_fini(&tiff);
    buf_fini(&out[0]);
    buf_fini(&out[1]);
}

static void
errors_end_the_writing(void **state)
{
    struct page *page = page_new(arena, 99, 200, 300);
    struct buf pdf, out;

    (void)state;
    buf_init(&pdf, MiB(1));
    buf_init(&out, 10);
    sample_page(&pdf, "", "", NULL, 0);
    assert_int_equal(write_searchable(&pdf, page, &out), ERR_PROTOCOL);
    assert_int_equal(write_searchable(&pdf, NULL, &out), ERR_OUTPUT);
    buf_fini(&pdf);
    buf_fini(&out);
}

static void
the_same_pages_give_the_same_bytes(void **state)
{
    static const char id[] = "/ID [<0123456789abcdef> <0123456789abcdef>] ";
    struct page *page = page_new(arena, 0, 200, 300);
    struct buf plain, pdf, out[2];

    (void)state;
    buf_init(&plain, MiB(1));
    buf_init(&pdf, MiB(1));
    sample_page(&plain, "BT /F1 12 Tf 20 200 Td (Layer) Tj ET", "", NULL, 0);
    size_t trailer =
        (size_t)((const uint8_t *)memmem(plain.data, plain.len, "/Root", 5) - plain.data);
    buf_append(&pdf, plain.data, trailer);
    buf_append(&pdf, id, sizeof(id) - 1);
    buf_append(&pdf, plain.data + trailer, plain.len - trailer);
    buf_fini(&plain);
    add_word(page, (struct box){20, 150, 60, 164}, "Pixels", WITNESS_PIXELS);
    for (int i = 0; i < 2; i++) {
        buf_init(&out[i], MiB(1));
        assert_int_equal(write_searchable(&pdf, page, &out[i]), ERR_OK);
    }
    assert_non_null(memmem(out[0].data, out[0].len, "/ID", 3));
    assert_int_equal(out[0].len, out[1].len);
    assert_memory_equal(out[0].data, out[1].data, out[0].len);
    buf_fini(&pdf);
    buf_fini(&out[0]);
    buf_fini(&out[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_picture_becomes_a_page_with_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bent_pages_keep_their_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(turned_and_rotated_pages_keep_their_places, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(words_of_the_layer_are_not_doubled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pictures_are_written_while_others_are_made, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(errors_end_the_writing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_pages_give_the_same_bytes, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
