/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/errand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct wire_errand
delivery(void)
{
    struct wire_errand errand = {.runner = 7,
                                 .id = 8,
                                 .kind = ERRAND_DELIVERY,
                                 .time_ms = 1000,
                                 .url = "https://example.org/",
                                 .timestamp = "1704067200",
                                 .trace = "0af7651916cd43dd8448eb211c80319c-01"};

    memset(errand.signature, 'a', ERRAND_SIGNATURE_SIZE - 1);
    memset(errand.body_signature, '0', ERRAND_SIGNATURE_SIZE - 1);
    return errand;
}

static struct span
payload_of(const struct buf *frame)
{
    struct wire_header header;
    struct err err;

    assert_int_equal(wire_read_header(frame->data, &header, &err), ERR_OK);
    assert_int_equal(header.length, frame->len - WIRE_HEADER_SIZE);
    return (struct span){frame->data + WIRE_HEADER_SIZE, header.length};
}

static enum err_code
there_and_back(const struct wire_errand *errand, struct wire_errand *ret)
{
    struct buf frame;
    struct err err;

    buf_init(&frame, 8192);
    wire_put_errand(&frame, errand);
    enum err_code rc = wire_take_errand(payload_of(&frame), ret, &err);
    buf_fini(&frame);
    return rc;
}

static void
test_errands(void **state)
{
    struct wire_errand errand = delivery(), back;

    (void)state;
    assert_int_equal(there_and_back(&errand, &back), ERR_OK);
    assert_memory_equal(&errand, &back, sizeof(errand));
    memset(errand.url, 'x', URL_MAX);
    assert_int_equal(there_and_back(&errand, &back), ERR_OK);
    assert_string_equal(errand.url, back.url);
    errand = (struct wire_errand){.kind = ERRAND_FETCH, .time_ms = 1, .bytes_max = 5, .url = "u"};
    assert_int_equal(there_and_back(&errand, &back), ERR_OK);
    assert_int_equal(back.bytes_max, 5);
}

/* What would become a header field is what it has to be, and nothing else. */
static void
test_bad_errands(void **state)
{
    struct wire_errand bad[9], back;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        bad[i] = delivery();
    bad[0].kind = ERRAND_KIND_COUNT;
    bad[1].time_ms = 0;
    bad[8].trace[3] = '\r';
    bad[2].signature[5] = '\n';
    bad[3].signature[63] = '\0';
    bad[4].body_signature[0] = 'G';
    memcpy(bad[5].timestamp, "17 4", 5);
    bad[6].timestamp[0] = '\0';
    bad[7].kind = ERRAND_FETCH; /* has nothing to sign */
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(there_and_back(&bad[i], &back), ERR_PROTOCOL);
}

static void
test_outcomes(void **state)
{
    const struct wire_outcome good = {.id = 3, .end = END_STATUS, .http_status = 404, .text = "no"};
    struct wire_outcome bad = {.id = 3, .end = END_COUNT}, back;
    struct buf frame;
    struct err err;

    (void)state;
    buf_init(&frame, 1024);
    wire_put_outcome(&frame, &good);
    struct span payload = payload_of(&frame);
    assert_int_equal(wire_take_outcome(payload, &back, &err), ERR_OK);
    assert_memory_equal(&good, &back, sizeof(good));
    for (size_t len = 0; len < payload.len; len++)
        assert_int_equal(wire_take_outcome((struct span){payload.data, len}, &back, &err),
                         ERR_PROTOCOL);
    buf_clear(&frame);
    wire_put_outcome(&frame, &bad);
    assert_int_equal(wire_take_outcome(payload_of(&frame), &back, &err), ERR_PROTOCOL);
    bad.end = END_OK;
    bad.http_status = 1000;
    buf_clear(&frame);
    wire_put_outcome(&frame, &bad);
    assert_int_equal(wire_take_outcome(payload_of(&frame), &back, &err), ERR_PROTOCOL);
    buf_fini(&frame);
}

static void
test_models(void **state)
{
    struct wire_errand back, errand = {.kind = ERRAND_MODEL,
                                       .time_ms = 1,
                                       .bytes_max = 5,
                                       .url = "http://127.0.0.1:11434/v1/chat/completions",
                                       .bearer = "sk-1"};

    (void)state;
    assert_int_equal(there_and_back(&errand, &back), ERR_OK);
    assert_memory_equal(&errand, &back, sizeof(errand));
    memcpy(errand.bearer, "a\nb", 4); /* would be a header field of its own */
    assert_int_equal(there_and_back(&errand, &back), ERR_PROTOCOL);
    memcpy(errand.bearer, "key", 4);
    errand.kind = ERRAND_FETCH; /* no key leaves with a tenant's errand */
    assert_int_equal(there_and_back(&errand, &back), ERR_PROTOCOL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errands),
        cmocka_unit_test(test_bad_errands),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_models),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
