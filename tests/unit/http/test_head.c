/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define H "Host: a\r\n"

/* A literal with its length, since some hold NUL. */
#define TEXT(s)      s, sizeof(s) - 1
#define REQUEST(s)   TEXT("POST / HTTP/1.1\r\n" H s "\r\n")
#define LINE(s)      TEXT(s "\r\n" H "\r\n")
#define WITH_HOST(s) TEXT("GET / HTTP/1.1\r\nHost:" s "\r\n\r\n")
#define AS_1_0(s)    TEXT("POST / HTTP/1.0\r\n" s "\r\n")

struct refusal {
    enum err_code code;
    const char *text;
    size_t len;
};

static const struct refusal refusals[] = {
    /* lines */
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\n" H "\r\n")},
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\r\nHost: a\n\r\n")},
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\r\nHost: a\r\n\n")},
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\rHost: a\r\n\r\n")},
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n")},
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\r\r\n" H "\r\n")},
    {ERR_SYNTAX, TEXT("\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n")},
    {ERR_SYNTAX, TEXT("\nGET / HTTP/1.1\r\n" H "\r\n")},
    {ERR_SYNTAX, TEXT("\x16\x03\x01\x02")},
    /* request line */
    {ERR_SYNTAX, LINE("GET /")},
    {ERR_SYNTAX, LINE("GET")},
    {ERR_SYNTAX, LINE("GET  / HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET / HTTP/1.1 ")},
    {ERR_SYNTAX, LINE("GET /  HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET\t/\tHTTP/1.1")},
    {ERR_SYNTAX, LINE(" GET / HTTP/1.1")},
    {ERR_SYNTAX, LINE("G(T / HTTP/1.1")},
    {ERR_SYNTAX, LINE("G\xc3\x84T / HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET /a b HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET /a#b HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET /\xc3\xa4 HTTP/1.1")},
    {ERR_SYNTAX, TEXT("GET /\0 HTTP/1.1\r\n" H "\r\n")},
    {ERR_SYNTAX, LINE("GET a HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET * HTTP/1.1")},
    {ERR_SYNTAX, LINE("OPTIONS ** HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET ftp://a/ HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET http:///a HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET http:// HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET http://u@a/ HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET http://b/ HTTP/1.1")},
    {ERR_SYNTAX, LINE("GET / http/1.1")},
    {ERR_SYNTAX, LINE("GET / HTTP/1.10")},
    {ERR_SYNTAX, LINE("GET / HTTP/11")},
    {ERR_SYNTAX, LINE("GET / HTTP /1.1")},
    {ERR_SYNTAX, LINE("GET / HTTPS/1.1")},
    {ERR_VERSION, LINE("GET / HTTP/0.9")},
    {ERR_VERSION, LINE("GET / HTTP/1.2")},
    {ERR_VERSION, LINE("GET / HTTP/2.0")},
    {ERR_VERSION, TEXT("PRI * HTTP/2.0\r\n\r\n")},
    {ERR_NOT_IMPLEMENTED, LINE("CONNECT a:443 HTTP/1.1")},
    /* fields */
    {ERR_SYNTAX, REQUEST(" X: a\r\n")},
    {ERR_SYNTAX, REQUEST("X: a\r\n b\r\n")},
    {ERR_SYNTAX, REQUEST("X: a\r\n\tb\r\n")},
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\r\n " H "\r\n")},
    {ERR_SYNTAX, REQUEST("X : a\r\n")},
    {ERR_SYNTAX, REQUEST("X\t: a\r\n")},
    {ERR_SYNTAX, REQUEST(": a\r\n")},
    {ERR_SYNTAX, REQUEST("X\r\n")},
    {ERR_SYNTAX, REQUEST("X Y: a\r\n")},
    {ERR_SYNTAX, REQUEST("X(: a\r\n")},
    {ERR_SYNTAX, REQUEST("X\xc3\xa4: a\r\n")},
    {ERR_SYNTAX, REQUEST("X: a\0b\r\n")},
    {ERR_SYNTAX, REQUEST("X: a\x01\r\n")},
    {ERR_SYNTAX, REQUEST("X: a\x7f\r\n")},
    {ERR_SYNTAX, REQUEST("X\0: a\r\n")},
    /* Host */
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\r\n\r\n")},
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\r\n" H H "\r\n")},
    {ERR_SYNTAX, TEXT("GET / HTTP/1.1\r\n" H "hOST: b\r\n\r\n")},
    {ERR_SYNTAX, AS_1_0(H H)},
    {ERR_SYNTAX, WITH_HOST("")},
    {ERR_SYNTAX, WITH_HOST(" a b")},
    {ERR_SYNTAX, WITH_HOST(" a,b")},
    {ERR_SYNTAX, WITH_HOST(" a/b")},
    {ERR_SYNTAX, WITH_HOST(" u@a")},
    {ERR_SYNTAX, WITH_HOST(" a:b")},
    {ERR_SYNTAX, WITH_HOST(" a:65536")},
    {ERR_SYNTAX, WITH_HOST(" a:000080")},
    {ERR_SYNTAX, WITH_HOST(" :80")},
    {ERR_SYNTAX, WITH_HOST(" [::1")},
    {ERR_SYNTAX, WITH_HOST(" []")},
    {ERR_SYNTAX, WITH_HOST(" [::1]x")},
    {ERR_SYNTAX, WITH_HOST(" [g]")},
    /* Content-Length */
    {ERR_SYNTAX, REQUEST("Content-Length:\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: +1\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: -1\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 0x1\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 1 1\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 1, 1\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 1,2\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 1.0\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 1\r\nContent-Length: 1\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 1\r\ncontent-length: 2\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 9223372036854775808\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 18446744073709551617\r\n")},
    /* Transfer-Encoding */
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding:\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: identity\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: xchunked\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: chunked, chunked\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: chunked, gzip\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: chunked,\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: \"chunked\"\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: chunked;q=1\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding: \x0b"
                         "chunked\r\n")},
    {ERR_SYNTAX, REQUEST("Transfer-Encoding : chunked\r\n")},
    {ERR_NOT_IMPLEMENTED, REQUEST("Transfer-Encoding: gzip, chunked\r\n")},
    {ERR_SYNTAX, AS_1_0("Transfer-Encoding: chunked\r\n")},
    /* others */
    {ERR_EXPECT, REQUEST("Expect: 200-ok\r\n")},
    {ERR_EXPECT, REQUEST("Expect: 100-continue, x\r\n")},
    {ERR_SYNTAX, REQUEST("Expect: 100-continue\r\nExpect: 100-continue\r\n")},
    {ERR_SYNTAX, REQUEST("Authorization: a\r\nAuthorization: b\r\n")},
    {ERR_SYNTAX, REQUEST("X-API-Key: a\r\nx-api-key: a\r\n")},
    {ERR_SYNTAX, REQUEST("Content-Type: a/b\r\nContent-type: a/c\r\n")},
};

