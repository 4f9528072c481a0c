/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Addresses, URLs and the policy for both. */
#include "base/netpolicy.h"
#include "base/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_public(void **state)
{
    static const char *const inside[] = {"0.0.0.0",
                                         "0.1.2.3",
                                         "10.0.0.1",
                                         "10.255.255.255",
                                         "100.64.0.1",
                                         "100.127.255.1",
                                         "127.0.0.1",
                                         "127.255.255.254",
                                         "169.254.169.254",
                                         "172.16.0.1",
                                         "172.31.255.255",
                                         "192.0.0.8",
                                         "192.0.2.1",
                                         "192.88.99.1",
                                         "192.168.1.1",
                                         "198.18.0.1",
                                         "198.19.255.255",
                                         "198.51.100.7",
                                         "203.0.113.9",
                                         "224.0.0.1",
                                         "239.255.255.255",
                                         "240.0.0.1",
                                         "255.255.255.255",
                                         "::",
                                         "::1",
                                         "::ffff:127.0.0.1",
                                         "::ffff:10.0.0.1",
                                         "::127.0.0.1",
                                         "64:ff9b::7f00:1",
                                         "64:ff9b::a00:1",
                                         "64:ff9b:1::1",
                                         "100::1",
                                         "2001::1",
                                         "2001:10::1",
                                         "2001:20::1",
                                         "2001:db8::1",
                                         "2002:7f00:1::1",
                                         "2002:808:808::1",
                                         "3fff::1",
                                         "4000::1",
                                         "fc00::1",
                                         "fd00:ec2::254",
                                         "fe80::1",
                                         "fec0::1",
                                         "ff02::1",
                                         "::ffff:0:127.0.0.1"};
    static const char *const outside[] = {
        "1.1.1.1",         "8.8.8.8",        "93.184.215.14",    "100.63.255.255",
        "100.128.0.1",     "172.15.255.255", "172.32.0.0",       "192.0.1.1",
        "192.167.255.255", "198.17.255.255", "198.20.0.0",       "223.255.255.255",
        "2606:4700::1111", "2a00:1450::1",   "64:ff9b::808:808", "::ffff:8.8.8.8"};
    struct netaddr address;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
        assert_true(netaddr_parse(inside[i], &address));
        if (netaddr_is_public(&address))
            fail_msg("%s is taken for public", inside[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(outside); i++) {
        assert_true(netaddr_parse(outside[i], &address));
        if (!netaddr_is_public(&address))
            fail_msg("%s is not taken for public", outside[i]);
    }
}

static void
test_spellings(void **state)
{
    static const char *const none[] = {
        "",           "1",         "1.2.3",        "1.2.3.4.5", "01.2.3.4",
        "0x7f.0.0.1", "256.1.1.1", "1.2.3.-4",     " 1.2.3.4",  "1.2.3.4 ",
        "::g",        "1::2::3",   "fe80::1%eth0", "[::1]",     "localhost"};
    struct netaddr address;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (netaddr_parse(none[i], &address))
            fail_msg("'%s' is taken for an address", none[i]);
}

static void
test_ranges(void **state)
{
    static const char *const none[] = {"",          "10.0.0.0/33", "10.0.0.1/8",
                                       "10.0.0.0/", "10.0.0.0/x",  "fd00::/129",
                                       "10/8",      "10.0.0.0/-1", "x"};
    struct netaddr_range range;
    struct netaddr address;
    struct err err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (netaddr_range_parse(none[i], &range, &err) != ERR_INPUT)
            fail_msg("'%s' is taken for a range", none[i]);
    assert_int_equal(netaddr_range_parse("10.0.0.0/8", &range, &err), ERR_OK);
    assert_true(netaddr_parse("10.9.8.7", &address) && netaddr_in(&address, &range));
    assert_true(netaddr_parse("::ffff:10.9.8.7", &address) && netaddr_in(&address, &range));
    assert_true(netaddr_parse("64:ff9b::a09:807", &address) && netaddr_in(&address, &range));
    assert_true(netaddr_parse("11.0.0.0", &address) && !netaddr_in(&address, &range));
    assert_int_equal(netaddr_range_parse("fd00::/8", &range, &err), ERR_OK);
    assert_true(netaddr_parse("fdff::1", &address) && netaddr_in(&address, &range));
    assert_true(netaddr_parse("fc00::1", &address) && !netaddr_in(&address, &range));
    assert_int_equal(netaddr_range_parse("0.0.0.0/0", &range, &err), ERR_OK);
    assert_true(netaddr_parse("8.8.8.8", &address) && netaddr_in(&address, &range));
    assert_true(netaddr_parse("::1", &address) && !netaddr_in(&address, &range));
}

static void
test_urls(void **state)
{
    static const struct {
        const char *given, *text, *host;
        uint16_t port;
    } good[] = {
        {"http://Example.org", "http://example.org/", "example.org", 80},
        {"HTTPS://example.org:443/a?b=c#d", "https://example.org/a?b=c", "example.org", 443},
        {"https://example.org.:8443?x", "https://example.org:8443/?x", "example.org", 8443},
        {"http://example.org:/", "http://example.org/", "example.org", 80},
        {"http://[2606:4700::0011]:81/", "http://[2606:4700::11]:81/", "2606:4700::11", 81},
        {"http://[::ffff:8.8.8.8]/", "http://8.8.8.8/", "8.8.8.8", 80},
        {"http://a_b.example/\xc3\xa9{x}\\", "http://a_b.example/%C3%A9%7Bx%7D%5C", "a_b.example",
         80},
        {"http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/", "xn--bcher-kva.example",
         80},
        {"http://127.0.0.1/", "http://127.0.0.1/", "127.0.0.1", 80},
        {"http://1.example/@x:y", "http://1.example/@x:y", "1.example", 80},
    };
    struct url url;
    struct err err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        if (url_parse(good[i].given, &url, &err) != ERR_OK)
            fail_msg("%s: %s", good[i].given, err.msg);
        assert_string_equal(url.text, good[i].text);
        assert_string_equal(url.host, good[i].host);
        assert_int_equal(url.port, good[i].port);
    }
}

