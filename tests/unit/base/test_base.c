/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/arena.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/random.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Also where blocks of the piece of work before lay, and behind blocks of any content. */
static void
arena_blocks_are_zero(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MiB(1));
    for (int turn = 0; turn < 3; turn++) {
        for (size_t size = 1; size < KiB(64); size = size * 3 + 1) {
            unsigned char *block = arena_alloc(arena, size), *room = arena_room(arena, size, 1);
            assert_non_null(block);
            assert_non_null(room);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(block[i], 0);
            memset(block, 1, size);
            memset(room, 2, size);
        }
        arena_reset(arena);
    }
    assert_null(arena_room(arena, SIZE_MAX / 2, 4));
    arena_drop(&arena);
}

static void
arena_stops_at_its_limit(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1000);
    assert_non_null(arena_alloc(arena, 900));
    assert_null(arena_alloc(arena, 200));
    assert_non_null(arena_alloc(arena, 16));
    assert_null(arena_array(arena, SIZE_MAX / 2, 4));
    arena_reset(arena);
    unsigned char *again = arena_alloc(arena, 900);
    assert_non_null(again);
    for (int i = 0; i < 900; i++)
        assert_int_equal(again[i], 0);
    arena_drop(&arena);
    assert_null(arena);
}

static void
utf8_refuses_what_rfc_3629_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",    "\x80",
                                      "\xe2\x82", "\xff",         "\xf8\x88\x80\x80\x80"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(utf8_valid(bad[i], strlen(bad[i])));
    assert_true(utf8_valid("plain ascii, longer than eight", 30));
    assert_true(utf8_valid("\xe2\x82\xac \xf0\x9f\x98\x80", 8));
    char cut[] = "ab\xe2\x82";
    utf8_trim(cut);
    assert_string_equal(cut, "ab");
    char whole[] = "ab\xe2\x82\xac";
    utf8_trim(whole);
    assert_string_equal(whole, "ab\xe2\x82\xac");
}

static void
json_is_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",     "{",        "{\"a\":1,\"a\":2}",   "01",   "\"\\ud800\"",
        "[1]x", "\"\xff\"", "{\"a\":\"\\u0000\"}", "1e999"};
    struct err err;
    json_t *value = NULL;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(json_read(span_of(bad[i]), &value, &err), ERR_SYNTAX);
        assert_true(utf8_valid(err.msg, strlen(err.msg)));
    }
    char deep[201];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    assert_int_equal(json_read((struct span){(uint8_t *)deep, 200}, &value, &err), ERR_SYNTAX);
    assert_int_equal(json_read(span_of(" {\"a\":[1,2.5,\"x\"]} "), &value, &err), ERR_OK);
    json_decref(value);
}

static void
json_written_is_json_read(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10000);
    struct jsonw w = {.out = &buf};
    jsonw_object(&w, NULL);
    jsonw_string(&w, "text", "a\"b\\c\n\x01 \xe2\x82\xac \xff");
    jsonw_int(&w, "n", -7);
    jsonw_real(&w, "r", 42.900001, 3);
    jsonw_array(&w, "list");
    jsonw_bool(&w, NULL, true);
    jsonw_null(&w, NULL);
    jsonw_end(&w);
    jsonw_time(&w, "at", INT64_C(1767225600000));
    jsonw_end(&w);
    assert_string_equal(buf_text(&buf),
                        "{\"text\":\"a\\\"b\\\\c\\n\\u0001 \xe2\x82\xac \xef\xbf\xbd\",\"n\":-7,"
                        "\"r\":42.9,\"list\":[true,null],\"at\":\"2026-01-01T00:00:00.000Z\"}");
    buf_fini(&buf);
}

