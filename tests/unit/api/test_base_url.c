/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Hosts that absolute URLs are made of. */
#include "api/base_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const good[] = {
    "localhost", "localhost:8080", "127.0.0.1:1", "ocr.example.org",   "OCR.example.org:65535",
    "[::1]",     "[::1]:8080",     "a_b",         "[2001:db8::1]:443",
};
static const char *const bad[] = {
    "",      "a b",  "a/b",  "a:0",    "a:65536",  "a:x", "a:",       "a:1:2",
    ":80",   "[::1", "[]",   "[::1]x", "[x]:1",    "a@b", "a?b",      "a#b",
    "a%20b", "a\\b", "a\"b", "<a>",    "\xc3\xa9", "a,b", "a:123456",
};

static void
test_hosts(void **state)
{
    struct err err;
    const char *url;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct arena *arena = arena_new(KiB(4));
        print_message("good: %s\n", good[i]);
        assert_int_equal(base_url_of(arena, NULL, span_of(good[i]), &url, &err), ERR_OK);
        assert_memory_equal(url, "http://", 7);
        assert_string_equal(url + 7, good[i]);
        arena_drop(&arena);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct arena *arena = arena_new(KiB(4));
        print_message("bad: %s\n", bad[i]);
        assert_int_equal(base_url_of(arena, NULL, span_of(bad[i]), &url, &err), ERR_SYNTAX);
        arena_drop(&arena);
    }
}

static void
test_public_url_wins(void **state)
{
    struct err err;
    const char *url;
    struct arena *arena = arena_new(KiB(4));

    (void)state;
    assert_int_equal(base_url_of(arena, "https://ocr.example.org", span_of("a b"), &url, &err),
                     ERR_OK);
    assert_string_equal(url, "https://ocr.example.org");
    arena_drop(&arena);
}

static void
test_check(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(base_url_check("https://ocr.example.org:8443", &err), ERR_OK);
    assert_int_equal(base_url_check("http://[::1]:80", &err), ERR_OK);
    assert_int_equal(base_url_check("https://ocr.example.org/ocr", &err), ERR_INPUT);
    assert_int_equal(base_url_check("ftp://ocr.example.org", &err), ERR_INPUT);
    assert_int_equal(base_url_check("ocr.example.org", &err), ERR_INPUT);
    assert_int_equal(base_url_check("https://", &err), ERR_INPUT);
    assert_int_equal(base_url_check("https://user@host", &err), ERR_INPUT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_public_url_wins),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
