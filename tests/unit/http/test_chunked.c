/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/chunked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Decodes text given step bytes at a time; *ret_rest: bytes behind the body's end. */
static enum err_code
decode(const char *text, size_t len, size_t step, struct buf *out, bool *ret_done, size_t *ret_rest,
       struct err *err)
{
    struct chunked chunked;
    enum err_code rc = ERR_OK;
    size_t at = 0;

    chunked_init(&chunked);
    buf_clear(out);
    while (rc == ERR_OK && at < len && !chunked.done) {
        size_t n = len - at < step ? len - at : step;
        uint8_t *piece = malloc(n); /* its own, so that a look past the end is seen */
        assert_non_null(piece);
        memcpy(piece, text + at, n);
        struct span input = {piece, n}, data;
        while (rc == ERR_OK && input.len > 0 && !chunked.done) {
            rc = chunked_next(&chunked, &input, &data, err);
            if (rc == ERR_OK)
                buf_append(out, data.data, data.len);
        }
        at += n - input.len;
        free(piece);
    }
    *ret_done = chunked.done;
    *ret_rest = len - at;
    return rc;
}

static void
bodies_decode_alike_in_any_pieces(void **state)
{
    (void)state;
    static const struct {
        const char *text, *body;
        size_t rest;
    } cases[] = {
        {"0\r\n\r\n", "", 0},
        {"5\r\nhello\r\n0\r\n\r\n", "hello", 0},
        {"5\r\nhello\r\n6\r\n world\r\n000\r\n\r\nGET /", "hello world", 5},
        {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0},
        {"a;x=y\r\n0123456789\r\n0;z\r\n\r\n", "0123456789", 0},
        {"2;q=\"a;b\"\r\n\r\n\r\n0\r\n\r\n", "\r\n", 0},
        {"1\r\na\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\nmore", "a", 4},
        {"0000000000000001\r\na\r\n0\r\n\r\n", "a", 0},
    };
    struct buf out;

    buf_init(&out, KiB(1));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t step = 1; step < 40; step++) {
            struct err err = {0};
            bool done;
            size_t rest;
            enum err_code rc =
                decode(cases[i].text, strlen(cases[i].text), step, &out, &done, &rest, &err);
            if (rc != ERR_OK || !done || rest != cases[i].rest ||
                strcmp(buf_text(&out), cases[i].body) != 0)
                fail_msg("case %zu by %zu: %s, rest %zu", i, step, err.msg, rest);
        }
    }
    buf_fini(&out);
}

static void
malformed_bodies_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "\r\n",
        "g\r\n",
        "-1\r\na\r\n",
        "+1\r\na\r\n",
        "0x1\r\na\r\n",
        " 1\r\na\r\n",
        "1 \r\na\r\n",
        "1\t;x\r\na\r\n",
        "1\na\n0\n\n",
        "1\n",
        "1\r\nab\r\n",
        "1\r\na\n0\r\n\r\n",
        "1\r\na0\r\n\r\n",
        "1\r\na\r0\r\n\r\n",
        "1;a\nb\r\n",
        "1;\x01\r\n",
        "1,2\r\n",
        "8000000000000000\r\n",
        "ffffffffffffffff\r\n",
        "10000000000000001\r\n",
        "00000000000000001\r\n",
        "0\r\n X: a\r\n\r\n",
        "0\r\nX : a\r\n\r\n",
        "0\r\nX\r\n\r\n",
        "0\r\n: a\r\n\r\n",
        "0\r\nX: a\n\r\n",
        "0\r\nX: a\r\r\n",
        "0\r\nX: \x02\r\n\r\n",
        "0\r\n\rX",
        "0\r\n\n",
    };
    struct buf out;

    buf_init(&out, KiB(1));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t step = 1; step < 20; step += 3) {
            struct err err = {0};
            bool done;
            size_t rest;
            if (decode(cases[i], strlen(cases[i]), step, &out, &done, &rest, &err) != ERR_SYNTAX)
                fail_msg("case %zu by %zu was taken: %s", i, step, cases[i]);
            assert_false(done);
        }
    }
    buf_fini(&out);
}

static void
what_carries_nothing_is_limited(void **state)
{
    (void)state;
    struct buf text, out;
    struct err err;
    bool done;
    size_t rest;

    buf_init(&text, MiB(1));
    buf_init(&out, MiB(1));
    for (int i = 0; i <= CHUNKED_EXTENSION_BYTES; i++)
        buf_string(&text, "1;x\r\na\r\n");
    assert_int_equal(decode(buf_text(&text), text.len, 1000, &out, &done, &rest, &err),
                     ERR_HEADERS);
    assert_int_equal(out.len, CHUNKED_EXTENSION_BYTES);
    buf_clear(&text);
    buf_string(&text, "0\r\n");
    for (int i = 0; i <= CHUNKED_TRAILER_BYTES / 8; i++)
        buf_string(&text, "X: abcd\r\n");
    assert_int_equal(decode(buf_text(&text), text.len, 1000, &out, &done, &rest, &err),
                     ERR_HEADERS);
    buf_fini(&text);
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_decode_alike_in_any_pieces),
        cmocka_unit_test(malformed_bodies_are_refused),
        cmocka_unit_test(what_carries_nothing_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
