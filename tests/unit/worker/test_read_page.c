/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which witness is believed, over the script documents of tests/fake/fake_doc.c. */
#include "worker/worker_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena *arena, *pixels;
static struct again *again; /* words and codes of pictures lie in it */
static struct page *page;
static struct err err;

static bool without_models;

/* Of tests/fake/fake_ocr.c. */
extern unsigned fake_ocr_reads;

/* Reads the first pages of the script; the words of the last one joined by spaces. */
static enum err_code
read_pages(const char *script, uint32_t pages, uint64_t pixels_max, const char **ret_text)
{
    static struct buf text;
    struct doc_limits limits = {.pages_max = 10, .pixels_max = pixels_max};
    struct page_reader reader = {.pixels_max = pixels_max};
    struct ocr_config config = {0};
    int fd = memfd_create("script", 0);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, script, strlen(script)), (ssize_t)strlen(script));
    assert_int_equal(doc_open(fd, &limits, &reader.doc, &err), ERR_OK);
    if (!without_models)
        assert_int_equal(ocr_open(&config, &reader.ocr, &err), ERR_OK);
    again_drop(&again);
    arena_drop(&arena);
    arena_drop(&pixels);
    arena = arena_new(MiB(8));
    pixels = reader.pixels = arena_new(MiB(64));
    enum err_code rc = ERR_OK;
    for (uint32_t i = 0; rc == ERR_OK && i < pages; i++) {
        arena_reset(arena);
        rc = read_page(&reader, i, arena, &page, &err);
    }
    buf_fini(&text);
    buf_init(&text, 100000);
    for (uint32_t i = 0; rc == ERR_OK && i < page->word_count; i++)
        buf_printf(&text, "%s%s", i > 0 ? " " : "", page->words[i].text);
    *ret_text = buf_text(&text);
    again = reader.again;
    doc_close(&reader.doc);
    ocr_close(&reader.ocr);
    close(fd);
    return rc;
}

static enum err_code
read_script(const char *script, uint64_t pixels_max, const char **ret_text)
{
    return read_pages(script, 1, pixels_max, ret_text);
}

static const char *
words_of(const char *script)
{
    const char *text;

    if (read_script(script, 40000000, &text) != ERR_OK)
        fail_msg("%s", err.msg);
    return text;
}

static void
a_sound_layer_needs_no_pixels(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 layer Hello world\n"), "Hello world");
    assert_true(page->from_layer);
    assert_false(page->from_pixels);
    assert_true(page->dpi == 0);
    assert_int_equal(arena_used(pixels), 0);
}

static void
codes_are_found_in_pictures_and_scans(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 layer Pay here\n0 tiny code:4711\n"), "Pay here");
    assert_int_equal(page->code_count, 1);
    assert_string_equal(page->codes[0].text, "4711");
    assert_false(page->from_pixels);
    (void)words_of("FAKE 1\n0 scan code:0815\n");
    assert_int_equal(page->code_count, 1);
    assert_string_equal(page->codes[0].text, "0815");
    (void)words_of("FAKE 1\n0 doubt code:12\n0 scan code:12\n");
    assert_int_equal(page->code_count, 1);
}

static void
without_a_layer_the_page_is_read_from_pixels(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 scan Some scanned text\n"), "Some scanned text");
    assert_false(page->from_layer);
    assert_true(page->from_pixels);
    assert_true(page->dpi == 300);
    assert_int_equal(page->words[0].witness, WITNESS_PIXELS);
}

static void
a_blank_page_has_no_words(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n"), "");
    assert_false(page->from_pixels);
    assert_int_equal(page->line_count, 0);
}

static void
a_picture_beside_a_layer_is_read_too(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 layer Hello\n0 picture in the picture\n"),
                        "Hello in the picture");
    assert_true(page->from_layer);
    assert_true(page->from_pixels);
    assert_int_equal(page->line_count, 2);
    assert_int_equal(page->lines[1].first_word, 1);
    assert_int_equal(page->lines[1].word_count, 3);
    assert_true(page->words[1].box.x0 >= 100 && page->words[1].box.y0 >= 300);
}

