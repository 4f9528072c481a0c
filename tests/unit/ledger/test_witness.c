/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena, *scratch;
static struct page *page, *seen;
static uint8_t fonts[1000];
static bool doubted[WITNESS_FONTS_MAX], swapped[WITNESS_FONTS_MAX];

static const char *const lines[] = {
    "the harbour of norrvik keeps two clocks",   "one shows the hour and the other the water",
    "the fishermen trust the second one more",   "it was built by a watchmaker from the town",
    "each letter came from another lighthouse",  "and from the table he cut the wheels",
    "the queen jumps over every lazy brown fox", "zebras and quails mix vodka with fizzy jam",
};

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(64));
    scratch = arena_new(MiB(64));
    page = page_new(arena, 0, 600, 800);
    seen = page_new(arena, 0, 600, 800);
    memset(fonts, 0, sizeof(fonts));
    memset(doubted, 0, sizeof(doubted));
    memset(swapped, 0, sizeof(swapped));
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    arena_drop(&scratch);
    return 0;
}

/* A line of letters 6 pt wide at y; each character moved by offset, spaces too if spaces is set. */
static void
put(struct page *to, const char *text, float y, int offset, bool spaces)
{
    struct page_line *line = page_add_line(to);
    float x = 50;

    line->first_word = to->word_count;
    for (const char *at = text; *at != '\0';) {
        size_t len = spaces ? strlen(at) : strcspn(at, " ");
        struct page_word *word = page_add_word(to);
        char *copy = arena_strndup(arena, at, len);
        for (size_t i = 0; i < len; i++)
            copy[i] = (char)(copy[i] + offset);
        word->text = copy;
        word->box = (struct box){x, y, x + 6 * (float)len, y + 10};
        word->confidence = 0.9F;
        word->witness = to == seen ? WITNESS_PIXELS : WITNESS_LAYER;
        line->box = line->word_count == 0 ? word->box : box_union(line->box, word->box);
        line->word_count++;
        at += len;
        x += 6 * (float)len;
        if (*at == ' ') {
            at++;
            x += 6;
        }
    }
}

static void
put_all(struct page *to, int offset, bool spaces)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        put(to, lines[i], 100 + 20 * (float)i, offset, spaces);
}

static void
settle(void)
{
    const struct witness_case c = {.page = page,
                                   .seen = seen,
                                   .fonts = fonts,
                                   .doubted = doubted,
                                   .swapped = swapped,
                                   .scratch = scratch};
    struct err err;

    assert_int_equal(witness_settle(&c, &err), ERR_OK);
}

/* Lines of the page are the true ones; how many of its words have that witness. */
static uint32_t
check_lines(enum word_witness witness)
{
    uint32_t n = 0;

    assert_int_equal(page->line_count, ARRAY_LEN(lines));
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_string_equal(page_line_text(arena, page, &page->lines[i]), lines[i]);
    for (uint32_t i = 0; i < page->word_count; i++)
        n += page->words[i].witness == witness;
    return n;
}

static void
a_shifted_font_is_mended(void **state)
{
    (void)state;
    put_all(page, 1, false);
    put_all(seen, 0, false);
    doubted[0] = true;
    settle();
    assert_int_equal(check_lines(WITNESS_BOTH), page->word_count);
    assert_int_equal(page->hidden_count, 0);
}

static void
spaces_hidden_in_it_come_back(void **state)
{
    (void)state;
    put_all(page, 3, true);
    put_all(seen, 0, false);
    doubted[0] = true;
    settle();
    assert_int_equal(check_lines(WITNESS_BOTH), page->word_count);
}

static void
a_mended_font_corrects_what_was_misread(void **state)
{
    (void)state;
    put_all(page, 1, false);
    put_all(seen, 0, false);
    seen->words[1].text = "harb0ur";
    doubted[0] = true;
    settle();
    assert_string_equal(page->words[1].text, "harbour");
    assert_int_equal(page->words[1].witness, WITNESS_CONFLICT);
    assert_string_equal(page->alts[page->words[1].first_alt].text, "harb0ur");
}

static void
a_font_of_nonsense_is_rejected(void **state)
{
    (void)state;
    static const char *const soup[] = {"qq", "zzz", "qzq", "xx"};
    put_all(page, 0, false);
    put_all(seen, 0, false);
    for (uint32_t i = 0; i < page->word_count; i++)
        page->words[i].text = soup[i * 7 % ARRAY_LEN(soup)];
    doubted[0] = true;
    settle();
    assert_int_equal(check_lines(WITNESS_CONFLICT), page->word_count);
    assert_int_equal(page->hidden_count, ARRAY_LEN(lines));
    assert_int_equal(page->hiddens[0].kind, HIDDEN_REJECTED);
}

static void
fonts_that_nobody_doubts_stay(void **state)
{
    (void)state;
    put_all(page, 0, false);
    put(page, "Khoor", 300, 0, false);
    put(seen, "Hello", 300, 0, false);
    fonts[page->word_count - 1] = 1;
    doubted[1] = true;
    settle();
    assert_string_equal(page->words[0].text, "the");
    assert_int_equal(page->words[0].witness, WITNESS_LAYER);
    assert_string_equal(page->words[page->word_count - 1].text, "Hello");
    assert_int_equal(page->line_count, ARRAY_LEN(lines) + 1);
}

/* The glyphs said to be b and d are drawn as d and b: only those change, though the pixels were
 * misread elsewhere. */
