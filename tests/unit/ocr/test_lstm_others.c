/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Other readings of a stretch, on outputs of the network whose probabilities are known. */
#include "lstm_made.h"
#include "ocr/lstm_others.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS = 600 };

static float probs[STEPS][MADE_CODES];
static uint32_t steps;

/* A step with up to three codes; the null has the rest. */
static void
step(uint32_t a, float pa, uint32_t b, float pb, uint32_t c, float pc)
{
    float *at = probs[steps++];

    memset(at, 0, MADE_CODES * sizeof(*at));
    at[CODE_NULL] = 1 - pa - pb - pc;
    at[a] += pa;
    at[b] += pb;
    at[c] += pc;
}

static void
nothing(void)
{
    step(CODE_A, 0, CODE_A, 0, CODE_A, 0);
}

struct found {
    struct lstm_other *others;
    uint32_t count;
};

static struct found
find(const char *text)
{
    struct lstm_output output = {probs[0], steps, MADE_CODES};
    struct found found = {0};

    assert_true(
        lstm_others_find(arena, model, &output, 0, steps, text, &found.others, &found.count));
    return found;
}

static void
check(struct found found, uint32_t at, const char *text, double share)
{
    assert_true(at < found.count);
    assert_string_equal(found.others[at].text, text);
    assert_true(fabs((double)found.others[at].share - share) < 1e-4);
}

static void
the_likeliest_come_first(void **state)
{
    (void)state;
    steps = 0;
    step(CODE_A, 0.6F, CODE_B, 0.3F, CODE_A, 0);
    nothing();
    step(CODE_T, 0.9F, CODE_B, 0.1F, CODE_A, 0);
    struct found found = find("at"); /* 0.54; t alone 0.1 x 0.9 */
    assert_int_equal(found.count, LSTM_OTHERS_MAX);
    check(found, 0, "bt", 0.27 / 0.54);
    check(found, 1, "t", 0.09 / 0.54);
    check(found, 2, "ab", 0.06 / 0.54);
    check(found, 3, "bb", 0.03 / 0.54);
}

/* "a" is aa, a- and -a: one reading with all their probability; nothing at all is none. */
static void
ways_to_spell_the_same_are_one_reading(void **state)
{
    (void)state;
    steps = 0;
    step(CODE_A, 0.4F, CODE_B, 0.2F, CODE_A, 0);
    step(CODE_A, 0.4F, CODE_B, 0.2F, CODE_A, 0);
    struct found found = find("a"); /* 0.16 + 0.16 + 0.16 */
    assert_int_equal(found.count, 3);
    check(found, 0, "b", 0.2 / 0.48); /* 0.04 + 0.08 + 0.08 */
    assert_true(fabs((double)found.others[1].share - 0.08 / 0.48) < 1e-4);
    assert_true(fabs((double)found.others[2].share - 0.08 / 0.48) < 1e-4);
    assert_string_not_equal(found.others[1].text, found.others[2].text);
}

/* The same letter twice needs a null between. */
static void
a_letter_doubles_behind_a_null_only(void **state)
{
    (void)state;
    steps = 0;
    step(CODE_A, 1, CODE_A, 0, CODE_A, 0);
    step(CODE_A, 1, CODE_A, 0, CODE_A, 0);
    assert_int_equal(find("a").count, 0);
    steps = 0;
    step(CODE_A, 1, CODE_A, 0, CODE_A, 0);
    step(CODE_A, 0.75F, CODE_A, 0, CODE_A, 0);
    step(CODE_A, 1, CODE_A, 0, CODE_A, 0);
    struct found found = find("a");
    assert_int_equal(found.count, 1);
    check(found, 0, "aa", 0.25 / 0.75);
}

static void
a_character_of_two_codes_is_whole_or_not_there(void **state)
{
    (void)state;
    steps = 0;
    step(CODE_A, 1, CODE_A, 0, CODE_A, 0);
    step(CODE_H, 0.8F, CODE_B, 0.2F, CODE_A, 0);
    struct found found = find("ch");
    assert_int_equal(found.count, 1);
    check(found, 0, "ab", 0.25);
}

static void
a_reading_is_one_word(void **state)
{
    (void)state;
    steps = 0;
    step(CODE_A, 1, CODE_A, 0, CODE_A, 0);
    step(CODE_SPACE, 0.6F, CODE_A, 0, CODE_A, 0);
    step(CODE_T, 0.9F, CODE_B, 0.1F, CODE_A, 0);
    struct found found = find("at");
    for (uint32_t i = 0; i < found.count; i++)
        assert_null(strchr(found.others[i].text, ' '));
    check(found, 0, "ab", 1.0 / 9);
}

/* The word lists took something else than the network liked best. */
static void
what_was_likelier_than_what_was_taken_comes_first(void **state)
{
    (void)state;
    steps = 0;
    step(CODE_A, 0.2F, CODE_B, 0.8F, CODE_A, 0);
    struct found found = find("a");
    assert_int_equal(found.count, 1);
    check(found, 0, "b", 4);
    /* It is not among the likeliest at all: no more likely than any of them. */
    check(find("t"), 0, "b", 4);
}

static void
what_is_hardly_possible_is_no_reading(void **state)
{
    (void)state;
    steps = 0;
    step(CODE_A, 0.9975F, CODE_B, 0.0025F, CODE_A, 0);
    assert_int_equal(find("a").count, 0);
    steps = 0;
    assert_int_equal(find("a").count, 0);
}

static void
work_and_memory_are_bounded(void **state)
{
    struct lstm_output output = {probs[0], STEPS, MADE_CODES};
    struct lstm_other *others;
    uint32_t count;
    bool enough = false;

    (void)state;
    steps = 0;
    while (steps < STEPS)
        step(CODE_A, 0.3F, CODE_B, 0.3F, CODE_T, 0.3F);
    assert_true(lstm_others_find(arena, model, &output, 0, STEPS, "a", &others, &count));
    assert_int_equal(count, 0); /* too long a word */
    assert_true(
        lstm_others_find(arena, model, &output, 0, LSTM_OTHERS_STEPS_MAX, "a", &others, &count));
    assert_true(count > 0 && count <= LSTM_OTHERS_MAX);
    for (size_t limit = 200; !enough; limit += 997) {
        struct arena *small = arena_new(limit);
        enough = lstm_others_find(small, model, &output, 0, 30, "a", &others, &count);
        arena_drop(&small);
        assert_true(limit < KiB(256));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_likeliest_come_first),
        cmocka_unit_test(ways_to_spell_the_same_are_one_reading),
        cmocka_unit_test(a_letter_doubles_behind_a_null_only),
        cmocka_unit_test(a_character_of_two_codes_is_whole_or_not_there),
        cmocka_unit_test(a_reading_is_one_word),
        cmocka_unit_test(what_was_likelier_than_what_was_taken_comes_first),
        cmocka_unit_test(what_is_hardly_possible_is_no_reading),
        cmocka_unit_test(work_and_memory_are_bounded),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
