/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/reply.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char date[] = "Mon, 23 Nov 2026 15:04:05 GMT";

static void
heads_are_written_to_the_letter(void **state)
{
    (void)state;
    static const struct http_header headers[] = {{"Content-Type", "text/plain"},
                                                 {"connection", "close"}};
    struct buf out;

    buf_init(&out, KiB(1));
    reply_head(&out, 404, REPLY_CLOSE, date, headers, 2, 1234567);
    assert_string_equal(buf_text(&out),
                        "HTTP/1.1 404 Not Found\r\nDate: Mon, 23 Nov 2026 15:04:05 GMT\r\n"
                        "Content-Length: 1234567\r\nConnection: close\r\n"
                        "Content-Type: text/plain\r\n\r\n");
    buf_clear(&out);
    reply_head(&out, 204, REPLY_KEEP_ALIVE, date, NULL, 0, 0);
    assert_string_equal(buf_text(&out),
                        "HTTP/1.1 204 No Content\r\nDate: Mon, 23 Nov 2026 15:04:05 GMT\r\n"
                        "Connection: keep-alive\r\n\r\n");
    buf_clear(&out);
    reply_head(&out, 200, REPLY_PLAIN, date, NULL, 0, 0);
    assert_string_equal(buf_text(&out), "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 15:04:05 GMT\r\n"
                                        "Content-Length: 0\r\n\r\n");
    buf_fini(&out);
}

static void
headers_that_forge_are_found(void **state)
{
    (void)state;
    static const struct http_header bad[] = {
        {"X", "a\r\nY: b"},
        {"X", "a\nb"},
        {"X", "a\rb"},
        {"X\r\nY", "b"},
        {"X:", "b"},
        {"", "b"},
        {"X Y", "b"},
        {"Content-Length", "1"},
        {"DATE", "x"},
        {"X", "a\x01"},
        {"Transfer-Encoding", "chunked"},
        {"Connection", "keep-alive"},
    };
    static const struct http_header good[] = {
        {"X", ""}, {"X-Text", "a b\t\xc3\xa4"}, {"Connection", "Close"}};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(reply_headers_sound(&bad[i], 1));
    assert_true(reply_headers_sound(good, ARRAY_LEN(good)));
    assert_true(reply_headers_close(good, ARRAY_LEN(good)));
    assert_false(reply_headers_close(good, 2));
}

static void
every_error_has_its_phrase(void **state)
{
    (void)state;
    for (int code = 1; code < ERR_CODE_COUNT; code++)
        assert_string_not_equal(http_phrase(err_http_status((enum err_code)code)), "Unknown");
    assert_string_equal(http_phrase(599), "Unknown");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_written_to_the_letter),
        cmocka_unit_test(headers_that_forge_are_found),
        cmocka_unit_test(every_error_has_its_phrase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
