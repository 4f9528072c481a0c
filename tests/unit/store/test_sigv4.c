/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Presigned URLs against the published example, and every single change of a genuine one. */
#include "base/clock.h"
#include "store/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* 2013-05-24T00:00:00Z */
static const int64_t signed_ms = INT64_C(1369353600000);

static struct sigv4_key
test_key(void)
{
    return (struct sigv4_key){"AKIAIOSFODNN7EXAMPLE",
                              span_of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "us-east-1"};
}

struct
try {
    struct arena *arena;
    struct sigv4_key key;
    const char *method, *host, *path, *query;
    int64_t now_ms;
    struct sigv4_claims claims;
    struct sigv4_refusal refusal;
};

static void
judge(struct try *t)
{
    struct sigv4_request request = {.method = span_of(t->method),
                                    .path = span_of(t->path),
                                    .query = span_of(t->query),
                                    .host = span_of(t->host)};
    memset(&t->claims, 0, sizeof(t->claims));
    sigv4_verify(t->arena, &t->key, &request, t->now_ms, &t->claims, &t->refusal);
}

/* A genuine PUT of part 7, judged ten seconds after it was signed. */
static struct try
genuine(struct arena *arena)
{
    struct try t = {.arena = arena,
                    .key = test_key(),
                    .method = "PUT",
                    .host = "files.example.com:8080",
                    .path = "/uploads/a%20b",
                    .now_ms = signed_ms + 10000};
    const char *url = NULL;
    struct err err;

    assert_int_equal(sigv4_presign(arena, &t.key, t.method, "http://files.example.com:8080", t.path,
                                   "partNumber=7&uploadId=ab%2Bc", signed_ms, 600, &url, &err),
                     ERR_OK);
    t.query = strchr(url, '?') + 1;
    judge(&t);
    assert_null(t.refusal.code);
    return t;
}

static void
the_published_example_is_met(void **state)
{
    (void)state;
    struct arena *arena = arena_new(KiB(64));
    struct sigv4_key key = test_key();
    const char *url = NULL;
    struct err err;

    assert_int_equal(sigv4_presign(arena, &key, "GET", "https://examplebucket.s3.amazonaws.com",
                                   "/test.txt", "", signed_ms, 86400, &url, &err),
                     ERR_OK);
    assert_string_equal(
        url, "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
             "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
             "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
             "&X-Amz-Signature="
             "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    arena_drop(&arena);
}

static void
a_genuine_url_says_what_it_says(void **state)
{
    (void)state;
    struct arena *arena = arena_new(KiB(64));
    struct try t = genuine(arena);

    assert_string_equal(t.claims.path, "/uploads/a%20b");
    assert_string_equal(t.claims.upload_id, "ab+c");
    assert_int_equal(t.claims.part_number, 7);
    assert_int_equal(t.claims.expires_ms, signed_ms + 600000);
    /* botocore keeps the order in which its caller named the two */
    char swapped[1024];
    snprintf(swapped, sizeof(swapped), "uploadId=ab%%2Bc&partNumber=7%s",
             strstr(t.query, "&X-Amz-Algorithm"));
    t.query = swapped;
    judge(&t);
    assert_null(t.refusal.code);
    arena_drop(&arena);
}

static void
hosts_are_signed_as_clients_send_them(void **state)
{
    (void)state;
    static const struct {
        const char *base, *host;
    } cases[] = {
        {"http://Files.Example.COM/", "files.example.com"},
        {"http://files.example.com:80", "files.example.com"},
        {"https://files.example.com:443", "files.example.com"},
        {"https://files.example.com:80", "files.example.com:80"},
        {"http://[::1]:8080", "[::1]:8080"},
    };
    struct arena *arena = arena_new(KiB(256));
    struct err err;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct try t = genuine(arena);
        const char *url = NULL;
        assert_int_equal(sigv4_presign(arena, &t.key, "PUT", cases[i].base, t.path,
                                       "partNumber=1&uploadId=x", signed_ms, 600, &url, &err),
                         ERR_OK);
        const char *host = strstr(url, "://") + 3;
        assert_memory_equal(host, cases[i].host, strlen(cases[i].host));
        assert_int_equal(host[strlen(cases[i].host)], '/');
        t.query = strchr(url, '?') + 1;
        t.host = cases[i].host;
        judge(&t);
        assert_null(t.refusal.code);
    }
    arena_drop(&arena);
}

