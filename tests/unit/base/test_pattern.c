/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
matches_as_ecma_262_has_it(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"a", "bab", true},
        {"^a*$", "aaaa", true},
        {"^a*$", "aab", false},
        {"^(?:ab|cd)+$", "abcdab", true},
        {"^(?:ab|cd|ef)$", "ef", true},
        {"^a{2,3}$", "a", false},
        {"^a{2,3}$", "aaa", true},
        {"^a{2,3}$", "aaaa", false},
        {"^a{2,}$", "aaaaa", true},
        {"^a{0}b$", "b", true},
        {"a{,2}", "a{,2}", true}, /* no counts: characters */
        {"^[A-Z]{2}\\d{6}$", "AB123456", true},
        {"^[^a-c]$", "b", false},
        {"^[\\w.-]+@[\\w-]+\\.\\w{2,}$", "a.b-c@example.com", true},
        {"^.$", "\xf0\x9f\x98\x80", true}, /* one character of four bytes */
        {"^.$", "\n", false},
        {"^\\u{1F600}$", "\xf0\x9f\x98\x80", true},
        {"^\\uD83D\\uDE00$", "\xf0\x9f\x98\x80", true},
        {"^\\p{Lu}\\p{Ll}+$", "\xc3\x84rger", true},
        {"^\\P{L}+$", "12-3", true},
        {"^[\\p{L}\\s]+$", "a \xd0\xb9", true},
        {"\\bcat\\b", "a cat sat", true},
        {"\\bcat\\b", "concat", false},
        {"\\Bcat", "concat", true},
        {"^\\s$", "\xe2\x80\x83", true}, /* em space */
        {"^[\\b]$", "\b", true},
        {"(a|b)*?c", "ababc", true},
        {"(?<name>x)y", "xy", true},
        {"^(a?){20}a{20}$", "aaaaaaaaaaaaaaaaaaaa", true},
        {"\\.", "x", false},
        {"^\\cJ$", "\n", true},
        {"^[]$", "x", false},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *arena = arena_new(MiB(1));
        struct pattern *p;
        if (pattern_compile(arena, cases[i].pattern, strlen(cases[i].pattern), &p, &err) != ERR_OK)
            fail_msg("%s: %s", cases[i].pattern, err.msg);
        if (pattern_matches(p, cases[i].text, strlen(cases[i].text)) != cases[i].matches)
            fail_msg("%s on %s", cases[i].pattern, cases[i].text);
        arena_drop(&arena);
    }
}

static void
refuses_what_is_not_linear_or_not_a_pattern(void **state)
{
    static const struct {
        const char *pattern;
        enum err_code code;
        const char *says;
    } cases[] = {
        {"(a)\\1", ERR_INPUT, "back references"},
        {"(?=a)", ERR_INPUT, "look-around"},
        {"(?<!a)b", ERR_INPUT, "look-around"},
        {"\\k<n>", ERR_INPUT, "named references"},
        {"(", ERR_INPUT, "( without )"},
        {")", ERR_INPUT, ") without ("},
        {"[a", ERR_INPUT, "[ without ]"},
        {"*a", ERR_INPUT, "nothing to repeat"},
        {"a{3,2}", ERR_INPUT, "wrong way round"},
        {"[z-a]", ERR_INPUT, "backwards"},
        {"\\", ERR_INPUT, "backslash"},
        {"\\p{Klingon}", ERR_INPUT, "unknown property"},
        {"\\q", ERR_INPUT, "unknown escape"},
        {"a{5000}", ERR_LIMIT, "4096 steps"},
        {"((a{100}){100}){100}", ERR_LIMIT, "4096"},
        {"(?:){100000}x{5000}", ERR_LIMIT, "4096"},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *arena = arena_new(MiB(1));
        struct pattern *p;
        assert_int_equal(
            pattern_compile(arena, cases[i].pattern, strlen(cases[i].pattern), &p, &err),
            cases[i].code);
        if (strstr(err.msg, cases[i].says) == NULL)
            fail_msg("%s: %s", cases[i].pattern, err.msg);
        arena_drop(&arena);
    }
}

/* Back-tracking would not end within the age of the universe. */
static void
takes_linear_time(void **state)
{
    static char text[20001];
    struct arena *arena = arena_new(MiB(1));
    struct pattern *p;
    struct err err;

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    assert_int_equal(pattern_compile(arena, "^(a+)+$|(a|aa)+b", 16, &p, &err), ERR_OK);
    assert_true(pattern_matches(p, text, sizeof(text) - 1));
    text[sizeof(text) - 2] = '!';
    assert_false(pattern_matches(p, text, sizeof(text) - 1));
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_as_ecma_262_has_it),
        cmocka_unit_test(refuses_what_is_not_linear_or_not_a_pattern),
        cmocka_unit_test(takes_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