static void
a_picture_that_pages_share_is_read_once(void **state)
{
    (void)state;
    static const char script[] = "FAKE 3\n0 layer One\n0 picture letter head\n1 layer Two\n"
                                 "1 picture letter head\n2 layer Three\n2 picture other head\n";
    static const char *const texts[] = {"One letter head", "Two letter head", "Three other head"};
    static const unsigned reads[] = {1, 1, 2};

    for (uint32_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *text;
        fake_ocr_reads = 0;
        assert_int_equal(read_pages(script, i + 1, 40000000, &text), ERR_OK);
        assert_string_equal(text, texts[i]);
        assert_int_equal(fake_ocr_reads, reads[i]);
        assert_true(page->from_pixels && page->dpi > 0);
    }
}

static void
photographs_icons_and_bad_guesses_are_not_read(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 layer Hello\n0 photo sea\n"), "Hello");
    assert_string_equal(words_of("FAKE 1\n0 layer Hello\n0 tiny logo\n"), "Hello");
    assert_string_equal(words_of("FAKE 1\n0 layer Hello\n0 picture ?gu ?ess\n"), "Hello");
    assert_false(page->from_pixels);
}

/* A scan with a page number stamped on it in text: the number stays, the scan is read, what the
 * layer has is not had twice. The fake's layer and pixels put the first word at the same place. */
static void
a_scan_under_few_words_is_read_without_doubling(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 layer Page\n0 scan Page of a scan\n"),
                        "Page of a scan");
    assert_true(page->dpi == 300);
}

static void
a_doubtful_layer_loses_to_clear_pixels(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 doubt Qzxkw\n0 scan Hello there\n"), "Hello there");
    assert_false(page->from_layer);
    assert_int_equal(page->words[0].witness, WITNESS_PIXELS);
    assert_int_equal(page->hidden_count, 1);
    assert_string_equal(page->hiddens[0].text, "Qzxkw");
    assert_int_equal(page->hiddens[0].kind, HIDDEN_REJECTED);
    assert_string_equal(words_of("FAKE 1\n0 doubt ?ello\n0 scan ?qzxy ?here\n"), "?ello");
    assert_true(page->from_layer);
    assert_true(page->words[0].confidence >= 0.5F);
}

static void
where_they_differ_the_other_reading_is_kept(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 doubt Hcllo\n0 scan Hello there\n"), "Hello there");
    assert_true(page->from_layer);
    assert_int_equal(page->words[0].witness, WITNESS_CONFLICT);
    assert_int_equal(page->words[0].alt_count, 1);
    assert_string_equal(page->alts[page->words[0].first_alt].text, "Hcllo");
}

static void
a_garbled_font_gives_way_to_what_is_seen(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 garbled Khoor Zruog\n0 scan Hello World\n"),
                        "Hello World");
    assert_int_equal(page->words[0].witness, WITNESS_CONFLICT);
    assert_int_equal(page->hidden_count, 1);
    assert_string_equal(page->hiddens[0].text, "Khoor Zruog");
}

static void
a_font_that_was_doubted_wrongly_is_kept(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 garbled Hello Wprld\n0 scan Hello World\n"),
                        "Hello Wprld");
    assert_int_equal(page->words[0].witness, WITNESS_BOTH);
    assert_int_equal(page->words[1].witness, WITNESS_CONFLICT);
    assert_string_equal(page->alts[page->words[1].first_alt].text, "World");
    assert_int_equal(page->hidden_count, 0);
}

static void
two_witnesses_are_better_than_one(void **state)
{
    (void)state;
    assert_string_equal(words_of("FAKE 1\n0 doubt Hello\n0 scan Hello there\n"), "Hello there");
    assert_int_equal(page->words[0].witness, WITNESS_BOTH);
    assert_true(page->words[0].confidence > page->words[1].confidence);
}

