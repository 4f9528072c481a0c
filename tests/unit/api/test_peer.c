/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Addresses behind proxies: what is believed, and of whom. */
#include "api/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    const char *connected, *forwarded, *peer;
} rows[] = {
    {"127.0.0.1", NULL, "127.0.0.1"},
    {"127.0.0.1", "", "127.0.0.1"},
    {"127.0.0.1", "203.0.113.5", "203.0.113.5"},
    {"127.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"},
    {"127.0.0.1", "203.0.113.5 ,10.1.2.3", "203.0.113.5"},
    {"127.0.0.1", "10.9.9.9,10.1.2.3", "10.9.9.9"},
    {"127.0.0.1", "2001:db8::1", "2001:db8::1"},
    {"127.0.0.1", "203.0.113.5, evil", "127.0.0.1"},
    {"127.0.0.1", "203.0.113.5,", "127.0.0.1"},
    {"203.0.113.9", "1.1.1.1", "203.0.113.9"},
    {"unix", "1.1.1.1", "unix"},
};

static void
test_rows(void **state)
{
    struct peer_proxies proxies;
    struct err err = {0};

    (void)state;
    assert_int_equal(peer_proxies_parse("127.0.0.1, 10.0.0.0/8", &proxies, &err), ERR_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena *arena = arena_new(KiB(4));
        struct span forwarded =
            rows[i].forwarded != NULL ? span_of(rows[i].forwarded) : (struct span){0};
        print_message("%s %s\n", rows[i].connected, rows[i].forwarded);
        assert_string_equal(peer_of(arena, &proxies, rows[i].connected, forwarded), rows[i].peer);
        arena_drop(&arena);
    }
}

static void
test_lists(void **state)
{
    struct peer_proxies proxies;
    struct err err = {0};

    (void)state;
    assert_int_equal(peer_proxies_parse(NULL, &proxies, &err), ERR_OK);
    assert_int_equal(proxies.count, 0);
    assert_int_equal(peer_proxies_parse("::1,fd00::/8", &proxies, &err), ERR_OK);
    assert_int_equal(proxies.count, 2);
    assert_int_equal(peer_proxies_parse("localhost", &proxies, &err), ERR_INPUT);
    assert_int_equal(peer_proxies_parse("10.0.0.1/8", &proxies, &err), ERR_INPUT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_lists)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