/* Scan and parse as a connection does, with step bytes more each time. */
static enum err_code
read_by(struct arena *arena, const char *text, size_t len, size_t step, struct head *ret_head,
        struct err *err)
{
    enum err_code rc = ERR_OK;
    struct http_limits limits = http_limits_default();
    struct head_scan scan = {0};
    size_t end = 0;

    for (size_t have = 0; rc == ERR_OK && end == 0 && have < len;) {
        have = have + step < len ? have + step : len;
        /* Its own allocation, so that a look past the end is seen. */
        uint8_t *bytes = malloc(have);
        assert_non_null(bytes);
        memcpy(bytes, text, have);
        rc = head_scan(&scan, (struct span){bytes, have}, &limits, &end, err);
        free(bytes);
    }
    if (rc != ERR_OK)
        return rc;
    assert_int_equal(end, len);
    char *copy = arena_strndup(arena, text, len);
    assert_non_null(copy);
    struct span head = {(uint8_t *)copy + scan.start, len - scan.start};
    return head_parse(arena, head, scan.lines, ret_head, err);
}

static struct head
accept(struct arena *arena, const char *text)
{
    struct head head = {0}, again = {0};
    struct err err = {0};

    if (read_by(arena, text, strlen(text), SIZE_MAX / 2, &head, &err) != ERR_OK ||
        read_by(arena, text, strlen(text), 1, &again, &err) != ERR_OK)
        fail_msg("%s: %s", text, err.msg);
    assert_true(span_equal(head.path, again.path) && head.field_count == again.field_count);
    return head;
}