static void
nothing_wrong_is_signed(void **state)
{
    (void)state;
    static const struct {
        const char *base, *path, *params;
        int64_t expires_s;
    } cases[] = {
        {"ftp://h", "/a", "", 1},       {"http://", "/a", "", 1},
        {"http://h/p", "/a", "", 1},    {"http://u@h", "/a", "", 1},
        {"http://h", "a", "", 1},       {"http://h", "/a b", "", 1},
        {"http://h", "/a//b", "", 1},   {"http://h", "/../b", "", 1},
        {"http://h", "/%2e", "", 1},    {"http://h", "/a%2f", "", 1},
        {"http://h", "/a", "A=1", 1},   {"http://h", "/a", "a=1+2", 1},
        {"http://h", "/a", "", 0},      {"http://h", "/a", "", 604801},
        {"http://h", "/a", "a=%41", 1}, {"http://h", "/a", "", -1},
    };
    struct arena *arena = arena_new(KiB(64));
    struct sigv4_key key = test_key();
    const char *url = NULL;
    struct err err;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(sigv4_presign(arena, &key, "PUT", cases[i].base, cases[i].path,
                                       cases[i].params, signed_ms, cases[i].expires_s, &url, &err),
                         ERR_INPUT);
    key.access_id = "a key";
    assert_int_equal(
        sigv4_presign(arena, &key, "PUT", "http://h", "/a", "", signed_ms, 1, &url, &err),
        ERR_INPUT);
    key = test_key();
    key.secret.len = 0;
    assert_int_equal(
        sigv4_presign(arena, &key, "PUT", "http://h", "/a", "", signed_ms, 1, &url, &err),
        ERR_INPUT);
    arena_drop(&arena);
}

static void
every_change_of_one_byte_is_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MiB(64));
    struct try t = genuine(arena);
    char query[1024], path[64];
    static const char others[] = "0Aa%&=+/. \x01\xff";

    size_t len = strlen(t.query);
    for (size_t i = 0; i < len; i++) {
        for (size_t k = 0; k < sizeof(others) - 1; k++) {
            snprintf(query, sizeof(query), "%s", t.query);
            if (query[i] == others[k])
                continue;
            query[i] = others[k];
            struct try changed = t;
            changed.query = query;
            judge(&changed);
            assert_non_null(changed.refusal.code);
            assert_null(changed.claims.path);
        }
        /* cut, one byte left out, one doubled */
        struct try changed = t;
        changed.query = query;
        snprintf(query, sizeof(query), "%.*s", (int)i, t.query);
        judge(&changed);
        assert_non_null(changed.refusal.code);
        snprintf(query, sizeof(query), "%.*s%s", (int)i, t.query, t.query + i + 1);
        judge(&changed);
        assert_non_null(changed.refusal.code);
        snprintf(query, sizeof(query), "%.*s%s", (int)i + 1, t.query, t.query + i);
        judge(&changed);
        assert_non_null(changed.refusal.code);
    }
    for (size_t i = 0; i < strlen(t.path); i++) {
        for (size_t k = 0; k < sizeof(others) - 1; k++) {
            snprintf(path, sizeof(path), "%s", t.path);
            if (path[i] == others[k])
                continue;
            path[i] = others[k];
            struct try changed = t;
            changed.path = path;
            judge(&changed);
            assert_non_null(changed.refusal.code);
        }
    }
    arena_drop(&arena);
}

static void
assert_refused(struct try *t, const char *code, int status)
{
    judge(t);
    assert_non_null(t->refusal.code);
    assert_string_equal(t->refusal.code, code);
    assert_int_equal(t->refusal.http_status, status);
    assert_true(t->refusal.message[0] != '\0');
    assert_null(t->claims.path);
}

