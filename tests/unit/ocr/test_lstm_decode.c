/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The search and the making of words, on outputs of the network written by hand. */
#include "lstm_made.h"
#include "ocr/lstm_internal.h"

enum { MAX_STEPS = 64 };

struct script {
    float probs[MAX_STEPS * MADE_CODES];
    uint32_t steps;
};

/* One step: code with probability p, other with most of the rest. */
static void
add(struct script *s, uint32_t code, float p, uint32_t other)
{
    float *probs = s->probs + s->steps++ * MADE_CODES;

    for (uint32_t i = 0; i < MADE_CODES; i++)
        probs[i] = 1e-6f;
    probs[other] = 1 - p;
    probs[code] = p;
}

/* A code for each letter of spec: "-" null, "_" space, "h" the second code of ch. */
static void
add_all(struct script *s, const char *spec)
{
    static const char names[] = "_abt1.-h"; /* in the order of the codes */

    for (; *spec != '\0'; spec++)
        add(s, (uint32_t)(strchr(names, *spec) - names), 0.99f, CODE_NULL);
}

static struct lstm_line
decode(const struct script *s)
{
    struct lstm_output output = {(float *)(uintptr_t)s->probs, s->steps, MADE_CODES};
    struct lstm_path path;
    struct lstm_line line = {0};
    struct err err;

    arena_reset(arena);
    assert_int_equal(lstm_decode(arena, model, &output, &path, &err), ERR_OK);
    assert_int_equal(lstm_words_build(arena, model, &output, &path,
                                      (struct lstm_scale){100.0f, 2.0f}, &line, &err),
                     ERR_OK);
    return line;
}

static void
check_text(const char *spec, const char *expected)
{
    struct script s = {.steps = 0};
    struct lstm_line line;
    char text[200] = "";

    add_all(&s, spec);
    line = decode(&s);
    for (size_t i = 0; i < line.count; i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, line.words[i].text);
    }
    assert_string_equal(text, expected);
}

static void
test_folding(void **unused)
{
    (void)unused;
    check_text("-a--t-", "at");
    check_text("aaa-tttt", "at");
    check_text("a-a", "aa");
    check_text("-----", "");
    check_text("--a-b-_-t-", "ab t");
    check_text("-a-_--_-b-", "a b");
    check_text("1-1-.", "11.");
}

static void
test_two_codes(void **unused)
{
    (void)unused;
    check_text("-ah-", "ch");
    check_text("-a-h-t-", "cht");
    check_text("aahh", "ch");
    check_text("ah-a-t", "chat");
}

static void
test_positions(void **unused)
{
    struct script s = {.steps = 0};
    struct lstm_line line;

    (void)unused;
    add_all(&s, "--at---_---bat--");
    line = decode(&s);
    assert_int_equal(line.count, 2);
    assert_string_equal(line.words[0].text, "at");
    assert_string_equal(line.words[1].text, "bat");
    assert_true(line.words[0].x0 == 100.0f && line.words[1].x1 == 132.0f);
    assert_true(line.words[0].x1 > 106 && line.words[0].x1 <= 114);
    assert_true(line.words[1].x0 >= 114 && line.words[1].x0 < 124);
    assert_false(line.words[0].has_leading_space);
    assert_true(line.words[1].has_leading_space);
}

/* "tab" is a word, "taa" is not: a doubtful last letter is read as the word's. */
static void
test_dictionary(void **unused)
{
    struct script s = {.steps = 0};
    struct lstm_line line;

    (void)unused;
    add_all(&s, "-ta-");
    add(&s, CODE_A, 0.55f, CODE_B);
    add_all(&s, "-");
    line = decode(&s);
    assert_int_equal(line.count, 1);
    assert_string_equal(line.words[0].text, "tab");
    assert_true(line.words[0].is_known);

    s.steps = 0;
    add_all(&s, "-ta-");
    add(&s, CODE_A, 0.999f, CODE_B);
    add_all(&s, "-");
    line = decode(&s);
    assert_string_equal(line.words[0].text, "taa");
    assert_false(line.words[0].is_known);
}

static void
test_confidence(void **unused)
{
    struct script s = {.steps = 0};
    struct lstm_line sure, unsure;
    float confidence;

    (void)unused;
    add_all(&s, "-bat-");
    sure = decode(&s);
    confidence = sure.words[0].confidence;
    assert_true(confidence > 0.9f && confidence <= 1.0f);
    s.steps = 0;
    add_all(&s, "-b");
    add(&s, CODE_A, 0.6f, CODE_ONE);
    add_all(&s, "t-");
    unsure = decode(&s);
    assert_string_equal(unsure.words[0].text, "bat");
    assert_true(unsure.words[0].confidence < confidence);
    assert_true(unsure.words[0].confidence >= 0);
}

/* Probability that moves from null to a letter within two steps is one letter, and sure. */
static void
test_split_probability(void **unused)
{
    struct script s = {.steps = 0};
    struct lstm_line line;

    (void)unused;
    add_all(&s, "-");
    add(&s, CODE_A, 0.5f, CODE_NULL);
    add_all(&s, "a");
    add(&s, CODE_A, 0.5f, CODE_NULL);
    add_all(&s, "-t-");
    line = decode(&s);
    assert_int_equal(line.count, 1);
    assert_string_equal(line.words[0].text, "at");
    assert_true(line.words[0].confidence > 0.9f);
}

static void
test_memory_runs_out(void **unused)
{
    struct script s = {.steps = 0};
    bool enough = false;

    (void)unused;
    add_all(&s, "-bat-_-11.-_-tab-");
    for (size_t limit = 500; !enough; limit += 1500) {
        struct lstm_output output = {s.probs, s.steps, MADE_CODES};
        struct arena *small = arena_new(limit);
        struct lstm_path path;
        struct lstm_line line = {0};
        struct err err;
        enum err_code rc = lstm_decode(small, model, &output, &path, &err);

        if (rc == ERR_OK)
            rc = lstm_words_build(small, model, &output, &path, (struct lstm_scale){0, 1}, &line,
                                  &err);
        assert_true(rc == ERR_OK || rc == ERR_LIMIT);
        enough = rc == ERR_OK;
        arena_drop(&small);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folding),         cmocka_unit_test(test_two_codes),
        cmocka_unit_test(test_positions),       cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_confidence),      cmocka_unit_test(test_split_probability),
        cmocka_unit_test(test_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