static void
hashes_match_published_vectors(void **state)
{
    (void)state;
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    hash_sha256("abc", 3, digest);
    hash_hex(digest, sizeof(digest), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    /* RFC 4231, test case 2 */
    hash_hmac_sha256(span_of("Jefe"), span_of("what do ya want for nothing?"), digest);
    hash_hex(digest, sizeof(digest), hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void
times_are_written_and_read(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_SIZE];
    clock_http_date(INT64_C(784111777000), text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_int_equal(clock_parse_basic8601("20130524T000000Z", 16), INT64_C(1369353600000));
    assert_int_equal(clock_parse_basic8601("20130231T000000Z", 16), -1);
    assert_int_equal(clock_parse_rfc3339("2013-05-24"), INT64_C(1369353600000));
    assert_int_equal(clock_parse_rfc3339("2013-05-24T00:00:00Z"), INT64_C(1369353600000));
    assert_int_equal(clock_parse_rfc3339("2013-05-24 02:00:00.0789+02:00"), INT64_C(1369353600078));
    assert_int_equal(clock_parse_rfc3339("2013-05-23t22:30:00 -01:30"), -1);
    assert_int_equal(clock_parse_rfc3339("2013-05-23t22:30:00-01:30"), INT64_C(1369353600000));
    assert_int_equal(clock_parse_rfc3339("2013-05-24T02:00:00 02:00"), INT64_C(1369353600000));
    assert_int_equal(clock_parse_rfc3339("2013-02-31"), -1);
    assert_int_equal(clock_parse_rfc3339("2013-05-24T00:00:00"), -1);
    assert_int_equal(clock_parse_rfc3339("2013-05-24T24:00:00Z"), -1);
    assert_int_equal(clock_parse_rfc3339("2013-05-24T00:00:00.Z"), -1);
    assert_int_equal(clock_parse_rfc3339("2013-05-24T00:00:00Zx"), -1);
    assert_int_equal(clock_parse_rfc3339("2013-5-24"), -1);
    assert_int_equal(clock_parse_rfc3339("1969-12-31"), -1);
    assert_int_equal(clock_parse_rfc3339(""), -1);
    assert_int_equal(clock_parse_basic8601("2013-05-24T0000Z", 16), -1);
    clock_basic8601(INT64_C(1369353600000), text);
    assert_string_equal(text, "20130524T000000Z");
}

static void
errors_follow_their_row(void **state)
{
    (void)state;
    for (int code = 0; code < ERR_CODE_COUNT; code++)
        assert_non_null(err_reason((enum err_code)code));
    assert_int_equal(err_http_status(ERR_CREDITS), 402);
    assert_string_equal(err_api_code(ERR_CREDITS), "LESS_CREDITS");
    assert_int_equal(err_from_reason("time_limit"), ERR_DEADLINE);
    assert_int_equal(err_http_status((enum err_code)9999), 500);
}

static void
uuids_are_ordered_and_well_formed(void **state)
{
    (void)state;
    char a[UUID_TEXT_SIZE];
    random_uuid(a);
    assert_true(random_is_uuid(a));
    assert_int_equal(a[14], '7');
    assert_false(random_is_uuid("fake-job-id"));
}

static void
base64_is_exact(void **state)
{
    static const struct {
        const char *bytes, *padded, *url;
    } rows[] = {{"", "", ""},
                {"f", "Zg==", "Zg"},
                {"fo", "Zm8=", "Zm8"},
                {"foo", "Zm9v", "Zm9v"},
                {"foob", "Zm9vYg==", "Zm9vYg"},
                {"\xff\xfe?", "//4/", "__4_"}};
    static const char *const wrong[] = {"Z",        "Zg=",  "Zg===",  "Zh==", "Zm9=", "Zm9v=",
                                        "Zg==Zg==", "Z g=", "Zm9v\n", "__4_", "=",    "===="};
    struct arena *arena = arena_new(KiB(16));

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *const texts[] = {rows[i].padded, rows[i].url};
        for (int form = BASE64_PADDED; form <= BASE64_URL; form++) {
            struct buf out;
            struct span bytes;
            buf_init(&out, 100);
            base64_encode((enum base64_form)form, span_of(rows[i].bytes), &out);
            assert_string_equal(buf_text(&out), texts[form]);
            buf_fini(&out);
            assert_true(base64_decode(arena, (enum base64_form)form, span_of(texts[form]), &bytes));
            assert_true(span_equal(bytes, span_of(rows[i].bytes)));
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct span bytes;
        print_message("%s\n", wrong[i]);
        assert_false(base64_decode(arena, BASE64_PADDED, span_of(wrong[i]), &bytes));
    }
    assert_false(base64_decode(arena, BASE64_URL, span_of("Zg=="), &(struct span){0}));
    assert_false(base64_decode(arena, BASE64_URL, span_of("Zh"), &(struct span){0}));
    assert_false(base64_decode(arena, BASE64_URL, span_of("//4_"), &(struct span){0}));
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_exact),
        cmocka_unit_test(arena_stops_at_its_limit),
        cmocka_unit_test(arena_blocks_are_zero),
        cmocka_unit_test(utf8_refuses_what_rfc_3629_refuses),
        cmocka_unit_test(json_is_read_strictly),
        cmocka_unit_test(json_written_is_json_read),
        cmocka_unit_test(hashes_match_published_vectors),
        cmocka_unit_test(times_are_written_and_read),
        cmocka_unit_test(errors_follow_their_row),
        cmocka_unit_test(uuids_are_ordered_and_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