static void
malformed_heads_are_refused_in_any_pieces(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 2, 7, 1000};

    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
            struct arena *arena = arena_new(KiB(64));
            struct head head;
            struct err err = {0};
            enum err_code rc =
                read_by(arena, refusals[i].text, refusals[i].len, steps[k], &head, &err);
            if (rc != refusals[i].code)
                fail_msg("case %zu by %zu gave %d (%s):\n%s", i, steps[k], rc, err.msg,
                         refusals[i].text);
            assert_true(err.msg[0] != '\0');
            arena_drop(&arena);
        }
    }
}

static void
assert_text(struct span s, const char *expected)
{
    if (!span_equal(s, span_of(expected)))
        fail_msg("'%.*s' instead of '%s'", (int)s.len, (const char *)s.data, expected);
}

static void
targets_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *target, *path, *query;
    } cases[] = {
        {"/", "/", ""},           {"/a/b%20c", "/a/b%20c", ""},
        {"//a", "//a", ""},       {"/a?b=c&d", "/a", "b=c&d"},
        {"/a?", "/a", ""},        {"/?a?b", "/", "a?b"},
        {"http://a", "/", ""},    {"http://a?x", "/", "x"},
        {"HTTP://A/b", "/b", ""}, {"https://a/b?c", "/b", "c"},
    };
    struct arena *arena = arena_new(KiB(64));

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[100];
        snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" H "\r\n", cases[i].target);
        struct head head = accept(arena, text);
        assert_text(head.method, "GET");
        assert_text(head.path, cases[i].path);
        assert_text(head.query, cases[i].query);
    }
    assert_text(accept(arena, "OPTIONS * HTTP/1.1\r\n" H "\r\n").path, "*");
    assert_text(accept(arena, "\r\nGET /x HTTP/1.1\r\n" H "\r\n").path, "/x");
    arena_drop(&arena);
}

static void
fields_are_found_in_any_case_without_blanks(void **state)
{
    (void)state;
    struct arena *arena = arena_new(KiB(64));
    struct head head = accept(arena, "GET / HTTP/1.1\r\nhOsT:a.b-c:8080\r\nX-One: \t a b\t \r\n"
                                     "X-Two:\r\nx-one: second\r\nCookie: \xc3\xa4\r\n\r\n");

    assert_int_equal(head.field_count, 5);
    assert_text(head_find(&head, "Host")->value, "a.b-c:8080");
    assert_text(head_find(&head, "x-ONE")->value, "a b");
    assert_text(head_find(&head, "X-Two")->value, "");
    assert_text(head_find(&head, "cookie")->value, "\xc3\xa4");
    assert_null(head_find(&head, "X-On"));
    assert_null(head_find(&head, "X-One:"));
    arena_drop(&arena);
}

