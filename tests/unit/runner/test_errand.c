/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/errand.h"

#include "runner/hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The vector of the public documentation. */
static void
test_signature(void **state)
{
    const struct hook_sending sending = {
        .payload = "{\"event_type\":\"webhook.test\",\"event_id\":\"evt_123\","
                   "\"timestamp\":\"2024-01-01T00:00:00Z\","
                   "\"message\":\"This is a test webhook event\"}",
        .secret = "my-secret-key"};
    struct wire_errand errand = {.kind = ERRAND_DELIVERY};

    (void)state;
    errand_sign(&sending, 1704067200, &errand);
    assert_string_equal(errand.timestamp, "1704067200");
    assert_string_equal(errand.signature,
                        "51033b9251a1db2003caf73152dc990d20c3efd8c97d176603de1dc034aa1bc1");
    assert_int_equal(strlen(errand.body_signature), 64);
}

static void
test_body(void **state)
{
    char bytes[16] = "";
    struct err err;
    int fd = -1;

    (void)state;
    assert_int_equal(errand_body("a body", &fd, &err), ERR_OK);
    assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), 6);
    assert_string_equal(bytes, "a body");
    assert_true(write(fd, "x", 1) < 0);
    close(fd);
}

static enum err_code
judge(enum wire_end end, uint32_t status)
{
    const struct wire_outcome outcome = {.end = end, .http_status = status, .text = "because"};
    struct err why;

    errand_judge(&outcome, &why);
    assert_string_equal(why.msg, "because");
    return why.code;
}

static void
test_judgement(void **state)
{
    (void)state;
    assert_int_equal(judge(END_OK, 200), ERR_OK);
    assert_int_equal(judge(END_FORBIDDEN, 0), ERR_URL);
    assert_int_equal(judge(END_STATUS, 404), ERR_FETCH_REFUSED);
    assert_int_equal(judge(END_STATUS, 302), ERR_FETCH_REFUSED);
    assert_int_equal(judge(END_STATUS, 429), ERR_FETCH);
    assert_int_equal(judge(END_STATUS, 503), ERR_FETCH);
    assert_int_equal(judge(END_TOO_LARGE, 200), ERR_LIMIT);
    for (int end = END_OK + 1; end < END_COUNT; end++) /* each is some failure */
        assert_int_not_equal(judge((enum wire_end)end, 0), ERR_OK);
    assert_false(err_is_retryable(judge(END_FORBIDDEN, 0)));
    assert_true(err_is_retryable(judge(END_UNREACHABLE, 0)));
}

static void
test_hosts(void **state)
{
    struct hosts *hosts = calloc(1, sizeof(*hosts));
    size_t taken = 0;

    (void)state;
    assert_non_null(hosts);
    uint64_t host = hosts_number("https://Example.org/a");
    assert_true(host == hosts_number("http://example.org:8080/b"));
    assert_true(host != hosts_number("https://example.com/a"));
    for (int64_t now_ms = 1000; now_ms < 11000; now_ms += 10)
        taken += hosts_take(hosts, host, 4, now_ms);
    /* Ten seconds, and what had piled up before. */
    assert_in_range(taken, 10 * HOSTS_A_SECOND, 11 * HOSTS_A_SECOND + 4);
    assert_int_equal(hosts_take(hosts, host + 1, 4, 11000), 4); /* others have their own */
    assert_int_equal(hosts_take(hosts, host, 4, 20000), 4);
    free(hosts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_body),
        cmocka_unit_test(test_judgement),
        cmocka_unit_test(test_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
