/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/sigv4.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HOST  "examplebucket.s3.amazonaws.com"
#define WHEN  "20130524T000000Z"

static const struct sigv4_key example = {.access_id = "AKIAIOSFODNN7EXAMPLE",
                                         .secret = {(const uint8_t *)"wJalrXUtnFEMI/K7MDENG/"
                                                                     "bPxRfiCYEXAMPLEKEY",
                                                    40},
                                         .region = "us-east-1"};

struct published {
    struct sigv4_call call;
    const char *signed_fields, *signature;
};

/* The four examples of "Signature Calculations for the Authorization Header: Transferring Payload
 * in a Single Chunk", Amazon S3 API Reference. */
static void
amazons_examples_come_out(void **state)
{
    (void)state;
    static const struct sigv4_field get[] = {{"host", HOST},
                                             {"range", "bytes=0-9"},
                                             {"x-amz-content-sha256", EMPTY},
                                             {"x-amz-date", WHEN}};
    static const struct sigv4_field put[] = {
        {"date", "Fri, 24 May 2013 00:00:00 GMT"},
        {"host", HOST},
        {"x-amz-content-sha256",
         "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
        {"x-amz-date", WHEN},
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
    static const struct sigv4_field list[] = {
        {"host", HOST}, {"x-amz-content-sha256", EMPTY}, {"x-amz-date", WHEN}};
    const struct published cases[] = {
        {{.method = "GET",
          .path = "/test.txt",
          .query = "",
          .fields = get,
          .n = 4,
          .payload_sha256 = EMPTY},
         "host;range;x-amz-content-sha256;x-amz-date",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        {{.method = "PUT",
          .path = "/test%24file.text",
          .query = "",
          .fields = put,
          .n = 5,
          .payload_sha256 = put[2].value},
         "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        {{.method = "GET",
          .path = "/",
          .query = "lifecycle=",
          .fields = list,
          .n = 3,
          .payload_sha256 = EMPTY},
         "host;x-amz-content-sha256;x-amz-date",
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {{.method = "GET",
          .path = "/",
          .query = "max-keys=2&prefix=J",
          .fields = list,
          .n = 3,
          .payload_sha256 = EMPTY},
         "host;x-amz-content-sha256;x-amz-date",
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *arena = arena_new(KiB(64));
        struct sigv4_call call = cases[i].call;
        const char *value = NULL;
        struct err err;
        call.now_ms = clock_parse_basic8601(WHEN, strlen(WHEN));
        assert_int_equal(sigv4_authorize(arena, &example, &call, &value, &err), ERR_OK);
        const char *wanted = arena_printf(
            arena,
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=%s,Signature=%s",
            cases[i].signed_fields, cases[i].signature);
        assert_string_equal(value, wanted);
        arena_drop(&arena);
    }
}

static void
a_full_arena_is_an_error(void **state)
{
    (void)state;
    static const struct sigv4_field fields[] = {{"host", HOST}};
    const struct sigv4_call call = {.method = "GET",
                                    .path = "/",
                                    .query = "",
                                    .fields = fields,
                                    .n = 1,
                                    .payload_sha256 = EMPTY};
    struct err err;
    int refused = 0;

    for (size_t room = 16; room < 2048; room += 16) {
        struct arena *arena = arena_new(room);
        const char *value = NULL;
        enum err_code rc = sigv4_authorize(arena, &example, &call, &value, &err);
        assert_true(rc == ERR_OK || rc == ERR_LIMIT);
        assert_int_equal(rc == ERR_OK, value != NULL);
        refused += rc == ERR_LIMIT;
        arena_drop(&arena);
    }
    assert_true(refused > 0);
}

/* The token stands among the parameters in its alphabetical place, escaped; as botocore writes it.
 */
static void
a_url_carries_the_token_of_temporary_credentials(void **state)
{
    (void)state;
    struct arena *arena = arena_new(KiB(64));
    struct sigv4_key key = example;
    const char *url = NULL;
    struct err err;

    key.token = "a+b/c==";
    assert_int_equal(sigv4_presign(arena, &key, "PUT", "https://" HOST, "/a", "partNumber=1",
                                   clock_parse_basic8601(WHEN, strlen(WHEN)), 60, &url, &err),
                     ERR_OK);
    assert_non_null(strstr(url, "&X-Amz-Expires=60&X-Amz-Security-Token=a%2Bb%2Fc%3D%3D"
                                "&X-Amz-SignedHeaders=host&X-Amz-Signature="));
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amazons_examples_come_out),
        cmocka_unit_test(a_full_arena_is_an_error),
        cmocka_unit_test(a_url_carries_the_token_of_temporary_credentials),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