static void
framing_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t length;
        bool chunked, keep, expects;
    } cases[] = {
        {"GET / HTTP/1.1\r\n" H "\r\n", -1, false, true, false},
        {"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", -1, false, true, false},
        {"GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n", -1, false, false, false},
        {"GET / HTTP/1.1\r\n" H "Connection: te, CLOSE\r\n\r\n", -1, false, false, false},
        {"GET / HTTP/1.1\r\n" H "Connection: te\r\nConnection: close\r\n\r\n", -1, false, false,
         false},
        {"GET / HTTP/1.1\r\n" H "Connection: closed\r\n\r\n", -1, false, true, false},
        {"GET / HTTP/1.0\r\n\r\n", -1, false, false, false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", -1, false, true, false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", -1, false, false, false},
        {"PUT / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 0, false, true, false},
        {"PUT / HTTP/1.1\r\n" H "Content-Length: 0012\r\n\r\n", 12, false, true, false},
        {"PUT / HTTP/1.1\r\n" H "Content-Length: 9223372036854775807\r\n\r\n", INT64_MAX, false,
         true, false},
        {"PUT / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n", -1, true, true, false},
        {"PUT / HTTP/1.1\r\n" H "Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n", 5, false, true,
         true},
        {"PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n", -1,
         true, true, true},
        {"GET / HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n", -1, false, true, false},
        {"PUT / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", 5, false, false,
         false},
    };
    struct arena *arena = arena_new(KiB(64));

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct head head = accept(arena, cases[i].text);
        if (head.length != cases[i].length || head.chunked != cases[i].chunked ||
            head.keep_alive != cases[i].keep || head.expects_continue != cases[i].expects)
            fail_msg("case %zu: %s", i, cases[i].text);
    }
    arena_drop(&arena);
}

/* "GET /xxx HTTP/1.1", then count fields of the given length. */
static enum err_code
try_size(size_t line, size_t count, size_t field, size_t step)
{
    struct buf text;
    struct head head;
    struct err err = {0};
    struct arena *arena = arena_new(MiB(1));

    buf_init(&text, MiB(1));
    buf_string(&text, "GET /");
    for (size_t i = 14; i < line; i++)
        buf_char(&text, 'x');
    buf_string(&text, " HTTP/1.1\r\n");
    for (size_t i = 0; i < count; i++) {
        buf_string(&text, i == 0 ? "Host: " : "Xxxx: ");
        for (size_t k = 6; k < field; k++)
            buf_char(&text, 'a');
        buf_string(&text, "\r\n");
    }
    buf_string(&text, "\r\n");
    enum err_code rc = read_by(arena, buf_text(&text), text.len, step, &head, &err);
    buf_fini(&text);
    arena_drop(&arena);
    return rc;
}

static void
limits_hold_to_the_byte(void **state)
{
    (void)state;
    static const size_t steps[] = {977, MiB(1)};

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        assert_int_equal(try_size(KiB(8), 1, 10, steps[i]), ERR_OK);
        assert_int_equal(try_size(KiB(8) + 1, 1, 10, steps[i]), ERR_URI);
        assert_int_equal(try_size(20, 1, KiB(8), steps[i]), ERR_OK);
        assert_int_equal(try_size(20, 1, KiB(8) + 1, steps[i]), ERR_HEADERS);
        assert_int_equal(try_size(20, 100, 10, steps[i]), ERR_OK);
        assert_int_equal(try_size(20, 101, 10, steps[i]), ERR_HEADERS);
        /* 22 + 64 * 1022 + 2 = 65432 bytes; 64 * 1024 more is past 65536 */
        assert_int_equal(try_size(20, 64, 1020, steps[i]), ERR_OK);
        assert_int_equal(try_size(20, 64, 1022, steps[i]), ERR_HEADERS);
    }
}

static void
an_endless_line_is_refused_before_it_ends(void **state)
{
    (void)state;
    struct http_limits limits = http_limits_default();
    struct head_scan scan = {0};
    struct err err;
    size_t end;
    uint8_t *bytes = malloc(KiB(9));

    assert_non_null(bytes);
    memset(bytes, 'a', KiB(9));
    assert_int_equal(head_scan(&scan, (struct span){bytes, KiB(8)}, &limits, &end, &err), ERR_OK);
    assert_int_equal(end, 0);
    assert_int_equal(head_scan(&scan, (struct span){bytes, KiB(9)}, &limits, &end, &err), ERR_URI);
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_heads_are_refused_in_any_pieces),
        cmocka_unit_test(targets_are_taken_apart),
        cmocka_unit_test(fields_are_found_in_any_case_without_blanks),
        cmocka_unit_test(framing_is_read),
        cmocka_unit_test(limits_hold_to_the_byte),
        cmocka_unit_test(an_endless_line_is_refused_before_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