static void
what_glyphs_tell_is_mended_and_nothing_else(void **state)
{
    static const struct witness_swap swaps[] = {{'b', 'd', 0}, {'d', 'b', 0}};
    struct err err;

    (void)state;
    put_all(page, 0, false);
    put_all(seen, 0, false);
    for (uint32_t i = 0; i < page->word_count; i++)
        for (char *c = (char *)page->words[i].text; *c != '\0'; c++)
            *c = *c == 'b' ? 'd' : *c == 'd' ? 'b' : *c;
    for (uint32_t i = 0; i < seen->word_count; i++)
        for (char *c = (char *)seen->words[i].text; *c != '\0'; c++)
            *c = *c == 'k' ? 'h' : *c;
    doubted[0] = swapped[0] = true;
    const struct witness_case c = {.page = page,
                                   .seen = seen,
                                   .fonts = fonts,
                                   .doubted = doubted,
                                   .swapped = swapped,
                                   .swaps = swaps,
                                   .swap_count = ARRAY_LEN(swaps),
                                   .scratch = scratch};
    assert_int_equal(witness_settle(&c, &err), ERR_OK);
    assert_true(check_lines(WITNESS_BOTH) > 0);
}

static void
what_was_seen_nowhere_is_kept_with_little_confidence(void **state)
{
    (void)state;
    put_all(page, 0, false);
    doubted[0] = true;
    settle();
    assert_int_equal(check_lines(WITNESS_LAYER), page->word_count);
    assert_true(page->words[0].confidence < 0.5F);
}

/* Every word but those with an x. */
static bool
knows(void *ctx, const char *word)
{
    (void)ctx;
    return strchr(word, 'x') == NULL;
}

static void
an_invisible_layer_helps_where_reading_was_unsure(void **state)
{
    (void)state;
    struct err err;

    put_all(page, 0, false);
    put_all(seen, 0, false);
    seen->words[1].text = "harb0ur";
    seen->words[1].confidence = 0.2F;
    seen->words[2].text = "0f";
    const char *third = seen->words[3].text;
    seen->words[3].text = "xx";
    seen->words[3].confidence = 0.7F;
    const struct witness_lexicon lexicon = {knows, NULL};
    assert_int_equal(witness_merge(page, seen, true, &lexicon, &err), ERR_OK);
    assert_string_equal(page->words[1].text, "harbour");
    assert_int_equal(page->words[1].witness, WITNESS_CONFLICT);
    assert_string_equal(page->words[2].text, "0f");
    assert_string_equal(page->words[3].text, third); /* known, and what was read is not */
    assert_int_equal(page->words[0].witness, WITNESS_BOTH);
    assert_true(page->words[0].confidence > 0.9F);
}

static void
alike_is_one_for_the_same_and_little_for_others(void **state)
{
    (void)state;
    struct err err;
    float alike;

    put_all(page, 0, false);
    put_all(seen, 0, false);
    assert_int_equal(witness_alike(page, seen, scratch, &alike, &err), ERR_OK);
    assert_true(alike > 0.999F);
    for (uint32_t i = 0; i < seen->word_count; i++)
        seen->words[i].text = "xyz";
    assert_int_equal(witness_alike(page, seen, scratch, &alike, &err), ERR_OK);
    assert_true(alike < 0.3F);
    seen->word_count = seen->line_count = 0;
    assert_int_equal(witness_alike(page, seen, scratch, &alike, &err), ERR_OK);
    assert_true(alike == -1);
}

/* A stamp on a scan: drawn, so it is what was misread at its place, and what was not read at all.
 */
static void
what_is_drawn_over_a_scan_is_taken(void **state)
{
    (void)state;
    struct err err;
    bool shown[16] = {false}, any = false;

    put(page, "Received in May", 20, 0, false);
    for (uint32_t i = 0; i < page->word_count; i++)
        shown[i] = true;
    put(page, "nobody sees this", 300, 0, false);
    put(seen, "Reoeived in Nay", 20, 0, false);
    put(seen, "the text itself", 100, 0, false);
    assert_int_equal(witness_take_shown(page, shown, seen, &any, &err), ERR_OK);
    assert_true(any);
    assert_int_equal(page->line_count, 1);
    assert_int_equal(seen->line_count, 2);
    assert_string_equal(page_line_text(arena, seen, &seen->lines[0]), "the text itself");
    assert_string_equal(page_line_text(arena, seen, &seen->lines[1]), "Received in May");
    assert_int_equal(witness_merge(page, seen, false, NULL, &err), ERR_OK);
    assert_int_equal(page->line_count, 2);
    assert_int_equal(page->words[3].witness, WITNESS_LAYER);
    assert_int_equal(page->hidden_count, 1);
    assert_string_equal(page->hiddens[0].text, "nobody sees this");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_shifted_font_is_mended),
        CASE(spaces_hidden_in_it_come_back),
        CASE(a_mended_font_corrects_what_was_misread),
        CASE(a_font_of_nonsense_is_rejected),
        CASE(fonts_that_nobody_doubts_stay),
        CASE(what_glyphs_tell_is_mended_and_nothing_else),
        CASE(what_was_seen_nowhere_is_kept_with_little_confidence),
        CASE(an_invisible_layer_helps_where_reading_was_unsure),
        CASE(what_is_drawn_over_a_scan_is_taken),
        CASE(alike_is_one_for_the_same_and_little_for_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
