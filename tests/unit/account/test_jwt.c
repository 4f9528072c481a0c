/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Tokens of an identity provider: which are taken, and that no other is. */
#include "account/jwt.h"
#include "base/attrs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tokens.h"

static const int64_t now_ms = INT64_C(1750000000000);
static const struct jwt_rules rules = {.issuer = "https://id.example",
                                       .audience = "leapocr",
                                       .team_claim = "team",
                                       .role_claim = "role"};

static struct jwt_keys *keys;

static int
load(void **state)
{
    struct err err = {0};

    (void)state;
    return jwt_keys_read(span_of(jwks), &keys, &err) == ERR_OK ? 0 : -1;
}

static int
unload(void **state)
{
    (void)state;
    jwt_keys_drop(&keys);
    return 0;
}

/* Why it was refused; NULL: it was not. */
static const char *
verify(struct arena *arena, struct span token, int64_t when_ms, struct jwt *ret)
{
    struct err err = {0};
    const char *why = NULL;
    enum err_code rc = jwt_verify(arena, keys, &rules, token, when_ms, ret, &why, &err);

    assert_int_equal(rc, why == NULL ? ERR_OK : ERR_AUTH);
    if (why != NULL)
        assert_string_equal(err.msg, "the token is malformed, expired, or not for this server");
    return why;
}

static void
good_tokens_are_taken(void **state)
{
    struct arena *arena = arena_new(KiB(256));
    struct jwt jwt = {0};

    (void)state;
    assert_null(verify(arena, span_of(token_rs256), now_ms, &jwt));
    assert_string_equal(jwt.subject, "user-1");
    assert_null(jwt.email);
    assert_null(jwt.team);
    assert_null(verify(arena, span_of(token_es256), now_ms, &jwt));
    assert_string_equal(jwt.email, "a@b.example");
    assert_string_equal(jwt.team, "t1");
    assert_string_equal(jwt.role, "viewer");
    assert_null(verify(arena, span_of(token_eddsa), now_ms, &jwt));
    assert_null(jwt.email); /* nobody has verified it */
    assert_null(verify(arena, span_of(token_nokid), now_ms, &jwt));
    arena_drop(&arena);
}

static void
others_are_refused(void **state)
{
    static const struct {
        const char *token, *why;
    } rows[] = {
        {token_issuer, "it is of another issuer"},
        {token_audience, "it is for another audience"},
        {token_expired, "it has expired"},
        {token_noexp, "it has no end"},
        {token_textexp, "it has no end"},
        {token_nbf, "it is not valid yet"},
        {token_iat, "it was issued in the future"},
        {token_nosub, "it has no subject"},
        {token_crit, "the header asks for extensions"},
        {token_wrongkid, "there is no key for its algorithm and key id"},
        {token_none, "there is no key for its algorithm and key id"},
        {token_hs256, "there is no key for its algorithm and key id"},
        {token_confused, "there is no key for its algorithm and key id"},
        {"", "it has not the form of a signed token"},
        {"a.b", "it has not the form of a signed token"},
        {"..", "the header is no JSON"},
        {"e30.e30.", "the header names no algorithm"},
        {"W10.e30.", "the header names no algorithm"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena *arena = arena_new(KiB(256));
        struct jwt jwt = {.subject = "untouched"};
        const char *why = verify(arena, span_of(rows[i].token), now_ms, &jwt);
        assert_non_null(why);
        assert_string_equal(why, rows[i].why);
        assert_string_equal(jwt.subject, "untouched");
        arena_drop(&arena);
    }
}

static void
time_has_a_leeway_of_a_minute(void **state)
{
    struct arena *arena = arena_new(KiB(256));
    struct jwt jwt = {0};
    const int64_t end_ms = INT64_C(2000000000000), minute = 60000;

    (void)state;
    assert_null(verify(arena, span_of(token_eddsa), end_ms + minute - 1, &jwt));
    assert_int_equal(jwt.expires_ms, end_ms + minute);
    assert_non_null(verify(arena, span_of(token_eddsa), end_ms + minute, &jwt));
    arena_drop(&arena);
}

/* Each single character changed, each cut: never a good token. */
static void
no_altered_token_is_taken(void **state)
{
    static const char *const tokens[] = {token_es256, token_eddsa, token_rs256};
    struct arena *arena = arena_new(KiB(256));

    (void)state;
    for (size_t t = 0; t < ARRAY_LEN(tokens); t++) {
        size_t len = strlen(tokens[t]);
        char *copy = malloc(len + 2);
        assert_non_null(copy);
        for (size_t i = 0; i < len; i++) {
            struct jwt jwt;
            memcpy(copy, tokens[t], len + 1);
            copy[i] = copy[i] == 'A' ? 'B' : 'A';
            arena_reset(arena);
            assert_non_null(verify(arena, span_of(copy), now_ms, &jwt));
            assert_non_null(verify(arena, (struct span){(const uint8_t *)copy, i}, now_ms, &jwt));
        }
        free(copy);
    }
    arena_drop(&arena);
}

static void
keys_have_to_be_good(void **state)
{
    static const struct {
        const char *json;
        enum err_code rc;
    } rows[] = {
        {"", ERR_SYNTAX},
        {"[]", ERR_INPUT},
        {"{}", ERR_INPUT},
        {"{\"keys\":{}}", ERR_INPUT},
        {"{\"keys\":[]}", ERR_NOT_FOUND},
        {"{\"keys\":[1,null,{}]}", ERR_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", ERR_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
         ERR_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", ERR_INPUT},
        {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}",
         ERR_INPUT},
        {"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"\"}]}", ERR_INPUT},
        {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}",
         ERR_NOT_FOUND},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct jwt_keys *none = NULL;
        struct err err = {0};
        print_message("%s\n", rows[i].json);
        assert_int_equal(jwt_keys_read(span_of(rows[i].json), &none, &err), rows[i].rc);
        assert_null(none);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_tokens_are_taken),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(time_has_a_leeway_of_a_minute),
        cmocka_unit_test(no_altered_token_is_taken),
        cmocka_unit_test(keys_have_to_be_good),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
