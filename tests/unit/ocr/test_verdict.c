/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Which reading of a doubtful word is taken. The made model knows "at", "bat" and "tab". */
#include "lstm_maker.h"
#include "ocr/verdict.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static struct languages *languages;
static struct arena *arena;
static struct page *page;

static bool
put_model(const char *name)
{
    char path[128];
    struct buf bytes;

    (void)snprintf(path, sizeof(path), "%s/%s.traineddata", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    buf_init(&bytes, MiB(1));
    made_model(&bytes);
    bool whole = fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len;
    buf_fini(&bytes);
    return close(fd) == 0 && whole;
}

static int
set_up(void **state)
{
    struct err err;

    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/test_verdict.XXXXXX");
    if (mkdtemp(folder) == NULL || !put_model("eng") || !put_model("rus") ||
        languages_open(folder, "auto", &languages, &err) != ERR_OK)
        return -1;
    arena = arena_new(MiB(16));
    page = page_new(arena, 0, 600, 800);
    return page == NULL;
}

static int
tear_down(void **state)
{
    static const char *const names[] = {"eng", "rus"};
    char path[128];

    (void)state;
    arena_drop(&arena);
    languages_close(&languages);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s.traineddata", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

/* A line of one word, six points a letter. */
static struct page_word *
say(const char *text, float confidence)
{
    struct page_word *word = page_add_word(page);
    struct page_line *line = page_add_line(page);

    assert_non_null(word);
    assert_non_null(line);
    word->text = text;
    word->confidence = confidence;
    word->box = (struct box){50, 10.0F * (float)page->line_count, 50 + 6.0F * (float)strlen(text),
                             10.0F * (float)page->line_count + 8};
    word->first_alt = page->alt_count;
    line->box = word->box;
    line->first_word = page->word_count - 1;
    line->word_count = 1;
    return word;
}

/* Of the newest word. */
static void
or_else(const char *text, float confidence)
{
    struct page_alt *alt = page_add_alt(page);

    assert_non_null(alt);
    *alt = (struct page_alt){text, confidence, ALT_BEAM};
    page->words[page->word_count - 1].alt_count++;
}

static void
settle(void)
{
    struct err err = {0};

    assert_int_equal(verdict_settle(languages, 0, page, &err), ERR_OK);
}

static void
what_is_surely_read_elsewhere_helps(void **state)
{
    (void)state;
    (void)say("Nordwind", 0.97F);
    (void)say("nordwind,", 0.95F);
    const struct page_word *word = say("Nondwind", 0.5F);
    or_else("Nordwind", 0.3F);
    uint32_t first = word->first_alt;
    settle();
    assert_string_equal(page->words[2].text, "Nordwind");
    assert_true(page->words[2].confidence == 0.3F);
    assert_int_equal(page->words[2].alt_count, 1);
    assert_string_equal(page->alts[first].text, "Nondwind");
    assert_true(page->alts[first].confidence == 0.5F);
}

static void
a_word_of_the_lists_helps(void **state)
{
    (void)state;
    (void)say("bal", 0.5F);
    or_else("bat", 0.45F);
    settle();
    assert_string_equal(page->words[0].text, "bat");
}

static void
an_amount_like_the_others_helps(void **state)
{
    (void)state;
    (void)say("12.50", 0.97F);
    (void)say("37.90", 0.96F);
    (void)say("1O.00", 0.6F);
    or_else("10.00", 0.5F);
    settle();
    assert_string_equal(page->words[2].text, "10.00");
}

static void
what_is_no_better_stays(void **state)
{
    (void)state;
    (void)say("17.50", 0.8F);
    or_else("11.50", 0.4F);
    (void)say("bat", 0.8F);
    or_else("tab", 0.3F);
    (void)say("Qwert", 0.7F); /* no list has either */
    or_else("Qwart", 0.6F);
    (void)say("", 0.5F);
    settle();
    assert_string_equal(page->words[0].text, "17.50");
    assert_string_equal(page->words[1].text, "bat");
    assert_string_equal(page->words[2].text, "Qwert");
}

/* What the page had before is not looked at. */
static void
lines_before_the_first_stay(void **state)
{
    struct err err = {0};

    (void)state;
    (void)say("bal", 0.5F);
    or_else("bat", 0.45F);
    (void)say("ba1", 0.5F);
    or_else("bat", 0.45F);
    assert_int_equal(verdict_settle(languages, 1, page, &err), ERR_OK);
    assert_string_equal(page->words[0].text, "bal");
    assert_string_equal(page->words[1].text, "bat");
}

/* Nobody fitted the weights for it. */
static void
another_script_stays_as_it_was_searched(void **state)
{
    (void)state;
    page->language = "rus";
    (void)say("bal", 0.5F);
    or_else("bat", 0.45F);
    settle();
    assert_string_equal(page->words[0].text, "bal");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_surely_read_elsewhere_helps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_word_of_the_lists_helps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_amount_like_the_others_helps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_better_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_before_the_first_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_script_stays_as_it_was_searched, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