static void
test_bad_urls(void **state)
{
    static const char *const bad[] = {"",
                                      "http",
                                      "http:",
                                      "http://",
                                      "http:///",
                                      "//example.org/",
                                      "ftp://example.org/",
                                      "file:///etc/passwd",
                                      "gopher://127.0.0.1/",
                                      "javascript:alert(1)",
                                      "http:/example.org",
                                      "http://user@example.org/",
                                      "http://user:pass@example.org/",
                                      "http://@example.org/",
                                      "http://example.org@127.0.0.1/",
                                      "http://127.0.0.1#@example.org/x@",
                                      "http://exa mple.org/",
                                      "http://example.org/a b",
                                      "http://example.org/\t",
                                      "http://example.org/\r\nX: y",
                                      " http://example.org/",
                                      "http://example.org:0/",
                                      "http://example.org:65536/",
                                      "http://example.org:1a/",
                                      "http://example.org:-1/",
                                      "http://ex%61mple.org/",
                                      "http://example.org%00/",
                                      "http://\xc3\xbc.example/",
                                      "http://127.0.0.1\xe3\x80\x82/",
                                      "http://\xe2\x91\xa0.0.0.1/",
                                      "http://2130706433/",
                                      "http://0x7f000001/",
                                      "http://017700000001/",
                                      "http://0x7f.1/",
                                      "http://127.1/",
                                      "http://127.0.1/",
                                      "http://0177.0.0.1/",
                                      "http://127.0.0.01/",
                                      "http://1.2.3.4.5/",
                                      "http://a.1/",
                                      "http://example.0x7f/",
                                      "http://256.0.0.1/",
                                      "http://[::1/",
                                      "http://[::1%25eth0]/",
                                      "http://[127.0.0.1]/",
                                      "http://[::g]/",
                                      "http://[]/",
                                      "http://::1/",
                                      "http://.example.org/",
                                      "http://example..org/",
                                      "http://./",
                                      "http://exam\\ple.org/",
                                      "http://127.0.0.1\\@example.org/",
                                      "http://example.org\xff/",
                                      "http://a,b/",
                                      "http://(a)/"};
    char longest[URL_MAX + 100];
    struct url url;
    struct err err;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (url_parse(bad[i], &url, &err) == ERR_OK &&
            strcmp(bad[i], "http://127.0.0.1#@example.org/x@") != 0)
            fail_msg("'%s' is taken for %s", bad[i], url.text);
    memset(longest, 'x', sizeof(longest));
    memcpy(longest, "http://example.org/", 19);
    longest[URL_MAX] = '\0';
    assert_int_equal(url_parse(longest, &url, &err), ERR_OK);
    longest[URL_MAX] = 'x';
    longest[URL_MAX + 1] = '\0';
    assert_int_equal(url_parse(longest, &url, &err), ERR_INPUT);
    memset(longest + 7, 'x', 300);
    memcpy(longest + 307, ".org/", 6);
    assert_int_equal(url_parse(longest, &url, &err), ERR_INPUT);
}

static void
test_file_names(void **state)
{
    static const struct {
        const char *url, *name;
    } rows[] = {{"http://h/a/b.pdf?x=/c", "b.pdf"},
                {"http://h/", ""},
                {"http://h", ""},
                {"http://h/a%20b.pdf", "a b.pdf"},
                {"http://h/%2e%2e%2fx", ".._x"},
                {"http://h/a%", "a%"},
                {"http://h/a%4", "a%4"},
                {"http://h/a%zz", "a%zz"},
                {"http://h/%C3%A9.pdf", "\xc3\xa9.pdf"},
                {"http://h/%ff.pdf", "\xef\xbf\xbd.pdf"},
                {"http://h/a%0Ab", "a b"},
                {"http://h/a%00b", "a b"}};
    struct url url;
    struct err err;
    char name[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(url_parse(rows[i].url, &url, &err), ERR_OK);
        url_file_name(&url, name, sizeof(name));
        assert_string_equal(name, rows[i].name);
    }
}

