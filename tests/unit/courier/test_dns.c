/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "courier/dns.h"

#include "courier/system.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct dns_question asked = {0x1234, DNS_TYPE_A, "www.example.org"};

struct answer {
    uint8_t bytes[600];
    size_t len;
};

static void
put(struct answer *a, const void *bytes, size_t len)
{
    memcpy(a->bytes + a->len, bytes, len);
    a->len += len;
}

/* The query turned into an answer, with so many records to come. */
static struct answer
begin(unsigned flags, uint8_t records)
{
    struct answer a = {.len = 0};

    a.len = dns_write_query(&asked, a.bytes);
    assert_int_equal(a.len, 12 + 17 + 4 + 11);
    a.len -= 11; /* the OPT record */
    a.bytes[2] = (uint8_t)(0x80 | flags >> 8);
    a.bytes[3] = (uint8_t)flags;
    a.bytes[7] = records;
    a.bytes[11] = 0;
    return a;
}

static void
add(struct answer *a, uint8_t type, const void *data, uint8_t len)
{
    const uint8_t head[] = {0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, len};

    put(a, head, sizeof(head));
    put(a, data, len);
}

static enum dns_verdict
read_it(const struct answer *a, struct netaddr *addresses, size_t *n)
{
    uint32_t ttl_s;

    *n = 0;
    return dns_read_answer(&asked, (struct span){a->bytes, a->len}, addresses, n, &ttl_s);
}

static void
test_answers(void **state)
{
    struct netaddr addresses[DNS_ADDRESSES_MAX];
    struct answer a = begin(0, 3);
    char text[NETADDR_TEXT_SIZE];
    size_t n;

    (void)state;
    add(&a, 5, "\xc0\x0c", 2); /* an alias before the addresses */
    add(&a, DNS_TYPE_A, "\x01\x02\x03\x04", 4);
    add(&a, DNS_TYPE_A, "\x7f\x00\x00\x01", 4);
    assert_int_equal(read_it(&a, addresses, &n), DNS_FOUND);
    assert_int_equal(n, 2);
    netaddr_text(&addresses[0], text);
    assert_string_equal(text, "1.2.3.4");
    for (size_t len = 0; len < a.len; len++) { /* cut anywhere */
        struct answer cut = a;
        cut.len = len;
        if (read_it(&cut, addresses, &n) == DNS_FOUND)
            assert_in_range(n, 1, 2);
    }
    a = begin(3, 0);
    assert_int_equal(read_it(&a, addresses, &n), DNS_FOUND);
    assert_int_equal(n, 0);
    a = begin(2, 0);
    assert_int_equal(read_it(&a, addresses, &n), DNS_TROUBLE);
    a = begin(0x200, 0);
    assert_int_equal(read_it(&a, addresses, &n), DNS_TROUBLE);
}

static void
test_strangers(void **state)
{
    struct netaddr addresses[DNS_ADDRESSES_MAX];
    struct answer a;
    size_t n;

    (void)state;
    a = begin(0, 0);
    a.bytes[0] ^= 1; /* another question's id */
    assert_int_equal(read_it(&a, addresses, &n), DNS_STRANGE);
    a = begin(0, 0);
    a.bytes[2] &= 0x7f; /* a question */
    assert_int_equal(read_it(&a, addresses, &n), DNS_STRANGE);
    a = begin(0, 0);
    a.bytes[13] ^= 1; /* another name */
    assert_int_equal(read_it(&a, addresses, &n), DNS_STRANGE);
    a = begin(0, 0);
    a.bytes[13] ^= 0x20; /* the same in another case */
    assert_int_equal(read_it(&a, addresses, &n), DNS_FOUND);
    a = begin(0, 0);
    a.bytes[5] = 2;
    assert_int_equal(read_it(&a, addresses, &n), DNS_STRANGE);
}

static void
test_names(void **state)
{
    static const char *const bad[] = {"", ".", "a..b", "a.", ".a"};
    uint8_t out[DNS_QUERY_MAX];
    char longest[300];

    (void)state;
    assert_int_not_equal(dns_write_query(&(struct dns_question){1, 1, "a"}, out), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (strcmp(bad[i], "a.") != 0)
            assert_int_equal(dns_write_query(&(struct dns_question){1, 1, bad[i]}, out), 0);
    memset(longest, 'a', sizeof(longest));
    longest[64] = '\0';
    assert_int_equal(dns_write_query(&(struct dns_question){1, 1, longest}, out), 0);
    for (size_t i = 0; i < sizeof(longest); i++)
        longest[i] = i % 50 == 49 ? '.' : 'a';
    longest[253] = '\0';
    assert_int_not_equal(dns_write_query(&(struct dns_question){1, 1, longest}, out), 0);
    longest[253] = 'a';
    longest[254] = '\0';
    assert_int_equal(dns_write_query(&(struct dns_question){1, 1, longest}, out), 0);
}

static void
test_files(void **state)
{
    struct system_names names = {.hosts = calloc(SYSTEM_HOSTS_MAX, sizeof(*names.hosts))};
    struct sockaddr_in in;

    (void)state;
    system_read_resolv("# x\nsearch a\nnameserver 192.0.2.1\n nameserver  ::1 # y\nnameserver x\n"
                       "nameserver 1.1.1.1\nnameserver 8.8.8.8\n",
                       &names);
    assert_int_equal(names.server_count, 3);
    memcpy(&in, &names.servers[0].address, sizeof(in));
    assert_int_equal(ntohs(in.sin_port), 53);
    system_read_hosts(
        "127.0.0.1 localhost\n10.0.0.5\tInside.Example inside # x\nx y\n::1 six\n\n10.0.0.6",
        &names);
    assert_int_equal(names.host_count, 4);
    assert_string_equal(names.hosts[1].name, "inside.example");
    assert_string_equal(names.hosts[3].name, "six");
    free(names.hosts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