static void
other_forms_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new(KiB(256));
    struct try t = genuine(arena);
    char query[2048];
    const char *good = t.query;

    t.query = "";
    assert_refused(&t, "AccessDenied", 403);
    t.query = "partNumber=7&uploadId=ab%2Bc";
    assert_refused(&t, "AccessDenied", 403);
    t.query = "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=x&Expires=1";
    assert_refused(&t, "AccessDenied", 403);
    static const char *const extras[] = {"&x-id=UploadPart",
                                         "&X-Amz-Security-Token=x",
                                         "&partNumber=7",
                                         "&X-Amz-Content-Sha256=STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                                         "&",
                                         "&a=b",
                                         "&x-amz-signature=0"};
    t.query = query;
    for (size_t i = 0; i < ARRAY_LEN(extras); i++) {
        snprintf(query, sizeof(query), "%s%s", good, extras[i]);
        assert_refused(&t, "SignatureDoesNotMatch", 403);
        snprintf(query, sizeof(query), "%s&%s", extras[i] + 1, good);
        assert_refused(&t, "SignatureDoesNotMatch", 403);
    }
    snprintf(query, sizeof(query), "%s&partNumber=7&uploadId=ab%%2Bc", strstr(good, "X-Amz-Alg"));
    assert_refused(&t, "SignatureDoesNotMatch", 403);
    t.query = good;
    t.method = "GET";
    assert_refused(&t, "SignatureDoesNotMatch", 403);
    t.method = "put";
    assert_refused(&t, "SignatureDoesNotMatch", 403);
    t.method = "PUT";
    t.host = "Files.example.com:8080";
    assert_refused(&t, "SignatureDoesNotMatch", 403);
    t.host = "";
    assert_refused(&t, "SignatureDoesNotMatch", 403);
    t.host = "files.example.com:8080";
    t.key.access_id = "AKIAIOSFODNN7EXAMPLF";
    assert_refused(&t, "InvalidAccessKeyId", 403);
    t.key = test_key();
    t.key.secret.len--;
    assert_refused(&t, "SignatureDoesNotMatch", 403);
    t.key = test_key();
    t.key.region = "local";
    assert_refused(&t, "AuthorizationQueryParametersError", 400);
    arena_drop(&arena);
}

static void
signed_fields_are_none_but_host(void **state)
{
    (void)state;
    struct arena *arena = arena_new(KiB(64));
    struct try t = genuine(arena);
    struct sigv4_request request = {.method = span_of(t.method),
                                    .path = span_of(t.path),
                                    .query = span_of(t.query),
                                    .host = span_of(t.host)};

    request.has_authorization = true;
    sigv4_verify(arena, &t.key, &request, t.now_ms, &t.claims, &t.refusal);
    assert_string_equal(t.refusal.code, "InvalidArgument");
    request.has_authorization = false;
    request.has_amz_fields = true;
    sigv4_verify(arena, &t.key, &request, t.now_ms, &t.claims, &t.refusal);
    assert_string_equal(t.refusal.code, "AccessDenied");
    arena_drop(&arena);
}

static void
time_is_judged_last_and_exactly(void **state)
{
    (void)state;
    struct arena *arena = arena_new(KiB(256));
    struct try t = genuine(arena);
    char query[1024];

    t.now_ms = signed_ms + 599999;
    judge(&t);
    assert_null(t.refusal.code);
    t.now_ms = signed_ms + 600000;
    assert_refused(&t, "AccessDenied", 403);
    assert_string_equal(t.refusal.message, "Request has expired");
    assert_true(t.refusal.expired);
    assert_int_equal(t.refusal.expires_ms, signed_ms + 600000);
    assert_int_equal(t.refusal.expires_s, 600);
    /* forged and expired: forged */
    snprintf(query, sizeof(query), "%s", t.query);
    query[strlen(query) - 1] = query[strlen(query) - 1] == '0' ? '1' : '0';
    t.query = query;
    assert_refused(&t, "SignatureDoesNotMatch", 403);
    assert_false(t.refusal.expired);
    struct try early = genuine(arena);
    early.now_ms = signed_ms - 15 * 60 * 1000;
    judge(&early);
    assert_null(early.refusal.code);
    early.now_ms--;
    assert_refused(&early, "AccessDenied", 403);
    assert_false(early.refusal.expired);
    arena_drop(&arena);
}