static enum err_code
judge(const struct netpolicy *policy, const char *text)
{
    struct url url;
    struct err err;

    assert_int_equal(url_parse(text, &url, &err), ERR_OK);
    return netpolicy_check_url(policy, &url, &err);
}

static enum err_code
judge_webhook(const struct netpolicy *policy, const char *text)
{
    struct url url;
    struct err err;

    assert_int_equal(url_parse(text, &url, &err), ERR_OK);
    return netpolicy_check_webhook(policy, &url, &err);
}

static void
test_policy(void **state)
{
    struct netpolicy policy;
    struct netaddr address;
    struct err err;

    (void)state;
    assert_int_equal(netpolicy_parse("10.0.0.0/99", "80", &policy, &err), ERR_INPUT);
    assert_int_equal(netpolicy_parse("", "80,http", &policy, &err), ERR_INPUT);
    assert_int_equal(netpolicy_parse("", "0", &policy, &err), ERR_INPUT);
    assert_int_equal(netpolicy_parse("", "80, 443", &policy, &err), ERR_OK);
    assert_int_equal(judge(&policy, "http://example.org/"), ERR_OK);
    assert_int_equal(judge(&policy, "http://8.8.8.8/"), ERR_OK);
    assert_int_equal(judge(&policy, "http://example.org:22/"), ERR_URL);
    assert_int_equal(judge(&policy, "http://10.0.0.1/"), ERR_URL);
    assert_int_equal(judge(&policy, "http://localhost/"), ERR_URL);
    assert_int_equal(judge(&policy, "http://a.localhost./"), ERR_URL);
    assert_int_equal(judge_webhook(&policy, "https://example.org/"), ERR_OK);
    assert_int_equal(judge_webhook(&policy, "http://example.org/"), ERR_URL);
    assert_int_equal(judge_webhook(&policy, "https://8.8.8.8/"), ERR_URL);
    assert_true(netaddr_parse("8.8.8.8", &policy.own[policy.own_count++]));
    assert_int_equal(judge(&policy, "http://8.8.8.8/"), ERR_URL); /* our own address */
    assert_true(netaddr_parse("1.1.1.1", &address));
    assert_int_equal(netpolicy_check_address(&policy, &address, 443, &err), ERR_OK);
    assert_int_equal(netpolicy_check_address(&policy, &address, 25, &err), ERR_URL);

    assert_int_equal(netpolicy_parse("10.0.0.0/8, ::1", "443", &policy, &err), ERR_OK);
    assert_int_equal(judge(&policy, "http://10.0.0.1:9000/"), ERR_OK);
    assert_int_equal(judge(&policy, "http://[::1]:9000/"), ERR_OK);
    assert_int_equal(judge(&policy, "http://192.168.0.1/"), ERR_URL);
    assert_int_equal(judge_webhook(&policy, "http://10.0.0.1:9000/"), ERR_OK);
    assert_int_equal(judge_webhook(&policy, "http://name.inside/"),
                     ERR_OK); /* its address decides */
}

static void
test_seal(void **state)
{
    static const struct seal_key key = {{1, 2, 3}}, other = {{1, 2, 4}};
    uint8_t sealed[SEAL_OVERHEAD + 6], again[SEAL_OVERHEAD + 6];
    struct span all = {sealed, sizeof(sealed)};
    struct err err;
    char out[8];

    (void)state;
    assert_int_equal(seal_close(&key, span_of("secret"), span_of("row"), sealed, &err), ERR_OK);
    assert_int_equal(seal_close(&key, span_of("secret"), span_of("row"), again, &err), ERR_OK);
    assert_memory_not_equal(sealed, again, sizeof(sealed));
    assert_int_equal(seal_open(&key, all, span_of("row"), out, sizeof(out), &err), ERR_OK);
    assert_string_equal(out, "secret");
    assert_int_equal(seal_open(&other, all, span_of("row"), out, sizeof(out), &err), ERR_SYSTEM);
    assert_int_equal(seal_open(&key, all, span_of("raw"), out, sizeof(out), &err), ERR_SYSTEM);
    assert_int_equal(seal_open(&key, all, span_of("row"), out, 6, &err), ERR_SYSTEM);
    for (size_t i = 0; i < sizeof(sealed); i++) {
        sealed[i] ^= 1;
        assert_int_equal(seal_open(&key, all, span_of("row"), out, sizeof(out), &err), ERR_SYSTEM);
        sealed[i] ^= 1;
    }
    for (size_t len = 0; len < sizeof(sealed); len++)
        assert_int_equal(
            seal_open(&key, (struct span){sealed, len}, span_of("row"), out, sizeof(out), &err),
            ERR_SYSTEM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public),   cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_ranges),   cmocka_unit_test(test_urls),
        cmocka_unit_test(test_bad_urls), cmocka_unit_test(test_file_names),
        cmocka_unit_test(test_policy),   cmocka_unit_test(test_seal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