static void
a_large_page_is_read_at_a_lower_resolution_or_refused(void **state)
{
    (void)state;
    const char *text;

    assert_int_equal(read_script("FAKE 1\n0 scan Small\n", 2000000, &text), ERR_OK);
    assert_string_equal(text, "Small");
    assert_true(page->dpi < 150 && page->dpi > 130);
    assert_int_equal(read_script("FAKE 1\n0 scan Small\n", 100000, &text), ERR_PIXELS);
    assert_int_equal(read_script("FAKE 1\n0 huge\n", 2000000, &text), ERR_PIXELS);
}

/* Looks at pictures and bar codes are extras: where they cannot be had, the layer is still there.
 */
static void
a_picture_too_large_to_look_at_does_not_cost_the_layer(void **state)
{
    (void)state;
    const char *text;

    assert_int_equal(read_script("FAKE 1\n0 layer Pay here\n0 tiny code:4711\n", 300, &text),
                     ERR_OK);
    assert_string_equal(text, "Pay here");
    assert_int_equal(page->code_count, 0);
    assert_int_equal(read_script("FAKE 1\n0 layer Drawing\n0 scan Large\n", 20000, &text), ERR_OK);
    assert_string_equal(text, "Drawing");
}

static void
an_error_of_the_document_comes_through(void **state)
{
    (void)state;
    const char *text;

    assert_int_equal(read_script("FAKE 1\n0 bad\n", 40000000, &text), ERR_FORMAT);
    assert_string_equal(err.msg, "page 1 cannot be interpreted");
}

static void
without_models_a_page_is_read_or_left_alone(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        enum err_code code;
    } rows[] = {
        {"FAKE 1\n0 layer Hello world\n", ERR_OK},
        {"FAKE 1\n0 layer Pay here\n0 tiny code:4711\n", ERR_OK},
        {"FAKE 1\n", ERR_OK},
        {"FAKE 1\n0 scan Some scanned text\n", ERR_UNAVAILABLE},
        {"FAKE 1\n0 layer Hello\n0 picture in the picture\n", ERR_UNAVAILABLE},
        {"FAKE 1\n0 doubt garbled\n0 scan legible\n", ERR_UNAVAILABLE},
    };
    const char *text;

    without_models = true;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(read_script(rows[i].script, 40000000, &text), rows[i].code);
    without_models = false;
}

static int
drop_arenas(void **state)
{
    (void)state;
    again_drop(&again);
    arena_drop(&arena);
    arena_drop(&pixels);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_layer_needs_no_pixels),
        cmocka_unit_test(codes_are_found_in_pictures_and_scans),
        cmocka_unit_test(without_a_layer_the_page_is_read_from_pixels),
        cmocka_unit_test(a_blank_page_has_no_words),
        cmocka_unit_test(a_picture_beside_a_layer_is_read_too),
        cmocka_unit_test(a_picture_that_pages_share_is_read_once),
        cmocka_unit_test(photographs_icons_and_bad_guesses_are_not_read),
        cmocka_unit_test(a_scan_under_few_words_is_read_without_doubling),
        cmocka_unit_test(a_doubtful_layer_loses_to_clear_pixels),
        cmocka_unit_test(where_they_differ_the_other_reading_is_kept),
        cmocka_unit_test(a_garbled_font_gives_way_to_what_is_seen),
        cmocka_unit_test(a_font_that_was_doubted_wrongly_is_kept),
        cmocka_unit_test(two_witnesses_are_better_than_one),
        cmocka_unit_test(a_large_page_is_read_at_a_lower_resolution_or_refused),
        cmocka_unit_test(a_picture_too_large_to_look_at_does_not_cost_the_layer),
        cmocka_unit_test(an_error_of_the_document_comes_through),
        cmocka_unit_test(without_models_a_page_is_read_or_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, drop_arenas);
}