static void
dates_and_numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *part, *date, *day, *expires, *code;
    } cases[] = {
        {"1", "20130524T000000Z", "20130524", "0", "AuthorizationQueryParametersError"},
        {"1", "20130524T000000Z", "20130524", "-1", "AuthorizationQueryParametersError"},
        {"1", "20130524T000000Z", "20130524", "604801", "AuthorizationQueryParametersError"},
        {"1", "20130524T000000Z", "20130524", "0600", "AuthorizationQueryParametersError"},
        {"1", "20130524T000000Z", "20130524", "1e3", "AuthorizationQueryParametersError"},
        {"1", "20130524T000000Z", "20130524", "9223372036854775808",
         "AuthorizationQueryParametersError"},
        {"1", "20130524T000000Z", "20130524", "600.0", "AuthorizationQueryParametersError"},
        {"1", "20130524T000000Z", "20130525", "600", "AuthorizationQueryParametersError"},
        {"1", "20130230T000000Z", "20130230", "600", "AuthorizationQueryParametersError"},
        {"1", "20130524T000000", "20130524", "600", "AuthorizationQueryParametersError"},
        {"1", "1369353600", "13693536", "600", "AuthorizationQueryParametersError"},
        {"1", "99991231T235959Z", "99991231", "600", "AccessDenied"},
        {"0", "20130524T000000Z", "20130524", "600", "InvalidArgument"},
        {"10001", "20130524T000000Z", "20130524", "600", "InvalidArgument"},
        {"-1", "20130524T000000Z", "20130524", "600", "InvalidArgument"},
        {"01", "20130524T000000Z", "20130524", "600", "InvalidArgument"},
        {"1.5", "20130524T000000Z", "20130524", "600", "InvalidArgument"},
        {"4294967297", "20130524T000000Z", "20130524", "600", "InvalidArgument"},
    };
    struct arena *arena = arena_new(KiB(256));
    struct try t = genuine(arena);
    char query[1024];

    t.query = query;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(query, sizeof(query),
                 "partNumber=%s&uploadId=x&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
                 "AKIAIOSFODNN7EXAMPLE%%2F%s%%2Fus-east-1%%2Fs3%%2Faws4_request&X-Amz-Date=%s&"
                 "X-Amz-Expires=%s&X-Amz-SignedHeaders=host&X-Amz-Signature=%064d",
                 cases[i].part, cases[i].day, cases[i].date, cases[i].expires, 0);
        judge(&t);
        assert_non_null(t.refusal.code);
        assert_string_equal(t.refusal.code, cases[i].code);
    }
    arena_drop(&arena);
}

static void
memory_that_runs_out_refuses(void **state)
{
    (void)state;
    struct arena *arena = arena_new(KiB(64));
    struct try t = genuine(arena);
    bool accepted = false;

    for (size_t limit = 16; !accepted; limit += 16) {
        assert_true(limit < KiB(64));
        t.arena = arena_new(limit);
        assert_non_null(t.arena);
        judge(&t);
        accepted = t.refusal.code == NULL;
        assert_true(accepted == (t.claims.path != NULL));
        arena_drop(&t.arena);
    }
    arena_drop(&arena);
}

static void
encoding_keeps_only_the_unreserved(void **state)
{
    (void)state;
    struct arena *arena = arena_new(KiB(4));

    assert_string_equal(sigv4_encode(arena, "AZaz09-._~/ +%\xc3\xa4", false),
                        "AZaz09-._~%2F%20%2B%25%C3%A4");
    assert_string_equal(sigv4_encode(arena, "a/b c", true), "a/b%20c");
    assert_string_equal(sigv4_encode(arena, "", true), "");
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_example_is_met),
        cmocka_unit_test(a_genuine_url_says_what_it_says),
        cmocka_unit_test(hosts_are_signed_as_clients_send_them),
        cmocka_unit_test(nothing_wrong_is_signed),
        cmocka_unit_test(every_change_of_one_byte_is_refused),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(signed_fields_are_none_but_host),
        cmocka_unit_test(time_is_judged_last_and_exactly),
        cmocka_unit_test(dates_and_numbers_out_of_range_are_refused),
        cmocka_unit_test(memory_that_runs_out_refuses),
        cmocka_unit_test(encoding_keeps_only_the_unreserved),
    };
    return cmocka_run_group_tests_name("sigv4", tests, NULL, NULL);
}
